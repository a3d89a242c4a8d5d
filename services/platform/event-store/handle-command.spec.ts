import { describe, expect, it } from 'vitest';
import { accountEvents, accountStream, type AccountEvent } from '#contracts/events/account-events.js';
import type { Decider } from '#contracts/events/decider.js';
import type { EventStore } from '#contracts/ports/event-store.js';
import { ok, refuse } from '#contracts/result/result.js';
import { conflictAttemptsMax, handleCommand } from './handle-command.js';
import { FakeEventStore } from './testing/fake-event-store.js';

/** Counts names; refuses an empty one. */
const decider: Decider<string, AccountEvent, number> = {
  initialState: 0,
  decide: (name, state) =>
    name === ''
      ? refuse('INVALID_ARGUMENT')
      : name === 'same'
        ? ok([])
        : ok([{ type: 'AccountRenamed', accountId: 5, name: `${name}${state}` }]),
  evolve: (state) => state + 1,
};
const stream = accountStream(5);

describe('handling a command', () => {
  it('decides on what is stored and appends with metadata', async () => {
    const store = new FakeEventStore();
    const parts = { store, decider, codec: accountEvents };
    expect(await handleCommand(parts, stream, 'a', { authorityId: 'user:1' })).toMatchObject({
      ok: true,
      value: { streamVersion: 1n, globalPosition: 1n, events: 1 },
    });
    expect(await handleCommand(parts, stream, 'b')).toMatchObject({ ok: true, value: { streamVersion: 2n, events: 1 } });
    expect((await store.readStream(stream)).map(({ data, metadata }) => [data['name'], metadata.authorityId])).toEqual([
      ['a0', 'user:1'],
      ['b1', undefined],
    ]);
  });

  it('passes a refusal on, and stores nothing for a command that changes nothing', async () => {
    const store = new FakeEventStore();
    const parts = { store, decider, codec: accountEvents };
    expect(await handleCommand(parts, stream, '')).toMatchObject({ ok: false, problem: { code: 'INVALID_ARGUMENT' } });
    expect(await handleCommand(parts, stream, 'same')).toEqual({
      ok: true,
      value: { streamName: stream, streamVersion: 0n, globalPosition: null, events: 0 },
    });
    expect(await store.headPosition()).toBe(0n);
  });

  it('decides again when another writer was faster, and gives up after a bounded number of times', async () => {
    const store = new FakeEventStore();
    let races = 2;
    const raced: EventStore = {
      append: async (...args) => {
        if (races > 0) {
          races -= 1;
          await store.append(stream, [accountEvents.encode({ type: 'AccountRenamed', accountId: 5, name: 'faster' })], { expected: 'any' });
        }
        return store.append(...args);
      },
      readStream: (...args) => store.readStream(...args),
      subscribe: (...args) => store.subscribe(...args),
      headPosition: () => store.headPosition(),
      close: () => store.close(),
    };
    const parts = { store: raced, decider, codec: accountEvents };
    expect(await handleCommand(parts, stream, 'c')).toMatchObject({ ok: true, value: { streamVersion: 3n } });
    expect((await store.readStream(stream)).at(-1)?.data['name']).toBe('c2');
    races = conflictAttemptsMax;
    expect(await handleCommand(parts, stream, 'd')).toMatchObject({ ok: false, problem: { code: 'WRONG_EXPECTED_VERSION' } });
  });

  it('lets every one of concurrent commands win in its turn or be told that it lost', async () => {
    const store = new FakeEventStore();
    const parts = { store, decider, codec: accountEvents };
    const results = await Promise.all(['a', 'b', 'c'].map((name) => handleCommand(parts, stream, name)));
    expect(results.every((result) => result.ok)).toBe(true);
    expect(await store.readStream(stream)).toHaveLength(3);
  });
});
