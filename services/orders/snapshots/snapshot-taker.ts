import type { SnapshotStatus } from '#contracts/ports/orders-status.js';
import { FulltapeError } from '#contracts/result/result.js';
import { pause } from '#contracts/time/pause.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import { logger } from '#platform/telemetry/logger.js';
import type { SnapshotLimits } from './snapshot-limits.js';
import type { SnapshotStore } from '#platform/snapshots/snapshot-store.js';

const checkEveryMs = 500;
const acknowledgedPollMs = 20;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export interface SnapshotTakerOptions {
  readonly shard: number;
  readonly store: SnapshotStore;
  readonly limits: SnapshotLimits;
  /** The writer's engine as it is now; it changes when a poisoned one is replaced. */
  readonly engine: () => EngineShard;
  /** Highest commit that the broker has. */
  readonly acknowledged: () => bigint;
}

/**
 * Takes snapshots of the writer's engine while it writes. A slice is one call into the engine in a turn of the event loop of its own, so it
 * always lies between two groups; the store gets the bytes meanwhile. A snapshot becomes visible only when the broker has its commit: one that
 * is ahead of the tape proves that the tape lost its end.
 */
export class SnapshotTaker {
  readonly #options: SnapshotTakerOptions;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #running: Promise<boolean> | null = null;
  #lastCommand: bigint;
  #lastMs = performance.now();
  #taken = 0;
  #failed = 0;
  #last: SnapshotStatus['last'] = null;
  #pauseMsMax = 0;

  constructor(options: SnapshotTakerOptions) {
    this.#options = options;
    this.#lastCommand = options.engine().nextCommandNumber;
    this.#timer = setInterval(() => this.#check(), checkEveryMs);
  }

  status(): SnapshotStatus {
    return { taken: this.#taken, failed: this.#failed, pauseMsMax: this.#pauseMsMax, last: this.#last };
  }

  /** Takes a snapshot now, or waits for the one that runs. Whether one is stored. */
  async take(): Promise<boolean> {
    this.#running ??= this.#take().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Gives up what runs; the engine may be closed when this resolves. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  /** A last snapshot of an engine that executes nothing any more, then `stop`. Never throws. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    const timer = setTimeout(() => this.#stopping.abort(), this.#options.limits.stopTimeoutMs);
    try {
      await this.#running; // of an earlier commit
      if (this.#options.engine().nextCommandNumber > this.#lastCommand) await this.take();
    } catch (error) {
      logger.warn({ shard: this.#options.shard, err: error }, 'orders.snapshot-failed'); // the engine is gone
    } finally {
      clearTimeout(timer);
    }
    await this.stop();
  }

  #check(): void {
    const { engine, limits } = this.#options;
    if (this.#running !== null || !engine().isOpen) return;
    const commands = engine().nextCommandNumber - this.#lastCommand;
    const isOld = performance.now() - this.#lastMs >= limits.everyMs;
    if (commands >= BigInt(limits.everyCommands) || (commands > 0n && isOld)) void this.take();
  }

  async #take(): Promise<boolean> {
    const { shard, store, limits } = this.#options;
    const engine = this.#options.engine();
    const startedMs = performance.now();
    this.#lastMs = startedMs;
    let object: Awaited<ReturnType<SnapshotStore['create']>> | null = null;
    try {
      const name = { commitNumber: engine.headCommitNumber, commitHash: engine.headHash };
      const nextCommandNumber = engine.nextCommandNumber;
      this.#timed(() => engine.snapshotBegin());
      object = await store.create(name);
      while (engine.snapshotState !== 'none') {
        await turn();
        if (this.#stopping.signal.aborted) throw new FulltapeError('SHUTTING_DOWN', { shard: String(shard) });
        if (engine.snapshotState === 'copying') this.#timed(() => engine.snapshotAdvance(limits.entitiesPerSlice));
        const piece = this.#timed(() => engine.snapshotTake());
        if (piece !== null) await object.write(piece);
      }
      while (this.#options.acknowledged() < name.commitNumber) {
        await pause(acknowledgedPollMs, this.#stopping.signal);
        if (this.#stopping.signal.aborted || !engine.isOpen) throw new FulltapeError('SHUTTING_DOWN', { shard: String(shard) });
      }
      const { bytes } = await object.finish();
      this.#lastCommand = nextCommandNumber;
      this.#taken += 1;
      const durationMs = performance.now() - startedMs;
      this.#last = { commitNumber: String(name.commitNumber), bytes, durationMs, takenAt: new Date().toISOString() };
      logger.info({ shard, ...this.#last, pauseMsMax: this.#pauseMsMax }, 'orders.snapshot-taken');
      await store.keepNewest(limits.kept);
      return true;
    } catch (error) {
      await object?.abort();
      if (engine.isOpen) this.#cancel(engine);
      if (this.#stopping.signal.aborted) return false;
      this.#failed += 1;
      const remedy = 'the tape is complete without it; look at the disk of the data folder';
      logger.warn({ shard, err: error, remedy }, 'orders.snapshot-failed');
      return false;
    }
  }

  #cancel(engine: EngineShard): void {
    try {
      engine.snapshotCancel();
    } catch {
      // A poisoned engine runs no snapshot any more.
    }
  }

  /** Notes how long the writer had to stand still. */
  #timed<Value>(call: () => Value): Value {
    const startedMs = performance.now();
    const value = call();
    this.#pauseMsMax = Math.max(this.#pauseMsMax, performance.now() - startedMs);
    return value;
  }
}
