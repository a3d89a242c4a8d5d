import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventShape, readEventData } from '../events/event-catalog.js';
import type { DomainEvent, EventStore, RecordedEvent } from './event-store.js';

/** A store and a second adapter on the same store (another process), where there is one; else the same object twice. */
export interface EventStorePair {
  readonly here: EventStore;
  readonly there: EventStore;
  /** Restarts the store behind both adapters, where that means something. */
  restart?(): Promise<void>;
  close(): Promise<void>;
}

const counted = (count: number, from = 1): DomainEvent[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'Counted', schemaVersion: 1, data: { number: String(from + index) } }));

const numbersOf = (events: readonly RecordedEvent[]): string[] => events.map(({ data }) => String(data['number']));

/** Reads appends behind `after` until `enough` of them, with a deadline of the test's own. */
const take = async (store: EventStore, after: bigint, enough: number): Promise<(readonly RecordedEvent[])[]> => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 20_000);
  const appends: (readonly RecordedEvent[])[] = [];
  try {
    if (enough > 0) {
      for await (const append of store.subscribe({ after, signal: stop.signal })) {
        appends.push(append);
        if (appends.length >= enough) break;
      }
    }
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  return appends;
};

/** What every adapter of the event store does. */
export const eventStoreContract = (name: string, open: () => Promise<EventStorePair>): void => {
  describe(`event store contract: ${name}`, () => {
    let pair: EventStorePair;
    let streams = 0;
    const freshStream = (): string => `contract-${(streams += 1)}`;

    beforeAll(async () => {
      pair = await open();
    });
    afterAll(async () => {
      await pair.close();
    });

    it('reads an unknown stream as empty', async () => {
      expect(await pair.here.readStream(freshStream())).toEqual([]);
    });

    it('refuses a stream name that is not category-id, and an append without events', async () => {
      await expect(pair.here.append('no.dots-allowed', counted(1), { expected: 'any' })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      expect(await pair.here.append(freshStream(), [], { expected: 'any' })).toMatchObject({
        ok: false,
        problem: { code: 'INVALID_ARGUMENT' },
      });
    });

    it('keeps events of an append together, in order, with versions, one position and their metadata', async () => {
      const stream = freshStream();
      const metadata = { correlationId: 'c-1', causationId: 'c-0', authorityId: 'service:test' };
      const first = await pair.here.append(stream, counted(3), { expected: 'noStream', metadata });
      const second = await pair.there.append(stream, counted(2, 4), { expected: { version: 3n } });
      if (!first.ok || !second.ok) throw new Error('an append was refused');
      expect([first.value.streamVersion, second.value.streamVersion]).toEqual([3n, 5n]);
      expect(second.value.globalPosition > first.value.globalPosition).toBe(true);
      const events = await pair.here.readStream(stream);
      expect(numbersOf(events)).toEqual(['1', '2', '3', '4', '5']);
      expect(events.map(({ streamVersion }) => streamVersion)).toEqual([1n, 2n, 3n, 4n, 5n]);
      expect(events.map(({ indexInAppend }) => indexInAppend)).toEqual([0, 1, 2, 0, 1]);
      expect(events.map(({ globalPosition }) => globalPosition)).toEqual([
        ...Array.from({ length: 3 }, () => first.value.globalPosition),
        ...Array.from({ length: 2 }, () => second.value.globalPosition),
      ]);
      expect(events[0]?.metadata).toEqual(metadata);
      expect(new Set(events.map(({ eventId }) => eventId)).size).toBe(5);
      expect(numbersOf(await pair.there.readStream(stream, { fromVersion: 3n }))).toEqual(['3', '4', '5']);
    });

    it('refuses another version than the expected one and changes nothing', async () => {
      const stream = freshStream();
      await pair.here.append(stream, counted(2), { expected: 'noStream' });
      const head = await pair.here.headPosition();
      for (const expected of ['noStream', { version: 1n }, { version: 3n }] as const) {
        const refused = await pair.there.append(stream, counted(1, 9), { expected });
        expect(refused).toMatchObject({ ok: false, problem: { code: 'WRONG_EXPECTED_VERSION' } });
      }
      expect(await pair.here.headPosition()).toBe(head);
      expect(numbersOf(await pair.here.readStream(stream))).toEqual(['1', '2']);
    });

    it('lets exactly one of many concurrent writers win', async () => {
      const stream = freshStream();
      await pair.here.append(stream, counted(1), { expected: 'noStream' });
      const writers = Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? pair.here : pair.there).append(stream, counted(1, 100 + index), { expected: { version: 1n } }),
      );
      const results = await Promise.all(writers);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      for (const result of results) if (!result.ok) expect(result.problem.code).toBe('WRONG_EXPECTED_VERSION');
      expect(await pair.here.readStream(stream)).toHaveLength(2);
    });

    it('stores every append of concurrent writers that expect no version', async () => {
      const stream = freshStream();
      const results = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          (index % 2 === 0 ? pair.here : pair.there).append(stream, counted(1, index), { expected: 'any' }),
        ),
      );
      expect(results.every((result) => result.ok)).toBe(true);
      const events = await pair.here.readStream(stream);
      expect(numbersOf(events).sort()).toEqual(['0', '1', '2', '3', '4', '5']);
      expect(events.map(({ streamVersion }) => streamVersion)).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    });

    it('answers a repeated append id with the first result, stores it once, and keeps ids of streams apart', async () => {
      const stream = freshStream();
      const first = await pair.here.append(stream, counted(2), { expected: 'noStream', appendId: 'seed-1' });
      await pair.here.append(stream, counted(1, 3), { expected: { version: 2n } });
      for (const expected of ['noStream', 'any', { version: 2n }, { version: 3n }] as const) {
        expect(await pair.there.append(stream, counted(2), { expected, appendId: 'seed-1' })).toEqual(first);
      }
      expect(await pair.here.readStream(stream)).toHaveLength(3);
      const other = await pair.here.append(freshStream(), counted(1), { expected: 'noStream', appendId: 'seed-1' });
      expect(other).toMatchObject({ ok: true, value: { streamVersion: 1n } });
    });

    it('answers concurrent writers of one append id with one result', async () => {
      const stream = freshStream();
      const results = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          (index % 2 === 0 ? pair.here : pair.there).append(stream, counted(1), { expected: 'noStream', appendId: 'once' }),
        ),
      );
      for (const result of results) expect(result).toEqual(results[0]);
      expect(results[0]?.ok).toBe(true);
      expect(await pair.here.readStream(stream)).toHaveLength(1);
    });

    it('subscribes from a position through to live appends without a gap or a repetition', async () => {
      const start = await pair.here.headPosition();
      const stream = freshStream();
      for (let index = 0; index < 10; index += 1) await pair.here.append(stream, counted(2, index * 2), { expected: 'any' });
      const reading = take(pair.there, start, 30);
      for (let index = 10; index < 30; index += 1) await pair.here.append(stream, counted(2, index * 2), { expected: 'any' });
      const appends = await reading;
      expect(numbersOf(appends.flat())).toEqual(Array.from({ length: 60 }, (_, index) => String(index)));
      const positions = appends.map(([first]) => first?.globalPosition ?? 0n);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)));
      const middle = positions[14] ?? 0n;
      expect(numbersOf((await take(pair.here, middle, 15)).flat())[0]).toBe('30');
      expect(await pair.here.headPosition()).toBe(positions.at(-1));
    });

    it('ends a subscription when its signal aborts', async () => {
      const stop = new AbortController();
      const reading = (async () => {
        for await (const _append of pair.here.subscribe({ after: await pair.here.headPosition(), signal: stop.signal }));
        return 'ended';
      })();
      stop.abort();
      expect(await reading).toBe('ended');
    });

    it('gives old versions to upcasters as they were written', async () => {
      const stream = freshStream();
      await pair.here.append(stream, [{ type: 'Named', schemaVersion: 1, data: { text: 'Ada Lovelace' } }], { expected: 'noStream' });
      await pair.here.append(stream, [{ type: 'Named', schemaVersion: 2, data: { given: 'Grace', family: 'Hopper' } }], {
        expected: 'any',
      });
      const shape = eventShape({
        type: 'Named',
        schemaVersion: 2,
        schema: z.object({ given: z.string(), family: z.string() }),
        upcasters: [({ text }) => ({ given: String(text).split(' ')[0], family: String(text).split(' ')[1] })],
      });
      const names = (await pair.here.readStream(stream)).map((event) => readEventData(shape, event));
      expect(names).toEqual([
        { given: 'Ada', family: 'Lovelace' },
        { given: 'Grace', family: 'Hopper' },
      ]);
    });

    it('keeps everything through a restart of the store, and open subscriptions go on', async (context) => {
      if (pair.restart === undefined) {
        context.skip('a store in memory has no restart');
        return;
      }
      const stream = freshStream();
      const start = await pair.here.headPosition();
      await pair.here.append(stream, counted(3), { expected: 'noStream', appendId: 'before' });
      const reading = take(pair.there, start, 2);
      await pair.restart();
      expect(numbersOf(await pair.here.readStream(stream))).toEqual(['1', '2', '3']);
      const repeated = await pair.here.append(stream, counted(3), { expected: 'noStream', appendId: 'before' });
      expect(repeated).toMatchObject({ ok: true, value: { streamVersion: 3n } });
      await pair.here.append(stream, counted(1, 4), { expected: { version: 3n } });
      expect(numbersOf((await reading).flat())).toEqual(['1', '2', '3', '4']);
    });
  });
};
