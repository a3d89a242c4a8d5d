import { Side, TradeKindName } from '#contracts/tape/codes.generated.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel } from '../../runner/read-model.js';
import { priceLiteral, quantityLiteral, scaledLiteral, timeLiteral } from '../../runner/sql-literals.js';
import { termsOfEffect } from '../../runner/tape-batch.js';

const columns = {
  execution_id: 'text',
  trade_id: 'int8',
  order_id: 'int8',
  account_id: 'int8',
  instrument_id: 'int8',
  symbol: 'text',
  side: 'text',
  last_quantity: 'numeric',
  last_price: 'numeric',
  fee: 'numeric',
  maker: 'bool',
  trade_kind: 'text',
  executed_at: 'timestamptz',
  command_number: 'int8',
  record_index: 'int4',
} as const;

/** Both sides of every trade, one row each. In an auction neither side is the aggressor; the buy is the maker's row then. */
export const executions: PostgresTapeModel = {
  name: 'executions',
  version: 2,
  store: 'postgres',
  source: 'tape',
  reads: ['trade'],
  tables: [
    {
      name: 'executions',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           execution_id text PRIMARY KEY,
           trade_id bigint NOT NULL,
           order_id bigint NOT NULL,
           account_id bigint NOT NULL,
           instrument_id bigint NOT NULL,
           symbol varchar(32) NOT NULL,
           side text NOT NULL,
           last_quantity numeric(38,18) NOT NULL,
           last_price numeric(38,18) NOT NULL,
           fee numeric(38,18) NOT NULL,
           maker boolean NOT NULL,
           trade_kind text NOT NULL,
           executed_at timestamptz NOT NULL,
           command_number bigint NOT NULL,
           record_index int NOT NULL
         )`,
        `CREATE INDEX ON ${physical} (account_id, trade_id DESC, maker)`,
        `CREATE INDEX ON ${physical} (order_id, trade_id DESC, maker)`,
      ],
    },
  ],
  apply: (batch, table) => {
    const rows = new ArrayColumns(columns);
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type !== 'trade') continue;
      const detail = effect.extensions.find((extension) => extension.type === 'tradeDetail');
      if (detail?.type !== 'tradeDetail') continue;
      const { scale, symbol } = termsOfEffect(effect);
      const takerSells = record.aggressorSide !== Side.Buy;
      const trade = {
        trade_id: record.tradeId,
        instrument_id: record.instrumentId,
        symbol,
        last_quantity: quantityLiteral(record.quantityLots, scale),
        last_price: priceLiteral(record.priceTicks, scale),
        trade_kind: TradeKindName[record.tradeKind] ?? `#${record.tradeKind}`,
        executed_at: timeLiteral(effect.timeNanos),
        command_number: effect.command.commandNumber,
        record_index: effect.recordIndex,
      };
      rows.add({
        ...trade,
        execution_id: `${record.tradeId}-M`,
        order_id: record.makerOrderId,
        account_id: record.makerAccountId,
        side: takerSells ? 'Buy' : 'Sell',
        fee: scaledLiteral(detail.makerFeeUnits, scale.moneyExponent),
        maker: true,
      });
      rows.add({
        ...trade,
        execution_id: `${record.tradeId}-T`,
        order_id: record.takerOrderId,
        account_id: record.takerAccountId,
        side: takerSells ? 'Sell' : 'Buy',
        fee: scaledLiteral(detail.takerFeeUnits, scale.moneyExponent),
        maker: false,
      });
    }
    if (rows.size === 0) return [];
    return [rows.insert(table('executions'))];
  },
};
