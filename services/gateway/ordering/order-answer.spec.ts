import { describe, expect, it } from 'vitest';
import type { OrderTarget } from '#contracts/commands/order-commands.js';
import { parseClientOrderId, parseOrderId } from '#contracts/ids/ids.js';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import { formatPosition, parsePosition, tapePosition } from '#contracts/position/position.js';
import { ok, refuse, unwrap } from '#contracts/result/result.js';
import { AnswerFlag, errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';
import type { AnswerRecord } from '#contracts/tape/layout.generated.js';
import { averagePriceOf, cancelAllAckOf, cashAckOf, orderAckOf, refusalOf } from './order-answer.js';

/** NOVA of the demo: tick 0.01, lot 1. */
const terms = {
  scale: { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 0, moneyExponent: 8 },
  unitsPerTickLot: 1_000_000n,
};
const frame = { clientOrderId: 'mine', ackLevel: 'DURABLE', position: formatPosition(tapePosition(0, 5n)) } as const;
const accepted: AnswerRecord = {
  commandNumber: 42n,
  orderId: 42n,
  leavesQuantityLots: 7n,
  cumQuantityLots: 3n,
  cumNotionalUnits: 3n * 18_240_000_000n,
  observed: 0n,
  limit: 0n,
  code: 0,
  orderStatus: 2,
  execType: 1,
  flags: 0,
  commandKind: 1,
  commandIndex: 0,
};
const outcome = (answer: Partial<AnswerRecord> = {}): BatchOutcome => ({
  shard: 0,
  epoch: 1n,
  firstCommandNumber: 42n,
  lastCommandNumber: 42n,
  ackLevel: 2,
  answers: [{ ...accepted, ...answer }],
});

describe('the acknowledgement of an order', () => {
  it('says what became of it and where that stands on the tape', () => {
    const ack = orderAckOf(ok(outcome()), frame, { terms, isEntry: true });
    expect(ack).toEqual({
      orderId: '42',
      clientOrderId: 'mine',
      orderStatus: 'PARTIALLY_FILLED',
      leavesQuantity: '7',
      cumQuantity: '3',
      averagePrice: '182.4',
      duplicate: false,
      ackLevel: 'DURABLE',
      position: formatPosition(tapePosition(0, 42n)),
      refusal: null,
    });
  });

  const refused = (code: ErrorCode, change: Partial<AnswerRecord> = {}) =>
    ok(outcome({ code: errorTable[code].number, orderId: 0n, ...change }));

  it('of a refused order has the id that it is on record under, again when it is repeated', () => {
    const repeated = refused('INSUFFICIENT_BUYING_POWER', { flags: AnswerFlag.Duplicate });
    expect(orderAckOf(repeated, frame, { terms, isEntry: true })).toMatchObject({
      ...{ orderId: '42', orderStatus: 'REJECTED', duplicate: true },
      refusal: { otherOrderId: null },
    });
  });

  it.each<[string, ErrorCode]>([
    ['the order that is live under its client order id', 'DUPLICATE_CLIENT_ORDER_ID'],
    ['the entry of its list, which lacks cash', 'INSUFFICIENT_BUYING_POWER'],
  ])('of an order that is refused for %s has its own id, and the refusal names the other', (_what, code) => {
    const ack = orderAckOf(refused(code, { orderId: 40n }), frame, { terms, isEntry: true });
    expect(ack).toMatchObject({ orderId: '42', orderStatus: 'REJECTED', refusal: { code, otherOrderId: '40' } });
    expect(ack.refusal?.message).toContain('[otherOrderId=40]');
  });

  it.each<[string, ErrorCode, bigint, OrderTarget, string | null, string | null]>([
    ['that may not be changed so', 'QUANTITY_BELOW_FILLED', 40n, { orderId: unwrap(parseOrderId('40')) }, '40', null],
    ['that is not there', 'UNKNOWN_ORDER', 0n, { orderId: unwrap(parseOrderId('41')) }, null, null],
    ['under the client order id of another command', 'DUPLICATE_CLIENT_ORDER_ID', 40n, { orderId: unwrap(parseOrderId('41')) }, '41', '40'],
    ['by name, under the same', 'DUPLICATE_CLIENT_ORDER_ID', 40n, { origClientOrderId: unwrap(parseClientOrderId('mine')) }, null, '40'],
  ])('of an amend of an order %s has the order that it names', (_what, code, answered, target, orderId, otherOrderId) => {
    const ack = orderAckOf(refused(code, { orderId: answered }), frame, { terms, isEntry: false, target });
    expect(ack).toMatchObject({ orderId, refusal: { code, otherOrderId } });
  });

  it('marks a repeated answer and the level that was reached', () => {
    const ack = orderAckOf(ok({ ...outcome({ flags: AnswerFlag.Duplicate }), ackLevel: 1 }), frame, { terms, isEntry: true });
    expect(ack).toMatchObject({ duplicate: true, ackLevel: 'ENGINE' });
  });

  const number = (code: ErrorCode): number => errorTable[code].number;
  it.each<[ErrorCode, bigint, bigint, string | null, string | null]>([
    ['INSUFFICIENT_BUYING_POWER', 1_250_000_000n, 100_000_000n, '12.5', '1'],
    ['INSUFFICIENT_POSITION', 10n, 3n, '10', '3'],
    ['PRICE_OUTSIDE_COLLAR', 18_240n, 20_000n, '182.4', '200'],
    ['MAX_ORDER_QUANTITY', 200_000n, 100_000n, '200000', '100000'],
    ['MAX_OPEN_ORDERS', 101n, 100n, '101', '100'],
    ['INSTRUMENT_HALTED', 0n, 0n, null, null],
  ])('shows %s with its numbers in the unit of the rule', (code, observed, limit, shownObserved, shownLimit) => {
    const ack = orderAckOf(ok(outcome({ code: number(code), orderId: 0n, observed, limit })), frame, { terms, isEntry: true });
    expect(ack).toMatchObject({
      orderId: '42',
      orderStatus: 'REJECTED',
      leavesQuantity: null,
      position: formatPosition(tapePosition(0, 42n)),
    });
    expect(ack.refusal).toMatchObject({
      code,
      number: number(code),
      observed: shownObserved,
      limit: shownLimit,
      retryable: errorTable[code].retryable,
    });
  });

  it.each<[ErrorCode, string]>([
    ['UNKNOWN_OUTCOME', 'PENDING_NEW'],
    ['TIMED_OUT', 'PENDING_NEW'],
    ['BUSY', 'REJECTED'],
    ['NOT_LEADER', 'REJECTED'],
  ])('of a batch that ended as %s has status %s, the id to ask again with, and the position of the gateway', (code, orderStatus) => {
    const ack = orderAckOf(refuse(code), frame, { terms, isEntry: true });
    expect(ack).toMatchObject({ orderStatus, clientOrderId: 'mine', position: frame.position, refusal: { code, retryable: true } });
  });

  it('is UNKNOWN_OUTCOME when the batch was answered without its command', () => {
    expect(orderAckOf(ok({ ...outcome(), answers: [] }), frame, { terms, isEntry: true }).refusal?.code).toBe('UNKNOWN_OUTCOME');
  });

  it('of an amend tells no average, because the answer counts the fills of the amend alone', () => {
    expect(orderAckOf(ok(outcome()), frame, { terms, isEntry: false }).averagePrice).toBeNull();
    expect(orderAckOf(refuse('TIMED_OUT'), frame, { terms, isEntry: false }).orderStatus).toBeNull();
  });

  it('with a code of a later release is INTERNAL and names the number', () => {
    const { refusal } = orderAckOf(ok(outcome({ code: 7_777 })), frame, { terms, isEntry: true });
    expect(refusal?.code).toBe('INTERNAL');
    expect(refusal?.message).toContain('7777');
  });
});

describe('averagePriceOf', () => {
  it.each([
    ['nothing is filled', 0n, 0n, null],
    ['the average is a price', 36_480_000_000n, 2n, '182.4'],
    ['it has no end, rounded down', 100_000_000n, 3n, '0.333333333'],
    ['it has no end, rounded up', 200_000_000n, 3n, '0.666666667'],
  ])('%s', (_what, notional, quantity, average) => expect(averagePriceOf(notional, quantity, terms)).toBe(average));

  it('leaves the multiplier of a contract out of the price', () => {
    const future = { ...terms, unitsPerTickLot: 50_000_000n };
    expect(averagePriceOf(2n * 100n * 50_000_000n, 2n, future)).toBe('1');
  });
});

it('acknowledges cancel-all and cash', () => {
  expect(cancelAllAckOf(ok(outcome({ observed: 12n })), frame)).toMatchObject({ canceledCount: '12', refusal: null });
  expect(cancelAllAckOf(ok(outcome({ code: 1009, observed: 12n })), frame)).toMatchObject({ canceledCount: '0' });
  expect(cancelAllAckOf(refuse('BUSY'), frame)).toMatchObject({ canceledCount: '0', refusal: { code: 'BUSY' } });
  const account = { accountId: '1001', currency: 'USD' };
  expect(cashAckOf(ok(outcome()), frame, account)).toMatchObject({ ...account, duplicate: false, refusal: null });
  expect(cashAckOf(ok(outcome({ code: 4005, observed: 500_000_000n, limit: 100_000_000n })), frame, account).refusal).toMatchObject({
    code: 'INSUFFICIENT_CASH',
    observed: '5',
    limit: '1',
  });
});

it('shows the offending value of a refused input', () => {
  expect(refusalOf({ code: 'PRICE_OFF_TICK', details: { value: '1.005', step: '0.01' } })).toMatchObject({
    number: 1006,
    observed: '1.005',
    limit: '0.01',
  });
});

it('gives positions that the platform takes back', () => {
  const ack = orderAckOf(ok(outcome()), frame, { terms, isEntry: true });
  expect(unwrap(parsePosition(ack.position)).tape.get(0)?.commandNumber).toBe(42n);
});
