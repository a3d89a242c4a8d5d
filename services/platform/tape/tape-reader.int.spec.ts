import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tapeStream, tapeStreamName, tapeSubject } from '#contracts/subjects/registry.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { connectNats } from '../nats/connect.js';
import { streamConfigOf } from '../nats/streams.js';
import { startNats } from '../testing/servers.js';
import { readTape, tapeHead, type TapeEntry } from './tape-reader.js';
import { emptyCommitMessage } from './testing/empty-commit.js';

let server: Awaited<ReturnType<typeof startNats>>;
let connection: NatsConnection;
let nextShard = 0;

beforeAll(async () => {
  server = await startNats();
  connection = await connectNats(server.config, 'test');
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const newTape = async (count: number): Promise<number> => {
  const shard = (nextShard += 1);
  await (await jetstreamManager(connection)).streams.add(streamConfigOf(tapeStream(shard), 1));
  await append(shard, 1, count);
  return shard;
};

const append = async (shard: number, from: number, count: number): Promise<void> => {
  const client = jetstream(connection);
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      client.publish(tapeSubject(shard), emptyCommitMessage({ commitNumber: BigInt(from + index) })),
    ),
  );
};

const take = async (entries: AsyncIterable<TapeEntry>, count: number): Promise<bigint[]> => {
  const sequences: bigint[] = [];
  for await (const entry of entries) {
    sequences.push(entry.streamSequence);
    if (sequences.length === count) break;
  }
  return sequences;
};

const isBack = (): Promise<boolean> =>
  tapeHead(connection, 1).then(
    () => true,
    () => false,
  );

const numbers = (from: number, to: number): bigint[] => Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));

describe('tape reader', () => {
  it('reads to the head and ends there, from any sequence', async () => {
    const shard = await newTape(500);
    const { signal } = new AbortController();
    const all = await take(readTape(connection, shard, { fromStreamSequence: 1n, signal, idle: 'end' }), Infinity);
    expect(all).toEqual(numbers(1, 500));
    expect(await take(readTape(connection, shard, { fromStreamSequence: 498n, signal, idle: 'end' }), Infinity)).toEqual([
      498n,
      499n,
      500n,
    ]);
    expect(await take(readTape(connection, shard, { fromStreamSequence: 501n, signal, idle: 'end' }), Infinity)).toEqual([]);
    expect((await tapeHead(connection, shard))?.header.commitNumber).toBe(500n);
  });

  it('has no head while the tape is empty', async () => {
    expect(await tapeHead(connection, await newTape(0))).toBeNull();
  });

  it('waits at the head for more and ends quietly when it is aborted', async () => {
    const shard = await newTape(3);
    const stopping = new AbortController();
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const entry of readTape(connection, shard, { fromStreamSequence: 2n, signal: stopping.signal })) {
        seen.push(entry.streamSequence);
        if (entry.streamSequence === 3n) await append(shard, 4, 2);
        if (entry.streamSequence === 5n) stopping.abort();
      }
    })();
    await reading;
    expect(seen).toEqual([2n, 3n, 4n, 5n]);
  });

  it('ends when it is aborted at any moment of its beginning', async () => {
    const shard = await newTape(3);
    for (let delayMs = 0; delayMs < 12; delayMs += 1) {
      const stopping = new AbortController();
      setTimeout(() => stopping.abort(), delayMs);
      await take(readTape(connection, shard, { fromStreamSequence: 4n, signal: stopping.signal }), 1);
    }
    const aborted = AbortSignal.abort();
    expect(await take(readTape(connection, shard, { fromStreamSequence: 1n, signal: aborted }), 1)).toEqual([]);
  });

  it('goes on behind the last entry when the broker is killed and comes back', async () => {
    const shard = await newTape(300);
    const stopping = new AbortController();
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const entry of readTape(connection, shard, { fromStreamSequence: 1n, signal: stopping.signal })) {
        seen.push(entry.streamSequence);
        if (entry.streamSequence === 300n) {
          await server.kill();
          await server.restart();
          await waitUntil(isBack, { timeoutMs: 10_000, what: 'the broker' });
          await append(shard, 301, 50);
        }
        if (entry.streamSequence === 350n) stopping.abort();
      }
    })();
    await reading;
    expect(seen).toEqual(numbers(1, 350));
  });

  it('names a tape that holds less than was read, one with a hole, and one that is not there', async () => {
    const shard = await newTape(5);
    const { signal } = new AbortController();
    await expect(take(readTape(connection, shard, { fromStreamSequence: 9n, signal }), 1)).rejects.toMatchObject({
      code: 'TAPE_ROLLED_BACK',
    });
    const manager = await jetstreamManager(connection);
    await manager.streams.deleteMessage(tapeStreamName(shard), 3);
    await expect(take(readTape(connection, shard, { fromStreamSequence: 1n, signal }), 5)).rejects.toMatchObject({ code: 'TAPE_CORRUPT' });
    await manager.streams.purge(tapeStreamName(shard), { seq: 4 });
    await expect(take(readTape(connection, shard, { fromStreamSequence: 1n, signal }), 5)).rejects.toMatchObject({ code: 'TAPE_CORRUPT' });
    await expect(take(readTape(connection, 999, { fromStreamSequence: 1n, signal }), 1)).rejects.toMatchObject({
      code: 'STREAM_NOT_FOUND',
    });
  });
});
