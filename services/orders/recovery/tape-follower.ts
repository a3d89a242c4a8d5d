import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import { readTape, tapeExtent } from '#platform/tape/tape-reader.js';

/** Commits after which the event loop gets a turn, so that a long replay does not starve the lease. */
const commitsPerTurn = 64;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Applies the tape to an engine from where it stands (the beginning, or a snapshot) and goes on as it grows: recovery and standby are the same thing. The engine compares
 * every commit byte for byte with what it computes itself.
 */
export class TapeFollower {
  readonly #shard: number;
  readonly #engine: EngineShard;
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;
  #lastSequence: bigint;
  #applied = 0;
  #bytes = 0;
  #error: FulltapeError | null = null;
  #waiters: { readonly sequence: bigint; readonly resolve: () => void; readonly reject: (error: FulltapeError) => void }[] = [];

  constructor(options: {
    readonly connection: NatsConnection;
    readonly shard: number;
    readonly engine: EngineShard;
    readonly onFailed?: (error: FulltapeError) => void;
  }) {
    this.#shard = options.shard;
    this.#engine = options.engine;
    this.#lastSequence = options.engine.headCommitNumber; // one message a commit
    this.#loop = this.#follow(options.connection).catch((error: unknown) => {
      const failure =
        error instanceof FulltapeError ? error : new FulltapeError('INTERNAL', { why: 'following the tape failed' }, { cause: error });
      this.#error = failure;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(failure);
      options.onFailed?.(failure);
    });
  }

  /** Stream sequence of the last commit that was applied. */
  get lastSequence(): bigint {
    return this.#lastSequence;
  }

  /** Commits that were applied. */
  get appliedCommits(): number {
    return this.#applied;
  }

  /** Bytes of all applied commits that this machine's journal holds too. */
  get journaledBytes(): number {
    return this.#bytes;
  }

  /** Resolves when the tape up to this sequence is applied. @throws FulltapeError what ended the following */
  async reach(sequence: bigint): Promise<void> {
    if (this.#error !== null) throw this.#error;
    if (this.#lastSequence >= sequence) return;
    await new Promise<void>((resolve, reject) => this.#waiters.push({ sequence, resolve, reject }));
  }

  /** Ends the following; nothing is applied any more when this resolves. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    const failure = new FulltapeError('SHUTTING_DOWN', { shard: String(this.#shard) });
    for (const waiter of this.#waiters.splice(0)) waiter.reject(failure);
  }

  async #follow(connection: NatsConnection): Promise<void> {
    const firstJournaled = this.#engine.journal.firstCommitNumber;
    let sinceTurn = 0;
    const fromStreamSequence = this.#lastSequence + 1n;
    for await (const entry of readTape(connection, this.#shard, { fromStreamSequence, signal: this.#stopping.signal })) {
      if (this.#stopping.signal.aborted) return;
      this.#engine.apply(entry.bytes);
      this.#applied += 1;
      this.#lastSequence = entry.streamSequence;
      if (firstJournaled > 0n && this.#engine.headCommitNumber >= firstJournaled) this.#bytes += entry.bytes.byteLength;
      this.#wake();
      sinceTurn += 1;
      if (sinceTurn >= commitsPerTurn) {
        sinceTurn = 0;
        await turn();
      }
    }
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter((waiter) => waiter.sequence <= this.#lastSequence);
    this.#waiters = this.#waiters.filter((waiter) => waiter.sequence > this.#lastSequence);
    for (const waiter of reached) waiter.resolve();
  }
}

/** Applies the tape up to its end as it is now. @throws FulltapeError as `reach` */
export const replayTape = async (options: {
  readonly connection: NatsConnection;
  readonly shard: number;
  readonly engine: EngineShard;
}): Promise<void> => {
  const follower = new TapeFollower(options);
  try {
    const { lastSequence } = await tapeExtent(options.connection, options.shard);
    await follower.reach(lastSequence);
  } finally {
    await follower.stop();
  }
};
