/** `setSession` as a command of the engine: its times ascend from now. Which phase may follow which is the engine's to say. */
import type { SetSession } from '#contracts/commands/order-commands.js';
import { plannedPhasesMax } from '#contracts/commands/operator-commands.js';
import type { InstrumentId } from '#contracts/ids/ids.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import { StateReason, TradingPhase } from '#contracts/tape/codes.generated.js';
import { stateReasonOf, tradingPhaseOf } from '../graphql/enum-names.js';
import type { SetSessionInput } from '../graphql.generated.js';
import { parseNanosBehind } from '../market-data/parse-nanos.js';
import { parseWhole } from './whole-number.js';

type Planned = NonNullable<SetSession['plan']>[number];

const planOf = (planned: NonNullable<SetSessionInput['plan']>, fromNanos: bigint): Result<readonly Planned[]> => {
  if (planned.length > plannedPhasesMax)
    return refuse('INVALID_ARGUMENT', { argument: 'plan', value: String(planned.length), limit: String(plannedPhasesMax) });
  const plan: Planned[] = [];
  for (const { phase, at } of planned) {
    const atNanos = parseNanosBehind(plan.at(-1)?.atNanos ?? fromNanos, at, 'plan.at');
    if (!atNanos.ok) return atNanos;
    plan.push({ phase: TradingPhase[tradingPhaseOf[phase]], atNanos: atNanos.value });
  }
  return ok(plan);
};

/** The calendar of a command; 0 where it names an instrument instead. */
const calendarOf = ({ symbol = null, calendarId = null }: SetSessionInput): Result<number> => {
  if ((symbol === null) === (calendarId === null))
    return refuse('INVALID_ARGUMENT', { argument: 'symbol, calendarId', expected: 'one of them' });
  if (calendarId === null) return ok(0);
  const calendar = parseWhole('calendarId', calendarId, { min: 1n });
  return calendar.ok ? ok(Number(calendar.value)) : calendar;
};

export const toSetSession = (
  input: SetSessionInput,
  instrument: { readonly instrumentId: InstrumentId } | null,
  nowNanos: bigint,
): Result<SetSession> => {
  const calendarId = calendarOf(input);
  if (!calendarId.ok) return calendarId;
  const until = input.until === null || input.until === undefined ? ok(0n) : parseNanosBehind(nowNanos, input.until, 'until');
  if (!until.ok) return until;
  const plan = planOf(input.plan ?? [], until.value === 0n ? nowNanos : until.value);
  if (!plan.ok) return plan;
  return ok({
    type: 'SetSession',
    instrumentId: instrument?.instrumentId ?? 0,
    calendarId: calendarId.value,
    phase: TradingPhase[tradingPhaseOf[input.phase]],
    reason: StateReason[stateReasonOf[input.reason ?? 'OPERATOR']],
    untilNanos: until.value,
    ...(plan.value.length === 0 ? {} : { plan: plan.value }),
  });
};
