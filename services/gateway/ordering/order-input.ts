/**
 * What a client asks for of orders that are there, and of cash, as commands of the engine: pure, one check after the other in the order
 * in which the codes take precedence. Whether the caller may use the account has been checked before.
 */
import { parseClientOrderId, parseOrderId, type AccountId, type ClientOrderId, type InstrumentId } from '#contracts/ids/ids.js';
import { parseAmountUnits, parsePriceTicks, parseQuantityLots, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { parseCurrency } from '#contracts/money/currencies.js';
import type { AmendOrder, CancelAllOrders, CancelOrder, MoveCash, OrderTarget } from '#contracts/commands/order-commands.js';
import { ofArgument, ok, refuse, type Result } from '#contracts/result/result.js';
import { CashReason, Side } from '#contracts/tape/codes.generated.js';
import { parseDecimal } from '#contracts/money/decimal.js';
import { sideOf } from '../graphql/enum-names.js';
import type { AmendOrderInput, CancelAllOrdersInput, CancelOrderInput, CashInput } from '../graphql.generated.js';
import { displayLotsOf } from './display-quantity.js';

/** What a command needs to know of an instrument. */
export interface InstrumentTerms {
  readonly instrumentId: InstrumentId;
  readonly scale: InstrumentScale;
}

/** The id that the client chose, or the one that the gateway chose for it. */
export const clientOrderIdOf = (given: string | null | undefined, generate: () => string): Result<ClientOrderId> =>
  parseClientOrderId(given ?? generate());

/** The order that an amend or a cancel names: exactly one of the two ids. */
export const targetOf = (input: { readonly orderId?: string | null; readonly origClientOrderId?: string | null }): Result<OrderTarget> => {
  const { orderId = null, origClientOrderId = null } = input;
  if (orderId !== null && origClientOrderId !== null)
    return refuse('INVALID_ARGUMENT', { argument: 'orderId, origClientOrderId', expected: 'one of them' });
  if (orderId !== null) {
    const parsed = parseOrderId(orderId);
    return parsed.ok ? ok({ orderId: parsed.value }) : parsed;
  }
  if (origClientOrderId !== null) {
    const parsed = parseClientOrderId(origClientOrderId);
    return parsed.ok ? ok({ origClientOrderId: parsed.value }) : parsed;
  }
  return refuse('INVALID_ARGUMENT', { argument: 'orderId, origClientOrderId', expected: 'one of them' });
};

/** New visible part of an amend; 0 shows all of it. How much a quantity that stays must show is known to the engine alone. */
const displayOf = (input: AmendOrderInput, quantityLots: bigint | null, scale: InstrumentScale): Result<bigint> | null => {
  const text = input.displayQuantity ?? null;
  if (text === null) return null;
  if (/^0+(\.0+)?$/.test(text)) return ok(0n);
  const display = ofArgument('displayQuantity', parseQuantityLots(text, scale));
  return display.ok && quantityLots !== null ? displayLotsOf(display.value, quantityLots, scale) : display;
};

/** A new price of an amend; null where it stays. */
const newPriceOf = (argument: 'price' | 'stopPrice', input: AmendOrderInput, scale: InstrumentScale): Result<bigint> | null => {
  const text = input[argument] ?? null;
  return text === null ? null : ofArgument(argument, parsePriceTicks(text, scale));
};

export const toAmendOrder = (
  input: AmendOrderInput,
  accountId: AccountId,
  instrument: InstrumentTerms,
  clientOrderId: ClientOrderId,
): Result<AmendOrder> => {
  const target = targetOf(input);
  if (!target.ok) return target;
  const quantity =
    input.quantity === null || input.quantity === undefined
      ? null
      : ofArgument('quantity', parseQuantityLots(input.quantity, instrument.scale));
  if (quantity !== null && !quantity.ok) return quantity;
  const price = newPriceOf('price', input, instrument.scale);
  if (price !== null && !price.ok) return price;
  const stop = newPriceOf('stopPrice', input, instrument.scale);
  if (stop !== null && !stop.ok) return stop;
  const display = displayOf(input, quantity?.value ?? null, instrument.scale);
  if (display !== null && !display.ok) return display;
  if (quantity === null && price === null && stop === null && display === null) return refuse('AMEND_WITHOUT_CHANGE');
  return ok({
    type: 'AmendOrder',
    accountId,
    instrumentId: instrument.instrumentId,
    target: target.value,
    ...(price === null ? {} : { priceTicks: price.value }),
    ...(quantity === null ? {} : { quantityLots: quantity.value }),
    ...(stop === null ? {} : { stopPriceTicks: stop.value }),
    ...(display === null ? {} : { displayQuantityLots: display.value }),
    clientOrderId,
  });
};

export const toCancelOrder = (
  input: CancelOrderInput,
  accountId: AccountId,
  instrument: InstrumentTerms,
  clientOrderId: ClientOrderId,
): Result<CancelOrder> => {
  const target = targetOf(input);
  return target.ok
    ? ok({ type: 'CancelOrder', accountId, instrumentId: instrument.instrumentId, target: target.value, clientOrderId })
    : target;
};

export const toCancelAllOrders = (
  input: CancelAllOrdersInput,
  accountId: AccountId,
  instrumentId: InstrumentId | 0,
  clientOrderId: ClientOrderId,
  sessionId = 0,
): Result<CancelAllOrders> =>
  ok({
    type: 'CancelAllOrders',
    accountId,
    instrumentId,
    side: input.side === null || input.side === undefined ? 0 : Side[sideOf[input.side]],
    ...(sessionId === 0 ? {} : { sessionFilter: sessionId }),
    clientOrderId,
  });

/** A deposit adds, a withdrawal takes; the amount that the client names is positive in both. */
export const toMoveCash = (
  input: CashInput,
  accountId: AccountId,
  direction: 'deposit' | 'withdraw',
  clientOrderId: ClientOrderId,
): Result<MoveCash> => {
  const currency = parseCurrency(input.currency);
  if (!currency.ok) return currency;
  const decimal = ofArgument('amount', parseDecimal(input.amount));
  if (!decimal.ok) return decimal;
  if (decimal.value.mantissa <= 0n) return refuse('AMOUNT_NOT_POSITIVE', { argument: 'amount', value: input.amount.slice(0, 64) });
  const amount = ofArgument('amount', parseAmountUnits(input.amount));
  if (!amount.ok) return amount;
  return ok({
    type: 'MoveCash',
    accountId,
    currencyId: currency.value,
    reason: direction === 'deposit' ? CashReason.Deposit : CashReason.Withdrawal,
    amountUnits: direction === 'deposit' ? amount.value : -amount.value,
    clientOrderId,
  });
};
