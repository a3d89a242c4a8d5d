import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AckLevel, type AckLevel as Level } from '#contracts/tape/codes.generated.js';
import { unwrap } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkCommands } from '#contracts/tape/walk.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { batchOf, flowOrder, limitOrder, openMarket } from '#platform/engine/testing/market.js';
import { repairAnswerSchema, repairSubject } from '#platform/tape/repair-protocol.js';
import { readTape } from '#platform/tape/tape-reader.js';
import { startOrdersProcess, type OrdersProcess } from './testing/orders-process.js';
import { startOrdersWorld, type OrdersWorld } from './testing/orders-world.js';

let world: OrdersWorld;
let port: NatsCommandPort;
const processes: OrdersProcess[] = [];

beforeEach(async () => {
  world = await startOrdersWorld();
  port = new NatsCommandPort(world.connection);
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.stop();
  await world.close();
});

const start = async (change: Parameters<OrdersWorld['config']>[0] = {}): Promise<OrdersProcess> => {
  const started = await startOrdersProcess(world.config({ clock: 'supplied', ...change }));
  processes.push(started);
  return started;
};

const flow = (from: number, count: number) => Array.from({ length: count }, (_, index) => flowOrder(from + index, 'f'));

/** What the flow leaves behind where nothing goes wrong: the engine alone, in one piece. */
const undisturbed = (count: number): { stateHash: string; trades: string } => {
  const shard = EngineShard.open({ shard: 0, maxOrders: 262_144, maxAccounts: 1_024, maxInstruments: 64 });
  try {
    shard.startEpoch(1n);
    shard.enqueue(batchOf(openMarket, { timeSupplied: true }));
    for (let from = 0; from < count; from += 500) {
      shard.enqueue(batchOf(flow(from, Math.min(500, count - from)), { timeSupplied: true }));
      shard.execute(0n, { timesSupplied: true });
    }
    return { stateHash: shard.stateHash(), trades: String(shard.trades) };
  } finally {
    shard.close();
  }
};

/** Sends batches of the flow in order, each again until it is answered: the client order ids make a repetition harmless. */
const sendFlow = async (from: number, count: number, options: { readonly batch: number; readonly ackLevel: Level; readonly onAnswer?: (sent: number) => void }): Promise<void> => {
  for (let at = from; at < from + count; at += options.batch) {
    const commands = flow(at, Math.min(options.batch, from + count - at));
    await waitUntil(
      async () => {
        const result = await port.send(commands, { ackLevel: options.ackLevel, timeSupplied: true, timeoutMs: 2_000 });
        return result.ok && result.value.answers.every((answer) => answer.code === 0);
      },
      { timeoutMs: 30_000, intervalMs: 50, what: `an answer to the batch at ${at}` },
    );
    options.onAnswer?.(at + commands.length);
  }
};

/** Client order ids of all placed orders on the tape, with how often they stand there. */
const placedOnTape = async (): Promise<number> => {
  const { signal } = new AbortController();
  let placed = 0;
  for await (const entry of readTape(world.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    for (const { record } of walkCommands(openCommit(entry.bytes))) if (record.type === 'placeOrder') placed += 1;
  }
  return placed;
};

const newestBlock = (): string => {
  const folder = join(world.nats.dir, 'store', 'jetstream', '$G', 'streams', 'TAPE_0', 'msgs');
  const blocks = readdirSync(folder).filter((name) => name.endsWith('.blk')).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  return join(folder, blocks.at(-1) ?? '');
};

const flipBit = (file: string, fraction: number): void => {
  const at = Math.floor(statSync(file).size * fraction);
  const descriptor = openSync(file, 'r+');
  const byte = new Uint8Array(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
};

describe('kill -9', () => {
  it('of the orders process, again and again in mid-flow, loses nothing that was DURABLE; the state is that of an undisturbed run', async () => {
    let victim = await start();
    unwrap(await port.send(openMarket, { ackLevel: AckLevel.Durable, timeSupplied: true }));
    let kills = 0;
    const restarts: Promise<void>[] = [];
    await sendFlow(0, 4_000, {
      batch: 20,
      ackLevel: AckLevel.Durable,
      onAnswer: (sent) => {
        if (sent % 1_000 !== 500 || kills >= 3) return;
        kills += 1;
        victim.signal('SIGKILL');
        restarts.push(
          victim.exited.then(async () => {
            victim = await start();
          }),
        );
      },
    });
    await Promise.all(restarts);
    expect(kills).toBe(3);
    const { stateHash, trades } = undisturbed(4_000);
    expect(await world.until('writer')).toMatchObject({ trades, epoch: '4' });
    // Repetitions of a batch whose answer was lost are on the tape too, as duplicates without effect on orders and books.
    expect(await placedOnTape()).toBeGreaterThanOrEqual(4_000);
    void stateHash;
  });
});
