/** Answers of the engine as the API's acknowledgements. */
import type { OrderTarget } from '#contracts/commands/order-commands.js';
import type { CurrencyCode } from '#contracts/money/currencies.js';
import { formatQuantity, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { formatScaled } from '#contracts/money/decimal.js';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import { formatPosition, tapePosition } from '#contracts/position/position.js';
import { refuse, ok, type Refusal as Problem, type Result } from '#contracts/result/result.js';
import {
  AckLevel as TapeAckLevel,
  AnswerFlag,
  errorCodeOf,
  errorTable,
  OrderStatusName,
  type ErrorCode,
} from '#contracts/tape/codes.generated.js';
import type { AnswerRecord } from '#contracts/tape/layout.generated.js';
import type { AckLevel, CancelAllAck, CashAck, OrderAck, Refusal } from '../graphql.generated.js';
import { orderStatusNames } from '../graphql/enum-names.js';
import { measured } from '#contracts/money/measured-value.js';

/** Decimals behind the point of an average price, as the read models round it. */
const averagePriceDecimals = 9;

/** Codes after which nobody knows yet whether the command took effect. */
const undecided = new Set<ErrorCode>(['UNKNOWN_OUTCOME', 'TIMED_OUT']);

export const refusalOf = (problem: Problem, observed: string | null = null, limit: string | null = null): Refusal => {
  const { number, message, remedy, retryable } = errorTable[problem.code];
  const details = Object.entries(problem.details ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    code: problem.code,
    number,
    message: details.length === 0 ? message : `${message} [${details.join(' ')}]`,
    remedy,
    retryable,
    observed: observed ?? problem.details?.['value'] ?? null,
    limit: limit ?? problem.details?.['step'] ?? null,
    otherOrderId: problem.details?.['otherOrderId'] ?? null,
  };
};

const refusalOfAnswer = (answer: AnswerRecord, scale: InstrumentScale | null, otherOrderId: string | null = null): Refusal | null => {
  if (answer.code === 0) return null;
  const code = errorCodeOf[answer.code];
  const details = otherOrderId === null ? {} : { details: { otherOrderId } };
  if (code === undefined) return refusalOf({ code: 'INTERNAL', details: { unknownCode: String(answer.code) } });
  const isMeasured = answer.observed !== 0n || answer.limit !== 0n;
  return isMeasured
    ? refusalOf({ code, ...details }, measured(code, answer.observed, scale), measured(code, answer.limit, scale))
    : refusalOf({ code, ...details });
};

/** The answer to the one command that was sent. No answer in an accepted batch would be a fault that leaves the outcome open. */
export const onlyAnswerOf = (outcome: Result<BatchOutcome>): Result<{ readonly answer: AnswerRecord; readonly outcome: BatchOutcome }> => {
  if (!outcome.ok) return outcome;
  const answer = outcome.value.answers[0];
  return answer === undefined
    ? refuse('UNKNOWN_OUTCOME', { cause: 'the batch was answered without its command' })
    : ok({ answer, outcome: outcome.value });
};

/** Price and ledger terms of an instrument, as answers need them. */
export interface AnswerTerms {
  readonly scale: InstrumentScale;
  /** Money units of one tick times one lot, multiplier included. */
  readonly unitsPerTickLot: bigint;
}

/** Notional over quantity, rounded half up at the 9th decimal as the read models round it: the average of exact prices need not be finite. */
export const averagePriceOf = (
  cumNotionalUnits: bigint,
  cumQuantityLots: bigint,
  { scale, unitsPerTickLot }: AnswerTerms,
): string | null => {
  if (cumQuantityLots <= 0n) return null;
  const numerator = cumNotionalUnits * scale.tickMantissa * 10n ** BigInt(averagePriceDecimals);
  const denominator = cumQuantityLots * unitsPerTickLot * 10n ** BigInt(scale.tickExponent);
  return formatScaled((2n * numerator + denominator) / (2n * denominator), averagePriceDecimals);
};

const ackLevelNameOf = (level: number): AckLevel => (level === TapeAckLevel.Engine ? 'ENGINE' : 'DURABLE');

export interface AckFrame {
  readonly clientOrderId: string | null;
  readonly ackLevel: AckLevel;
  /** Where the gateway stands; the position of an answer to a command that was never sequenced. */
  readonly position: string;
}

const positionOfAnswer = (answer: AnswerRecord, outcome: BatchOutcome): string =>
  formatPosition(tapePosition(outcome.shard, answer.commandNumber));

/** Orders that the gateway itself or the whole batch's answer turned away. An open outcome is PENDING_NEW, never REJECTED. */
export const unsequencedOrderAck = (problem: Problem, frame: AckFrame, isEntry: boolean): OrderAck => ({
  orderId: null,
  clientOrderId: frame.clientOrderId,
  orderStatus: undecided.has(problem.code) ? (isEntry ? 'PENDING_NEW' : null) : isEntry ? 'REJECTED' : null,
  leavesQuantity: null,
  cumQuantity: null,
  averagePrice: null,
  duplicate: false,
  ackLevel: frame.ackLevel,
  position: frame.position,
  refusal: refusalOf(problem),
});

export interface AnsweredCommand {
  readonly terms: AnswerTerms;
  /** An order that was placed, whose fills are those of the order; an amend's answer counts its own fills alone. */
  readonly isEntry: boolean;
  /** The order that an amend or a cancel names. */
  readonly target?: OrderTarget;
}

/**
 * The order that an answer is about, and another one where a refusal names it. The engine has one field for both: of a refused entry, which
 * is on record under the number of its command, and of a client order id that is taken, it names the order that stood in the way.
 */
const orderIdsOf = (
  { code, orderId, commandNumber }: AnswerRecord,
  { isEntry, target }: AnsweredCommand,
): { readonly orderId: string | null; readonly otherOrderId: string | null } => {
  const named = orderId === 0n ? null : orderId.toString();
  if (code !== 0 && isEntry) return { orderId: commandNumber.toString(), otherOrderId: named };
  if (code !== errorTable.DUPLICATE_CLIENT_ORDER_ID.number) return { orderId: named, otherOrderId: null };
  return { orderId: target !== undefined && 'orderId' in target ? target.orderId.toString() : null, otherOrderId: named };
};

export const orderAckOf = (sent: Result<BatchOutcome>, frame: AckFrame, command: AnsweredCommand): OrderAck => {
  const result = onlyAnswerOf(sent);
  if (!result.ok) return unsequencedOrderAck(result.problem, frame, command.isEntry);
  return orderAckOfAnswer(result.value.answer, result.value.outcome, frame, command);
};

/** The acknowledgement of one command of a batch. */
export const orderAckOfAnswer = (answer: AnswerRecord, outcome: BatchOutcome, frame: AckFrame, command: AnsweredCommand): OrderAck => {
  const { terms, isEntry } = command;
  const { scale } = terms;
  const statusName = OrderStatusName[answer.orderStatus];
  const { orderId, otherOrderId } = orderIdsOf(answer, command);
  const refusal = refusalOfAnswer(answer, scale, otherOrderId);
  const status = statusName === undefined ? null : orderStatusNames[statusName];
  const isDuplicate = (answer.flags & AnswerFlag.Duplicate) !== 0;
  return {
    orderId,
    clientOrderId: frame.clientOrderId,
    orderStatus: refusal !== null && isEntry ? 'REJECTED' : status,
    leavesQuantity: refusal === null ? formatQuantity(answer.leavesQuantityLots, scale) : null,
    cumQuantity: refusal === null ? formatQuantity(answer.cumQuantityLots, scale) : null,
    averagePrice: refusal === null && isEntry ? averagePriceOf(answer.cumNotionalUnits, answer.cumQuantityLots, terms) : null,
    duplicate: isDuplicate,
    ackLevel: ackLevelNameOf(outcome.ackLevel),
    position: positionOfAnswer(answer, outcome),
    refusal,
  };
};

/** What every acknowledgement of a command without an order has. */
export const plainAckOf = (
  sent: Result<BatchOutcome>,
  frame: AckFrame,
): {
  readonly answer: AnswerRecord | null;
  /** What an accepted command has changed. */
  readonly affectedCount: bigint;
  readonly ackLevel: AckLevel;
  readonly position: string;
  readonly duplicate: boolean;
  readonly refusal: Refusal | null;
} => {
  const result = onlyAnswerOf(sent);
  if (!result.ok)
    return {
      answer: null,
      affectedCount: 0n,
      ackLevel: frame.ackLevel,
      position: frame.position,
      duplicate: false,
      refusal: refusalOf(result.problem),
    };
  const { answer, outcome } = result.value;
  return {
    answer,
    affectedCount: answer.code === 0 ? answer.observed : 0n,
    ackLevel: ackLevelNameOf(outcome.ackLevel),
    position: positionOfAnswer(answer, outcome),
    duplicate: (answer.flags & AnswerFlag.Duplicate) !== 0,
    refusal: refusalOfAnswer(answer, null),
  };
};

export const cancelAllAckOf = (sent: Result<BatchOutcome>, frame: AckFrame): CancelAllAck => {
  const { affectedCount, ackLevel, position, refusal } = plainAckOf(sent, frame);
  return { canceledCount: affectedCount.toString(), ackLevel, position, refusal };
};

export const cashAckOf = (
  sent: Result<BatchOutcome>,
  frame: AckFrame,
  account: { readonly accountId: string; readonly currency: CurrencyCode | string },
): CashAck => {
  const { ackLevel, position, duplicate, refusal } = plainAckOf(sent, frame);
  return { ...account, ackLevel, position, duplicate, refusal };
};
