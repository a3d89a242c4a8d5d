import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { ordersStatusSubject } from '#contracts/subjects/registry.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { engineLibraryPath } from '#platform/engine/engine-library.js';
import { connectNats } from '#platform/nats/connect.js';
import { rootDir } from '#platform/config/root-dir.js';
import { startNats } from '#platform/testing/servers.js';

/** What a test changes of the configuration of the orders process. */
export interface OrdersConfigChange {
  readonly clock?: 'wall' | 'supplied';
  readonly journalDir?: string;
  readonly faultClientOrderId?: string;
  readonly freeDiskBytesMin?: number;
  /** Where the engine is to be. */
  readonly placement?: Pick<FulltapeConfig['engine'], 'cores' | 'hugePages' | 'numaNode'>;
  /** Commands between two snapshots; without it none is taken but at a stop. */
  readonly snapshotEveryCommands?: number;
}

/** A real nats-server, a connection, and folders of its own, for the tests of one file or case. */
export interface OrdersWorld {
  readonly nats: Awaited<ReturnType<typeof startNats>>;
  readonly connection: NatsConnection;
  readonly dir: string;
  config(change?: OrdersConfigChange): FulltapeConfig;
  /** What an orders process says of shard 0; null when none answers. `role` waits for an answer of that role. */
  status(): Promise<OrdersStatus | null>;
  until(role: OrdersStatus['role'], timeoutMs?: number): Promise<OrdersStatus>;
  close(): Promise<void>;
}

export const startOrdersWorld = async (): Promise<OrdersWorld> => {
  const nats = await startNats();
  const connection = await connectNats(nats.config, 'test');
  const dir = mkdtempSync(join(tmpdir(), 'fulltape-orders-'));
  const status = async (): Promise<OrdersStatus | null> => {
    try {
      return (await connection.request(ordersStatusSubject(0), '{}', { timeout: 1_000 })).json<OrdersStatus>();
    } catch {
      return null; // nobody answers at this moment
    }
  };
  return {
    nats,
    connection,
    dir,
    status,
    config: (change = {}) => {
      const config: FulltapeConfig = {
        dataDir: dir,
        rootDir,
        logLevel: 'info',
        host: '127.0.0.1',
        demo: false,
        gateway: { port: 0 },
        nats: nats.config,
        postgres: { url: 'postgres://nobody@127.0.0.1:1/none', poolMax: 1 },
        clickhouse: { url: 'http://unused', username: '', password: '', database: 'unused' },
        engine: {
          library: engineLibraryPath(),
          shards: 1,
          maxOrders: 262_144,
          maxAccounts: 1_024,
          maxInstruments: 64,
          journalBytesMax: 268_435_456,
          journalDir: change.journalDir ?? join(dir, 'journal'),
          freeDiskBytesMin: change.freeDiskBytesMin ?? 0,
          ...change.placement,
          ...(change.faultClientOrderId === undefined ? {} : { faultClientOrderId: change.faultClientOrderId }),
        },
        simulation: { seed: 1, ordersPerSecond: 0 },
        secrets: {
          natsToken: nats.token,
          postgresPassword: 'x'.repeat(16),
          clickhousePassword: 'x'.repeat(16),
          tokenKey: 'x'.repeat(16),
          tapeSigningSeed: 'x'.repeat(43),
        },
        urls: { graphql: '', rest: '', ws: '', terminal: '' },
      };
      const { clock, snapshotEveryCommands } = change;
      if (clock === undefined && snapshotEveryCommands === undefined) return config;
      const every = snapshotEveryCommands === undefined ? {} : { snapshotEveryCommands };
      return { ...config, orders: { clock: clock ?? 'wall', ...every } };
    },
    until: async (role, timeoutMs = 15_000) => {
      let last: OrdersStatus | null = null;
      const isThere = async (): Promise<boolean> => {
        last = await status();
        return last?.role === role;
      };
      await waitUntil(isThere, { timeoutMs, what: `an orders process in the role ${role}` });
      if (last === null) throw new Error('unreachable');
      return last;
    },
    close: async () => {
      await connection.close();
      await nats.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
