/** Rules of accounts. Pure. */
import type { AccountEvent, AccountOpened } from '#contracts/events/account-events.js';
import type { Decider } from '#contracts/events/decider.js';
import { sameData } from '#contracts/events/same-data.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import { assertNever, ok, refuse, type Result } from '#contracts/result/result.js';

export type OpenAccount = { readonly type: 'OpenAccount' } & Omit<AccountOpened, 'type'>;
export interface RenameAccount {
  readonly type: 'RenameAccount';
  readonly accountId: number;
  readonly name: string;
}
export interface CloseAccount {
  readonly type: 'CloseAccount';
  readonly accountId: number;
  readonly reason: string;
}
export type AccountCommand = OpenAccount | RenameAccount | CloseAccount;

export type AccountState =
  | { readonly status: 'Unopened' }
  | { readonly status: 'Open' | 'Closed'; readonly opening: Omit<AccountOpened, 'type'>; readonly name: string };

const invalidName = (name: string): boolean => name.trim() === '' || name.length > 255;

const open = (command: OpenAccount, state: AccountState): Result<readonly AccountEvent[]> => {
  const { type: _type, ...opening } = command;
  if (state.status !== 'Unopened') {
    return sameData(state.opening, opening) ? ok([]) : refuse('ACCOUNT_EXISTS', { accountId: String(command.accountId) });
  }
  const id = parseAccountId(command.accountId);
  if (!id.ok) return id;
  if (invalidName(command.name)) return refuse('INVALID_ARGUMENT', { argument: 'name', expected: '1 to 255 characters' });
  return ok([{ type: 'AccountOpened', ...opening }]);
};

const rename = ({ accountId, name }: RenameAccount, state: AccountState): Result<readonly AccountEvent[]> => {
  if (state.status !== 'Open') return refuse('UNKNOWN_ACCOUNT', { accountId: String(accountId) });
  if (invalidName(name)) return refuse('INVALID_ARGUMENT', { argument: 'name', expected: '1 to 255 characters' });
  return state.name === name ? ok([]) : ok([{ type: 'AccountRenamed', accountId, name }]);
};

const close = ({ accountId, reason }: CloseAccount, state: AccountState): Result<readonly AccountEvent[]> => {
  if (state.status === 'Unopened') return refuse('UNKNOWN_ACCOUNT', { accountId: String(accountId) });
  if (reason.trim() === '') return refuse('INVALID_ARGUMENT', { argument: 'reason', expected: 'text' });
  return state.status === 'Closed' ? ok([]) : ok([{ type: 'AccountClosed', accountId, reason }]);
};

export const accountDecider: Decider<AccountCommand, AccountEvent, AccountState> = {
  initialState: { status: 'Unopened' },
  decide: (command, state) => {
    switch (command.type) {
      case 'OpenAccount':
        return open(command, state);
      case 'RenameAccount':
        return rename(command, state);
      case 'CloseAccount':
        return close(command, state);
      default:
        return assertNever(command);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'AccountOpened': {
        const { type: _type, ...opening } = event;
        return { status: 'Open', opening, name: event.name };
      }
      case 'AccountRenamed':
        return state.status === 'Unopened' ? state : { ...state, name: event.name };
      case 'AccountClosed':
        return state.status === 'Unopened' ? state : { ...state, status: 'Closed' };
      default:
        return assertNever(event);
    }
  },
};
