import type { NatsConnection } from '@nats-io/transport-node';
import type { Cache } from '#contracts/ports/cache.js';
import { FulltapeError } from '#contracts/result/result.js';
import { MemoryCache } from './memory-cache.js';
import { NatsCache } from './nats-cache.js';
import { RedisCache } from './redis-cache.js';

/**
 * The cache that the setting `cache.url` names: `memory` (the default) for one process, `nats` for several on the broker that they have
 * anyway, `redis://` or `rediss://` for Dragonfly or another server of that protocol.
 * @throws FulltapeError STORE_UNAVAILABLE when it does not answer, INVALID_ARGUMENT for another address
 */
export const openCache = async (
  url: string | undefined,
  nats: { readonly connection: NatsConnection; readonly replicas: number },
): Promise<Cache> => {
  if (url === undefined || url === 'memory') return new MemoryCache();
  if (url === 'nats') return NatsCache.open(nats.connection, { replicas: nats.replicas });
  if (/^rediss?:\/\//.test(url)) return RedisCache.open(url);
  // The address may hold a password, so it is not repeated.
  throw new FulltapeError('INVALID_ARGUMENT', {
    argument: 'cache.url',
    expected: 'memory, nats, or an address that begins with redis:// or rediss://',
  });
};
