import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tapeStream, tapeStreamName, tapeSubject } from '#contracts/subjects/registry.js';
import type { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { connectNats } from '#platform/nats/connect.js';
import { streamConfigOf } from '#platform/nats/streams.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';
import { startNats } from '#platform/testing/servers.js';
import { TapePublisher, type OutgoingCommit } from './tape-publisher.js';

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

const newTape = async (): Promise<number> => {
  const shard = (nextShard += 1);
  await (await jetstreamManager(connection)).streams.add(streamConfigOf(tapeStream(shard), 1));
  return shard;
};

const commit = (number: number, text = 'commit'): OutgoingCommit => ({
  commitNumber: BigInt(number),
  bytes: new TextEncoder().encode(`${text} ${number}`),
  hash: `${text}${number}`.padEnd(64, '0'),
});

const open = (shard: number, options: { lastSequence?: bigint; ackTimeoutMs?: number; giveUpMs?: number } = {}) => {
  const seen: { acknowledged: bigint[]; sequences: bigint[]; error: FulltapeError | null } = {
    acknowledged: [],
    sequences: [],
    error: null,
  };
  const attempts: number[] = [];
  const publisher = new TapePublisher({
    connection,
    shard,
    lastSequence: 0n,
    ackTimeoutMs: 1_000,
    giveUpMs: 20_000,
    ...options,
    onAcknowledged: ({ commitNumber }, streamSequence, timesSent) => {
      seen.acknowledged.push(commitNumber);
      seen.sequences.push(streamSequence);
      attempts.push(timesSent);
    },
    onFailed: (error) => {
      seen.error = error;
    },
  });
  return { publisher, seen, attempts };
};

const numbers = (from: number, to: number): bigint[] => Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));

const stored = async (shard: number): Promise<string[]> => {
  const manager = await jetstreamManager(connection);
  const { lastSequence } = await tapeExtent(connection, shard);
  const texts: string[] = [];
  for (let seq = 1; seq <= Number(lastSequence); seq += 1)
    texts.push((await manager.streams.getMessage(tapeStreamName(shard), { seq }))?.string() ?? 'missing');
  return texts;
};

describe('tape publisher', () => {
  it('has 200 commits in flight, all accepted, acknowledged in order', async () => {
    const shard = await newTape();
    const { publisher, seen } = open(shard);
    for (let number = 1; number <= 200; number += 1) expect(publisher.append(commit(number))).toBe(BigInt(number));
    expect(publisher.inFlight).toBe(200);
    await publisher.idle();
    expect(seen).toEqual({ acknowledged: numbers(1, 200), sequences: numbers(1, 200), error: null });
    expect([publisher.inFlight, publisher.bytesInFlight, publisher.lagMs]).toEqual([0, 0, 0]);
  });

  it('is FENCED by a commit of somebody else, and what came after it is not stored', async () => {
    const shard = await newTape();
    const { publisher, seen } = open(shard);
    publisher.append(commit(1));
    await publisher.idle();
    await jetstream(connection).publish(tapeSubject(shard), 'epoch of another writer');
    for (let number = 2; number <= 10; number += 1) publisher.append(commit(number));
    await publisher.idle();
    expect(seen).toMatchObject({ acknowledged: [1n], error: { code: 'FENCED', details: { streamSequence: '2', commitNumber: '2' } } });
    expect(await stored(shard)).toEqual(['commit 1', 'epoch of another writer']);
  });

  it('takes its own commit for its own when only the answer was lost', async () => {
    const shard = await newTape();
    await jetstream(connection).publish(tapeSubject(shard), commit(1).bytes);
    const { publisher, seen } = open(shard);
    publisher.append(commit(1));
    publisher.append(commit(2));
    await publisher.idle();
    expect(seen).toEqual({ acknowledged: [1n, 2n], sequences: [1n, 2n], error: null });
    expect(await stored(shard)).toEqual(['commit 1', 'commit 2']);
  });

  it('sends the same bytes again in order when the broker is killed with commits in flight: each is stored once', async () => {
    const shard = await newTape();
    const { publisher, seen, attempts } = open(shard);
    for (let number = 1; number <= 30; number += 1) publisher.append(commit(number));
    const killed = server.kill();
    for (let number = 31; number <= 60; number += 1) publisher.append(commit(number));
    await killed;
    for (let number = 61; number <= 64; number += 1) publisher.append(commit(number));
    await server.restart();
    await publisher.idle();
    expect(seen).toEqual({ acknowledged: numbers(1, 64), sequences: numbers(1, 64), error: null });
    expect(await stored(shard)).toEqual(numbers(1, 64).map((number) => `commit ${number}`));
    // Their bytes may be read by an attempt that nobody waits for any more: it must be told which they are.
    expect(attempts.at(-1)).toBeGreaterThan(1);
  });

  it('gives up with UNKNOWN_OUTCOME when the broker stays away', async () => {
    const shard = await newTape();
    const { publisher, seen } = open(shard, { ackTimeoutMs: 300, giveUpMs: 1_000 });
    publisher.append(commit(1));
    await publisher.idle();
    await server.kill();
    publisher.append(commit(2));
    await publisher.idle();
    expect(seen).toMatchObject({ acknowledged: [1n], error: { code: 'UNKNOWN_OUTCOME' } });
    await server.restart();
    await waitUntil(
      () =>
        tapeExtent(connection, shard).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 10_000, what: 'the broker' },
    );
  });

  it('says TAPE_ROLLED_BACK when acknowledged commits are gone, and names a stream that is gone', async () => {
    const shard = await newTape();
    const manager = await jetstreamManager(connection);
    const { publisher, seen } = open(shard);
    for (let number = 1; number <= 5; number += 1) publisher.append(commit(number));
    await publisher.idle();
    await manager.streams.delete(tapeStreamName(shard));
    await manager.streams.add(streamConfigOf(tapeStream(shard), 1));
    publisher.append(commit(6));
    await publisher.idle();
    expect(seen.error?.code).toBe('TAPE_ROLLED_BACK');
    const other = open(shard);
    await manager.streams.delete(tapeStreamName(shard));
    other.publisher.append(commit(1));
    await other.publisher.idle();
    expect(other.seen.error?.code).toBe('STREAM_NOT_FOUND');
  });
});
