import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { FulltapeConfig } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { readRuntime, type Runtime } from '../config/runtime-file.js';
import { isSameProcess, processStartTime } from '../processes/process-table.js';
import { builtFile } from './built.js';

const readySchema = z.object({
  ready: z.literal(true),
  urls: z.object({ graphql: z.string(), rest: z.string(), ws: z.string(), terminal: z.string() }),
  demo: z.object({ accounts: z.array(z.object({ id: z.string(), token: z.string() })) }),
});

export interface TestInstance {
  readonly urls: z.output<typeof readySchema>['urls'];
  readonly accounts: z.output<typeof readySchema>['demo']['accounts'];
  readonly dataDir: string;
  /** Process of `fulltape start`. */
  readonly pid: number;
  readonly config: FulltapeConfig;
  /** Addresses and processes as they are now; a restarted process has a new pid. */
  runtime(): Runtime;
  /** Sends a signal (SIGKILL unless another is named) to one process: a role, `nats`, `postgres`, `clickhouse` or `supervisor`. */
  kill(name: string, signal?: NodeJS.Signals): void;
  /** Waits until a killed process runs again under another pid. */
  restarted(name: string, previousPid: number): Promise<void>;
  /** Everything that it wrote to standard error so far. */
  stderr(): string;
  /** Ctrl-C and the exit status; the data folder stays when it was given or `keepData` is set. */
  stop(options?: { readonly keepData?: boolean }): Promise<number | null>;
}

export interface InstanceOptions {
  /** Arguments of `fulltape start` besides --json, --port 0 and --data. */
  readonly args?: readonly string[];
  /** Runs these roles in one process. */
  readonly roles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** An existing data folder; without it a temporary one. */
  readonly dataDir?: string;
  readonly timeoutMs?: number;
}

/** A folder that another user's process (PostgreSQL under root) may pass through. */
export const temporaryDataFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'fulltape-instance-'));
  chmodSync(dir, 0o711);
  return join(dir, 'data');
};

/** Runs the built product as a child process on free ports and waits for its ready line. */
export const startInstance = async (options: InstanceOptions = {}): Promise<TestInstance> => {
  const main = await builtFile('services/cli/main.js');
  const ownData = options.dataDir === undefined;
  const dataDir = options.dataDir ?? temporaryDataFolder();
  const roles = options.roles === undefined ? [] : ['--roles', options.roles.join(',')];
  const args = ['--enable-source-maps', main, 'start', '--json', '--port', '0', '--data', dataDir, ...roles, ...(options.args ?? [])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, FULLTAPE_NO_SETUP: '1', ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = `${errors}${chunk.toString()}`.slice(-200_000);
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const forceStop = (): void => {
    child.kill('SIGKILL'); // the watchdog stops the rest
  };
  process.once('exit', forceStop);
  const remove = (): void => rmSync(join(dataDir, '..'), { recursive: true, force: true });
  const firstLine = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  let timer: NodeJS.Timeout | undefined;
  const timeoutMs = options.timeoutMs ?? 120_000;
  const failed = (reason: string): Error => new Error(`the instance ${reason}; its standard error ends with:\n${errors.slice(-4_000)}`);
  let ready: z.output<typeof readySchema>;
  try {
    const line = await Promise.race([
      firstLine,
      exited.then((code) => Promise.reject(failed(`ended with status ${code} before it was ready`))),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(failed(`was not ready after ${timeoutMs} ms`)), timeoutMs);
      }),
    ]);
    const parsed = readySchema.safeParse(JSON.parse(line));
    if (!parsed.success) throw failed(`said that it is not ready: ${line}`);
    ready = parsed.data;
  } catch (error) {
    child.kill('SIGTERM');
    await exited;
    process.off('exit', forceStop);
    if (ownData) remove();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  const runtime = (): Runtime => {
    const found = readRuntime(dataDir);
    if (found === undefined) throw failed('does not run');
    return found;
  };
  const pidOf = (name: string): number => {
    const pid = runtime().pids[name];
    if (pid === undefined) throw new Error(`no process ${name}; there are ${Object.keys(runtime().pids).join(', ')}`);
    return pid;
  };
  return {
    urls: ready.urls,
    accounts: ready.demo.accounts,
    dataDir,
    pid: child.pid ?? 0,
    config: loadConfig(runtime().configFile),
    runtime,
    kill: (name, signal = 'SIGKILL') => {
      process.kill(pidOf(name), signal);
    },
    restarted: (name, previousPid) =>
      waitUntil(() => pidOf(name) !== previousPid && processStartTime(pidOf(name)) !== undefined, {
        timeoutMs: 60_000,
        what: `${name} to run again`,
      }),
    stderr: () => errors,
    stop: async (stopOptions = {}) => {
      const watched = Object.entries(readRuntime(dataDir)?.pids ?? {}).map(([, pid]) => ({ pid, startTime: processStartTime(pid) ?? '' }));
      child.kill('SIGINT');
      const code = await exited;
      process.off('exit', forceStop);
      await waitUntil(() => watched.every(({ pid, startTime }) => !isSameProcess(pid, startTime)), {
        timeoutMs: 20_000,
        what: 'every process to end',
      });
      if (ownData && stopOptions.keepData !== true) remove();
      return code;
    },
  };
};
