import {
  jetstream,
  jetstreamManager,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { tapeStreamName, tapeSubject } from '#contracts/subjects/registry.js';
import { logger } from '#platform/telemetry/logger.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';

/** A commit on its way to the tape. */
export interface OutgoingCommit {
  readonly commitNumber: bigint;
  readonly bytes: Uint8Array;
  /** Hash of the commit as hex; part of the message id, so that only the same bytes count as a repetition. */
  readonly hash: string;
}

export interface PublisherOptions {
  readonly connection: NatsConnection;
  readonly shard: number;
  /** Stream sequence of the tape's last message; the next commit is expected to get this plus one. */
  readonly lastSequence: bigint;
  readonly ackTimeoutMs: number;
  /** How long the broker may stay away before the outcome of what is in flight is given up as unknown. */
  readonly giveUpMs: number;
  /** Called once per commit, in order, with how many times it was sent. Where that is once, nobody reads its bytes any more. */
  readonly onAcknowledged: (commit: OutgoingCommit, streamSequence: bigint, attempts: number) => void;
  /**
   * Called once; nothing is published afterwards. FENCED: another writer's commit stands where ours was expected. TAPE_ROLLED_BACK: the
   * broker lost acknowledged commits. UNKNOWN_OUTCOME: anything else.
   */
  readonly onFailed: (error: FulltapeError) => void;
}

/** What the writer needs of it. */
export type CommitPublisher = Pick<
  TapePublisher,
  'append' | 'idle' | 'stop' | 'inFlight' | 'bytesInFlight' | 'acknowledgedSequence' | 'lagMs'
>;

interface InFlight {
  readonly commit: OutgoingCommit;
  readonly sequence: bigint;
  readonly sinceMs: number;
  attempts: number;
  isAcknowledged: boolean;
}

/** What the answer to one publish means. */
type PublishOutcome = 'acknowledged' | 'retry' | FulltapeError;

const settlePauseMs = 100;

/** Broker's code for another last message id than expected; the client's table does not name it. */
const wrongLastMessageId = 10_070;
const expectationCodes: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
  wrongLastMessageId,
]);

/** Message id of a commit: the same bytes have the same, other bytes another. */
const messageIdOf = (shard: number, commit: OutgoingCommit): string => `${shard}:${commit.commitNumber}:${commit.hash.slice(0, 16)}`;

const wait = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Errors after which the same bytes may simply be sent again: no answer in time, or no broker to answer. */
const outcomeOf = (error: unknown): PublishOutcome => {
  if (!(error instanceof JetStreamApiError)) return 'retry';
  // Our own commit may stand there already (the first attempt arrived), or an earlier one of ours is missing: the stream tells.
  if (expectationCodes.has(error.code)) return 'retry';
  if (error.status === 503) return 'retry';
  return new FulltapeError('UNKNOWN_OUTCOME', { broker: error.message, brokerCode: String(error.code) }, { cause: error });
};

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * Appends commits to the tape, many in flight at once, each under the expectation that the stream ends right before it, with the commit before it. The broker
 * stores them in order or not at all; what is not answered in time is looked up in the stream and, where it is missing, sent again byte
 * for byte in order. The caller bounds how many are in flight.
 */
export class TapePublisher {
  readonly #options: PublisherOptions;
  readonly #jetstream: JetStreamClient;
  readonly #entries: InFlight[] = [];
  readonly #unanswered = new Set<Promise<void>>();
  #nextSequence: bigint;
  #acknowledgedSequence: bigint;
  #bytesInFlight = 0;
  #isSettling = false;
  #isStopped = false;
  #idleWaiters: (() => void)[] = [];

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#jetstream = jetstream(options.connection, { timeout: options.ackTimeoutMs });
    this.#nextSequence = options.lastSequence + 1n;
    this.#acknowledgedSequence = options.lastSequence;
  }

  get inFlight(): number {
    return this.#entries.length;
  }

  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** Stream sequence of the last commit that the broker acknowledged. */
  get acknowledgedSequence(): bigint {
    return this.#acknowledgedSequence;
  }

  /** How long the oldest commit in flight has waited; 0 when there is none. */
  get lagMs(): number {
    const oldest = this.#entries[0];
    return oldest === undefined ? 0 : performance.now() - oldest.sinceMs;
  }

  /** Sends the next commit; returns the stream sequence that it will have. */
  append(commit: OutgoingCommit): bigint {
    const entry: InFlight = { commit, sequence: this.#nextSequence, sinceMs: performance.now(), attempts: 0, isAcknowledged: false };
    this.#nextSequence += 1n;
    this.#entries.push(entry);
    this.#bytesInFlight += commit.bytes.byteLength;
    // While the state of the stream is being found out nothing new goes out: it would only be refused.
    if (!this.#isSettling && !this.#isStopped) this.#send(entry, this.#entries.at(-2));
    return entry.sequence;
  }

  /** Resolves when nothing is in flight any more, or when publishing has failed or was stopped. */
  async idle(): Promise<void> {
    if (this.#entries.length === 0 || this.#isStopped) return;
    await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Publishes nothing more; what is in flight is forgotten without a word. */
  stop(): void {
    this.#isStopped = true;
    this.#wakeIdle();
  }

  /**
   * The sequence alone fences only a commit that has nothing in flight before it: were another writer's single message stored in the
   * place of the one before, the prediction of this one would hold again. So it also expects the very message before it. (Without one in
   * flight it must not: a restarted broker has forgotten the ids of old messages.)
   */
  #send(entry: InFlight, before: InFlight | undefined): void {
    const { commit, sequence } = entry;
    const { shard } = this.#options;
    entry.attempts += 1;
    const expect = { lastSequence: Number(sequence - 1n) };
    const attempt = this.#jetstream
      .publish(tapeSubject(shard), commit.bytes, {
        msgID: messageIdOf(shard, commit),
        expect: before === undefined ? expect : { ...expect, lastMsgID: messageIdOf(shard, before.commit) },
        timeout: this.#options.ackTimeoutMs,
        retries: 0,
      })
      .then(
        (ack) => this.#answered(entry, BigInt(ack.seq) === sequence ? 'acknowledged' : 'retry', null),
        (error: unknown) => this.#answered(entry, outcomeOf(error), error),
      )
      .finally(() => this.#unanswered.delete(attempt));
    this.#unanswered.add(attempt);
  }

  #answered(entry: InFlight, outcome: PublishOutcome, error: unknown): void {
    if (this.#isStopped) return;
    if (outcome === 'acknowledged') {
      entry.isAcknowledged = true;
      this.#advance();
      return;
    }
    if (outcome instanceof FulltapeError) {
      this.#fail(outcome);
      return;
    }
    if (this.#isSettling) return;
    logger.warn(
      { shard: this.#options.shard, commitNumber: String(entry.commit.commitNumber), streamSequence: String(entry.sequence), err: error },
      'orders.publish-unanswered',
    );
    this.#isSettling = true;
    void this.#settle().catch((cause: unknown) =>
      this.#fail(new FulltapeError('UNKNOWN_OUTCOME', { why: 'the stream could not be read' }, { cause })),
    );
  }

  #advance(): void {
    for (let entry = this.#entries[0]; entry?.isAcknowledged === true; entry = this.#entries[0]) {
      this.#entries.shift();
      this.#bytesInFlight -= entry.commit.bytes.byteLength;
      this.#acknowledgedSequence = entry.sequence;
      this.#options.onAcknowledged(entry.commit, entry.sequence, entry.attempts);
    }
    if (this.#entries.length === 0) this.#wakeIdle();
  }

  /** Finds out what the stream holds, then goes on behind it. */
  async #settle(): Promise<void> {
    const { connection, shard } = this.#options;
    const deadline = performance.now() + this.#options.giveUpMs;
    while (!this.#isStopped) {
      // Every attempt has its own time-out, so this ends; a late one could otherwise arrive behind the look at the stream.
      await Promise.all(this.#unanswered);
      if (this.#isStopped) return;
      const last = await tapeExtent(connection, shard).then(
        (extent) => extent.lastSequence,
        (error: unknown) => {
          if (error instanceof FulltapeError && error.code !== 'STORE_UNAVAILABLE') this.#fail(error);
          return null;
        },
      );
      if (last !== null) {
        if (await this.#compare(last)) this.#resume();
        return;
      }
      if (performance.now() >= deadline) {
        this.#fail(new FulltapeError('UNKNOWN_OUTCOME', { why: 'the broker did not come back', waitedMs: String(this.#options.giveUpMs) }));
        return;
      }
      await wait(settlePauseMs);
    }
  }

  /** Marks what of ours is stored. False when writing has to end. */
  async #compare(last: bigint): Promise<boolean> {
    const { connection, shard } = this.#options;
    if (last < this.#acknowledgedSequence) {
      this.#fail(new FulltapeError('TAPE_ROLLED_BACK', { acknowledged: String(this.#acknowledgedSequence), last: String(last) }));
      return false;
    }
    const manager: JetStreamManager = await jetstreamManager(connection, { checkAPI: false, timeout: this.#options.ackTimeoutMs });
    for (const entry of [...this.#entries]) {
      if (entry.sequence > last || entry.isAcknowledged) continue;
      const stored = await manager.streams.getMessage(tapeStreamName(shard), { seq: Number(entry.sequence) });
      if (stored === null || !sameBytes(stored.data, entry.commit.bytes)) {
        this.#fail(
          new FulltapeError('FENCED', { streamSequence: String(entry.sequence), commitNumber: String(entry.commit.commitNumber) }),
        );
        return false;
      }
      entry.isAcknowledged = true;
    }
    return !this.#isStopped;
  }

  #resume(): void {
    this.#isSettling = false;
    this.#advance();
    for (const [index, entry] of this.#entries.entries()) this.#send(entry, this.#entries[index - 1]);
  }

  #fail(error: FulltapeError): void {
    if (this.#isStopped) return;
    this.stop();
    this.#options.onFailed(error);
  }

  #wakeIdle(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
