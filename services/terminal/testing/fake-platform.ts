import { EventEmitter } from 'node:events';
import { decimalText, FakeBook, fakeInstruments, stepsOf, type FakePrint } from './fake-market.ts';

/** Time between two moves of the market. */
export const stepMs = 200;
const historySteps = 4_500;
const moneyScale = [1n, 8] as const;

export interface FakeOrder {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly orderType: string;
  readonly timeInForce: string;
  readonly terms: Readonly<Record<string, unknown>>;
  readonly list: object | null;
  stopTicks: bigint | null;
  triggered: boolean | null;
  lots: bigint;
  cumLots: bigint;
  ticks: bigint | null;
  orderStatus: string;
  fillTicks: bigint | null;
  readonly createdAt: string;
  updatedAt: string;
}

/** An order list as it is asked for. */
export interface FakeList {
  readonly symbol: string;
  readonly contingency: string;
  readonly legs: readonly Readonly<Record<string, string | boolean | null>>[];
}

const waits = (orderType: string): boolean => /STOP|TOUCHED/.test(orderType);

/** Orders, positions and cash of one account over the made-up market; fills at the touch, no queue, no partial fills. */
export class FakePlatform {
  readonly books = new Map<string, FakeBook>(
    fakeInstruments.map((instrument, index) => [instrument.symbol, new FakeBook(instrument, 71 + index)]),
  );
  readonly events = new EventEmitter();
  readonly orders: FakeOrder[] = [];
  readonly executions: object[] = [];
  readonly positions = new Map<string, { lots: bigint; costTicks: bigint }>();
  cashUnits = 1_000_000n * 10n ** 8n;
  position = 1;

  constructor() {
    this.events.setMaxListeners(0);
    const now = Date.now();
    for (let step = 0; step < historySteps; step += 1)
      for (const book of this.books.values()) book.step(now - (historySteps - step) * stepMs);
    this.positions.set('NOVA', { lots: 1_000n, costTicks: 18_240n });
    this.positions.set('ATLAS', { lots: 1_000n, costTicks: 6_475n });
    this.positions.set('BTC-USD', { lots: 50_000n, costTicks: 128_410n });
  }

  step(): void {
    const now = Date.now();
    for (const [symbol, book] of this.books) {
      const before = { bids: new Map(book.bids), asks: new Map(book.asks) };
      const traded = book.step(now);
      const previousSequence = book.sequence;
      book.sequence += 1n;
      this.events.emit(`book:${symbol}`, {
        kind: 'DELTA',
        symbol,
        bids: changes(before.bids, new Map(book.bids), book),
        asks: changes(before.asks, new Map(book.asks), book),
        previousSequence: String(previousSequence),
        sequence: String(book.sequence),
        position: 'p',
      });
      for (const print of traded) this.events.emit(`trades:${symbol}`, this.trade(book, print));
      if (traded.length > 0) this.events.emit('quotes', this.quote(book));
      for (const order of this.orders)
        if (order.symbol === symbol && order.orderStatus === 'NEW' && order.ticks !== null && order.triggered !== false)
          this.tryFill(order, book);
    }
  }

  tryFill(order: FakeOrder, book: FakeBook): void {
    const touch = order.side === 'BUY' ? book.asks[0]?.[0] : book.bids[0]?.[0];
    if (touch === undefined || (order.ticks !== null && (order.side === 'BUY' ? touch > order.ticks : touch < order.ticks))) return;
    order.orderStatus = 'FILLED';
    order.cumLots = order.lots;
    order.fillTicks = touch;
    order.updatedAt = new Date().toISOString();
    const print = book.print(touch, order.lots, order.side, Date.now());
    this.events.emit(`trades:${order.symbol}`, this.trade(book, print));
    const { tick, lot } = book.instrument;
    const units = stepsOf(decimalText(touch * order.lots * tick[0] * lot[0], [1n, tick[1] + lot[1]]), moneyScale);
    this.cashUnits += order.side === 'BUY' ? -units : units;
    const held = this.positions.get(order.symbol) ?? { lots: 0n, costTicks: touch };
    const lots = held.lots + (order.side === 'BUY' ? order.lots : -order.lots);
    this.positions.set(order.symbol, {
      lots,
      costTicks: lots === 0n ? touch : order.side === 'BUY' ? (held.costTicks * held.lots + touch * order.lots) / lots : held.costTicks,
    });
    const execution = {
      executionId: `e${this.executions.length + 1}`,
      tradeId: print.tradeId,
      orderId: order.orderId,
      accountId: '1001',
      instrument: { symbol: order.symbol },
      side: order.side,
      lastQuantity: decimalText(order.lots, lot),
      lastPrice: decimalText(touch, tick),
      fee: decimalText((units * 300n) / 1_000_000n, moneyScale),
      maker: order.orderType === 'LIMIT',
      tradeKind: 'CONTINUOUS',
      executedAt: order.updatedAt,
    };
    this.executions.unshift(execution);
    this.tell(order, execution);
  }

  tell(order: FakeOrder, execution: object | null = null): void {
    this.position += 1;
    const position = `p${this.position}`;
    this.events.emit('orders', { order: this.orderView(order), execution, position });
    this.events.emit('positions', { positionAfter: this.positionView(order.symbol), position });
    this.events.emit('balances', { balance: this.balance(), position });
  }

  book(symbol: string): FakeBook {
    const book = this.books.get(symbol);
    if (book === undefined) throw new Error(`unknown instrument ${symbol}`);
    return book;
  }

  orderView(order: FakeOrder): object {
    const { tick, lot } = this.book(order.symbol).instrument;
    const open = order.orderStatus === 'NEW';
    return {
      orderId: order.orderId,
      clientOrderId: null,
      accountId: '1001',
      instrument: { symbol: order.symbol },
      side: order.side,
      orderType: order.orderType,
      timeInForce: order.timeInForce,
      quantity: decimalText(order.lots, lot),
      price: order.ticks === null ? null : decimalText(order.ticks, tick),
      ...order.terms,
      stopPrice: order.stopTicks === null ? null : decimalText(order.stopTicks, tick),
      triggered: order.triggered,
      list: order.list,
      postOnly: false,
      leavesQuantity: decimalText(open ? order.lots - order.cumLots : 0n, lot),
      cumQuantity: decimalText(order.cumLots, lot),
      averagePrice: order.fillTicks === null ? null : decimalText(order.fillTicks, tick),
      orderStatus: order.orderStatus,
      reason: open || order.orderStatus === 'FILLED' ? null : 'Requested',
      reasonText: open || order.orderStatus === 'FILLED' ? null : 'Canceled as you asked.',
      createdAt: order.createdAt,
      updatedAt: order.updatedAt,
    };
  }

  positionView(symbol: string): object {
    const { tick, lot } = this.book(symbol).instrument;
    const held = this.positions.get(symbol) ?? { lots: 0n, costTicks: 0n };
    return {
      accountId: '1001',
      instrument: { symbol },
      quantity: decimalText(held.lots, lot),
      reservedQuantity: '0',
      averageCost: decimalText(held.costTicks, tick),
      cost: '0',
      realizedPnl: '0',
      updatedAt: new Date().toISOString(),
    };
  }

  balance(): object {
    const cash = decimalText(this.cashUnits, moneyScale);
    return { accountId: '1001', currency: 'USD', total: cash, reserved: '0', available: cash, updatedAt: new Date().toISOString() };
  }

  trade({ instrument }: FakeBook, print: FakePrint): object {
    return {
      tradeId: print.tradeId,
      symbol: instrument.symbol,
      price: decimalText(print.ticks, instrument.tick),
      quantity: decimalText(print.lots, instrument.lot),
      aggressorSide: print.aggressorSide,
      tradeKind: 'CONTINUOUS',
      executedAt: new Date(print.atMs).toISOString(),
      position: 'p',
    };
  }

  quote(book: FakeBook): object {
    const { tick, lot, symbol, openingTicks } = book.instrument;
    const price = (ticks: bigint | undefined): string | null => (ticks === undefined ? null : decimalText(ticks, tick));
    return {
      symbol,
      bidPrice: price(book.bids[0]?.[0]),
      askPrice: price(book.asks[0]?.[0]),
      lastPrice: price(book.lastTicks),
      open: price(openingTicks),
      high: price(book.highTicks),
      low: price(book.lowTicks),
      volume: decimalText(book.volumeLots, lot),
      previousClose: null,
      tradingState: 'ACTIVE',
      // One of them is always in its closing auction, so that it can be looked at.
      phase: symbol === 'ORBIT' ? 'CLOSING_AUCTION' : 'CONTINUOUS',
      indicativePrice: symbol === 'ORBIT' ? price(book.lastTicks) : null,
      indicativeQuantity: symbol === 'ORBIT' ? '12400' : null,
      imbalance: symbol === 'ORBIT' ? '-850' : null,
      at: new Date().toISOString(),
      position: 'p',
    };
  }

  candles(symbol: string, timeframe: string): object[] {
    const seconds = { M1: 60, M5: 300, M15: 900, H1: 3_600, H4: 14_400, D1: 86_400 }[timeframe] ?? 60;
    const book = this.book(symbol);
    const { tick, lot } = book.instrument;
    const grouped = new Map<number, FakePrint[]>();
    for (const print of book.prints) {
      const opening = Math.floor(print.atMs / 1000 / seconds) * seconds;
      grouped.set(opening, [...(grouped.get(opening) ?? []), print]);
    }
    return [...grouped].map(([opening, prints]) => {
      const ticks = prints.map((print) => print.ticks);
      const text = (value: bigint | undefined): string => decimalText(value ?? 0n, tick);
      return {
        symbol,
        timeframe,
        openTime: new Date(opening * 1000).toISOString(),
        open: text(ticks[0]),
        close: text(ticks.at(-1)),
        high: text(ticks.reduce((a, b) => (b > a ? b : a))),
        low: text(ticks.reduce((a, b) => (b < a ? b : a))),
        volume: decimalText(
          prints.reduce((sum, print) => sum + print.lots, 0n),
          lot,
        ),
        tradeCount: String(prints.length),
        closed: false,
      };
    });
  }

  placeList({ symbol, contingency, legs }: FakeList): object {
    const answers = legs.map((leg, index) => {
      const role = contingency === 'BRACKET' ? (['ENTRY', 'TAKE_PROFIT', 'STOP_LOSS'][index] ?? 'CHILD') : 'SIBLING';
      return this.place(
        { ...leg, symbol },
        { listId: String(this.orders.length + 1 - index), contingency, role, index, count: legs.length },
      );
    });
    return { listId: '1', legs: answers, ackLevel: 'DURABLE', position: 'p', refusal: null };
  }

  place(input: Readonly<Record<string, unknown>>, list: object | null = null): object {
    const symbol = String(input['symbol']);
    const book = this.book(symbol);
    const { tick, lot } = book.instrument;
    const now = new Date().toISOString();
    const lots = stepsOf(String(input['quantity']), lot);
    if (lots > 1_000_000n) {
      return {
        duplicate: false,
        ackLevel: 'DURABLE',
        position: 'p',
        refusal: {
          code: 'MAX_ORDER_QUANTITY',
          number: 2003,
          message: 'The quantity is above the limit.',
          remedy: 'Split the order.',
          retryable: false,
          observed: String(input['quantity']),
          limit: '1000000',
        },
      };
    }
    const order: FakeOrder = {
      orderId: String(1_000 + this.orders.length),
      symbol,
      side: input['side'] === 'SELL' ? 'SELL' : 'BUY',
      orderType: String(input['orderType']),
      timeInForce: String(input['timeInForce']),
      terms: {
        instructions: input['instructions'] ?? [],
        selfTradePrevention: input['selfTradePrevention'] ?? 'OFF',
        triggerSource: waits(String(input['orderType'])) ? (input['triggerSource'] ?? 'LAST') : null,
        trailingOffset: input['trailingOffset'] ?? null,
        trailingUnit: input['trailingUnit'] ?? null,
        displayQuantity: input['displayQuantity'] ?? null,
        minimumQuantity: input['minimumQuantity'] ?? null,
        pegKind: input['pegKind'] ?? null,
        pegOffset: input['pegOffset'] ?? null,
      },
      list,
      stopTicks: typeof input['stopPrice'] === 'string' ? stepsOf(input['stopPrice'], tick) : null,
      triggered: waits(String(input['orderType'])) ? false : null,
      lots,
      cumLots: 0n,
      ticks: typeof input['price'] === 'string' ? stepsOf(input['price'], tick) : null,
      orderStatus: 'NEW',
      fillTicks: null,
      createdAt: now,
      updatedAt: now,
    };
    this.orders.unshift(order);
    if (order.triggered === null && list === null) this.tryFill(order, book);
    if (order.orderStatus === 'NEW') this.tell(order);
    return {
      orderId: order.orderId,
      orderStatus: order.orderStatus,
      leavesQuantity: '0',
      cumQuantity: '0',
      averagePrice: order.fillTicks === null ? null : decimalText(order.fillTicks, tick),
      duplicate: false,
      ackLevel: 'DURABLE',
      position: 'p',
      refusal: null,
    };
  }

  cancel(match: (order: FakeOrder) => boolean): FakeOrder[] {
    const canceled = this.orders.filter((order) => order.orderStatus === 'NEW' && match(order));
    for (const order of canceled) {
      order.orderStatus = 'CANCELED';
      order.updatedAt = new Date().toISOString();
      this.tell(order);
    }
    return canceled;
  }
}

const changes = (
  before: ReadonlyMap<bigint, bigint>,
  after: ReadonlyMap<bigint, bigint>,
  { instrument: { tick, lot } }: FakeBook,
): object[] => {
  const level = (ticks: bigint, lots: bigint): object => ({
    price: decimalText(ticks, tick),
    quantity: decimalText(lots, lot),
    orderCount: lots === 0n ? 0 : 3,
  });
  return [
    ...[...before.keys()].filter((ticks) => !after.has(ticks)).map((ticks) => level(ticks, 0n)),
    ...[...after].filter(([ticks, lots]) => before.get(ticks) !== lots).map(([ticks, lots]) => level(ticks, lots)),
  ];
};
