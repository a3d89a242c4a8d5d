import { z } from 'zod';
import { parseAccountId } from '#contracts/ids/ids.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
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

/** The session that a connection declares in `connectionParams.cancelOnDisconnect`; null where it declares none. */
export const declaredSessionOf = (value: unknown, identity: Identity): Result<DeclaredSession | null> => {
  if (value === undefined || value === null) return ok(null);
  const declaration = declarationSchema.safeParse(value);
  if (!declaration.success)
    return refuse('INVALID_ARGUMENT', { argument: 'cancelOnDisconnect', expected: '{ accountId, sessionId, withinMs }' });
  const accountId = parseAccountId(Number(declaration.data.accountId));
  if (!accountId.ok || !identity.permissions.has('trade') || !mayUseAccount(identity, accountId.value))
    return refuse('ACCOUNT_NOT_YOURS', { accountId: declaration.data.accountId });
  const sessionId = parseSessionId(declaration.data.sessionId);
  if (!sessionId.ok) return sessionId;
  return ok({ accountId: accountId.value, sessionId: sessionId.value, withinMs: declaration.data.withinMs });
};
