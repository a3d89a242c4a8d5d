/**
 * The gateway's one consumer of the tape. It begins at the books of the read models, follows the tape, keeps books, quotes and
 * current bars, and tells whoever listens. Listeners run inside the loop and must not wait: they mark or push into bounded queues.
 *
 * When the tape cannot be followed (broker restart, a gap), the feed begins again from the read models. Subscriptions that conflate
 * live on; lossless ones are ended with BUSY, because an event may have passed unseen, and their clients resume.
 */
import type { NatsConnection } from '@nats-io/transport-node';
import { formatPosition, tapePosition, type Position } from '#contracts/position/position.js';
import { FulltapeError, ok, refuse, type Result } from '#contracts/result/result.js';
import { ReportRecordOffset, ReportRecordTag } from '#contracts/tape/layout.generated.js';
import type { ReadSide } from '#platform/read-side/index.js';
import { readTape } from '#platform/tape/tape-reader.js';
import { logger } from '#platform/telemetry/logger.js';
import type { AccountEvent, PlacingCommand } from './account-event.js';
import { CommitReader, type ReportView } from './commit-reader.js';
import { InstrumentMarket, marketStateOf, marketStateOfRow, type PublicTrade } from './instrument-market.js';
import { LiveBook } from './live-book.js';
import type { BarChange } from './live-candles.js';
import { seedDay } from './seed-day.js';

export interface MarketListener {
  onBook?(): void;
  onTrade?(trade: PublicTrade): void;
  onBars?(changes: readonly BarChange[]): void;
  /** The book, the last trade or the day's figures have changed. */
  onQuote?(): void;
}

export interface AccountListener {
  onEvent(event: AccountEvent): void;
  /** Events may have been missed. */
  onGap(): void;
}

const shard = 0;
const restartDelayMs = 250;
/** Longest wait for the read models when the feed begins. */
const seedTimeoutMs = 10_000;

/** Adds to a set in a map and returns how to leave it. */
const join = <Key, Member>(members: Map<Key, Set<Member>>, key: Key, member: Member): (() => void) => {
  const set = members.get(key) ?? new Set<Member>();
  members.set(key, set.add(member));
  return () => {
    set.delete(member);
    if (set.size === 0 && members.get(key) === set) members.delete(key);
  };
};

const placingOf = (view: ReportView): PlacingCommand | null => {
  const record = view.command();
  return record?.type === 'placeOrder' ? { record, extensions: view.commandExtensions() } : null;
};

export class LiveFeed {
  readonly #connection: NatsConnection;
  readonly #readSide: ReadSide;
  readonly #markets = new Map<number, InstrumentMarket>();
  readonly #marketListeners = new Map<number, Set<MarketListener>>();
  readonly #quoteListeners = new Set<(instrumentId: number) => void>();
  readonly #accountListeners = new Map<number, Set<AccountListener>>();
  readonly #waiters = new Set<{ readonly commandNumber: bigint; resolve(): void }>();
  readonly #stopping = new AbortController();
  #reader = new CommitReader();
  #engineTimeNanos = 0n;
  #positionText = { commandNumber: 0n, text: formatPosition(tapePosition(shard, 0n)) };
  #isLive = false;
  #firstStart = Promise.withResolvers<void>();
  #loop: Promise<void> | undefined;

  constructor(connection: NatsConnection, readSide: ReadSide) {
    this.#connection = connection;
    this.#readSide = readSide;
  }

  /** Begins to follow; resolves when the books are loaded and the tape is being read. */
  async start(signal?: AbortSignal): Promise<void> {
    this.#loop = this.#run();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(new FulltapeError('SHUTTING_DOWN'));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#firstStart.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  /** Whether the tape is being followed now. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Last command whose effects are all in the books. */
  get commandNumber(): bigint {
    return this.#reader.wholeCommandNumber;
  }

  /** Last command of which anything was told to listeners; a listener that joins now gets whole commands behind it. */
  get seenCommandNumber(): bigint {
    return this.#reader.seenCommandNumber;
  }

  get engineTimeNanos(): bigint {
    return this.#engineTimeNanos;
  }

  /** Where the books stand, as clients get it. */
  position(): string {
    const { commandNumber } = this;
    // Every answer and quote carries it, and it moves once a commit.
    if (this.#positionText.commandNumber !== commandNumber) {
      this.#positionText = { commandNumber, text: formatPosition(tapePosition(shard, commandNumber)) };
    }
    return this.#positionText.text;
  }

  /** Waits until the books show the position. */
  async waitFor(position: Position, timeoutMs: number): Promise<Result<void>> {
    const wanted = position.tape.get(shard)?.commandNumber ?? 0n;
    if (this.commandNumber >= wanted) return ok(undefined);
    const reached = Promise.withResolvers<void>();
    const waiter = { commandNumber: wanted, resolve: reached.resolve };
    this.#waiters.add(waiter);
    const timer = setTimeout(reached.resolve, timeoutMs);
    try {
      await reached.promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
    return this.commandNumber >= wanted ? ok(undefined) : refuse('PROJECTION_LAG', { models: 'live books', timeoutMs: String(timeoutMs) });
  }

  market(instrumentId: number): InstrumentMarket | undefined {
    return this.#markets.get(instrumentId);
  }

  listenToMarket(instrumentId: number, listener: MarketListener): () => void {
    return join(this.#marketListeners, instrumentId, listener);
  }

  listenToQuotes(listener: (instrumentId: number) => void): () => void {
    this.#quoteListeners.add(listener);
    return () => this.#quoteListeners.delete(listener);
  }

  listenToAccount(accountId: number, listener: AccountListener): () => void {
    return join(this.#accountListeners, accountId, listener);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const streamSequence = await this.#seed();
        this.#isLive = true;
        this.#firstStart.resolve();
        logger.info({ streamSequence: String(streamSequence), commandNumber: String(this.commandNumber) }, 'gateway.live.following');
        for await (const entry of readTape(this.#connection, shard, { fromStreamSequence: streamSequence + 1n, signal }))
          this.#apply(entry.bytes);
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'gateway.live.restart');
      }
      this.#isLive = false;
      for (const listeners of [...this.#accountListeners.values()]) for (const listener of [...listeners]) listener.onGap();
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, restartDelayMs));
    }
  }

  /** Loads the books and the day so far; returns the stream sequence that they show. */
  async #seed(): Promise<bigint> {
    const snapshot = await this.#readSide.snapshot();
    const { checkpoint, books } = await snapshot.allBooks();
    this.#reader = new CommitReader();
    this.#reader.startBehind(checkpoint.commandNumber);
    this.#markets.clear();
    const seeded = await this.#readSide.waitFor(
      tapePosition(shard, checkpoint.commandNumber),
      ['trades', 'candles', 'instruments'],
      seedTimeoutMs,
    );
    const instruments = await snapshot.reference.instrumentsByIds(books.map(({ instrumentId }) => instrumentId));
    for (const book of books) {
      const market = new InstrumentMarket(book.instrumentId);
      market.book = LiveBook.from(book);
      market.lastTradeId = book.lastTradeId ?? 0n;
      if (book.lastPriceTicks !== null) market.lastTrade = { priceTicks: book.lastPriceTicks, quantityLots: book.lastQuantityLots };
      if (book.lastTradeAt !== null) market.changedAtNanos = BigInt(Date.parse(book.lastTradeAt)) * 1_000_000n;
      this.#markets.set(book.instrumentId, market);
      const instrument = instruments.get(book.instrumentId);
      if (instrument !== undefined) market.state = marketStateOfRow(instrument);
      // Without history in time the day begins with the next trade; the book does not wait for it.
      if (seeded.ok && instrument !== undefined) await seedDay(market, instrument, snapshot.history);
    }
    for (const instrumentId of this.#markets.keys()) this.#announce(instrumentId, (listener) => listener.onBook?.());
    return checkpoint.streamSequence;
  }

  #apply(bytes: Uint8Array): void {
    const books = new Set<number>();
    const quotes = new Set<number>();
    for (const report of this.#reader.read(bytes)) {
      if (report.timeNanos > this.#engineTimeNanos) this.#engineTimeNanos = report.timeNanos;
      switch (report.kind) {
        case ReportRecordTag.bookLevel:
          books.add(this.#applyLevel(report));
          break;
        case ReportRecordTag.trade:
          quotes.add(this.#applyTrade(report));
          break;
        case ReportRecordTag.instrumentState:
          quotes.add(this.#applyState(report));
          break;
        case ReportRecordTag.refusal:
          this.#tell(report, report.view.getUint32(report.at + ReportRecordOffset.refusal.accountId, true));
          break;
        case ReportRecordTag.orderState:
          this.#tell(report, report.view.getUint32(report.at + ReportRecordOffset.orderState.accountId, true));
          break;
        case ReportRecordTag.positionChanged:
          this.#tell(report, report.view.getUint32(report.at + ReportRecordOffset.positionChanged.accountId, true));
          break;
        case ReportRecordTag.balanceChanged:
          this.#tell(report, report.view.getUint32(report.at + ReportRecordOffset.balanceChanged.accountId, true));
          break;
        default:
          break;
      }
    }
    for (const instrumentId of books) this.#announce(instrumentId, (listener) => listener.onBook?.());
    for (const instrumentId of new Set([...books, ...quotes])) {
      this.#announce(instrumentId, (listener) => listener.onQuote?.());
      for (const listener of this.#quoteListeners) listener(instrumentId);
    }
    for (const waiter of this.#waiters) if (this.commandNumber >= waiter.commandNumber) waiter.resolve();
  }

  #marketOf(instrumentId: number): InstrumentMarket {
    const known = this.#markets.get(instrumentId);
    if (known !== undefined) return known;
    const market = new InstrumentMarket(instrumentId);
    this.#markets.set(instrumentId, market);
    return market;
  }

  #applyLevel({ view, at, timeNanos }: ReportView): number {
    const offsets = ReportRecordOffset.bookLevel;
    const instrumentId = view.getUint32(at + offsets.instrumentId, true);
    const market = this.#marketOf(instrumentId);
    const bookSequence = view.getBigUint64(at + offsets.bookSequence, true);
    const follows = market.book.apply({
      isBid: view.getUint8(at + offsets.side) === 1,
      priceTicks: view.getBigInt64(at + offsets.priceTicks, true),
      quantityLots: view.getBigInt64(at + offsets.quantityLots, true),
      orderCount: view.getUint32(at + offsets.orderCount, true),
      bookSequence,
    });
    if (!follows)
      throw new FulltapeError('TAPE_CORRUPT', {
        instrumentId: String(instrumentId),
        bookSequence: String(bookSequence),
        after: String(market.book.sequence),
      });
    market.changedAtNanos = timeNanos;
    return instrumentId;
  }

  #applyState(report: ReportView): number {
    const instrumentId = report.view.getUint32(report.at + ReportRecordOffset.instrumentState.instrumentId, true);
    const record = report.decode();
    if (record?.type === 'instrumentState') {
      const market = this.#marketOf(instrumentId);
      market.state = marketStateOf(record);
      market.changedAtNanos = report.timeNanos;
    }
    return instrumentId;
  }

  #applyTrade(report: ReportView): number {
    const { view, at } = report;
    const offsets = ReportRecordOffset.trade;
    const instrumentId = view.getUint32(at + offsets.instrumentId, true);
    const trade: PublicTrade = {
      tradeId: view.getBigUint64(at + offsets.tradeId, true),
      instrumentId,
      priceTicks: view.getBigInt64(at + offsets.priceTicks, true),
      quantityLots: view.getBigInt64(at + offsets.quantityLots, true),
      aggressorSide: view.getUint8(at + offsets.aggressorSide),
      tradeKind: view.getUint8(at + offsets.tradeKind),
      timeNanos: report.timeNanos,
      commandNumber: report.commandNumber,
      recordIndex: report.recordIndex,
    };
    const bars = this.#marketOf(instrumentId).applyTrade(trade);
    this.#announce(instrumentId, (listener) => {
      listener.onTrade?.(trade);
      listener.onBars?.(bars);
    });
    // The taker's side first, as the history of the read models has it.
    this.#tell(report, view.getUint32(at + offsets.takerAccountId, true), false);
    this.#tell(report, view.getUint32(at + offsets.makerAccountId, true), true);
    return instrumentId;
  }

  #announce(instrumentId: number, tell: (listener: MarketListener) => void): void {
    const listeners = this.#marketListeners.get(instrumentId);
    if (listeners !== undefined) for (const listener of [...listeners]) tell(listener);
  }

  #tell(view: ReportView, accountId: number, maker: boolean | null = null): void {
    const listeners = this.#accountListeners.get(accountId);
    if (listeners === undefined) return;
    const report = view.decode();
    if (report === null) return;
    const { commandNumber, recordIndex, timeNanos } = view;
    const isOwnOutcome = report.type === 'refusal' || (report.type === 'orderState' && report.orderId === commandNumber);
    const event = {
      placed: isOwnOutcome ? placingOf(view) : null,
      accountId,
      commandNumber,
      recordIndex,
      timeNanos,
      report,
      extension: view.extension(),
      maker,
      clientOrderId: view.clientOrderId(),
    };
    for (const listener of [...listeners]) listener.onEvent(event);
  }
}
