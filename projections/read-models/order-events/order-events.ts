import { CommandKind, ExecType, OrderStatus, Side } from '#contracts/tape/codes.generated.js';
import type { ReportRecordOrderDetail } from '#contracts/tape/layout.generated.js';
import { extensionOf } from '#contracts/tape/walk.js';
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import type { InstrumentTerms } from '../../runner/instrument-registry.js';
import type { ClickHouseTapeModel } from '../../runner/read-model.js';
import { RowBinaryWriter } from '../../runner/row-binary.js';
import { termsOfEffect, type TapeEffect } from '../../runner/tape-batch.js';

/** Column and type, in the order in which rows are written. */
const columns = [
  ['account_id', 'UInt32'],
  ['order_id', 'UInt64'],
  ['command_number', 'UInt64'],
  ['record_index', 'UInt32'],
  ['instrument_id', 'UInt32'],
  ['symbol', 'LowCardinality(String)'],
  ['exec_type', 'UInt8'],
  ['order_status', 'UInt8'],
  ['side', 'UInt8'],
  ['order_type', 'UInt8'],
  ['time_in_force', 'UInt8'],
  ['instructions', 'UInt16'],
  ['client_order_id', 'String'],
  ['quantity_lots', 'Int64'],
  ['price_ticks', 'Int64'],
  ['leaves_lots', 'Int64'],
  ['cum_lots', 'Int64'],
  ['reason', 'UInt8'],
  ['refusal', 'UInt16'],
  ['trade_id', 'UInt64'],
  ['maker', 'UInt8'],
  ['last_lots', 'Int64'],
  ['last_ticks', 'Int64'],
  ['fee_units', 'Int64'],
  ['trade_kind', 'UInt8'],
  ['has_terms', 'UInt8'],
  ['stop_ticks', 'Int64'],
  ['display_lots', 'Int64'],
  ['minimum_lots', 'Int64'],
  ['expire_nanos', 'UInt64'],
  ['observed', 'Int64'],
  ['limit_value', 'Int64'],
  ['rule_version', 'UInt32'],
  ['event_time', "DateTime64(9, 'UTC')"],
  ['tick_mantissa', 'UInt32'],
  ['tick_exponent', 'UInt8'],
  ['lot_mantissa', 'UInt32'],
  ['lot_exponent', 'UInt8'],
  ['money_exponent', 'UInt8'],
] as const;

interface OrderEvent {
  readonly accountId: number;
  readonly orderId: bigint;
  readonly execType: number;
  readonly orderStatus: number;
  readonly side: number;
  readonly orderType: number;
  readonly timeInForce: number;
  readonly instructions: number;
  readonly clientOrderId: string;
  readonly quantityLots: bigint;
  readonly priceTicks: bigint;
  readonly leavesLots: bigint;
  readonly cumLots: bigint;
  readonly reason: number;
  readonly refusal: number;
  readonly tradeId: bigint;
  readonly maker: number;
  readonly lastLots: bigint;
  readonly lastTicks: bigint;
  readonly feeUnits: bigint;
  readonly tradeKind: number;
  /** Terms that may change while the order is open, where the event tells them. */
  readonly terms: ToldTerms | null;
  readonly observed: bigint;
  readonly limit: bigint;
  readonly ruleVersion: number;
}

type ToldTerms = Pick<ReportRecordOrderDetail, 'stopPriceTicks' | 'displayQuantityLots' | 'minimumQuantityLots' | 'expireTimeNanos'>;

const noTrade = { tradeId: 0n, maker: 0, lastLots: 0n, lastTicks: 0n, feeUnits: 0n, tradeKind: 0 } as const;
const noRefusal = { refusal: 0, observed: 0n, limit: 0n, ruleVersion: 0 } as const;

const writeScale = (writer: RowBinaryWriter, scale: InstrumentScale): void => {
  writer
    .uint32(Number(scale.tickMantissa))
    .uint8(scale.tickExponent)
    .uint32(Number(scale.lotMantissa))
    .uint8(scale.lotExponent)
    .uint8(scale.moneyExponent);
};

const write = (writer: RowBinaryWriter, effect: TapeEffect, { instrumentId, symbol, scale }: InstrumentTerms, event: OrderEvent): void => {
  writer.uint32(event.accountId).uint64(event.orderId).uint64(effect.command.commandNumber).uint32(effect.recordIndex);
  writer.uint32(instrumentId).text(symbol).uint8(event.execType).uint8(event.orderStatus).uint8(event.side).uint8(event.orderType);
  writer.uint8(event.timeInForce).uint16(event.instructions).text(event.clientOrderId).int64(event.quantityLots).int64(event.priceTicks);
  writer.int64(event.leavesLots).int64(event.cumLots).uint8(event.reason).uint16(event.refusal).uint64(event.tradeId).uint8(event.maker);
  writer.int64(event.lastLots).int64(event.lastTicks).int64(event.feeUnits);
  const { terms } = event;
  writer
    .uint8(event.tradeKind)
    .uint8(terms === null ? 0 : 1)
    .int64(terms?.stopPriceTicks ?? 0n)
    .int64(terms?.displayQuantityLots ?? 0n);
  writer.int64(terms?.minimumQuantityLots ?? 0n).uint64(terms?.expireTimeNanos ?? 0n);
  writer.int64(event.observed).int64(event.limit).uint32(event.ruleVersion).dateTime64(effect.timeNanos);
  writeScale(writer, scale);
  writer.endRow();
};

const writeState = (writer: RowBinaryWriter, effect: TapeEffect): void => {
  const { record } = effect;
  if (record.type !== 'orderState') return;
  const placing = effect.outcome && effect.command.kind === CommandKind.PlaceOrder;
  write(writer, effect, termsOfEffect(effect), {
    ...noTrade,
    ...noRefusal,
    accountId: record.accountId,
    orderId: record.orderId,
    execType: record.execType,
    orderStatus: record.orderStatus,
    side: record.side,
    orderType: record.orderType,
    timeInForce: record.timeInForce,
    instructions: record.instructions,
    clientOrderId: placing ? (effect.command.clientOrderId ?? '') : '',
    quantityLots: record.quantityLots,
    priceTicks: record.priceTicks,
    leavesLots: record.leavesQuantityLots,
    cumLots: record.cumQuantityLots,
    reason: record.reason,
    terms: extensionOf(effect.extensions, 'orderDetail') ?? null,
  });
};

const writeTrade = (writer: RowBinaryWriter, effect: TapeEffect): void => {
  const { record } = effect;
  const detail = effect.extensions.find((extension) => extension.type === 'tradeDetail');
  if (record.type !== 'trade' || detail?.type !== 'tradeDetail') return;
  const terms = termsOfEffect(effect);
  // In an auction the sell is reported as taker.
  const takerSide = record.aggressorSide === Side.Buy ? Side.Buy : Side.Sell;
  const sideOf = (maker: boolean): number => (maker === (takerSide === Side.Buy) ? Side.Sell : Side.Buy);
  const one = (maker: boolean, orderId: bigint, accountId: number, leavesLots: bigint, cumLots: bigint, feeUnits: bigint): void =>
    write(writer, effect, terms, {
      ...noRefusal,
      accountId,
      orderId,
      execType: ExecType.Trade,
      orderStatus: leavesLots === 0n ? OrderStatus.Filled : OrderStatus.PartiallyFilled,
      side: sideOf(maker),
      orderType: 0,
      timeInForce: 0,
      instructions: 0,
      clientOrderId: '',
      quantityLots: leavesLots + cumLots,
      priceTicks: 0n,
      leavesLots,
      cumLots,
      reason: 0,
      terms: null,
      tradeKind: record.tradeKind,
      tradeId: record.tradeId,
      maker: maker ? 1 : 0,
      lastLots: record.quantityLots,
      lastTicks: record.priceTicks,
      feeUnits,
    });
  one(true, record.makerOrderId, record.makerAccountId, detail.makerLeavesLots, detail.makerCumLots, detail.makerFeeUnits);
  one(false, record.takerOrderId, record.takerAccountId, detail.takerLeavesLots, detail.takerCumLots, detail.takerFeeUnits);
};

const writeRefusal = (writer: RowBinaryWriter, effect: TapeEffect): void => {
  const { record, command } = effect;
  if (record.type !== 'refusal' || effect.instrument === undefined || command.kind !== CommandKind.PlaceOrder) return;
  const placed = command.record;
  if (placed?.type !== 'placeOrder') return;
  const terms = extensionOf(command.extensions, 'orderTerms');
  write(writer, effect, effect.instrument, {
    ...noTrade,
    accountId: placed.accountId,
    orderId: command.commandNumber,
    execType: ExecType.Rejected,
    orderStatus: OrderStatus.Rejected,
    side: placed.side,
    orderType: placed.orderType,
    timeInForce: placed.timeInForce,
    instructions: placed.instructions,
    clientOrderId: command.clientOrderId ?? '',
    quantityLots: placed.quantityLots,
    priceTicks: placed.priceTicks,
    leavesLots: 0n,
    cumLots: 0n,
    reason: 0,
    terms: {
      stopPriceTicks: placed.stopPriceTicks,
      displayQuantityLots: placed.displayQuantityLots,
      minimumQuantityLots: terms?.minimumQuantityLots ?? 0n,
      expireTimeNanos: terms?.expireTimeNanos ?? 0n,
    },
    refusal: record.code,
    observed: record.observed,
    limit: record.limit,
    ruleVersion: record.ruleVersion,
  });
};

/**
 * Every change of every order in tape order: the history behind resumed subscriptions. Amounts are engine integers with the scale that
 * was in force beside them, which compresses to almost nothing and keeps them exact.
 */
export const orderEvents: ClickHouseTapeModel = {
  name: 'order-events',
  version: 2,
  store: 'clickhouse',
  source: 'tape',
  reads: ['orderState', 'trade', 'refusal'],
  tables: [
    {
      name: 'order_events',
      create: (physical) => [
        `CREATE TABLE ${physical} (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})
         ENGINE = MergeTree ORDER BY (account_id, command_number, record_index, maker)
         SETTINGS non_replicated_deduplication_window = 1000`,
      ],
    },
  ],
  apply: (batch, table) => {
    const writer = new RowBinaryWriter();
    for (const effect of batch.effects) {
      switch (effect.record.type) {
        case 'orderState':
          writeState(writer, effect);
          break;
        case 'trade':
          writeTrade(writer, effect);
          break;
        case 'refusal':
          writeRefusal(writer, effect);
          break;
        default:
          break; // every other report is about something else than one order
      }
    }
    if (writer.rows === 0) return [];
    return [{ table: table('order_events'), columns: columns.map(([name]) => name), rows: writer.rows, bytes: writer.bytes }];
  },
};
