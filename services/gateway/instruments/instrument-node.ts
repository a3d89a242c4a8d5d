import type { InstrumentRow } from '#platform/read-side/index.js';
import type { Instrument } from '../graphql.generated.js';
import {
  exerciseStyleNames,
  instrumentKindNames,
  optionKindNames,
  stateReasonNames,
  tradingPhaseNames,
  tradingStateNames,
} from '../graphql/enum-names.js';

/** An instrument on its way out; its quote and its underlying are resolved when they are asked for. */
export interface InstrumentNode extends Omit<Instrument, 'quote' | 'underlying'> {
  readonly row: InstrumentRow;
}

export const instrumentNodeOf = (row: InstrumentRow): InstrumentNode => ({
  row,
  symbol: row.symbol,
  name: row.name,
  kind: instrumentKindNames[row.kind],
  sector: row.sector,
  currency: row.currency,
  tickSize: row.tickSize,
  lotSize: row.lotSize,
  maxQuantity: row.maxQuantity,
  minNotional: row.minNotional,
  makerFeePpm: row.makerFeePpm,
  takerFeePpm: row.takerFeePpm,
  tradingState: tradingStateNames[row.tradingState],
  stateReason: row.stateReason === null ? null : stateReasonNames[row.stateReason],
  phase: row.phase === null ? null : tradingPhaseNames[row.phase],
  referencePrice: row.referencePrice,
  markPrice: row.markPrice,
  indicativePrice: row.indicativePrice,
  indicativeQuantity: row.indicativeQuantity,
  imbalance: row.imbalance,
  multiplier: row.multiplier.toString(),
  expiresAt: row.expiresAt,
  strikePrice: row.strikePrice,
  optionKind: row.optionKind === null ? null : optionKindNames[row.optionKind],
  exerciseStyle: row.exerciseStyle === null ? null : exerciseStyleNames[row.exerciseStyle],
  tickBands: [...row.tickBands],
});
