/** The rules that are in force as people read them: decimals and symbols instead of lots, units and numbers. */
import { formatMoney, formatQuantity } from '#contracts/money/instrument-scale.js';
import type { ReadSnapshot } from './read-snapshot.js';
import type { RulesOf } from './risk-rule-queries.js';
import type { InstrumentRow, RestrictionRow, RiskLimitRow, ScopeStateRow, TripRuleRow } from './rows.js';

/** Read models that the view is made of. */
export const riskRuleModels = ['risk-rules', 'accounts', 'instruments', 'listings'] as const;

/** Limits of one scope; null = no limit. */
export interface RiskLimitView extends Pick<RiskLimitRow, 'scope' | 'targetId' | 'version' | 'setAt'> {
  /** Null = every instrument. */
  readonly symbol: string | null;
  /** Null too where no instrument says what a lot is. */
  readonly maxOrderQuantity: string | null;
  readonly maxPosition: string | null;
  readonly maxOrderNotional: string | null;
  readonly maxGrossExposure: string | null;
  readonly maxNetExposure: string | null;
  readonly maxDailyLoss: string | null;
  readonly maxOpenOrders: number | null;
  readonly ordersPerSecond: number | null;
  readonly burstOrders: number | null;
  readonly collarPpm: number | null;
  readonly fatFingerPpm: number | null;
  readonly maxPriceAgeMs: number | null;
}

export interface RestrictionView extends Pick<RestrictionRow, 'restriction' | 'version' | 'setAt'> {
  /** Null = every account. */
  readonly accountId: number | null;
  readonly symbol: string;
}

export interface TripRuleView extends Pick<TripRuleRow, 'scope' | 'targetId' | 'rule' | 'resultingState' | 'resultingPhase' | 'setAt'> {
  /** Of a rule of an instrument. */
  readonly symbol: string | null;
  /** Parts per million of the price, an amount of money, or a count, by rule. */
  readonly threshold: string;
  readonly windowMs: string;
  readonly phaseMs: string | null;
}

export interface RiskRulesView {
  readonly limits: readonly RiskLimitView[];
  /** 0 = the list was never set. */
  readonly restrictedListVersion: number;
  readonly restrictions: readonly RestrictionView[];
  readonly tripRules: readonly TripRuleView[];
  /** Everywhere, of groups, of accounts: whatever they are now. */
  readonly states: readonly ScopeStateRow[];
  /** Instruments that are not simply active. */
  readonly stoppedInstruments: readonly InstrumentRow[];
}

type Instruments = ReadonlyMap<number, InstrumentRow>;

const nanosPerMs = 1_000_000n;
/** States of accounts and groups that are told: those that changed last. */
const scopeStatesMax = 1_000;

const moneyOf = (units: bigint | null): string | null => (units === null ? null : formatMoney(units));
const numberOf = (value: bigint | null): number | null => (value === null ? null : Number(value));
const symbolOf = (instrumentId: number, instruments: Instruments): string => instruments.get(instrumentId)?.symbol ?? `#${instrumentId}`;

const limitView = (row: RiskLimitRow, instruments: Instruments): RiskLimitView => {
  const scale = instruments.get(row.instrumentId)?.scale;
  const quantityOf = (lots: bigint | null): string | null => (lots === null || scale === undefined ? null : formatQuantity(lots, scale));
  return {
    ...{ scope: row.scope, targetId: row.targetId, version: row.version, setAt: row.setAt },
    symbol: row.instrumentId === 0 ? null : symbolOf(row.instrumentId, instruments),
    maxOrderQuantity: quantityOf(row.maxOrderQuantityLots),
    maxPosition: quantityOf(row.maxPositionLots),
    maxOrderNotional: moneyOf(row.maxOrderNotionalUnits),
    maxGrossExposure: moneyOf(row.maxGrossUnits),
    maxNetExposure: moneyOf(row.maxNetUnits),
    maxDailyLoss: moneyOf(row.maxDailyLossUnits),
    maxOpenOrders: numberOf(row.maxOpenOrders),
    ordersPerSecond: numberOf(row.ordersPerSecond),
    burstOrders: numberOf(row.burstOrders),
    collarPpm: numberOf(row.collarPpm),
    fatFingerPpm: numberOf(row.fatFingerPpm),
    maxPriceAgeMs: numberOf(row.maxPriceAgeMs),
  };
};

const restrictionView = (row: RestrictionRow, instruments: Instruments): RestrictionView => ({
  ...{ restriction: row.restriction, version: row.version, setAt: row.setAt },
  accountId: row.accountId === 0 ? null : row.accountId,
  symbol: symbolOf(row.instrumentId, instruments),
});

const tripRuleView = (row: TripRuleRow, instruments: Instruments): TripRuleView => ({
  ...{ scope: row.scope, targetId: row.targetId, rule: row.rule, setAt: row.setAt },
  ...{ resultingState: row.resultingState, resultingPhase: row.resultingPhase },
  symbol: row.scope === 'Instrument' ? symbolOf(row.targetId, instruments) : null,
  threshold: row.rule === 'Loss' ? formatMoney(row.threshold) : row.threshold.toString(),
  windowMs: (row.windowNanos / nanosPerMs).toString(),
  phaseMs: row.phaseNanos === null ? null : (row.phaseNanos / nanosPerMs).toString(),
});

const isAbout = ({ scope, targetId }: ScopeStateRow, of: RulesOf): boolean =>
  of === null || scope === 'Global' || targetId === (scope === 'Account' ? of.accountId : of.groupId);

/** All rules, or those that apply to one account. @throws FulltapeError QUERY_TOO_COMPLEX */
export const riskRulesView = async ({ reference, riskRules }: ReadSnapshot, of: RulesOf): Promise<RiskRulesView> => {
  const [limits, restrictions, restrictedListVersion, tripRules, states, all] = await Promise.all([
    riskRules.limits(of),
    riskRules.restrictions(of),
    riskRules.restrictedListVersion(),
    riskRules.tripRules(of),
    reference.scopeStates(scopeStatesMax),
    reference.instruments(),
  ]);
  const instruments = new Map(all.map((row) => [row.instrumentId, row]));
  return {
    limits: limits.map((row) => limitView(row, instruments)),
    restrictedListVersion,
    restrictions: restrictions.map((row) => restrictionView(row, instruments)),
    tripRules: tripRules.map((row) => tripRuleView(row, instruments)),
    states: states.filter((row) => isAbout(row, of)),
    stoppedInstruments: all.filter(({ tradingState }) => tradingState !== 'Active'),
  };
};
