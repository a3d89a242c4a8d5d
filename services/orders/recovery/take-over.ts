import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { commitHash, openCommit } from '#contracts/tape/message.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import { logger } from '#platform/telemetry/logger.js';
import { TapePublisher, type OutgoingCommit } from '../writer/tape-publisher.js';

/** What was appended before the first command of a writer. */
export interface TakenOver {
  /** Stream sequence of the tape's last message. */
  readonly lastSequence: bigint;
  /** Commits that a dead writer had left unfinished or unsent. */
  readonly republished: readonly OutgoingCommit[];
  /** Commands of the journal that do not fit the tape and were set aside. */
  readonly orphanedCommands: number;
}

export interface TakeOverOptions {
  readonly connection: NatsConnection;
  readonly shard: number;
  /** Stands at the end of the tape. */
  readonly engine: EngineShard;
  readonly lastSequence: bigint;
  readonly ackTimeoutMs: number;
  readonly giveUpMs: number;
  readonly onAcknowledged: (commit: OutgoingCommit, streamSequence: bigint) => void;
}

/** Appends commits one group after the other, waiting for each: recovery is short and wants to know where it stands. */
class RecoveryAppender {
  readonly #publisher: TapePublisher;
  readonly commits: OutgoingCommit[] = [];
  #error: FulltapeError | null = null;

  constructor(options: TakeOverOptions) {
    const { connection, shard, engine, lastSequence, ackTimeoutMs, giveUpMs } = options;
    this.#publisher = new TapePublisher({
      connection,
      shard,
      lastSequence,
      ackTimeoutMs,
      giveUpMs,
      onAcknowledged: (commit, streamSequence) => {
        engine.journalAcknowledge(commit.commitNumber);
        options.onAcknowledged(commit, streamSequence);
      },
      onFailed: (error) => {
        this.#error = error;
      },
    });
  }

  get lastSequence(): bigint {
    return this.#publisher.acknowledgedSequence;
  }

  async append(messages: readonly Uint8Array[]): Promise<void> {
    for (const bytes of messages) {
      const opened = openCommit(bytes);
      const commit: OutgoingCommit = { commitNumber: opened.header.commitNumber, bytes, hash: commitHash(opened) };
      this.commits.push(commit);
      this.#publisher.append(commit);
    }
    await this.#publisher.idle();
    if (this.#error !== null) throw this.#error;
  }

  stop(): void {
    this.#publisher.stop();
  }
}

/** The journal's groups behind the tape, byte for byte as they were; what does not fit is set aside. Returns the commands set aside. */
const republishJournal = async (engine: EngineShard, appender: RecoveryAppender, shard: number): Promise<number> => {
  for (;;) {
    let commits: readonly Uint8Array[];
    try {
      commits = engine.journalNext();
    } catch (error) {
      if (!(error instanceof FulltapeError) || (error.code !== 'REVOKED' && error.code !== 'REPLAY_DIVERGED')) throw error;
      const orphanedCommands = engine.journalQuarantine();
      logger.error(
        { shard, code: 'REVOKED', orphanedCommands, remedy: 'fulltape audit orphans lists them' },
        'orders.journal-tail-orphaned',
      );
      return orphanedCommands;
    }
    if (commits.length === 0) return 0;
    await appender.append(commits);
  }
};

/**
 * Finishes what a dead writer began: the missing parts of its last group, then the tail of the journal. The first append under
 * expectation also proves that nobody else writes.
 */
export const finishTape = async (options: TakeOverOptions): Promise<TakenOver> => {
  const appender = new RecoveryAppender(options);
  try {
    await appender.append(options.engine.pending());
    const orphanedCommands = await republishJournal(options.engine, appender, options.shard);
    return { lastSequence: appender.lastSequence, republished: appender.commits, orphanedCommands };
  } finally {
    appender.stop();
  }
};

/** Appends the commit that opens the epoch. Once it is stored, every append of an earlier writer fails. */
export const openEpoch = async (options: TakeOverOptions, epoch: bigint): Promise<bigint> => {
  const appender = new RecoveryAppender(options);
  try {
    await appender.append(options.engine.startEpoch(epoch));
    return appender.lastSequence;
  } finally {
    appender.stop();
  }
};
