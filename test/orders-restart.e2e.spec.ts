/** Orders through the public API while the orders process is killed, the whole platform is restarted, and a journal holds what the tape does not. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlaceOrder } from '#contracts/commands/order-commands.js';
import { demoInstruments } from '#contracts/demo/demo-world.js';
import { parseAccountId, parseClientOrderId, parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import { cacheBucket, revokedBucket } from '#contracts/subjects/registry.js';
import { OrderType, Side, TimeInForce } from '#contracts/tape/codes.generated.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkCommands } from '#contracts/tape/walk.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { connectNats } from '#platform/nats/connect.js';
import { readTape } from '#platform/tape/tape-reader.js';
import type { RevocationNotice } from '#platform/tape/revocations.js';
import { builtFile } from '#platform/testing/built.js';
import { startInstance, temporaryDataFolder, type TestInstance } from '#platform/testing/instance.js';
import { connectGateway, type GatewayClient } from '../services/gateway/testing/gateway-client.js';
import { executeUnsentGroup } from '../services/orders/testing/unsent-group.js';
import { askOrdersStatus } from '../services/simulation/lobster/command-sender.js';

interface Ack {
  readonly orderId: string | null;
  readonly duplicate: boolean;
  readonly ackLevel: string;
  readonly position: string;
  readonly refusal: { readonly code: string } | null;
}
interface ListedOrders {
  readonly edges: readonly { readonly node: { readonly orderId: string; readonly clientOrderId: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}
interface OrderUpdate {
  readonly order: { readonly clientOrderId: string; readonly orderStatus: string; readonly reason: string | null };
  readonly position: string;
}

const placeDocument = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { orderId duplicate ackLevel position refusal { code } } }`;
const listDocument = `query($a: ID!, $after: String, $p: Position) { orders(accountId: $a, first: 500, after: $after, atLeast: $p) {
  edges { node { orderId clientOrderId } } pageInfo { hasNextPage endCursor } } }`;
const orderDocument = `query($a: ID!, $c: String) { order(accountId: $a, clientOrderId: $c) {
  clientOrderId orderStatus reason quantity price leavesQuantity instrument { symbol } executions { edges { node { executionId } } } } }`;
const updatesDocument = `subscription($a: ID!, $r: Position) { orderUpdates(accountId: $a, resumeFrom: $r) {
  order { clientOrderId orderStatus reason } position } }`;

const traders = ['1001', '1002'] as const;
const orbit = demoInstruments.find(({ symbol }) => symbol === 'ORBIT');
const ordersPerFlow = 240;
const sendersMax = 6;

let dataDir: string;
let instance: TestInstance;
let connection: NatsConnection;
let clients: Readonly<Record<string, GatewayClient>>;

const start = async (): Promise<void> => {
  instance = await startInstance({ args: ['--no-demo'], dataDir, environment: { FULLTAPE_CACHE_URL: 'nats' } });
  connection = await connectNats(instance.config.nats, 'restart-test');
  clients = Object.fromEntries(instance.accounts.map(({ id, token }) => [id, connectGateway(instance.urls, token)]));
};
const stop = async (): Promise<void> => {
  await Promise.all(Object.values(clients).map((client) => client.close()));
  await connection.close();
  expect(await instance.stop({ keepData: true })).toBe(130); // Ctrl-C
};

beforeAll(async () => {
  dataDir = temporaryDataFolder();
  await start();
}, 180_000);
afterAll(async () => {
  await stop();
  rmSync(dirname(dataDir), { recursive: true, force: true });
});

const clientOf = (accountId: string): GatewayClient => {
  const client = clients[accountId];
  if (client === undefined) throw new Error(`no token for account ${accountId}`);
  return client;
};

/** The `index`-th order of a flow of two accounts that trade with each other now and then; the second one has nothing to sell. */
const orderOf = (index: number) => ({
  accountId: traders[index % 2] ?? '1001',
  symbol: 'ORBIT',
  side: index % 2 === 1 || index % 3 === 0 ? 'BUY' : 'SELL',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  quantity: String(1 + (index % 7)),
  price: `27.${String(10 + (index % 20)).padStart(2, '0')}`,
  clientOrderId: `restart-${index}`,
});

/** The answer, or null when none came or the API said that it does not know. */
const place = async (input: ReturnType<typeof orderOf>): Promise<Ack | null> => {
  const answer = await clientOf(input.accountId)
    .ask(placeDocument, { input })
    .catch(() => null);
  const ack = (answer?.data?.['placeOrder'] ?? null) as Ack | null;
  return ack?.refusal === null ? ack : null;
};

/** Places the whole flow by several senders, each of which waits for `onSent`. Returns the orders that were acknowledged. */
const placeFlow = async (onSent: (sent: number) => Promise<void> = () => Promise.resolve()): Promise<Map<number, Ack>> => {
  const acknowledged = new Map<number, Ack>();
  let next = 0;
  const send = async (): Promise<void> => {
    for (let index = next++; index < ordersPerFlow; index = next++) {
      const ack = await place(orderOf(index));
      if (ack !== null) acknowledged.set(index, ack);
      await onSent(index);
    }
  };
  await Promise.all(Array.from({ length: sendersMax }, send));
  return acknowledged;
};

const writing = async () => {
  await waitUntil(async () => (await askOrdersStatus(connection))?.role === 'writer', {
    timeoutMs: 60_000,
    what: 'an orders process that writes',
  });
  const status = await askOrdersStatus(connection);
  if (status === null) throw new Error('the orders process does not answer');
  return status;
};

const audit = async (name: string): Promise<{ readonly status: number; readonly document: Record<string, unknown> }> => {
  const main = await builtFile('services/cli/main.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'audit', name, '--json', '--data', dataDir], { timeout: 120_000 }, (error, stdout) => {
      resolve({
        status: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        document: JSON.parse(stdout) as Record<string, unknown>,
      });
    });
  });
};

/** State hash that the tape gives up to a command, in an engine of its own. */
const hashOfTapeBefore = async (nextCommandNumber: string): Promise<string> => {
  const { maxOrders, maxAccounts, maxInstruments } = instance.config.engine;
  const shard = EngineShard.open({ shard: 0, maxOrders, maxAccounts, maxInstruments });
  try {
    const { signal } = new AbortController();
    for await (const entry of readTape(connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
      shard.apply(entry.bytes);
      if (String(shard.nextCommandNumber) === nextCommandNumber) break;
    }
    expect(String(shard.nextCommandNumber)).toBe(nextCommandNumber);
    return shard.stateHash();
  } finally {
    shard.close();
  }
};

/** Kinds of the commands from a number on. */
const kindsOnTapeFrom = async (commandNumber: string): Promise<string[]> => {
  const kinds: string[] = [];
  const { signal } = new AbortController();
  for await (const entry of readTape(connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    for (const command of walkCommands(openCommit(entry.bytes))) {
      if (command.commandNumber >= BigInt(commandNumber)) kinds.push(command.record.type);
    }
  }
  return kinds;
};

describe('orders over the public API', () => {
  let acknowledged: Map<number, Ack>;

  it('are there exactly once after kill -9 of the orders process in mid-flow and the same orders sent again', async () => {
    let kills = 0;
    let restarted: Promise<void> = Promise.resolve();
    acknowledged = await placeFlow(async (sent) => {
      if (kills < 2 && sent >= (ordersPerFlow / 3) * (kills + 1)) {
        kills += 1;
        const pid = instance.runtime().pids['orders'] ?? 0;
        instance.kill('orders');
        restarted = instance.restarted('orders', pid);
      }
      // What is on its way is lost; the rest of the flow is kept for the process that comes, so that the next kill has one to hit.
      await restarted;
    });
    expect(kills).toBe(2);
    expect(acknowledged.size).toBeGreaterThan(10);
    expect([...acknowledged.values()].every(({ ackLevel }) => ackLevel === 'DURABLE')).toBe(true);
    await writing();

    const again = await placeFlow();
    expect(again.size).toBe(ordersPerFlow);
    for (const [index, first] of acknowledged) {
      expect(again.get(index), `order ${index}`).toMatchObject({ orderId: first.orderId, duplicate: true });
    }
    const last = [...again.values()].at(-1);
    const listed: string[] = [];
    const idsByClientOrderId = new Map<string, string>();
    for (const a of traders) {
      for (let after: string | null = null, more = true; more;) {
        const page: ListedOrders = await clientOf(a).field('orders', listDocument, { a, after, p: last?.position ?? null });
        for (const { node } of page.edges) {
          listed.push(node.clientOrderId);
          idsByClientOrderId.set(node.clientOrderId, node.orderId);
        }
        [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
      }
    }
    expect([...listed].sort()).toEqual(Array.from({ length: ordersPerFlow }, (_, index) => `restart-${index}`).sort());
    for (const [index, { orderId }] of again) expect(idsByClientOrderId.get(`restart-${index}`)).toBe(orderId);
  });

  it('need no query for their instrument while the configured cache holds it', async () => {
    const bucket = await new Kvm(connection).open(cacheBucket.name);
    const keys: string[] = [];
    for await (const key of await bucket.keys()) keys.push(key);
    expect(keys).toHaveLength(1);
    expect((await bucket.get(keys[0] ?? ''))?.string()).toContain('"symbol":"ORBIT"');
  });

  it('leave the same state behind after a full restart, and a tape that verifies and replays', async () => {
    const before = await writing();
    await stop();
    await start();
    const after = await writing();
    // An idle writer moves the clock now and then, on the tape; nothing else has happened in between.
    expect((await kindsOnTapeFrom(before.nextCommandNumber)).filter((kind) => kind !== 'advanceTime')).toEqual([]);
    expect(await hashOfTapeBefore(before.nextCommandNumber)).toBe(before.stateHash);
    expect(await hashOfTapeBefore(after.nextCommandNumber)).toBe(after.stateHash);
    expect(after.openOrders).toBe(before.openOrders);
    expect(after.trades).toBe(before.trades);
    expect(await audit('verify')).toMatchObject({ status: 0, document: { ok: true } });
    expect(await audit('replay')).toMatchObject({ status: 0, document: { ok: true } });
    for (const index of [...acknowledged.keys()].slice(0, 20)) {
      expect(await place(orderOf(index))).toMatchObject({ orderId: acknowledged.get(index)?.orderId, duplicate: true });
    }
  });
});

describe('an answer of level ENGINE that is lost', () => {
  const lost = (clientOrderId: string, timeNanos: bigint): PlaceOrder => ({
    type: 'PlaceOrder',
    accountId: unwrap(parseAccountId(1001)),
    instrumentId: unwrap(parseInstrumentId(orbit?.id ?? 0)),
    side: Side.Buy,
    orderType: OrderType.Limit,
    timeInForce: TimeInForce.GoodTillCancel,
    priceTicks: 2_700n,
    quantityLots: 5n,
    clientOrderId: unwrap(parseClientOrderId(clientOrderId)),
    timeNanos,
  });

  it('is told as REVOKED: to the query by client order id, to the subscription that goes on, and by audit orphans', async () => {
    const journalDir = mkdtempSync(join(tmpdir(), 'fulltape-lost-'));
    try {
      const { engineTimeNanos } = await writing();
      const commands = ['lost-1', 'lost-2', 'lost-3'].map((id) => lost(id, BigInt(engineTimeNanos)));
      // A writer that answered and died before it sent; the tape goes on without it.
      await executeUnsentGroup({ connection, engine: { ...instance.config.engine, journalDir }, commands });
      const survivor = await place({ ...orderOf(1), price: '27.00', side: 'BUY', accountId: '1001', clientOrderId: 'lost-3' });
      expect(survivor).not.toBeNull();
      await stop();
      rmSync(join(instance.config.engine.journalDir, 'shard-0'), { recursive: true });
      cpSync(join(journalDir, 'shard-0'), join(instance.config.engine.journalDir, 'shard-0'), { recursive: true });
      await start();
      await writing();

      const listed = await audit('orphans');
      expect(listed).toMatchObject({ status: 0, document: { commands: 3 } });
      const client = clientOf('1001');
      const ask = async (c: string) => client.field<Record<string, unknown> | null>('order', orderDocument, { a: '1001', c });
      await waitUntil(async () => (await ask('lost-1')) !== null, { timeoutMs: 10_000, what: 'the notice in the gateway' });
      expect(await ask('lost-1')).toEqual({
        clientOrderId: 'lost-1',
        orderStatus: 'REJECTED',
        reason: 'REVOKED',
        quantity: '5',
        price: '27',
        leavesQuantity: '0',
        instrument: { symbol: 'ORBIT' },
        executions: { edges: [] },
      });
      expect(await clientOf('1002').field('order', orderDocument, { a: '1002', c: 'lost-1' })).toBeNull();
      // Sent again meanwhile, so it lives.
      expect(await ask('lost-3')).toMatchObject({ orderStatus: 'NEW', reason: null });

      const updates = client.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: '1001', r: survivor?.position ?? null });
      const revoked = (clientOrderId: string) => ({ order: { clientOrderId, orderStatus: 'REJECTED', reason: 'REVOKED' } });
      expect([await updates.next(), await updates.next()]).toMatchObject([revoked('lost-1'), revoked('lost-2')]);
      // While a subscription is up it is told at once.
      const notice: RevocationNotice = {
        version: 1,
        shard: 0,
        revokedAt: new Date().toISOString(),
        commands: [
          {
            kind: 'placeOrder',
            accountId: 1001,
            instrumentId: orbit?.id ?? 0,
            commandNumber: '1',
            clientOrderId: 'lost-later',
            origClientOrderId: null,
            orderId: null,
            order: { side: 1, orderType: 2, timeInForce: 2, instructions: 0, quantityLots: '1', priceTicks: '1', timeNanos: '1' },
          },
        ],
      };
      await (await new Kvm(connection).open(revokedBucket.name)).put('shard.0.test.0', JSON.stringify(notice));
      expect(await updates.next()).toMatchObject(revoked('lost-later'));
      updates.stop();
    } finally {
      rmSync(journalDir, { recursive: true, force: true });
    }
  });
});
