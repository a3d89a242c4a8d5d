import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { parseAccountId, parseInstrumentId, parseOrderId } from '#contracts/ids/ids.js';
import { ok, unwrap } from '#contracts/result/result.js';
import { errorTable, OrderType, Side, StateReason, TimeInForce, TradingPhase, type ErrorCode } from '#contracts/tape/codes.generated.js';
import type { AnswerRecord } from '#contracts/tape/layout.generated.js';
import { withNamedRefusal } from './engine-refusal.js';
import { orderAckOf } from './order-answer.js';

const terms = {
  scale: { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 1, moneyExponent: 8 },
  unitsPerTickLot: 100_000n,
};
/** 2026-06-01T12:00:00Z, and an hour before. */
const nowNanos = 1_780_315_200_000_000_000n;
const pastNanos = nowNanos - 3_600_000_000_000n;
const [now, past] = ['2026-06-01T12:00:00.000Z', '2026-06-01T11:00:00.000Z'];

const accountId = unwrap(parseAccountId(1001));
const instrumentId = unwrap(parseInstrumentId(1));
const dated: EngineCommand = {
  ...{ type: 'PlaceOrder', accountId, instrumentId, side: Side.Buy, orderType: OrderType.Limit, timeInForce: TimeInForce.GoodTillDate },
  ...{ priceTicks: 100n, quantityLots: 10n, instructions: 0, terms: { expireTimeNanos: pastNanos } },
};
const session: EngineCommand = {
  ...{ type: 'SetSession', instrumentId, calendarId: 0, phase: TradingPhase.PreOpen, reason: StateReason.Operator },
  ...{ untilNanos: pastNanos, plan: [{ phase: TradingPhase.Continuous, atNanos: pastNanos + 1n }] },
};
const amend: EngineCommand = {
  type: 'AmendOrder',
  accountId,
  instrumentId,
  target: { orderId: unwrap(parseOrderId('5')) },
  displayQuantityLots: 1n,
};

const ackOf = (command: EngineCommand, code: ErrorCode, observed: bigint, limit: bigint) => {
  const answer: AnswerRecord = {
    ...{ commandNumber: 42n, orderId: 0n, leavesQuantityLots: 0n, cumQuantityLots: 0n, cumNotionalUnits: 0n, observed, limit },
    ...{ code: errorTable[code].number, orderStatus: 8, execType: 8, flags: 0, commandKind: 1, commandIndex: 0 },
  };
  const outcome = { shard: 0, epoch: 1n, firstCommandNumber: 42n, lastCommandNumber: 42n, ackLevel: 2, answers: [answer] };
  const frame = { clientOrderId: 'mine', ackLevel: 'DURABLE', position: '' } as const;
  return withNamedRefusal(orderAckOf(ok(outcome), frame, { terms, isEntry: true }), command, answer, terms.scale).refusal;
};

describe('refusals of the engine', () => {
  it.each<[EngineCommand, bigint, bigint, string, string, string]>([
    [dated, pastNanos, nowNanos, past, now, `argument=expireTime value=${past} expected=a time behind ${now}`],
    [
      { ...dated, terms: {} },
      ...([0n, nowNanos, '1970-01-01T00:00:00.000Z', now] as const),
      `argument=expireTime value=1970-01-01T00:00:00.000Z expected=a time behind ${now}`,
    ],
    [
      { type: 'KeepAlive', accountId, sessionId: 7, deadlineNanos: pastNanos },
      ...([pastNanos, nowNanos, past, now] as const),
      `argument=deadline value=${past} expected=a time behind ${now}`,
    ],
    [session, pastNanos, nowNanos, past, now, `argument=until value=${past} expected=a time behind ${now}`],
    [
      session,
      ...([pastNanos + 1n, nowNanos, '2026-06-01T11:00:00.000000001Z', now] as const),
      `argument=plan.at value=2026-06-01T11:00:00.000000001Z expected=a time behind ${now}`,
    ],
    [amend, 1n, 20n, '0.1', '2', 'argument=displayQuantity value=0.1 expected=at least 2'],
  ])('%# of an argument name it', (command, observed, limit, seen, bound, details) => {
    expect(ackOf(command, 'INVALID_ARGUMENT', observed, limit)).toMatchObject({
      ...{ code: 'INVALID_ARGUMENT', number: 1002, observed: seen, limit: bound },
      message: `${errorTable.INVALID_ARGUMENT.message} [${details}]`,
    });
  });

  it.each<[EngineCommand, bigint, string, string]>([
    [{ ...dated, timeInForce: TimeInForce.AtTheOpening }, 4n, 'CONTINUOUS', 'phase=CONTINUOUS timeInForce=OPG'],
    [dated, 1n, 'CLOSED', 'phase=CLOSED timeInForce=GTD'],
    [amend, 7n, 'POST_CLOSE', 'phase=POST_CLOSE'],
  ])('%# of a phase name it, and the time in force of an order', (command, phase, observed, details) => {
    expect(ackOf(command, 'MARKET_CLOSED', phase, 0n)).toMatchObject({
      ...{ code: 'MARKET_CLOSED', observed, limit: null },
      message: `${errorTable.MARKET_CLOSED.message} [${details}]`,
    });
  });

  it('of a settlement at another price name the one that it was settled at', () => {
    expect(
      ackOf({ type: 'SettleInstrument', instrumentId, settlementPriceTicks: 11_000n }, 'INSTRUMENT_EXPIRED', 11_000n, 10_500n),
    ).toMatchObject({
      ...{ code: 'INSTRUMENT_EXPIRED', observed: '110', limit: '105' },
      message: expect.stringContaining('[argument=settlementPrice value=110 expected=105, at which it was settled]') as string,
    });
  });

  it('whose numbers are of no argument of the command stay as they are', () => {
    expect(ackOf(dated, 'INVALID_ARGUMENT', 0n, 0n)).toMatchObject({ message: errorTable.INVALID_ARGUMENT.message, observed: null });
    expect(ackOf(dated, 'MAX_ORDER_QUANTITY', 25n, 10n)).toMatchObject({ observed: '2.5', limit: '1' });
    expect(ackOf(session, 'INVALID_SESSION_CHANGE', 5n, 7n)).toMatchObject({ observed: 'VOLATILITY_AUCTION', limit: 'POST_CLOSE' });
  });
});
