import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import koffi from 'koffi';
import { FulltapeError } from '#contracts/result/result.js';
import { loadAddon } from '../clickhouse/chdb-engine.js';
import type { Settings } from '../config/config.js';
import { checkDataFolder, dataFolderAt, dataFolderHolder } from '../config/data-folder.js';
import { rootDir } from '../config/root-dir.js';
import { findNatsServer } from '../nats/server.js';
import { postgresBinDir } from '../postgres/server.js';
import { postgresUser } from '../postgres/system-user.js';
import { choosePort } from '../processes/ports.js';
import { builtEngineLibrary, storeHost } from '../supervisor/plan.js';
import { fail, messageOf, pass, type Check } from './check.js';

/** Version of the C interface that this program speaks (docs/engine-abi.md). */
const abiVersion = 2;
const setUp = 'node scripts/setup.mjs';

export const checkNatsServer = (settings: Settings): Check => {
  if (settings.nats.url !== undefined) return pass('nats-server', `elsewhere: ${settings.nats.url}`);
  try {
    const { path, version } = findNatsServer({ rootDir, configured: settings.nats.server });
    return pass('nats-server', `${version} at ${path}`);
  } catch (error) {
    return fail('nats-server', messageOf(error), setUp);
  }
};

export const checkEngineLibrary = (settings: Settings): Check => {
  const path = settings.engine.library ?? builtEngineLibrary();
  if (!existsSync(path)) return fail('engine library', `${path} is missing`, setUp);
  try {
    const library = koffi.load(path);
    const version: unknown = library.func('uint32_t ft_abi_version()')();
    if (version !== abiVersion) return fail('engine library', `interface ${String(version)}, this program speaks ${abiVersion}`, setUp);
    return pass('engine library', `interface ${abiVersion} at ${path}`);
  } catch (error) {
    return fail('engine library', messageOf(error), setUp);
  }
};

export const checkPostgres = (settings: Settings): Check => {
  if (settings.postgres.url !== undefined) return pass('postgres', 'elsewhere, by URL');
  try {
    const version = execFileSync(join(postgresBinDir(), 'postgres'), ['--version'], { encoding: 'utf8', timeout: 20_000 }).trim();
    const user = postgresUser();
    return pass('postgres', user === undefined ? version : `${version}, run as user ${user.name}`);
  } catch (error) {
    return fail('postgres', messageOf(error), 'npm ci');
  }
};

export const checkClickHouse = (settings: Settings): Check => {
  if (settings.clickhouse.url !== undefined) return pass('clickhouse', `elsewhere: ${settings.clickhouse.url}`);
  try {
    return pass('clickhouse', `chDB ${loadAddon().EngineVersion()}`);
  } catch (error) {
    return fail('clickhouse', messageOf(error), 'npm ci --include=optional');
  }
};

export const checkDataFolderState = (dataDir: string): Check => {
  const folder = dataFolderAt(dataDir);
  try {
    const state = checkDataFolder(folder);
    const holder = dataFolderHolder(folder);
    return pass(
      'data folder',
      `${folder.path}, ${state === 'absent' ? 'not used yet' : holder === undefined ? 'at rest' : `in use by process ${holder}`}`,
    );
  } catch (error) {
    return fail('data folder', messageOf(error), 'choose another folder with --data, or restore this one from a backup');
  }
};

/** Ports of the settings; a port that is held by the platform on this data folder is as it should be. */
export const checkPorts = async (settings: Settings, ownPorts: ReadonlySet<number>): Promise<readonly Check[]> => {
  const wanted: readonly (readonly [string, number])[] = [
    ['gateway.port', settings.gateway.port],
    ...(settings.nats.url === undefined
      ? ([
          ['nats.port', settings.nats.port],
          ['nats.monitorPort', settings.nats.monitorPort],
        ] as const)
      : []),
    ...(settings.postgres.url === undefined ? ([['postgres.port', settings.postgres.port]] as const) : []),
    ...(settings.clickhouse.url === undefined ? ([['clickhouse.port', settings.clickhouse.port]] as const) : []),
  ];
  return Promise.all(
    wanted.map(async ([setting, port]) => {
      const name = `port ${setting}`;
      if (ownPorts.has(port)) return pass(name, `${port}, used by this platform`);
      try {
        await choosePort({ host: setting === 'gateway.port' ? settings.host : storeHost, port, setting });
        return pass(name, port === 0 ? 'any free one' : `${port} is free`);
      } catch (error) {
        const holder = error instanceof FulltapeError ? (error.details['holder'] ?? 'unknown') : messageOf(error);
        return fail(name, `${port} is held by ${holder}`, 'stop that process, change the setting, or start with --port 0');
      }
    }),
  );
};
