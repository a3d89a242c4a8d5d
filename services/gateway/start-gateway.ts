import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCache } from '#platform/cache/open-cache.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { demoAccounts } from '#contracts/demo/demo-world.js';
import { demoCredentials, ensureTokens, TokenStore } from '#platform/identity/token-store.js';
import { OrderExplainer } from '#platform/explain/order-explainer.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { connectNats } from '#platform/nats/connect.js';
import { ReadSide } from '#platform/read-side/index.js';
import { openGatewayServer } from './gateway-server.js';
import { InstrumentCatalogue } from './instruments/instrument-catalogue.js';
import { LiveFeed } from './live/live-feed.js';
import { Revocations } from './live/revocations.js';

const versionOf = (rootDir: string): string =>
  (JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as { version: string }).version;

/** The gateway from end to end: stores, command port, the live feed on the tape, then the server in front of them. */
export const startGateway = async (config: FulltapeConfig, signal: AbortSignal): Promise<RoleHandle> => {
  const tokens = ensureTokens(config.dataDir, { demo: config.demo });
  const demo = config.demo ? demoCredentials(tokens) : [];
  const nameOf = (id: string): string => demoAccounts.find((account) => String(account.id) === id)?.name ?? id;
  const { nats } = config;
  const connection = await connectNats(nats, 'gateway');
  const readSide = ReadSide.open({ postgres: config.postgres, clickhouse: config.clickhouse });
  const cache = await openCache(config.cache?.url, { connection, replicas: nats.replicas }).catch(async (error: unknown) => {
    await Promise.all([readSide.close(), connection.close()]);
    throw error;
  });
  const catalogue = new InstrumentCatalogue(cache, async () => (await readSide.snapshot()).reference.instruments());
  const feed = new LiveFeed(connection, readSide);
  const revocations = new Revocations(connection);
  const configFile = process.env['FULLTAPE_CONFIG_JSON'] ?? null;
  const explainer = new OrderExplainer(configFile);
  const closeStores = async (): Promise<void> => {
    await explainer.close();
    await revocations.close();
    await feed.close();
    await Promise.all([cache.close(), readSide.close(), connection.close()]);
  };
  try {
    revocations.start();
    await feed.start(signal);
    const server = await openGatewayServer(
      {
        commands: new NatsCommandPort(connection),
        readSide,
        tokens: new TokenStore(tokens),
        catalogue,
        feed,
        revocations,
        explainer,
        demoAccounts: demo.map(({ id, token }) => ({ id, name: nameOf(id), token })),
        facts: {
          version: versionOf(config.rootDir),
          startedAtMs: Date.now(),
          operator: { natsUrl: nats.url, dataDir: config.dataDir, configFile },
        },
      },
      { host: config.host, port: config.gateway.port, rootDir: config.rootDir },
    );
    const authority = `${config.host.includes(':') ? `[${config.host}]` : config.host}:${server.port}`;
    return {
      ready: {
        urls: {
          graphql: `http://${authority}/graphql`,
          rest: `http://${authority}/api/v1`,
          ws: `ws://${authority}/graphql`,
          terminal: `http://${authority}/`,
        },
        demo: { accounts: demo },
      },
      close: async () => {
        await server.close();
        await closeStores();
      },
    };
  } catch (error) {
    await closeStores();
    throw error;
  }
};
