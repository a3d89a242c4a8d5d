import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { FulltapeError } from '#contracts/result/result.js';
import type { EngineLibrary } from '#platform/engine/engine-library.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import { tapeHashes, tapeMembership } from '#platform/tape/tape-membership.js';
import type { TapeHeadKey } from '#platform/tape/tape-head.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';
import type { RepairAnswer } from '#platform/tape/repair-protocol.js';
import { logger } from '#platform/telemetry/logger.js';
import type { ProcessIdentity } from '../lease/process-identity.js';
import { ShardLease, type LeaseTimes } from '../lease/shard-lease.js';
import { compareJournal } from '../recovery/compare-journal.js';
import { repairTape } from '../recovery/repair-tape.js';
import { rolledBackError } from '../recovery/rolled-back.js';
import { tellRevoked } from '../recovery/tell-revoked.js';
import { finishTape, openEpoch, type TakeOverOptions } from '../recovery/take-over.js';
import { replayTape, TapeFollower } from '../recovery/tape-follower.js';
import { TapeHeads } from '../recovery/tape-heads.js';
import { refusalAnswer } from '../writer/batch-answers.js';
import { FreeDisk } from '../writer/free-disk.js';
import { JournalKeeper } from '../writer/journal-keeper.js';
import { ShardWriter, type OrdersClock } from '../writer/shard-writer.js';
import { TapePublisher, type OutgoingCommit } from '../writer/tape-publisher.js';
import { WriterClock } from '../writer/writer-clock.js';
import type { WriterLimits } from '../writer/writer-limits.js';
import { restoreNewest } from '#platform/snapshots/restore-newest.js';
import type { SnapshotLimits } from '../snapshots/snapshot-limits.js';
import type { SnapshotStore } from '#platform/snapshots/snapshot-store.js';
import { SnapshotTaker } from '../snapshots/snapshot-taker.js';
import { asFulltapeError } from './error-of-store.js';
import { openShardEngine, setAsideJournal, type JournaledShardConfig } from './open-shard-engine.js';

export interface ShardServiceOptions {
  readonly connection: NatsConnection;
  readonly shard: number;
  readonly identity: ProcessIdentity;
  readonly library: EngineLibrary;
  readonly engine: JournaledShardConfig;
  readonly leaseBucket: KV;
  readonly headBucket: KV;
  readonly headKey: TapeHeadKey;
  /** Highest command number that a read model of this shard has applied; null when that is not known. */
  readonly projectedMark: () => Promise<bigint | null>;
  readonly revokedBucket: KV;
  readonly limits: WriterLimits;
  readonly snapshots: SnapshotStore;
  readonly snapshotLimits: SnapshotLimits;
  readonly clockMode: OrdersClock;
  readonly leaseTimes?: LeaseTimes;
  readonly clock?: WriterClock;
  /** The process cannot go on with this shard: fenced, or the tape cannot be followed. Called once. */
  readonly onFatal: (error: FulltapeError) => void;
  /** Called when the state changes, so that subjects can be served or left. */
  readonly onRole: (role: OrdersStatus['role']) => void;
}

const leaseAttemptMs = 250;
const drainTimeoutMs = 4_000;
/** A take-over that another writer disturbs is begun again this often before it is given up. */
const rebuildsMax = 20;
const rebuildPauseMs = 500;

type Ending =
  | { readonly type: 'closed' }
  | { readonly type: 'rebuild'; readonly error: FulltapeError }
  | { readonly type: 'fatal'; readonly error: FulltapeError };

/**
 * One shard of this process through its states: follow the tape as standby, take the lease, recover, write; or refuse to write while the
 * broker holds less than it acknowledged.
 */
export class ShardService {
  readonly #options: ShardServiceOptions;
  readonly #lease: ShardLease;
  readonly #heads: TapeHeads;
  readonly #disk: FreeDisk;
  readonly #stopping = new AbortController();
  readonly #settled = Promise.withResolvers<void>();
  #role: OrdersStatus['role'] = 'recovering';
  #engine: EngineShard | null = null;
  #follower: TapeFollower | null = null;
  #writer: ShardWriter | null = null;
  #taker: SnapshotTaker | null = null;
  /** Commit of the snapshot that the engine began with. */
  #restoredCommit = 0n;
  /** Highest commit of which there was a snapshot when the engine was opened. */
  #witnessedCommit = 0n;
  #appliedCommits = 0;
  #sequence = 0n;
  #acknowledged = 0n;
  #repair: { readonly run: () => Promise<RepairAnswer> } | null = null;
  #running: Promise<void> | null = null;
  #isStarted = false;

  constructor(options: ShardServiceOptions) {
    this.#options = options;
    const { leaseBucket, headBucket, headKey, shard, identity, leaseTimes } = options;
    this.#lease = new ShardLease({ bucket: leaseBucket, shard, identity, ...(leaseTimes === undefined ? {} : { times: leaseTimes }) });
    this.#heads = new TapeHeads(headBucket, shard, headKey);
    this.#disk = new FreeDisk(options.engine.journalDir, options.limits.freeDiskBytesMin);
  }

  /** Resolves when the shard writes, stands by behind a living writer, or refuses to write. @throws FulltapeError when it cannot. */
  async start(): Promise<void> {
    await this.#disk.check();
    this.#running = this.#run();
    await this.#settled.promise;
    this.#isStarted = true;
  }

  get role(): OrdersStatus['role'] {
    return this.#role;
  }

  /** Answers one `CommandBatch` message with its `CommandBatchAnswer` message, whatever the state. */
  submit(message: Uint8Array): Promise<Uint8Array> {
    const { shard } = this.#options;
    if (this.#role === 'rolledBack') return Promise.resolve(refusalAnswer(shard, 'TAPE_ROLLED_BACK'));
    if (this.#stopping.signal.aborted) return Promise.resolve(refusalAnswer(shard, 'SHUTTING_DOWN'));
    if (this.#writer === null) return Promise.resolve(refusalAnswer(shard, 'BUSY', { retryAfterMs: leaseAttemptMs }));
    return this.#writer.submit(message);
  }

  status(): OrdersStatus {
    const engine = this.#writer?.engine ?? this.#engine;
    const isReadable = engine?.isOpen === true;
    return {
      shard: this.#options.shard,
      nodeId: this.#options.identity.nodeId,
      role: this.#role,
      epoch: String(isReadable ? engine.epoch : 0n),
      nextCommandNumber: String(isReadable ? engine.nextCommandNumber : 0n),
      headCommitNumber: String(isReadable ? engine.headCommitNumber : 0n),
      headHash: isReadable ? engine.headHash : '',
      streamSequence: String(this.#writer?.acknowledgedSequence ?? this.#follower?.lastSequence ?? this.#sequence),
      acknowledgedCommitNumber: String(this.#acknowledged),
      stateHash: isReadable ? engine.stateHash() : '',
      engineTimeNanos: String(isReadable ? engine.engineTimeNanos : 0n),
      openOrders: isReadable ? engine.openOrders : 0,
      trades: String(isReadable ? engine.trades : 0n),
      queueDepth: this.#writer?.queueDepth ?? 0,
      recovery: {
        snapshotCommitNumber: String(this.#restoredCommit),
        appliedCommits: this.#follower?.appliedCommits ?? this.#appliedCommits,
      },
      snapshots: this.#taker?.status() ?? null,
    };
  }

  /** Publishes from the journal what the broker lost, and goes on to write. Only in the state `rolledBack`. */
  async repair(): Promise<RepairAnswer> {
    if (this.#repair === null) {
      return {
        status: 'refused',
        nodeId: this.#options.identity.nodeId,
        code: 'INVALID_ARGUMENT',
        message: `nothing to repair: the shard is ${this.#role}`,
      };
    }
    return this.#repair.run();
  }

  /** Stops intake, waits for the broker, gives the lease back. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#writer?.close(drainTimeoutMs);
    await this.#running;
    this.#disk.close();
  }

  async #run(): Promise<void> {
    let rebuilds = 0;
    for (;;) {
      const startedMs = performance.now();
      const ending = await this.#live().catch((error: unknown): Ending => this.#endingOf(asFulltapeError(error)));
      this.#writer = null;
      await this.#taker?.stop();
      this.#taker = null;
      await this.#follower?.stop();
      this.#follower = null;
      this.#closeEngine();
      if (ending.type === 'rebuild' && !this.#stopping.signal.aborted) {
        rebuilds = performance.now() - startedMs > 60_000 ? 1 : rebuilds + 1;
        logger.error({ shard: this.#options.shard, code: ending.error.code, err: ending.error, rebuilds }, 'orders.rebuild');
        if (ending.error.code === 'JOURNAL_CORRUPT') setAsideJournal(this.#options.engine, ending.error);
        this.#setRole('recovering');
        if (rebuilds <= rebuildsMax) {
          await this.#pause(rebuildPauseMs);
          continue;
        }
      }
      await this.#leave(ending);
      return;
    }
  }

  #endingOf(error: FulltapeError): Ending {
    if (this.#stopping.signal.aborted) return { type: 'closed' };
    switch (error.code) {
      case 'UNKNOWN_OUTCOME':
      case 'STORE_UNAVAILABLE':
      case 'TAPE_ROLLED_BACK':
      case 'ENGINE_POISONED':
      case 'JOURNAL_CORRUPT':
        return { type: 'rebuild', error };
      case 'FENCED':
        // Disturbed while taking over: the writer before still appended. The lease is ours, so the next attempt reads on from there.
        return this.#writer === null && this.#lease.isValid ? { type: 'rebuild', error } : { type: 'fatal', error };
      default:
        return { type: 'fatal', error };
    }
  }

  async #leave(ending: Ending): Promise<void> {
    try {
      if (ending.type === 'closed') await this.#heads.flush();
    } catch (error) {
      logger.warn({ shard: this.#options.shard, err: error }, 'orders.head-not-recorded');
    }
    this.#heads.stop();
    try {
      if (ending.type === 'fatal' && ending.error.code === 'FENCED') this.#lease.stop();
      else await this.#lease.release();
    } catch (error) {
      logger.warn({ shard: this.#options.shard, err: error }, 'orders.lease-not-released');
    }
    if (ending.type === 'closed') {
      this.#settled.resolve();
      return;
    }
    const { error } = ending;
    if (error.code === 'FENCED') {
      this.#setRole('fenced');
      logger.error(
        {
          shard: this.#options.shard,
          code: error.code,
          err: error,
          remedy: 'another process writes the shard; this one restarts as its standby',
        },
        'orders.fenced',
      );
    } else {
      logger.error({ shard: this.#options.shard, code: error.code, err: error }, 'orders.shard-failed');
    }
    this.#settled.reject(error);
    if (this.#isStarted) this.#options.onFatal(error);
  }

  /** One life of an engine: standby, take-over, writer. */
  async #live(): Promise<Ending> {
    const { connection, shard } = this.#options;
    const failed = Promise.withResolvers<Ending>();
    const engine = await this.#openEngine();
    if (engine === null) return { type: 'closed' };
    const follower = new TapeFollower({
      connection,
      shard,
      engine,
      onFailed: (error) => failed.resolve(this.#endingOf(error)),
    });
    this.#follower = follower;
    // A take-over that waits for a broker that is away must not hold up a stop.
    this.#stopping.signal.addEventListener('abort', () => void follower.stop(), { once: true });
    if (!this.#lease.isHeld) {
      const ending = await Promise.race([this.#acquire(), failed.promise]);
      if (ending !== null) return ending;
    } else await this.#lease.raiseEpoch();
    this.#setRole('recovering');
    this.#lease.startRenewing((error) => this.#fenced(error));
    const extent = await tapeExtent(connection, shard);
    await follower.reach(extent.lastSequence);
    await follower.stop();
    if (this.#stopping.signal.aborted) return { type: 'closed' };
    return this.#takeOver(engine, follower);
  }

  async #acquire(): Promise<Ending | null> {
    let attempts = 0;
    while (!this.#stopping.signal.aborted) {
      const outcome = await this.#lease.tryAcquire().catch((error: unknown) => {
        if (attempts % 20 === 0) logger.warn({ shard: this.#options.shard, err: error }, 'orders.lease-unavailable');
        return 'unavailable' as const;
      });
      if (outcome === 'acquired') {
        logger.info({ shard: this.#options.shard, epoch: String(this.#lease.epoch) }, 'orders.lease-acquired');
        return null;
      }
      attempts += 1;
      // The first look may be at the lease of a writer that is gone; behind a living one this process is a standby.
      if (outcome === 'held' && attempts * leaseAttemptMs > 4_000) {
        this.#setRole('standby');
        this.#settled.resolve();
      }
      await this.#pause(leaseAttemptMs);
    }
    return { type: 'closed' };
  }

  async #takeOver(engine: EngineShard, follower: TapeFollower): Promise<Ending> {
    const { shard } = this.#options;
    this.#sequence = follower.lastSequence;
    this.#appliedCommits = follower.appliedCommits;
    const heldBytes = follower.journaledBytes + (await this.#bytesBeforeSnapshot(engine));
    const keeper = new JournalKeeper(this.#options.limits.journalKeepBytes, heldBytes);
    const options = this.#takeOverOptions(engine, keeper, follower.lastSequence);
    const lost = rolledBackError({
      shard,
      head: { commitNumber: engine.headCommitNumber, hash: engine.headHash, lastCommandNumber: engine.nextCommandNumber - 1n },
      journalAcknowledged: engine.journal.acknowledgedCommitNumber,
      recorded: await this.#heads.read(),
      projected: await this.#options.projectedMark(),
      snapshot: this.#witnessedCommit,
    });
    this.#acknowledged = engine.headCommitNumber;
    if (lost !== null && lost.code !== 'TAPE_ROLLED_BACK') return { type: 'fatal', error: lost };
    if (lost !== null) return this.#refuseToWrite(options, lost, keeper);
    const finished = await finishTape(options);
    if (finished.republished.length > 0) {
      logger.warn(
        { shard, commits: finished.republished.length, orphanedCommands: finished.orphanedCommands },
        'orders.journal-tail-republished',
      );
    }
    await tellRevoked({
      bucket: this.#options.revokedBucket,
      journalDir: this.#options.engine.journalDir,
      shard,
      isOnTape: tapeMembership(this.#options.connection, shard),
      nowMs: Date.now(),
    });
    return this.#write({ ...options, lastSequence: finished.lastSequence }, keeper);
  }

  #takeOverOptions(engine: EngineShard, keeper: JournalKeeper, lastSequence: bigint): TakeOverOptions {
    const { connection, shard, limits } = this.#options;
    return {
      connection,
      shard,
      engine,
      lastSequence,
      ackTimeoutMs: limits.ackTimeoutMs,
      giveUpMs: limits.giveUpMs,
      onAcknowledged: (commit, streamSequence) => this.#noteAcknowledged(engine, keeper, commit, streamSequence),
    };
  }

  #noteAcknowledged(engine: EngineShard, keeper: JournalKeeper, commit: OutgoingCommit, streamSequence: bigint): void {
    this.#acknowledged = commit.commitNumber;
    this.#sequence = streamSequence;
    this.#heads.note({ commitNumber: commit.commitNumber, streamSequence, hash: commit.hash });
    const trimTo = keeper.acknowledged(commit.commitNumber, commit.bytes.byteLength);
    if (trimTo !== null) engine.journalTrim(trimTo);
  }

  async #write(options: TakeOverOptions, keeper: JournalKeeper): Promise<Ending> {
    const { connection, shard, limits, clockMode } = this.#options;
    if (this.#lease.epoch <= options.engine.epoch) await this.#lease.raiseEpoch(options.engine.epoch);
    const lastSequence = await openEpoch(options, this.#lease.epoch);
    if (this.#stopping.signal.aborted) return { type: 'closed' };
    const ended = Promise.withResolvers<Ending>();
    const writer: ShardWriter = new ShardWriter({
      shard,
      epoch: this.#lease.epoch,
      engine: options.engine,
      clockMode,
      clock: this.#options.clock ?? new WriterClock(),
      limits,
      startPublisher: (callbacks) =>
        new TapePublisher({ connection, shard, lastSequence, ackTimeoutMs: limits.ackTimeoutMs, giveUpMs: limits.giveUpMs, ...callbacks }),
      isLeaseValid: () => this.#lease.isValid,
      isDiskLow: () => this.#disk.isLow,
      onAcknowledged: (commit, streamSequence) => this.#noteAcknowledged(writer.engine, keeper, commit, streamSequence),
      rebuildEngine: () => this.#rebuildEngine(),
      onEnded: (error) => ended.resolve(this.#endingOf(error)),
    });
    this.#writer = writer;
    this.#taker = new SnapshotTaker({
      shard,
      store: this.#options.snapshots,
      limits: this.#options.snapshotLimits,
      engine: () => writer.engine,
      acknowledged: () => this.#acknowledged,
    });
    this.#setRole('writer');
    logger.info(
      { shard, epoch: String(this.#lease.epoch), commitNumber: String(options.engine.headCommitNumber), clock: clockMode },
      'orders.writing',
    );
    this.#settled.resolve();
    const closed = Promise.withResolvers<Ending>();
    this.#stopping.signal.addEventListener('abort', () => closed.resolve({ type: 'closed' }), { once: true });
    const ending = await Promise.race([ended.promise, closed.promise]);
    if (ending.type === 'closed') {
      await writer.close(drainTimeoutMs);
      await this.#taker.finish();
    }
    return ending;
  }

  /** A new engine at the end of the tape, after the old one met a fault. Everything it had committed is on the tape. */
  async #rebuildEngine(): Promise<EngineShard> {
    const { connection, shard } = this.#options;
    this.#closeEngine();
    const engine = await this.#openEngine();
    if (engine === null) throw new FulltapeError('SHUTTING_DOWN', { shard: String(shard) });
    await replayTape({ connection, shard, engine });
    return engine;
  }

  /** The engine at its newest snapshot, or at the beginning of the tape; null when the process is asked to stop. */
  async #openEngine(): Promise<EngineShard | null> {
    const { connection, shard, engine, library, snapshots } = this.#options;
    const tapeEnd = await this.#tapeEnd();
    if (tapeEnd === null) return null;
    const restored = await restoreNewest({
      shard,
      store: snapshots,
      isOnTape: tapeMembership(connection, shard),
      tapeEnd,
      open: () => openShardEngine(engine, library),
    });
    this.#engine = restored.engine;
    this.#restoredCommit = restored.engine.headCommitNumber;
    this.#witnessedCommit = restored.witnessedCommitNumber;
    await compareJournal(restored.engine, tapeHashes(connection, shard));
    return restored.engine;
  }

  /** Last commit that the broker holds; a broker that is away is waited for. */
  async #tapeEnd(): Promise<bigint | null> {
    const { connection, shard } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        return (await tapeExtent(connection, shard)).lastSequence;
      } catch (error) {
        if (!(error instanceof FulltapeError) || error.code !== 'STORE_UNAVAILABLE' || connection.isClosed()) throw error;
        await this.#pause(leaseAttemptMs);
      }
    }
    return null;
  }

  /** About how many bytes of commits up to the snapshot the journal holds: the follower has not seen them. */
  async #bytesBeforeSnapshot(engine: EngineShard): Promise<number> {
    const { firstCommitNumber } = engine.journal;
    if (firstCommitNumber === 0n || firstCommitNumber > this.#restoredCommit) return 0;
    const { messages, bytes } = await tapeExtent(this.#options.connection, this.#options.shard);
    return messages === 0n ? 0 : Number(((this.#restoredCommit - firstCommitNumber + 1n) * bytes) / messages);
  }

  /** Holds the lease and answers TAPE_ROLLED_BACK until an operator orders the repair. */
  async #refuseToWrite(options: TakeOverOptions, lost: FulltapeError, keeper: JournalKeeper): Promise<Ending> {
    if (this.#stopping.signal.aborted) return { type: 'closed' };
    const { shard, identity } = this.#options;
    const done = Promise.withResolvers<Ending | null>();
    this.#setRole('rolledBack');
    logger.error({ shard, code: lost.code, err: lost, remedy: 'fulltape audit repair' }, 'orders.tape-rolled-back');
    const run = async (): Promise<RepairAnswer> => {
      this.#repair = null;
      try {
        const { lastSequence, ...found } = await repairTape(options, this.#heads, {
          projected: await this.#options.projectedMark(),
          snapshot: this.#witnessedCommit,
        });
        this.#sequence = lastSequence;
        done.resolve(null);
        return { status: 'repaired', nodeId: identity.nodeId, ...found };
      } catch (error) {
        const failure = asFulltapeError(error);
        // The engine has gone ahead of the tape: begin again from the tape, which shows where the repair got to.
        done.resolve({ type: 'rebuild', error: failure });
        return { status: 'refused', nodeId: identity.nodeId, code: failure.code, message: failure.message };
      }
    };
    this.#repair = { run };
    this.#settled.resolve();
    this.#stopping.signal.addEventListener('abort', () => done.resolve({ type: 'closed' }), { once: true });
    const ending = await done.promise;
    this.#repair = null;
    if (ending !== null) return ending;
    this.#setRole('recovering');
    return this.#write({ ...options, lastSequence: this.#sequence }, keeper);
  }

  #fenced(error: FulltapeError): void {
    void this.#writer?.fence(error);
  }

  #closeEngine(): void {
    try {
      this.#engine?.close();
    } catch (error) {
      logger.warn({ shard: this.#options.shard, err: error }, 'orders.engine-not-closed');
    }
    this.#engine = null;
  }

  #setRole(role: OrdersStatus['role']): void {
    if (this.#role === role) return;
    this.#role = role;
    this.#options.onRole(role);
  }

  async #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const finish = (): void => resolve();
    const timer = setTimeout(finish, delayMs);
    this.#stopping.signal.addEventListener('abort', finish, { once: true });
    await promise;
    clearTimeout(timer);
    this.#stopping.signal.removeEventListener('abort', finish);
  }
}
