import { TradingPhaseName, type ErrorCode } from '../tape/codes.generated.js';
import { nanosToIso } from '../time/clock.js';
import { formatMoney, formatPrice, formatQuantity, type InstrumentScale } from './instrument-scale.js';

/** What an engine integer of a refusal counts. */
export type MeasuredUnit = 'price' | 'quantity' | 'money' | 'time' | 'phase' | 'count';

/** Integers of an answer are of a unit by code; what is not here is a plain count. */
const observedUnit: Readonly<Partial<Record<ErrorCode, MeasuredUnit>>> = {
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
  MARKET_CLOSED: 'phase',
  INVALID_SESSION_CHANGE: 'phase',
  INSTRUMENT_NOT_EXPIRED: 'time',
};

/** `OpeningAuction` as the API writes it, OPENING_AUCTION. */
const spelled = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();

const written = (value: bigint, unit: MeasuredUnit, scale: InstrumentScale | null): string => {
  switch (unit) {
    case 'money':
      return formatMoney(value, scale?.moneyExponent);
    case 'time':
      return nanosToIso(value);
    case 'phase':
      return spelled(TradingPhaseName[Number(value)] ?? value.toString());
    case 'price':
      return scale === null ? value.toString() : formatPrice(value, scale);
    case 'quantity':
      return scale === null ? value.toString() : formatQuantity(value, scale);
    case 'count':
      return value.toString();
  }
};

/** An engine integer of a refusal in the unit of the rule; as it is where that is a count or the instrument is not known. */
export const measured = (code: ErrorCode, value: bigint, scale: InstrumentScale | null): string =>
  written(value, observedUnit[code] ?? 'count', scale);

export interface MeasuredNumbers {
  readonly observed: string;
  /** Null where there is no bound: a phase that takes no order is compared with none. */
  readonly limit: string | null;
}

/** The two integers of a refusal in the unit of the rule, or in one that the command tells; null where it compared none. */
export const measuredNumbers = (
  code: ErrorCode,
  { observed, limit }: { readonly observed: bigint; readonly limit: bigint },
  scale: InstrumentScale | null,
  unit: MeasuredUnit = observedUnit[code] ?? 'count',
): MeasuredNumbers | null =>
  observed === 0n && limit === 0n
    ? null
    : { observed: written(observed, unit, scale), limit: unit === 'phase' && limit === 0n ? null : written(limit, unit, scale) };
