import { describe, expect, it } from 'vitest';
import { parseAccountId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import type { KeepAliveInput } from '../graphql.generated.js';
import { toKeepAlive } from './keep-alive-input.js';

const account = unwrap(parseAccountId(1001));
/** 2026-06-01T12:00:00Z */
const nowNanos = 1_780_315_200_000_000_000n;
const kept = (change: Partial<KeepAliveInput>) => toKeepAlive({ accountId: '1001', sessionId: '7', ...change }, account, nowNanos);

describe('keepAlive as a command', () => {
  it.each<[Partial<KeepAliveInput>, bigint]>([
    [{ withinMs: 5_000 }, nowNanos + 5_000_000_000n],
    [{ withinMs: 0 }, 0n],
    [{ deadline: '2026-06-01T12:00:00.000000001Z' }, nowNanos + 1n],
  ])('%j', (change, deadlineNanos) => {
    expect(kept(change)).toEqual({ ok: true, value: { type: 'KeepAlive', accountId: 1001, sessionId: 7, deadlineNanos } });
  });

  const ahead = 'a time behind 2026-06-01T12:00:00.000Z';
  it.each<[Partial<KeepAliveInput>, object]>([
    [{}, { argument: 'deadline, withinMs', expected: 'one of them' }],
    [
      { withinMs: 1, deadline: '2027-01-01T00:00:00Z' },
      { argument: 'deadline, withinMs', expected: 'one of them' },
    ],
    [{ withinMs: -1 }, { argument: 'withinMs', value: '-1', expected: '0 to 3600000' }],
    [{ withinMs: 3_600_001 }, { argument: 'withinMs', value: '3600001', expected: '0 to 3600000' }],
    [{ deadline: '2026-06-01T12:00:00Z' }, { argument: 'deadline', value: '2026-06-01T12:00:00Z', expected: ahead }],
    [{ deadline: '1970-01-01T00:00:00Z' }, { argument: 'deadline', value: '1970-01-01T00:00:00Z', expected: ahead }],
  ])('%j is refused', (change, details) => {
    expect(kept(change)).toEqual({ ok: false, problem: { code: 'INVALID_ARGUMENT', details } });
  });
});
