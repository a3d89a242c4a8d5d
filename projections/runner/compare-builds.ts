import type { Build, BuildStores } from './generations.js';

/** How one table of a candidate differs from the live one. */
export interface TableDifference {
  readonly model: string;
  readonly table: string;
  readonly liveRows: number;
  readonly candidateRows: number;
  /** Rows that only one side has; -1 where the store tells that contents differ but not in how many rows. */
  readonly onlyLive: number;
  readonly onlyCandidate: number;
  /** A few of these rows as JSON. */
  readonly samples: readonly string[];
}

const samplesMax = 5;

interface Counts {
  liveRows: bigint;
  candidateRows: bigint;
  onlyLive: bigint;
  onlyCandidate: bigint;
}

const comparePostgres = async (
  { pool }: BuildStores,
  live: string,
  candidate: string,
): Promise<Omit<TableDifference, 'model' | 'table'>> => {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    const counts = await client.query<Counts>(
      `SELECT (SELECT count(*) FROM ${live}) AS "liveRows", (SELECT count(*) FROM ${candidate}) AS "candidateRows",
              (SELECT count(*) FROM (SELECT * FROM ${live} EXCEPT ALL SELECT * FROM ${candidate}) d) AS "onlyLive",
              (SELECT count(*) FROM (SELECT * FROM ${candidate} EXCEPT ALL SELECT * FROM ${live}) d) AS "onlyCandidate"`,
    );
    const row = counts.rows[0];
    const differs = row !== undefined && (row.onlyLive > 0n || row.onlyCandidate > 0n);
    const samples = !differs
      ? []
      : (
          await client.query<{ sample: string }>(
            `(SELECT 'live ' || to_jsonb(d)::text AS sample FROM (SELECT * FROM ${live} EXCEPT ALL SELECT * FROM ${candidate}) d LIMIT ${samplesMax})
             UNION ALL
             (SELECT 'rebuilt ' || to_jsonb(d)::text FROM (SELECT * FROM ${candidate} EXCEPT ALL SELECT * FROM ${live}) d LIMIT ${samplesMax})`,
          )
        ).rows.map(({ sample }) => sample);
    return {
      liveRows: Number(row?.liveRows ?? 0n),
      candidateRows: Number(row?.candidateRows ?? 0n),
      onlyLive: Number(row?.onlyLive ?? 0n),
      onlyCandidate: Number(row?.onlyCandidate ?? 0n),
      samples,
    };
  } finally {
    await client.query('RESET statement_timeout').catch(() => undefined);
    client.release();
  }
};

/** Count and a hash over all rows that does not depend on their order; equal rows cancel in no way, because the hashes are summed. */
const clickHouseDigest = async ({ clickhouse }: BuildStores, content: string): Promise<{ rows: number; digest: string }> => {
  const result = await clickhouse.query({
    query: `SELECT toString(count()) AS rows, concat(toString(sum(sipHash64(tuple(*)))), '.', toString(groupBitXor(cityHash64(tuple(*))))) AS digest FROM (${content})`,
    format: 'JSONEachRow',
  });
  const rows = await result.json<{ rows: string; digest: string }>();
  return { rows: Number(rows[0]?.rows ?? '0'), digest: rows[0]?.digest ?? '' };
};

/** Compares whole contents, table by table; only tables that differ are listed. Both builds must stand at the same position. */
export const compareBuilds = async (stores: BuildStores, live: Build, candidate: Build): Promise<readonly TableDifference[]> => {
  const differences: TableDifference[] = [];
  for (const table of candidate.model.tables) {
    const from = live.tables[table.name];
    const to = candidate.tables[table.name];
    if (from === undefined || to === undefined) continue;
    const named = { model: candidate.model.name, table: table.name };
    if (candidate.model.store === 'postgres') {
      const found = await comparePostgres(stores, from, to);
      if (found.onlyLive > 0 || found.onlyCandidate > 0) differences.push({ ...named, ...found });
      continue;
    }
    const content = table.content ?? ((physical: string) => `SELECT * FROM ${physical}`);
    const [before, after] = [await clickHouseDigest(stores, content(from)), await clickHouseDigest(stores, content(to))];
    if (before.rows !== after.rows || before.digest !== after.digest) {
      differences.push({ ...named, liveRows: before.rows, candidateRows: after.rows, onlyLive: -1, onlyCandidate: -1, samples: [] });
    }
  }
  return differences;
};

/** Rows that the read model's tables hold, by table. */
export const countRows = async (stores: BuildStores, build: Build): Promise<Readonly<Record<string, number>>> => {
  const counts: Record<string, number> = {};
  for (const table of build.model.tables) {
    const physical = build.tables[table.name] ?? '';
    if (build.model.store === 'postgres') {
      const result = await stores.pool.query<{ rows: bigint }>(`SELECT count(*) AS rows FROM ${physical}`);
      counts[table.name] = Number(result.rows[0]?.rows ?? 0n);
    } else {
      const content = table.content?.(physical) ?? `SELECT * FROM ${physical}`;
      const result = await stores.clickhouse.query({ query: `SELECT toString(count()) AS rows FROM (${content})`, format: 'JSONEachRow' });
      const rows = await result.json<{ rows: string }>();
      counts[table.name] = Number(rows[0]?.rows ?? '0');
    }
  }
  return counts;
};
