import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { writeConfig } from '#platform/config/load-config.js';
import { builtFile } from '#platform/testing/built.js';

/** The orders role as the product runs it: a process of its own, which a test may kill or stop. */
export interface OrdersProcess {
  readonly pid: number;
  /** Everything that it has logged. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  /** Exit status, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** SIGTERM and wait; SIGKILL when it does not listen. */
  stop(): Promise<number | NodeJS.Signals>;
}

const stopTimeoutMs = 10_000;

/** Resolves when the process says that it is ready. */
export const startOrdersProcess = async (
  config: FulltapeConfig,
  environment: Readonly<Record<string, string>> = {},
): Promise<OrdersProcess> => {
  const entry = await builtFile('services/orders/main.js');
  const configFile = join(mkdtempSync(join(config.dataDir, 'run-')), 'config.json');
  writeConfig(configFile, config);
  const child = spawn(process.execPath, ['--enable-source-maps', entry], {
    env: { ...process.env, ...environment, FULLTAPE_CONFIG_JSON: configFile, FULLTAPE_PROCESS: 'orders' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  let isReady = false;
  child.on('message', (message: { type?: string }) => {
    if (message.type === 'ready') isReady = true;
  });
  let ended: number | NodeJS.Signals | null = null;
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = code ?? signal ?? 'SIGKILL';
      resolve(ended);
    });
  });
  const forceStop = (): boolean => child.kill('SIGKILL');
  process.once('exit', forceStop);
  void exited.then(() => process.off('exit', forceStop));
  try {
    await waitUntil(() => isReady || ended !== null, { timeoutMs: 30_000, what: 'the orders process' });
  } catch (error) {
    forceStop();
    throw new Error(`the orders process is not ready:\n${log}`, { cause: error });
  }
  if (ended !== null) throw new Error(`the orders process ended with ${String(ended)}:\n${log}`);
  return {
    pid: child.pid ?? 0,
    log: () => log,
    signal: (name) => {
      child.kill(name);
    },
    exited,
    stop: async () => {
      if (ended !== null) return ended;
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const timer = setTimeout(forceStop, stopTimeoutMs);
      const result = await exited;
      clearTimeout(timer);
      return result;
    },
  };
};
