import { describe, expect, it } from 'vitest';
import { parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { toOperatorCommand, type OperatedInstrument, type OperatorAction } from './operator-input.js';

/** 2026-06-01T12:00:00Z */
const nowNanos = 1_780_315_200_000_000_000n;
const scale = { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 0, moneyExponent: 8 };
const nova: OperatedInstrument = {
  instrumentId: unwrap(parseInstrumentId(1)),
  scale,
  settlementScale: scale,
  isDerivative: false,
};
const future: OperatedInstrument = { ...nova, instrumentId: unwrap(parseInstrumentId(9)), isDerivative: true };

type Input = Readonly<Record<string, unknown>>;
/** As GraphQL hands an input over, which has been held to the schema; a symbol names NOVA, FUT1 the future. */
const commandOf = (type: OperatorAction['type'], input: Input) => {
  const instrument = input['symbol'] === undefined ? null : input['symbol'] === 'FUT1' ? future : nova;
  return toOperatorCommand({ type, input } as unknown as OperatorAction, instrument, nowNanos);
};

type Row = readonly [Input, Input];
const refusals =
  (type: OperatorAction['type'], code: ErrorCode = 'INVALID_ARGUMENT') =>
  (input: Input, details: Input): void => {
    expect(commandOf(type, input)).toEqual({ ok: false, problem: { code, details } });
  };

describe('a scope and its target', () => {
  const halt = { state: 'HALTED' };
  const move = { rule: 'PRICE_MOVE', threshold: '1', windowMs: '1', resultingState: 'HALTED' };
  const limits = { version: 1, maxOpenOrders: 1 };

  it.each<[OperatorAction['type'], Input, object]>([
    ['setTradingState', { scope: 'GLOBAL', ...halt }, { targetId: 0, scope: 4 }],
    ['setTradingState', { scope: 'INSTRUMENT', symbol: 'NOVA', ...halt }, { targetId: 1, scope: 1 }],
    ['setTradingState', { scope: 'ACCOUNT', accountId: '1001', symbol: null, ...halt }, { targetId: 1001, scope: 2 }],
    ['setTradingState', { scope: 'GROUP', groupId: '7', ...halt }, { targetId: 7, scope: 3 }],
    ['setRiskLimits', { scope: 'ACCOUNT', accountId: '1001', symbol: 'NOVA', ...limits }, { targetId: 1001, instrumentId: 1 }],
    ['setRiskLimits', { scope: 'GLOBAL', ...limits }, { targetId: 0, instrumentId: 0 }],
    ['setTripRule', { scope: 'INSTRUMENT', symbol: 'NOVA', ...move }, { targetId: 1 }],
    ['setRestriction', { symbol: 'NOVA', accountId: '1001', restriction: 'NO_BUY', version: 1 }, { accountId: 1001, instrumentId: 1 }],
    ['setSession', { calendarId: '7', phase: 'CLOSED' }, { calendarId: 7, instrumentId: 0 }],
  ])('%s %j', (type, input, command) => expect(commandOf(type, input)).toMatchObject({ ok: true, value: command }));

  it.each<[OperatorAction['type'], Input, string, string, string]>([
    ['setTradingState', { scope: 'GLOBAL', symbol: 'NOVA', ...halt }, 'symbol', 'NOVA', 'the scope GLOBAL takes no target'],
    ['setTradingState', { scope: 'GLOBAL', accountId: '1001', ...halt }, 'accountId', '1001', 'the scope GLOBAL takes no target'],
    ['setTradingState', { scope: 'GLOBAL', groupId: '7', ...halt }, 'groupId', '7', 'the scope GLOBAL takes no target'],
    [
      'setTradingState',
      { scope: 'ACCOUNT', accountId: '1001', symbol: 'NOVA', ...halt },
      'symbol',
      'NOVA',
      'the scope ACCOUNT takes accountId',
    ],
    [
      'setTradingState',
      { scope: 'INSTRUMENT', symbol: 'NOVA', groupId: '7', ...halt },
      'groupId',
      '7',
      'the scope INSTRUMENT takes symbol',
    ],
    ['setTradingState', { scope: 'GROUP', groupId: '7', accountId: '1', ...halt }, 'accountId', '1', 'the scope GROUP takes groupId'],
    ['setRiskLimits', { scope: 'GLOBAL', accountId: '1001', ...limits }, 'accountId', '1001', 'the scope GLOBAL takes no target'],
    [
      'setRiskLimits',
      { scope: 'INSTRUMENT', symbol: 'NOVA', groupId: '7', ...limits },
      'groupId',
      '7',
      'the scope INSTRUMENT takes symbol',
    ],
    [
      'setTripRule',
      { scope: 'INSTRUMENT', symbol: 'NOVA', accountId: '1', ...move },
      'accountId',
      '1',
      'the scope INSTRUMENT takes symbol',
    ],
  ])('%s %j is refused: the target is of another scope', (type, input, argument, value, expected) => {
    refusals(type)(input, { argument, value, expected: `nothing: ${expected}` });
  });

  it.each<[OperatorAction['type'], Input, Input]>([
    ['setTradingState', { scope: 'INSTRUMENT', ...halt }, { argument: 'symbol', expected: 'a value: the scope needs it' }],
    ['setTradingState', { scope: 'GROUP', groupId: '0', ...halt }, { argument: 'groupId', value: '0', expected: '1 to 4294967295' }],
    [
      'setTradingState',
      { scope: 'GLOBAL', state: 'ACTIVE', cancelOrders: true },
      { argument: 'cancelOrders', value: 'true', expected: 'state HALTED beside it' },
    ],
    ['setSession', { symbol: 'NOVA', calendarId: '7', phase: 'CLOSED' }, { argument: 'symbol, calendarId', expected: 'one of them' }],
    ['setSession', { symbol: 'NOVA', calendarId: '0', phase: 'CLOSED' }, { argument: 'symbol, calendarId', expected: 'one of them' }],
    ['setSession', { phase: 'CLOSED' }, { argument: 'symbol, calendarId', expected: 'one of them' }],
    ['setSession', { calendarId: '0', phase: 'CLOSED' }, { argument: 'calendarId', value: '0', expected: '1 to 4294967295' }],
  ])('%s %j is refused', (type, input, details) => refusals(type)(input, details));
});

describe('setRiskLimits', () => {
  const set = (limits: Input): Input => ({ scope: 'ACCOUNT', accountId: '1001', symbol: 'NOVA', version: 3, ...limits });

  it('takes every limit in the unit of the engine', () => {
    const limits = {
      ...{ maxOrderQuantity: '5', maxPosition: '6', maxOrderNotional: '7', maxGrossExposure: '8', maxNetExposure: '9' },
      ...{
        maxDailyLoss: '10',
        maxOpenOrders: 11,
        ordersPerSecond: 12,
        burstOrders: 13,
        collarPpm: 14,
        fatFingerPpm: 15,
        maxPriceAgeMs: 16,
      },
    };
    expect(commandOf('setRiskLimits', set(limits))).toMatchObject({
      value: {
        version: 3,
        bounds: {
          ...{ maxOrderQuantityLots: 5n, maxPositionLots: 6n, maxOrderNotionalUnits: 700_000_000n, maxGrossUnits: 800_000_000n },
          ...{ maxNetUnits: 900_000_000n, maxDailyLossUnits: 1_000_000_000n, maxOpenOrders: 11, ordersPerSecond: 12, burstOrders: 13 },
          ...{ collarPpm: 14, fatFingerPpm: 15, maxPriceAgeMs: 16 },
        },
      },
    });
  });

  it('has no limit where it names none', () => {
    expect(commandOf('setRiskLimits', set({ maxOpenOrders: null }))).toMatchObject({ ok: true, value: { bounds: {} } });
  });

  const amounts = ['maxOrderNotional', 'maxGrossExposure', 'maxNetExposure', 'maxDailyLoss'];
  const quantities = ['maxOrderQuantity', 'maxPosition'];
  const counts = ['maxOpenOrders', 'ordersPerSecond', 'burstOrders', 'collarPpm', 'fatFingerPpm', 'maxPriceAgeMs'];
  it.each<[ErrorCode, string, unknown]>([
    ...amounts.flatMap((name) => ['0', '-5'].map((value): [ErrorCode, string, unknown] => ['AMOUNT_NOT_POSITIVE', name, value])),
    ...amounts.map((name): [ErrorCode, string, unknown] => ['MALFORMED_DECIMAL', name, '1e3']),
    ...amounts.map((name): [ErrorCode, string, unknown] => ['AMOUNT_OFF_UNIT', name, '0.000000001']),
    ...quantities.flatMap((name) => ['0', '-5'].map((value): [ErrorCode, string, unknown] => ['QUANTITY_NOT_POSITIVE', name, value])),
    ...quantities.map((name): [ErrorCode, string, unknown] => ['QUANTITY_OFF_LOT', name, '1.5']),
    ...counts.flatMap((name) => [0, -5].map((value): [ErrorCode, string, unknown] => ['INVALID_ARGUMENT', name, value])),
    ['INVALID_ARGUMENT', 'version', 0],
    ['INVALID_ARGUMENT', 'burstOrders', 5],
  ])('%s names %s for %j', (code, argument, value) => {
    expect(commandOf('setRiskLimits', set({ [argument]: value }))).toMatchObject({
      ok: false,
      problem: { code, details: { argument, value: String(value) } },
    });
  });

  it.each<Row>([
    [set({ maxOpenOrders: 0 }), { argument: 'maxOpenOrders', value: '0', expected: '1 or more, or nothing where there is no limit' }],
    [
      { ...set({}), symbol: undefined, maxPosition: '5' },
      { argument: 'symbol', expected: 'an instrument: maxPosition counts its lots' },
    ],
    [
      { scope: 'GLOBAL', version: 1, maxDailyLoss: '5' },
      { argument: 'maxDailyLoss', value: '5', expected: 'nothing: scope is GLOBAL, not ACCOUNT or GROUP' },
    ],
  ])('%j is refused', (input, details) => refusals('setRiskLimits')(input, details));
});

describe('setTripRule', () => {
  const move = { scope: 'INSTRUMENT', symbol: 'NOVA', rule: 'PRICE_MOVE', threshold: '20000', windowMs: '60000' };
  const loss = { scope: 'ACCOUNT', accountId: '1001', rule: 'LOSS', threshold: '50', resultingState: 'HALTED' };

  it.each<[Input, object]>([
    [
      { ...move, resultingState: 'HALTED' },
      { resultingState: 3, windowNanos: 60_000_000_000n, threshold: 20_000n },
    ],
    [
      { ...move, resultingPhase: 'VOLATILITY_AUCTION', phaseMs: '4000' },
      { resultingState: 0, resultingPhase: 5, phaseNanos: 4_000_000_000n },
    ],
    [
      { ...move, threshold: '0', windowMs: undefined },
      { threshold: 0n, windowNanos: 0n },
    ],
    [loss, { threshold: 5_000_000_000n, windowNanos: 0n }],
    [{ ...loss, windowMs: '86400000' }, { windowNanos: 86_400_000_000_000n }],
  ])('%j', (input, command) => expect(commandOf('setTripRule', input)).toMatchObject({ ok: true, value: command }));

  it.each<Row>([
    [
      { ...move, scope: 'ACCOUNT', symbol: undefined, accountId: '1001' },
      { argument: 'scope', value: 'ACCOUNT', expected: 'INSTRUMENT: the rule is PRICE_MOVE' },
    ],
    [
      { ...loss, scope: 'GLOBAL' },
      { argument: 'scope', value: 'GLOBAL', expected: 'ACCOUNT or GROUP: the rule is LOSS' },
    ],
    [
      { ...loss, rule: 'REJECT_RATE', scope: 'GROUP' },
      { argument: 'scope', value: 'GROUP', expected: 'ACCOUNT: the rule is REJECT_RATE' },
    ],
    [
      { ...move, threshold: '1.5' },
      { argument: 'threshold', value: '1.5', expected: '0 to 4294967295' },
    ],
    [
      { ...loss, threshold: '-1' },
      { argument: 'threshold', value: '-1', expected: 'an amount of 0 or more' },
    ],
    [
      { ...move, windowMs: undefined },
      { argument: 'windowMs', value: '0', expected: '1 or more: the rule looks back that far' },
    ],
    [
      { ...loss, windowMs: '1000' },
      { argument: 'windowMs', value: '1000', expected: '0 or 86400000: a loss is that of the day' },
    ],
    [move, { argument: 'resultingState', value: 'none', expected: 'REDUCE_ONLY or HALTED' }],
    [
      { ...loss, resultingState: 'ACTIVE' },
      { argument: 'resultingState', value: 'ACTIVE', expected: 'REDUCE_ONLY or HALTED' },
    ],
    [
      { ...move, resultingPhase: 'CLOSED' },
      { argument: 'resultingPhase', value: 'CLOSED', expected: 'VOLATILITY_AUCTION' },
    ],
    [
      { ...loss, resultingPhase: 'VOLATILITY_AUCTION' },
      { argument: 'resultingPhase', value: 'VOLATILITY_AUCTION', expected: 'nothing: LOSS leads to a state' },
    ],
  ])('%j is refused', (input, details) => refusals('setTripRule')(input, details));
});

describe('setSession', () => {
  const session = { symbol: 'NOVA', phase: 'PRE_OPEN' };
  const at = (phase: string, time: string): Input => ({ phase, at: time });

  it('carries a plan whose times ascend from its end', () => {
    const plan = [at('CONTINUOUS', '2026-06-01T14:00:00Z'), at('CLOSED', '2026-06-01T20:00:00Z')];
    expect(commandOf('setSession', { ...session, until: '2026-06-01T13:00:00Z', plan })).toMatchObject({
      ok: true,
      value: { untilNanos: nowNanos + 3_600_000_000_000n, plan: [{ phase: 4 }, { phase: 1 }] },
    });
  });

  it.each<Row>([
    [
      { ...session, until: '2026-06-01T12:00:00Z' },
      { argument: 'until', value: '2026-06-01T12:00:00Z', expected: 'a time behind 2026-06-01T12:00:00.000Z' },
    ],
    [
      { ...session, until: '1970-01-01T00:00:00Z' },
      { argument: 'until', value: '1970-01-01T00:00:00Z', expected: 'a time behind 2026-06-01T12:00:00.000Z' },
    ],
    [
      { ...session, plan: [at('CONTINUOUS', '2026-06-01T11:00:00Z')] },
      { argument: 'plan.at', value: '2026-06-01T11:00:00Z', expected: 'a time behind 2026-06-01T12:00:00.000Z' },
    ],
    [
      { ...session, until: '2026-06-01T14:00:00Z', plan: [at('CONTINUOUS', '2026-06-01T13:00:00Z')] },
      { argument: 'plan.at', value: '2026-06-01T13:00:00Z', expected: 'a time behind 2026-06-01T14:00:00.000Z' },
    ],
    [
      { ...session, plan: [at('CONTINUOUS', '2026-06-01T14:00:00Z'), at('CLOSED', '2026-06-01T14:00:00Z')] },
      { argument: 'plan.at', value: '2026-06-01T14:00:00Z', expected: 'a time behind 2026-06-01T14:00:00.000Z' },
    ],
    [
      { ...session, plan: Array.from({ length: 10 }, () => at('CLOSED', '2026-06-01T14:00:00Z')) },
      { argument: 'plan', value: '10', limit: '9' },
    ],
  ])('%j is refused', (input, details) => refusals('setSession')(input, details));
});

describe('prices that operators set', () => {
  it('a future settles at a price of its own', () => {
    expect(commandOf('settleInstrument', { symbol: 'FUT1', settlementPrice: '105' })).toMatchObject({
      ok: true,
      value: { instrumentId: 9, settlementPriceTicks: 10_500n },
    });
  });

  it('nothing but a derivative settles', () =>
    refusals('settleInstrument')(
      { symbol: 'NOVA', settlementPrice: '105' },
      { argument: 'symbol', value: 'NOVA', expected: 'a future or an option: nothing else settles' },
    ));

  it.each<[OperatorAction['type'], Input, ErrorCode, string]>([
    ['settleInstrument', { symbol: 'FUT1', settlementPrice: '0' }, 'PRICE_NOT_POSITIVE', 'settlementPrice'],
    ['settleInstrument', { symbol: 'FUT1', settlementPrice: '1.005' }, 'PRICE_OFF_TICK', 'settlementPrice'],
    ['setReferencePrice', { symbol: 'NOVA', price: 'x', purpose: 'MARK' }, 'MALFORMED_DECIMAL', 'price'],
  ])('%s %j is %s of %s', (type, input, code, argument) => {
    expect(commandOf(type, input)).toMatchObject({ ok: false, problem: { code, details: { argument } } });
  });
});
