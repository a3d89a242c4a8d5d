import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '#contracts/ports/object-store.js';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { batchOf, flowOrder, openMarket } from '#platform/engine/testing/market.js';
import { FolderObjectStore } from '#platform/objects/folder-object-store.js';
import { restoreNewest } from '#platform/snapshots/restore-newest.js';
import { defaultSnapshotLimits } from './snapshot-limits.js';
import { SnapshotStore, type StoredSnapshot } from '#platform/snapshots/snapshot-store.js';
import { SnapshotTaker } from './snapshot-taker.js';

const config = { shard: 0, maxOrders: 16_384, maxAccounts: 64, maxInstruments: 16 };
const open = (): EngineShard => EngineShard.open(config);
const engines: EngineShard[] = [];
let dir: string;
let store: SnapshotStore;
let writer: EngineShard;
/** Hash by commit: what the broker holds. */
let tape: Map<bigint, string>;

const execute = (from: number, count: number): void => {
  writer.enqueue(batchOf(Array.from({ length: count }, (_, index) => flowOrder(from + index, 's'))));
  writer.execute(0n, { timesSupplied: true });
  tape.set(writer.headCommitNumber, writer.headHash);
};

const takerOf = (acknowledged: () => bigint = () => writer.headCommitNumber): SnapshotTaker =>
  new SnapshotTaker({
    shard: 0,
    store,
    limits: { ...defaultSnapshotLimits, entitiesPerSlice: 20, kept: 2 },
    engine: () => writer,
    acknowledged,
  });

const restore = async (tapeEnd = writer.headCommitNumber) => {
  const isOnTape = ({ commitNumber, hash }: { commitNumber: bigint; hash: string }): Promise<boolean> =>
    Promise.resolve(tape.get(commitNumber) === hash);
  const restored = await restoreNewest({ shard: 0, open, store, isOnTape, tapeEnd });
  engines.push(restored.engine);
  return restored;
};

const pathOf = ({ key }: StoredSnapshot): string => join(dir, key);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fulltape-snapshots-'));
  store = new SnapshotStore(new FolderObjectStore(dir), 0);
  writer = open();
  engines.push(writer);
  tape = new Map();
  writer.startEpoch(7n);
  writer.enqueue(batchOf(openMarket));
  execute(0, 200);
});
afterEach(() => {
  for (const engine of engines.splice(0)) engine.close();
  rmSync(dir, { recursive: true });
});

describe('snapshots of a writer', () => {
  it('are taken while it writes, and an engine goes on from the newest one', async () => {
    const taker = takerOf();
    const running = taker.take();
    const [at, expected] = [writer.headCommitNumber, writer.stateHash()];
    // Further groups between the slices.
    for (let group = 0; taker.status().taken === 0; group += 1) {
      execute(200 + group * 5, 5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await running).toBe(true);
    const restored = await restore();
    expect(restored.engine.headCommitNumber).toBe(at);
    expect(restored.engine.headHash).toBe(tape.get(at));
    expect([restored.engine.stateHash(), restored.engine.epoch]).toEqual([expected, 7n]);
    expect(restored.engine.stateHash()).not.toBe(writer.stateHash());
    expect(taker.status()).toMatchObject({ taken: 1, failed: 0, last: { commitNumber: String(at) } });
    await taker.stop();
  });

  it('become visible only when the broker has their commit', async () => {
    let acknowledged = 0n;
    const taker = takerOf(() => acknowledged);
    const taking = taker.take();
    await waitUntil(() => writer.snapshotState === 'none', { timeoutMs: 5_000, what: 'the last piece' });
    expect(await store.list()).toEqual([]);
    acknowledged = writer.headCommitNumber;
    expect(await taking).toBe(true);
    expect(await store.list()).toHaveLength(1);
    await taker.stop();
  });

  it('leave nothing behind when they are given up', async () => {
    const taker = takerOf(() => 0n);
    const taking = taker.take();
    await taker.stop();
    expect(await taking).toBe(false);
    expect(await store.list()).toEqual([]);
    expect(writer.snapshotState).toBe('none');
    expect(taker.status()).toMatchObject({ taken: 0, failed: 0 });
  });

  it('end with the engine that they are taken of', async () => {
    const taker = takerOf();
    const taking = taker.take();
    writer.close();
    expect(await taking).toBe(false);
    expect(taker.status().failed).toBe(1);
    await taker.finish();
    expect(await store.list()).toEqual([]);
  });

  it('keep as many as they are told to, and a stop takes one more when something was executed', async () => {
    const taker = takerOf();
    for (let round = 0; round < 4; round += 1) {
      execute(300 + round * 10, 10);
      expect(await taker.take()).toBe(true);
    }
    expect((await store.list()).map(({ commitNumber }) => commitNumber)).toEqual(
      [5n, 4n].map((back) => writer.headCommitNumber - 5n + back),
    );
    await taker.finish();
    expect(taker.status().taken).toBe(4);
    const another = takerOf();
    execute(400, 1);
    await another.finish();
    expect((await store.list())[0]?.commitNumber).toBe(writer.headCommitNumber);
  });
});

describe('the newest snapshot that can be used', () => {
  /** Two snapshots; returns the names, newest first. */
  const takeTwo = async (): Promise<readonly [StoredSnapshot, StoredSnapshot]> => {
    const taker = takerOf();
    await taker.take();
    execute(900, 10);
    await taker.take();
    await taker.stop();
    const [newest, older] = await store.list();
    if (newest === undefined || older === undefined) throw new Error('two snapshots were taken');
    return [newest, older];
  };

  it('is the older one when the newest is damaged, cut, or not the one of its name', async () => {
    const [newest, older] = await takeTwo();
    const whole = readFileSync(pathOf(newest));
    const flipped = Uint8Array.from(whole);
    flipped[whole.byteLength >> 1] = (flipped[whole.byteLength >> 1] ?? 0) ^ 1;
    for (const bad of [flipped, whole.subarray(0, whole.byteLength - 5), whole.subarray(0, 0), readFileSync(pathOf(older))]) {
      writeFileSync(pathOf(newest), bad);
      const { engine, witnessedCommitNumber } = await restore();
      expect(engine.headCommitNumber).toBe(older.commitNumber);
      expect(witnessedCommitNumber).toBe(newest.commitNumber);
    }
  });

  it('is the older one when the newest is ahead of the tape, which it bears witness against', async () => {
    const [newest, older] = await takeTwo();
    const { engine, witnessedCommitNumber } = await restore(older.commitNumber);
    expect([engine.headCommitNumber, witnessedCommitNumber]).toEqual([older.commitNumber, newest.commitNumber]);
  });

  it('is the older one when the tape holds another commit in the place of the newest', async () => {
    const [newest, older] = await takeTwo();
    tape.set(newest.commitNumber, 'ab'.repeat(32));
    expect((await restore()).engine.headCommitNumber).toBe(older.commitNumber);
  });

  it('gives the event loop a turn between the steps in which the state is made', async () => {
    const [newest] = await takeTwo();
    const { openOrders } = (await restore()).engine;
    const stepsWith = async (ordersPerTurn: number): Promise<number> => {
      let [turned, running] = [0, true];
      const count = (): void => {
        turned += 1;
        if (running) setImmediate(count);
      };
      const turnsAtSteps: number[] = [];
      const restoring = restoreNewest({
        shard: 0,
        open: () => {
          const engine = open();
          const advance = engine.restoreAdvance.bind(engine);
          engine.restoreAdvance = (budget) => {
            turnsAtSteps.push(turned);
            return advance(budget);
          };
          return engine;
        },
        store,
        isOnTape: () => Promise.resolve(true),
        tapeEnd: newest.commitNumber,
        ordersPerTurn,
      });
      setImmediate(count);
      const { engine } = await restoring;
      running = false;
      engines.push(engine);
      expect(engine.stateHash()).toBe((await restore(newest.commitNumber)).engine.stateHash());
      // Between any two steps others had their turn.
      expect(new Set(turnsAtSteps).size).toBe(turnsAtSteps.length);
      return turnsAtSteps.length;
    };
    expect(openOrders).toBeGreaterThan(20);
    // Each order is sorted, then put to its lists, then to its queue.
    expect(await stepsWith(1)).toBeGreaterThan(2 * openOrders);
    expect(await stepsWith(1_000_000)).toBeLessThan(openOrders);
  });

  it('is none when there is none, none is of this shard, or the store does not work', async () => {
    expect((await restore()).engine.headCommitNumber).toBe(0n);
    const [newest] = await takeTwo();
    const other = new SnapshotStore(new FolderObjectStore(dir), 1);
    const writing = await other.create({ commitNumber: newest.commitNumber, commitHash: newest.commitHash });
    await writing.finish();
    const [wrong] = await other.list();
    if (wrong === undefined) throw new Error('it was stored');
    copyFileSync(pathOf(newest), pathOf(wrong));
    const opened = await restoreNewest({
      shard: 1,
      open: () => EngineShard.open({ ...config, shard: 1 }),
      store: other,
      isOnTape: () => Promise.resolve(true),
      tapeEnd: writer.headCommitNumber,
    });
    engines.push(opened.engine);
    expect(opened.engine.headCommitNumber).toBe(0n);

    const broken: ObjectStore = {
      create: () => Promise.reject(new FulltapeError('STORE_UNAVAILABLE')),
      // eslint-disable-next-line require-yield -- it fails before it has anything
      read: async function* () {
        await Promise.reject(new FulltapeError('STORE_UNAVAILABLE'));
      },
      list: () => Promise.reject(new FulltapeError('STORE_UNAVAILABLE')),
      delete: () => Promise.reject(new FulltapeError('STORE_UNAVAILABLE')),
    };
    store = new SnapshotStore(broken, 0);
    expect((await restore()).engine.headCommitNumber).toBe(0n);
    const taker = takerOf();
    expect(await taker.take()).toBe(false);
    expect(taker.status().failed).toBe(1);
    await taker.stop();
  });
});
