import type { ErrorCode } from '../tape/codes.generated.js';
import { formatMoney, formatPrice, formatQuantity, type InstrumentScale } from './instrument-scale.js';

/** Integers of an answer mean price, quantity or money by code; what is not here is a plain count. */
const observedUnit: Readonly<Partial<Record<ErrorCode, 'price' | 'quantity' | 'money'>>> = {
  INSUFFICIENT_BUYING_POWER: 'money',
  INSUFFICIENT_POSITION: 'quantity',
  MAX_ORDER_QUANTITY: 'quantity',
  MIN_NOTIONAL: 'money',
  PRICE_OUTSIDE_COLLAR: 'price',
  MAX_ORDER_NOTIONAL: 'money',
  POSITION_LIMIT: 'quantity',
  GROSS_EXPOSURE_LIMIT: 'money',
  NET_EXPOSURE_LIMIT: 'money',
  DAILY_LOSS_LIMIT: 'money',
  INSUFFICIENT_MARGIN: 'money',
  FAT_FINGER: 'price',
  FILL_OR_KILL_UNFILLABLE: 'quantity',
  QUANTITY_BELOW_FILLED: 'quantity',
  POST_ONLY_WOULD_TRADE: 'price',
  INSUFFICIENT_CASH: 'money',
  INSUFFICIENT_ALLOTMENT: 'money',
  MINIMUM_QUANTITY_UNFILLABLE: 'quantity',
  PRICE_OFF_TICK_TABLE: 'price',
  PRICE_NOT_POSITIVE: 'price',
  QUANTITY_NOT_POSITIVE: 'quantity',
  REDUCE_ONLY: 'quantity',
  SHORT_SALE_NOT_PERMITTED: 'quantity',
  MARGIN_ACCOUNT_REQUIRED: 'quantity',
};

/** An engine integer of a refusal in the unit of the rule; as it is where that is a count or the instrument is not known. */
export const measured = (code: ErrorCode, value: bigint, scale: InstrumentScale | null): string => {
  const unit = observedUnit[code];
  if (unit === 'money') return formatMoney(value, scale?.moneyExponent);
  if (scale === null || unit === undefined) return value.toString();
  return unit === 'price' ? formatPrice(value, scale) : formatQuantity(value, scale);
};
