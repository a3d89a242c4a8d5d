import type { DaySurvey } from '../../simulation/lobster/day-files.js';
import type { ReadModelCounts } from '../../simulation/lobster/read-model-counts.js';
import type { ReplayOutcome } from '../../simulation/lobster/replay-day.js';

/** What `fulltape replay lobster --json` prints. Counts of messages fit a JSON number; quantities are numbers below 2^53. */
export interface ReplayReport {
  readonly symbol: string;
  readonly messages: number;
  readonly rowsCompared: number;
  readonly rowsEqual: number;
  readonly levelsCompared: number;
  readonly levelsEqual: number;
  /** Levels that came into view and were not as recorded: seeded and cancelled together. */
  readonly reconciled: number;
  readonly levelsSeeded: number;
  readonly sharesSeeded: number;
  readonly levelsCanceled: number;
  readonly sharesCanceled: number;
  readonly rowsWithHeldOrders: number;
  readonly executions: number;
  readonly executionsOnNamedOrder: number;
  readonly executedShares: number;
  /** Behind the first row, as the message file has them. */
  readonly executionsInFile: number;
  readonly executedSharesInFile: number;
  readonly trades: number;
  readonly commands: number;
  readonly commandsRefused: number;
  readonly commandsPerSecond: number;
  readonly tapePosition: string;
  readonly tradesInPostgres: number | null;
  readonly sharesInClickHouse: number | null;
  readonly resumed: number;
  readonly stateHash: string;
  readonly firstDifference: ReplayOutcome['totals']['firstDifference'];
  readonly ok: boolean;
}

export const replayReport = (options: {
  readonly symbol: string;
  readonly survey: DaySurvey;
  readonly outcome: ReplayOutcome;
  readonly counts: ReadModelCounts | null;
}): ReplayReport => {
  const { survey, outcome, counts } = options;
  const { totals } = outcome;
  const isCounted = counts === null || (counts.tradesInPostgres === totals.trades && counts.sharesInClickHouse === totals.executedQuantity);
  const isWhole = totals.executions === survey.executions && totals.executedQuantity === survey.executedQuantity;
  return {
    symbol: options.symbol,
    messages: survey.messages,
    rowsCompared: totals.rowsCompared,
    rowsEqual: totals.rowsEqual,
    levelsCompared: totals.levelsCompared,
    levelsEqual: totals.levelsEqual,
    reconciled: totals.levelsSeeded + totals.levelsTrimmed,
    levelsSeeded: totals.levelsSeeded,
    sharesSeeded: Number(totals.quantitySeeded),
    levelsCanceled: totals.levelsTrimmed,
    sharesCanceled: Number(totals.quantityTrimmed),
    rowsWithHeldOrders: totals.rowsWithHeldOrders,
    executions: totals.executions,
    executionsOnNamedOrder: totals.executionsOnNamedOrder,
    executedShares: Number(totals.executedQuantity),
    executionsInFile: survey.executions,
    executedSharesInFile: Number(survey.executedQuantity),
    trades: totals.trades,
    commands: outcome.commands,
    commandsRefused: totals.commandsRefused,
    commandsPerSecond: Math.round(outcome.commands / (outcome.sendMs / 1_000)),
    tapePosition: outcome.tapePosition,
    tradesInPostgres: counts === null ? null : counts.tradesInPostgres,
    sharesInClickHouse: counts === null ? null : Number(counts.sharesInClickHouse),
    resumed: outcome.resumed,
    stateHash: outcome.stateHash,
    firstDifference: totals.firstDifference,
    ok: totals.firstDifference === null && totals.rowsEqual === totals.rowsCompared && isWhole && isCounted,
  };
};

const count = (value: number | null): string => (value === null ? 'not counted' : value.toLocaleString('en-US'));

/** The same for people. */
export const describeReplay = (report: ReplayReport): string => {
  const lines = [
    `${report.symbol}: ${count(report.messages)} messages, ${count(report.commands)} commands, ${count(report.commandsPerSecond)} commands/s to DURABLE`,
    `  rows         ${count(report.rowsEqual)} of ${count(report.rowsCompared)} equal`,
    `  levels       ${count(report.levelsEqual)} of ${count(report.levelsCompared)} equal`,
    `  reconciled   ${count(report.reconciled)} levels came into view otherwise than they left it: ${count(report.levelsSeeded)} seeded (${count(report.sharesSeeded)} shares), ${count(report.levelsCanceled)} cancelled (${count(report.sharesCanceled)} shares)`,
    `  executions   ${count(report.executions)} of ${count(report.executionsInFile)} (${count(report.executionsOnNamedOrder)} on the order that the file names), ${count(report.executedShares)} of ${count(report.executedSharesInFile)} shares`,
    `  PostgreSQL   ${count(report.tradesInPostgres)} trades`,
    `  ClickHouse   ${count(report.sharesInClickHouse)} shares`,
    `  tape         ${report.tapePosition}, state ${report.stateHash}`,
  ];
  const { firstDifference: first } = report;
  if (first !== null)
    lines.push(`  first difference: line ${first.line} (${first.what})`, `    expected ${first.expected}`, `    actual   ${first.actual}`);
  return lines.join('\n');
};
