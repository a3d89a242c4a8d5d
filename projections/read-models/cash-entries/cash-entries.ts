import { currencyCodeOf } from '#contracts/money/currencies.js';
import { defaultMoneyExponent } from '#contracts/money/instrument-scale.js';
import { BalanceReason, BalanceReasonName } from '#contracts/tape/codes.generated.js';
import { wideOf } from '#contracts/tape/walk.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel } from '../../runner/read-model.js';
import { scaledLiteral, timeLiteral } from '../../runner/sql-literals.js';
import type { TapeEffect } from '../../runner/tape-batch.js';

const columns = {
  command_number: 'int8',
  record_index: 'int4',
  account_id: 'int8',
  currency: 'text',
  reason: 'text',
  amount: 'numeric',
  total: 'numeric',
  instrument_id: 'int8',
  entered_at: 'timestamptz',
} as const;

/** Reservations move nothing, and what trades moved is in the executions. */
const entered: ReadonlySet<number> = new Set([BalanceReason.CashMovement, BalanceReason.Settlement, BalanceReason.Allotment]);

/** The derivative that a settlement is about; other movements are about none. */
const instrumentIdOf = ({ command }: TapeEffect): number | null => {
  const { record } = command;
  return record?.type === 'settleInstrument' ? record.instrumentId : null;
};

/** Cash that moved without a trade: deposits and withdrawals, settlements of derivatives, allotments between shards. */
export const cashEntries: PostgresTapeModel = {
  name: 'cash-entries',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['balanceChanged'],
  tables: [
    {
      name: 'cash_entries',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           command_number bigint NOT NULL,
           record_index int NOT NULL,
           account_id bigint NOT NULL,
           currency text NOT NULL,
           reason text NOT NULL,
           amount numeric(38,18) NOT NULL,
           total numeric(38,18) NOT NULL,
           instrument_id bigint,
           entered_at timestamptz NOT NULL,
           PRIMARY KEY (account_id, command_number, record_index)
         )`,
      ],
    },
  ],
  apply: (batch, table) => {
    const rows = new ArrayColumns(columns);
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type !== 'balanceChanged' || !entered.has(record.reason) || record.deltaUnits === 0n) continue;
      rows.add({
        command_number: effect.command.commandNumber,
        record_index: effect.recordIndex,
        account_id: record.accountId,
        currency: currencyCodeOf(record.currencyId),
        reason: BalanceReasonName[record.reason] ?? `#${record.reason}`,
        amount: scaledLiteral(record.deltaUnits, defaultMoneyExponent),
        total: scaledLiteral(wideOf(record.totalLow, record.totalHigh), defaultMoneyExponent),
        instrument_id: instrumentIdOf(effect),
        entered_at: timeLiteral(effect.timeNanos),
      });
    }
    if (rows.size === 0) return [];
    return [rows.insert(table('cash_entries'))];
  },
};
