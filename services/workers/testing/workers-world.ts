import { startOrdersWorld, type OrdersWorld } from '../../orders/testing/orders-world.js';
import { startOrders } from '../../orders/orders-role.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { startClickHouse, startPostgres } from '#platform/testing/servers.js';

/** Real servers and a real orders process, for tests of the workers role. */
export interface WorkersWorld {
  readonly orders: OrdersWorld;
  readonly postgres: Awaited<ReturnType<typeof startPostgres>>;
  readonly clickhouse: Awaited<ReturnType<typeof startClickHouse>>;
  readonly config: FulltapeConfig;
  startOrders(): Promise<void>;
  stopOrders(): Promise<void>;
  close(): Promise<void>;
}

export const startWorkersWorld = async (change: { readonly demo: boolean }): Promise<WorkersWorld> => {
  const [orders, postgres, clickhouse] = await Promise.all([startOrdersWorld(), startPostgres(), startClickHouse()]);
  const config: FulltapeConfig = { ...orders.config(), demo: change.demo, postgres: postgres.config, clickhouse: clickhouse.config };
  let handle: RoleHandle | null = null;
  const stopOrders = async (): Promise<void> => {
    await handle?.close();
    handle = null;
  };
  return {
    orders,
    postgres,
    clickhouse,
    config,
    startOrders: async () => {
      handle = await startOrders(config, (error) => {
        throw error;
      });
    },
    stopOrders,
    close: async () => {
      await stopOrders();
      await Promise.all([orders.close(), postgres.stop(), clickhouse.stop()]);
    },
  };
};
