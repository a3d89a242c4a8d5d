import { tapePosition } from '../../contracts/position/position.js';
import { FulltapeError } from '../../contracts/result/result.js';
import { openCommit } from '../../contracts/tape/message.js';
import { walkReports } from '../../contracts/tape/walk.js';
import { clickHouseClient } from '../../services/platform/clickhouse/client.js';
import { ReadSide, type ReadModelName } from '../../services/platform/read-side/index.js';
import { readTape, tapeExtent } from '../../services/platform/tape/tape-reader.js';
import { figureOf, type Benchmark, type BenchPlatform, type BenchReport } from '../benchmark.js';
import { defineFlow, sendBatches } from '../end-to-end/batch-sender.js';
import { commandMix, OrderFlow } from '../order-flow.js';

const runs = 3;
const commandsPerRun = 200_000;
const waitMs = 300_000;
const inPostgres: readonly ReadModelName[] = ['orders', 'executions', 'positions', 'balances', 'book'];
const inClickHouse: readonly ReadModelName[] = ['order-events', 'trades', 'candles'];

/** Primary reports between two stream sequences: the events that the read models apply. */
const countReports = async (platform: BenchPlatform, from: bigint, signal: AbortSignal): Promise<number> => {
  let count = 0;
  for await (const { bytes } of readTape(platform.connection, 0, { fromStreamSequence: from, signal, idle: 'end' })) {
    count += [...walkReports(openCommit(bytes))].length;
  }
  return count;
};

const countRows = async (platform: BenchPlatform, readSide: ReadSide): Promise<number> => {
  const snapshot = await readSide.snapshot();
  const client = clickHouseClient(platform.config.clickhouse, 'bench');
  try {
    const tables = ['order-events', 'trades'] as const;
    const query = `SELECT ${tables.map((model) => `(SELECT count() FROM ${snapshot.table(model)})`).join(' + ')} AS rows`;
    const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json<{ rows: string | number }>();
    return Number(row?.rows ?? 0);
  } finally {
    await client.close();
  }
};

interface CatchUp {
  readonly postgresEventsPerSecond: number;
  readonly clickHouseRowsPerSecond: number;
}

const catchUp = async (platform: BenchPlatform, readSide: ReadSide, flow: OrderFlow, signal: AbortSignal): Promise<CatchUp> => {
  const { lastSequence } = await tapeExtent(platform.connection, 0);
  const rowsBefore = await countRows(platform, readSide);
  const startedAt = performance.now();
  const { lastCommandNumber } = await sendBatches(platform.connection, flow, (commands) => commands >= commandsPerRun, signal);
  const secondsUntil = async (models: readonly ReadModelName[]): Promise<number> => {
    const reached = await readSide.waitFor(tapePosition(0, lastCommandNumber), models, waitMs, signal);
    if (!reached.ok) throw new FulltapeError(reached.problem.code, reached.problem.details);
    return (performance.now() - startedAt) / 1_000;
  };
  const [postgresSeconds, clickHouseSeconds] = await Promise.all([secondsUntil(inPostgres), secondsUntil(inClickHouse)]);
  const events = await countReports(platform, lastSequence + 1n, signal);
  const rows = (await countRows(platform, readSide)) - rowsBefore;
  return { postgresEventsPerSecond: events / postgresSeconds, clickHouseRowsPerSecond: rows / clickHouseSeconds };
};

export const projectionsBenchmark: Benchmark = {
  name: 'projections',
  question: 'How many events a second do the read models apply?',
  run: async ({ platform, signal, note }): Promise<BenchReport> => {
    const there = await platform();
    const readSide = ReadSide.open({ postgres: there.config.postgres, clickhouse: there.config.clickhouse });
    try {
      const flow = new OrderFlow(203);
      await defineFlow(there.connection, flow);
      const results: CatchUp[] = [];
      await catchUp(there, readSide, flow, signal); // warm-up, not counted; also lets the models finish what came before
      for (let run = 0; run < runs; run += 1) {
        results.push(await catchUp(there, readSide, flow, signal));
        note(`catch-up ${run + 1} of ${runs} done`);
      }
      return {
        name: 'projections',
        question: projectionsBenchmark.question,
        boundary: `live catch-up: ${commandsPerRun} commands are sent as fast as they are acknowledged; from the first one sent until every model of a store has committed the last one. Both stores are written at the same time, orders process, broker and databases share the machine`,
        commandMix,
        warmUp: 'one catch-up',
        figures: [
          figureOf(
            'Postgres, reports applied (orders, executions, positions, balances, book)',
            'events/s',
            results.map((one) => one.postgresEventsPerSecond),
            { text: '100,000/s', value: 100_000, better: 'more' },
          ),
          figureOf(
            'ClickHouse, rows of order events and trades',
            'rows/s',
            results.map((one) => one.clickHouseRowsPerSecond),
            { text: '1 M/s', value: 1_000_000, better: 'more' },
          ),
        ],
      };
    } finally {
      await readSide.close();
    }
  },
};
