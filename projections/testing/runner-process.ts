import { spawn } from 'node:child_process';
import type { FulltapeConfig } from '#platform/config/config.js';
import { builtFile } from '#platform/testing/built.js';
import type { BatchLimits } from '../runner/batch-reader.js';
import type { InterruptPoint } from '../runner/group.js';

/** Addresses of the servers that a runner works with. */
export type RunnerServers = Pick<FulltapeConfig, 'nats' | 'postgres' | 'clickhouse'>;

/** What a runner process is told, as JSON in the environment. */
export interface RunnerOrder {
  readonly servers: RunnerServers;
  readonly limits: BatchLimits;
  /** Where it kills itself, at the `visit`-th time that it gets there. Without it: catch up with the sources, then end with status 0. */
  readonly death?: { readonly at: InterruptPoint; readonly visit: number };
}

export const runnerOrderVariable = 'FULLTAPE_TEST_RUNNER_ORDER';

const runTimeoutMs = 90_000;

/** Runs the read-model runner in a process of its own. Resolves to its exit status, or the signal that ended it, and what it has logged. */
export const runRunnerProcess = async (order: RunnerOrder): Promise<{ readonly ended: number | NodeJS.Signals; readonly log: string }> => {
  const entry = await builtFile('projections/testing/runner-main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    env: { ...process.env, [runnerOrderVariable]: JSON.stringify(order) },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const forceStop = (): boolean => child.kill('SIGKILL');
  process.once('exit', forceStop);
  const timer = setTimeout(() => child.kill('SIGTERM'), runTimeoutMs);
  const ended = await new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  clearTimeout(timer);
  process.off('exit', forceStop);
  return { ended, log };
};
