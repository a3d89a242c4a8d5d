import { describe, expect, it, vi } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import type { CommandPort } from '#contracts/ports/command-gateway.js';
import { refuse, unwrap } from '#contracts/result/result.js';
import type { Identity } from '#platform/identity/identity.js';
import { declaredSessionOf } from './declared-session.js';
import { guardSession } from './session-guard.js';

const session = { accountId: unwrap(parseAccountId(1001)), sessionId: 7 };
const trader: Identity = { name: 'trader-1001', accounts: new Set([1001]), permissions: new Set(['read', 'trade']) };

class FakeCommands implements CommandPort {
  readonly sent: EngineCommand[] = [];
  isFailing = false;

  send(commands: readonly EngineCommand[]): ReturnType<CommandPort['send']> {
    this.sent.push(...commands);
    return this.isFailing ? Promise.reject(new Error('the broker is away')) : Promise.resolve(refuse('BUSY'));
  }
}

describe('a guarded session', () => {
  it('is kept alive while the connection is open, and its orders are cancelled when it ends, once', async () => {
    vi.useFakeTimers();
    try {
      const commands = new FakeCommands();
      const guard = guardSession(commands, session, { withinMs: 9_000, clock: { nowNanos: () => 5_000_000_000n } });
      vi.advanceTimersByTime(6_100);
      expect(commands.sent).toEqual(Array.from({ length: 3 }, () => ({ type: 'KeepAlive', ...session, deadlineNanos: 14_000_000_000n })));
      await guard.release();
      await guard.release();
      vi.advanceTimersByTime(60_000);
      expect(commands.sent.slice(3)).toEqual([{ type: 'CancelAllOrders', accountId: 1001, instrumentId: 0, side: 0, sessionFilter: 7 }]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends without a fault when the writer cannot be reached: the switch fires by itself', async () => {
    const commands = new FakeCommands();
    commands.isFailing = true;
    await expect(guardSession(commands, session, { withinMs: 1_000 }).release()).resolves.toBeUndefined();
  });
});

describe('what a connection declares', () => {
  it.each<[string, unknown, string | null]>([
    ['nothing', undefined, null],
    ['a session of its account', { accountId: '1001', sessionId: '7' }, null],
    ["somebody else's account", { accountId: '1002', sessionId: '7' }, 'ACCOUNT_NOT_YOURS'],
    ['no session', { accountId: '1001', sessionId: '0' }, 'INVALID_ARGUMENT'],
    ['too short a silence', { accountId: '1001', sessionId: '7', withinMs: 10 }, 'INVALID_ARGUMENT'],
    ['text', 'yes', 'INVALID_ARGUMENT'],
  ])('%s', (_what, value, code) => {
    const declared = declaredSessionOf(value, trader);
    expect(declared.ok ? null : declared.problem.code).toBe(code);
  });
  it('is silent for ten seconds at most unless it says otherwise', () => {
    expect(declaredSessionOf({ accountId: '1001', sessionId: '7' }, trader)).toEqual({ ok: true, value: { ...session, withinMs: 10_000 } });
  });
});
