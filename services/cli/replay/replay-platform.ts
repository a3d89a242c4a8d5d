import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { loadConfig } from '#platform/config/load-config.js';
import { loadSettings } from '#platform/config/load-settings.js';
import { attachToRunning, readRuntime } from '#platform/config/runtime-file.js';
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
    const connection = await connectNats(platform.config.nats, 'replay').catch(async (error: unknown) => {
      await platform.stop();
      throw error;
    });
    return {
      connection,
      stores: { postgres: platform.config.postgres, clickhouse: platform.config.clickhouse },
      timeSupplied: true,
      isOwn: true,
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

const systemSchema = z.object({ operator: z.object({ natsUrl: z.string().min(1), configFile: z.string().nullable() }).optional() });
const systemTimeoutMs = 5_000;

/** Where a platform is reached; with its configuration where that can be read on this machine. */
interface PlatformAddress {
  readonly natsUrl: string;
  readonly config: FulltapeConfig | undefined;
}

const stringOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Asks a gateway where its broker is; only an operator's token is told. */
const askGateway = async (url: string, token: string | undefined): Promise<PlatformAddress> => {
  const address = new URL('/api/v1/system', url);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { headers, signal: AbortSignal.timeout(systemTimeoutMs) }).catch((error: unknown) => {
    throw new FulltapeError('STORE_UNAVAILABLE', { url: address.href, cause: stringOf(error) }, { cause: error });
  });
  const expected = 'the token of an operator in --token, or the data folder of the platform in --data';
  if (response.status === 401) throw new FulltapeError('UNAUTHENTICATED', { url: address.href, expected });
  const system = systemSchema.safeParse(await response.json().catch(() => undefined));
  if (!response.ok || !system.success) {
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: '--url',
      value: url,
      expected: 'a gateway of this platform, or nats://host:port',
    });
  }
  const { operator } = system.data;
  if (operator === undefined) throw new FulltapeError('FORBIDDEN', { url: address.href, expected });
  const isHere = operator.configFile !== null && existsSync(operator.configFile);
  return { natsUrl: operator.natsUrl, config: isHere && operator.configFile !== null ? loadConfig(operator.configFile) : undefined };
};

/** The platform that runs on this data folder, if one does. */
const runningOn = (dataDir: string): FulltapeConfig | undefined =>
  readRuntime(dataDir) === undefined ? undefined : attachToRunning(dataDir).config;

const locate = async (options: {
  readonly url: string;
  readonly token: string | undefined;
  readonly dataDir: string;
}): Promise<PlatformAddress> => {
  const running = runningOn(options.dataDir);
  const address = URL.canParse(options.url) ? new URL(options.url) : undefined;
  switch (address?.protocol) {
    case 'nats:':
    case 'tls:':
      return {
        natsUrl: options.url,
        config: running !== undefined && new URL(running.nats.url).host === address.host ? running : undefined,
      };
    case 'http:':
    case 'https:':
      return running !== undefined && new URL(running.urls.rest).origin === address.origin
        ? { natsUrl: running.nats.url, config: running }
        : askGateway(options.url, options.token);
    default:
      throw new FulltapeError('INVALID_ARGUMENT', {
        argument: '--url',
        value: options.url,
        expected: 'nats://host:port or the base URL of a gateway',
      });
  }
};

/** Connects to a platform that runs already; it goes on running. Its configuration, where it is on this machine, gives token and stores. */
export const attachPlatform = async (options: {
  readonly url: string;
  readonly token: string | undefined;
  readonly dataDir: string;
  readonly context: CliContext;
}): Promise<ReplayPlatform> => {
  const { natsUrl, config } = await locate(options);
  if (config === undefined)
    options.context.note('the read models are not counted: the configuration of this platform is not on this machine');
  const brokerToken = config === undefined && natsUrl === options.url ? options.token : undefined;
  const nats = config?.nats ?? { url: natsUrl, replicas: 1, ...(brokerToken === undefined ? {} : { token: brokerToken }) };
  const connection = await connectNats(nats, 'replay').catch((error: unknown) => {
    throw new FulltapeError('STORE_UNAVAILABLE', { url: natsUrl, cause: stringOf(error) }, { cause: error });
  });
  return {
    connection,
    stores: config === undefined ? null : { postgres: config.postgres, clickhouse: config.clickhouse },
    timeSupplied: config?.orders?.clock === 'supplied',
    isOwn: false,
    close: () => connection.close(),
  };
};
