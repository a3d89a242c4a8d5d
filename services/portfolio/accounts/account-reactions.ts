import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { AccountEvent } from '#contracts/events/account-events.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import { assertNever, ok, type Result } from '#contracts/result/result.js';
import { AccountKind, AccountPermission, StateReason, StateScope, TradingState } from '#contracts/tape/codes.generated.js';

/** Commands that bring the engine in line with an event of an account. */
export const accountReactions = (event: AccountEvent): Result<readonly EngineCommand[]> => {
  const accountId = parseAccountId(event.accountId);
  if (!accountId.ok) return accountId;
  switch (event.type) {
    case 'AccountOpened':
      return ok([
        {
          type: 'DefineAccount',
          accountId: accountId.value,
          groupId: event.groupId,
          accountKind: AccountKind[event.kind],
          initialState: TradingState.Active,
          permissions: event.permissions.reduce((bits, permission) => bits | AccountPermission[permission], 0),
        },
      ]);
    case 'AccountRenamed':
      return ok([]); // names never reach the tape
    case 'AccountClosed':
      return ok([
        {
          type: 'SetTradingState',
          scope: StateScope.Account,
          targetId: event.accountId,
          state: TradingState.Halted,
          reason: StateReason.Operator,
        },
      ]);
    default:
      return assertNever(event);
  }
};
