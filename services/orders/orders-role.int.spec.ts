import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AckLevel, Side } from '#contracts/tape/codes.generated.js';
import { buildCommandBatch, openCommandBatchAnswer } from '#contracts/tape/message.js';
import { commandSubject } from '#contracts/subjects/registry.js';
import { unwrap, type FulltapeError } from '#contracts/result/result.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { batchOf, flowOrder, limitOrder, openMarket } from '#platform/engine/testing/market.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';
import { startOrders } from './orders-role.js';
import { startOrdersWorld, type OrdersConfigChange, type OrdersWorld } from './testing/orders-world.js';

let world: OrdersWorld;
let orders: RoleHandle | null = null;
let fatal: FulltapeError | null = null;
let port: NatsCommandPort;

const start = async (change: OrdersConfigChange = {}): Promise<void> => {
  orders = await startOrders(world.config(change), (error) => {
    fatal = error;
  });
};
const stop = async (): Promise<void> => {
  await orders?.close();
  orders = null;
};

const flow = (from: number, count: number, prefix: string) => Array.from({ length: count }, (_, index) => flowOrder(from + index, prefix));

/** Overwrites the first bytes of a file in place. */
const scribble = (file: string): void => {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, 'this is no journal at all');
  closeSync(descriptor);
};

beforeAll(async () => {
  world = await startOrdersWorld();
  port = new NatsCommandPort(world.connection);
});
afterEach(async () => {
  await stop();
  expect(fatal).toBeNull();
});
afterAll(() => world.close());

describe('orders role on a real broker', () => {
  it('answers at both levels; a DURABLE answer names a commit that the stream holds', async () => {
    await start({ clock: 'supplied' });
    unwrap(await port.send(openMarket, { ackLevel: AckLevel.Durable }));
    const engine = unwrap(
      await port.send([limitOrder({ account: 0, side: Side.Sell, priceTicks: 10_000n, quantityLots: 5n })], { ackLevel: AckLevel.Engine }),
    );
    expect(engine.ackLevel).toBe(AckLevel.Engine);
    const durable = unwrap(
      await port.send([limitOrder({ account: 1, side: Side.Buy, priceTicks: 10_000n, quantityLots: 2n })], { ackLevel: AckLevel.Durable }),
    );
    expect(durable.ackLevel).toBe(AckLevel.Durable);
    expect(durable.answers).toMatchObject([{ code: 0, cumQuantityLots: 2n, commandNumber: engine.lastCommandNumber + 1n }]);
    const status = await world.until('writer');
    expect(status).toMatchObject({ trades: '1', openOrders: 1, epoch: '1' });
    expect(BigInt(status.streamSequence)).toBe((await tapeExtent(world.connection, 0)).lastSequence);
  });

  it('takes 10,000 pipelined single commands, each answered in order of its sending, in far fewer commits', async () => {
    await start({ clock: 'supplied' });
    const before = BigInt((await world.until('writer')).headCommitNumber);
    const commands = flow(0, 10_000, 'pipe');
    const sent = commands.map((command, index) =>
      port.send([command], { ackLevel: index % 2 === 0 ? AckLevel.Durable : AckLevel.Engine, timeSupplied: true, timeoutMs: 30_000 }),
    );
    const outcomes = (await Promise.all(sent)).map((result) => unwrap(result));
    const numbers = outcomes.map((outcome) => outcome.firstCommandNumber);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0n) + BigInt(index)));
    expect(outcomes.every((outcome) => outcome.answers[0]?.code === 0)).toBe(true);
    const commits = BigInt((await world.until('writer')).headCommitNumber) - before;
    expect(commits).toBeLessThan(5_000n);
  });

  it('gives a repeated client order id the original answer, and refuses it with other content', async () => {
    await start({ clock: 'supplied' });
    const order = limitOrder({ account: 0, side: Side.Buy, priceTicks: 5_000n, quantityLots: 3n, clientOrderId: 'once' });
    const first = unwrap(await port.send([order], { ackLevel: AckLevel.Durable }));
    const again = unwrap(await port.send([order], { ackLevel: AckLevel.Engine }));
    expect(again.answers[0]).toMatchObject({ code: 0, flags: 1, orderId: first.answers[0]?.orderId });
    expect(again.ackLevel).toBe(AckLevel.Durable); // never ahead of the original
    const other = unwrap(await port.send([{ ...order, quantityLots: 4n }], { ackLevel: AckLevel.Durable }));
    expect(other.answers[0]?.code).toBe(3003);
  });

  it('answers malformed, cut and foreign messages with their number, and neither state nor process changes', async () => {
    await start({ clock: 'supplied' });
    const before = await world.until('writer');
    const good = batchOf(flow(0, 3, 'cut'));
    const wrongKind = good.slice();
    wrongKind[48 + 2] = 250; // tag of the first record's union
    const cases: readonly (readonly [string, Uint8Array, readonly number[]])[] = [
      ['empty', new Uint8Array(0), [1011]],
      ['text', new TextEncoder().encode('{"placeOrder":{}}'), [1011]],
      ['cut', good.subarray(0, good.byteLength - 40), [1011]],
      ['cut to the header', good.subarray(0, 24), [1011]],
      ['odd length', good.subarray(0, good.byteLength - 3), [1011]],
      ['zeros', new Uint8Array(4_096), [1011]],
      [
        'commands miscounted',
        buildCommandBatch({ ackLevel: AckLevel.Durable, flags: 0, commandCount: 7, deadlineNanos: 0n }, good.slice(48, 48 + 192)),
        [1011, 1012],
      ],
      [
        'no commands',
        buildCommandBatch({ ackLevel: AckLevel.Durable, flags: 0, commandCount: 0, deadlineNanos: 0n }, new Uint8Array(0)),
        [1011],
      ],
      ['unknown acknowledgement level', batchOf(flow(0, 1, 'cut'), { ackLevel: 9 as AckLevel }), [1002]],
      ['past its deadline', batchOf(flow(0, 1, 'cut'), { deadlineNanos: 1n }), [9009]],
    ];
    for (const [name, message, codes] of cases) {
      const reply = await world.connection.request(commandSubject(0), message, { timeout: 5_000 });
      expect(codes, name).toContain(openCommandBatchAnswer(reply.data).header.code);
    }
    const after = await world.until('writer');
    expect([after.stateHash, after.nextCommandNumber, after.nodeId]).toEqual([before.stateHash, before.nextCommandNumber, before.nodeId]);
  });

  it('has the same state after a restart', async () => {
    await start({ clock: 'supplied' });
    unwrap(await port.send(flow(20_000, 500, 'restart'), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const before = await world.until('writer');
    await stop();
    await start({ clock: 'supplied' });
    const after = await world.until('writer');
    expect([after.stateHash, after.nextCommandNumber, after.trades]).toEqual([before.stateHash, before.nextCommandNumber, before.trades]);
    expect(BigInt(after.epoch)).toBe(BigInt(before.epoch) + 1n);
  });

  it('refuses supplied times under the wall clock, and moves the time when idle', async () => {
    await start();
    expect(await port.send(flow(0, 1, 'wall'), { ackLevel: AckLevel.Durable, timeSupplied: true })).toMatchObject({
      ok: false,
      problem: { code: 'FORBIDDEN' },
    });
    const before = (await world.until('writer')).engineTimeNanos;
    await expect.poll(async () => (await world.until('writer')).engineTimeNanos, { timeout: 5_000 }).not.toBe(before);
  });

  it('says what is missing without the engine library, before it takes anything', async () => {
    const config = world.config();
    const starting = startOrders({ ...config, engine: { ...config.engine, library: '/nonexistent/libfulltape_ffi.so' } }, () => undefined);
    await expect(starting).rejects.toMatchObject({ code: 'ENVIRONMENT_INCOMPLETE' });
  });

  it('sets a damaged journal aside and starts from the tape, which is complete', async () => {
    const journalDir = join(world.dir, 'journal-damaged');
    await start({ clock: 'supplied', journalDir });
    unwrap(await port.send(flow(30_000, 50, 'damaged'), { ackLevel: AckLevel.Durable, timeSupplied: true }));
    const before = await world.until('writer');
    await stop();
    const folder = join(journalDir, 'shard-0');
    for (const name of readdirSync(folder)) if (statSync(join(folder, name)).size > 0) scribble(join(folder, name));
    await start({ clock: 'supplied', journalDir });
    expect((await world.until('writer')).stateHash).toBe(before.stateHash);
    expect(readdirSync(journalDir)).toEqual(['shard-0', 'shard-0.corrupt']);
  });

  it('answers BUSY while the disk has less room than the bound', async () => {
    await start({ clock: 'supplied', freeDiskBytesMin: Number.MAX_SAFE_INTEGER });
    const result = await port.send(flow(40_000, 1, 'disk'), { ackLevel: AckLevel.Durable });
    expect(result).toMatchObject({ ok: false, problem: { code: 'BUSY', details: { retryAfterMs: '1000' } } });
  });
});
