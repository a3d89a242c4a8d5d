import { afterEach, beforeEach, expect } from 'vitest';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { startOrdersProcess, type OrdersProcess } from './orders-process.js';
import { startOrdersWorld, type OrdersConfigChange, type OrdersWorld } from './orders-world.js';

/** Orders processes that a test starts, kills and starts again on a broker of its own. */
export interface OrdersStage {
  readonly world: OrdersWorld;
  readonly port: NatsCommandPort;
  start(change?: OrdersConfigChange): Promise<OrdersProcess>;
  /** Stops what runs; each must end with status 0. */
  stopAll(): Promise<void>;
  /** `kill -9` of what runs. */
  killAll(): Promise<void>;
}

/** For each test of the block that calls this; what a test leaves running is stopped behind it. Times are supplied. */
export const ordersStage = (defaults: OrdersConfigChange = {}): OrdersStage => {
  let current: { readonly world: OrdersWorld; readonly port: NatsCommandPort } | null = null;
  const processes: OrdersProcess[] = [];
  const running = () => {
    if (current === null) throw new Error('the stage stands inside a test only');
    return current;
  };
  beforeEach(async () => {
    const world = await startOrdersWorld();
    current = { world, port: new NatsCommandPort(world.connection) };
  });
  afterEach(async () => {
    for (const one of processes.splice(0)) await one.stop();
    await current?.world.close();
    current = null;
  });
  return {
    get world() {
      return running().world;
    },
    get port() {
      return running().port;
    },
    start: async (change = {}) => {
      const started = await startOrdersProcess(running().world.config({ clock: 'supplied', ...defaults, ...change }));
      processes.push(started);
      return started;
    },
    stopAll: async () => {
      for (const one of processes.splice(0)) expect(await one.stop()).toBe(0);
    },
    killAll: async () => {
      for (const one of processes.splice(0)) {
        one.signal('SIGKILL');
        await one.exited;
      }
    },
  };
};
