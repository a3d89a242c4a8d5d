import type { Branded } from '../../../../contracts/ids/ids.js';
import { decimalToSteps, parseDecimal } from '../../../../contracts/money/decimal.js';
import { defaultMoneyExponent, unitsPerTickLot, type InstrumentScale } from '../../../../contracts/money/instrument-scale.js';

/** A price in ticks of its instrument. */
export type PriceTicks = Branded<bigint, 'PriceTicks'>;
/** A quantity in lots of its instrument; negative for a short position. */
export type QuantityLots = Branded<bigint, 'QuantityLots'>;
/** Money in units of 10^-8 of its currency. */
export type MoneyUnits = Branded<bigint, 'MoneyUnits'>;

export const moneyExponent = defaultMoneyExponent;

export type Side = 'BUY' | 'SELL';
export type OrderType =
  | 'MARKET'
  | 'LIMIT'
  | 'STOP'
  | 'STOP_LIMIT'
  | 'MARKET_TO_LIMIT'
  | 'TRAILING_STOP'
  | 'TRAILING_STOP_LIMIT'
  | 'MARKET_IF_TOUCHED'
  | 'LIMIT_IF_TOUCHED'
  | 'PEGGED';
export type TimeInForce = 'DAY' | 'GTC' | 'IOC' | 'FOK' | 'GTD' | 'OPG' | 'ATC' | 'GFA';

/** An instrument with everything that turns its decimals into whole numbers and back. */
export interface Instrument {
  readonly symbol: string;
  readonly name: string;
  readonly kind: string;
  readonly currency: string;
  readonly scale: InstrumentScale;
  /** Money units of one tick times one lot, multiplier included. */
  readonly tickLotUnits: bigint;
  readonly makerFeePpm: bigint;
  readonly takerFeePpm: bigint;
  readonly minNotionalUnits: MoneyUnits;
  readonly tradingState: string;
}

export const priceTicks = (value: bigint): PriceTicks => value as PriceTicks;
export const quantityLots = (value: bigint): QuantityLots => value as QuantityLots;
export const moneyUnits = (value: bigint): MoneyUnits => value as MoneyUnits;

/** Steps of a decimal text of the API; throws when it is not a whole number of them, because then the API and the page disagree. */
const steps = (text: string, mantissa: bigint, exponent: number): bigint => {
  const decimal = parseDecimal(text);
  const value = decimal.ok ? decimalToSteps(decimal.value, mantissa, exponent) : null;
  if (value === null) throw new Error(`${text} is not a multiple of its step`);
  return value;
};

export const ticksOf = (text: string, { scale }: Instrument): PriceTicks => priceTicks(steps(text, scale.tickMantissa, scale.tickExponent));
export const lotsOf = (text: string, { scale }: Instrument): QuantityLots =>
  quantityLots(steps(text, scale.lotMantissa, scale.lotExponent));
export const unitsOf = (text: string): MoneyUnits => moneyUnits(steps(text, 1n, moneyExponent));

/** An average price lies between ticks: units of 10^-8, rounded towards zero where the text has more digits. For showing alone. */
export const averageUnitsOf = (text: string): MoneyUnits => {
  const decimal = parseDecimal(text);
  if (!decimal.ok) throw new Error(`${text} is not a decimal`);
  const { mantissa, exponent } = decimal.value;
  return moneyUnits(
    exponent <= moneyExponent ? mantissa * 10n ** BigInt(moneyExponent - exponent) : mantissa / 10n ** BigInt(exponent - moneyExponent),
  );
};

export const priceUnits = (ticks: PriceTicks, { scale }: Instrument): MoneyUnits =>
  moneyUnits((ticks * scale.tickMantissa * 10n ** BigInt(moneyExponent)) / 10n ** BigInt(scale.tickExponent));

export interface InstrumentTerms {
  readonly symbol: string;
  readonly name: string;
  readonly kind: string;
  readonly currency: string;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly minNotional: string | null;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly tradingState: string;
  /** Money value of a price difference of 1 times a quantity of 1, a whole number as text. */
  readonly multiplier: string;
}

export const instrumentOf = (terms: InstrumentTerms): Instrument => {
  const tick = parseDecimal(terms.tickSize);
  const lot = parseDecimal(terms.lotSize);
  if (!tick.ok || !lot.ok) throw new Error(`${terms.symbol} has no valid tick or lot`);
  const scale: InstrumentScale = {
    tickMantissa: tick.value.mantissa,
    tickExponent: tick.value.exponent,
    lotMantissa: lot.value.mantissa,
    lotExponent: lot.value.exponent,
    moneyExponent,
  };
  const units = unitsPerTickLot(scale, BigInt(terms.multiplier));
  if (!units.ok) throw new Error(`${terms.symbol} has no whole money unit per tick and lot`);
  const { symbol, name, kind, currency, tradingState } = terms;
  return {
    symbol,
    name,
    kind,
    currency,
    tradingState,
    scale,
    tickLotUnits: units.value,
    makerFeePpm: BigInt(terms.makerFeePpm),
    takerFeePpm: BigInt(terms.takerFeePpm),
    minNotionalUnits: unitsOf(terms.minNotional ?? '0'),
  };
};

export const notional = (ticks: PriceTicks, lots: QuantityLots, { tickLotUnits }: Instrument): MoneyUnits =>
  moneyUnits(ticks * lots * tickLotUnits);
