/** Orders, executions, positions and balances from Postgres. Every list has a bound; pages go by key, newest first. */
import type { Pool } from 'pg';
import type { ReadModelName } from './live-tables.js';
import type { BalanceRow, CashEntryRow, ExecutionRow, OrderRow, Page, PositionRow } from './rows.js';
import type { OrderStatusName, SideName } from '#contracts/tape/codes.generated.js';

type TableName = (model: ReadModelName, table?: string) => string;

const orderColumns = `order_id AS "orderId", account_id::int8 AS "accountId", client_order_id AS "clientOrderId", instrument_id::int8 AS "instrumentId", symbol, side,
  order_type AS "orderType", time_in_force AS "timeInForce", instructions, quantity, price, leaves_quantity AS "leavesQuantity",
  cum_quantity AS "cumQuantity", cum_notional AS "cumNotional",
  CASE WHEN cum_quantity = 0 THEN NULL ELSE round(cum_value / cum_quantity, 9) END AS "averagePrice",
  stop_price AS "stopPrice", trigger_source AS "triggerSource", trailing_offset AS "trailingOffset", trailing_unit AS "trailingUnit",
  limit_offset AS "limitOffset", peg_kind AS "pegKind", peg_offset AS "pegOffset", display_quantity AS "displayQuantity",
  minimum_quantity AS "minimumQuantity", expire_time AS "expireTime", self_trade_prevention AS "selfTradePrevention", list_id AS "listId",
  contingency, leg_role AS "legRole", leg_index AS "legIndex", leg_count AS "legCount", triggered_command AS "triggeredCommand",
  triggered_record AS "triggeredRecord", exec_type AS "execType", observed, limit_value AS "limitValue", rule_version AS "ruleVersion",
  order_status AS "orderStatus", reason, created_at AS "createdAt", updated_at AS "updatedAt",
  created_command AS "createdCommand", last_command AS "lastCommand", last_record AS "lastRecord"`;

const executionColumns = `execution_id AS "executionId", trade_id AS "tradeId", order_id AS "orderId", account_id::int8 AS "accountId",
  instrument_id::int8 AS "instrumentId", symbol, side, last_quantity AS "lastQuantity", last_price AS "lastPrice", fee, maker, trade_kind AS "tradeKind",
  executed_at AS "executedAt", command_number AS "commandNumber", record_index AS "recordIndex"`;

const positionColumns = `id, portfolio_id AS "portfolioId", account_id::int8 AS "accountId", instrument_id::int8 AS "instrumentId", symbol, quantity,
  reserved_quantity AS "reservedQuantity", average_cost AS "averageCost", cost, realized_pnl AS "realizedPnl",
  created_at AS "createdAt", updated_at AS "updatedAt", last_command AS "lastCommand"`;

const balanceColumns = `account_id::int8 AS "accountId", currency, total, reserved, total - reserved AS available,
  updated_at AS "updatedAt", last_command AS "lastCommand"`;

/** Ids are unsigned 32 bit, so the columns are bigint; rows carry them as numbers. */
const withNumbers = <Row>(row: Record<string, unknown>): Row => {
  for (const key of ['accountId', 'instrumentId']) if (typeof row[key] === 'bigint') row[key] = Number(row[key]);
  return row as Row;
};

interface OrderColumns extends Omit<OrderRow, 'triggeredAt' | 'refused'> {
  readonly triggeredCommand: bigint | null;
  readonly triggeredRecord: number | null;
  readonly observed: bigint | null;
  readonly limitValue: bigint | null;
  readonly ruleVersion: bigint | null;
}

const orderOf = ({ triggeredCommand, triggeredRecord, observed, limitValue, ruleVersion, ...row }: OrderColumns): OrderRow => ({
  ...row,
  triggeredAt: triggeredCommand === null ? null : { commandNumber: triggeredCommand, recordIndex: triggeredRecord ?? 0 },
  refused: observed === null ? null : { observed, limit: limitValue ?? 0n, ruleVersion: Number(ruleVersion ?? 0n) },
});

export interface OrderFilter {
  /** Orders of one list, by its id. */
  readonly listId?: string;
  readonly instrumentId?: number;
  readonly statuses?: readonly OrderStatusName[];
  /** Orders that may still trade. */
  readonly open?: boolean;
  readonly side?: SideName;
}

export interface ExecutionFilter {
  readonly accountId: number;
  readonly instrumentId?: number;
  readonly orderId?: bigint;
}

export interface ExecutionCursor {
  readonly tradeId: bigint;
  readonly maker: boolean;
}

/** Statuses of orders that may still trade; the partial index of the orders table has the same list. */
export const openStatuses: readonly OrderStatusName[] = [
  'New',
  'PartiallyFilled',
  'Suspended',
  'PendingNew',
  'PendingCancel',
  'PendingReplace',
];
const openCondition = `order_status IN (${openStatuses.map((status) => `'${status}'`).join(', ')})`;

class Conditions {
  readonly values: unknown[] = [];
  private readonly parts: string[] = [];

  /** Adds a condition; `?` stands for the value. */
  add(condition: string, value?: unknown): this {
    if (value === undefined) {
      this.parts.push(condition);
      return this;
    }
    this.values.push(value);
    this.parts.push(condition.replaceAll('?', `$${this.values.length}`));
    return this;
  }

  where(): string {
    return this.parts.length === 0 ? 'true' : this.parts.join(' AND ');
  }
}

const pageOf = <Row>(rows: readonly Row[], first: number): Page<Row> => ({ rows: rows.slice(0, first), hasNextPage: rows.length > first });

export class TradingQueries {
  constructor(
    private readonly pool: Pool,
    private readonly table: TableName,
  ) {}

  private async select<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const result = await this.pool.query<Record<string, unknown>>(text, [...values]);
    return result.rows.map((row) => withNumbers<Row>(row));
  }

  async order(
    key: { readonly accountId: number } & ({ readonly orderId: bigint } | { readonly clientOrderId: string }),
  ): Promise<OrderRow | null> {
    const by =
      'orderId' in key ? { column: 'order_id', value: String(key.orderId) } : { column: 'client_order_id', value: key.clientOrderId };
    // An order that was refused because its client order id was taken has that id on record; who asks by it means the one that has it.
    const rows = await this.select<OrderColumns>(
      `SELECT ${orderColumns} FROM ${this.table('orders')} WHERE account_id = $1 AND ${by.column} = $2
        ORDER BY reason IS NOT DISTINCT FROM 'DUPLICATE_CLIENT_ORDER_ID', order_id DESC LIMIT 1`,
      [key.accountId, by.value],
    );
    return rows.map(orderOf)[0] ?? null;
  }

  /** Newest first; `after` is the order id of the last row that was seen. */
  async orders(accountId: number, filter: OrderFilter, page: { readonly first: number; readonly after?: bigint }): Promise<Page<OrderRow>> {
    const conditions = new Conditions().add('account_id = ?', accountId);
    if (filter.instrumentId !== undefined) conditions.add('instrument_id = ?', filter.instrumentId);
    if (filter.statuses !== undefined) conditions.add('order_status = ANY(?)', filter.statuses);
    if (filter.open !== undefined) conditions.add(filter.open ? openCondition : `NOT (${openCondition})`);
    if (filter.listId !== undefined) conditions.add('list_id = ?', filter.listId);
    if (filter.side !== undefined) conditions.add('side = ?', filter.side);
    if (page.after !== undefined) conditions.add('order_id < ?', String(page.after));
    const rows = await this.select<OrderColumns>(
      `SELECT ${orderColumns} FROM ${this.table('orders')} WHERE ${conditions.where()} ORDER BY order_id DESC LIMIT ${page.first + 1}`,
      conditions.values,
    );
    return pageOf(rows.map(orderOf), page.first);
  }

  async ordersByIds(orderIds: readonly bigint[]): Promise<ReadonlyMap<bigint, OrderRow>> {
    const rows = await this.select<OrderColumns>(`SELECT ${orderColumns} FROM ${this.table('orders')} WHERE order_id = ANY($1::int8[])`, [
      orderIds.map(String),
    ]);
    return new Map(rows.map(orderOf).map((row) => [row.orderId, row]));
  }

  /** Newest first; `after` names the last row that was seen. */
  async executions(
    filter: ExecutionFilter,
    page: { readonly first: number; readonly after?: ExecutionCursor },
  ): Promise<Page<ExecutionRow>> {
    const conditions = new Conditions().add('account_id = ?', filter.accountId);
    if (filter.instrumentId !== undefined) conditions.add('instrument_id = ?', filter.instrumentId);
    if (filter.orderId !== undefined) conditions.add('order_id = ?', String(filter.orderId));
    if (page.after !== undefined) {
      // The taker's row of a trade comes before the maker's: false sorts before true.
      conditions.add(`(-trade_id, maker) > (-(?::int8), ${page.after.maker ? 'true' : 'false'})`, String(page.after.tradeId));
      conditions.add('trade_id <= ?', String(page.after.tradeId));
    }
    const rows = await this.select<ExecutionRow>(
      `SELECT ${executionColumns} FROM ${this.table('executions')} WHERE ${conditions.where()}
       ORDER BY trade_id DESC, maker LIMIT ${page.first + 1}`,
      conditions.values,
    );
    return pageOf(rows, page.first);
  }

  /** The newest `firstPerOrder` executions of each order, newest first, with whether there are more; one query for all orders. */
  async executionsByOrderIds(orderIds: readonly bigint[], firstPerOrder: number): Promise<ReadonlyMap<bigint, Page<ExecutionRow>>> {
    const rows = await this.select<ExecutionRow>(
      `SELECT e.* FROM unnest($1::int8[]) AS wanted(id) CROSS JOIN LATERAL (
         SELECT ${executionColumns} FROM ${this.table('executions')} WHERE order_id = wanted.id
         ORDER BY trade_id DESC, maker LIMIT ${firstPerOrder + 1}) e`,
      [orderIds.map(String)],
    );
    const byOrder = new Map<bigint, ExecutionRow[]>(orderIds.map((id) => [id, []]));
    for (const row of rows) byOrder.get(row.orderId)?.push(row);
    return new Map([...byOrder].map(([id, executions]) => [id, pageOf(executions, firstPerOrder)]));
  }

  /** Every instrument that the accounts hold or have held. */
  positions(accountIds: readonly number[]): Promise<readonly PositionRow[]> {
    return this.select<PositionRow>(
      `SELECT ${positionColumns} FROM ${this.table('positions')} WHERE account_id = ANY($1::int8[]) ORDER BY account_id, instrument_id`,
      [accountIds],
    );
  }

  /** Current rows of positions that a command behind `commandNumber` touched, oldest change first. */
  positionsChangedAfter(accountId: number, commandNumber: bigint, limit: number): Promise<readonly PositionRow[]> {
    return this.select<PositionRow>(
      `SELECT ${positionColumns} FROM ${this.table('positions')} WHERE account_id = $1 AND last_command > $2
       ORDER BY last_command, instrument_id LIMIT ${limit}`,
      [accountId, String(commandNumber)],
    );
  }

  /** Newest first; `after` names the last row that was seen. */
  async cashEntries(
    accountId: number,
    page: { readonly first: number; readonly after?: { readonly commandNumber: bigint; readonly recordIndex: number } },
  ): Promise<Page<CashEntryRow>> {
    const after = page.after ?? { commandNumber: 0x7fff_ffff_ffff_ffffn, recordIndex: 0 };
    const rows = await this.select<Omit<CashEntryRow, 'instrumentId'> & { instrumentId: bigint | number | null }>(
      `SELECT command_number AS "commandNumber", record_index AS "recordIndex", account_id::int8 AS "accountId", currency, reason, amount, total,
              instrument_id AS "instrumentId", entered_at AS "enteredAt"
         FROM ${this.table('cash-entries')} WHERE account_id = $1 AND (command_number, record_index) < ($2::int8, $3::int4)
        ORDER BY command_number DESC, record_index DESC LIMIT ${page.first + 1}`,
      [accountId, String(after.commandNumber), after.recordIndex],
    );
    return pageOf(
      rows.map((row) => ({ ...row, instrumentId: row.instrumentId === null ? null : Number(row.instrumentId) })),
      page.first,
    );
  }

  balances(accountIds: readonly number[]): Promise<readonly BalanceRow[]> {
    return this.select<BalanceRow>(
      `SELECT ${balanceColumns} FROM ${this.table('balances')} WHERE account_id = ANY($1::int8[]) ORDER BY account_id, currency`,
      [accountIds],
    );
  }
}
