import type { NatsConnection } from '@nats-io/transport-node';
import type { FulltapeConfig } from '../services/platform/config/config.js';

/** A measured value over several runs. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly runs: number;
  /** Target of docs/benchmarks.md; null where none is set. Compared with the median. */
  readonly target: { readonly text: string; readonly value: number; readonly better: 'more' | 'less' } | null;
}

/** What one question has given. */
export interface BenchReport {
  readonly name: string;
  readonly question: string;
  /** From where to where it is measured, and what is left out. */
  readonly boundary: string;
  readonly commandMix: string;
  readonly warmUp: string;
  readonly figures: readonly Figure[];
}

/** A platform for benchmarks: servers, order engine, read models and gateway on free ports in a temporary folder, nobody else on it. */
export interface BenchPlatform {
  readonly config: FulltapeConfig;
  readonly connection: NatsConnection;
  readonly graphqlUrl: string;
  readonly demoAccounts: readonly { readonly id: string; readonly token: string }[];
}

export interface BenchEnvironment {
  readonly rootDir: string;
  readonly signal: AbortSignal;
  /** Started at the first call, shared by the benchmarks of one run. */
  readonly platform: () => Promise<BenchPlatform>;
  /** A platform of servers and order engine alone for the time of `work`; its read models and gateway do not run. */
  readonly withOrdersAlone: <Value>(work: (platform: BenchPlatform) => Promise<Value>) => Promise<Value>;
  readonly note: (text: string) => void;
}

/** One question, in a folder of its own. */
export interface Benchmark {
  readonly name: string;
  readonly question: string;
  run(environment: BenchEnvironment): Promise<BenchReport>;
}

export const figureOf = (name: string, unit: string, values: readonly number[], target: Figure['target'] = null): Figure => {
  const sorted = [...values].sort((a, b) => a - b);
  return { name, unit, min: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0, runs: sorted.length, target };
};

export const isMet = (figure: Figure): boolean | null =>
  figure.target === null
    ? null
    : figure.target.better === 'more'
      ? figure.median >= figure.target.value
      : figure.median <= figure.target.value;

/** Nearest-rank percentile of sorted values. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
