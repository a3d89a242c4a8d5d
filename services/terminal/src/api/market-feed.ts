import { terminalStore, stream } from '../store/terminal-store.js';
import type { Timeframe } from '../store/bars.js';
import {
  bookFields,
  bookUpdateAnswer,
  candleAnswer,
  candleFields,
  candlesAnswer,
  candlesDocument,
  quoteAnswer,
  quoteFields,
  tradeAnswer,
  tradeFields,
  tradesAnswer,
  tradesDocument,
  type BookUpdateAnswer,
  type CandleAnswer,
  type QuoteAnswer,
  type TradeAnswer,
} from './answers.js';
import { field, request } from './http.js';
import type { Live } from './live.js';

export const feedQuotes = (live: Live): (() => void) =>
  live.subscribe<QuoteAnswer>({
    document: `subscription Quotes { quotes { ${quoteFields} } }`,
    variables: () => ({}),
    answer: field('quotes', quoteAnswer),
    next: (quote) => stream({ type: 'quote', quote }),
  }).stop;

/** Book and trades of one symbol. A gap in the book's sequence asks for a new snapshot. */
export const feedSymbol = (live: Live, token: string, symbol: string): (() => void) => {
  const book = live.subscribe<BookUpdateAnswer>({
    document: `subscription Book($symbol: String!) { book(symbol: $symbol, depth: 24) { ${bookFields} } }`,
    variables: () => ({ symbol }),
    answer: field('book', bookUpdateAnswer),
    next: (update) => stream({ type: 'book', update }),
  });
  const stopWatching = terminalStore.subscribe((state, previous) => {
    if (state.book.status === 'gap' && previous.book.status !== 'gap') book.restart();
  });
  let loaded = false;
  const load = async (): Promise<void> => {
    const { trades } = await request({ document: tradesDocument, variables: { symbol }, answer: tradesAnswer }, token);
    stream({ type: 'trades-loaded', symbol, trades });
  };
  const trades = live.subscribe<TradeAnswer>({
    document: `subscription Trades($symbol: String!) { trades(symbol: $symbol) { ${tradeFields} } }`,
    variables: () => {
      // Asked at each (re)connect: what was missed meanwhile is in the history.
      if (loaded) void load().catch(() => undefined);
      loaded = true;
      return { symbol };
    },
    answer: field('trades', tradeAnswer),
    next: (trade) => stream({ type: 'trade', trade }),
  });
  void load().catch(() => undefined);
  return () => {
    stopWatching();
    book.stop();
    trades.stop();
  };
};

/** Candles of one symbol; five-second bars come from the trades instead, so their history is loaded again here. */
export const feedCandles = (
  live: Live,
  token: string,
  choice: { readonly symbol: string; readonly timeframe: Timeframe },
): (() => void) => {
  const { symbol, timeframe } = choice;
  if (timeframe === 'S5') {
    void request({ document: tradesDocument, variables: { symbol }, answer: tradesAnswer }, token)
      .then(({ trades }) => stream({ type: 'trades-loaded', symbol, trades }))
      .catch(() => undefined);
    return () => undefined;
  }
  const load = async (): Promise<void> => {
    const { candles } = await request({ document: candlesDocument, variables: { symbol, timeframe }, answer: candlesAnswer }, token);
    stream({ type: 'candles-loaded', symbol, timeframe, candles });
  };
  return live.subscribe<CandleAnswer>({
    document: `subscription Candles($symbol: String!, $timeframe: Timeframe!) { candles(symbol: $symbol, timeframe: $timeframe) { ${candleFields} } }`,
    variables: () => {
      void load().catch(() => undefined);
      return { symbol, timeframe };
    },
    answer: field('candles', candleAnswer),
    next: (candle) => stream({ type: 'candle', candle }),
  }).stop;
};
