import { encodeCommands } from '#contracts/commands/order-commands.js';
import { FulltapeError } from '#contracts/result/result.js';
import { AckLevel, BatchFlag, type ErrorCode } from '#contracts/tape/codes.generated.js';
import { decodeCommandRecord } from '#contracts/tape/layout.generated.js';
import { buildCommandBatch, commitHash, openCommandBatch, openCommit, type CommandBatchMessage } from '#contracts/tape/message.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import type { LentStep } from '#platform/engine/output-pool.js';
import { logger } from '#platform/telemetry/logger.js';
import { answersByBatch, batchAnswer, refusalAnswer, type BatchAnswers } from './batch-answers.js';
import { commitThatCompletes, completionsOf } from './command-completion.js';
import { DurableWaiters } from './durable-waiters.js';
import { IntakeQueue, type QueuedBatch } from './intake-queue.js';
import { LentSteps } from './lent-steps.js';
import type { CommitPublisher, OutgoingCommit, PublisherOptions } from './tape-publisher.js';
import type { WriterClock } from './writer-clock.js';
import type { WriterLimits } from './writer-limits.js';

/** 'wall': the writer stamps commands. 'supplied': batches carry their times (replays, comparisons). */
export type OrdersClock = 'wall' | 'supplied';

export type StartPublisher = (callbacks: Pick<PublisherOptions, 'onAcknowledged' | 'onFailed'>) => CommitPublisher;

export interface ShardWriterOptions {
  readonly shard: number;
  readonly epoch: bigint;
  readonly engine: EngineShard;
  readonly clockMode: OrdersClock;
  readonly clock: WriterClock;
  readonly limits: WriterLimits;
  readonly startPublisher: StartPublisher;
  /** Whether an answer may be given before the broker has the commit. */
  readonly isLeaseValid: () => boolean;
  readonly isDiskLow: () => boolean;
  readonly onAcknowledged: (commit: OutgoingCommit, streamSequence: bigint) => void;
  /** After ENGINE_POISONED: a new engine that stands at the end of the tape; the old one is closed by it. */
  readonly rebuildEngine: () => Promise<EngineShard>;
  /** Writing has ended by itself: FENCED, TAPE_ROLLED_BACK, UNKNOWN_OUTCOME or a fault of the engine. Called once. */
  readonly onEnded: (error: FulltapeError) => void;
}

const queueRetryMs = 100;
const outageRetryMs = 1_000;
/** A group whose commands poison the engine one after the other is given up behind this many. */
const culpritsMax = 64;

const batchFaults: ReadonlySet<ErrorCode> = new Set([
  'MALFORMED_COMMAND_MESSAGE',
  'UNKNOWN_COMMAND_KIND',
  'BATCH_TOO_LARGE',
  'INVALID_ARGUMENT',
]);

const asFulltapeError = (error: unknown): FulltapeError =>
  error instanceof FulltapeError
    ? error
    : new FulltapeError('INTERNAL', { why: error instanceof Error ? error.message : String(error) }, { cause: error });

const isConfirmation = (message: Uint8Array): boolean => {
  const { view, commands } = openCommandBatch(message);
  const record = commands.count === 0 ? null : decodeCommandRecord(view, commands.at);
  return record?.type === 'advanceTime' && record.confirmJump === 1;
};

/**
 * The single writer of a shard, in the order of its steps: admit, queue, take a group, execute and journal it (one call), answer those
 * who asked for ENGINE, send the commits to the tape, answer the others when the broker has them. The engine never waits for the broker;
 * a full window of unacknowledged commits makes the groups larger.
 */
export class ShardWriter {
  readonly #options: ShardWriterOptions;
  readonly #queue: IntakeQueue;
  readonly #waiters = new DurableWaiters();
  readonly #lent = new LentSteps();
  readonly #publisher: CommitPublisher;
  readonly #idleTimer: NodeJS.Timeout | null;
  #engine: EngineShard;
  #state: 'serving' | 'rebuilding' | 'closing' | 'fencing' | 'ended' = 'serving';
  #isScheduled = false;
  #lastStepMs = performance.now();
  #isJumpLogged = false;
  #abandonCode: ErrorCode = 'UNKNOWN_OUTCOME';

  constructor(options: ShardWriterOptions) {
    this.#options = options;
    this.#engine = options.engine;
    const { limits } = options;
    this.#queue = new IntakeQueue({ commandsMax: limits.queueCommandsMax, bytesMax: limits.queueBytesMax });
    this.#publisher = options.startPublisher({
      onAcknowledged: (commit, streamSequence, attempts) => this.#acknowledged(commit, streamSequence, attempts),
      onFailed: (error) => this.#end(error),
    });
    this.#idleTimer = options.clockMode === 'wall' ? setInterval(() => this.#advanceIdleTime(), limits.idleAdvanceMs) : null;
  }

  get engine(): EngineShard {
    return this.#engine;
  }

  get queueDepth(): number {
    return this.#queue.commandCount;
  }

  get acknowledgedSequence(): bigint {
    return this.#publisher.acknowledgedSequence;
  }

  /** Admits one `CommandBatch` message; resolves to its `CommandBatchAnswer` message, always. */
  submit(message: Uint8Array): Promise<Uint8Array> {
    let opened: CommandBatchMessage;
    try {
      opened = openCommandBatch(message);
    } catch (error) {
      return this.#refuse(asFulltapeError(error).code);
    }
    const { ackLevel, flags, commandCount, deadlineNanos } = opened.header;
    if (commandCount === 0 || opened.commands.count === 0) return this.#refuse('MALFORMED_COMMAND_MESSAGE');
    const problem = this.#admissionProblem(ackLevel, (flags & BatchFlag.TimeSupplied) !== 0);
    if (problem !== null) return this.#refuse(problem.code, problem.retryAfterMs);
    const { promise, resolve } = Promise.withResolvers<Uint8Array>();
    const isQueued = this.#queue.offer({
      message,
      ackLevel: ackLevel === AckLevel.Engine ? AckLevel.Engine : AckLevel.Durable,
      timeSupplied: (flags & BatchFlag.TimeSupplied) !== 0,
      // The engine checks the count that the header states; the records bound what it can be.
      commandCount: Math.min(commandCount, opened.commands.count),
      deadlineNanos,
      reply: resolve,
    });
    if (!isQueued) return this.#refuse('BUSY', queueRetryMs);
    this.#schedule();
    return promise;
  }

  /** Stops intake, waits until the broker has everything, answers the rest. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state === 'ended') return;
    this.#state = 'closing';
    if (this.#idleTimer !== null) clearInterval(this.#idleTimer);
    this.#turnAway('SHUTTING_DOWN');
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, timeoutMs);
    await Promise.race([this.#publisher.idle(), timeout.promise]);
    clearTimeout(timer);
    this.#state = 'ended';
    this.#publisher.stop();
    this.#abandonCode = 'UNKNOWN_OUTCOME';
    this.#waiters.abandonAll();
  }

  #refuse(code: ErrorCode, retryAfterMs = 0): Promise<Uint8Array> {
    return Promise.resolve(this.#refusal(code, retryAfterMs));
  }

  #refusal(code: ErrorCode, retryAfterMs = 0): Uint8Array {
    return refusalAnswer(this.#options.shard, code, { epoch: this.#options.epoch, retryAfterMs });
  }

  #admissionProblem(ackLevel: number, isTimeSupplied: boolean): { readonly code: ErrorCode; readonly retryAfterMs?: number } | null {
    if (this.#state === 'closing' || this.#state === 'ended') return { code: 'SHUTTING_DOWN' };
    if (this.#state === 'fencing') return { code: 'NOT_LEADER', retryAfterMs: queueRetryMs };
    if (ackLevel !== AckLevel.Engine && ackLevel !== AckLevel.Durable) return { code: 'INVALID_ARGUMENT' };
    if (isTimeSupplied && this.#options.clockMode === 'wall') return { code: 'FORBIDDEN' };
    if (this.#options.isDiskLow()) return { code: 'BUSY', retryAfterMs: outageRetryMs };
    if (this.#publisher.lagMs > this.#options.limits.lagMsMax) return { code: 'BUSY', retryAfterMs: outageRetryMs };
    return null;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Behind the I/O of this turn: whatever has arrived with it joins the group.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#step();
    });
  }

  #step(): void {
    if (this.#state !== 'serving' || this.#queue.batchCount === 0 || this.#isWindowFull()) return;
    const { limits, clock, clockMode } = this.#options;
    const { nowNanos, jumpNanos } = clock.read();
    const group = this.#queue.takeGroup({ commandsMax: limits.groupCommandsMax, bytesMax: limits.groupBytesMax });
    const inTime = group.filter((batch) => batch.deadlineNanos === 0n || batch.deadlineNanos >= nowNanos || this.#drop(batch, 'TIMED_OUT'));
    const believed = jumpNanos > 0n && clockMode === 'wall' ? this.#refuseJump(inTime, jumpNanos) : inTime;
    try {
      this.#execute(believed, clockMode === 'wall' ? nowNanos : 0n);
    } catch (error) {
      this.#end(asFulltapeError(error));
    }
    if (this.#queue.batchCount > 0) this.#schedule();
  }

  #isWindowFull(): boolean {
    const { inFlightCommitsMax, inFlightBytesMax } = this.#options.limits;
    return this.#publisher.inFlight >= inFlightCommitsMax || this.#publisher.bytesInFlight >= inFlightBytesMax;
  }

  /** Answers without sequencing; false so that a filter leaves the batch out. */
  #drop(batch: QueuedBatch, code: ErrorCode, retryAfterMs = 0): false {
    batch.reply(this.#refusal(code, retryAfterMs));
    return false;
  }

  #refuseJump(batches: readonly QueuedBatch[], jumpNanos: bigint): readonly QueuedBatch[] {
    if (batches.some((batch) => isConfirmation(batch.message))) {
      this.#options.clock.confirm();
      this.#isJumpLogged = false;
      logger.warn({ shard: this.#options.shard, jumpMs: String(jumpNanos / 1_000_000n) }, 'orders.time-jump-confirmed');
      return batches;
    }
    this.#reportJump(jumpNanos);
    return batches.filter((batch) => this.#drop(batch, 'TIME_JUMP', outageRetryMs));
  }

  /** Says it once per jump. */
  #reportJump(jumpNanos: bigint): void {
    if (this.#isJumpLogged) return;
    this.#isJumpLogged = true;
    const remedy = 'correct the clock, or confirm it: fulltape audit confirm-time';
    logger.error({ shard: this.#options.shard, code: 'TIME_JUMP', jumpMs: String(jumpNanos / 1_000_000n), remedy }, 'orders.time-jump');
  }

  #execute(batches: readonly QueuedBatch[], nowNanos: bigint): void {
    const accepted = this.#enqueue(batches);
    const first = accepted[0];
    if (first === undefined) return;
    let step: LentStep;
    try {
      step = this.#executeGroup(nowNanos, first.timeSupplied);
    } catch (error) {
      const fault = asFulltapeError(error);
      if (fault.code === 'ENGINE_POISONED') {
        void this.#isolate(accepted, nowNanos, this.#engine.culpritIndex).catch((cause: unknown) => this.#end(asFulltapeError(cause)));
        return;
      }
      for (const batch of accepted) batch.reply(this.#refusal('UNKNOWN_OUTCOME'));
      throw fault;
    }
    this.#emit(accepted, step);
  }

  /** A full journal lets go of all that the broker has, then the group is tried once more (the engine has kept it). */
  #executeGroup(nowNanos: bigint, timesSupplied: boolean): LentStep {
    try {
      return this.#engine.executeLent(nowNanos, { timesSupplied });
    } catch (error) {
      if (!(error instanceof FulltapeError) || error.code !== 'JOURNAL_FULL') throw error;
      logger.warn({ shard: this.#options.shard, err: error }, 'orders.journal-full');
      this.#engine.journalTrim(this.#engine.journal.acknowledgedCommitNumber);
      return this.#engine.executeLent(nowNanos, { timesSupplied });
    }
  }

  /** Hands the batches to the engine; a batch that it cannot read is answered alone. */
  #enqueue(batches: readonly QueuedBatch[]): readonly QueuedBatch[] {
    const accepted: QueuedBatch[] = [];
    for (const [index, batch] of batches.entries()) {
      try {
        const { commandCount } = this.#engine.enqueue(batch.message);
        accepted.push({ ...batch, commandCount });
      } catch (error) {
        const fault = asFulltapeError(error);
        if (fault.code === 'BATCH_TOO_LARGE' && accepted.length > 0) {
          this.#queue.putBack(batches.slice(index)); // too large only together with what is before it
          break;
        }
        if (!batchFaults.has(fault.code)) {
          for (const waiting of batches.slice(index)) waiting.reply(this.#refusal('UNKNOWN_OUTCOME'));
          for (const waiting of accepted) waiting.reply(this.#refusal('UNKNOWN_OUTCOME'));
          throw fault;
        }
        batch.reply(this.#refusal(fault.code));
      }
    }
    return accepted;
  }

  #emit(batches: readonly QueuedBatch[], step: LentStep): void {
    this.#lastStepMs = performance.now();
    const { shard, epoch } = this.#options;
    const sequences = new Map<bigint, bigint>();
    const headers = step.commits.map((bytes) => {
      const commit = openCommit(bytes);
      const { commitNumber } = commit.header;
      sequences.set(commitNumber, this.#publisher.append({ commitNumber, bytes, hash: commitHash(commit) }));
      return commit.header;
    });
    this.#lent.add(step, headers);
    const completions = completionsOf(headers);
    const answers = answersByBatch(
      step.answers,
      batches.map((batch) => batch.commandCount),
    );
    for (const [index, batch] of batches.entries()) {
      const own: BatchAnswers | undefined = answers[index];
      if (own === undefined) throw new RangeError('a batch without answers');
      const commitNumber = commitThatCompletes(completions, own.lastCommandNumber);
      // A repeated command has the answer of its original, which may still be on its way: it waits for the broker.
      if (batch.ackLevel === AckLevel.Engine && !own.hasDuplicate && this.#options.isLeaseValid()) {
        const streamSequence = sequences.get(commitNumber) ?? 0n;
        batch.reply(batchAnswer(own, { shard, epoch, streamSequence, ackLevel: AckLevel.Engine }));
        continue;
      }
      this.#waiters.add({
        commitNumber,
        acknowledged: (streamSequence) => batch.reply(batchAnswer(own, { shard, epoch, streamSequence, ackLevel: AckLevel.Durable })),
        abandoned: () => batch.reply(this.#refusal(this.#abandonCode)),
      });
    }
  }

  #acknowledged(commit: OutgoingCommit, streamSequence: bigint, attempts: number): void {
    this.#waiters.release(commit.commitNumber, streamSequence);
    try {
      this.#engine.journalAcknowledge(commit.commitNumber);
    } catch (error) {
      this.#end(asFulltapeError(error));
      return;
    }
    this.#options.onAcknowledged(commit, streamSequence);
    this.#lent.acknowledged(commit.commitNumber, attempts);
    if (this.#queue.batchCount > 0) this.#schedule();
  }

  /** Runs a group again on a new engine without the commands that poison it. Ends: each round refuses one more. */
  async #isolate(batches: readonly QueuedBatch[], nowNanos: bigint, firstCulprit: number): Promise<void> {
    this.#state = 'rebuilding';
    const culprits = [firstCulprit];
    for (;;) {
      logger.error(
        { shard: this.#options.shard, culprits, commands: batches.reduce((sum, batch) => sum + batch.commandCount, 0) },
        'orders.engine-poisoned',
      );
      await this.#publisher.idle();
      if (this.#state !== 'rebuilding') break;
      this.#engine = await this.#options.rebuildEngine();
      for (const culprit of culprits) this.#engine.refuseNext(culprit);
      for (const batch of batches) this.#engine.enqueue(batch.message);
      try {
        const step = this.#engine.executeLent(nowNanos, { timesSupplied: batches[0]?.timeSupplied ?? false });
        this.#emit(batches, step);
        this.#state = 'serving';
        this.#schedule();
        return;
      } catch (error) {
        const fault = asFulltapeError(error);
        if (fault.code !== 'ENGINE_POISONED' || culprits.length >= culpritsMax) {
          for (const batch of batches) batch.reply(this.#refusal('UNKNOWN_OUTCOME'));
          throw fault;
        }
        culprits.push(this.#engine.culpritIndex);
      }
    }
    for (const batch of batches) batch.reply(this.#refusal('UNKNOWN_OUTCOME'));
  }

  #advanceIdleTime(): void {
    const { limits } = this.#options;
    if (this.#state !== 'serving' || this.#queue.batchCount > 0 || this.#publisher.inFlight > 0) return;
    if (performance.now() - this.#lastStepMs < limits.idleAdvanceMs || this.#options.isDiskLow()) return;
    const { jumpNanos } = this.#options.clock.read();
    if (jumpNanos > 0n) {
      this.#reportJump(jumpNanos);
      return;
    }
    // Confirmed, because the clocks agree: a gap in the engine's time is then a pause of the writer (a restart, an outage), not a jump.
    const { records, commandCount } = encodeCommands([{ type: 'AdvanceTime', confirmJump: true }]);
    const message = buildCommandBatch({ ackLevel: AckLevel.Durable, flags: 0, commandCount, deadlineNanos: 0n }, records);
    this.#queue.offer({
      message,
      ackLevel: AckLevel.Durable,
      timeSupplied: false,
      commandCount,
      deadlineNanos: 0n,
      reply: () => undefined,
    });
    this.#schedule();
  }

  #turnAway(code: ErrorCode, retryAfterMs = 0): void {
    for (const batch of this.#queue.takeAll()) batch.reply(this.#refusal(code, retryAfterMs));
  }

  #end(error: FulltapeError): void {
    if (this.#state === 'ended') return;
    const wasClosing = this.#state === 'closing';
    this.#state = 'ended';
    if (this.#idleTimer !== null) clearInterval(this.#idleTimer);
    this.#publisher.stop();
    // FENCED is known not to have been stored; with every other error nobody knows.
    this.#abandonCode = error.code === 'FENCED' ? 'FENCED' : 'UNKNOWN_OUTCOME';
    this.#waiters.abandonAll();
    if (error.code === 'FENCED') this.#turnAway('NOT_LEADER', queueRetryMs);
    else this.#turnAway('BUSY', outageRetryMs);
    if (!wasClosing) this.#options.onEnded(error);
  }

  /**
   * Ends writing from outside, as when the lease is lost: nothing more is executed. What is in flight is waited for, because it may still
   * have been stored in time; where it was not, its own refusal says so.
   */
  async fence(error: FulltapeError): Promise<void> {
    if (this.#state === 'ended' || this.#state === 'closing') return;
    this.#state = 'fencing';
    this.#turnAway('NOT_LEADER', queueRetryMs);
    await this.#publisher.idle();
    this.#end(error);
  }
}
