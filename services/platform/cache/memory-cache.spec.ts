import { describe, expect, it } from 'vitest';
import { cacheContract } from '#contracts/ports/cache.contract.js';
import { MemoryCache } from './memory-cache.js';

cacheContract('memory', () => {
  const cache = new MemoryCache();
  return Promise.resolve({ here: cache, there: cache, close: () => cache.close() });
});

describe('the bound of the memory cache', () => {
  it('drops the least recently used value', async () => {
    const cache = new MemoryCache({ entriesMax: 2 });
    await cache.set('a', '1', 1_000);
    await cache.set('b', '2', 1_000);
    await cache.get('a');
    await cache.set('c', '3', 1_000);
    expect([await cache.get('a'), await cache.get('b'), await cache.get('c')]).toEqual(['1', null, '3']);
  });

  it('counts characters and does not keep what is above the whole bound', async () => {
    const cache = new MemoryCache({ charactersMax: 10 });
    await cache.set('a', '12345', 1_000);
    await cache.set('b', '123456', 1_000);
    expect([await cache.get('a'), await cache.get('b')]).toEqual([null, '123456']);
    await cache.set('b', 'x'.repeat(11), 1_000);
    expect(await cache.get('b')).toBeNull();
    expect(cache.size).toBe(0);
  });

  it('ends a value exactly at its time', async () => {
    let now = 0;
    const cache = new MemoryCache({ nowMs: () => now });
    await cache.set('a', '1', 100);
    now = 99;
    expect(await cache.get('a')).toBe('1');
    now = 100;
    expect(await cache.get('a')).toBeNull();
  });
});
