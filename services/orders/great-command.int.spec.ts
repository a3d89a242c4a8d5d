import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { unwrap } from '#contracts/result/result.js';
import { tapeSubject } from '#contracts/subjects/registry.js';
import { AckLevel, Side } from '#contracts/tape/codes.generated.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkReports } from '#contracts/tape/walk.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { accountIds, batchOf, limitOrder, marketOpenNanos, openMarket } from '#platform/engine/testing/market.js';
import { readTape } from '#platform/tape/tape-reader.js';
import type { OrdersProcess } from './testing/orders-process.js';
import { ordersStage } from './testing/orders-stage.js';

/** Resting orders; one command ends them all, in about ten parts (a cancel) or twenty (a sweep). */
const restingCount = 40_000;
const batchSize = 2_000;

const resting = (from: number, count: number): EngineCommand[] =>
  Array.from({ length: count }, (_, index) =>
    limitOrder({
      account: 0,
      side: Side.Sell,
      priceTicks: BigInt(10_000 + ((from + index) % 500)),
      quantityLots: 1n,
      timeNanos: marketOpenNanos,
    }),
  );
const cancelAll: EngineCommand = {
  type: 'CancelAllOrders',
  accountId: accountIds[0],
  instrumentId: 0,
  side: 0,
  timeNanos: marketOpenNanos,
};
const sweep: EngineCommand = limitOrder({
  account: 1,
  side: Side.Buy,
  priceTicks: 20_000n,
  quantityLots: BigInt(restingCount),
  timeNanos: marketOpenNanos,
});

const stage = ordersStage();
const start = (journal = 'journal'): Promise<OrdersProcess> => stage.start({ journalDir: join(stage.world.dir, journal) });

const send = async (commands: readonly EngineCommand[]) =>
  unwrap(await stage.port.send(commands, { ackLevel: AckLevel.Durable, timeSupplied: true, timeoutMs: 20_000 }));

const crowd = async (): Promise<void> => {
  await send(openMarket);
  for (let from = 0; from < restingCount; from += batchSize) await send(resting(from, batchSize));
};

/** Opens an engine like that of the process, at the end of the tape. */
const engineAtTheEnd = async (journalDir?: string): Promise<EngineShard> => {
  const { maxOrders, maxAccounts, maxInstruments, journalBytesMax } = stage.world.config().engine;
  const engine = EngineShard.open({
    shard: 0,
    maxOrders,
    maxAccounts,
    maxInstruments,
    journalBytesMax,
    ...(journalDir === undefined ? {} : { journalDir: join(stage.world.dir, journalDir, 'shard-0') }),
  });
  for await (const entry of readTape(stage.world.connection, 0, {
    fromStreamSequence: 1n,
    signal: new AbortController().signal,
    idle: 'end',
  }))
    engine.apply(entry.bytes);
  return engine;
};

/** State without the command and with it, from an engine that nobody disturbs. */
const outcomes = async (command: EngineCommand): Promise<{ before: string; after: string; parts: number }> => {
  const engine = await engineAtTheEnd();
  try {
    const before = engine.stateHash();
    engine.enqueue(batchOf([command], { timeSupplied: true }));
    const parts = engine.execute(0n, { timesSupplied: true }).commits.length;
    return { before, after: engine.stateHash(), parts };
  } finally {
    engine.close();
  }
};

/** What a consumer that waits for whole commands has seen: effects of each command that spans commits. */
const wholeCommands = async (): Promise<{ readonly effects: number[]; readonly isOpen: boolean }> => {
  const effects: number[] = [];
  let open = 0;
  const { signal } = new AbortController();
  for await (const entry of readTape(stage.world.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    const commit = openCommit(entry.bytes);
    if (commit.header.part === 0 && commit.header.lastPart === 1) continue;
    for (const { record } of walkReports(commit))
      if (record.type === 'trade' || (record.type === 'orderState' && record.leavesQuantityLots === 0n)) open += 1;
    if (commit.header.lastPart !== 1) continue;
    effects.push(open);
    open = 0;
  }
  return { effects, isOpen: open > 0 };
};

describe.each([
  ['a cancel of all', cancelAll, restingCount],
  ['a sweep of all', sweep, restingCount],
])('%s orders', (_, command, effectCount) => {
  it('is answered once all of its parts are on the tape', async () => {
    await start();
    await crowd();
    const { after, parts } = await outcomes(command);
    expect(parts).toBeGreaterThan(8);
    const { answers } = await send([command]);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.code).toBe(0);
    // The answer says durable: the tape holds the whole command at that moment.
    expect(await wholeCommands()).toEqual({ effects: [effectCount], isOpen: false });
    expect((await stage.world.until('writer')).stateHash).toBe(after);
  }, 60_000);

  it('is finished by the next writer when one dies between its parts, with its journal or without', async () => {
    const first = await start('journal-first');
    await crowd();
    expect(await first.stop()).toBe(0);
    const { after, parts } = await outcomes(command);
    // The first writer executes the command, journals it, sends a third of its parts, and dies.
    const dying = await engineAtTheEnd('journal-first');
    dying.enqueue(batchOf([command], { timeSupplied: true }));
    const { commits } = dying.execute(0n, { timesSupplied: true });
    dying.close();
    expect(commits).toHaveLength(parts);
    const broker = jetstream(stage.world.connection);
    for (const bytes of commits.slice(0, Math.floor(parts / 3))) await broker.publish(tapeSubject(0), bytes);
    expect(await wholeCommands()).toEqual({ effects: [], isOpen: true });
    await start(command === sweep ? 'journal-first' : 'journal-of-another-machine');
    const status = await stage.world.until('writer');
    expect([status.stateHash, status.openOrders]).toEqual([after, 0]);
    expect(await wholeCommands()).toEqual({ effects: [effectCount], isOpen: false });
    await send(resting(0, 10));
  }, 60_000);

  it('is whole or not there when its writer is killed while it goes out', async () => {
    const first = await start();
    await crowd();
    const { before, after, parts } = await outcomes(command);
    let seen = 0;
    const subscription = stage.world.connection.subscribe(tapeSubject(0), {
      callback: () => {
        seen += 1;
        if (seen === 2) first.signal('SIGKILL');
      },
    });
    await stage.world.connection.flush();
    // Nobody waits for an answer that cannot come.
    void stage.port.send([command], { ackLevel: AckLevel.Durable, timeSupplied: true, timeoutMs: 1_000 }).catch(() => undefined);
    await waitUntil(() => seen >= 2, { timeoutMs: 20_000, what: 'the second part' });
    expect(await first.exited).toBe('SIGKILL');
    subscription.unsubscribe();
    await start();
    const { stateHash, openOrders } = await stage.world.until('writer');
    expect([before, after]).toContain(stateHash);
    // Two parts were on the tape, so it must be there.
    expect([stateHash, openOrders]).toEqual([after, 0]);
    expect(await wholeCommands()).toEqual({ effects: [effectCount], isOpen: false });
    expect(seen).toBeLessThanOrEqual(parts + 1);
  }, 60_000);
});
