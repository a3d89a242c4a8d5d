import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll } from 'vitest';
import { cacheContract } from '#contracts/ports/cache.contract.js';
import { connectNats } from '../nats/connect.js';
import { startNats } from '../testing/servers.js';
import { NatsCache } from './nats-cache.js';

let nats: Awaited<ReturnType<typeof startNats>>;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  await nats.stop();
});

cacheContract('nats key-value', async () => {
  const open = async (): Promise<NatsCache> => {
    const connection = await connectNats(nats.config, 'cache-test');
    connections.push(connection);
    return NatsCache.open(connection);
  };
  const here = await open();
  const there = await open();
  return {
    here,
    there,
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
});
