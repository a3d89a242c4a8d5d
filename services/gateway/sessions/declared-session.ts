import { z } from 'zod';
import { parseAccountId } from '#contracts/ids/ids.js';
import { ok, refuse, type Refusal, type Result } from '#contracts/result/result.js';
import { errorTable } from '#contracts/tape/codes.generated.js';
import { mayUseAccount, type Identity } from '#platform/identity/identity.js';
import type { ClientSession } from '../graphql/request-context.js';
import { parseSessionId } from '../ordering/place-order-input.js';
import { defaultWithinMs, withinMsLeast, withinMsMost } from './session-guard.js';

const declarationSchema = z.strictObject({
  accountId: z.string().regex(/^[1-9][0-9]{0,9}$/),
  sessionId: z.string(),
  withinMs: z.number().int().min(withinMsLeast).max(withinMsMost).default(defaultWithinMs),
});

export interface DeclaredSession extends ClientSession {
  readonly withinMs: number;
}

type Field = keyof z.infer<typeof declarationSchema>;

const expectedOf: Readonly<Record<Field, string>> = {
  accountId: 'the number of an account, as text',
  sessionId: '1 to 4294967295, as text',
  withinMs: `${withinMsLeast} to ${withinMsMost}`,
};

const isField = (name: unknown): name is Field => typeof name === 'string' && Object.hasOwn(expectedOf, name);

/** Refused by the field that is wrong, or as a whole where it is no such object. */
const notDeclared = (name: unknown): Result<never> =>
  isField(name)
    ? refuse('INVALID_ARGUMENT', { argument: `cancelOnDisconnect.${name}`, expected: expectedOf[name] })
    : refuse('INVALID_ARGUMENT', { argument: 'cancelOnDisconnect', expected: '{ accountId, sessionId, withinMs }' });

/** Why a connection is closed; a close frame holds 123 bytes, so that the remedy has no room. */
export const closeReasonOf = ({ code, details = {} }: Refusal): string => {
  const { argument = 'cancelOnDisconnect', expected } = details;
  const reason = `${code} (${errorTable[code].number}): connectionParams.${argument}`;
  return expected === undefined ? reason : `${reason}: ${expected}`;
};

/** The session that a connection declares in `connectionParams.cancelOnDisconnect`; null where it declares none. */
export const declaredSessionOf = (value: unknown, identity: Identity): Result<DeclaredSession | null> => {
  if (value === undefined || value === null) return ok(null);
  const declaration = declarationSchema.safeParse(value);
  if (!declaration.success) return notDeclared(declaration.error.issues[0]?.path[0]);
  const accountId = parseAccountId(Number(declaration.data.accountId));
  if (!accountId.ok || !identity.permissions.has('trade') || !mayUseAccount(identity, accountId.value))
    return refuse('ACCOUNT_NOT_YOURS', { argument: 'cancelOnDisconnect.accountId', value: declaration.data.accountId });
  const sessionId = parseSessionId(declaration.data.sessionId);
  if (!sessionId.ok) return notDeclared('sessionId');
  return ok({ accountId: accountId.value, sessionId: sessionId.value, withinMs: declaration.data.withinMs });
};
