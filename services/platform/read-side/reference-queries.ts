/** Instruments, accounts and portfolios from Postgres: what the tape defines joined with what the event store names. */
import type { Pool } from 'pg';
import type { ReadModelName } from './live-tables.js';
import type { AccountRow, InstrumentRow, Page, PortfolioRow, ScopeStateRow } from './rows.js';

type TableName = (model: ReadModelName, table?: string) => string;

interface InstrumentColumns extends Omit<InstrumentRow, 'instrumentId' | 'underlyingId' | 'scale'> {
  instrumentId: bigint;
  underlyingId: bigint;
  tickMantissa: bigint;
  lotMantissa: bigint;
  tickExponent: number;
  lotExponent: number;
  moneyExponent: number;
  [column: string]: unknown;
}

const instrumentOf = ({
  instrumentId,
  underlyingId,
  tickMantissa,
  lotMantissa,
  tickExponent,
  lotExponent,
  moneyExponent,
  ...rest
}: InstrumentColumns): InstrumentRow => ({
  ...rest,
  instrumentId: Number(instrumentId),
  underlyingId: Number(underlyingId),
  scale: { tickMantissa, tickExponent, lotMantissa, lotExponent, moneyExponent },
});

export class ReferenceQueries {
  constructor(
    private readonly pool: Pool,
    private readonly table: TableName,
  ) {}

  private async selectInstruments(condition: string, values: readonly unknown[]): Promise<InstrumentRow[]> {
    const result = await this.pool.query<InstrumentColumns>(
      `SELECT i.instrument_id AS "instrumentId", i.symbol, coalesce(l.name, i.symbol) AS name, l.sector, i.kind, i.currency, i.tick_size AS "tickSize",
              i.lot_size AS "lotSize", i.max_quantity AS "maxQuantity", i.min_notional AS "minNotional", i.maker_fee_ppm AS "makerFeePpm",
              i.taker_fee_ppm AS "takerFeePpm", i.collar_ppm AS "collarPpm", i.units_per_tick_lot AS "unitsPerTickLot",
              i.tick_mantissa AS "tickMantissa", i.tick_exponent AS "tickExponent", i.lot_mantissa AS "lotMantissa",
              i.lot_exponent AS "lotExponent", i.money_exponent AS "moneyExponent", i.trading_state AS "tradingState",
              i.state_reason AS "stateReason", i.phase, i.reference_price AS "referencePrice", i.mark_price AS "markPrice",
              i.indicative_price AS "indicativePrice", i.indicative_quantity AS "indicativeQuantity", i.imbalance,
              i.underlying_id AS "underlyingId", i.multiplier, i.expires_at AS "expiresAt", i.strike_price AS "strikePrice",
              i.option_kind AS "optionKind", i.exercise_style AS "exerciseStyle", i.tick_bands AS "tickBands", i.last_command AS "lastCommand"
         FROM ${this.table('instruments')} i LEFT JOIN ${this.table('listings')} l ON l.instrument_id = i.instrument_id
        WHERE ${condition} ORDER BY i.symbol`,
      [...values],
    );
    return result.rows.map(instrumentOf);
  }

  /** All instruments by symbol; their number is bounded by the engine's table. */
  instruments(): Promise<readonly InstrumentRow[]> {
    return this.selectInstruments('true', []);
  }

  async instrumentBySymbol(symbol: string): Promise<InstrumentRow | null> {
    return (await this.selectInstruments('i.symbol = $1', [symbol]))[0] ?? null;
  }

  async instrumentsByIds(ids: readonly number[]): Promise<ReadonlyMap<number, InstrumentRow>> {
    const rows = await this.selectInstruments('i.instrument_id = ANY($1::int8[])', [ids]);
    return new Map(rows.map((row) => [row.instrumentId, row]));
  }

  private async selectAccounts(condition: string, values: readonly unknown[]): Promise<AccountRow[]> {
    const result = await this.pool.query<
      Omit<AccountRow, 'accountId' | 'groupId' | 'limitsVersion'> & { accountId: bigint; groupId: bigint; limitsVersion: bigint }
    >(
      `SELECT a.account_id AS "accountId", coalesce(p.name, 'Account ' || a.account_id) AS name, a.kind, a.group_id AS "groupId",
              a.trading_state AS "tradingState", a.permissions, a.state_reason AS "stateReason", a.limits_version AS "limitsVersion", a.last_command AS "lastCommand"
         FROM ${this.table('accounts')} a LEFT JOIN ${this.table('account-profiles')} p ON p.account_id = a.account_id
        WHERE ${condition}`,
      [...values],
    );
    return result.rows.map((row) => ({
      ...row,
      accountId: Number(row.accountId),
      groupId: Number(row.groupId),
      limitsVersion: Number(row.limitsVersion),
    }));
  }

  accounts(ids: readonly number[]): Promise<readonly AccountRow[]> {
    return this.selectAccounts('a.account_id = ANY($1::int8[]) ORDER BY a.account_id', [ids]);
  }

  /** Every account by id, page by page: those behind `after`. */
  async accountPage({ first, after = 0 }: { readonly first: number; readonly after?: number }): Promise<Page<AccountRow>> {
    const rows = await this.selectAccounts('a.account_id > $1 ORDER BY a.account_id LIMIT $2', [after, first + 1]);
    return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
  }

  /** States of scopes other than instruments, whatever they are now, newest change first; at most `limit`. */
  async scopeStates(limit: number): Promise<readonly ScopeStateRow[]> {
    const result = await this.pool.query<Omit<ScopeStateRow, 'targetId' | 'version'> & { targetId: bigint; version: bigint }>(
      `SELECT scope, target_id AS "targetId", trading_state AS "tradingState", state_reason AS "stateReason", version, observed,
              limit_value AS "limit", updated_at AS "updatedAt"
         FROM ${this.table('accounts', 'trading_states')} ORDER BY last_command DESC, scope, target_id LIMIT $1`,
      [limit],
    );
    return result.rows.map((row) => ({ ...row, targetId: Number(row.targetId), version: Number(row.version) }));
  }

  async portfolios(accountIds: readonly number[]): Promise<readonly PortfolioRow[]> {
    const result = await this.pool.query<Omit<PortfolioRow, 'accountId'> & { accountId: bigint }>(
      `SELECT id, user_id AS "userId", account_id AS "accountId", name, description, archived, created_at AS "createdAt", updated_at AS "updatedAt"
         FROM ${this.table('portfolios')} WHERE account_id = ANY($1::int8[]) ORDER BY account_id, id`,
      [accountIds],
    );
    return result.rows.map((row) => ({ ...row, accountId: Number(row.accountId) }));
  }
}
