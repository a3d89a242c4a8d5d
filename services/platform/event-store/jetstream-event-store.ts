import { randomUUID } from 'node:crypto';
import {
  DeliverPolicy,
  jetstream,
  JetStreamApiError,
  jetstreamManager,
  type ConsumerMessages,
  type JetStreamManager,
  type PubAck,
  type StoredMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { AppendResult, DomainEvent, EventMetadata, EventStore, ExpectedVersion, RecordedEvent } from '#contracts/ports/event-store.js';
import { FulltapeError, ok, refuse, type Result } from '#contracts/result/result.js';
import { eventsStreamName } from '#contracts/subjects/registry.js';
import { systemClock, type Clock } from '#contracts/time/clock.js';
import { decodeAppend, encodeAppend, recordedEvents, streamNameOf, subjectOf, type AppendMessage } from './append-message.js';
import { pause } from '#contracts/time/pause.js';

const requestTimeoutMs = 5_000;
const publishAttemptsMax = 4;
/** Appends without an expected version lose a race at most this often before they are refused. */
const anyVersionAttemptsMax = 20;
const wrongLastSequence = 10_071;
const noMessageFound = 10_037;
const consumerInactiveMs = 30_000;

interface StoredAppend {
  readonly sequence: bigint;
  readonly message: AppendMessage;
}

const storedAppend = (stored: StoredMsg): StoredAppend => ({ sequence: BigInt(stored.seq), message: decodeAppend(stored.data) });

const isMissing = (error: unknown): boolean =>
  error instanceof JetStreamApiError && (error.code === noMessageFound || error.status === 404);

const unavailable = (error: unknown): FulltapeError =>
  new FulltapeError(
    'STORE_UNAVAILABLE',
    { stream: eventsStreamName, cause: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );

/**
 * Events of ordinary aggregates in the JetStream stream EVENTS: a stream is a subject, an append is one message. The broker compares the
 * subject's last sequence with the one that the writer has seen, so of two concurrent writers exactly one is stored. The global position
 * is the message's sequence in EVENTS.
 */
export class JetStreamEventStore implements EventStore {
  private readonly closing = new AbortController();
  private manager: Promise<JetStreamManager> | null = null;

  constructor(
    private readonly connection: NatsConnection,
    private readonly clock: Clock = systemClock,
  ) {}

  async append(
    streamName: string,
    events: readonly DomainEvent[],
    options: { readonly expected: ExpectedVersion; readonly metadata?: EventMetadata; readonly appendId?: string },
  ): Promise<Result<AppendResult>> {
    if (events.length === 0) return refuse('INVALID_ARGUMENT', { argument: 'events', expected: 'at least one' });
    const subject = subjectOf(streamName);
    const appendId = options.appendId ?? randomUUID();
    for (let attempt = 1; ; attempt += 1) {
      const last = await this.lastAppend(subject);
      const version = last === null ? 0n : BigInt(last.message.streamVersion);
      const isExpected =
        options.expected === 'any' || (options.expected === 'noStream' ? version === 0n : options.expected.version === version);
      // A repeated append must get its first answer even when the broker's window for message ids has passed.
      if (options.appendId !== undefined && last !== null) {
        const before = await this.findAppend(subject, appendId, last);
        if (before !== null) return ok({ streamVersion: BigInt(before.message.streamVersion), globalPosition: before.sequence });
      }
      if (!isExpected) return refuse('WRONG_EXPECTED_VERSION', { streamName, version: String(version) });
      const streamVersion = version + BigInt(events.length);
      const bytes = encodeAppend({
        appendId,
        streamVersion,
        recordedAtNanos: this.clock.nowNanos(),
        metadata: options.metadata ?? {},
        events,
      });
      const ack = await this.publish(subject, bytes, { msgID: `${streamName}:${appendId}`, lastSequence: last?.sequence ?? 0n });
      if (ack !== 'overtaken') {
        if (!ack.duplicate) return ok({ streamVersion, globalPosition: BigInt(ack.seq) });
        const first = storedAppend(await this.messageAt(ack.seq));
        return ok({ streamVersion: BigInt(first.message.streamVersion), globalPosition: first.sequence });
      }
      if (options.expected === 'any' && attempt < anyVersionAttemptsMax) continue;
      // The next round reads the stream again: it finds this append there, or refuses with the version that won.
      if (attempt >= anyVersionAttemptsMax) return refuse('WRONG_EXPECTED_VERSION', { streamName });
    }
  }

  /** A lost answer is asked for again with the same bytes and message id: the broker stores them once. */
  private async publish(
    subject: string,
    bytes: Uint8Array,
    expect: { readonly msgID: string; readonly lastSequence: bigint },
  ): Promise<PubAck | 'overtaken'> {
    const client = jetstream(this.connection, { timeout: requestTimeoutMs });
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.publish(subject, bytes, {
          msgID: expect.msgID,
          expect: { lastSubjectSequence: Number(expect.lastSequence) },
          timeout: requestTimeoutMs,
        });
      } catch (error) {
        if (error instanceof JetStreamApiError && error.code === wrongLastSequence) return 'overtaken';
        if (error instanceof JetStreamApiError) throw unavailable(error);
        if (attempt >= publishAttemptsMax) throw new FulltapeError('UNKNOWN_OUTCOME', { stream: eventsStreamName }, { cause: error });
      }
    }
  }

  async readStream(streamName: string, options: { readonly fromVersion?: bigint } = {}): Promise<readonly RecordedEvent[]> {
    const from = options.fromVersion ?? 1n;
    const events: RecordedEvent[] = [];
    for await (const { sequence, message } of this.appendsOf(subjectOf(streamName))) {
      events.push(...recordedEvents(streamName, sequence, message).filter((event) => event.streamVersion >= from));
    }
    return events;
  }

  async *subscribe({ after, signal }: { readonly after: bigint; readonly signal: AbortSignal }): AsyncGenerator<readonly RecordedEvent[]> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    let next = after + 1n;
    let failures = 0;
    while (!stop.aborted) {
      let messages: ConsumerMessages;
      let remove: () => Promise<unknown>;
      try {
        const head = await this.headPosition();
        if (head + 1n < next)
          throw new FulltapeError('TAPE_ROLLED_BACK', { stream: eventsStreamName, read: String(next - 1n), last: String(head) });
        const consumer = await jetstream(this.connection, { timeout: requestTimeoutMs }).consumers.get(eventsStreamName, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: Number(next),
          inactive_threshold: consumerInactiveMs,
        });
        remove = () => consumer.delete();
        messages = await consumer.consume({ max_messages: 256, idle_heartbeat: 1_000, expires: 10_000 });
        failures = 0;
      } catch (error) {
        if (stop.aborted) return;
        if (error instanceof FulltapeError && error.code === 'TAPE_ROLLED_BACK') throw error;
        if (this.connection.isClosed()) throw unavailable(error);
        failures += 1;
        await pause(Math.min(50 * 2 ** failures, 1_000), stop);
        continue;
      }
      const end = (): void => messages.stop();
      stop.addEventListener('abort', end, { once: true });
      if (stop.aborted) end(); // aborted while the consumer was made: the listener came too late
      const forget = stopOnReconnect(this.connection, messages);
      try {
        for await (const message of messages) {
          const sequence = BigInt(message.seq);
          if (sequence < next) continue;
          next = sequence + 1n;
          yield recordedEvents(streamNameOf(message.subject), sequence, decodeAppend(message.data));
          if (stop.aborted) return;
        }
      } finally {
        stop.removeEventListener('abort', end);
        forget();
        messages.stop();
        remove().catch(() => undefined); // the broker removes it by itself when it is idle
      }
      if (this.connection.isClosed() && !stop.aborted) throw unavailable(new Error('the connection is closed'));
    }
  }

  async headPosition(): Promise<bigint> {
    try {
      return BigInt((await (await this.streams()).streams.info(eventsStreamName)).state.last_seq);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private streams(): Promise<JetStreamManager> {
    this.manager ??= jetstreamManager(this.connection, { checkAPI: false, timeout: requestTimeoutMs });
    return this.manager;
  }

  private async lastAppend(subject: string): Promise<StoredAppend | null> {
    try {
      const stored = await (await this.streams()).streams.getMessage(eventsStreamName, { last_by_subj: subject });
      return stored === null ? null : storedAppend(stored);
    } catch (error) {
      if (isMissing(error)) return null;
      if (error instanceof FulltapeError) throw error;
      throw unavailable(error);
    }
  }

  private async messageAt(sequence: number): Promise<StoredMsg> {
    const stored = await (await this.streams()).streams.getMessage(eventsStreamName, { seq: sequence });
    if (stored === null) throw new FulltapeError('STORE_UNAVAILABLE', { stream: eventsStreamName, missing: String(sequence) });
    return stored;
  }

  private async *appendsOf(subject: string): AsyncGenerator<StoredAppend> {
    for (let next = 1; ;) {
      let stored: StoredMsg | null;
      try {
        stored = await (await this.streams()).direct.getMessage(eventsStreamName, { seq: next, next_by_subj: subject });
      } catch (error) {
        if (isMissing(error)) return;
        throw unavailable(error);
      }
      if (stored === null) return;
      yield storedAppend(stored);
      next = stored.seq + 1;
    }
  }

  private async findAppend(subject: string, appendId: string, last: StoredAppend): Promise<StoredAppend | null> {
    if (last.message.appendId === appendId) return last;
    for await (const append of this.appendsOf(subject)) if (append.message.appendId === appendId) return append;
    return null;
  }
}

/** Stops the messages when the connection comes back: the broker may have restarted and lost the ephemeral consumer with it. */
const stopOnReconnect = (connection: NatsConnection, messages: ConsumerMessages): (() => void) => {
  const statuses = connection.status();
  void (async () => {
    for await (const status of statuses) if (status.type === 'reconnect') messages.stop();
  })();
  return () => (statuses as typeof statuses & { stop?: () => void }).stop?.();
};
