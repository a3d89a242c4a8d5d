import {
  AccountKindName,
  LimitScope,
  StateReasonName,
  StateScope,
  StateScopeName,
  TradingStateName,
} from '#contracts/tape/codes.generated.js';
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
  return rows.put(physical, ['account_id'], { once: ['limits_version'] });
};

const changeState = (effect: TapeEffect, physical: string): Statement | null => {
  const { record } = effect;
  if (record.type !== 'accountState' || record.scope !== StateScope.Account) return null;
  return {
    text: `UPDATE ${physical} SET trading_state = $2, state_reason = $3, last_command = $4 WHERE account_id = $1`,
    values: [
      record.accountId,
      nameOf(TradingStateName, record.state),
      StateReasonName[record.reason] ?? null,
      String(effect.command.commandNumber),
    ],
  };
};

/**
 * The version comes from the command that set the limits: state reports carry the versions of other rules as well. Limits that are taken
 * away count too, and a lower version that is set later stands.
 */
const setLimits = (effect: TapeEffect, physical: string): Statement | null => {
  const { record, commandNumber } = effect.command;
  if (effect.record.type !== 'done' || !effect.outcome || record?.type !== 'setRiskLimits') return null;
  if (record.scope !== LimitScope.Account) return null;
  return {
    text: `UPDATE ${physical} SET limits_version = $2, last_command = $3 WHERE account_id = $1`,
    values: [record.targetId, record.version, String(commandNumber)],
  };
};

/**
 * The last state that was told of each scope, with what tripped it: everywhere, of a group, of an account. Of an instrument only its circuit
 * breaker tells here; its state is in `instruments`, which hears as well when it ends.
 */
const tellScope = (effect: TapeEffect, physical: string): Statement | null => {
  const { record, command, timeNanos } = effect;
  if (record.type !== 'accountState' || record.scope === StateScope.Instrument) return null;
  const target = record.scope === StateScope.Group ? record.groupId : record.scope === StateScope.Account ? record.accountId : 0;
  const rows = new ArrayColumns({
    scope: 'text',
    target_id: 'int8',
    trading_state: 'text',
    state_reason: 'text',
    version: 'int8',
    observed: 'int8',
    limit_value: 'int8',
    updated_at: 'timestamptz',
    last_command: 'int8',
  });
  rows.add({
    scope: nameOf(StateScopeName, record.scope),
    target_id: target,
    trading_state: nameOf(TradingStateName, record.state),
    state_reason: StateReasonName[record.reason] ?? null,
    version: record.version,
    observed: record.observed,
    limit_value: record.limit,
    updated_at: timeLiteral(timeNanos),
    last_command: command.commandNumber,
  });
  return rows.put(physical, ['scope', 'target_id']);
};

/** Kind, permissions and trading state of every account, as the engine has them. Names are in `account-profiles`. */
export const accounts: PostgresTapeModel = {
  name: 'accounts',
  version: 3,
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
      [
        define(effect, table('accounts')) ?? setLimits(effect, table('accounts')) ?? changeState(effect, table('accounts')),
        tellScope(effect, table('trading_states')),
      ].filter((statement) => statement !== null),
    ),
};
