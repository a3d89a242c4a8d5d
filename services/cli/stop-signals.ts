import { readFileSync } from 'node:fs';
import { isSameProcess, processStartTime } from '#platform/processes/process-table.js';

/** Two signals closer than this are one key press: the terminal reaches this process and its launcher, which passes it on. */
const sameKeyPressMs = 400;
const parentCheckMs = 1_000;

export interface StopSignals {
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 0 after SIGTERM and after the death of the process that started this one. */
  exitCode(): 0 | 130;
}

/** The npm process above this one, where it was started by `npm start`. */
const npmAncestor = (): { pid: number; startTime: string } | undefined => {
  if (process.env['npm_lifecycle_event'] === undefined || process.platform !== 'linux') return undefined;
  let pid = process.ppid;
  for (let level = 0; level < 4 && pid > 1; level += 1) {
    try {
      if (readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('npm')) {
        const startTime = processStartTime(pid);
        return startTime === undefined ? undefined : { pid, startTime };
      }
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      return undefined;
    }
  }
  return undefined;
};

/**
 * Turns Ctrl-C, SIGTERM, SIGHUP and the death of the launcher into one abort signal. A second request leaves at once; what that leaves
 * behind is the watchdog's to stop.
 */
export const listenForStop = (): StopSignals => {
  const controller = new AbortController();
  let requestedAt = 0;
  let code: 0 | 130 = 130;
  const request = (name: string, exitCode: 0 | 130): void => {
    if (!controller.signal.aborted) {
      requestedAt = performance.now();
      code = exitCode;
      controller.abort(new Error(`stopped by ${name}`));
      return;
    }
    if (performance.now() - requestedAt < sameKeyPressMs) return;
    process.exit(code === 0 ? 1 : 130);
  };
  process.on('SIGINT', () => request('SIGINT', 130));
  process.on('SIGTERM', () => request('SIGTERM', 0));
  process.on('SIGHUP', () => request('SIGHUP', 0));
  process.on('disconnect', () => controller.signal.aborted || request('the end of its launcher', 0));
  const npm = npmAncestor();
  if (npm !== undefined) {
    const timer = setInterval(() => {
      if (isSameProcess(npm.pid, npm.startTime)) return;
      clearInterval(timer);
      if (!controller.signal.aborted) request('the end of npm', 0);
    }, parentCheckMs);
    timer.unref();
  }
  return { signal: controller.signal, exitCode: () => code };
};
