import { formatMoney, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { decimalToSteps, parseDecimal } from '#contracts/money/decimal.js';
import { stateSentences } from '#contracts/tape/reason-sentences.js';
import type { AccountRow, BalanceRow, CashEntryRow, InstrumentRow, PositionRow, ScopeStateRow } from '#platform/read-side/index.js';
import type { Account, AccountPosition, Balance, CashEntry, ScopeState } from '../graphql.generated.js';
import { cashEntryReasonNames, stateReasonNames, stateScopeNames, tradingStateNames } from '../graphql/enum-names.js';
import type { ReadView } from '../reads/request-reads.js';

export interface AccountNode extends Omit<Account, 'balances' | 'positions'> {
  readonly view: ReadView;
}

/** A position on its way out; instrument and valuation are resolved when they are asked for. */
export interface PositionNode extends Omit<AccountPosition, 'instrument' | 'unrealizedPnl' | 'marketValue'> {
  readonly instrumentId: number;
}

export const accountNodeOf = (row: AccountRow, view: ReadView): AccountNode => ({
  view,
  id: String(row.accountId),
  name: row.name,
  kind: row.kind,
  tradingState: tradingStateNames[row.tradingState],
  stateReason: row.stateReason === null ? null : stateReasonNames[row.stateReason],
  stateReasonText: row.stateReason === null ? null : stateSentences[row.stateReason],
  limitsVersion: row.limitsVersion === 0 ? null : row.limitsVersion,
});

/** A movement of cash on its way out; its instrument is resolved when it is asked for. */
export interface CashEntryNode extends Omit<CashEntry, 'instrument'> {
  readonly instrumentId: number | null;
}

export const cashEntryNodeOf = (row: CashEntryRow): CashEntryNode => ({
  accountId: String(row.accountId),
  currency: row.currency,
  reason: cashEntryReasonNames[row.reason] ?? 'CASH_MOVEMENT',
  amount: row.amount,
  total: row.total,
  instrumentId: row.instrumentId,
  enteredAt: row.enteredAt,
  commandNumber: row.commandNumber.toString(),
});

export const scopeStateNodeOf = (row: ScopeStateRow): ScopeState => ({
  scope: stateScopeNames[row.scope],
  targetId: String(row.targetId),
  tradingState: tradingStateNames[row.tradingState],
  stateReason: row.stateReason === null ? null : stateReasonNames[row.stateReason],
  version: row.version,
  observed: row.observed.toString(),
  limit: row.limit.toString(),
  updatedAt: row.updatedAt,
});

export const balanceNodeOf = (row: BalanceRow): Balance => ({
  accountId: String(row.accountId),
  currency: row.currency,
  total: row.total,
  reserved: row.reserved,
  available: row.available,
  updatedAt: row.updatedAt,
});

export const positionNodeOf = (row: PositionRow): PositionNode => ({
  accountId: String(row.accountId),
  instrumentId: row.instrumentId,
  quantity: row.quantity,
  reservedQuantity: row.reservedQuantity,
  averageCost: row.averageCost,
  cost: row.cost,
  realizedPnl: row.realizedPnl,
  updatedAt: row.updatedAt,
});

/** A decimal that this platform wrote, as whole steps of 10^-exponent. */
const unitsOf = (text: string, exponent: number): bigint => {
  const decimal = parseDecimal(text);
  return decimal.ok ? (decimalToSteps(decimal.value, 1n, exponent) ?? 0n) : 0n;
};

const lotsOf = (quantity: string, scale: InstrumentScale): bigint => {
  const decimal = parseDecimal(quantity);
  return decimal.ok ? (decimalToSteps(decimal.value, scale.lotMantissa, scale.lotExponent) ?? 0n) : 0n;
};

/** What the position is worth at a price, exactly. Value and profit of a short position are negative where it costs to close it. */
export const valuationOf = (
  position: Pick<PositionNode, 'quantity' | 'cost'>,
  instrument: Pick<InstrumentRow, 'scale' | 'unitsPerTickLot'>,
  priceTicks: bigint | null,
): { readonly marketValue: string; readonly unrealizedPnl: string } | null => {
  if (priceTicks === null) return null;
  const { scale, unitsPerTickLot } = instrument;
  const valueUnits = lotsOf(position.quantity, scale) * priceTicks * unitsPerTickLot;
  const costUnits = unitsOf(position.cost, scale.moneyExponent);
  return {
    marketValue: formatMoney(valueUnits, scale.moneyExponent),
    unrealizedPnl: formatMoney(valueUnits - costUnits, scale.moneyExponent),
  };
};
