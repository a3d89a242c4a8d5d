import { AccountKindName, StateReasonName, StateScope, StateScopeName, TradingStateName } from '#contracts/tape/codes.generated.js';
import { nameOf } from '../../runner/code-names.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { timeLiteral } from '../../runner/sql-literals.js';
import type { TapeEffect } from '../../runner/tape-batch.js';

const define = (effect: TapeEffect, physical: string): Statement | null => {
  const { record, commandNumber } = effect.command;
  if (effect.record.type !== 'done' || !effect.outcome || record?.type !== 'defineAccount') return null;
  const rows = new ArrayColumns({
    account_id: 'int8',
    group_id: 'int8',
    kind: 'text',
    trading_state: 'text',
    permissions: 'int4',
    limits_version: 'int8',
    last_command: 'int8',
  });
  rows.add({
    account_id: record.accountId,
    group_id: record.groupId,
    kind: nameOf(AccountKindName, record.accountKind),
    trading_state: nameOf(TradingStateName, record.initialState),
    permissions: record.permissions,
    limits_version: 0,
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
    text: `UPDATE ${physical} SET trading_state = $2, state_reason = $3, limits_version = greatest(limits_version, $4::int8), last_command = $5
            WHERE account_id = $1`,
    values: [
      record.accountId,
      nameOf(TradingStateName, record.state),
      StateReasonName[record.reason] ?? null,
      String(record.version),
      String(effect.command.commandNumber),
    ],
  };
};

/** The last state that was told of each scope, with what tripped it: everywhere, of a group, of an account. */
const tellScope = (effect: TapeEffect, physical: string): Statement | null => {
  const { record, command, timeNanos } = effect;
  if (record.type !== 'accountState') return null;
  const target = record.scope === StateScope.Group ? record.groupId : record.scope === StateScope.Account ? record.accountId : 0;
  return {
    text: `INSERT INTO ${physical} (scope, target_id, trading_state, state_reason, version, observed, limit_value, updated_at, last_command)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (scope, target_id) DO UPDATE SET trading_state = EXCLUDED.trading_state, state_reason = EXCLUDED.state_reason,
             version = EXCLUDED.version, observed = EXCLUDED.observed, limit_value = EXCLUDED.limit_value, updated_at = EXCLUDED.updated_at,
             last_command = EXCLUDED.last_command`,
    values: [
      nameOf(StateScopeName, record.scope),
      target,
      nameOf(TradingStateName, record.state),
      StateReasonName[record.reason] ?? null,
      String(record.version),
      String(record.observed),
      String(record.limit),
      timeLiteral(timeNanos),
      String(command.commandNumber),
    ],
  };
};

/** Kind, permissions and trading state of every account, as the engine has them. Names are in `account-profiles`. */
export const accounts: PostgresTapeModel = {
  name: 'accounts',
  version: 2,
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
           state_reason text,
           limits_version bigint NOT NULL,
           last_command bigint NOT NULL
         )`,
      ],
    },
    {
      name: 'trading_states',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           scope text NOT NULL,
           target_id bigint NOT NULL,
           trading_state text NOT NULL,
           state_reason text,
           version bigint NOT NULL,
           observed bigint NOT NULL,
           limit_value bigint NOT NULL,
           updated_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (scope, target_id)
         )`,
      ],
    },
  ],
  // Definitions and state changes are rare: a statement each, in order.
  apply: (batch, table) =>
    batch.effects.flatMap((effect) =>
      [define(effect, table('accounts')) ?? changeState(effect, table('accounts')), tellScope(effect, table('trading_states'))].filter(
        (statement) => statement !== null,
      ),
    ),
};
