/**
 * A new order as the engine takes it: pure. Checked here is what a field says by itself and whether the order type takes it; which
 * combinations of type, time in force and instructions there are is the engine's to say, so that there is one answer for every client.
 */
import type { ListLink, OrderTerms, PlaceOrder } from '#contracts/commands/order-commands.js';
import type { AccountId, ClientOrderId } from '#contracts/ids/ids.js';
import {
  formatQuantity,
  parseOffsetTicks,
  parsePriceTicks,
  parseQuantityLots,
  type InstrumentScale,
} from '#contracts/money/instrument-scale.js';
import { ofArgument, ok, refuse, type Result } from '#contracts/result/result.js';
import {
  OffsetUnit,
  OrderInstruction,
  OrderType,
  PegKind,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TriggerSource,
} from '#contracts/tape/codes.generated.js';
import {
  instructionOf,
  offsetUnitOf,
  orderTypeOf,
  pegKindOf,
  selfTradePreventionOf,
  sideOf,
  timeInForceOf,
  triggerSourceOf,
} from '../graphql/enum-names.js';
import type { OrderType as OrderTypeInput, PlaceOrderInput } from '../graphql.generated.js';
import { parseNanos } from '../market-data/parse-nanos.js';
import { displayLotsOf } from './display-quantity.js';
import type { InstrumentTerms } from './order-input.js';

/** What an order is, whoever sends it and on whichever list. */
export type OrderShapeInput = Omit<PlaceOrderInput, 'accountId' | 'symbol' | 'sessionId' | 'clientOrderId' | 'ackLevel'>;

type Presence = 'needed' | 'optional' | 'none';
interface TypeFields {
  readonly price: Presence;
  readonly stopPrice: Presence;
  readonly trails?: true;
  readonly limitOffset?: Presence;
  readonly pegs?: true;
}

/** Which fields each order type takes. */
const fieldsOf: Readonly<Record<OrderTypeInput, TypeFields>> = {
  MARKET: { price: 'none', stopPrice: 'none' },
  LIMIT: { price: 'needed', stopPrice: 'none' },
  STOP: { price: 'none', stopPrice: 'needed' },
  STOP_LIMIT: { price: 'needed', stopPrice: 'needed' },
  MARKET_TO_LIMIT: { price: 'none', stopPrice: 'none' },
  TRAILING_STOP: { price: 'none', stopPrice: 'optional', trails: true },
  TRAILING_STOP_LIMIT: { price: 'none', stopPrice: 'optional', trails: true, limitOffset: 'needed' },
  MARKET_IF_TOUCHED: { price: 'none', stopPrice: 'needed' },
  LIMIT_IF_TOUCHED: { price: 'needed', stopPrice: 'needed' },
  PEGGED: { price: 'optional', stopPrice: 'none', pegs: true },
};

/** Whether an order of the type waits for a trigger price. */
export const waitsForTrigger = (orderType: OrderTypeInput): boolean => fieldsOf[orderType].stopPrice !== 'none';

const basisPointsMax = 10_000n;
const sessionIdMax = 0xffff_ffffn;

/** A field that must be there, may be there or must not, as integers; 0n where it is not. */
const present = (
  name: string,
  given: string | null | undefined,
  presence: Presence,
  orderType: OrderTypeInput,
  parse: (text: string) => Result<bigint>,
): Result<bigint> => {
  if (given === null || given === undefined)
    return presence === 'needed' ? refuse('PRICE_NOT_ALLOWED', { orderType, missing: name }) : ok(0n);
  return presence === 'none' ? refuse('PRICE_NOT_ALLOWED', { orderType, [name]: given.slice(0, 64) }) : ofArgument(name, parse(given));
};

const notTaken = (argument: string, orderType: OrderTypeInput): Result<never> =>
  refuse('INVALID_ARGUMENT', { argument, orderType, expected: 'nothing: the order type does not take it' });

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

const limitOffsetOf = (text: string, scale: InstrumentScale): Result<bigint> => {
  const ticks = parseOffsetTicks(text, scale);
  return ticks.ok && ticks.value < 0n
    ? refuse('INVALID_ARGUMENT', {
        argument: 'limitOffset',
        value: text.slice(0, 64),
        expected: '0 or more: the limit lies behind the trigger',
      })
    : ticks;
};

const trailingOf = (input: OrderShapeInput, scale: InstrumentScale): Result<Pick<OrderTerms, 'trailingOffset' | 'trailingUnit'>> => {
  const { orderType } = input;
  if (fieldsOf[orderType].trails !== true) {
    if (isGiven(input.trailingOffset)) return notTaken('trailingOffset', orderType);
    return isGiven(input.trailingUnit) ? notTaken('trailingUnit', orderType) : ok({});
  }
  const text = input.trailingOffset ?? null;
  if (text === null) return refuse('INVALID_ARGUMENT', { argument: 'trailingOffset', orderType, expected: 'a distance' });
  const unit = OffsetUnit[offsetUnitOf[input.trailingUnit ?? 'PRICE']];
  if (unit === OffsetUnit.Ticks) {
    const ticks = ofArgument('trailingOffset', parsePriceTicks(text, scale));
    return ticks.ok ? ok({ trailingOffset: ticks.value, trailingUnit: unit }) : ticks;
  }
  const points = /^[0-9]{1,5}$/.test(text) ? BigInt(text) : 0n;
  return points >= 1n && points <= basisPointsMax
    ? ok({ trailingOffset: points, trailingUnit: unit })
    : refuse('INVALID_ARGUMENT', { argument: 'trailingOffset', value: text.slice(0, 64), expected: `1 to ${basisPointsMax} basis points` });
};

/** An offset leads away from the opposite side, so that a peg never comes nearer to it than what it follows. */
const pegOffsetOf = (text: string, side: OrderShapeInput['side'], scale: InstrumentScale): Result<bigint> => {
  const offset = ofArgument('pegOffset', parseOffsetTicks(text, scale));
  if (!offset.ok || (side === 'BUY' ? offset.value <= 0n : offset.value >= 0n)) return offset;
  const expected = `${side === 'BUY' ? '0 or less' : '0 or more'} of a ${side}: it leads away from the opposite side`;
  return refuse('INVALID_ARGUMENT', { argument: 'pegOffset', value: text.slice(0, 64), expected });
};

const pegOf = (input: OrderShapeInput, scale: InstrumentScale): Result<{ readonly kind: PegKind; readonly offsetTicks: bigint }> => {
  const { orderType } = input;
  if (fieldsOf[orderType].pegs !== true) {
    if (isGiven(input.pegKind)) return notTaken('pegKind', orderType);
    return isGiven(input.pegOffset) ? notTaken('pegOffset', orderType) : ok({ kind: PegKind.None, offsetTicks: 0n });
  }
  const kind = input.pegKind ?? null;
  if (kind === null) return refuse('INVALID_ARGUMENT', { argument: 'pegKind', orderType, expected: 'PRIMARY, MID or MARKET' });
  const offset = pegOffsetOf(input.pegOffset ?? '0', input.side, scale);
  return offset.ok ? ok({ kind: PegKind[pegKindOf[kind]], offsetTicks: offset.value }) : offset;
};

const triggerOf = (input: OrderShapeInput): Result<TriggerSource> => {
  const given = input.triggerSource ?? null;
  if (!waitsForTrigger(input.orderType)) return given === null ? ok(TriggerSource.None) : notTaken('triggerSource', input.orderType);
  return ok(TriggerSource[triggerSourceOf[given ?? 'LAST']]);
};

const expiryOf = (input: OrderShapeInput): Result<bigint> => {
  const given = input.expireTime ?? null;
  if (input.timeInForce !== 'GTD')
    return given === null ? ok(0n) : refuse('INVALID_ARGUMENT', { argument: 'expireTime', expected: 'timeInForce GTD beside it' });
  return given === null
    ? refuse('INVALID_ARGUMENT', { argument: 'expireTime', expected: 'a time: timeInForce is GTD' })
    : parseNanos(given, 'expireTime');
};

/** A part of the quantity; 0n where none is named. */
const partOf = (argument: 'displayQuantity' | 'minimumQuantity', input: OrderShapeInput, scale: InstrumentScale): Result<bigint> => {
  const text = input[argument] ?? null;
  return text === null ? ok(0n) : ofArgument(argument, parseQuantityLots(text, scale));
};

const displayOf = (input: OrderShapeInput, quantityLots: bigint, scale: InstrumentScale): Result<bigint> => {
  const display = partOf('displayQuantity', input, scale);
  return display.ok && display.value !== 0n ? displayLotsOf(display.value, quantityLots, scale) : display;
};

const minimumOf = (input: OrderShapeInput, quantityLots: bigint, scale: InstrumentScale): Result<bigint> => {
  const minimum = partOf('minimumQuantity', input, scale);
  if (!minimum.ok || minimum.value <= quantityLots) return minimum;
  return refuse('INVALID_ARGUMENT', {
    argument: 'minimumQuantity',
    value: formatQuantity(minimum.value, scale),
    expected: `at most the quantity, ${formatQuantity(quantityLots, scale)}`,
  });
};

/** Number of a client session, 0 for none. */
export const parseSessionId = (text: string | null | undefined): Result<number> => {
  if (text === null || text === undefined) return ok(0);
  const value = /^[0-9]{1,10}$/.test(text) ? BigInt(text) : 0n;
  return value >= 1n && value <= sessionIdMax
    ? ok(Number(value))
    : refuse('INVALID_ARGUMENT', { argument: 'sessionId', value: text.slice(0, 32), expected: `1 to ${sessionIdMax}` });
};

const instructionBits = (input: OrderShapeInput): number =>
  (input.instructions ?? []).reduce<number>(
    (bits, name) => bits | OrderInstruction[instructionOf[name]],
    input.postOnly === true ? OrderInstruction.PostOnly : 0,
  );

/** What the order is beside type, side and amounts; empty parts are left out, so that a plain order is a plain command. */
const specialOf = (input: OrderShapeInput, quantityLots: bigint, scale: InstrumentScale): Result<Partial<PlaceOrder>> => {
  const stop = present('stopPrice', input.stopPrice, fieldsOf[input.orderType].stopPrice, input.orderType, (text) =>
    parsePriceTicks(text, scale),
  );
  if (!stop.ok) return stop;
  const trigger = triggerOf(input);
  if (!trigger.ok) return trigger;
  const trailing = trailingOf(input, scale);
  if (!trailing.ok) return trailing;
  const limitOffset = present('limitOffset', input.limitOffset, fieldsOf[input.orderType].limitOffset ?? 'none', input.orderType, (text) =>
    limitOffsetOf(text, scale),
  );
  if (!limitOffset.ok) return limitOffset;
  const peg = pegOf(input, scale);
  if (!peg.ok) return peg;
  const display = displayOf(input, quantityLots, scale);
  if (!display.ok) return display;
  const minimum = minimumOf(input, quantityLots, scale);
  if (!minimum.ok) return minimum;
  const expiry = expiryOf(input);
  if (!expiry.ok) return expiry;
  const terms: OrderTerms = {
    ...trailing.value,
    ...(limitOffset.value === 0n ? {} : { limitOffsetTicks: limitOffset.value }),
    ...(peg.value.offsetTicks === 0n ? {} : { pegOffsetTicks: peg.value.offsetTicks }),
    ...(minimum.value === 0n ? {} : { minimumQuantityLots: minimum.value }),
    ...(expiry.value === 0n ? {} : { expireTimeNanos: expiry.value }),
  };
  const prevention = SelfTradePrevention[selfTradePreventionOf[input.selfTradePrevention ?? 'OFF']];
  return ok({
    ...(stop.value === 0n ? {} : { stopPriceTicks: stop.value }),
    ...(trigger.value === TriggerSource.None ? {} : { triggerSource: trigger.value }),
    ...(peg.value.kind === PegKind.None ? {} : { pegKind: peg.value.kind }),
    ...(display.value === 0n ? {} : { displayQuantityLots: display.value }),
    ...(prevention === SelfTradePrevention.Off ? {} : { selfTradePrevention: prevention }),
    ...(Object.keys(terms).length === 0 ? {} : { terms }),
  });
};

export const toPlaceOrder = (
  input: OrderShapeInput,
  accountId: AccountId,
  instrument: InstrumentTerms,
  clientOrderId: ClientOrderId,
  within: { readonly sessionId?: number; readonly list?: ListLink } = {},
): Result<PlaceOrder> => {
  const quantity = ofArgument('quantity', parseQuantityLots(input.quantity, instrument.scale));
  if (!quantity.ok) return quantity;
  const price = present('price', input.price, fieldsOf[input.orderType].price, input.orderType, (text) =>
    parsePriceTicks(text, instrument.scale),
  );
  if (!price.ok) return price;
  const special = specialOf(input, quantity.value, instrument.scale);
  if (!special.ok) return special;
  return ok({
    type: 'PlaceOrder',
    accountId,
    instrumentId: instrument.instrumentId,
    side: Side[sideOf[input.side]],
    orderType: OrderType[orderTypeOf[input.orderType]],
    timeInForce: TimeInForce[timeInForceOf[input.timeInForce ?? 'DAY']],
    priceTicks: price.value,
    quantityLots: quantity.value,
    instructions: instructionBits(input),
    ...special.value,
    ...(within.list === undefined ? {} : { list: within.list }),
    ...(within.sessionId === undefined || within.sessionId === 0 ? {} : { sessionId: within.sessionId }),
    clientOrderId,
  });
};
