import { mkdirSync, mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clickHouseServerSpec } from '../clickhouse/server-process.js';
import type { FulltapeConfig } from '../config/config.js';
import { rootDir } from '../config/root-dir.js';
import { findNatsServer, natsServerSpec } from '../nats/server.js';
import { createDatabase, postgresServerSpec, postgresUrl } from '../postgres/server.js';
import { startChild, type ProcessSpec, type RunningChild } from '../processes/child.js';
import { choosePort } from '../processes/ports.js';
import { builtFile } from './built.js';

const host = '127.0.0.1';
const limits = { stopTimeoutMs: 10_000, readyTimeoutMs: 60_000 };

/** A server of its own on a free port and a temporary folder, for one test file. */
export interface TestServer {
  readonly pid: number;
  readonly dir: string;
  /** Kills it without a word, as a crash would. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port after a kill. */
  restart(): Promise<void>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

const temporaryFolder = (name: string): string => {
  const dir = mkdtempSync(join(tmpdir(), `fulltape-${name}-`));
  chmodSync(dir, 0o711); // PostgreSQL runs as another user when the tests run as root
  return dir;
};

const serve = async (
  dir: string,
  makeSpec: (onLine: (line: string) => void) => ProcessSpec | Promise<ProcessSpec>,
): Promise<TestServer> => {
  const spec = await makeSpec(() => undefined);
  let child: RunningChild;
  try {
    child = await startChild(spec);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const forceStop = (): void => {
    child.process.kill('SIGKILL');
  };
  process.once('exit', forceStop); // a test run that is interrupted leaves nothing behind
  return {
    get pid() {
      return child.pid;
    },
    dir,
    kill: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
    restart: async () => {
      await child.stop();
      child = await startChild(spec);
    },
    stop: async () => {
      process.off('exit', forceStop);
      await child.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** nats-server with JetStream and durable appends. `config` goes to connectNats. */
export const startNats = async (): Promise<
  TestServer & { readonly url: string; readonly token: string; readonly config: FulltapeConfig['nats'] }
> => {
  const dir = temporaryFolder('nats');
  const { path: binary } = findNatsServer({ rootDir, configured: process.env['FULLTAPE_NATS_SERVER'] });
  const port = await choosePort({ host, port: 0, setting: 'nats.port' });
  const monitorPort = await choosePort({ host, port: 0, setting: 'nats.monitorPort' });
  const token = 'test-token-of-nats';
  const server = await serve(dir, (onLine) => natsServerSpec({ binary, dir, host, port, monitorPort, token, onLine, ...limits }));
  const url = `nats://${host}:${port}`;
  return Object.assign(server, { url, token, config: { url, token, monitorUrl: `http://${host}:${monitorPort}`, replicas: 1 } });
};

/** PostgreSQL with the empty database `fulltape`. `config` goes to postgresPool. */
export const startPostgres = async (): Promise<TestServer & { readonly url: string; readonly config: FulltapeConfig['postgres'] }> => {
  const dir = temporaryFolder('postgres');
  const port = await choosePort({ host, port: 0, setting: 'postgres.port' });
  const address = { host, port, password: 'test-password-of-postgres' };
  const server = await serve(dir, (onLine) => postgresServerSpec({ dir: join(dir, 'data'), ...address, onLine, ...limits }));
  await createDatabase({ dir, ...address, ...limits, onLine: () => undefined });
  const url = postgresUrl(address);
  return Object.assign(server, { url, config: { url, poolMax: 8 } });
};

/** The ClickHouse engine behind its HTTP interface, with the empty database `fulltape`. `config` goes to clickHouseClient. */
export const startClickHouse = async (): Promise<TestServer & { readonly url: string; readonly config: FulltapeConfig['clickhouse'] }> => {
  const entry = await builtFile('services/platform/clickhouse/server.js');
  const dir = temporaryFolder('clickhouse');
  mkdirSync(join(dir, 'data'));
  const port = await choosePort({ host, port: 0, setting: 'clickhouse.port' });
  const credentials = { username: 'fulltape', password: 'test-password-of-clickhouse', database: 'fulltape' };
  const server = await serve(dir, (onLine) =>
    clickHouseServerSpec({
      server: { dir: join(dir, 'data'), host, port, ...credentials, memoryBytesMax: 2_000_000_000 },
      entry,
      node: process.execPath,
      onLine,
      ...limits,
    }),
  );
  const url = `http://${host}:${port}`;
  return Object.assign(server, { url, config: { url, ...credentials } });
};
