import { defaultPortfolioId } from '#contracts/events/portfolio-events.js';
import { averageCostOf } from '#contracts/money/average-cost.js';
import { wideOf } from '#contracts/tape/walk.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel } from '../../runner/read-model.js';
import { quantityLiteral, scaledLiteral, timeLiteral } from '../../runner/sql-literals.js';
import { termsOfEffect, type TapeEffect } from '../../runner/tape-batch.js';
import { positionId } from './position-ids.js';

const columns = {
  id: 'uuid',
  portfolio_id: 'uuid',
  account_id: 'int8',
  instrument_id: 'int8',
  symbol: 'text',
  quantity: 'numeric',
  reserved_quantity: 'numeric',
  average_cost: 'numeric',
  cost: 'numeric',
  realized_pnl: 'numeric',
  updated_at: 'timestamptz',
  last_command: 'int8',
} as const;

/** What each account holds of each instrument. Reports carry absolute values, so the last one of a batch is enough. */
export const positions: PostgresTapeModel = {
  name: 'positions',
  version: 2,
  store: 'postgres',
  source: 'tape',
  reads: ['positionChanged'],
  tables: [
    {
      name: 'positions',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           id uuid NOT NULL UNIQUE,
           portfolio_id uuid NOT NULL,
           account_id bigint NOT NULL,
           instrument_id bigint NOT NULL,
           symbol varchar(32) NOT NULL,
           quantity numeric(38,18) NOT NULL,
           reserved_quantity numeric(38,18) NOT NULL,
           average_cost numeric(38,18) NOT NULL,
           cost numeric(38,18) NOT NULL,
           realized_pnl numeric(38,18) NOT NULL,
           created_at timestamptz NOT NULL,
           updated_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (account_id, instrument_id)
         ) WITH (fillfactor = 70)`,
        `CREATE INDEX ON ${physical} (portfolio_id)`,
        `CREATE INDEX ON ${physical} (account_id, last_command)`,
      ],
    },
  ],
  apply: (batch, table) => {
    const last = new Map<string, { readonly first: TapeEffect; readonly effect: TapeEffect }>();
    for (const effect of batch.effects) {
      if (effect.record.type !== 'positionChanged') continue;
      const key = `${effect.record.accountId}.${effect.record.instrumentId}`;
      last.set(key, { first: last.get(key)?.first ?? effect, effect });
    }
    if (last.size === 0) return [];
    const rows = new ArrayColumns({ ...columns, created_at: 'timestamptz' });
    for (const { first, effect } of last.values()) {
      const { record } = effect;
      if (record.type !== 'positionChanged') continue;
      const { scale, symbol } = termsOfEffect(effect);
      const costUnits = wideOf(record.costLow, record.costHigh);
      rows.add({
        id: positionId(record.accountId, record.instrumentId),
        portfolio_id: defaultPortfolioId(record.accountId),
        account_id: record.accountId,
        instrument_id: record.instrumentId,
        symbol,
        quantity: quantityLiteral(record.quantityLots, scale),
        reserved_quantity: quantityLiteral(record.reservedSellLots, scale),
        average_cost: averageCostOf({ costUnits, quantityLots: record.quantityLots }, scale),
        cost: scaledLiteral(costUnits, scale.moneyExponent),
        realized_pnl: scaledLiteral(wideOf(record.realizedLow, record.realizedHigh), scale.moneyExponent),
        created_at: timeLiteral(first.timeNanos),
        updated_at: timeLiteral(effect.timeNanos),
        last_command: effect.command.commandNumber,
      });
    }
    return [rows.put(table('positions'), ['account_id', 'instrument_id'], { once: ['id', 'portfolio_id', 'created_at'] })];
  },
};
