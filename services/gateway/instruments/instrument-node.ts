import type { InstrumentRow } from '#platform/read-side/index.js';
import type { Instrument } from '../graphql.generated.js';
import { instrumentKindNames, tradingStateNames } from '../graphql/enum-names.js';

/** An instrument on its way out; its quote is resolved when it is asked for. */
export interface InstrumentNode extends Omit<Instrument, 'quote'> {
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
});
