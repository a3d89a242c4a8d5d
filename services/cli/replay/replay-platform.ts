import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { loadSettings } from '#platform/config/load-settings.js';
import { attachToRunning } from '#platform/config/runtime-file.js';
import { connectNats } from '#platform/nats/connect.js';
import type { ReadSideOptions } from '#platform/read-side/index.js';
import { startPlatform } from '#platform/supervisor/supervisor.js';
import type { CliContext } from '../context.js';
import { hostEntry, roleEntries } from '../role-entries.js';

/** The platform that a replay goes through. */
export interface ReplayPlatform {
  readonly connection: NatsConnection;
  /** Null where the addresses of the stores are not known: then the read models are not counted. */
  readonly stores: ReadSideOptions | null;
  /** Whether its writer takes the times of the records. */
  readonly timeSupplied: boolean;
  /** Whether its tape holds nothing but this replay. */
  readonly isOwn: boolean;
  /** Process ids by name, of an own platform. */
  readonly pids: () => Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Variables that say what is installed on this machine; the others belong to another platform than the one that is started here. */
const installationVariables = ['FULLTAPE_NATS_SERVER', 'FULLTAPE_ENGINE_LIBRARY'];

/**
 * Starts servers, order engine and read models in a temporary folder, on free ports, without gateway and demo; `close` stops them and
 * removes the folder. Its writer takes the times of the records.
 */
export const startOwnPlatform = async (options: {
  readonly logLevel: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
  readonly onFailed: (error: FulltapeError) => void;
}): Promise<ReplayPlatform> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fulltape-replay-'));
  chmodSync(dataDir, 0o711); // PostgreSQL runs as another user when this program runs as root
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const environment = Object.fromEntries(installationVariables.map((name) => [name, process.env[name]]));
    const settings = loadSettings({
      dataDir,
      environment,
      flags: {
        logLevel: options.logLevel ?? 'error',
        demo: false,
        gateway: { port: 0 },
        nats: { port: 0, monitorPort: 0 },
        postgres: { port: 0 },
        clickhouse: { port: 0 },
        orders: { clock: 'supplied' },
      },
    });
    const platform = await startPlatform({
      settings,
      dataDir,
      // A role without a main file is left out; separate processes let the orders process die alone.
      roleEntries: { ...roleEntries, gateway: '', simulation: '' },
      hostEntry,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    void platform.failed.then(options.onFailed);
    const connection = await connectNats(platform.config.nats, 'replay');
    return {
      connection,
      stores: { postgres: platform.config.postgres, clickhouse: platform.config.clickhouse },
      timeSupplied: true,
      isOwn: true,
      pids: () => platform.pids,
      close: async () => {
        await connection.close();
        await platform.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};

/** Every platform has this setting since its writer can take times from outside; one without it stamps them itself. */
const clockSchema = z.object({ orders: z.object({ clock: z.string() }) });
const clockOf = (config: unknown): string => {
  const parsed = clockSchema.safeParse(config);
  return parsed.success ? parsed.data.orders.clock : 'wall';
};

const systemSchema = z.object({ nats: z.object({ url: z.string().min(1) }) });
const systemTimeoutMs = 5_000;

/** Asks a gateway where its broker is; only an operator's token is told. */
const natsUrlOfGateway = async (url: string, token: string | undefined): Promise<string> => {
  const address = new URL('/api/v1/system', url);
  let response: Response;
  try {
    response = await fetch(address, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(systemTimeoutMs),
    });
  } catch (error) {
    throw new FulltapeError(
      'STORE_UNAVAILABLE',
      { url: address.href, cause: error instanceof Error ? error.message : String(error) },
      { cause: error },
    );
  }
  if (response.status === 401 || response.status === 403) {
    throw new FulltapeError(response.status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', {
      url: address.href,
      expected: 'the token of an operator in --token',
    });
  }
  const system = systemSchema.safeParse(await response.json().catch(() => undefined));
  if (!system.success)
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: '--url',
      value: url,
      expected: 'a gateway of this platform, or nats://host:port',
    });
  return system.data.nats.url;
};

/** Connects to a platform that runs already; it goes on running. Its data folder, where it is on this machine, gives token and stores. */
export const attachPlatform = async (options: {
  readonly url: string;
  readonly token: string | undefined;
  readonly dataDir: string;
  readonly context: CliContext;
}): Promise<ReplayPlatform> => {
  const isNats = /^(nats|tls):\/\//.test(options.url);
  if (!isNats && !/^https?:\/\//.test(options.url)) {
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: '--url',
      value: options.url,
      expected: 'nats://host:port or the base URL of a gateway',
    });
  }
  const running = (() => {
    try {
      return attachToRunning(options.dataDir).config;
    } catch {
      return undefined;
    }
  })();
  const isSameGateway = !isNats && running !== undefined && new URL(running.urls.rest).origin === new URL(options.url).origin;
  const url = isNats ? options.url : isSameGateway ? running.nats.url : await natsUrlOfGateway(options.url, options.token);
  const isSame = running !== undefined && new URL(running.nats.url).host === new URL(url).host;
  const token = isSame ? running.nats.token : options.token;
  if (!isSame) options.context.note('the read models are not counted: no data folder of this platform on this machine (--data DIR)');
  const connection = await connectNats({ url, replicas: 1, ...(token === undefined ? {} : { token }) }, 'replay');
  return {
    connection,
    stores: isSame ? { postgres: running.postgres, clickhouse: running.clickhouse } : null,
    timeSupplied: isSame && clockOf(running) === 'supplied',
    isOwn: false,
    pids: () => ({}),
    close: () => connection.close(),
  };
};
