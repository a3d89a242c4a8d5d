/** Orders in plain words, for the blotter. Pure. */
import type { OrderRow } from '../store/blotter.js';
import { priceText, quantityText, wordsOf } from './format.js';
import type { Instrument } from './values.js';

type Described = Pick<
  OrderRow,
  | 'orderType'
  | 'timeInForce'
  | 'side'
  | 'instructions'
  | 'displayLots'
  | 'minimumLots'
  | 'stopTicks'
  | 'triggerSource'
  | 'triggered'
  | 'trailing'
  | 'peg'
  | 'list'
  | 'orderStatus'
  | 'priceTicks'
>;

const typeNames: Readonly<Record<string, string>> = {
  MARKET_TO_LIMIT: 'Market to limit',
  STOP_LIMIT: 'Stop limit',
  TRAILING_STOP: 'Trailing stop',
  TRAILING_STOP_LIMIT: 'Trailing stop limit',
  MARKET_IF_TOUCHED: 'Market if touched',
  LIMIT_IF_TOUCHED: 'Limit if touched',
};
export const typeWords = (orderType: string): string => typeNames[orderType] ?? wordsOf(orderType);

const instructionNames: Readonly<Record<string, string>> = {
  POST_ONLY: 'post only',
  POST_ONLY_REPRICE: 'post, reprice',
  REDUCE_ONLY: 'reduce only',
  HIDDEN: 'hidden',
  ALL_OR_NONE: 'all or none',
};

/** What an order is beside its prices: type, time in force and conditions. */
export const termsWords = (order: Described, instrument: Instrument): string =>
  [
    typeWords(order.orderType),
    wordsOf(order.timeInForce),
    ...order.instructions.map((name) => instructionNames[name] ?? wordsOf(name).toLowerCase()),
    order.displayLots === null ? null : `shows ${quantityText(order.displayLots, instrument)}`,
    order.minimumLots === null ? null : `at least ${quantityText(order.minimumLots, instrument)}`,
    order.peg,
  ]
    .filter((part) => part !== null)
    .join(' · ');

const sourceNames: Readonly<Record<string, string>> = { LAST: 'last', BID_ASK: 'bid/ask', MARK: 'mark' };

/** Whether the trigger waits for higher prices: stops follow a move, if-touched orders wait for it to come back. */
const waitsAbove = ({ side, orderType }: Pick<OrderRow, 'side' | 'orderType'>): boolean =>
  (side === 'BUY') !== (orderType === 'MARKET_IF_TOUCHED' || orderType === 'LIMIT_IF_TOUCHED');

/** What an order waits for, or that it has been triggered; null for one without a trigger. */
export const triggerWords = (order: Described, instrument: Instrument): string | null => {
  if (order.triggerSource === null) return null;
  const at = order.stopTicks === null ? null : priceText(order.stopTicks, instrument);
  if (order.triggered === true) return at === null ? 'triggered' : `triggered ${at}`;
  const source = sourceNames[order.triggerSource] ?? order.triggerSource;
  const condition = at === null ? source : `${source} ${waitsAbove(order) ? '≥' : '≤'} ${at}`;
  return order.trailing === null ? condition : `${condition}, trails ${order.trailing}`;
};

const roleNames: Readonly<Record<string, string>> = {
  ENTRY: 'entry',
  TAKE_PROFIT: 'take profit',
  STOP_LOSS: 'stop loss',
  CHILD: 'follows',
};
const listNames: Readonly<Record<string, string>> = { ONE_CANCELS_OTHER: 'OCO', ONE_TRIGGERS_OTHER: 'OTO', BRACKET: 'Bracket' };

/** The list that an order belongs to, and what it does there. */
export const listWords = ({ list }: Pick<OrderRow, 'list'>): string | null => {
  if (list === null) return null;
  const role = list.role === null ? undefined : roleNames[list.role];
  return `${listNames[list.contingency] ?? wordsOf(list.contingency)} ${role ?? `${list.index + 1}/${list.count}`}`;
};

/** The state of an order: waiting for a trigger, or for the entry of its bracket, is a state of its own to people. */
export const statusWords = (order: Described): string => {
  if (order.orderStatus === 'PENDING_NEW' && order.list !== null) {
    return order.list.role === 'ENTRY' || order.list.role === 'SIBLING' ? 'Awaits its list' : 'Awaits its entry';
  }
  if (order.orderType === 'PEGGED' && order.priceTicks === null && order.orderStatus === 'NEW') return 'Outside the book';
  return order.orderStatus === 'NEW' && order.triggered === false ? 'Waiting' : wordsOf(order.orderStatus);
};
