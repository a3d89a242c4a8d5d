import { FulltapeError } from '#contracts/result/result.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import type { IsOnTape } from '#platform/tape/orphan-files.js';
import { logger } from '#platform/telemetry/logger.js';
import type { SnapshotStore, StoredSnapshot } from './snapshot-store.js';

/** Bytes after which the event loop gets a turn: a restore must not starve the lease. */
const bytesPerTurn = 4 * 1_024 * 1_024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An engine to follow the tape with, and what the snapshots say of it. */
export interface Restored {
  /** Stands behind the commit of a snapshot, or at the beginning. */
  readonly engine: EngineShard;
  /** Highest commit of which there is a snapshot, wherever the tape ends; 0n = none. It was acknowledged by the broker. */
  readonly witnessedCommitNumber: bigint;
}

/** Orders after which the event loop gets a turn: some 50 ms. */
const ordersPerTurn = 50_000;

const restore = async (engine: EngineShard, store: SnapshotStore, snapshot: StoredSnapshot, perTurn: number): Promise<void> => {
  let sinceTurn = 0;
  for await (const piece of store.read(snapshot)) {
    if (piece.byteLength === 0) continue;
    engine.restore(piece);
    sinceTurn += piece.byteLength;
    if (sinceTurn < bytesPerTurn) continue;
    sinceTurn = 0;
    await turn();
  }
  while (!engine.restoreAdvance(perTurn)) await turn();
  engine.restoreFinish();
};

/**
 * Opens an engine at the newest snapshot that is whole and stands on the tape: the commit of its name is in the broker with the hash of its
 * name. Others are passed over with a word: what is ahead of the tape bears witness, what is damaged is left for a look. Without any the
 * engine stands at the beginning, where the tape alone is enough.
 * @throws FulltapeError STORE_UNAVAILABLE when the broker cannot be asked, and what `open` throws
 */
export const restoreNewest = async (options: {
  readonly shard: number;
  readonly open: () => EngineShard;
  readonly store: SnapshotStore;
  readonly isOnTape: IsOnTape;
  /** Last commit that the broker holds. */
  readonly tapeEnd: bigint;
  /** Which of those that are on the tape will do; all of them unless it is named. */
  readonly isWanted?: (snapshot: StoredSnapshot) => Promise<boolean>;
  /** Orders, or remembered commands, of the state that are made before the event loop gets a turn; default 50,000. */
  readonly ordersPerTurn?: number;
}): Promise<Restored> => {
  const { shard, open, store, isOnTape, tapeEnd, isWanted = () => Promise.resolve(true) } = options;
  let snapshots: readonly StoredSnapshot[] = [];
  try {
    snapshots = await store.list();
  } catch (error) {
    logger.warn({ shard, err: error, remedy: 'the tape is replayed from its beginning' }, 'orders.snapshots-not-listed');
  }
  const witnessedCommitNumber = snapshots[0]?.commitNumber ?? 0n;
  for (const snapshot of snapshots) {
    const { key, bytes, commitNumber, commitHash } = snapshot;
    if (commitNumber > tapeEnd) {
      logger.warn({ shard, key, tapeEnd: String(tapeEnd) }, 'orders.snapshot-ahead-of-tape');
      continue;
    }
    if (commitNumber > 0n && !(await isOnTape({ commitNumber, hash: commitHash }))) {
      const remedy = 'fulltape audit verify; an older snapshot or the whole tape is used';
      logger.error({ shard, key, code: 'TAPE_CORRUPT', remedy }, 'orders.snapshot-not-on-tape');
      continue;
    }
    if (!(await isWanted(snapshot))) continue;
    const startedMs = performance.now();
    const engine = open();
    try {
      await restore(engine, store, snapshot, options.ordersPerTurn ?? ordersPerTurn);
      if (engine.headCommitNumber !== commitNumber || engine.headHash !== commitHash) {
        throw new FulltapeError('SNAPSHOT_CORRUPT', { key, holds: String(engine.headCommitNumber), why: 'the name is of another one' });
      }
    } catch (error) {
      engine.close();
      if (!(error instanceof FulltapeError)) throw error;
      const remedy = 'an older snapshot or the whole tape is used; check the disk, then delete the file';
      logger.error({ shard, key, code: error.code, err: error, remedy }, 'orders.snapshot-refused');
      continue;
    }
    const milliseconds = Math.round(performance.now() - startedMs);
    logger.info({ shard, key, bytes, milliseconds, openOrders: engine.openOrders }, 'orders.snapshot-restored');
    return { engine, witnessedCommitNumber };
  }
  return { engine: open(), witnessedCommitNumber };
};
