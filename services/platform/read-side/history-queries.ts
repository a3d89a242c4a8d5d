/** Candles, trades and order events from ClickHouse. Decimals and 64-bit numbers come as text, never as JSON numbers. */
import type { ClickHouseClient } from '@clickhouse/client';
import { formatPrice, formatQuantity, formatMoney, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import {
  errorCodeOf,
  CancelReasonName,
  ExecTypeName,
  OrderStatusName,
  OrderTypeName,
  SideName,
  TimeInForceName,
  TradeKindName,
  ExecType,
} from '#contracts/tape/codes.generated.js';
import { changingTermsOf } from '#contracts/tape/order-terms.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { ReadModelName } from './live-tables.js';
import { plainDecimal } from './postgres-pool.js';
import {
  timeframeSeconds,
  type CandleRow,
  type ExecutionRow,
  type OrderEventRow,
  type Page,
  type Timeframe,
  type TradeRow,
} from './rows.js';

type TableName = (model: ReadModelName, table?: string) => string;

interface TradeColumns {
  tradeId: string;
  instrumentId: number;
  symbol: string;
  price: string;
  quantity: string;
  aggressorSide: number;
  tradeKind: number;
  makerOrderId: string;
  takerOrderId: string;
  makerAccountId: number;
  takerAccountId: number;
  nanos: string;
  commandNumber: string;
  recordIndex: number;
}

interface OrderEventColumns {
  accountId: number;
  orderId: string;
  commandNumber: string;
  recordIndex: number;
  instrumentId: number;
  symbol: string;
  execType: number;
  orderStatus: number;
  side: number;
  orderType: number;
  timeInForce: number;
  instructions: number;
  clientOrderId: string;
  quantityLots: string;
  priceTicks: string;
  leavesLots: string;
  cumLots: string;
  reason: number;
  refusal: number;
  tradeId: string;
  maker: number;
  lastLots: string;
  lastTicks: string;
  feeUnits: string;
  tradeKind: number;
  hasTerms: number;
  stopTicks: string;
  displayLots: string;
  minimumLots: string;
  expireNanos: string;
  observed: string;
  limitValue: string;
  ruleVersion: number;
  nanos: string;
  tickMantissa: number;
  tickExponent: number;
  lotMantissa: number;
  lotExponent: number;
  moneyExponent: number;
}

const nameOf = <Name extends string>(names: Readonly<Record<number, Name>>, value: number, fallback: Name): Name =>
  names[value] ?? fallback;

const reasonOf = (row: OrderEventColumns): string | null => {
  if (row.refusal !== 0) return errorCodeOf[row.refusal] ?? `#${row.refusal}`;
  return row.reason === 0 ? null : (CancelReasonName[row.reason] ?? `#${row.reason}`);
};

const orderEventOf = (row: OrderEventColumns): OrderEventRow => {
  const scale: InstrumentScale = {
    tickMantissa: BigInt(row.tickMantissa),
    tickExponent: row.tickExponent,
    lotMantissa: BigInt(row.lotMantissa),
    lotExponent: row.lotExponent,
    moneyExponent: row.moneyExponent,
  };
  const trade = row.execType === ExecType.Trade;
  const eventTime = nanosToIso(BigInt(row.nanos));
  const ids = {
    accountId: row.accountId,
    orderId: BigInt(row.orderId),
    commandNumber: BigInt(row.commandNumber),
    recordIndex: row.recordIndex,
    instrumentId: row.instrumentId,
    side: nameOf(SideName, row.side, 'Buy'),
  };
  const execution: ExecutionRow | null = trade
    ? {
        ...ids,
        executionId: `${row.tradeId}-${row.maker === 1 ? 'M' : 'T'}`,
        tradeId: BigInt(row.tradeId),
        symbol: row.symbol,
        lastQuantity: formatQuantity(BigInt(row.lastLots), scale),
        lastPrice: formatPrice(BigInt(row.lastTicks), scale),
        fee: formatMoney(BigInt(row.feeUnits), row.moneyExponent),
        maker: row.maker === 1,
        tradeKind: nameOf(TradeKindName, row.tradeKind, 'Continuous'),
        executedAt: eventTime,
      }
    : null;
  return {
    ...ids,
    execType: nameOf(ExecTypeName, row.execType, 'Restated'),
    orderStatus: nameOf(OrderStatusName, row.orderStatus, 'New'),
    orderType: trade ? null : (OrderTypeName[row.orderType] ?? null),
    timeInForce: trade ? null : (TimeInForceName[row.timeInForce] ?? null),
    instructions: trade ? null : row.instructions,
    clientOrderId: row.clientOrderId === '' ? null : row.clientOrderId,
    quantity: formatQuantity(BigInt(row.quantityLots), scale),
    price: trade || row.priceTicks === '0' ? null : formatPrice(BigInt(row.priceTicks), scale),
    leavesQuantity: formatQuantity(BigInt(row.leavesLots), scale),
    cumQuantity: formatQuantity(BigInt(row.cumLots), scale),
    terms:
      row.hasTerms === 0
        ? null
        : changingTermsOf(
            row.orderType,
            {
              stopPriceTicks: BigInt(row.stopTicks),
              displayQuantityLots: BigInt(row.displayLots),
              minimumQuantityLots: BigInt(row.minimumLots),
              expireTimeNanos: BigInt(row.expireNanos),
            },
            scale,
          ),
    refused: row.refusal === 0 ? null : { observed: BigInt(row.observed), limit: BigInt(row.limitValue), ruleVersion: row.ruleVersion },
    reason: reasonOf(row),
    execution,
    eventTime,
  };
};

export class HistoryQueries {
  constructor(
    private readonly clickhouse: ClickHouseClient,
    private readonly table: TableName,
  ) {}

  private async select<Row>(query: string, params: Record<string, unknown>): Promise<Row[]> {
    const result = await this.clickhouse.query({
      query,
      query_params: params,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1, output_format_json_quote_decimals: 1 },
    });
    return result.json<Row>();
  }

  /** The newest `limit` candles that opened before `beforeNanos`, oldest first. A span without a trade has no candle. */
  async candles(options: {
    readonly instrumentId: number;
    readonly timeframe: Timeframe;
    readonly limit: number;
    readonly beforeNanos?: bigint;
  }): Promise<readonly CandleRow[]> {
    const rows = await this.select<{
      opened: string;
      open: string;
      high: string;
      low: string;
      close: string;
      volume: string;
      tradeCount: string;
    }>(
      `SELECT toString(toUnixTimestamp(open_time)) AS opened, toString(min(open).3) AS open, toString(max(high)) AS high, toString(min(low)) AS low,
              toString(max(close).3) AS close, toString(sum(volume)) AS volume, toString(sum(trade_count)) AS tradeCount
         FROM ${this.table('candles')}
        WHERE instrument_id = {instrumentId: UInt32} AND timeframe = {seconds: UInt32} AND open_time < toDateTime({before: Int64}, 'UTC')
        GROUP BY open_time ORDER BY open_time DESC LIMIT {limit: UInt32}`,
      {
        instrumentId: options.instrumentId,
        seconds: timeframeSeconds[options.timeframe],
        // Rounded up to a second: candles open on whole seconds.
        before: options.beforeNanos === undefined ? '4294967295' : String((options.beforeNanos + 999_999_999n) / 1_000_000_000n),
        limit: options.limit,
      },
    );
    return rows.reverse().map((row) => ({
      openTime: nanosToIso(BigInt(row.opened) * 1_000_000_000n),
      open: plainDecimal(row.open),
      high: plainDecimal(row.high),
      low: plainDecimal(row.low),
      close: plainDecimal(row.close),
      volume: plainDecimal(row.volume),
      tradeCount: BigInt(row.tradeCount),
    }));
  }

  /** Newest first; `after` is the trade id of the last row that was seen. */
  async trades(options: { readonly instrumentId: number; readonly first: number; readonly after?: bigint }): Promise<Page<TradeRow>> {
    const rows = await this.select<TradeColumns>(
      `SELECT toString(trade_id) AS tradeId, instrument_id AS instrumentId, symbol, toString(price) AS price, toString(quantity) AS quantity,
              aggressor_side AS aggressorSide, trade_kind AS tradeKind, toString(maker_order_id) AS makerOrderId, toString(taker_order_id) AS takerOrderId,
              maker_account_id AS makerAccountId, taker_account_id AS takerAccountId, toString(toUnixTimestamp64Nano(trade_time)) AS nanos,
              toString(command_number) AS commandNumber, record_index AS recordIndex
         FROM ${this.table('trades')}
        WHERE instrument_id = {instrumentId: UInt32} AND trade_id < {before: UInt64}
        ORDER BY trade_id DESC LIMIT {limit: UInt32}`,
      { instrumentId: options.instrumentId, before: String(options.after ?? 0xffff_ffff_ffff_ffffn), limit: options.first + 1 },
    );
    const trades = rows.slice(0, options.first).map(({ nanos, ...row }): TradeRow => ({
      ...row,
      tradeId: BigInt(row.tradeId),
      price: plainDecimal(row.price),
      quantity: plainDecimal(row.quantity),
      aggressorSide: SideName[row.aggressorSide] ?? null,
      tradeKind: nameOf(TradeKindName, row.tradeKind, 'Continuous'),
      makerOrderId: BigInt(row.makerOrderId),
      takerOrderId: BigInt(row.takerOrderId),
      commandNumber: BigInt(row.commandNumber),
      tradeTime: nanosToIso(BigInt(nanos)),
    }));
    return { rows: trades, hasNextPage: rows.length > options.first };
  }

  /** Changes of the account's orders behind (command number, record index), oldest first: what a resumed subscription missed. */
  async orderEventsAfter(
    accountId: number,
    after: { readonly commandNumber: bigint; readonly recordIndex: number },
    limit: number,
  ): Promise<readonly OrderEventRow[]> {
    const rows = await this.select<OrderEventColumns>(
      `SELECT account_id AS accountId, toString(order_id) AS orderId, toString(command_number) AS commandNumber, record_index AS recordIndex,
              instrument_id AS instrumentId, symbol, exec_type AS execType, order_status AS orderStatus, side, order_type AS orderType,
              time_in_force AS timeInForce, instructions, client_order_id AS clientOrderId, toString(quantity_lots) AS quantityLots,
              toString(price_ticks) AS priceTicks, toString(leaves_lots) AS leavesLots, toString(cum_lots) AS cumLots, reason, refusal,
              toString(trade_id) AS tradeId, maker, toString(last_lots) AS lastLots, toString(last_ticks) AS lastTicks, toString(fee_units) AS feeUnits,
              trade_kind AS tradeKind, has_terms AS hasTerms, toString(stop_ticks) AS stopTicks, toString(display_lots) AS displayLots,
              toString(minimum_lots) AS minimumLots, toString(expire_nanos) AS expireNanos, toString(observed) AS observed,
              toString(limit_value) AS limitValue, rule_version AS ruleVersion,
              toString(toUnixTimestamp64Nano(event_time)) AS nanos, tick_mantissa AS tickMantissa, tick_exponent AS tickExponent,
              lot_mantissa AS lotMantissa, lot_exponent AS lotExponent, money_exponent AS moneyExponent
         FROM ${this.table('order-events')}
        WHERE account_id = {accountId: UInt32} AND (command_number, record_index) > ({command: UInt64}, {record: UInt32})
        ORDER BY command_number, record_index, maker LIMIT {limit: UInt32}`,
      { accountId, command: String(after.commandNumber), record: after.recordIndex, limit },
    );
    return rows.map(orderEventOf);
  }
}
