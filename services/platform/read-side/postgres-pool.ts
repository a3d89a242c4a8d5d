import pg from 'pg';

const int8Oid = 20;
const timestamptzOid = 1184;
const numericOid = 1700;

/** `2026-01-02 03:04:05.123+00` (session time zone is UTC) as ISO 8601 with a Z, microseconds kept. */
const isoOf = (text: string): string => `${text.slice(0, 10)}T${text.slice(11).replace(/[+-]\d{2}(:?\d{2})?$/, '')}Z`;

/** Decimal text without trailing zeros behind the point. */
export const plainDecimal = (text: string): string => (text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text);

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [int8Oid]: BigInt,
  [timestamptzOid]: isoOf,
  [numericOid]: plainDecimal,
};

/** Type parsers of one pool (never the process-wide ones): int8 as bigint, numeric as decimal text, timestamptz as ISO text. */
export const exactTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    const parser = format === 'binary' ? undefined : parsers[oid];
    return parser ?? pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text');
  }) as pg.CustomTypesConfig['getTypeParser'],
};

export interface PostgresPoolOptions {
  readonly url: string;
  readonly poolMax: number;
  readonly applicationName: string;
  /** Longest time that one statement may run. 0 = no bound; for rebuilds alone. */
  readonly statementTimeoutMs?: number;
}

/** A pool whose rows hold no floats for money or 64-bit numbers. Waiting for a connection and every statement have deadlines. */
export const openPostgresPool = (options: PostgresPoolOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    types: exactTypes,
    options: '-c timezone=UTC',
  });
  // An idle connection that dies must not end the process; the next query reports the fault to its caller.
  pool.on('error', () => undefined);
  return pool;
};
