import { currencyCodeOf } from '#contracts/money/currencies.js';
import { defaultMoneyExponent } from '#contracts/money/instrument-scale.js';
import { wideOf } from '#contracts/tape/walk.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel } from '../../runner/read-model.js';
import { scaledLiteral, timeLiteral } from '../../runner/sql-literals.js';
import type { TapeEffect } from '../../runner/tape-batch.js';

/** Cash of each account. Every currency has money units of 10^-8. Reports carry absolute values. */
export const balances: PostgresTapeModel = {
  name: 'balances',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['balanceChanged'],
  tables: [
    {
      name: 'balances',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           account_id bigint NOT NULL,
           currency text NOT NULL,
           total numeric(38,18) NOT NULL,
           reserved numeric(38,18) NOT NULL,
           updated_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (account_id, currency)
         ) WITH (fillfactor = 70)`,
      ],
    },
  ],
  apply: (batch, table) => {
    const last = new Map<string, TapeEffect>();
    for (const effect of batch.effects) {
      if (effect.record.type === 'balanceChanged') last.set(`${effect.record.accountId}.${effect.record.currencyId}`, effect);
    }
    if (last.size === 0) return [];
    const rows = new ArrayColumns({
      account_id: 'int8',
      currency: 'text',
      total: 'numeric',
      reserved: 'numeric',
      updated_at: 'timestamptz',
      last_command: 'int8',
    });
    for (const { record, timeNanos, command } of last.values()) {
      if (record.type !== 'balanceChanged') continue;
      rows.add({
        account_id: record.accountId,
        currency: currencyCodeOf(record.currencyId),
        total: scaledLiteral(wideOf(record.totalLow, record.totalHigh), defaultMoneyExponent),
        reserved: scaledLiteral(wideOf(record.reservedLow, record.reservedHigh), defaultMoneyExponent),
        updated_at: timeLiteral(timeNanos),
        last_command: command.commandNumber,
      });
    }
    return [rows.put(table('balances'), ['account_id', 'currency'])];
  },
};
