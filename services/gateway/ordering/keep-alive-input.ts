import type { KeepAlive } from '#contracts/commands/order-commands.js';
import type { AccountId } from '#contracts/ids/ids.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import type { KeepAliveInput } from '../graphql.generated.js';
import { parseNanosBehind } from '../market-data/parse-nanos.js';
import { parseSessionId } from './place-order-input.js';

/** Longest time that a client may stay silent: an hour. */
const withinMsMax = 3_600_000;

const deadlineOf = ({ deadline = null, withinMs = null }: KeepAliveInput, nowNanos: bigint): Result<bigint> => {
  if ((deadline === null) === (withinMs === null))
    return refuse('INVALID_ARGUMENT', { argument: 'deadline, withinMs', expected: 'one of them' });
  // A deadline of the past is a mistake and no switch that is off, even the epoch, which would be its number.
  if (deadline !== null) return parseNanosBehind(nowNanos, deadline, 'deadline');
  const ms = withinMs ?? 0;
  if (ms < 0 || ms > withinMsMax)
    return refuse('INVALID_ARGUMENT', { argument: 'withinMs', value: String(ms), expected: `0 to ${withinMsMax}` });
  return ok(ms === 0 ? 0n : nowNanos + BigInt(ms) * 1_000_000n);
};

/** The dead-man switch of a session as a command; `nowNanos` is the wall clock, which the writer stamps commands with. */
export const toKeepAlive = (input: KeepAliveInput, accountId: AccountId, nowNanos: bigint): Result<KeepAlive> => {
  const session = parseSessionId(input.sessionId);
  if (!session.ok) return session;
  const deadline = deadlineOf(input, nowNanos);
  if (!deadline.ok) return deadline;
  return ok({ type: 'KeepAlive', accountId, sessionId: session.value, deadlineNanos: deadline.value });
};
