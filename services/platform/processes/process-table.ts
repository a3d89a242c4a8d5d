import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Time at which a process started, as an opaque text, or undefined when there is no such process. With the pid it identifies a
 * process for good: pids are reused, and killing or trusting a stranger is worse than missing one.
 */
export const processStartTime = (pid: number): string | undefined => {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      // The name in brackets may hold blanks; fields count from behind it. Field 3 is the state, field 22 the start in ticks.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : fields[19];
    } catch {
      return undefined;
    }
  }
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
};

export const isSameProcess = (pid: number, startTime: string): boolean => processStartTime(pid) === startTime;

export const isAlive = (pid: number): boolean => processStartTime(pid) !== undefined;

/** Name of a process for messages. */
export const processName = (pid: number): string => {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).slice(0, 2).join(' ');
    return command === '' ? `process ${pid}` : command.slice(0, 80);
  } catch {
    return `process ${pid}`;
  }
};
