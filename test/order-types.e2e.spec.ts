/** Every order type in every time in force, through GraphQL: what is accepted lives its whole life, what is not has its numbered refusal. */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { startInstance, type TestInstance } from '#platform/testing/instance.js';
import type { Stream } from '../services/gateway/testing/gateway-client.js';
import { auctionCases } from './testing/auction-cases.js';
import { calendarCases } from './testing/calendar-cases.js';
import { clientSessionCases } from './testing/client-session-cases.js';
import { derivativeCases } from './testing/derivative-cases.js';
import { explainCases } from './testing/explain-cases.js';
import { limitCases } from './testing/limit-cases.js';
import { listCases } from './testing/list-cases.js';
import { operatorCases } from './testing/operator-cases.js';
import { tripCases } from './testing/trip-cases.js';
import { maker, OrderDesk, orderFields, owner, taker, type Ack, type Input, type OrderFields } from './testing/order-desk.js';

const timesInForce = ['DAY', 'GTC', 'IOC', 'FOK', 'GTD', 'OPG', 'ATC', 'GFA'] as const;
type TimeInForce = (typeof timesInForce)[number];

/** What becomes of an order: at once, after what the market does, or a refusal. */
type Life = ErrorCode | 'fills' | 'rests' | 'beside' | 'remainder' | 'waits' | 'held' | 'expires';

interface TypeCase {
  readonly orderType: string;
  /** What tells it from others of its type. */
  readonly variant?: string;
  readonly input: Input;
  readonly lives: Readonly<Record<TimeInForce, Life>>;
  /** Which way the market goes to trigger a waiting order, and where it trades then. */
  readonly trigger?: 'up' | 'down';
  readonly averagePrice: string;
  /** What the query shows beside the input. */
  readonly shown?: Input;
  /** The sell that takes one that rests; ten at 100 unless named. */
  readonly taken?: Input;
}

const unsupported = 'UNSUPPORTED_ORDER_TYPE';
const outsideAuctions = { OPG: unsupported, ATC: unsupported, GFA: unsupported } as const;
/** The instruments of the table trade continuously: the opening is past, the other auctions are waited for. */
const forAuctions = { OPG: 'MARKET_CLOSED', ATC: 'held', GFA: 'held' } as const;
/** A market order that waits for an auction needs the band that bounds its cost; these instruments have no collar. */
const withoutBand = { OPG: 'MARKET_CLOSED', ATC: 'NO_REFERENCE_PRICE', GFA: 'NO_REFERENCE_PRICE' } as const;
const waiting = { DAY: 'waits', GTC: 'waits', IOC: 'waits', FOK: 'waits', GTD: 'expires', ...outsideAuctions } as const;

const types: readonly TypeCase[] = [
  {
    orderType: 'MARKET',
    input: {},
    lives: { DAY: 'fills', GTC: 'fills', IOC: 'fills', FOK: 'fills', GTD: 'UNSUPPORTED_ORDER_TYPE', ...withoutBand },
    averagePrice: '101',
  },
  {
    orderType: 'LIMIT',
    input: { price: '100' },
    lives: { DAY: 'rests', GTC: 'rests', IOC: 'remainder', FOK: 'FILL_OR_KILL_UNFILLABLE', GTD: 'expires', ...forAuctions },
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
  {
    orderType: 'LIMIT',
    variant: 'all or none',
    input: { price: '100', instructions: ['ALL_OR_NONE'] },
    lives: {
      DAY: 'beside',
      GTC: 'beside',
      IOC: 'FILL_OR_KILL_UNFILLABLE',
      FOK: 'FILL_OR_KILL_UNFILLABLE',
      GTD: 'expires',
      ...outsideAuctions,
    },
    averagePrice: '100',
  },
  {
    orderType: 'STOP_LIMIT',
    variant: 'all or none',
    input: { stopPrice: '102', price: '102.5', instructions: ['ALL_OR_NONE'] },
    lives: waiting,
    trigger: 'up',
    averagePrice: '102',
  },
  // Bid 99, ask 101. A peg is behind what is at its price already, so whoever takes it takes that first.
  ...(
    [
      ['PRIMARY', '0', '99', { price: '99', quantity: '60' }],
      ['PRIMARY', '-0.5', '98.5', { price: '98.5', quantity: '60' }],
      ['MID', '0', '100', {}],
      ['MID', '-0.25', '99.75', { price: '99.75' }],
      ['MARKET', '0', '100.99', {}], // it never takes: a tick behind the ask
      ['MARKET', '-1.5', '99.5', { price: '99.5' }],
    ] as const
  ).map(([pegKind, pegOffset, price, taken]): TypeCase => ({
    orderType: 'PEGGED',
    variant: `${pegKind} ${pegOffset}`,
    input: { pegKind, pegOffset },
    lives: { DAY: 'rests', GTC: 'rests', IOC: unsupported, FOK: unsupported, GTD: 'expires', ...outsideAuctions },
    averagePrice: price,
    shown: { price },
    taken,
  })),
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
const nameOf = ({ type: { orderType, variant }, timeInForce, life }: Row): string =>
  [orderType, variant, `${timeInForce}: ${life}`].filter((part) => part !== undefined).join(' ');
const isRefusal = (life: Life): life is ErrorCode => Object.hasOwn(errorTable, life);
/** Instruments of the tests behind the table. */
const others =
  'ICE HIDE POST REPR REDU AON MINQ STP1 STP2 AMND GONE KILL REST LIMT DEAD WIRE OCO1 BRK1 OTO1 PEG1 PEG2 EXPL EXPM TRLD TRIP TRP2 TRP3 TRP4'.split(
    ' ',
  );

let instance: TestInstance;
let desk: OrderDesk;
let begin: string;
let live: Stream<Update>;

const executionFields = 'executionId tradeId orderId side lastQuantity lastPrice fee maker tradeKind';
const updatesDocument = `subscription($r: Position) { orderUpdates(accountId: "${owner}", resumeFrom: $r) {
  order { ${orderFields} } execution { ${executionFields} } position } }`;
interface Update {
  readonly order: OrderFields;
  readonly execution: { readonly executionId: string } | null;
  readonly position: string;
}

beforeAll(async () => {
  instance = await startInstance({
    // Snapshots while it runs: explanations of late orders begin behind one, those of early ones at the beginning of the tape.
    environment: { FULLTAPE_SIMULATION_ORDERS_PER_SECOND: '0', FULLTAPE_ORDERS_SNAPSHOT_EVERY_COMMANDS: '300' },
  });
  desk = await OrderDesk.open(instance);
  const plain = [...rows.map(({ symbol }) => symbol), ...others].map((symbol, index) => ({ id: 100 + index, symbol }));
  await desk.list([...plain, { id: 99, symbol: 'DAY1', collarPpm: 100_000 }, { id: 98, symbol: 'UND1' }]);
  begin = await desk.client.field<string>('servedPosition', '{ servedPosition }');
  live = desk.client.subscribe('orderUpdates', updatesDocument);
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
  /** When each dated order is to end: soon, but behind its placing even on a slow machine. */
  const expiries = new Map<string, string>();
  const expiryOf = ({ symbol }: Row): string => {
    const known = expiries.get(symbol) ?? new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 10_000).toISOString();
    expiries.set(symbol, known);
    return known;
  };
  const place = (row: Row): Promise<Ack> =>
    desk.place(row.symbol, {
      orderType: row.type.orderType,
      timeInForce: row.timeInForce,
      ...row.type.input,
      ...(row.timeInForce === 'GTD' ? { expireTime: expiryOf(row) } : {}),
    });

  it.each(rows.map((row) => [nameOf(row), row] as const))('%s', async (_name, row) => {
    await desk.makeMarket(row.symbol);
    const ack = await place(row);
    const shown = termsShown(row, expiryOf(row));
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
        const sell = { side: 'SELL', price: '100', timeInForce: 'IOC', ...row.type.taken };
        const { position } = await desk.place(row.symbol, sell, taker);
        expect(await desk.order(ack.orderId, position)).toMatchObject({ ...shown, ...filled });
        return;
      }
      case 'beside': {
        const resting = { ...shown, orderStatus: 'NEW', execType: 'NEW', leavesQuantity: '10', cumQuantity: '0' };
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject(resting);
        expect((await desk.book(row.symbol, ack.position)).bids[0]).toMatchObject({ price: '99' });
        const sell = { side: 'SELL', price: '100', timeInForce: 'IOC' };
        const small = await desk.place(row.symbol, { ...sell, quantity: '9' }, taker);
        expect(small).toMatchObject({ orderStatus: 'CANCELED', leavesQuantity: '0' });
        expect(await desk.order(ack.orderId, small.position)).toMatchObject(resting);
        const large = await desk.place(row.symbol, { ...sell, quantity: '11' }, taker);
        expect(await desk.order(ack.orderId, large.position)).toMatchObject({ ...shown, ...filled });
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
      case 'held': {
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ ...shown, orderStatus: 'NEW', leavesQuantity: '10' });
        expect((await desk.book(row.symbol, ack.position)).bids[0]).toMatchObject({ price: '99' });
        const { position } = await desk.cancel(row.symbol, ack.orderId ?? '');
        expect(await desk.order(ack.orderId, position)).toMatchObject({ ...shown, orderStatus: 'CANCELED', reason: 'Requested' });
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
      const expireTime = expiries.get((order['instrument'] as { symbol: string }).symbol);
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
    ['a minimum that cannot trade', 'MINQ', { price: '101', quantity: '70', minimumQuantity: '60' }, 'MINIMUM_QUANTITY_UNFILLABLE'],
    ['a date that has passed', 'MINQ', { price: '90', timeInForce: 'GTD', expireTime: '2020-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
    ['an iceberg that cannot rest', 'ICE', { price: '90', timeInForce: 'IOC', displayQuantity: '1' }, 'UNSUPPORTED_ORDER_TYPE'],
  ])('%s is refused', async (_what, symbol, change, code) => {
    await desk.makeMarket(symbol);
    const ack = await desk.place(symbol, change);
    expect(ack).toMatchObject({ orderStatus: 'REJECTED', refusal: { code, number: errorTable[code].number } });
    expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ orderStatus: 'REJECTED', reason: code });
  });

  const [post, reprice] = [{ instructions: ['POST_ONLY'] }, { instructions: ['POST_ONLY_REPRICE'] }];
  const [hidden, whole] = [{ instructions: ['HIDDEN'] }, { instructions: ['ALL_OR_NONE'] }];
  const [iceberg, minimum] = [{ displayQuantity: '1' }, { minimumQuantity: '1' }];
  const market = { orderType: 'MARKET', price: undefined };
  const toLimit = { orderType: 'MARKET_TO_LIMIT', price: undefined };
  const stop = { orderType: 'STOP', price: undefined, stopPrice: '110' };
  const stopLimit = { orderType: 'STOP_LIMIT', stopPrice: '110' };
  const trailing = { orderType: 'TRAILING_STOP_LIMIT', price: undefined, trailingOffset: '5', limitOffset: '1' };
  const pegged = { orderType: 'PEGGED', price: undefined, pegKind: 'PRIMARY' };
  const forAuction = { timeInForce: 'GFA' };
  it.each<[Input, readonly Input[]]>([
    [post, [{ timeInForce: 'IOC' }, { timeInForce: 'FOK' }, market, toLimit, stopLimit, forAuction, minimum]],
    [reprice, [{ timeInForce: 'IOC' }, toLimit, stopLimit, forAuction, minimum, pegged]],
    [hidden, [{ timeInForce: 'IOC' }, { timeInForce: 'FOK' }, market, stop, trailing, iceberg]],
    [iceberg, [{ timeInForce: 'FOK' }, market, stop, trailing, pegged]],
    [whole, [{ instructions: ['ALL_OR_NONE', 'POST_ONLY'] }, { instructions: ['ALL_OR_NONE', 'HIDDEN'] }, iceberg, minimum, toLimit]],
    [whole, [forAuction, pegged]],
    [minimum, [forAuction, pegged]],
  ])('%j goes with none of %j', async (one, others) => {
    for (const other of others) {
      const { refusal } = await desk.place('ICE', { price: '90', ...one, ...other });
      expect(refusal, JSON.stringify(other)).toMatchObject({ code: unsupported, number: 1015 });
    }
  });

  it('a date that has passed is refused with the two times, at once, in the order that is on record, and in its explanation', async () => {
    const expireTime = '2020-01-01T00:00:00.000Z';
    const ack = await desk.place('MINQ', { price: '90', timeInForce: 'GTD', expireTime });
    expect(ack.refusal).toMatchObject({
      code: 'INVALID_ARGUMENT',
      observed: expireTime,
      limit: expect.stringMatching(/^20.*Z$/) as string,
    });
    expect(ack.refusal?.message).toContain(`argument=expireTime value=${expireTime} expected=a time behind 20`);
    const { limit } = ack.refusal ?? {};
    expect(await desk.order(ack.orderId, ack.position)).toMatchObject({ refusal: { observed: expireTime, limit } });
    const document = `query($a: ID!, $o: ID!) { explainOrder(accountId: $a, orderId: $o) { commands { notes { text check { observed limit } } } } }`;
    const { commands } = await desk.client.field<{ commands: { notes: { text: string; check: object | null }[] }[] }>(
      'explainOrder',
      document,
      {
        ...{ a: owner, o: ack.orderId },
      },
    );
    expect(commands.flatMap(({ notes }) => notes)).toContainEqual({
      text: expect.stringContaining(`expireTime ${expireTime}: expected a time behind ${limit}.`) as string,
      check: { observed: expireTime, limit },
    });
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

describe('trailing orders', () => {
  it('show where their trigger stands as it follows the market', async () => {
    await desk.makeMarket('TRLD');
    const live = desk.client.subscribe<Update>('orderUpdates', updatesDocument);
    const stop = await desk.place('TRLD', { orderType: 'TRAILING_STOP', side: 'SELL', trailingOffset: '1' });
    expect(await desk.order(stop.orderId, stop.position)).toMatchObject({ stopPrice: '99', execType: 'NEW' });
    const pushed = await desk.push('TRLD', 'up');
    const moved = { stopPrice: '101', orderStatus: 'NEW', triggered: false, execType: 'RESTATED', reason: 'Trailed' };
    expect(await desk.order(stop.orderId, pushed.position)).toMatchObject(moved);
    const told: OrderFields[] = [];
    while (told.at(-1)?.['stopPrice'] !== '101') told.push((await live.next()).order);
    live.stop();
    expect(told.filter(({ orderId }) => orderId === stop.orderId).map((order) => order['stopPrice'])).toEqual(['99', '101']);
  });
});

describe('pegged orders', () => {
  it('follow the book, have no price while they stand outside it, and come back into it', async () => {
    await desk.makeMarket('PEG1');
    const live = desk.client.subscribe<Update>('orderUpdates', updatesDocument);
    const peg = await desk.place('PEG1', { orderType: 'PEGGED', pegKind: 'PRIMARY' });
    expect(await desk.order(peg.orderId, peg.position)).toMatchObject({ price: '99', execType: 'NEW', reason: null });
    const raised = await desk.place('PEG1', { price: '99.5', quantity: '5' }, maker);
    expect(await desk.order(peg.orderId, raised.position)).toMatchObject({
      ...{ price: '99.5', orderStatus: 'NEW', execType: 'RESTATED', reason: 'Repriced' },
    });
    expect((await desk.book('PEG1', raised.position)).bids[0]).toEqual({ price: '99.5', quantity: '15', orderCount: 2 });
    const position = await desk.cancelAll('PEG1', 'BUY', maker);
    const outside = { price: null, orderStatus: 'NEW', execType: 'RESTATED', leavesQuantity: '10', pegKind: 'PRIMARY', pegOffset: '0' };
    expect(await desk.order(peg.orderId, position)).toMatchObject(outside);
    expect((await desk.book('PEG1', position)).bids).toEqual([]);
    const back = await desk.place('PEG1', { price: '98.25', quantity: '5' }, maker);
    expect(await desk.order(peg.orderId, back.position)).toMatchObject({ ...outside, price: '98.25' });
    const told: OrderFields[] = [];
    while (told.at(-1)?.['price'] !== '98.25') told.push((await live.next()).order);
    live.stop();
    expect(told.filter(({ orderId }) => orderId === peg.orderId).map((order) => order['price'])).toEqual(['99', '99.5', null, '98.25']);
  });

  it('stop at their cap, change their quantity alone, and need a reference to begin with', async () => {
    const refused = await desk.place('PEG2', { orderType: 'PEGGED', pegKind: 'MID' });
    expect(refused.refusal).toMatchObject({ code: 'NO_REFERENCE_PRICE' });
    await desk.makeMarket('PEG2');
    expect((await desk.place('PEG2', { orderType: 'PEGGED', pegKind: 'PRIMARY', pegOffset: '0.5' })).refusal).toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    const capped = await desk.place('PEG2', { orderType: 'PEGGED', pegKind: 'MID', price: '99.25' });
    expect(await desk.order(capped.orderId, capped.position)).toMatchObject({ price: '99.25', orderStatus: 'NEW' });
    expect((await desk.amend('PEG2', capped.orderId ?? '', { price: '98' })).refusal).toMatchObject({ code: 'UNSUPPORTED_ORDER_TYPE' });
    const lowered = await desk.amend('PEG2', capped.orderId ?? '', { quantity: '4' });
    expect(lowered.refusal).toBeNull();
    expect(await desk.order(capped.orderId, lowered.position)).toMatchObject({ quantity: '4', price: '99.25', execType: 'REPLACED' });
  });
});

operatorCases(() => ({ instance, desk }));
clientSessionCases(() => ({ instance, desk }));
auctionCases(() => ({ instance, desk }));
derivativeCases(() => ({ instance, desk }));
limitCases(() => ({ instance, desk }));
listCases(() => ({ instance, desk }));
tripCases(() => ({ instance, desk }));
calendarCases(() => ({ instance, desk }));
explainCases(() => ({ instance, desk }));

describe('what everybody was told', () => {
  const executions = (): Promise<ReadonlyMap<string, unknown>> =>
    desk.client
      .field<{ edges: { node: { executionId: string } }[] }>(
        'executions',
        `{ executions(accountId: "${owner}", first: 500) { edges { node { ${executionFields} } } } }`,
      )
      .then(({ edges }) => new Map(edges.map(({ node }) => [node.executionId, node])));

  /** The last state of each order and every execution, as `updates` tell them, against the queries. */
  const expectTold = async (updates: readonly Update[], stored: readonly OrderFields[]): Promise<void> => {
    const orders = new Map(updates.map(({ order }) => [order.orderId, order]));
    for (const order of stored) expect(orders.get(order.orderId), JSON.stringify(order)).toEqual(order);
    const fills = updates.flatMap(({ execution }) => (execution === null ? [] : [[execution.executionId, execution] as const]));
    expect(new Map(fills)).toEqual(await executions());
    expect(fills.length).toBeGreaterThan(40);
  };

  it('every order and execution as the live subscription told them is that of the query, term by term', async () => {
    const stored = await everyOrder();
    expect(stored.length).toBeGreaterThan(rows.length);
    await expectTold([...live.waiting], stored);
  });

  it('and so it is told by a resumed subscription, which reads the history first', async () => {
    const stored = await everyOrder();
    const fills = (await executions()).size;
    const stream = desk.client.subscribe<Update>('orderUpdates', updatesDocument, { r: begin });
    const updates: Update[] = [];
    const told = new Map<string, OrderFields>();
    let filled = 0;
    // An order is told of more than once: the last of it has come when it stands as the query shows it.
    while (filled < fills || !stored.every((order) => isDeepStrictEqual(told.get(order.orderId), order))) {
      const update = await stream.next();
      updates.push(update);
      told.set(update.order.orderId, update.order);
      filled += update.execution === null ? 0 : 1;
    }
    stream.stop();
    await expectTold(updates, stored);
  });
});
