import type { BalanceAnswer, PositionAnswer } from '../api/answers.js';
import {
  averageUnitsOf,
  lotsOf,
  moneyUnits,
  unitsOf,
  type Instrument,
  type MoneyUnits,
  type PriceTicks,
  type QuantityLots,
} from '../model/values.js';

export interface PositionRow {
  readonly symbol: string;
  readonly quantityLots: QuantityLots;
  readonly reservedLots: QuantityLots;
  readonly averageCostUnits: MoneyUnits;
  readonly realizedUnits: MoneyUnits;
}

export interface BalanceRow {
  readonly currency: string;
  readonly totalUnits: MoneyUnits;
  readonly reservedUnits: MoneyUnits;
  readonly availableUnits: MoneyUnits;
}

export const positionRow = (position: PositionAnswer, instrument: Instrument): PositionRow => ({
  symbol: position.instrument.symbol,
  quantityLots: lotsOf(position.quantity, instrument),
  reservedLots: lotsOf(position.reservedQuantity, instrument),
  averageCostUnits: averageUnitsOf(position.averageCost),
  realizedUnits: unitsOf(position.realizedPnl),
});

export const balanceRow = (balance: BalanceAnswer): BalanceRow => ({
  currency: balance.currency,
  totalUnits: unitsOf(balance.total),
  reservedUnits: unitsOf(balance.reserved),
  availableUnits: unitsOf(balance.available),
});

/** Value of a position at a price; negative when short. */
export const marketValue = (position: PositionRow, price: PriceTicks, { tickLotUnits }: Instrument): MoneyUnits =>
  moneyUnits(price * position.quantityLots * tickLotUnits);

/** What closing at `price` would gain, before fees. Positive for a gain, long or short. */
export const unrealizedPnl = (position: PositionRow, price: PriceTicks, instrument: Instrument): MoneyUnits => {
  const { lotMantissa, lotExponent } = instrument.scale;
  const cost = (position.averageCostUnits * position.quantityLots * lotMantissa) / 10n ** BigInt(lotExponent);
  return moneyUnits(marketValue(position, price, instrument) - cost);
};
