import { createFairValue, type FairValue } from './fair-value.js';
import type { FlowInstrument, FlowSide, Intent, ObservedQuote } from './instrument.js';
import { OpenOrders, type OrderReport } from './open-orders.js';
import { createPrng, type Prng } from './prng.js';
import { ladderPrices, ladderStyles, planLadder, type LadderStyle } from './quote-ladder.js';
import { clampLots, TakerCrowd, type TakerOrder } from './taker.js';

export interface OrderFlowOptions {
  readonly seed: number;
  /** Distinguishes the client order ids of one run from those of another; at most 16 characters of A-Z a-z 0-9. */
  readonly runId: string;
  readonly instruments: readonly FlowInstrument[];
  readonly makerAccounts: readonly string[];
  readonly takerAccounts: readonly string[];
  /** Commands per second over all instruments that the flow may use; the takers' share follows from it. */
  readonly commandsPerSecond: number;
}

/** Resting taker orders per account and instrument; more are not placed, so the book cannot fill up. */
const restingTakerOrdersMax = 12;
/** Longest step that the processes are advanced by at once: after a pause the market does not leap. */
const stepSecondsMax = 1;
/** Share of the commands that are new taker orders; the rest quotes and withdraws. */
const takerShare = 0.32;
const tidyEverySteps = 4;
/** Commands per second with which makers can follow every level. */
const requotingRate = 90;

/** An intent that may be sent; a resting taker order is withdrawn at `expiresAtMs`. */
interface Candidate {
  readonly intent: Intent;
  readonly expiresAtMs: number | null;
}

/** What a ladder asks for, by urgency: quotes that are wrong or missing at the top; quotes nobody wants any more; depth. */
interface LadderQueues {
  readonly urgent: Candidate[];
  readonly withdrawals: Candidate[];
  readonly depth: Candidate[];
}

const standing = (intent: Intent): Candidate => ({ intent, expiresAtMs: null });

interface Book {
  readonly instrument: FlowInstrument;
  readonly fair: FairValue;
  readonly crowd: TakerCrowd;
  readonly sizes: Prng;
  quote: ObservedQuote;
  resumed: boolean;
}

/**
 * The order-flow generator: pure and deterministic in (seed, the times of its steps, what it observed). It holds no clock and sends
 * nothing; `step` returns what to send, at most `allowance` intents, the most urgent first: stale quotes, then takers, then depth.
 */
export class OrderFlow {
  private readonly books: readonly Book[];
  private readonly orders = new OpenOrders();
  private readonly assignments: Prng;
  /** Signed lots by account and symbol since the start of the run; drives the makers' skew. */
  private readonly inventory = new Map<string, bigint>();
  private readonly reservations = new Map<string, number>();
  private previousMs: number | null = null;
  private counter = 0;
  private firstBook = 0;
  private steps = 0;
  /** How far a price moves, in levels, before its ladder follows: the fewer commands there are, the less often makers requote. */
  private readonly patience: number;

  constructor(private readonly options: OrderFlowOptions) {
    const { seed, instruments, commandsPerSecond } = options;
    const baseRate = (commandsPerSecond * takerShare * 0.55) / Math.max(1, instruments.length);
    this.patience = 0.7 * Math.max(1, Math.sqrt(requotingRate / Math.max(1, commandsPerSecond)));
    this.assignments = createPrng(seed, 'accounts');
    this.books = instruments.map((instrument) => ({
      instrument,
      fair: createFairValue(instrument, createPrng(seed, `fair ${instrument.symbol}`)),
      crowd: new TakerCrowd(instrument, createPrng(seed, `takers ${instrument.symbol}`), baseRate),
      sizes: createPrng(seed, `sizes ${instrument.symbol}`),
      quote: { bidTicks: null, askTicks: null, lastTicks: null },
      resumed: false,
    }));
  }

  /** Orders that the flow believes to be open. */
  get openOrderCount(): number {
    return this.orders.size;
  }

  observeQuote(symbol: string, quote: ObservedQuote): void {
    const book = this.books.find(({ instrument }) => instrument.symbol === symbol);
    if (book === undefined) return;
    book.quote = quote;
    if (!book.resumed && quote.lastTicks !== null) book.fair.resumeAt(quote.lastTicks);
    book.resumed = true;
  }

  observeOrder(report: OrderReport): void {
    const applied = this.orders.apply(report);
    if (applied === undefined) return;
    applied.order.pending = false;
    if (applied.filledLots === 0n) return;
    const key = `${applied.order.accountId}|${applied.order.symbol}`;
    const signed = applied.order.side === 'BUY' ? applied.filledLots : -applied.filledLots;
    this.inventory.set(key, (this.inventory.get(key) ?? 0n) + signed);
  }

  /** An amend was accepted at this price. */
  observeAmend(clientOrderId: string, priceTicks: bigint): void {
    const order = this.orders.get(clientOrderId);
    if (order === undefined) return;
    order.pending = false;
    order.priceTicks = priceTicks;
  }

  /** The command about this order was refused; `gone` when the order is no longer open. */
  observeRefusal(clientOrderId: string, kind: Intent['type'], gone: boolean): void {
    const order = this.orders.get(clientOrderId);
    if (order === undefined) return;
    order.pending = false;
    if (kind === 'place' || gone) this.orders.remove(order);
    else order.doomed = true;
  }

  /** All orders of the account were cancelled, or nothing is known about them any more. */
  forgetAccount(accountId: string): void {
    this.orders.forgetAccount(accountId);
  }

  step(nowMs: number, allowance: number): Intent[] {
    const elapsed = this.previousMs === null ? 0 : Math.max(0, nowMs - this.previousMs) / 1000;
    this.previousMs = nowMs;
    const seconds = Math.min(stepSecondsMax, elapsed);
    const urgent: Candidate[] = [];
    const takers: Candidate[] = [];
    const depth: Candidate[] = [];
    const withdrawals: Candidate[] = [];
    // Each step begins with another instrument, so that a small allowance starves none.
    this.firstBook = (this.firstBook + 1) % Math.max(1, this.books.length);
    const rotated = [...this.books.slice(this.firstBook), ...this.books.slice(0, this.firstBook)];
    for (const book of rotated) {
      if (seconds > 0) book.fair.advance(seconds);
      this.withdrawOld(book, nowMs, withdrawals);
      this.quoteLadders(book, { urgent, withdrawals, depth });
      const view = { quote: book.quote, fairTicks: book.fair.priceTicks(), sigmaTicks: book.fair.sigmaTicks(), stress: book.fair.stress() };
      for (const order of book.crowd.arrivals(seconds, view)) this.addTaker(book, order, nowMs, takers);
    }
    // Some room is always left for takers: without trades a perfectly quoted market stands still. And in every fourth step what nobody
    // wants any more goes first, or a trend leaves a trail of old quotes behind it.
    this.steps += 1;
    const tidies = this.steps % tidyEverySteps === 0;
    const takerRoom = Math.min(takers.length, Math.max(1, Math.ceil(allowance * takerShare)));
    const quoteRoom = Math.max(0, allowance - takerRoom);
    const quotes = tidies ? [...withdrawals, ...urgent] : [...urgent, ...withdrawals];
    const chosen = [
      ...quotes.slice(0, quoteRoom),
      ...takers.slice(0, takerRoom),
      ...quotes.slice(quoteRoom),
      ...depth,
      ...takers.slice(takerRoom),
    ].slice(0, allowance);
    for (const candidate of chosen) this.remember(candidate);
    return chosen.map(({ intent }) => intent);
  }

  private nextId(): string {
    this.counter += 1;
    return `${this.options.runId}-${this.counter.toString(36)}`;
  }

  private withdrawOld(book: Book, nowMs: number, into: Candidate[]): void {
    for (const accountId of this.options.takerAccounts) {
      for (const order of this.orders.of(accountId, book.instrument.symbol)) {
        if (order.expiresAtMs === null || order.expiresAtMs > nowMs || order.pending || order.orderId === null) continue;
        into.push(
          standing({ type: 'cancel', accountId, symbol: order.symbol, clientOrderId: order.clientOrderId, orderId: order.orderId }),
        );
      }
    }
  }

  private quoteLadders(book: Book, queues: LadderQueues): void {
    this.options.makerAccounts.forEach((accountId, index) => {
      const style = ladderStyles[index % ladderStyles.length] ?? ladderStyles[0];
      for (const side of ['BUY', 'SELL'] as const) this.quoteSide(book, { accountId, style, side }, queues);
    });
  }

  private quoteSide(
    book: Book,
    quoting: { readonly accountId: string; readonly style: LadderStyle; readonly side: FlowSide },
    queues: LadderQueues,
  ): void {
    const { urgent, withdrawals, depth } = queues;
    const { instrument, fair } = book;
    const { accountId, style, side } = quoting;
    const { symbol } = instrument;
    // Distances follow the ordinary volatility; stress widens the spread but keeps the grid, or every level would move at once.
    const sigma = fair.sigmaTicks() / fair.stress();
    const held = Number(this.inventory.get(`${accountId}|${symbol}`) ?? 0n) / (instrument.lotsPerThousand * style.thousandsAtBest);
    const believed = fair.priceTicks() - Math.max(-3, Math.min(3, held / 12)) * sigma * 0.6;
    const shape = {
      halfSpreadTicks: sigma * style.halfSpreadSigmas * Math.max(0.8, Math.min(3, fair.stress())),
      spacingTicks: sigma * style.spacingSigmas,
      levels: style.levels,
    };
    const reservation = this.settled(`${accountId}|${symbol}`, believed, Math.max(0.6, sigma * style.spacingSigmas * this.patience));
    // A post-only quote that would trade is refused: makers stay behind whatever rests on the other side until it is taken or withdrawn.
    const { bidTicks, askTicks } = book.quote;
    const wanted = ladderPrices(reservation, side, shape).filter((price) =>
      side === 'BUY' ? askTicks === null || price < askTicks : bidTicks === null || price > bidTicks,
    );
    const plan = planLadder(this.orders.of(accountId, symbol), wanted, side);
    const best = wanted[0];
    const exposed = (price: bigint): boolean => best !== undefined && (side === 'BUY' ? price > best : price < best);
    const lots = (level: number): bigint => this.levelLots(book, style, level);
    for (const { order, priceTicks } of plan.moves) {
      if (order.orderId === null) continue;
      (exposed(order.priceTicks) || priceTicks === best ? urgent : depth).push(
        standing({ type: 'amend', accountId, symbol, clientOrderId: order.clientOrderId, orderId: order.orderId, priceTicks }),
      );
    }
    for (const order of plan.cancels) {
      if (order.orderId === null) continue;
      (exposed(order.priceTicks) ? urgent : withdrawals).push(
        standing({ type: 'cancel', accountId, symbol, clientOrderId: order.clientOrderId, orderId: order.orderId }),
      );
    }
    for (const { priceTicks, level } of plan.places) {
      (level < 2 ? urgent : depth).push(
        standing({
          type: 'place',
          accountId,
          symbol,
          clientOrderId: this.nextId(),
          side,
          orderType: 'LIMIT',
          timeInForce: 'GTC',
          postOnly: true,
          quantityLots: lots(level),
          priceTicks,
        }),
      );
    }
  }

  /** The reservation price that the ladder stands on: it follows the believed one only when that has moved, or quotes would flicker. */
  private settled(key: string, believed: number, toleranceTicks: number): number {
    const standing = this.reservations.get(key);
    if (standing !== undefined && Math.abs(standing - believed) < toleranceTicks) return standing;
    this.reservations.set(key, believed);
    return believed;
  }

  private levelLots(book: Book, style: LadderStyle, level: number): bigint {
    const thousands = style.thousandsAtBest * (1 + style.growth * level) * Math.exp(0.45 * book.sizes.normal());
    return clampLots(BigInt(Math.max(1, Math.round(thousands * book.instrument.lotsPerThousand))), book.instrument);
  }

  private addTaker(book: Book, order: TakerOrder, nowMs: number, into: Candidate[]): void {
    const { takerAccounts } = this.options;
    const accountId = takerAccounts[Math.floor(this.assignments.unit() * takerAccounts.length)];
    if (accountId === undefined) return;
    const { symbol } = book.instrument;
    const { side, orderType, timeInForce, quantityLots, priceTicks, lifetimeMs } = order;
    if (lifetimeMs !== null && this.orders.countOf(accountId, symbol) >= restingTakerOrdersMax) return;
    const intent: Intent = {
      type: 'place',
      accountId,
      symbol,
      clientOrderId: this.nextId(),
      side,
      orderType,
      timeInForce,
      postOnly: false,
      quantityLots,
      priceTicks,
    };
    into.push({ intent, expiresAtMs: lifetimeMs === null ? null : nowMs + lifetimeMs });
  }

  /** Remembers what was chosen to be sent, until its answer. */
  private remember({ intent, expiresAtMs }: Candidate): void {
    if (intent.type !== 'place') {
      const order = this.orders.get(intent.clientOrderId);
      if (order !== undefined) order.pending = true;
      return;
    }
    if (intent.timeInForce === 'IOC' || intent.priceTicks === null) return; // never rests, so there is nothing to look after
    const { clientOrderId, accountId, symbol, side, priceTicks, quantityLots } = intent;
    this.orders.add({
      clientOrderId,
      accountId,
      symbol,
      side,
      orderId: null,
      priceTicks,
      leavesLots: quantityLots,
      cumLots: 0n,
      pending: true,
      doomed: false,
      expiresAtMs,
    });
  }
}
