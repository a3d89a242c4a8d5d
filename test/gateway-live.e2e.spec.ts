/** Reading one's own writes, and subscriptions that survive cuts, while the simulated market trades on the same platform. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { demoAccounts } from '#contracts/demo/demo-world.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import { formatPosition, tapePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import { AccountKind, AckLevel, TradingState } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { connectNats } from '#platform/nats/connect.js';
import { writeConfig } from '#platform/config/load-config.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import { builtFile } from '#platform/testing/built.js';
import { startInstance, type TestInstance } from '#platform/testing/instance.js';
import { connectGateway, type GatewayClient } from '../services/gateway/testing/gateway-client.js';
import { countStatements, type StatementCounter } from '../services/gateway/testing/statement-counter.js';

interface Ack {
  readonly orderId: string;
  readonly orderStatus: string;
  readonly position: string;
  readonly refusal: { readonly code: string } | null;
}
interface OrderUpdate {
  readonly order: {
    readonly orderId: string;
    readonly orderStatus: string;
    readonly leavesQuantity: string;
    readonly cumQuantity: string;
    readonly averagePrice: string | null;
  };
  readonly execution: { readonly executionId: string; readonly lastQuantity: string } | null;
  readonly position: string;
}
interface Level {
  readonly price: string;
  readonly quantity: string;
  readonly orderCount: number;
}
interface BookUpdate {
  readonly kind: 'SNAPSHOT' | 'DELTA';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly previousSequence: string;
  readonly sequence: string;
}

const accountId = '1001';
const placeDocument = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { orderId orderStatus position refusal { code } } }`;
const cancelDocument = `mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { orderId orderStatus position refusal { code } } }`;
const orderDocument = `query($a: ID!, $o: ID!, $p: Position) { order(accountId: $a, orderId: $o, atLeast: $p) { orderId orderStatus leavesQuantity } }`;
const updatesDocument = `subscription($a: ID!, $r: Position) { orderUpdates(accountId: $a, resumeFrom: $r) {
  order { orderId orderStatus leavesQuantity cumQuantity averagePrice } execution { executionId lastQuantity } position } }`;

let instance: TestInstance;
let client: GatewayClient;

beforeAll(async () => {
  instance = await startInstance();
  client = connectGateway(instance.urls, instance.accounts.find(({ id }) => id === accountId)?.token ?? '');
}, 180_000);
afterAll(async () => {
  await client.close();
  await instance.stop();
});

const place = (change: Readonly<Record<string, unknown>>): Promise<Ack> =>
  client.field<Ack>('placeOrder', placeDocument, {
    input: { accountId, symbol: 'ORBIT', side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '3', price: '25.00', ...change },
  });
const cancel = (orderId: string): Promise<Ack> =>
  client.field<Ack>('cancelOrder', cancelDocument, { input: { accountId, symbol: 'ORBIT', orderId } });

describe('accounts', () => {
  it('of an operator are all of the platform, one defined since included; a trader sees its own', async () => {
    const connection = await connectNats(instance.config.nats, 'accounts-test');
    try {
      const defined: EngineCommand = {
        type: 'DefineAccount',
        accountId: unwrap(parseAccountId(7_001)),
        groupId: 0,
        accountKind: AccountKind.Cash,
        initialState: TradingState.Active,
        permissions: 0,
      };
      const { lastCommandNumber } = unwrap(await new NatsCommandPort(connection).send([defined], { ackLevel: AckLevel.Durable }));
      const token = ensureTokens(instance.dataDir, { demo: true }).find(({ name }) => name === 'operator')?.token ?? '';
      const operator = connectGateway(instance.urls, token);
      try {
        const p = formatPosition(tapePosition(0, lastCommandNumber));
        const document = 'query($p: Position) { accounts(atLeast: $p) { id } }';
        const all = await operator.field<{ id: string }[]>('accounts', document, { p });
        expect(all.map(({ id }) => Number(id))).toEqual([...demoAccounts.map(({ id }) => id), 7_001].sort((a, b) => a - b));
        expect(await client.field('accounts', document, { p })).toEqual([{ id: accountId }]);
      } finally {
        await operator.close();
      }
    } finally {
      await connection.close();
    }
  });
});

describe('atLeast', () => {
  it('shows every one of 200 writes to the read behind it', async () => {
    const late: number[] = [];
    for (let pair = 0; pair < 100; pair += 1) {
      const ack = await place({});
      expect(ack).toMatchObject({ orderStatus: 'NEW', refusal: null });
      const begun = performance.now();
      const open = await client.field<{ orderStatus: string }>('order', orderDocument, { a: accountId, o: ack.orderId, p: ack.position });
      late.push(performance.now() - begun);
      expect(open).toMatchObject({ orderStatus: 'NEW', leavesQuantity: '3' });
      const gone = await cancel(ack.orderId);
      expect(gone.refusal).toBeNull();
      const closed = await client.field<{ orderStatus: string }>('order', orderDocument, {
        a: accountId,
        o: ack.orderId,
        p: gone.position,
      });
      expect(closed).toMatchObject({ orderStatus: 'CANCELED', leavesQuantity: '0' });
    }
    late.sort((a, b) => a - b);
    console.error(`read-your-writes: p50 ${late[50]?.toFixed(1)} ms, p99 ${late[98]?.toFixed(1)} ms behind the acknowledgement`);
  });
});

describe('orderUpdates', () => {
  it('through 12 cuts tells every change once, in order, as an uncut subscription does', async () => {
    const whole = connectGateway(instance.urls, instance.accounts.find(({ id }) => id === accountId)?.token ?? '');
    const begin = await client.field<string>('servedPosition', '{ servedPosition }');
    const reference = whole.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: accountId, r: begin });
    const seen: OrderUpdate[] = [];
    let last = begin;
    for (let cut = 0; cut < 12; cut += 1) {
      const stream = client.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: accountId, r: last });
      // Orders that rest, that trade at once and that are refused; some while the subscription is open, some while it is not.
      const resting = await place({});
      await place({ orderType: 'MARKET', price: null, quantity: '7' });
      for (let taken = 0; taken < 2 + (cut % 3); taken += 1) {
        const update = await stream.next();
        seen.push(update);
        last = update.position;
      }
      client.cut();
      await cancel(resting.orderId);
      await place({ timeInForce: 'FOK', quantity: '99000', price: '25.00' });
    }
    const marker = await place({ quantity: '1' });
    await cancel(marker.orderId);
    const isEnd = ({ order }: OrderUpdate): boolean => order.orderId === marker.orderId && order.orderStatus === 'CANCELED';
    const rest = client.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: accountId, r: last });
    for await (const update of rest) {
      seen.push(update);
      if (isEnd(update)) break;
    }
    const expected: OrderUpdate[] = [];
    for await (const update of reference) {
      expected.push(update);
      if (isEnd(update)) break;
    }
    expect(seen.length).toBeGreaterThan(50);
    expect(seen).toEqual(expected);
    expect(new Set(seen.map(({ position }) => position)).size).toBe(seen.length);
    rest.stop();
    reference.stop();
    await whole.close();
  });
});

describe('positionUpdates', () => {
  it('resumed, begins with the positions that changed meanwhile', async () => {
    const document =
      'subscription($r: Position) { positionUpdates(accountId: "1001", resumeFrom: $r) { positionAfter { quantity instrument { symbol } } position } }';
    const begin = await client.field<string>('servedPosition', '{ servedPosition }');
    const bought = await place({ orderType: 'MARKET', price: null, quantity: '4' });
    expect(bought.refusal).toBeNull();
    const positions = await client.field<readonly { quantity: string; instrument: { symbol: string } }[]>(
      'positions',
      'query($p: Position) { positions(accountId: "1001", atLeast: $p) { quantity instrument { symbol } } }',
      { p: bought.position },
    );
    const held = positions.find(({ instrument }) => instrument.symbol === 'ORBIT')?.quantity;
    const stream = client.subscribe<{ positionAfter: { quantity: string; instrument: { symbol: string } }; position: string }>(
      'positionUpdates',
      document,
      { r: begin },
    );
    const first = await stream.next();
    expect(first.positionAfter).toEqual({ quantity: held, instrument: { symbol: 'ORBIT' } });
    await place({ side: 'SELL', orderType: 'MARKET', price: null, quantity: '4' });
    let after = first;
    while (Number(after.positionAfter.quantity) !== Number(held) - 4) after = await stream.next();
    stream.stop();
  });
});

describe('market data', () => {
  const apply = (side: Map<string, Level>, changes: readonly Level[]): void => {
    for (const level of changes) {
      if (level.quantity === '0') side.delete(level.price);
      else side.set(level.price, level);
    }
  };
  const sorted = (side: ReadonlyMap<string, Level>, isBid: boolean): Level[] =>
    [...side.values()].sort((a, b) => (isBid ? Number(b.price) - Number(a.price) : Number(a.price) - Number(b.price)));

  it('a book from its snapshot and 60 deltas is the book that a query shows at the same sequence', async () => {
    const levels = 'price quantity orderCount';
    const stream = client.subscribe<BookUpdate>(
      'book',
      `subscription { book(symbol: "BTC-USD", depth: 8) { kind bids { ${levels} } asks { ${levels} } previousSequence sequence } }`,
    );
    const bids = new Map<string, Level>();
    const asks = new Map<string, Level>();
    let sequence = '0';
    let compared = 0;
    for (let update = 0; update < 400 && (update < 60 || compared === 0); update += 1) {
      const next = await stream.next();
      expect(next.kind).toBe(update === 0 ? 'SNAPSHOT' : 'DELTA');
      expect(next.previousSequence).toBe(sequence);
      sequence = next.sequence;
      apply(bids, next.bids);
      apply(asks, next.asks);
      expect(bids.size).toBeLessThanOrEqual(8);
      if (update % 5 !== 0) continue;
      const book = await client.field<{ bids: Level[]; asks: Level[]; sequence: string }>(
        'book',
        `{ book(symbol: "BTC-USD", depth: 8) { bids { ${levels} } asks { ${levels} } sequence } }`,
      );
      if (book.sequence !== sequence) continue; // the market moved in between
      expect(sorted(bids, true)).toEqual(book.bids);
      expect(sorted(asks, false)).toEqual(book.asks);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(0);
    stream.stop();
  });

  it('quotes come for every symbol at once and then move, at most ten a second each', async () => {
    const stream = client.subscribe<{ symbol: string; bidPrice: string; askPrice: string }>(
      'quotes',
      'subscription { quotes { symbol bidPrice askPrice lastPrice } }',
    );
    const counts = new Map<string, number>();
    const begun = performance.now();
    for (let read = 0; read < 100; read += 1) {
      const quote = await stream.next();
      expect(Number(quote.bidPrice)).toBeLessThan(Number(quote.askPrice));
      counts.set(quote.symbol, (counts.get(quote.symbol) ?? 0) + 1);
    }
    const seconds = (performance.now() - begun) / 1_000;
    expect(counts.size).toBe(5);
    for (const [symbol, count] of counts) expect(count, symbol).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 1);
    stream.stop();
  });

  it('live bars and trades agree with the history', async () => {
    const bars = client.subscribe<{ openTime: string; close: string; closed: boolean }>(
      'candles',
      'subscription { candles(symbol: "NOVA", timeframe: M1) { openTime open high low close volume tradeCount closed } }',
    );
    const trades = client.subscribe<{ tradeId: string; position: string }>(
      'trades',
      'subscription { trades(symbol: "NOVA") { tradeId price quantity position } }',
    );
    await bars.next();
    const seen: { tradeId: string; position: string }[] = [];
    for (let read = 0; read < 20; read += 1) seen.push(await trades.next());
    const last = seen.at(-1);
    const page = await client.field<{ edges: { node: { tradeId: string } }[] }>(
      'trades',
      'query($p: Position) { trades(symbol: "NOVA", first: 500, atLeast: $p) { edges { node { tradeId price quantity position } } } }',
      { p: last?.position },
    );
    const stored = page.edges.map(({ node }) => node).reverse();
    const from = stored.findIndex(({ tradeId }) => tradeId === seen[0]?.tradeId);
    expect(stored.slice(from, from + seen.length)).toEqual(seen);
    // A bar that closes while we watch is the bar that the history shows.
    let bar = await bars.next();
    while (!bar.closed) bar = await bars.next();
    const document =
      'query($b: DateTime, $p: Position) { candles(symbol: "NOVA", timeframe: M1, first: 1, before: $b, atLeast: $p) { edges { node { openTime open high low close volume tradeCount closed } } } }';
    const end = new Date(Date.parse(bar.openTime) + 60_000).toISOString();
    const position = await client.field<{ position: string }>('book', '{ book(symbol: "NOVA") { position } }');
    const candles = await client.field<{ edges: { node: unknown }[] }>('candles', document, { b: end, p: position.position });
    expect(candles.edges[0]?.node).toEqual(bar);
    bars.stop();
    trades.stop();
  }, 120_000);
});

describe('a second gateway on the same platform', () => {
  let second: ChildProcess;
  let operator: GatewayClient;
  let counter: StatementCounter;
  let folder: string;

  beforeAll(async () => {
    counter = await countStatements(instance.config.postgres.url);
    folder = mkdtempSync(join(tmpdir(), 'fulltape-second-gateway-'));
    const configFile = join(folder, 'config.json');
    writeConfig(configFile, {
      ...instance.config,
      logLevel: 'warn',
      gateway: { port: 0 },
      postgres: { ...instance.config.postgres, url: counter.url },
    });
    second = fork(await builtFile('services/gateway/main.js'), [], {
      env: { ...process.env, FULLTAPE_CONFIG_JSON: configFile },
      execArgv: [], // not the test runner's own conditions
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ready = await new Promise<{ urls: { graphql: string; ws: string } }>((resolve, reject) => {
      second.once('message', (message) => resolve(message as { urls: { graphql: string; ws: string } }));
      second.once('exit', (code) => reject(new Error(`the second gateway ended with ${code}`)));
    });
    operator = connectGateway(
      ready.urls,
      ensureTokens(instance.dataDir, { demo: true }).find(({ role }) => role === 'operator')?.token ?? '',
    );
  });
  afterAll(async () => {
    await operator.close();
    const gone = new Promise((resolve) => second.once('exit', resolve));
    second.kill('SIGTERM');
    expect(await gone).toBe(0);
    await counter.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** SQL statements that one query costs; the instruments are in the cache. */
  const statementsOf = async (document: string): Promise<{ readonly count: number; readonly nodes: number }> => {
    await operator.ask('{ instruments { edges { node { symbol } } } }');
    counter.reset();
    const answer = await operator.ask(document);
    expect(answer.errors).toBeUndefined();
    return { count: counter.count, nodes: JSON.stringify(answer.data).split('"symbol"').length - 1 };
  };

  it('costs the same few statements for 2 orders and for 200, executions and instruments included', async () => {
    const page = (first: number): string =>
      `{ orders(accountId: "2001", first: ${first}) { edges { node { orderId instrument { symbol quote { lastPrice } } executions(first: 5) { edges { node { lastPrice } } } } } } }`;
    await waitUntil(async () => (await statementsOf(page(200))).nodes >= 40, {
      timeoutMs: 60_000,
      intervalMs: 250,
      what: 'the simulated maker to place 40 orders',
    });
    const few = await statementsOf(page(2));
    const many = await statementsOf(page(200));
    expect(few.nodes).toBe(2);
    expect(many.nodes).toBeGreaterThanOrEqual(40);
    // Live tables, orders, executions; the catalogue may be a second old and then costs two more.
    for (const { count } of [few, many]) expect(count).toBeLessThanOrEqual(5);
  });

  it('reads balances and positions of all accounts at once', async () => {
    const all = await statementsOf('{ accounts { id balances { total } positions { quantity marketValue instrument { symbol } } } }');
    expect(all.nodes).toBeGreaterThan(20);
    expect(all.count).toBeLessThanOrEqual(6);
  });

  it('shows the same day as the history, though it began in the middle of it', async () => {
    instance.kill('simulation', 'SIGSTOP');
    try {
      const head = await client.field<{ position: string }>('book', '{ book(symbol: "NOVA") { position } }');
      await operator.field('book', 'query($p: Position) { book(symbol: "NOVA", atLeast: $p) { position } }', { p: head.position });
      for (const symbol of ['NOVA', 'ATLAS', 'BTC-USD']) {
        const [quote] = await operator.field<readonly Record<string, string>[]>(
          'quotes',
          'query($s: [String!]) { quotes(symbols: $s) { open high low volume lastPrice } }',
          { s: [symbol] },
        );
        const days = await operator.field<{ edges: { node: Record<string, string> }[] }>(
          'candles',
          'query($s: String!, $p: Position) { candles(symbol: $s, timeframe: D1, first: 1, atLeast: $p) { edges { node { open high low volume close } } } }',
          { s: symbol, p: head.position },
        );
        const day = days.edges[0]?.node ?? {};
        expect(quote, symbol).toEqual({
          open: day['open'],
          high: day['high'],
          low: day['low'],
          volume: day['volume'],
          lastPrice: day['close'],
        });
      }
    } finally {
      instance.kill('simulation', 'SIGCONT');
    }
  });
});

it('a gateway that restarts is resumed without a gap', async () => {
  const begin = await client.field<string>('servedPosition', '{ servedPosition }');
  const pid = instance.runtime().pids['gateway'] ?? 0;
  const order = await place({});
  instance.kill('gateway');
  await instance.restarted('gateway', pid);
  client.cut();
  let stream = client.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: accountId, r: begin });
  const deadline = Date.now() + 60_000;
  const first = async (): Promise<OrderUpdate> => {
    for (;;) {
      try {
        return await stream.next();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        client.cut(); // not listening yet
        stream = client.subscribe<OrderUpdate>('orderUpdates', updatesDocument, { a: accountId, r: begin });
      }
    }
  };
  expect((await first()).order).toMatchObject({ orderId: order.orderId, orderStatus: 'NEW' });
  stream.stop();
});
