import { AccountKindName, StateScope, TradingStateName } from '#contracts/tape/codes.generated.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import type { TapeEffect } from '../../runner/tape-batch.js';

const nameOf = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? `#${value}`;

const define = (effect: TapeEffect, physical: string): Statement | null => {
  const { record, commandNumber } = effect.command;
  if (effect.record.type !== 'done' || !effect.outcome || record?.type !== 'defineAccount') return null;
  const rows = new ArrayColumns({
    account_id: 'int8',
    group_id: 'int8',
    kind: 'text',
    trading_state: 'text',
    permissions: 'int4',
    last_command: 'int8',
  });
  rows.add({
    account_id: record.accountId,
    group_id: record.groupId,
    kind: nameOf(AccountKindName, record.accountKind),
    trading_state: nameOf(TradingStateName, record.initialState),
    permissions: record.permissions,
    last_command: commandNumber,
  });
  return {
    text: `INSERT INTO ${physical} (${rows.list}) SELECT ${rows.list} FROM ${rows.source}
           ON CONFLICT (account_id) DO UPDATE SET group_id = EXCLUDED.group_id, kind = EXCLUDED.kind, trading_state = EXCLUDED.trading_state,
             permissions = EXCLUDED.permissions, last_command = EXCLUDED.last_command`,
    values: rows.values,
  };
};

const changeState = (effect: TapeEffect, physical: string): Statement | null => {
  const { record } = effect;
  if (record.type !== 'accountState' || record.scope !== StateScope.Account) return null;
  return {
    text: `UPDATE ${physical} SET trading_state = $2, last_command = $3 WHERE account_id = $1`,
    values: [record.accountId, nameOf(TradingStateName, record.state), String(effect.command.commandNumber)],
  };
};

/** Kind, permissions and trading state of every account, as the engine has them. Names are in `account-profiles`. */
export const accounts: PostgresTapeModel = {
  name: 'accounts',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['done', 'accountState'],
  tables: [
    {
      name: 'accounts',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           account_id bigint PRIMARY KEY,
           group_id bigint NOT NULL,
           kind text NOT NULL,
           trading_state text NOT NULL,
           permissions int NOT NULL,
           last_command bigint NOT NULL
         )`,
      ],
    },
  ],
  // Definitions and state changes are rare: a statement each, in order.
  apply: (batch, table) =>
    batch.effects.flatMap((effect) => define(effect, table('accounts')) ?? changeState(effect, table('accounts')) ?? []),
};
