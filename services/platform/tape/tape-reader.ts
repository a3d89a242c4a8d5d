import { DeliverPolicy, jetstream, jetstreamManager, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { ConsumerMessages, JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { tapeStreamName } from '#contracts/subjects/registry.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { pause } from '#contracts/time/pause.js';

/** One message of the tape: where it stands in the stream, and its bytes (a `Commit`). */
export interface TapeEntry {
  readonly streamSequence: bigint;
  readonly bytes: Uint8Array;
}

export interface ReadTapeOptions {
  /** First stream sequence that is wanted; 1n is the beginning of the tape. */
  readonly fromStreamSequence: bigint;
  readonly signal: AbortSignal;
  /** What to do at the head: 'wait' for more (default), or 'end' at the head as it was when reading began. */
  readonly idle?: 'wait' | 'end';
}

/** Messages that the broker may have under way to this reader: 128 commits of at most 256 KB bound it to 32 MiB. */
const prefetchMessagesMax = 128;
const requestTimeoutMs = 2_000;
const retryDelayMsMax = 1_000;
/** An abandoned consumer is removed by the broker after this time; an orderly end removes it at once. */
const consumerInactiveMs = 30_000;

const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Manager without the account check, which costs a round trip for each reader. */
const managerOf = (connection: NatsConnection): Promise<JetStreamManager> =>
  jetstreamManager(connection, { checkAPI: false, timeout: requestTimeoutMs });

const streamInfo = async (connection: NatsConnection, shard: number): Promise<StreamInfo> => {
  const stream = tapeStreamName(shard);
  try {
    return await (await managerOf(connection)).streams.info(stream);
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) {
      throw new FulltapeError('STREAM_NOT_FOUND', { stream }, { cause: error });
    }
    throw new FulltapeError('STORE_UNAVAILABLE', { stream, cause: errorText(error) }, { cause: error });
  }
};

/** Extent of the tape's stream in the broker: `firstSequence` is 1n while nothing was ever removed; `lastSequence` 0n = empty. */
export interface TapeExtent {
  readonly firstSequence: bigint;
  readonly lastSequence: bigint;
  readonly messages: bigint;
  readonly bytes: bigint;
}

/** @throws FulltapeError STREAM_NOT_FOUND, STORE_UNAVAILABLE */
export const tapeExtent = async (connection: NatsConnection, shard: number): Promise<TapeExtent> => {
  const { state } = await streamInfo(connection, shard);
  return {
    firstSequence: BigInt(state.first_seq),
    lastSequence: BigInt(state.last_seq),
    messages: BigInt(state.messages),
    bytes: BigInt(state.bytes),
  };
};

/** The last commit that the broker holds, or null for an empty tape. @throws FulltapeError as `tapeExtent`; TAPE_CORRUPT */
export const tapeHead = async (
  connection: NatsConnection,
  shard: number,
): Promise<{ readonly streamSequence: bigint; readonly commit: CommitMessage; readonly header: CommitMessage['header'] } | null> => {
  const { lastSequence } = await tapeExtent(connection, shard);
  if (lastSequence === 0n) return null;
  const message = await (await managerOf(connection)).streams.getMessage(tapeStreamName(shard), { seq: Number(lastSequence) });
  if (message === null)
    throw new FulltapeError('TAPE_CORRUPT', {
      shard: String(shard),
      streamSequence: String(lastSequence),
      why: 'the last message is missing',
    });
  const commit = openCommit(message.data);
  return { streamSequence: lastSequence, commit, header: commit.header };
};

/** Stops the messages when the connection comes back: the broker may have restarted, and with it lost the ephemeral consumer. */
const stopOnReconnect = (connection: NatsConnection, messages: ConsumerMessages): (() => void) => {
  const statuses = connection.status();
  void (async () => {
    for await (const status of statuses) if (status.type === 'reconnect') messages.stop();
  })();
  return () => (statuses as typeof statuses & { stop?: () => void }).stop?.();
};

/** Refuses a position that the broker no longer has, in either direction. */
const checkExtent = (extent: TapeExtent, next: bigint, shard: number): void => {
  if (extent.lastSequence + 1n < next) {
    throw new FulltapeError('TAPE_ROLLED_BACK', { shard: String(shard), read: String(next - 1n), last: String(extent.lastSequence) });
  }
  if (extent.firstSequence > next && extent.messages > 0n) {
    throw new FulltapeError('TAPE_CORRUPT', { shard: String(shard), wanted: String(next), first: String(extent.firstSequence) });
  }
};

/**
 * The tape of one shard in order, from a stream sequence on. Each sequence is delivered once; a broker that restarts is waited for
 * and reading goes on behind the last entry. The stream has one subject, so no filter is set (a list of one would be slower).
 * Ends quietly when the signal aborts.
 *
 * @throws FulltapeError TAPE_ROLLED_BACK (the broker holds less than was read), TAPE_CORRUPT (a hole), STREAM_NOT_FOUND,
 * STORE_UNAVAILABLE (the connection was closed).
 */
export async function* readTape(connection: NatsConnection, shard: number, options: ReadTapeOptions): AsyncGenerator<TapeEntry> {
  const { signal } = options;
  const stream = tapeStreamName(shard);
  let next = options.fromStreamSequence < 1n ? 1n : options.fromStreamSequence;
  let end: bigint | null = null;
  let failures = 0;
  while (!signal.aborted) {
    let messages: ConsumerMessages;
    let remove: () => Promise<unknown>;
    try {
      const extent = await tapeExtent(connection, shard);
      checkExtent(extent, next, shard);
      if (options.idle === 'end') {
        end ??= extent.lastSequence;
        if (next > end) return;
      }
      const consumer = await jetstream(connection, { timeout: requestTimeoutMs }).consumers.get(stream, {
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: Number(next),
        inactive_threshold: consumerInactiveMs,
      });
      remove = () => consumer.delete();
      messages = await consumer.consume({ max_messages: prefetchMessagesMax, idle_heartbeat: 1_000, expires: 10_000 });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof FulltapeError && error.code !== 'STORE_UNAVAILABLE') throw error;
      if (connection.isClosed())
        throw new FulltapeError('STORE_UNAVAILABLE', { stream, cause: 'the connection is closed' }, { cause: error });
      failures += 1;
      await pause(Math.min(50 * 2 ** failures, retryDelayMsMax), signal);
      continue;
    }
    const stop = (): void => messages.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop(); // while the consumer was made
    const forget = stopOnReconnect(connection, messages);
    try {
      for await (const message of messages) {
        const sequence = BigInt(message.seq);
        if (sequence < next)
          throw new FulltapeError('TAPE_ROLLED_BACK', { shard: String(shard), read: String(next - 1n), delivered: String(sequence) });
        if (sequence > next)
          throw new FulltapeError('TAPE_CORRUPT', { shard: String(shard), wanted: String(next), delivered: String(sequence) });
        next += 1n;
        yield { streamSequence: sequence, bytes: message.data };
        if (signal.aborted || (end !== null && sequence >= end)) return;
      }
    } catch (error) {
      if (error instanceof FulltapeError) throw error;
      failures += 1;
      await pause(Math.min(50 * 2 ** failures, retryDelayMsMax), signal);
    } finally {
      signal.removeEventListener('abort', stop);
      forget();
      messages.stop();
      remove().catch(() => undefined); // the broker removes it by itself when it is idle
    }
    if (connection.isClosed() && !signal.aborted)
      throw new FulltapeError('STORE_UNAVAILABLE', { stream, cause: 'the connection is closed' });
  }
}
