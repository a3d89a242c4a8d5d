import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rootDir } from '#platform/config/root-dir.js';
import type { DayFiles } from '../day-files.js';

/** Recorded days of lobsterdata.com, where somebody has put them beside the clone; their licence keeps them out of it. */
const folder = resolve(rootDir, '..', 'shared', 'data', 'lobster');

export interface RecordedDay {
  readonly symbol: string;
  readonly files: DayFiles;
  readonly isPresent: boolean;
  /** Rows behind the first, type-4 messages behind the first, and their shares. */
  readonly rows: number;
  readonly executions: number;
  readonly executedShares: number;
}

const day = (symbol: string, depth: number, facts: Pick<RecordedDay, 'rows' | 'executions' | 'executedShares'>): RecordedDay => {
  const file = (kind: string): string => join(folder, `${symbol}_2012-06-21_34200000_57600000_${kind}_${depth}.csv.gz`);
  const files = { messages: file('message'), orderbook: file('orderbook') };
  return { symbol, files, isPresent: existsSync(files.messages) && existsSync(files.orderbook), ...facts };
};

export const recordedDays: readonly RecordedDay[] = [
  day('GOOG', 5, { rows: 112_672, executions: 7_764, executedShares: 492_505 }),
  day('AAPL', 1, { rows: 118_496, executions: 23_658, executedShares: 1_845_964 }),
];
