import { describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { BatchReader, unitsOf } from './batch-reader.js';
import type { Source, SourceMessage } from './source.js';

/** Content is text; a message ends a unit unless it ends with `+`. */
const source = (messages: readonly string[], onRead: (index: number) => void = () => undefined): Source<string> => ({
  name: 'test',
  async *read() {
    for (const [index, content] of messages.entries()) {
      onRead(index + 1);
      yield { streamSequence: BigInt(index + 1), content };
    }
  },
  head: async () => BigInt(messages.length),
  endsUnit: (content) => !content.endsWith('+'),
  bytesOf: (content) => new TextEncoder().encode(content),
});

const never = new AbortController().signal;
const open = (over: Source<string>, messagesMax: number, bytesMax = 1_000): BatchReader<string> =>
  new BatchReader(over, over.read(0n, never), { messagesMax, bytesMax, spacingMs: 0 });
const all = async (reader: BatchReader<string>): Promise<string[][]> => {
  const batches: string[][] = [];
  for (let batch = await reader.next(); batch !== null; batch = await reader.next()) batches.push(batch.map(({ content }) => content));
  return batches;
};

describe('batches', () => {
  it('hold every message once, in order, and no more than they may', async () => {
    const messages = Array.from({ length: 100 }, (_, index) => `m${index}`);
    const batches = await all(open(source(messages), 7));
    expect(batches.flat()).toEqual(messages);
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(7);
    const byBytes = await all(open(source(messages), 1_000, 6));
    expect(byBytes.flat()).toEqual(messages);
    expect(Math.max(...byBytes.map(({ length }) => length))).toBeLessThanOrEqual(3);
  });

  it('never end in the middle of a unit, even of one that is larger than a batch', async () => {
    const messages = ['a', 'b0+', 'b1+', 'b2+', 'b3+', 'b4', 'c', 'd0+', 'd1'];
    const batches = await all(open(source(messages), 2));
    expect(batches.flat()).toEqual(messages);
    for (const batch of batches) expect(batch.at(-1)?.endsWith('+')).toBe(false);
    const numbered = messages.map((content, index): SourceMessage<string> => ({ streamSequence: BigInt(index), content }));
    expect(unitsOf(source([]), numbered).map((unit) => unit.map(({ content }) => content))).toEqual([
      ['a'],
      ['b0+', 'b1+', 'b2+', 'b3+', 'b4'],
      ['c'],
      ['d0+', 'd1'],
    ]);
  });

  it('block a source that is faster than they are taken', async () => {
    let read = 0;
    const reader = open(
      source(
        Array.from({ length: 1_000 }, (_, index) => `m${index}`),
        (count) => (read = count),
      ),
      10,
    );
    await waitUntil(() => read >= 20, { timeoutMs: 5_000, what: 'two batches of reading ahead' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toBeLessThanOrEqual(22);
    expect((await all(reader)).flat()).toHaveLength(1_000);
  });

  it('keep a distance under a trickle and none after a quiet time; a full one does not wait', async () => {
    const queue: string[] = [];
    let wake: () => void = () => undefined;
    const say = (...messages: string[]): void => {
      queue.push(...messages);
      wake();
    };
    const live: Source<string> = {
      ...source([]),
      async *read() {
        for (let sequence = 1n; ; sequence += 1n) {
          while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          yield { streamSequence: sequence, content: queue.shift() ?? '' };
        }
      },
    };
    let nowMs = 0;
    const limits = { messagesMax: 5, bytesMax: 1_000, spacingMs: 60_000 };
    const reader = new BatchReader(live, live.read(0n, never), limits, () => nowMs);
    const next = async (): Promise<string[]> => ((await reader.next()) ?? []).map(({ content }) => content);
    say('a');
    expect(await next()).toEqual(['a']); // a wait of 60 s would fail the test
    // Right behind it the next one is held back until there are five.
    const held = next();
    say('b');
    let isHeld = true;
    void held.then(() => (isHeld = false));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isHeld).toBe(true);
    say('c', 'd', 'e', 'f');
    expect(await held).toEqual(['b', 'c', 'd', 'e', 'f']);
    nowMs = 60_001;
    say('g');
    expect(await next()).toEqual(['g']);
    reader.close();
  });

  it('give out what came before a failure, then the failure', async () => {
    const failing: Source<string> = {
      ...source([]),
      async *read() {
        yield { streamSequence: 1n, content: 'one' };
        throw new Error('the broker is gone');
      },
    };
    const reader = open(failing, 5);
    expect((await reader.next())?.map(({ content }) => content)).toEqual(['one']);
    await expect(reader.next()).rejects.toThrow('the broker is gone');
  });
});
