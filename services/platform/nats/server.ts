import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { ProcessSpec } from '../processes/child.js';

/** Older servers lack `persist_mode` or lose more on a crash. */
const versionMin: readonly [number, number, number] = [2, 14, 4];
/** A tape commit has up to 256 KB; snapshots travel in chunks below this. */
const payloadBytesMax = 8 * 1024 * 1024;

/** Version of a nats-server executable, or undefined when it is none. */
export const natsServerVersion = (path: string): string | undefined => {
  try {
    return /v([0-9]+\.[0-9]+\.[0-9]+)/.exec(
      execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] }),
    )?.[1];
  } catch {
    return undefined;
  }
};

export const isNewEnough = (version: string): boolean => {
  const parts = version.split('.').map(Number);
  for (const [index, least] of versionMin.entries()) {
    const part = parts[index] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
};

const onPath = (name: string): readonly string[] =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .filter((path) => existsSync(path));

const inCache = (rootDir: string): readonly string[] => {
  const folder = join(rootDir, '.cache', 'bin');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith('nats-server'))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
};

/**
 * The nats-server to run: the configured one, else the first that is new enough on PATH, then in .cache/bin.
 * @throws FulltapeError ENVIRONMENT_INCOMPLETE that says how to get one.
 */
export const findNatsServer = (options: {
  readonly rootDir: string;
  readonly configured?: string | undefined;
}): { path: string; version: string } => {
  const candidates = options.configured === undefined ? [...onPath('nats-server'), ...inCache(options.rootDir)] : [options.configured];
  for (const path of candidates) {
    const version = natsServerVersion(path);
    if (version !== undefined && isNewEnough(version)) return { path, version };
  }
  throw new FulltapeError('ENVIRONMENT_INCOMPLETE', {
    missing: options.configured === undefined ? 'nats-server >= 2.14.4' : `${options.configured} is no nats-server >= 2.14.4`,
    get: 'node scripts/setup.mjs, or set FULLTAPE_NATS_SERVER to its path',
  });
};

export interface NatsServerOptions {
  readonly binary: string;
  /** Folder of the streams and of the configuration file. */
  readonly dir: string;
  readonly host: string;
  readonly port: number;
  readonly monitorPort: number;
  readonly token: string;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly onLine: (line: string) => void;
}

const configText = (options: NatsServerOptions): string => `# Written at every start by the supervisor.
server_name: fulltape
listen: "${options.host}:${options.port}"
http: "${options.host}:${options.monitorPort}"
max_payload: ${payloadBytesMax}
max_pending: ${64 * 1024 * 1024}
authorization { token: ${JSON.stringify(options.token)} }
jetstream {
  store_dir: ${JSON.stringify(join(options.dir, 'store'))}
  # Every append is on disk before it is acknowledged; streams whose content can be fetched again opt out one by one.
  sync_interval: always
  max_memory_store: 268435456
}
`;

/** A single JetStream server with durable appends on one folder. Writes its configuration file (it holds the token: mode 0600). */
export const natsServerSpec = (options: NatsServerOptions): ProcessSpec => {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  const configFile = join(options.dir, 'nats-server.conf');
  writeFileSync(configFile, configText(options), { mode: 0o600 });
  const health = `http://${options.host}:${options.monitorPort}/healthz`;
  return {
    name: 'nats',
    command: options.binary,
    args: ['-c', configFile],
    // SIGTERM stops at once and flushes; SIGUSR2 would drain clients, which are stopped before the server anyway.
    stopSignal: 'SIGTERM',
    stopTimeoutMs: options.stopTimeoutMs,
    readyTimeoutMs: options.readyTimeoutMs,
    onLine: options.onLine,
    ready: (_child, signal) =>
      waitUntil(() => isHealthy(health), { timeoutMs: options.readyTimeoutMs, intervalMs: 25, what: 'nats-server', signal }),
  };
};

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
};
