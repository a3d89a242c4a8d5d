import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { clickHouseServerSpec } from '../clickhouse/server-process.js';
import type { FulltapeConfig, Settings } from '../config/config.js';
import type { DataFolder } from '../config/data-folder.js';
import { rootDir } from '../config/root-dir.js';
import { findNatsServer, natsServerSpec } from '../nats/server.js';
import { createDatabase, postgresServerSpec } from '../postgres/server.js';
import { readyMessage, type ProcessSpec } from '../processes/child.js';
import { storeHost, type ChosenPorts } from './plan.js';

/** What every process of one start shares. */
export interface SpecContext {
  readonly settings: Settings;
  readonly config: FulltapeConfig;
  readonly folder: DataFolder;
  readonly ports: ChosenPorts;
  readonly onLine: (name: string) => (line: string) => void;
}

const limits = (settings: Settings): { readyTimeoutMs: number; stopTimeoutMs: number } => ({
  readyTimeoutMs: settings.supervisor.readyTimeoutMs,
  stopTimeoutMs: settings.supervisor.stopTimeoutMs,
});

const natsSpec = ({ settings, config, folder, ports, onLine }: SpecContext): ProcessSpec => {
  const { path: binary } = findNatsServer({ rootDir, configured: settings.nats.server });
  return natsServerSpec({
    binary,
    dir: folder.nats,
    host: storeHost,
    port: ports.nats ?? 0,
    monitorPort: ports.natsMonitor ?? 0,
    token: config.secrets.natsToken,
    onLine: onLine('nats'),
    ...limits(settings),
  });
};

/** PostgreSQL together with the platform's own database, which is made once it serves. */
const postgresSpec = async ({ settings, config, folder, ports, onLine }: SpecContext): Promise<ProcessSpec> => {
  const options = {
    dir: folder.postgres,
    host: storeHost,
    port: ports.postgres ?? 0,
    password: config.secrets.postgresPassword,
    onLine: onLine('postgres'),
    ...limits(settings),
  };
  const spec = await postgresServerSpec(options);
  return {
    ...spec,
    ready: async (child, signal) => {
      await spec.ready(child, signal);
      await createDatabase(options);
    },
  };
};

const clickHouseSpec = ({ settings, config, folder, ports, onLine }: SpecContext): ProcessSpec =>
  clickHouseServerSpec({
    server: {
      dir: folder.clickhouse,
      host: storeHost,
      port: ports.clickhouse ?? 0,
      username: config.clickhouse.username,
      password: config.clickhouse.password,
      database: config.clickhouse.database,
      memoryBytesMax: Math.floor(totalmem() / 4),
    },
    entry: join(rootDir, 'dist', 'services', 'platform', 'clickhouse', 'server.js'),
    node: process.execPath,
    onLine: onLine('clickhouse'),
    ...limits(settings),
  });

/** The servers that run here; one that is configured by URL runs elsewhere. */
export const serverSpecs = async (context: SpecContext): Promise<readonly ProcessSpec[]> => {
  const { ports } = context;
  return Promise.all([
    ...(ports.nats === undefined ? [] : [natsSpec(context)]),
    ...(ports.postgres === undefined ? [] : [postgresSpec(context)]),
    ...(ports.clickhouse === undefined ? [] : [clickHouseSpec(context)]),
  ]);
};

/** A Node process that runs one role, or several, and says ready on its channel. */
export const roleSpec = (
  context: SpecContext,
  role: {
    readonly name: string;
    readonly entry: string;
    readonly args?: readonly string[];
    readonly onReady: (message: Record<string, unknown>) => void;
  },
): ProcessSpec => ({
  name: role.name,
  command: process.execPath,
  args: ['--enable-source-maps', role.entry, ...(role.args ?? [])],
  environment: {
    ...process.env,
    FULLTAPE_CONFIG_JSON: context.folder.configFile,
    FULLTAPE_PROCESS: role.name,
    FULLTAPE_LOG_LEVEL: context.settings.logLevel,
    NODE_ENV: process.env['NODE_ENV'] ?? 'production',
  },
  ipc: true,
  stopSignal: 'SIGTERM',
  onLine: context.onLine(role.name),
  ...limits(context.settings),
  ready: async (child, signal) => {
    role.onReady(await readyMessage(child, signal));
  },
});

export const entryExists = (entry: string): boolean => existsSync(entry);
