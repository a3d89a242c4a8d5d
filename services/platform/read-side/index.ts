export { ReadSide, type ReadSideOptions } from './read-side.js';
export { ReadSnapshot } from './read-snapshot.js';
export { readModelNames, type LiveTables, type ReadModelName } from './live-tables.js';
export { openStatuses, type ExecutionCursor, type ExecutionFilter, type OrderFilter, type TradingQueries } from './trading-queries.js';
export type { HistoryQueries } from './history-queries.js';
export { riskRuleModels, riskRulesView, type RiskRulesView } from './risk-rules-view.js';
export type { RulesOf } from './risk-rule-queries.js';
export type { ReferenceQueries } from './reference-queries.js';
export {
  timeframeSeconds,
  type AccountRow,
  type BalanceRow,
  type BookLevelRow,
  type BookSnapshot,
  type BookSnapshots,
  type CandleRow,
  type CashEntryRow,
  type ExecutionRow,
  type InstrumentRow,
  type OrderEventRow,
  type OrderRow,
  type Page,
  type PortfolioRow,
  type PositionRow,
  type RefusedRow,
  type RestrictionRow,
  type RiskLimitRow,
  type ScopeStateRow,
  type TapeCheckpoint,
  type TickBandRow,
  type Timeframe,
  type TradeRow,
  type TripRuleRow,
} from './rows.js';
export { liveDataSource, liveEntityColumns, type LiveEntityName } from './live-entities.js';
