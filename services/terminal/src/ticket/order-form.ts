/** The order ticket as data: which fields an order type has, and the request that a filled form means. Pure. */
import { parseOffsetTicks, parsePriceTicks, parseQuantityLots } from '../../../../contracts/money/instrument-scale.js';
import type { OrderListRequest, OrderRequest, OrderTermsRequest } from '../api/commands.js';
import type { Instrument, OrderType, Side, TimeInForce } from '../model/values.js';

export type TicketMode = 'order' | 'bracket' | 'oco';
export type PostOnly = 'off' | 'refuse' | 'reprice';

/** Everything that can be typed; what a type does not take is kept but not sent. */
export interface OrderForm {
  readonly mode: TicketMode;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: string;
  readonly price: string;
  readonly stopPrice: string;
  readonly triggerSource: 'LAST' | 'BID_ASK' | 'MARK';
  readonly trailingOffset: string;
  readonly trailingUnit: 'PRICE' | 'BASIS_POINTS';
  readonly limitOffset: string;
  readonly pegKind: 'PRIMARY' | 'MID' | 'MARKET';
  /** How far behind its reference a pegged order stays: never towards the other side. */
  readonly pegOffset: string;
  /** Price beyond which a pegged order does not follow. */
  readonly pegCap: string;
  /** Local date and time of the page, as an input of type datetime-local has it. */
  readonly expires: string;
  readonly displayQuantity: string;
  readonly minimumQuantity: string;
  readonly postOnly: PostOnly;
  readonly reduceOnly: boolean;
  readonly hidden: boolean;
  readonly allOrNone: boolean;
  readonly selfTradePrevention: 'OFF' | 'CANCEL_NEWEST' | 'CANCEL_OLDEST' | 'CANCEL_BOTH' | 'DECREMENT_AND_CANCEL';
  /** Bracket: limit of the exit that takes the profit. */
  readonly takeProfit: string;
  /** Bracket and OCO: trigger of the stop. */
  readonly stopLoss: string;
}

export const emptyForm: OrderForm = {
  mode: 'order',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '',
  price: '',
  stopPrice: '',
  triggerSource: 'LAST',
  trailingOffset: '',
  trailingUnit: 'PRICE',
  limitOffset: '',
  pegKind: 'PRIMARY',
  pegOffset: '',
  pegCap: '',
  expires: '',
  displayQuantity: '',
  minimumQuantity: '',
  postOnly: 'off',
  reduceOnly: false,
  hidden: false,
  allOrNone: false,
  selfTradePrevention: 'OFF',
  takeProfit: '',
  stopLoss: '',
};

export const orderTypes: readonly OrderType[] = [
  'LIMIT',
  'MARKET',
  'STOP',
  'STOP_LIMIT',
  'TRAILING_STOP',
  'TRAILING_STOP_LIMIT',
  'MARKET_IF_TOUCHED',
  'LIMIT_IF_TOUCHED',
  'MARKET_TO_LIMIT',
  'PEGGED',
];

export type TypeField = 'price' | 'stopPrice' | 'trailingOffset' | 'limitOffset' | 'peg';

const fields: Readonly<Record<OrderType, readonly TypeField[]>> = {
  MARKET: [],
  LIMIT: ['price'],
  STOP: ['stopPrice'],
  STOP_LIMIT: ['stopPrice', 'price'],
  MARKET_TO_LIMIT: [],
  TRAILING_STOP: ['trailingOffset'],
  TRAILING_STOP_LIMIT: ['trailingOffset', 'limitOffset'],
  MARKET_IF_TOUCHED: ['stopPrice'],
  LIMIT_IF_TOUCHED: ['stopPrice', 'price'],
  PEGGED: ['peg'],
};

/** Fields of the ticket as it stands, in the order in which they are shown. */
export const fieldsOf = ({ mode, orderType }: Pick<OrderForm, 'mode' | 'orderType'>): readonly TypeField[] =>
  mode === 'oco' ? ['price'] : fields[orderType];

/** Conditions of the ticket that an order type never takes. */
export type Condition = 'displayQuantity' | 'minimumQuantity' | 'postOnly' | 'hidden' | 'allOrNone';

const never: Readonly<Record<OrderType, readonly Condition[]>> = {
  MARKET: ['displayQuantity', 'postOnly', 'hidden'],
  LIMIT: [],
  STOP: ['displayQuantity', 'postOnly', 'hidden'],
  STOP_LIMIT: ['postOnly'],
  MARKET_TO_LIMIT: ['postOnly'],
  TRAILING_STOP: ['displayQuantity', 'postOnly', 'hidden'],
  TRAILING_STOP_LIMIT: ['displayQuantity', 'postOnly', 'hidden'],
  MARKET_IF_TOUCHED: ['displayQuantity', 'postOnly', 'hidden'],
  LIMIT_IF_TOUCHED: ['postOnly'],
  // It never takes, so it needs no instruction for that.
  PEGGED: ['displayQuantity', 'minimumQuantity', 'postOnly', 'allOrNone'],
};

/** Whether the ticket offers a condition; what it does not offer is kept and not sent. */
export const takes = ({ mode, orderType }: Pick<OrderForm, 'mode' | 'orderType'>, condition: Condition): boolean =>
  !never[mode === 'oco' ? 'LIMIT' : orderType].includes(condition);

export const waitsForTrigger = (orderType: OrderType): boolean =>
  fields[orderType].includes('stopPrice') || fields[orderType].includes('trailingOffset');

const atOnce: readonly TimeInForce[] = ['IOC', 'FOK'];
const auctions: readonly TimeInForce[] = ['OPG', 'ATC', 'GFA'];
const staying: readonly TimeInForce[] = ['GTC', 'DAY', 'GTD'];

/** Times in force that mean something for a ticket; the first is the one that it begins with. */
export const timesInForceOf = ({ mode, orderType }: Pick<OrderForm, 'mode' | 'orderType'>): readonly TimeInForce[] => {
  if (mode !== 'order') return staying;
  if (orderType === 'MARKET') return [...atOnce, ...auctions];
  if (waitsForTrigger(orderType) || orderType === 'PEGGED') return staying;
  if (orderType === 'LIMIT') return [...staying, ...atOnce, ...auctions];
  return [...staying, ...atOnce];
};

export const timeInForceOf = (form: OrderForm): TimeInForce => {
  const allowed = timesInForceOf(form);
  return allowed.includes(form.timeInForce) ? form.timeInForce : (allowed[0] ?? 'GTC');
};

export type FormResult =
  | { readonly type: 'order'; readonly request: Omit<OrderRequest, 'accountId' | 'clientOrderId'> }
  | { readonly type: 'list'; readonly request: Omit<OrderListRequest, 'accountId'> }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid'; readonly field: keyof OrderForm; readonly message: string };

class Problem extends Error {
  constructor(readonly result: Extract<FormResult, { readonly type: 'incomplete' | 'invalid' }>) {
    super(result.type);
  }
}

const incomplete = (): Problem => new Problem({ type: 'incomplete' });
const invalid = (field: keyof OrderForm, message: string): Problem => new Problem({ type: 'invalid', field, message });

/** Reads typed texts; what is missing or wrong ends the reading. */
class Reader {
  constructor(
    private readonly form: OrderForm,
    private readonly instrument: Instrument,
  ) {}

  price(field: keyof OrderForm, what: string): string {
    const text = this.text(field);
    if (text === '') throw incomplete();
    const ticks = parsePriceTicks(text, this.instrument.scale);
    if (!ticks.ok)
      throw invalid(field, ticks.problem.code === 'PRICE_OFF_TICK' ? `${what}: a multiple of the tick` : `${what}: a positive price`);
    return text;
  }

  quantity(field: keyof OrderForm, what: string): string | null {
    const text = this.text(field);
    if (text === '') return null;
    if (!parseQuantityLots(text, this.instrument.scale).ok) throw invalid(field, `${what}: whole lots above zero`);
    return text;
  }

  /** A distance in prices, zero included. */
  offset(field: keyof OrderForm, what: string): string {
    const text = this.text(field) === '' ? '0' : this.text(field);
    const ticks = parseOffsetTicks(text, this.instrument.scale);
    if (!ticks.ok || ticks.value < 0n) throw invalid(field, `${what}: a multiple of the tick`);
    return text;
  }

  text(field: keyof OrderForm): string {
    return String(this.form[field]).trim();
  }
}

const trailing = (form: OrderForm, read: Reader): Pick<OrderTermsRequest, 'trailingOffset' | 'trailingUnit'> => {
  if (form.trailingUnit === 'PRICE') return { trailingOffset: read.price('trailingOffset', 'Distance'), trailingUnit: 'PRICE' };
  const text = read.text('trailingOffset');
  if (text === '') throw incomplete();
  // Percent with two decimals is what people think in; the API counts hundredths of a percent.
  const match = /^([0-9]{1,3})(?:\.([0-9]{1,2}))?$/.exec(text);
  const points = match === null ? 0 : Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  if (points < 1 || points > 10_000) throw invalid('trailingOffset', 'Distance: 0.01 to 100 percent');
  return { trailingOffset: String(points), trailingUnit: 'BASIS_POINTS' };
};

/** The API's offset is signed: a buy stays below its reference, a sell above it. */
const peg = (form: OrderForm, read: Reader): Pick<OrderTermsRequest, 'pegKind' | 'pegOffset' | 'price'> => {
  const distance = read.offset('pegOffset', 'Distance');
  return {
    pegKind: form.pegKind,
    pegOffset: form.side === 'BUY' && distance !== '0' ? `-${distance}` : distance,
    ...(read.text('pegCap') === '' ? {} : { price: read.price('pegCap', 'Worst price') }),
  };
};

const expiry = (form: OrderForm): Pick<OrderTermsRequest, 'expireTime'> => {
  if (timeInForceOf(form) !== 'GTD') return {};
  if (form.expires === '') throw incomplete();
  const at = Date.parse(form.expires);
  if (Number.isNaN(at)) throw invalid('expires', 'A date and time');
  return { expireTime: new Date(at).toISOString() };
};

const instructionsOf = (form: OrderForm): NonNullable<OrderTermsRequest['instructions']> => [
  ...(form.postOnly === 'off' || !takes(form, 'postOnly')
    ? []
    : [form.postOnly === 'refuse' ? ('POST_ONLY' as const) : ('POST_ONLY_REPRICE' as const)]),
  ...(form.reduceOnly ? ['REDUCE_ONLY' as const] : []),
  ...(form.hidden && takes(form, 'hidden') ? ['HIDDEN' as const] : []),
  ...(form.allOrNone && takes(form, 'allOrNone') ? ['ALL_OR_NONE' as const] : []),
];

const termsOf = (form: OrderForm, read: Reader): OrderTermsRequest => {
  const shown = fieldsOf(form);
  const instructions = instructionsOf(form);
  const display = takes(form, 'displayQuantity') ? read.quantity('displayQuantity', 'Display quantity') : null;
  const minimum = takes(form, 'minimumQuantity') ? read.quantity('minimumQuantity', 'Minimum quantity') : null;
  return {
    ...(shown.includes('stopPrice') ? { stopPrice: read.price('stopPrice', 'Trigger') } : {}),
    ...(form.mode !== 'oco' && waitsForTrigger(form.orderType) ? { triggerSource: form.triggerSource } : {}),
    ...(shown.includes('trailingOffset') ? trailing(form, read) : {}),
    ...(shown.includes('limitOffset') ? { limitOffset: read.offset('limitOffset', 'Limit offset') } : {}),
    ...(shown.includes('peg') ? peg(form, read) : {}),
    ...(shown.includes('price') ? { price: read.price('price', 'Price') } : {}),
    ...expiry(form),
    ...(display === null ? {} : { displayQuantity: display }),
    ...(minimum === null ? {} : { minimumQuantity: minimum }),
    ...(instructions.length === 0 ? {} : { instructions }),
    ...(form.selfTradePrevention === 'OFF' ? {} : { selfTradePrevention: form.selfTradePrevention }),
  };
};

const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

/** The request that the form means, or what is missing or wrong. */
export const requestOf = (form: OrderForm, instrument: Instrument): FormResult => {
  const read = new Reader(form, instrument);
  try {
    const quantity = read.quantity('quantity', 'Quantity');
    if (quantity === null) return { type: 'incomplete' };
    const { symbol } = instrument;
    const { side, triggerSource } = form;
    const timeInForce = timeInForceOf(form);
    const terms = termsOf(form, read);
    const stop = (exit: Side): OrderListRequest['legs'][number] => ({
      ...{ side: exit, orderType: 'STOP', timeInForce, quantity, stopPrice: read.price('stopLoss', 'Stop'), triggerSource },
      ...(terms.expireTime === undefined ? {} : { expireTime: terms.expireTime }),
    });
    switch (form.mode) {
      case 'order':
        return { type: 'order', request: { symbol, side, orderType: form.orderType, timeInForce, quantity, ...terms } };
      case 'oco':
        return {
          type: 'list',
          request: {
            symbol,
            contingency: 'ONE_CANCELS_OTHER',
            legs: [{ side, orderType: 'LIMIT', timeInForce, quantity, ...terms }, stop(side)],
          },
        };
      case 'bracket': {
        const exit = opposite(side);
        const takeProfit = read.price('takeProfit', 'Take profit');
        return {
          type: 'list',
          request: {
            symbol,
            contingency: 'BRACKET',
            legs: [
              { side, orderType: form.orderType, timeInForce: form.orderType === 'MARKET' ? 'IOC' : timeInForce, quantity, ...terms },
              {
                ...{ side: exit, orderType: 'LIMIT', timeInForce, quantity, price: takeProfit },
                ...(terms.expireTime === undefined ? {} : { expireTime: terms.expireTime }),
              },
              stop(exit),
            ],
          },
        };
      }
    }
  } catch (error) {
    if (error instanceof Problem) return error.result;
    throw error;
  }
};
