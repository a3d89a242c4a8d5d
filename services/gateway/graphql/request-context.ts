import type { Identity, Permission } from '#platform/identity/identity.js';
import { mayUseAccount } from '#platform/identity/identity.js';
import { parseAccountId, type AccountId } from '#contracts/ids/ids.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import type { RequestReads } from '../reads/request-reads.js';

/** Orders of one account that hang together: they can be cancelled as one. */
export interface ClientSession {
  readonly accountId: AccountId;
  readonly sessionId: number;
}

/** What resolvers know of the request they serve. One object per operation. */
export interface RequestContext {
  readonly requestId: string;
  /** Null without a valid token; only introspection passes then. */
  readonly identity: Identity | null;
  /** Reads of this operation: one view of the read models, batched. */
  readonly reads: RequestReads;
  /** The client session that the connection has declared; null over HTTP, where each command names its own. */
  readonly session: ClientSession | null;
}

/** @throws FulltapeError UNAUTHENTICATED */
export const callerOf = (context: RequestContext): Identity => {
  if (context.identity === null) throw new FulltapeError('UNAUTHENTICATED');
  return context.identity;
};

/** @throws FulltapeError UNAUTHENTICATED, FORBIDDEN */
export const requirePermission = (context: RequestContext, permission: Permission): Identity => {
  const caller = callerOf(context);
  if (!caller.permissions.has(permission)) throw new FulltapeError('FORBIDDEN', { permission });
  return caller;
};

/**
 * The account that an argument names, if the caller may use it.
 * An account that does not exist is answered like somebody else's, so that a token cannot find out which ids exist.
 * @throws FulltapeError UNAUTHENTICATED, FORBIDDEN, ACCOUNT_NOT_YOURS, UNKNOWN_ACCOUNT (for callers who may use every account)
 */
export const requireAccount = (context: RequestContext, text: string, permission: Permission): AccountId => {
  const caller = requirePermission(context, permission);
  const number = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0;
  if (!mayUseAccount(caller, number)) throw new FulltapeError('ACCOUNT_NOT_YOURS', { accountId: text.slice(0, 32) });
  const id = parseAccountId(number);
  if (!id.ok) throw new FulltapeError('UNKNOWN_ACCOUNT', { accountId: text.slice(0, 32) });
  return unwrap(id);
};
