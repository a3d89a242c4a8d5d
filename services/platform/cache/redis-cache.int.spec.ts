import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheContract } from '#contracts/ports/cache.contract.js';
import { choosePort } from '../processes/ports.js';
import { RedisCache } from './redis-cache.js';
import { startRedis } from './testing/redis-server.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

// A machine without redis-server reports these as skipped, by name.
describe.skipIf(!installed)('with a real redis-server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });

  cacheContract('redis', async () => {
    const here = await RedisCache.open(server.url);
    const there = await RedisCache.open(server.url);
    return {
      here,
      there,
      close: async () => {
        await Promise.all([here.close(), there.close()]);
      },
    };
  });
});

it('says STORE_UNAVAILABLE when no server answers', async () => {
  const port = await choosePort({ host: '127.0.0.1', port: 0, setting: 'cache.url' });
  await expect(RedisCache.open(`redis://127.0.0.1:${port}/0`)).rejects.toThrow(/STORE_UNAVAILABLE/);
});
