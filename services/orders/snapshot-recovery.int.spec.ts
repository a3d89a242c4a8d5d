import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import { describe, expect, it } from 'vitest';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { unwrap } from '#contracts/result/result.js';
import { headBucket } from '#contracts/subjects/registry.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { openMarket } from '#platform/engine/testing/market.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';
import { loseEndOfTape } from './testing/damage-tape.js';
import { ordersStage } from './testing/orders-stage.js';
import { flow, undisturbed } from './testing/undisturbed.js';

const stage = ordersStage({ snapshotEveryCommands: 400 });
const { start, stopAll, killAll } = stage;

const send = async (from: number, count: number): Promise<void> => {
  for (let at = from; at < from + count; at += 20) {
    unwrap(await stage.port.send(flow(at, 20), { ackLevel: AckLevel.Durable, timeSupplied: true }));
  }
};

const folder = (): string => join(stage.world.dir, 'objects', 'snapshots', 'shard-0');
/** Paths of the stored snapshots, newest first, and the commits that their names tell. */
const stored = (): { readonly path: string; readonly commitNumber: number }[] =>
  readdirSync(folder())
    .sort()
    .reverse()
    .map((name) => ({ path: join(folder(), name), commitNumber: Number.parseInt(name, 10) }));

const damage = (path: string): void => {
  const bytes = readFileSync(path);
  const at = bytes.byteLength >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
};

/** A writer that has taken at least `count` snapshots and written on behind the last one. */
const writeWithSnapshots = async (count: number): Promise<{ readonly sent: number; readonly status: OrdersStatus }> => {
  unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
  let sent = 0;
  await waitUntil(
    async () => {
      await send(sent, 200);
      sent += 200;
      return ((await stage.world.status())?.snapshots?.taken ?? 0) >= count;
    },
    { timeoutMs: 60_000, intervalMs: 100, what: `${count} snapshots` },
  );
  await send(sent, 100);
  return { sent: sent + 100, status: await stage.world.until('writer') };
};

describe('recovery from a snapshot', () => {
  it('after kill -9 gives the state of an undisturbed run and applies only what is behind the snapshot', async () => {
    await start();
    const { sent, status: before } = await writeWithSnapshots(2);
    expect(before.snapshots).toMatchObject({ failed: 0, last: { bytes: expect.any(Number) as number } });
    await killAll();
    const tapeEnd = Number((await tapeExtent(stage.world.connection, 0)).lastSequence);
    const newest = stored()[0]?.commitNumber ?? 0;
    expect(newest).toBe(Number(before.snapshots?.last?.commitNumber));
    const orders = await start();
    const after = await stage.world.until('writer');
    expect(after).toMatchObject({ ...undisturbed(sent), stateHash: before.stateHash, nextCommandNumber: before.nextCommandNumber });
    expect(after.recovery).toEqual({ snapshotCommitNumber: String(newest), appliedCommits: tapeEnd - newest });
    expect(after.recovery.appliedCommits).toBeLessThan(tapeEnd / 2);
    expect(orders.log()).toContain('orders.snapshot-restored');
    // And again, with what came behind.
    await send(sent, 100);
    await killAll();
    await start();
    expect(await stage.world.until('writer')).toMatchObject(undisturbed(sent + 100));
  });

  it('takes one at a stop, so that the next start applies what the epoch began with and no more', async () => {
    await start({ snapshotEveryCommands: 1_000_000 });
    unwrap(await stage.port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    await send(0, 500);
    await stopAll();
    expect(stored()).toHaveLength(1);
    await start({ snapshotEveryCommands: 1_000_000 });
    const after = await stage.world.until('writer');
    expect(after).toMatchObject(undisturbed(500));
    expect(after.recovery).toEqual({ snapshotCommitNumber: String(stored()[0]?.commitNumber), appliedCommits: 0 });
  });

  it('uses an older one when the newest is damaged, and the whole tape when all are', async () => {
    await start();
    const { sent } = await writeWithSnapshots(2);
    await killAll();
    const [newest, older] = stored();
    if (newest === undefined || older === undefined) throw new Error('two snapshots were taken');
    damage(newest.path);
    const orders = await start({ snapshotEveryCommands: 1_000_000 });
    const after = await stage.world.until('writer');
    expect(after).toMatchObject(undisturbed(sent));
    expect(after.recovery.snapshotCommitNumber).toBe(String(older.commitNumber));
    expect(orders.log()).toMatch(/"code":"SNAPSHOT_CORRUPT".*"remedy":"an older snapshot.*orders.snapshot-refused/);
    await killAll();
    for (const { path } of stored().slice(1)) damage(path);
    await start({ snapshotEveryCommands: 1_000_000 });
    const whole = await stage.world.until('writer');
    expect(whole).toMatchObject({ ...undisturbed(sent), recovery: { snapshotCommitNumber: '0' } });
    expect(whole.recovery.appliedCommits).toBeGreaterThan(older.commitNumber);
  });

  it('lets a standby begin at the snapshot and take over with the state of the writer', async () => {
    const first = await start({ journalDir: join(stage.world.dir, 'journal-first') });
    const { sent, status } = await writeWithSnapshots(1);
    const second = await start({ journalDir: join(stage.world.dir, 'journal-second') });
    expect(second.log()).toContain('orders.snapshot-restored');
    expect(second.log()).not.toContain('orders.writing');
    await send(sent, 100);
    first.signal('SIGKILL');
    await first.exited;
    await waitUntil(() => second.log().includes('orders.writing'), { timeoutMs: 15_000, what: 'the take-over' });
    const after = await stage.world.until('writer');
    expect(after).toMatchObject(undisturbed(sent + 100));
    expect(after.nodeId).not.toBe(status.nodeId);
    expect(BigInt(after.recovery.snapshotCommitNumber)).toBeGreaterThan(0n);
  });
});

describe('a snapshot that is ahead of the tape', () => {
  it('proves that the broker lost the end of the tape, when no other witness is left', async () => {
    await start();
    const { sent } = await writeWithSnapshots(1);
    await stopAll(); // takes one of the last command
    const newest = stored()[0]?.commitNumber ?? 0;
    await loseEndOfTape(stage.world, 0.6);
    const tapeEnd = Number((await tapeExtent(stage.world.connection, 0)).lastSequence);
    expect(tapeEnd).toBeLessThan(newest);
    await (await new Kvm(stage.world.connection).open(headBucket.name)).purge('shard.0');
    const journal = join(stage.world.dir, 'journal');
    const withoutJournal = { journalDir: join(stage.world.dir, 'journal-empty') };
    const orders = await start(withoutJournal);
    const refusing = await stage.world.until('rolledBack');
    expect(Number(refusing.headCommitNumber)).toBe(tapeEnd);
    expect(orders.log()).toContain('orders.snapshot-ahead-of-tape');
    expect(orders.log()).toContain(`"snapshot":"${newest}"`);
    expect(await stage.port.send(flow(sent, 1), { ackLevel: AckLevel.Durable, timeSupplied: true })).toMatchObject({
      ok: false,
      problem: { code: 'TAPE_ROLLED_BACK' },
    });
    await stopAll();
    rmSync(withoutJournal.journalDir, { recursive: true });
    expect(readdirSync(journal)).toContain('shard-0');
  });
});
