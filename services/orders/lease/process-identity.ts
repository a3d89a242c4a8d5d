import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { isSameProcess, processStartTime } from '#platform/processes/process-table.js';

/** Who holds a lease: enough to tell, on the same machine, that the holder is gone. */
export const processIdentitySchema = z.object({ nodeId: z.string(), machine: z.string(), pid: z.number().int(), startTime: z.string() });
export type ProcessIdentity = z.output<typeof processIdentitySchema>;

const readOr = (read: () => string, otherwise: string): string => {
  try {
    return read().trim();
  } catch {
    return otherwise;
  }
};

/** One boot of one machine and one process-id space in it: within it a pid means the same to everyone. */
const machineOfThisProcess = (): string => {
  const boot = readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'), hostname());
  const pidSpace = readOr(() => readlinkSync('/proc/self/ns/pid'), '');
  return `${boot}/${pidSpace}`;
};

export const identityOfThisProcess = (): ProcessIdentity => ({
  nodeId: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`,
  machine: machineOfThisProcess(),
  pid: process.pid,
  startTime: processStartTime(process.pid) ?? '',
});

/** True when the process is known to be gone; false when it lives or cannot be judged from here. */
export const isKnownDead = (identity: ProcessIdentity): boolean =>
  identity.machine === machineOfThisProcess() && identity.startTime !== '' && !isSameProcess(identity.pid, identity.startTime);
