import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../time/wait-until.js';
import type { Cache } from './cache.js';

/** Two views of one store: two processes' adapters, or the same object twice where the store is one process's memory. */
export interface CachePair {
  readonly here: Cache;
  readonly there: Cache;
  close(): Promise<void>;
}

/** What every adapter of the cache port does. */
export const cacheContract = (name: string, open: () => Promise<CachePair>): void => {
  describe(`cache contract: ${name}`, () => {
    let pair: CachePair;
    let counter = 0;
    const freshKey = (): string => `contract ${name} / key.*>${(counter += 1)} é`;
    const minute = 60_000;

    beforeAll(async () => {
      pair = await open();
    });
    afterAll(async () => {
      await pair.close();
    });

    it('answers null for what was never set', async () => expect(await pair.here.get(freshKey())).toBeNull());

    it('gives back what was set, to every process, the newest one, whatever its characters', async () => {
      const key = freshKey();
      await pair.here.set(key, 'old', minute);
      await pair.here.set(key, '{"zeile":"eins\nzwei","€":""}', minute);
      expect(await pair.here.get(key)).toBe('{"zeile":"eins\nzwei","€":""}');
      expect(await pair.there.get(key)).toBe('{"zeile":"eins\nzwei","€":""}');
    });

    it('holds the empty string as a value', async () => {
      const key = freshKey();
      await pair.here.set(key, '', minute);
      expect(await pair.here.get(key)).toBe('');
    });

    it('forgets a value at the end of its time to live and not before', async () => {
      const key = freshKey();
      const setAt = performance.now();
      await pair.here.set(key, 'short', 400);
      let lastSeenAt = 0;
      await waitUntil(
        async () => {
          const gone = (await pair.here.get(key)) === null;
          if (!gone) lastSeenAt = performance.now();
          return gone;
        },
        { timeoutMs: 5_000, what: 'the end of the time to live' },
      );
      expect(lastSeenAt - setAt).toBeGreaterThan(200);
    });

    it('lets a later set replace the time to live', async () => {
      const key = freshKey();
      const witness = freshKey();
      await pair.here.set(key, 'value', 150);
      await pair.here.set(key, 'value', minute);
      await pair.here.set(witness, 'value', 150);
      await waitUntil(async () => (await pair.here.get(witness)) === null, { timeoutMs: 5_000, what: 'the end of the witness' });
      expect(await pair.here.get(key)).toBe('value');
    });

    it('forgets what is deleted, and deleting what is not there is no error', async () => {
      const key = freshKey();
      await pair.here.delete(key);
      await pair.here.set(key, 'value', minute);
      await pair.there.delete(key);
      expect(await pair.here.get(key)).toBeNull();
    });

    it('runs one load for 1,000 simultaneous misses', async () => {
      const key = freshKey();
      let loads = 0;
      const gate = Promise.withResolvers<string>();
      const answers = Array.from({ length: 1_000 }, () =>
        pair.here.getOrLoad(key, minute, () => {
          loads += 1;
          return gate.promise;
        }),
      );
      gate.resolve('loaded');
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['loaded']));
      expect(loads).toBe(1);
      expect(await pair.here.getOrLoad(key, minute, () => Promise.reject(new Error('must not load again')))).toBe('loaded');
    });

    it('does not keep a failed load, and the failure reaches everyone who waited', async () => {
      const key = freshKey();
      const failing = (): Promise<string> => Promise.reject(new Error('the source is down'));
      const results = await Promise.allSettled([pair.here.getOrLoad(key, minute, failing), pair.here.getOrLoad(key, minute, failing)]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(await pair.here.getOrLoad(key, minute, () => Promise.resolve('recovered'))).toBe('recovered');
    });

    it('tells every process which key was set or deleted, until the listener leaves', async () => {
      const key = freshKey();
      const heard: string[] = [];
      const leave = pair.there.onInvalidate((changed) => heard.push(changed));
      await pair.here.set(key, 'value', minute);
      await waitUntil(() => heard.filter((changed) => changed === key).length === 1, { timeoutMs: 5_000, what: 'news of the set' });
      await pair.here.delete(key);
      await waitUntil(() => heard.filter((changed) => changed === key).length === 2, { timeoutMs: 5_000, what: 'news of the delete' });
      leave();
      const other = freshKey();
      const witness: string[] = [];
      pair.there.onInvalidate((changed) => witness.push(changed));
      await pair.here.set(other, 'value', minute);
      await waitUntil(() => witness.includes(other), { timeoutMs: 5_000, what: 'news to the second listener' });
      expect(heard).not.toContain(other);
    });
  });
};
