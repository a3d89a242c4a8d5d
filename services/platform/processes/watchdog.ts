// The watchdog process: outlives the supervisor by moments. The supervisor holds the other end of its standard input and writes one line
// per child; when that end closes without a word of farewell the supervisor was killed, and the watchdog stops what it left, roles first,
// so that no server is orphaned. A pid is trusted only together with the start time of its process: pids are reused.
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { waitUntil } from '#contracts/time/wait-until.js';
import { isSameProcess } from './process-table.js';

const childSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string(),
  signal: z.enum(['SIGTERM', 'SIGINT']),
  /** Stopped in falling order: roles above the servers that they use. */
  tier: z.number().int(),
});
export type WatchedChild = z.output<typeof childSchema>;

const messageSchema = z.union([
  z.object({ add: childSchema }),
  z.object({ remove: z.number().int() }),
  z.object({ farewell: z.literal(true) }),
]);
export type WatchdogMessage = z.output<typeof messageSchema>;

const stopTimeoutMs = 6_000;

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    return; // gone in the meantime
  }
};

/** Stops the children tier by tier: asks, waits, then kills each with its process group. */
export const stopAll = async (children: readonly WatchedChild[], timeoutMs: number = stopTimeoutMs): Promise<void> => {
  const tiers = [...new Set(children.map((child) => child.tier))].sort((left, right) => right - left);
  for (const tier of tiers) {
    const left = (): readonly WatchedChild[] =>
      children.filter((child) => child.tier === tier && isSameProcess(child.pid, child.startTime));
    for (const child of left()) send(child.pid, child.signal);
    await waitUntil(() => left().length === 0, { timeoutMs, intervalMs: 50, what: 'children to stop' }).catch(() => undefined);
    for (const child of left()) {
      send(-child.pid, 'SIGKILL'); // its group: it was started as the leader of one
      send(child.pid, 'SIGKILL');
    }
  }
};

const main = async (): Promise<void> => {
  // Ctrl-C in the terminal and the end of the session are for the supervisor.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const children = new Map<number, WatchedChild>();
  for await (const line of createInterface({ input: process.stdin })) {
    const message = messageSchema.safeParse(JSON.parse(line));
    if (!message.success) continue;
    if ('add' in message.data) children.set(message.data.add.pid, message.data.add);
    else if ('remove' in message.data) children.delete(message.data.remove);
    else return;
  }
  await stopAll([...children.values()]);
};

if (import.meta.main) await main();
