import { describe, expect, it } from 'vitest';
import type { AccountOpened } from '#contracts/events/account-events.js';
import { AccountPermission } from '#contracts/tape/codes.generated.js';
import { specificationOf } from '#platform/event-store/testing/decider-specification.js';
import { accountDecider, type OpenAccount } from './account-decider.js';
import { accountReactions } from './account-reactions.js';

const { given } = specificationOf(accountDecider);

const opening: Omit<AccountOpened, 'type'> = { accountId: 1001, name: 'First', kind: 'Cash', groupId: 0, permissions: ['ShortSale'] };
const open: OpenAccount = { type: 'OpenAccount', ...opening };
const opened: AccountOpened = { type: 'AccountOpened', ...opening };
const renamed = { type: 'AccountRenamed', accountId: 1001, name: 'Second' } as const;
const closed = { type: 'AccountClosed', accountId: 1001, reason: 'asked for' } as const;
const rename = { type: 'RenameAccount', accountId: 1001, name: 'Second' } as const;
const close = { type: 'CloseAccount', accountId: 1001, reason: 'asked for' } as const;

describe('accounts', () => {
  it('opens', () => given().when(open).then(opened));
  it('is the same fact when repeated', () => given(opened).when(open).thenNothing());
  it('is the same fact when repeated after a new name', () => given(opened, renamed).when(open).thenNothing());
  it('refuses other terms under the id', () =>
    given(opened)
      .when({ ...open, permissions: [] })
      .thenRejected('ACCOUNT_EXISTS'));
  it('refuses an id of 0', () =>
    given()
      .when({ ...open, accountId: 0 })
      .thenRejected('INVALID_ARGUMENT'));
  it('refuses an empty name', () =>
    given()
      .when({ ...open, name: '' })
      .thenRejected('INVALID_ARGUMENT'));
  it('refuses a name of 256 characters', () =>
    given()
      .when({ ...open, name: 'x'.repeat(256) })
      .thenRejected('INVALID_ARGUMENT'));

  it('renames', () => given(opened).when(rename).then(renamed));
  it('says nothing when the name is the same', () => given(opened, renamed).when(rename).thenNothing());
  it('refuses to rename what was never opened', () => given().when(rename).thenRejected('UNKNOWN_ACCOUNT'));
  it('refuses to rename a closed account', () => given(opened, closed).when(rename).thenRejected('UNKNOWN_ACCOUNT'));
  it('refuses an empty new name', () =>
    given(opened)
      .when({ ...rename, name: ' ' })
      .thenRejected('INVALID_ARGUMENT'));

  it('closes', () => given(opened).when(close).then(closed));
  it('says nothing when it is closed', () => given(opened, closed).when(close).thenNothing());
  it('refuses to close what was never opened', () => given().when(close).thenRejected('UNKNOWN_ACCOUNT'));
  it('refuses to close for no reason', () =>
    given(opened)
      .when({ ...close, reason: '' })
      .thenRejected('INVALID_ARGUMENT'));

  it('tells the engine about accounts, never their names', () => {
    expect(accountReactions(opened)).toStrictEqual({
      ok: true,
      value: [
        { type: 'DefineAccount', accountId: 1001, groupId: 0, accountKind: 1, initialState: 1, permissions: AccountPermission.ShortSale },
      ],
    });
    expect(accountReactions(renamed)).toStrictEqual({ ok: true, value: [] });
    expect(accountReactions(closed)).toStrictEqual({
      ok: true,
      value: [{ type: 'SetTradingState', scope: 2, targetId: 1001, state: 3, reason: 1 }],
    });
  });
});
