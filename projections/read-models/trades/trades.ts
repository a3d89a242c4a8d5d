import type { ClickHouseTapeModel } from '../../runner/read-model.js';
import { RowBinaryWriter } from '../../runner/row-binary.js';
import { termsOfEffect } from '../../runner/tape-batch.js';

const columns = [
  ['trade_id', 'UInt64'],
  ['instrument_id', 'UInt32'],
  ['symbol', 'LowCardinality(String)'],
  ['price', 'Decimal(38, 18)'],
  ['quantity', 'Decimal(38, 18)'],
  ['notional', 'Decimal(38, 18)'],
  ['aggressor_side', 'UInt8'],
  ['trade_kind', 'UInt8'],
  ['maker_order_id', 'UInt64'],
  ['taker_order_id', 'UInt64'],
  ['maker_account_id', 'UInt32'],
  ['taker_account_id', 'UInt32'],
  ['trade_time', "DateTime64(9, 'UTC')"],
  ['command_number', 'UInt64'],
  ['record_index', 'UInt32'],
] as const;

/** Every trade, once. */
export const trades: ClickHouseTapeModel = {
  name: 'trades',
  version: 1,
  store: 'clickhouse',
  source: 'tape',
  reads: ['trade'],
  tables: [
    {
      name: 'trades',
      create: (physical) => [
        `CREATE TABLE ${physical} (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})
         ENGINE = MergeTree ORDER BY (instrument_id, trade_id) SETTINGS non_replicated_deduplication_window = 1000`,
      ],
    },
  ],
  apply: (batch, table) => {
    const writer = new RowBinaryWriter();
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type !== 'trade') continue;
      const detail = effect.extensions.find((extension) => extension.type === 'tradeDetail');
      const { scale, symbol } = termsOfEffect(effect);
      writer.uint64(record.tradeId).uint32(record.instrumentId).text(symbol);
      writer.decimal(record.priceTicks * scale.tickMantissa, scale.tickExponent);
      writer.decimal(record.quantityLots * scale.lotMantissa, scale.lotExponent);
      writer.decimal(detail?.type === 'tradeDetail' ? detail.notionalUnits : 0n, scale.moneyExponent);
      writer.uint8(record.aggressorSide).uint8(record.tradeKind).uint64(record.makerOrderId).uint64(record.takerOrderId);
      writer.uint32(record.makerAccountId).uint32(record.takerAccountId).dateTime64(effect.timeNanos);
      writer.uint64(effect.command.commandNumber).uint32(effect.recordIndex).endRow();
    }
    if (writer.rows === 0) return [];
    return [{ table: table('trades'), columns: columns.map(([name]) => name), rows: writer.rows, bytes: writer.bytes }];
  },
};
