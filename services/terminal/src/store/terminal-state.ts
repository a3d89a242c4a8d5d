import type {
  BalanceAnswer,
  BookUpdateAnswer,
  CandleAnswer,
  ExecutionAnswer,
  OrderAnswer,
  PositionAnswer,
  QuoteAnswer,
  TradeAnswer,
} from '../api/answers.js';
import type { LinkState } from '../api/live.js';
import type { Instrument, PriceTicks } from '../model/values.js';
import { addTradeToBars, barOfCandle, barsOfTrades, emptyBars, replaceBars, upsertBar, type BarsState, type Timeframe } from './bars.js';
import { addExecution, emptyBlotter, executionRow, orderRow, upsertOrder, type BlotterState } from './blotter.js';
import { applyBookUpdate, emptyBook, type BookState } from './book.js';
import { balanceRow, positionRow, type BalanceRow, type PositionRow } from './portfolio.js';
import { applyQuote, type Quote } from './quotes.js';
import { addPrint, newestFirst, printOf, type TapeState } from './tape.js';

export interface AccountChoice {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export interface Notice {
  readonly key: number;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly title: string;
  readonly detail: string;
}

export interface TerminalState {
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly quotes: ReadonlyMap<string, Quote>;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly book: BookState;
  readonly tape: TapeState;
  readonly bars: BarsState;
  readonly accounts: readonly AccountChoice[];
  readonly accountId: string;
  readonly blotter: BlotterState;
  readonly positions: ReadonlyMap<string, PositionRow>;
  readonly balances: ReadonlyMap<string, BalanceRow>;
  readonly link: LinkState;
  readonly roundTripMs: number | null;
  /** A price that was picked in the book; `nonce` tells one pick from the next. */
  readonly picked: { readonly priceTicks: PriceTicks; readonly nonce: number } | null;
  readonly notices: readonly Notice[];
}

export const initialState: TerminalState = {
  instruments: new Map(),
  quotes: new Map(),
  symbol: '',
  timeframe: 'S5',
  book: emptyBook,
  tape: [],
  bars: emptyBars,
  accounts: [],
  accountId: '',
  blotter: emptyBlotter,
  positions: new Map(),
  balances: new Map(),
  link: { type: 'connecting' },
  roundTripMs: null,
  picked: null,
  notices: [],
};

export type Action =
  | { readonly type: 'market-loaded'; readonly instruments: readonly Instrument[]; readonly quotes: readonly QuoteAnswer[] }
  | { readonly type: 'accounts-known'; readonly accounts: readonly AccountChoice[]; readonly accountId: string }
  | { readonly type: 'symbol-chosen'; readonly symbol: string }
  | { readonly type: 'timeframe-chosen'; readonly timeframe: Timeframe }
  | { readonly type: 'quote'; readonly quote: QuoteAnswer }
  | { readonly type: 'book'; readonly update: BookUpdateAnswer }
  | { readonly type: 'trades-loaded'; readonly symbol: string; readonly trades: readonly TradeAnswer[] }
  | { readonly type: 'trade'; readonly trade: TradeAnswer }
  | { readonly type: 'candles-loaded'; readonly symbol: string; readonly timeframe: Timeframe; readonly candles: readonly CandleAnswer[] }
  | { readonly type: 'candle'; readonly candle: CandleAnswer }
  | {
      readonly type: 'account-loaded';
      readonly accountId: string;
      readonly orders: readonly OrderAnswer[];
      readonly executions: readonly ExecutionAnswer[];
      readonly positions: readonly PositionAnswer[];
      readonly balances: readonly BalanceAnswer[];
    }
  | { readonly type: 'order'; readonly accountId: string; readonly order: OrderAnswer; readonly execution: ExecutionAnswer | null }
  | { readonly type: 'position'; readonly accountId: string; readonly position: PositionAnswer }
  | { readonly type: 'balance'; readonly accountId: string; readonly balance: BalanceAnswer }
  | { readonly type: 'link'; readonly link: LinkState }
  | { readonly type: 'round-trip'; readonly ms: number }
  | { readonly type: 'price-picked'; readonly priceTicks: PriceTicks }
  | { readonly type: 'notice'; readonly notice: Omit<Notice, 'key'> }
  | { readonly type: 'notice-closed'; readonly key: number };

const noticesMax = 3;

const upsertQuote = (state: TerminalState, quote: QuoteAnswer): TerminalState => {
  const instrument = state.instruments.get(quote.symbol);
  if (instrument === undefined) return state;
  return { ...state, quotes: new Map(state.quotes).set(quote.symbol, applyQuote(state.quotes.get(quote.symbol), quote, instrument)) };
};

const withOrder = (state: TerminalState, blotter: BlotterState, order: OrderAnswer): BlotterState => {
  const instrument = state.instruments.get(order.instrument.symbol);
  return instrument === undefined ? blotter : upsertOrder(blotter, orderRow(order, instrument));
};

const withExecution = (state: TerminalState, blotter: BlotterState, execution: ExecutionAnswer): BlotterState => {
  const instrument = state.instruments.get(execution.instrument.symbol);
  return instrument === undefined ? blotter : addExecution(blotter, executionRow(execution, instrument));
};

const withPosition = (
  state: TerminalState,
  positions: ReadonlyMap<string, PositionRow>,
  position: PositionAnswer,
): ReadonlyMap<string, PositionRow> => {
  const instrument = state.instruments.get(position.instrument.symbol);
  return instrument === undefined ? positions : new Map(positions).set(instrument.symbol, positionRow(position, instrument));
};

/** The whole page as a pure function of what happened. Updates of a symbol or account that is no longer shown change nothing. */
export const reduce = (state: TerminalState, action: Action): TerminalState => {
  const shown = state.instruments.get(state.symbol);
  switch (action.type) {
    case 'market-loaded': {
      const instruments = new Map(action.instruments.map((instrument) => [instrument.symbol, instrument]));
      const symbol = instruments.has(state.symbol) ? state.symbol : (action.instruments[0]?.symbol ?? '');
      return action.quotes.reduce(upsertQuote, { ...state, instruments, symbol });
    }
    case 'accounts-known':
      return action.accountId === state.accountId
        ? { ...state, accounts: action.accounts }
        : {
            ...state,
            accounts: action.accounts,
            accountId: action.accountId,
            blotter: emptyBlotter,
            positions: new Map(),
            balances: new Map(),
          };
    case 'symbol-chosen':
      return action.symbol === state.symbol
        ? state
        : { ...state, symbol: action.symbol, book: emptyBook, tape: [], bars: replaceBars(state.bars, []), picked: null };
    case 'timeframe-chosen':
      return action.timeframe === state.timeframe ? state : { ...state, timeframe: action.timeframe, bars: replaceBars(state.bars, []) };
    case 'quote':
      return upsertQuote(state, action.quote);
    case 'book':
      return shown === undefined || action.update.symbol !== shown.symbol
        ? state
        : { ...state, book: applyBookUpdate(state.book, action.update, shown) };
    case 'trades-loaded': {
      if (shown === undefined || action.symbol !== shown.symbol) return state;
      const prints = action.trades.map((trade) => printOf(trade, shown));
      // What streamed in while the history was on its way is kept.
      const tape = newestFirst([...new Map([...prints, ...state.tape].map((print) => [print.tradeId, print])).values()]);
      const oldestFirst = [...new Map([...prints, ...state.tape].map((print) => [print.tradeId, print])).values()].sort((a, b) =>
        a.executedAt < b.executedAt ? -1 : 1,
      );
      return { ...state, tape, bars: state.timeframe === 'S5' ? barsOfTrades(state.bars, oldestFirst) : state.bars };
    }
    case 'trade': {
      if (shown === undefined || action.trade.symbol !== shown.symbol) return state;
      const print = printOf(action.trade, shown);
      const tape = addPrint(state.tape, print);
      if (tape === state.tape) return state;
      return { ...state, tape, bars: state.timeframe === 'S5' ? addTradeToBars(state.bars, print) : state.bars };
    }
    case 'candles-loaded':
      return shown === undefined || action.symbol !== shown.symbol || action.timeframe !== state.timeframe
        ? state
        : {
            ...state,
            bars: replaceBars(
              state.bars,
              action.candles.map((candle) => barOfCandle(candle, shown)),
            ),
          };
    case 'candle':
      return shown === undefined || action.candle.symbol !== shown.symbol || action.candle.timeframe !== state.timeframe
        ? state
        : { ...state, bars: upsertBar(state.bars, barOfCandle(action.candle, shown)) };
    case 'account-loaded': {
      if (action.accountId !== state.accountId) return state;
      const withOrders = action.orders.reduce<BlotterState>((blotter, order) => withOrder(state, blotter, order), emptyBlotter);
      const blotter = [...action.executions]
        .sort((a, b) => (a.executedAt < b.executedAt ? -1 : 1))
        .reduce<BlotterState>((rows, execution) => withExecution(state, rows, execution), withOrders);
      const positions = action.positions.reduce<ReadonlyMap<string, PositionRow>>(
        (rows, position) => withPosition(state, rows, position),
        new Map(),
      );
      return { ...state, blotter, positions, balances: new Map(action.balances.map((balance) => [balance.currency, balanceRow(balance)])) };
    }
    case 'order': {
      if (action.accountId !== state.accountId) return state;
      const blotter = withOrder(state, state.blotter, action.order);
      return { ...state, blotter: action.execution === null ? blotter : withExecution(state, blotter, action.execution) };
    }
    case 'position':
      return action.accountId === state.accountId ? { ...state, positions: withPosition(state, state.positions, action.position) } : state;
    case 'balance':
      return action.accountId === state.accountId
        ? { ...state, balances: new Map(state.balances).set(action.balance.currency, balanceRow(action.balance)) }
        : state;
    case 'link':
      return { ...state, link: action.link };
    case 'round-trip':
      return { ...state, roundTripMs: action.ms };
    case 'price-picked':
      return { ...state, picked: { priceTicks: action.priceTicks, nonce: (state.picked?.nonce ?? 0) + 1 } };
    case 'notice':
      return { ...state, notices: [...state.notices, { ...action.notice, key: (state.notices.at(-1)?.key ?? 0) + 1 }].slice(-noticesMax) };
    case 'notice-closed':
      return { ...state, notices: state.notices.filter(({ key }) => key !== action.key) };
    default:
      return unreachable(action);
  }
};

const unreachable = (action: never): never => {
  throw new Error(`unexpected action ${JSON.stringify(action)}`);
};
