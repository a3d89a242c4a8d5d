import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import type { FulltapeConfig, Secrets, Settings } from '../config/config.js';
import type { DataFolder } from '../config/data-folder.js';
import { rootDir } from '../config/root-dir.js';
import { postgresUrl } from '../postgres/server.js';
import { choosePort } from '../processes/ports.js';

/** The stores listen here whatever `host` says: only the gateway may be reached from outside. */
export const storeHost = '127.0.0.1';

/** Ports that this start uses; absent where the server runs elsewhere. */
export interface ChosenPorts {
  readonly gateway: number;
  readonly nats?: number;
  readonly natsMonitor?: number;
  readonly postgres?: number;
  readonly clickhouse?: number;
}

/** @throws FulltapeError PORT_TAKEN naming setting and holder. */
export const choosePorts = async (settings: Settings): Promise<ChosenPorts> => {
  const choose = (port: number, setting: string): Promise<number> => choosePort({ host: storeHost, port, setting });
  const gateway = await choosePort({ host: settings.host, port: settings.gateway.port, setting: 'gateway.port' });
  return {
    gateway,
    ...(settings.nats.url === undefined
      ? { nats: await choose(settings.nats.port, 'nats.port'), natsMonitor: await choose(settings.nats.monitorPort, 'nats.monitorPort') }
      : {}),
    ...(settings.postgres.url === undefined ? { postgres: await choose(settings.postgres.port, 'postgres.port') } : {}),
    ...(settings.clickhouse.url === undefined ? { clickhouse: await choose(settings.clickhouse.port, 'clickhouse.port') } : {}),
  };
};

/** The engine library that set-up builds. */
export const builtEngineLibrary = (): string => {
  const name =
    process.platform === 'darwin' ? 'libfulltape_ffi.dylib' : process.platform === 'win32' ? 'fulltape_ffi.dll' : 'libfulltape_ffi.so';
  return join(rootDir, 'native', 'target', 'release', name);
};

/** Where people and clients on this machine reach the platform. */
export const publicUrls = (host: string, port: number): FulltapeConfig['urls'] => {
  // An address that means "every address" is one to listen on, not one to go to.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return {
    graphql: `http://${name}:${port}/graphql`,
    rest: `http://${name}:${port}/api/v1`,
    ws: `ws://${name}:${port}/graphql`,
    terminal: `http://${name}:${port}/`,
  };
};

/** Settings, chosen ports and secrets put together: what every process gets. */
export const resolveConfig = (options: {
  readonly settings: Settings;
  readonly ports: ChosenPorts;
  readonly folder: DataFolder;
  readonly secrets: Secrets;
}): FulltapeConfig => {
  const { settings, ports, folder, secrets } = options;
  const { host } = settings;
  const { library, ...engine } = settings.engine;
  const natsToken = settings.nats.url === undefined ? secrets.natsToken : settings.nats.token;
  return {
    dataDir: folder.path,
    rootDir,
    logLevel: settings.logLevel,
    host,
    demo: settings.demo,
    gateway: { port: ports.gateway },
    nats: {
      url: settings.nats.url ?? `nats://${storeHost}:${ports.nats}`,
      ...(natsToken === undefined ? {} : { token: natsToken }),
      ...(ports.natsMonitor === undefined ? {} : { monitorUrl: `http://${storeHost}:${ports.natsMonitor}` }),
      replicas: settings.nats.replicas,
    },
    postgres: {
      url: settings.postgres.url ?? postgresUrl({ host: storeHost, port: ports.postgres ?? 0, password: secrets.postgresPassword }),
      poolMax: settings.postgres.poolMax,
    },
    clickhouse: {
      url: settings.clickhouse.url ?? `http://${storeHost}:${ports.clickhouse}`,
      username: settings.clickhouse.username ?? (settings.clickhouse.url === undefined ? 'fulltape' : 'default'),
      password: settings.clickhouse.password ?? (settings.clickhouse.url === undefined ? secrets.clickhousePassword : ''),
      database: settings.clickhouse.database,
    },
    ...(settings.cache.url === undefined ? {} : { cache: { url: settings.cache.url } }),
    engine: { ...engine, library: library ?? builtEngineLibrary(), journalDir: folder.journal },
    orders: settings.orders,
    simulation: { seed: settings.simulation.seed, ordersPerSecond: settings.simulation.ordersPerSecond },
    secrets,
    urls: publicUrls(host, ports.gateway),
  };
};

/** @throws FulltapeError DISK_FULL before anything is started that would fail half-way. */
export const checkFreeDisk = (path: string, bytesMin: number): void => {
  if (!existsSync(path)) return;
  const { bavail, bsize } = statfsSync(path, { bigint: true });
  const free = bavail * bsize;
  if (free < BigInt(bytesMin)) throw new FulltapeError('DISK_FULL', { path, freeBytes: String(free), neededBytes: String(bytesMin) });
};
