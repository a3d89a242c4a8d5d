import { describe, expect, it } from 'vitest';
import type { Identity } from '#platform/identity/identity.js';
import { closeReasonOf, declaredSessionOf } from './declared-session.js';

const identity: Identity = { name: 'trader-1001', accounts: new Set([1001]), permissions: new Set(['read', 'trade']) };
const good = { accountId: '1001', sessionId: '7', withinMs: 10_000 };

describe('the session that a connection declares', () => {
  it.each<[unknown, object | null]>([
    [undefined, null],
    [null, null],
    [good, { accountId: 1001, sessionId: 7, withinMs: 10_000 }],
    [
      { ...good, withinMs: undefined },
      { accountId: 1001, sessionId: 7, withinMs: 10_000 },
    ],
    [
      { ...good, withinMs: 1_000 },
      { accountId: 1001, sessionId: 7, withinMs: 1_000 },
    ],
    [
      { ...good, withinMs: 600_000 },
      { accountId: 1001, sessionId: 7, withinMs: 600_000 },
    ],
  ])('%j', (value, session) => expect(declaredSessionOf(value, identity)).toEqual({ ok: true, value: session }));

  const ranges = { withinMs: '1000 to 600000', sessionId: '1 to 4294967295, as text', accountId: 'the number of an account, as text' };
  it.each<[unknown, string, string]>([
    [{ ...good, withinMs: 999 }, '.withinMs', ranges.withinMs],
    [{ ...good, withinMs: 600_001 }, '.withinMs', ranges.withinMs],
    [{ ...good, withinMs: 1_000.5 }, '.withinMs', ranges.withinMs],
    [{ ...good, withinMs: '10000' }, '.withinMs', ranges.withinMs],
    [{ ...good, sessionId: 7 }, '.sessionId', ranges.sessionId],
    [{ ...good, sessionId: '0' }, '.sessionId', ranges.sessionId],
    [{ ...good, sessionId: '4294967296' }, '.sessionId', ranges.sessionId],
    [{ accountId: '1001' }, '.sessionId', ranges.sessionId],
    [{ ...good, accountId: 'x' }, '.accountId', ranges.accountId],
    [{ ...good, more: 1 }, '', '{ accountId, sessionId, withinMs }'],
    ['7', '', '{ accountId, sessionId, withinMs }'],
  ])('%j closes the connection with what is expected', (value, field, expected) => {
    const declared = declaredSessionOf(value, identity);
    if (declared.ok) throw new Error('a session that means nothing was taken');
    const reason = closeReasonOf(declared.problem);
    expect(reason).toBe(`INVALID_ARGUMENT (1002): connectionParams.cancelOnDisconnect${field}: ${expected}`);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123); // what a close frame holds
  });

  it('somebody else’s account closes it too', () => {
    const declared = declaredSessionOf({ ...good, accountId: '1002' }, identity);
    if (declared.ok) throw new Error('the account of somebody else was taken');
    expect(closeReasonOf(declared.problem)).toBe('ACCOUNT_NOT_YOURS (4004): connectionParams.cancelOnDisconnect.accountId');
  });
});
