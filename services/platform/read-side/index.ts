export { ReadSide, openClickHouse, type ReadSideOptions } from './read-side.js';
export { ReadSnapshot } from './read-snapshot.js';
export { readModelNames, type LiveTables, type ReadModelName } from './live-tables.js';
export { openStatuses, type ExecutionCursor, type ExecutionFilter, type OrderFilter, type TradingQueries } from './trading-queries.js';
export type { HistoryQueries } from './history-queries.js';
export type { ReferenceQueries } from './reference-queries.js';
export * from './rows.js';
