import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Cache } from '#contracts/ports/cache.js';
import { connectNats } from '../nats/connect.js';
import { startNats } from '../testing/servers.js';
import { MemoryCache } from './memory-cache.js';
import { NatsCache } from './nats-cache.js';
import { openCache } from './open-cache.js';
import { RedisCache } from './redis-cache.js';
import { startRedis } from './testing/redis-server.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

describe('the cache that a setting names', () => {
  let nats: Awaited<ReturnType<typeof startNats>>;
  let connection: NatsConnection;
  beforeAll(async () => {
    nats = await startNats();
    connection = await connectNats(nats.config, 'cache-test');
  });
  afterAll(async () => {
    await connection.close();
    await nats.stop();
  });

  const works = async (url: string | undefined, isOfKind: (cache: Cache) => boolean): Promise<void> => {
    const cache = await openCache(url, { connection, replicas: 1 });
    try {
      expect(isOfKind(cache)).toBe(true);
      await cache.set('key', 'value', 60_000);
      expect(await cache.get('key')).toBe('value');
    } finally {
      await cache.close();
    }
  };

  it('is in the process by default', async () => {
    await works(undefined, (cache) => cache instanceof MemoryCache);
    await works('memory', (cache) => cache instanceof MemoryCache);
  });

  it('is in NATS key-value for `nats`', () => works('nats', (cache) => cache instanceof NatsCache));

  it.skipIf(!installed)(`is in Redis for an address of it${installed ? '' : ' (skipped: no redis-server on this machine)'}`, async () => {
    const redis = await startRedis();
    try {
      await works(redis.url, (cache) => cache instanceof RedisCache);
    } finally {
      await redis.stop();
    }
  });

  it('is refused for anything else, without repeating what may hold a password', async () => {
    const refused = openCache('http://user:secret@host', { connection, replicas: 1 });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { argument: 'cache.url' } });
    await refused.catch((error: unknown) => expect(String(error)).not.toContain('secret'));
  });
});
