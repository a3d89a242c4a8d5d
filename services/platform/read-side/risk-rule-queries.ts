/** Rules that are in force, from Postgres: limits, restricted list, circuit breakers. Every list has a bound. */
import type { Pool } from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import type { ReadModelName } from './live-tables.js';
import type { RestrictionRow, RiskLimitRow, TripRuleRow } from './rows.js';

type TableName = (model: ReadModelName, table?: string) => string;

/** Whom the rules must be about: an account and its group, or nobody in particular (null: all rules). */
export type RulesOf = { readonly accountId: number; readonly groupId: number } | null;

/** As many as an answer can show; a desk with more of them asks account by account. */
const rulesMax = 5_000;

const bounded = <Row>(list: string, rows: readonly Row[]): readonly Row[] => {
  if (rows.length > rulesMax) throw new FulltapeError('QUERY_TOO_COMPLEX', { list, limit: String(rulesMax) });
  return rows;
};

/** Ids and versions are unsigned 32 bit, so the columns are bigint; rows carry them as numbers. */
const withNumbers = <Row>(row: Record<string, unknown>): Row => {
  for (const key of ['targetId', 'instrumentId', 'accountId', 'version']) if (typeof row[key] === 'bigint') row[key] = Number(row[key]);
  return row as Row;
};

export class RiskRuleQueries {
  constructor(
    private readonly pool: Pool,
    private readonly table: TableName,
  ) {}

  private async select<Row>(list: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const { rows } = await this.pool.query<Record<string, unknown>>(`${text} LIMIT ${rulesMax + 1}`, [...values]);
    return bounded(
      list,
      rows.map((row) => withNumbers<Row>(row)),
    );
  }

  /** Strictest scope first. Rules of instruments and of everybody apply to every account. */
  limits(of: RulesOf): Promise<readonly RiskLimitRow[]> {
    return this.select(
      'limits',
      `SELECT scope, target_id AS "targetId", instrument_id AS "instrumentId", version, max_order_quantity_lots AS "maxOrderQuantityLots",
              max_order_notional_units AS "maxOrderNotionalUnits", max_position_lots AS "maxPositionLots", max_gross_units AS "maxGrossUnits",
              max_net_units AS "maxNetUnits", max_daily_loss_units AS "maxDailyLossUnits", max_open_orders AS "maxOpenOrders",
              orders_per_second AS "ordersPerSecond", burst_orders AS "burstOrders", collar_ppm AS "collarPpm",
              fat_finger_ppm AS "fatFingerPpm", max_price_age_ms AS "maxPriceAgeMs", set_at AS "setAt"
         FROM ${this.table('risk-rules', 'risk_limits')}
        WHERE $1::int8 IS NULL OR scope IN ('Instrument', 'Global') OR (scope = 'Account' AND target_id = $1) OR (scope = 'Group' AND target_id = $2)
        ORDER BY array_position(ARRAY['Account', 'Group', 'Instrument', 'Global'], scope), target_id, instrument_id`,
      [of?.accountId ?? null, of?.groupId ?? null],
    );
  }

  restrictions(of: RulesOf): Promise<readonly RestrictionRow[]> {
    return this.select(
      'restrictions',
      `SELECT account_id AS "accountId", instrument_id AS "instrumentId", restriction, version, set_at AS "setAt"
         FROM ${this.table('risk-rules', 'restrictions')}
        WHERE $1::int8 IS NULL OR account_id IN (0, $1) ORDER BY account_id, instrument_id`,
      [of?.accountId ?? null],
    );
  }

  /** Highest version that the restricted list was given; 0 = it was never set. */
  async restrictedListVersion(): Promise<number> {
    const { rows } = await this.pool.query<{ version: bigint }>(`SELECT version FROM ${this.table('risk-rules', 'restricted_list')}`);
    return Number(rows[0]?.version ?? 0n);
  }

  tripRules(of: RulesOf): Promise<readonly TripRuleRow[]> {
    return this.select(
      'tripRules',
      `SELECT scope, target_id AS "targetId", rule, threshold, window_nanos AS "windowNanos", resulting_state AS "resultingState",
              resulting_phase AS "resultingPhase", phase_nanos AS "phaseNanos", set_at AS "setAt"
         FROM ${this.table('risk-rules', 'trip_rules')}
        WHERE $1::int8 IS NULL OR scope IN ('Instrument', 'Global') OR (scope = 'Account' AND target_id = $1) OR (scope = 'Group' AND target_id = $2)
        ORDER BY scope, target_id, rule`,
      [of?.accountId ?? null, of?.groupId ?? null],
    );
  }
}
