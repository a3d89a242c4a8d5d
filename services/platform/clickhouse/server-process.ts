import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readyMessage, type ProcessSpec } from '../processes/child.js';
import type { ClickHouseServerOptions } from './server.js';

/** Runs the ClickHouse child. `entry` is its compiled main file; `options.port` must be a chosen port. */
export const clickHouseServerSpec = (options: {
  readonly server: ClickHouseServerOptions;
  readonly entry: string;
  readonly node: string;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly onLine: (line: string) => void;
}): ProcessSpec => {
  mkdirSync(options.server.dir, { recursive: true, mode: 0o700 });
  const optionsFile = join(options.server.dir, 'server.json');
  writeFileSync(optionsFile, JSON.stringify(options.server), { mode: 0o600 });
  return {
    name: 'clickhouse',
    command: options.node,
    args: ['--enable-source-maps', options.entry],
    environment: {
      ...process.env,
      FULLTAPE_CLICKHOUSE_OPTIONS: optionsFile,
      FULLTAPE_PROCESS: 'clickhouse',
      // The engine's calls occupy one pool thread each for as long as they run.
      UV_THREADPOOL_SIZE: '8',
    },
    ipc: true,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: options.stopTimeoutMs,
    readyTimeoutMs: options.readyTimeoutMs,
    onLine: options.onLine,
    ready: async (child, signal) => {
      await readyMessage(child, signal);
    },
  };
};
