/** What an operator's command is about: the target that its scope needs, and no other. */
import { parseAccountId, type AccountId, type InstrumentId } from '#contracts/ids/ids.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import { parseWhole } from './whole-number.js';

const targets = ['symbol', 'accountId', 'groupId'] as const;
type TargetArgument = (typeof targets)[number];
type Scope = 'ACCOUNT' | 'GROUP' | 'INSTRUMENT' | 'GLOBAL';

export type ScopedInput = { readonly scope: Scope } & { readonly [Name in TargetArgument]?: string | null };

const targetOf: Readonly<Record<Scope, TargetArgument | null>> = {
  INSTRUMENT: 'symbol',
  ACCOUNT: 'accountId',
  GROUP: 'groupId',
  GLOBAL: null,
};

export const needed = (argument: string): Result<never> =>
  refuse('INVALID_ARGUMENT', { argument, expected: 'a value: the scope needs it' });

export const accountOf = (text: string): Result<AccountId> => {
  const id = parseAccountId(/^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0);
  return id.ok ? id : refuse('UNKNOWN_ACCOUNT', { accountId: text.slice(0, 32) });
};

/**
 * A target beside the one that the scope has would be left out of what happens: a halt of everything that names an instrument was
 * meant for the instrument. `beside` are arguments that say something of their own in this command.
 */
const foreignTarget = (input: ScopedInput, beside: readonly TargetArgument[]): Result<never> | null => {
  const { scope } = input;
  for (const argument of targets) {
    const value = input[argument] ?? null;
    if (value === null || argument === targetOf[scope] || beside.includes(argument)) continue;
    const expected = `nothing: the scope ${scope} takes ${targetOf[scope] ?? 'no target'}`;
    return refuse('INVALID_ARGUMENT', { argument, value: value.slice(0, 32), expected });
  }
  return null;
};

/** Number of what a scope is about. */
export const targetIdOf = (
  input: ScopedInput,
  instrument: { readonly instrumentId: InstrumentId } | null,
  beside: readonly TargetArgument[] = [],
): Result<number> => {
  const foreign = foreignTarget(input, beside);
  if (foreign !== null) return foreign;
  const { scope, accountId = null, groupId = null } = input;
  switch (scope) {
    case 'GLOBAL':
      return ok(0);
    case 'INSTRUMENT':
      return instrument === null ? needed('symbol') : ok(instrument.instrumentId);
    case 'ACCOUNT':
      return accountId === null ? needed('accountId') : accountOf(accountId);
    case 'GROUP': {
      if (groupId === null) return needed('groupId');
      const id = parseWhole('groupId', groupId, { min: 1n });
      return id.ok ? ok(Number(id.value)) : id;
    }
  }
};
