import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FulltapeError } from '../result/result.js';
import type { ObjectStore } from './object-store.js';

/** Two views of one store: two processes' adapters. */
export interface ObjectStorePair {
  readonly here: ObjectStore;
  readonly there: ObjectStore;
  close(): Promise<void>;
}

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await run();
  } catch (error) {
    return error instanceof FulltapeError ? error.code : `not a FulltapeError: ${String(error)}`;
  }
  return 'accepted';
};

const readAll = async (store: ObjectStore, key: string): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(key)) pieces.push(piece);
  return Buffer.concat(pieces);
};

/** What every adapter of the object store does. */
export const objectStoreContract = (name: string, open: () => Promise<ObjectStorePair>): void => {
  describe(`object store contract: ${name}`, () => {
    let pair: ObjectStorePair;
    let counter = 0;
    const freshPrefix = (): string => `contract/case-${(counter += 1)}`;
    const store = async (key: string, ...pieces: readonly Uint8Array[]): Promise<void> => {
      const writer = await pair.here.create(key);
      for (const piece of pieces) await writer.write(piece);
      await writer.finish();
    };

    beforeAll(async () => {
      pair = await open();
    });
    afterAll(async () => {
      await pair.close();
    });

    it('gives back what was stored in pieces, to every process', async () => {
      const key = `${freshPrefix()}/object.bin`;
      const pieces = [Buffer.alloc(300_000, 1), Buffer.alloc(0), Buffer.from('middle'), Buffer.alloc(70_000, 2)];
      const writer = await pair.here.create(key);
      for (const piece of pieces) await writer.write(piece);
      const expected = Buffer.concat(pieces);
      expect(await writer.finish()).toEqual({ key, bytes: expected.byteLength });
      expect((await readAll(pair.there, key)).equals(expected)).toBe(true);
    });

    it('holds an empty object', async () => {
      const key = `${freshPrefix()}/empty`;
      await store(key);
      expect(await pair.there.list(key)).toEqual([{ key, bytes: 0 }]);
      expect((await readAll(pair.there, key)).byteLength).toBe(0);
    });

    it('shows nothing of an object before it is finished, and nothing is left of one that was given up', async () => {
      const prefix = freshPrefix();
      const [kept, dropped] = [await pair.here.create(`${prefix}/kept`), await pair.here.create(`${prefix}/dropped`)];
      await kept.write(Buffer.from('one'));
      await dropped.write(Buffer.from('two'));
      expect(await pair.there.list(prefix)).toEqual([]);
      await dropped.abort();
      await kept.finish();
      await kept.abort();
      expect((await pair.there.list(prefix)).map(({ key }) => key)).toEqual([`${prefix}/kept`]);
    });

    it('replaces an object as a whole', async () => {
      const key = `${freshPrefix()}/object`;
      await store(key, Buffer.from('a longer first version'));
      const writer = await pair.there.create(key);
      await writer.write(Buffer.from('second'));
      expect((await readAll(pair.here, key)).toString()).toBe('a longer first version');
      await writer.finish();
      expect((await readAll(pair.here, key)).toString()).toBe('second');
    });

    it('lists by prefix in order of keys', async () => {
      const prefix = freshPrefix();
      for (const name of ['b/2', 'a', 'b/10', 'c']) await store(`${prefix}/${name}`, Buffer.from(name));
      expect((await pair.there.list(`${prefix}/`)).map(({ key }) => key)).toEqual(
        ['a', 'b/10', 'b/2', 'c'].map((name) => `${prefix}/${name}`),
      );
      expect(await pair.there.list(`${prefix}/b/`)).toEqual([
        { key: `${prefix}/b/10`, bytes: 4 },
        { key: `${prefix}/b/2`, bytes: 3 },
      ]);
      expect(await pair.there.list(`${prefix}/none`)).toEqual([]);
    });

    it('forgets what is deleted, and deleting what is not there is no error', async () => {
      const key = `${freshPrefix()}/object`;
      await store(key, Buffer.from('x'));
      await pair.there.delete(key);
      await pair.there.delete(key);
      expect(await pair.here.list(key)).toEqual([]);
      expect(await codeOf(() => readAll(pair.here, key))).toBe('STORE_UNAVAILABLE');
    });

    it.each(['', '/x', 'x/', 'x//y', '../x', 'x/../y', '.hidden', 'x/.y', 'a b', 'ä', 'x\0y', 'x'.repeat(513)])(
      'refuses the key %j',
      async (key) => {
        expect(await codeOf(() => pair.here.create(key))).toBe('INVALID_ARGUMENT');
        expect(await codeOf(() => readAll(pair.here, key))).toBe('INVALID_ARGUMENT');
        expect(await codeOf(() => pair.here.delete(key))).toBe('INVALID_ARGUMENT');
      },
    );
  });
};
