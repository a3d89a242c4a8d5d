/** Every order type in every time in force, through GraphQL: what is accepted lives its whole life, what is not has its numbered refusal. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { startInstance, type TestInstance } from '#platform/testing/instance.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import { connectGateway, type Stream } from '../services/gateway/testing/gateway-client.js';
import { OrderDesk, orderFields, owner, type Ack, type Input, type OrderFields } from './testing/order-desk.js';

const timesInForce = ['DAY', 'GTC', 'IOC', 'FOK', 'GTD', 'OPG', 'ATC', 'GFA'] as const;
type TimeInForce = (typeof timesInForce)[number];

/** What becomes of an order: at once, after what the market does, or a refusal. */
type Life = ErrorCode | 'fills' | 'rests' | 'remainder' | 'waits' | 'expires';

interface TypeCase {
  readonly orderType: string;
  readonly input: Input;
  readonly lives: Readonly<Record<TimeInForce, Life>>;
  /** Which way the market goes to trigger a waiting order, and where it trades then. */
  readonly trigger?: 'up' | 'down';
  readonly averagePrice: string;
  /** What the query shows beside the input. */
  readonly shown?: Input;
}

const noAuction = 'UNSUPPORTED_ORDER_TYPE';
const outsideAuctions = { OPG: noAuction, ATC: noAuction, GFA: noAuction } as const;
const waiting = { DAY: 'waits', GTC: 'waits', IOC: 'waits', FOK: 'waits', GTD: 'expires', ...outsideAuctions } as const;

const types: readonly TypeCase[] = [
  {
    orderType: 'MARKET',
    input: {},
    lives: { DAY: 'fills', GTC: 'fills', IOC: 'fills', FOK: 'fills', GTD: 'UNSUPPORTED_ORDER_TYPE', ...outsideAuctions },
    averagePrice: '101',
  },
  {
    orderType: 'LIMIT',
    input: { price: '100' },
    lives: { DAY: 'rests', GTC: 'rests', IOC: 'remainder', FOK: 'FILL_OR_KILL_UNFILLABLE', GTD: 'expires', ...outsideAuctions },
    averagePrice: '100',
  },
  {
    orderType: 'MARKET_TO_LIMIT',
    input: {},
    lives: { DAY: 'fills', GTC: 'fills', IOC: 'fills', FOK: 'fills', GTD: 'fills', ...outsideAuctions },
    averagePrice: '101',
    shown: { price: '101' },
  },
  { orderType: 'STOP', input: { stopPrice: '102' }, lives: waiting, trigger: 'up', averagePrice: '102' },
  { orderType: 'STOP_LIMIT', input: { stopPrice: '102', price: '102.5' }, lives: waiting, trigger: 'up', averagePrice: '102' },
  {
    orderType: 'TRAILING_STOP',
    input: { side: 'SELL', trailingOffset: '1' },
    lives: waiting,
    trigger: 'down',
    averagePrice: '98',
    shown: { stopPrice: '99', trailingUnit: 'PRICE' },
  },
  {
    orderType: 'TRAILING_STOP_LIMIT',
    input: { side: 'SELL', trailingOffset: '100', trailingUnit: 'BASIS_POINTS', limitOffset: '1.5' },
    lives: waiting,
    trigger: 'down',
    averagePrice: '98',
    shown: { stopPrice: '99', price: '97.5' },
  },
  { orderType: 'MARKET_IF_TOUCHED', input: { stopPrice: '98' }, lives: waiting, trigger: 'down', averagePrice: '101' },
  { orderType: 'LIMIT_IF_TOUCHED', input: { stopPrice: '98', price: '101' }, lives: waiting, trigger: 'down', averagePrice: '101' },
];

interface Row {
  readonly symbol: string;
  readonly type: TypeCase;
  readonly timeInForce: TimeInForce;
  readonly life: Life;
}
const rows: readonly Row[] = types.flatMap((type, typeIndex) =>
  timesInForce.map((timeInForce, timeIndex) => ({
    symbol: `T${typeIndex}${timeIndex}`,
    type,
    timeInForce,
    life: type.lives[timeInForce],
  })),
);
const isRefusal = (life: Life): life is ErrorCode => Object.hasOwn(errorTable, life);
/** Instruments of the tests behind the table. */
const others = [
  'ICE',
  'HIDE',
  'POST',
  'REPR',
  'REDU',
  'AON',
  'MINQ',
  'STP1',
  'STP2',
  'AMND',
  'GONE',
  'KILL',
  'REST',
  'LIMT',
  'DEAD',
  'WIRE',
];

let instance: TestInstance;
let desk: OrderDesk;
let begin: string;
let live: Stream<Update>;

interface Update {
  readonly order: OrderFields;
  readonly position: string;
}

beforeAll(async () => {
  instance = await startInstance({ environment: { FULLTAPE_SIMULATION_ORDERS_PER_SECOND: '0' } });
  desk = await OrderDesk.open(instance);
  await desk.list([...rows.map(({ symbol }) => symbol), ...others].map((symbol, index) => ({ id: 100 + index, symbol })));
  begin = await desk.client.field<string>('servedPosition', '{ servedPosition }');
  live = desk.client.subscribe(
    'orderUpdates',
    `subscription { orderUpdates(accountId: "${owner}") { order { ${orderFields} } position } }`,
  );
}, 180_000);
afterAll(async () => {
  await desk.close();
  await instance.stop();
});

const everyOrder = async (): Promise<OrderFields[]> => {
  const page = `{ orders(accountId: "${owner}", first: 500) { edges { node { ${orderFields} } } } }`;
  return (await desk.client.field<{ edges: { node: OrderFields }[] }>('orders', page)).edges.map(({ node }) => node);
};

/** What a term of the input looks like in the answer. */
const termsShown = ({ type, timeInForce }: Row, expireTime: string): Input => ({
  orderType: type.orderType,
  timeInForce,
  ...type.input,
  ...(type.trigger === undefined ? {} : { triggerSource: 'LAST' }),
  ...(timeInForce === 'GTD' ? { expireTime } : {}),
  ...type.shown,
});

const sentence = { ImmediateRemainder: /could not trade at once/, Expired: /has ended/ };

describe('order type × time in force', () => {
  /** Soon, but behind the placing of all rows even on a slow machine. */
  const expireTime = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 40_000).toISOString();
  const place = (row: Row): Promise<Ack> =>
    desk.place(row.symbol, {
      orderType: row.type.orderType,
      timeInForce: row.timeInForce,
      ...row.type.input,
      ...(row.timeInForce === 'GTD' ? { expireTime } : {}),
    });

  it.each(rows.map((row) => [`${row.type.orderType} ${row.timeInForce}: ${row.life}`, row] as const))('%s', async (_name, row) => {
    await desk.makeMarket(row.symbol);
    const ack = await place(row);
    const shown = termsShown(row, expireTime);
    if (isRefusal(row.life)) {
      const { number } = errorTable[row.life];
      expect(ack.refusal).toMatchObject({ code: row.life, number });
      expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
        ...{ orderType: shown['orderType'], timeInForce: row.timeInForce },
        ...{
          orderStatus: 'REJECTED',
          execType: 'REJECTED',
          leavesQuantity: '0',
          reason: row.life,
          reasonText: errorTable[row.life].message,
        },
        refusal: { code: row.life, number },
      });
      return;
    }
    expect(ack.refusal).toBeNull();
    const filled = { orderStatus: 'FILLED', execType: 'TRADE', cumQuantity: '10', averagePrice: row.type.averagePrice, reason: null };
    switch (row.life) {
      case 'fills':
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ ...shown, ...filled });
        return;
      case 'remainder':
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
          ...{ ...shown, orderStatus: 'CANCELED', execType: 'CANCELED', reason: 'ImmediateRemainder' },
          reasonText: expect.stringMatching(sentence.ImmediateRemainder) as string,
        });
        return;
      case 'rests': {
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
          ...shown,
          orderStatus: 'NEW',
          execType: 'NEW',
          leavesQuantity: '10',
        });
        const { position } = await desk.place(row.symbol, { side: 'SELL', price: '100', timeInForce: 'IOC' }, '8003');
        expect(await desk.order(ack.orderId, position)).toMatchObject({ ...shown, ...filled });
        return;
      }
      case 'waits': {
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
          ...shown,
          orderStatus: 'NEW',
          triggered: false,
          leavesQuantity: '10',
        });
        const { position } = await desk.push(row.symbol, row.type.trigger ?? 'up');
        expect(await desk.order(ack.orderId, position)).toMatchObject({ ...shown, ...filled, triggered: true });
        return;
      }
      case 'expires':
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ ...shown, orderStatus: 'NEW', leavesQuantity: '10' });
    }
  });

  it('dated orders expire by the clock, waiting ones too', async () => {
    const dated = rows.filter(({ life }) => life === 'expires');
    const ordersNow = async (): Promise<OrderFields[]> =>
      (await everyOrder()).filter((node) => node['timeInForce'] === 'GTD' && node['reason'] === 'Expired');
    await waitUntil(async () => (await ordersNow()).length === dated.length, {
      timeoutMs: 90_000,
      intervalMs: 250,
      what: 'the clock to pass',
    });
    for (const order of await ordersNow()) {
      expect(order).toMatchObject({ orderStatus: 'EXPIRED', execType: 'EXPIRED', leavesQuantity: '0', expireTime });
      expect(order['reasonText']).toMatch(sentence.Expired);
    }
  });
});

describe('instructions, quantities and self-trade prevention', () => {
  it('an iceberg shows its display quantity alone, refreshes it, and shows another after an amend', async () => {
    const ack = await desk.place('ICE', { price: '100', quantity: '30', displayQuantity: '10' });
    expect((await desk.book('ICE', ack.position)).bids).toEqual([{ price: '100', quantity: '10', orderCount: 1 }]);
    const sold = await desk.place('ICE', { side: 'SELL', price: '100', quantity: '12', timeInForce: 'IOC' }, '8003');
    expect((await desk.book('ICE', sold.position)).bids).toEqual([{ price: '100', quantity: '8', orderCount: 1 }]);
    expect(await desk.order(ack.orderId, sold.position)).toMatchObject({
      leavesQuantity: '18',
      displayQuantity: '10',
      orderStatus: 'PARTIALLY_FILLED',
    });
    const amended = await desk.amend('ICE', ack.orderId ?? '', { displayQuantity: '5' });
    expect(amended.refusal).toBeNull();
    expect((await desk.book('ICE', amended.position)).bids).toEqual([{ price: '100', quantity: '5', orderCount: 1 }]);
    expect(await desk.order(ack.orderId, amended.position)).toMatchObject({ displayQuantity: '5', execType: 'REPLACED' });
    const whole = await desk.amend('ICE', ack.orderId ?? '', { displayQuantity: '0' });
    expect((await desk.book('ICE', whole.position)).bids).toEqual([{ price: '100', quantity: '18', orderCount: 1 }]);
    expect(await desk.order(ack.orderId, whole.position)).toMatchObject({ displayQuantity: null });
  });

  it('a hidden order is in no book and trades all the same', async () => {
    const ack = await desk.place('HIDE', { price: '100', instructions: ['HIDDEN'] });
    expect((await desk.book('HIDE', ack.position)).bids).toEqual([]);
    const { position } = await desk.place('HIDE', { side: 'SELL', price: '100', timeInForce: 'IOC' }, '8003');
    expect(await desk.order(ack.orderId, position)).toMatchObject({ orderStatus: 'FILLED', instructions: ['HIDDEN'], postOnly: false });
  });

  it.each<[string, string, Input, ErrorCode]>([
    ['post-only that would trade', 'POST', { price: '101', postOnly: true }, 'POST_ONLY_WOULD_TRADE'],
    ['post-only that cannot rest', 'POST', { price: '90', postOnly: true, timeInForce: 'IOC' }, 'UNSUPPORTED_ORDER_TYPE'],
    ['both ways of post-only', 'POST', { price: '90', instructions: ['POST_ONLY', 'POST_ONLY_REPRICE'] }, 'UNSUPPORTED_ORDER_TYPE'],
    ['reduce-only without a position', 'REDU', { price: '90', instructions: ['REDUCE_ONLY'] }, 'REDUCE_ONLY'],
    [
      'all or none that cannot be filled',
      'AON',
      { price: '101', quantity: '60', timeInForce: 'IOC', instructions: ['ALL_OR_NONE'] },
      'FILL_OR_KILL_UNFILLABLE',
    ],
    ['a minimum that cannot trade', 'MINQ', { price: '101', quantity: '70', minimumQuantity: '60' }, 'FILL_OR_KILL_UNFILLABLE'],
    ['a minimum above the quantity', 'MINQ', { price: '101', minimumQuantity: '60' }, 'INVALID_ARGUMENT'],
    ['a date that has passed', 'MINQ', { price: '90', timeInForce: 'GTD', expireTime: '2020-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
    ['an iceberg that cannot rest', 'ICE', { price: '90', timeInForce: 'IOC', displayQuantity: '1' }, 'UNSUPPORTED_ORDER_TYPE'],
  ])('%s is refused', async (_what, symbol, change, code) => {
    await desk.makeMarket(symbol);
    const ack = await desk.place(symbol, change);
    expect(ack).toMatchObject({ orderStatus: 'REJECTED', refusal: { code, number: errorTable[code].number } });
    expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ orderStatus: 'REJECTED', reason: code });
  });

  it('post-only with repricing rests a tick behind the touch and says so', async () => {
    await desk.makeMarket('REPR');
    const ack = await desk.place('REPR', { price: '105', instructions: ['POST_ONLY_REPRICE'] });
    expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ price: '100.99', reason: 'Repriced', orderStatus: 'NEW' });
  });

  it('self-trade prevention ends the older order, or takes the smaller one off both', async () => {
    const older = await desk.place('STP1', { price: '100' });
    const newer = await desk.place('STP1', { side: 'SELL', price: '100', quantity: '4', selfTradePrevention: 'CANCEL_OLDEST' });
    expect(await desk.order(older.orderId, newer.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'SelfTradePrevention' });
    expect(await desk.order(newer.orderId, newer.position)).toMatchObject({ orderStatus: 'NEW', selfTradePrevention: 'CANCEL_OLDEST' });
    const large = await desk.place('STP2', { price: '100' });
    const small = await desk.place('STP2', { side: 'SELL', price: '100', quantity: '4', selfTradePrevention: 'DECREMENT_AND_CANCEL' });
    expect(await desk.order(large.orderId, small.position)).toMatchObject({ quantity: '6', leavesQuantity: '6', execType: 'RESTATED' });
    expect(await desk.order(small.orderId, small.position)).toMatchObject({ orderStatus: 'CANCELED', cumQuantity: '0' });
  });

  it('a trigger is amended while it waits, and not after', async () => {
    await desk.makeMarket('AMND');
    const stop = await desk.place('AMND', { orderType: 'STOP_LIMIT', stopPrice: '103', price: '103' });
    const amended = await desk.amend('AMND', stop.orderId ?? '', { stopPrice: '102', price: '101' });
    expect(amended.refusal).toBeNull();
    expect(await desk.order(stop.orderId, amended.position)).toMatchObject({
      stopPrice: '102',
      price: '101',
      triggered: false,
      execType: 'REPLACED',
    });
    const pushed = await desk.push('AMND', 'up');
    expect(await desk.order(stop.orderId, pushed.position)).toMatchObject({
      orderStatus: 'NEW',
      triggered: true,
      execType: 'TRIGGERED',
      price: '101',
    });
    expect((await desk.book('AMND', pushed.position)).bids[0]).toMatchObject({ price: '101', quantity: '10' });
    expect((await desk.amend('AMND', stop.orderId ?? '', { stopPrice: '104' })).refusal).toMatchObject({ code: 'UNSUPPORTED_ORDER_TYPE' });
    const canceled = await desk.cancel('AMND', stop.orderId ?? '');
    expect(await desk.order(stop.orderId, canceled.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'Requested' });
  });
});

describe('what operators do', () => {
  const stateDocument = 'query($p: Position) { tradingStates(atLeast: $p) { scope targetId tradingState stateReason } }';

  it('a kill switch of an instrument cancels what is open there and refuses what comes, until it is lifted', async () => {
    const [resting, waits] = await Promise.all([
      desk.place('KILL', { price: '90' }),
      desk.place('KILL', { orderType: 'STOP', stopPrice: '110' }),
    ]);
    const elsewhere = await desk.place('GONE', { price: '90' });
    const killed = await desk.operate('setTradingState', { scope: 'INSTRUMENT', symbol: 'KILL', state: 'HALTED', cancelOrders: true });
    expect(killed).toMatchObject({ affectedCount: '3', refusal: null });
    for (const { orderId } of [resting, waits])
      expect(await desk.order(orderId, killed.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'TradingHalted' });
    expect(await desk.order(elsewhere.orderId, killed.position)).toMatchObject({ orderStatus: 'NEW' });
    const document =
      'query($p: Position) { instrument(symbol: "KILL", atLeast: $p) { tradingState stateReason phase quote { tradingState } } }';
    expect(await desk.client.field('instrument', document, { p: killed.position })).toEqual({
      ...{ tradingState: 'HALTED', stateReason: 'OPERATOR', phase: 'CONTINUOUS' },
      quote: { tradingState: 'HALTED' },
    });
    expect((await desk.place('KILL', { price: '90' })).refusal).toMatchObject({ code: 'INSTRUMENT_HALTED', number: 3005 });
    expect((await desk.operate('setTradingState', { scope: 'INSTRUMENT', symbol: 'KILL', state: 'ACTIVE' })).refusal).toBeNull();
    expect((await desk.place('KILL', { price: '90' })).refusal).toBeNull();
  });

  it('a kill switch of everything halts everybody, and everybody can see it', async () => {
    const open = await desk.place('GONE', { price: '91' });
    const killed = await desk.operate('setTradingState', { scope: 'GLOBAL', state: 'HALTED', reason: 'REGULATOR', cancelOrders: true });
    try {
      expect(await desk.order(open.orderId, killed.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'TradingHalted' });
      expect((await desk.place('GONE', { price: '90' })).refusal).toMatchObject({ code: 'GLOBAL_HALT', number: 3015 });
      const trader = connectGateway(instance.urls, instance.accounts[0]?.token ?? '');
      try {
        expect(await trader.field('tradingStates', stateDocument, { p: killed.position })).toEqual([
          { scope: 'GLOBAL', targetId: '0', tradingState: 'HALTED', stateReason: 'REGULATOR' },
        ]);
      } finally {
        await trader.close();
      }
    } finally {
      await desk.operate('setTradingState', { scope: 'GLOBAL', state: 'ACTIVE' });
    }
  });

  it('an account that is halted says why, and its orders are refused', async () => {
    const halted = await desk.operate('setTradingState', { scope: 'ACCOUNT', accountId: owner, state: 'HALTED' });
    const document = 'query($p: Position) { accounts(atLeast: $p) { id tradingState stateReason stateReasonText } }';
    const accounts = await desk.client.field<{ id: string }[]>('accounts', document, { p: halted.position });
    expect(accounts.find(({ id }) => id === owner)).toMatchObject({
      ...{ tradingState: 'HALTED', stateReason: 'OPERATOR', stateReasonText: 'Set by an operator.' },
    });
    expect((await desk.place('GONE', { price: '90' })).refusal).toMatchObject({ code: 'ACCOUNT_HALTED', number: 3016 });
    await desk.operate('setTradingState', { scope: 'ACCOUNT', accountId: owner, state: 'ACTIVE' });
  });

  it('a restricted instrument refuses with the version of the list', async () => {
    const listed = await desk.operate('setRestriction', { accountId: owner, symbol: 'REST', restriction: 'NO_BUY', version: 7 });
    expect(listed.refusal).toBeNull();
    const ack = await desk.place('REST', { price: '90' });
    expect(ack.refusal).toMatchObject({ code: 'COMPLIANCE_RESTRICTED', number: 2017 });
    expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
      ...{ orderStatus: 'REJECTED', reason: 'COMPLIANCE_RESTRICTED' },
      refusal: { number: 2017, ruleVersion: 7 },
    });
    expect((await desk.place('REST', { price: '90', side: 'SELL' })).refusal).toBeNull();
    const lifted = await desk.operate('setRestriction', { accountId: owner, symbol: 'REST', restriction: 'NONE', version: 8 });
    expect(lifted.refusal).toBeNull();
    expect((await desk.place('REST', { price: '80' })).refusal).toBeNull();
  });

  it('what an operator cannot mean has the code of its field', async () => {
    const attempts: readonly [string, Input, ErrorCode][] = [
      ['setTradingState', { scope: 'INSTRUMENT', state: 'HALTED' }, 'INVALID_ARGUMENT'],
      ['setTradingState', { scope: 'ACCOUNT', accountId: 'x', state: 'HALTED' }, 'UNKNOWN_ACCOUNT'],
      ['setTradingState', { scope: 'ACCOUNT', accountId: '4000000000', state: 'HALTED' }, 'UNKNOWN_ACCOUNT'],
      ['setTradingState', { scope: 'GROUP', groupId: '-1', state: 'HALTED' }, 'INVALID_ARGUMENT'],
      ['setSession', { phase: 'CLOSED' }, 'INVALID_ARGUMENT'],
      ['setSession', { symbol: 'NOPE', phase: 'CLOSED' }, 'UNKNOWN_INSTRUMENT'],
      ['setSession', { symbol: 'KILL', phase: 'CLOSED', until: 'soon' }, 'INVALID_ARGUMENT'],
      ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 0 }, 'INVALID_ARGUMENT'],
      ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 1, maxOrderQuantity: '10' }, 'INVALID_ARGUMENT'],
      ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 1, maxOrderNotional: '-1' }, 'AMOUNT_NOT_POSITIVE'],
      ['setTripRule', { scope: 'INSTRUMENT', symbol: 'KILL', rule: 'PRICE_MOVE', threshold: '1.5' }, 'INVALID_ARGUMENT'],
      ['setReferencePrice', { symbol: 'KILL', price: '0', purpose: 'MARK' }, 'PRICE_NOT_POSITIVE'],
    ];
    for (const [name, input, code] of attempts)
      expect((await desk.operate(name, input)).refusal, JSON.stringify(input)).toMatchObject({ code });
  });

  it('a mark price triggers what follows the mark', async () => {
    const stop = await desk.place('WIRE', { orderType: 'STOP_LIMIT', stopPrice: '103', price: '100', triggerSource: 'MARK' });
    const marked = await desk.operate('setReferencePrice', { symbol: 'WIRE', price: '103', purpose: 'MARK' });
    expect(await desk.order(stop.orderId, marked.position)).toMatchObject({ triggered: true, triggerSource: 'MARK', orderStatus: 'NEW' });
  });
});

describe('client sessions', () => {
  const keepAlive = (input: Input): Promise<{ readonly deadline: string | null; readonly refusal: { readonly code: string } | null }> =>
    desk.client.field('keepAlive', 'mutation($i: KeepAliveInput!) { keepAlive(input: $i) { deadline refusal { code } } }', {
      i: { accountId: owner, sessionId: '5', ...input },
    });
  const statusOf = async ({ orderId, position }: Ack): Promise<OrderFields> => desk.order(orderId, position);

  it('a session that falls silent loses its orders at the deadline, and no others', async () => {
    const inside = await desk.place('DEAD', { price: '90', sessionId: '5' });
    const outside = await desk.place('DEAD', { price: '91', sessionId: '6' });
    expect(await keepAlive({ withinMs: 1_500 })).toMatchObject({ refusal: null, deadline: expect.stringMatching(/Z$/) as string });
    await waitUntil(async () => (await statusOf(inside)).orderStatus === 'CANCELED', {
      timeoutMs: 20_000,
      intervalMs: 200,
      what: 'the deadline',
    });
    expect(await statusOf(inside)).toMatchObject({ reason: 'SessionLost', reasonText: 'The session that placed it was lost.' });
    expect(await statusOf(outside)).toMatchObject({ orderStatus: 'NEW' });
    const canceled = await desk.client.field<{ canceledCount: string }>(
      'cancelAllOrders',
      'mutation($i: CancelAllOrdersInput!) { cancelAllOrders(input: $i) { canceledCount } }',
      { i: { accountId: owner, sessionId: '6' } },
    );
    expect(canceled).toEqual({ canceledCount: '1' });
  });

  it.each<[Input, ErrorCode]>([
    [{}, 'INVALID_ARGUMENT'],
    [{ withinMs: 1_000, deadline: '2030-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
    [{ withinMs: -1 }, 'INVALID_ARGUMENT'],
    [{ deadline: 'soon' }, 'INVALID_ARGUMENT'],
    [{ sessionId: '0', withinMs: 1_000 }, 'INVALID_ARGUMENT'],
  ])('a switch that means nothing is refused: %j', async (input, code) => expect((await keepAlive(input)).refusal).toMatchObject({ code }));

  it('a connection that declared a session takes its orders with it when it is cut', async () => {
    const token = ensureTokens(instance.dataDir, { demo: true }).find(({ name }) => name === 'operator')?.token ?? '';
    const client = connectGateway(instance.urls, token, { cancelOnDisconnect: { accountId: owner, sessionId: '9' } });
    const input = { accountId: owner, symbol: 'DEAD', side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '89' };
    // A mutation over the connection belongs to its session without naming it.
    const place = client.subscribe<Ack>(
      'placeOrder',
      'mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { orderId position } }',
      {
        input,
      },
    );
    const ack = await place.next();
    expect(await statusOf(ack)).toMatchObject({ orderStatus: 'NEW' });
    client.cut();
    await waitUntil(async () => (await statusOf(ack)).orderStatus === 'CANCELED', {
      timeoutMs: 20_000,
      intervalMs: 200,
      what: 'the cancel',
    });
    await client.close();
  });
});

describe('what everybody was told', () => {
  it('every order as the live subscription told it last is the order of the query, term by term', async () => {
    const stored = await everyOrder();
    expect(stored.length).toBeGreaterThan(rows.length);
    const told = new Map<string, OrderFields>();
    while (live.waiting.length > 0) {
      const { order } = await live.next();
      told.set(order.orderId, order);
    }
    for (const order of stored) expect(told.get(order.orderId), JSON.stringify(order)).toEqual(order);
  });

  /** The last state of every order by a resumed subscription, which reads history first. */
  const replayed = async (wanted: number): Promise<ReadonlyMap<string, OrderFields>> => {
    const document = `subscription($r: Position) { orderUpdates(accountId: "${owner}", resumeFrom: $r) { order { ${orderFields} } position } }`;
    const stream = desk.client.subscribe<Update>('orderUpdates', document, { r: begin });
    const last = new Map<string, OrderFields>();
    const done = (): boolean => last.size >= wanted && stream.waiting.length === 0;
    while (!done()) {
      const { order } = await stream.next();
      last.set(order.orderId, order);
    }
    stream.stop();
    return last;
  };

  it('every order as a resumed subscription tells it last is the order of the query, term by term', async () => {
    const stored = await everyOrder();
    const told = await replayed(stored.length);
    for (const order of stored) expect(told.get(order.orderId), JSON.stringify(order)).toEqual(order);
  });
});
