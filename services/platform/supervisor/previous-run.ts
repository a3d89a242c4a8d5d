import { waitUntil } from '#contracts/time/wait-until.js';
import type { DataFolder } from '../config/data-folder.js';
import { lastRuntime } from '../config/runtime-file.js';
import { isSameProcess } from '../processes/process-table.js';
import { stopAll } from '../processes/watchdog.js';
import { logger } from '../telemetry/logger.js';

/** Time that the watchdog of a killed supervisor gets to stop what it left. */
const watchdogTimeoutMs = 12_000;

/**
 * Waits until nothing of a run that was killed uses the folder any more: two servers on one store would damage it. What its watchdog
 * does not stop in time, or cannot because it was killed too, is stopped here; a process is known by pid and start time, so no stranger is.
 */
export const waitForPreviousRun = async (folder: DataFolder): Promise<void> => {
  const runtime = lastRuntime(folder);
  if (runtime === undefined) return;
  const processes = Object.entries(runtime.pids).map(([name, pid]) => ({ name, pid, startTime: runtime.startTimes[name] ?? '' }));
  const left = (): typeof processes => processes.filter(({ pid, startTime }) => pid !== process.pid && isSameProcess(pid, startTime));
  if (left().length === 0) return;
  const names = left().map(({ name }) => name);
  logger.warn({ processes: names, dataDir: folder.path }, 'supervisor.previous-run-still-stopping');
  if (left().some(({ name }) => name === 'watchdog')) {
    await waitUntil(() => left().length === 0, { timeoutMs: watchdogTimeoutMs, intervalMs: 50, what: 'the previous run to end' }).catch(
      () => undefined,
    );
  }
  await stopAll(
    left().map(({ name, pid, startTime }) => ({ pid, startTime, signal: name === 'postgres' ? 'SIGINT' : 'SIGTERM', tier: 0 })),
  );
};
