/**
 * Refusals of the engine in the words of who asked. The engine compares integers; which argument they are of follows from the command
 * that was sent, so it is said here.
 */
import type { AmendOrder, EngineCommand, KeepAlive, PlaceOrder, SetSession } from '#contracts/commands/order-commands.js';
import { measuredNumbers } from '#contracts/money/measured-value.js';
import { formatPrice, formatQuantity, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import { refuse, type Refusal as Problem, type Result } from '#contracts/result/result.js';
import { errorCodeOf, TimeInForce, TimeInForceName, TradingPhaseName } from '#contracts/tape/codes.generated.js';
import type { AnswerRecord } from '#contracts/tape/layout.generated.js';
import { nanosToIso } from '#contracts/time/clock.js';
import { timeInForceNames, tradingPhaseNames } from '../graphql/enum-names.js';
import type { Refusal } from '../graphql.generated.js';
import { refusalOf } from './order-answer.js';

interface Named {
  readonly problem: Problem;
  readonly observed: string;
  readonly limit: string | null;
}

const named = (observed: string, limit: string | null, details: Readonly<Record<string, string>>): Named => ({
  ...refuse('INVALID_ARGUMENT', details),
  observed,
  limit,
});

/** A time that had to lie behind the engine's clock, or behind another time of the same command. */
const lateTime = (argument: string, { observed, limit }: AnswerRecord): Named => {
  const [value, after] = [nanosToIso(observed), nanosToIso(limit)];
  return named(value, after, { argument, value, expected: `a time behind ${after}` });
};

const shownTooLittle = ({ observed, limit }: AnswerRecord, scale: InstrumentScale): Named => {
  const [value, least] = [formatQuantity(observed, scale), formatQuantity(limit, scale)];
  return named(value, least, { argument: 'displayQuantity', value, expected: `at least ${least}` });
};

const ofPlace = ({ timeInForce, terms }: PlaceOrder, answer: AnswerRecord): Named | null =>
  timeInForce === TimeInForce.GoodTillDate && answer.limit !== 0n && answer.observed === (terms?.expireTimeNanos ?? 0n)
    ? lateTime('expireTime', answer)
    : null;

/** An amend compares nothing but what is shown. */
const ofAmend = (_command: AmendOrder, answer: AnswerRecord, scale: InstrumentScale | null): Named | null =>
  scale === null || answer.limit === 0n ? null : shownTooLittle(answer, scale);

const ofKeepAlive = ({ deadlineNanos }: KeepAlive, answer: AnswerRecord): Named | null =>
  answer.observed === deadlineNanos && answer.limit !== 0n ? lateTime('deadline', answer) : null;

const ofSession = ({ untilNanos, plan = [] }: SetSession, answer: AnswerRecord): Named | null => {
  if (answer.limit === 0n) return null;
  if (answer.observed === untilNanos) return lateTime('until', answer);
  return plan.some(({ atNanos }) => atNanos === answer.observed) ? lateTime('plan.at', answer) : null;
};

const invalidArgument = (command: EngineCommand, answer: AnswerRecord, scale: InstrumentScale | null): Named | null => {
  switch (command.type) {
    case 'PlaceOrder':
      return ofPlace(command, answer);
    case 'AmendOrder':
      return ofAmend(command, answer, scale);
    case 'KeepAlive':
      return ofKeepAlive(command, answer);
    case 'SetSession':
      return ofSession(command, answer);
    default:
      return null;
  }
};

/** The phase that takes no such order, and the time in force that an order came in with. */
const marketClosed = (command: EngineCommand, answer: AnswerRecord): Named | null => {
  const numbers = measuredNumbers('MARKET_CLOSED', answer, null);
  const phase = TradingPhaseName[Number(answer.observed)];
  const timeInForce = command.type === 'PlaceOrder' ? TimeInForceName[command.timeInForce] : undefined;
  if (numbers === null || phase === undefined) return null;
  const details = { phase: tradingPhaseNames[phase], ...(timeInForce === undefined ? {} : { timeInForce: timeInForceNames[timeInForce] }) };
  return { ...refuse('MARKET_CLOSED', details), ...numbers };
};

/** Another price than the one that an instrument was settled at. */
const settledAlready = ({ observed, limit }: AnswerRecord, scale: InstrumentScale): Named | null => {
  if (limit === 0n) return null;
  const [value, settled] = [formatPrice(observed, scale), formatPrice(limit, scale)];
  const details = { argument: 'settlementPrice', value, expected: `${settled}, at which it was settled` };
  return { ...refuse('INSTRUMENT_EXPIRED', details), observed: value, limit: settled };
};

const namedBy = (command: EngineCommand, answer: AnswerRecord, scale: InstrumentScale | null): Named | null => {
  switch (errorCodeOf[answer.code]) {
    case 'INVALID_ARGUMENT':
      return invalidArgument(command, answer, scale);
    case 'MARKET_CLOSED':
      return marketClosed(command, answer);
    case 'INSTRUMENT_EXPIRED':
      return command.type === 'SettleInstrument' && scale !== null ? settledAlready(answer, scale) : null;
    default:
      return null;
  }
};

/**
 * An acknowledgement whose refusal names the argument of the command, where the answer tells which one it was. `scale` is that of the
 * command's prices and quantities.
 */
export const withNamedRefusal = <Ack extends { readonly refusal?: Refusal | null }>(
  ack: Ack,
  command: EngineCommand,
  answer: AnswerRecord | undefined,
  scale: InstrumentScale | null,
): Ack => {
  const given = ack.refusal ?? null;
  const found = given === null || answer === undefined ? null : namedBy(command, answer, scale);
  if (given === null || found === null) return ack;
  const { observed, limit } = found;
  // Which other order stood in the way does not follow from the arguments.
  return { ...ack, refusal: { ...refusalOf(found.problem), observed, limit, otherOrderId: given.otherOrderId ?? null } };
};

/** The answer to the only command of a batch; nothing where the batch was not answered. */
export const firstAnswerOf = (sent: Result<BatchOutcome>): AnswerRecord | undefined => (sent.ok ? sent.value.answers[0] : undefined);
