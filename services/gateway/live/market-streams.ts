/** Subscriptions of public market data: each is a bounded queue on the live feed that makes its items when the client reads. */
import type { InstrumentRow } from '#platform/read-side/index.js';
import type { BookUpdate, Candle, Quote, Timeframe, Trade } from '../graphql.generated.js';
import { timeframeNames } from '../graphql/enum-names.js';
import { candleNodeOf, levelNodeOf, tradeNodeOf } from '../market-data/market-data-nodes.js';
import { quoteOf } from '../market-data/quote.js';
import { ConflatingQueue, LosslessQueue } from './bounded-iterator.js';
import type { Bar } from './live-candles.js';
import { levelChanges, type LiveLevel } from './live-book.js';
import type { LiveFeed } from './live-feed.js';

/** Quotes: at most ten a second of each symbol. */
const quoteIntervalMs = 100;
/** Books: at most twenty updates a second; what happened in between is merged. */
const bookIntervalMs = 50;
const candleIntervalMs = 100;
/** Trades are never dropped; a reader this far behind is told to subscribe again. */
const tradesQueuedMax = 5_000;

/** Newest quote of each symbol, the current one first. */
export const quoteStream = (feed: LiveFeed, instruments: readonly InstrumentRow[]): AsyncIterableIterator<Quote> => {
  const byId = new Map(instruments.map((row) => [row.instrumentId, row]));
  const queue: ConflatingQueue<number, Quote> = new ConflatingQueue({
    read: (instrumentId) => {
      const instrument = byId.get(instrumentId);
      return instrument === undefined ? undefined : (quoteOf(instrument, feed) ?? undefined);
    },
    intervalMs: quoteIntervalMs,
    onEnd: () => leave(),
  });
  const leave = feed.listenToQuotes((instrumentId) => {
    if (byId.has(instrumentId)) queue.mark(instrumentId);
  });
  for (const instrumentId of byId.keys()) queue.mark(instrumentId);
  return queue;
};

interface BookView {
  readonly bids: readonly LiveLevel[];
  readonly asks: readonly LiveLevel[];
  readonly sequence: bigint;
}

/**
 * A snapshot of the best levels, then what changed in this view since the client's last update. Because each delta is the difference
 * of two views, a client that reads slowly gets fewer and larger deltas, never a wrong book. A level that leaves the view has quantity 0.
 */
export const bookStream = (feed: LiveFeed, instrument: InstrumentRow, depth: number): AsyncIterableIterator<BookUpdate> => {
  let last: BookView | undefined;
  const read = (): BookUpdate | undefined => {
    const book = feed.market(instrument.instrumentId)?.book;
    const view: BookView = { ...(book?.top(depth) ?? { bids: [], asks: [] }), sequence: book?.sequence ?? 0n };
    const before = last;
    last = view;
    const changed =
      before === undefined ? view : { bids: levelChanges(before.bids, view.bids), asks: levelChanges(before.asks, view.asks) };
    if (before !== undefined && changed.bids.length + changed.asks.length === 0) {
      last = { ...view, sequence: before.sequence }; // nothing in view: the client's sequence stands
      return undefined;
    }
    return {
      kind: before === undefined ? 'SNAPSHOT' : 'DELTA',
      symbol: instrument.symbol,
      bids: changed.bids.map((level) => levelNodeOf(level, instrument)),
      asks: changed.asks.map((level) => levelNodeOf(level, instrument)),
      previousSequence: (before?.sequence ?? 0n).toString(),
      sequence: view.sequence.toString(),
      position: feed.position(),
    };
  };
  const queue: ConflatingQueue<'book', BookUpdate> = new ConflatingQueue({ read, intervalMs: bookIntervalMs, onEnd: () => leave() });
  const leave = feed.listenToMarket(instrument.instrumentId, { onBook: () => queue.mark('book') });
  queue.mark('book');
  return queue;
};

/** Every trade from now on. */
export const tradeStream = (feed: LiveFeed, instrument: InstrumentRow): AsyncIterableIterator<Trade> => {
  const queue: LosslessQueue<Trade> = new LosslessQueue({ capacity: tradesQueuedMax, onEnd: () => leave() });
  const leave = feed.listenToMarket(instrument.instrumentId, { onTrade: (trade) => queue.push(tradeNodeOf(trade, instrument)) });
  return queue;
};

/** Bars that one reader may have waiting: closed ones that it has not read, and the current one. */
const barsWaitingMax = 500;

/** The current bar, then its newest state whenever it changes; the last state of a bar that closes is told as closed. */
export const candleStream = (feed: LiveFeed, instrument: InstrumentRow, timeframe: Timeframe): AsyncIterableIterator<Candle> => {
  const wanted = timeframeNames[timeframe];
  const waiting = new Map<number, { readonly bar: Bar; readonly closed: boolean }>();
  const queue: ConflatingQueue<number, Candle> = new ConflatingQueue({
    read: (openSeconds) => {
      const change = waiting.get(openSeconds);
      waiting.delete(openSeconds);
      return change === undefined ? undefined : candleNodeOf(change.bar, instrument, timeframe, change.closed);
    },
    intervalMs: candleIntervalMs,
    onEnd: () => leave(),
  });
  const offer = (bar: Bar, closed: boolean): void => {
    waiting.set(bar.openSeconds, { bar, closed });
    const oldest = waiting.keys().next().value;
    if (waiting.size > barsWaitingMax && oldest !== undefined) waiting.delete(oldest); // the candles query has them all
    queue.mark(bar.openSeconds);
  };
  const leave = feed.listenToMarket(instrument.instrumentId, {
    onBars: (changes) => {
      for (const change of changes) if (change.timeframe === wanted) offer(change.bar, change.closed);
    },
  });
  const current = feed.market(instrument.instrumentId)?.candles.current(wanted);
  if (current !== undefined) offer(current, false);
  return queue;
};
