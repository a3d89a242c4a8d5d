/** Explanations as the API tells them: words, and the numbers that a page would lay out. */
import { formatMoney, formatPrice, formatQuantity } from '#contracts/money/instrument-scale.js';
import { errorTable } from '#contracts/tape/codes.generated.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { ExplanationNote as Note } from '#platform/engine/explanation.js';
import { checkName, isErrorCode } from '#platform/explain/check-names.js';
import type { DefinedInstrument } from '#platform/explain/defined-instruments.js';
import type { OrderExplanation as Explained } from '#platform/explain/explain-order.js';
import { checkNumbers, noteText, type NoteContext, type Reader } from '#platform/explain/explanation-words.js';
import type {
  CheckRelation,
  ExplainedCheck,
  ExplainedMatch,
  ExplainedQueue,
  ExplanationNote,
  ExplanationNoteKind,
  OrderExplanation,
} from '../graphql.generated.js';

interface Context extends NoteContext {
  readonly instrument: DefinedInstrument;
}

const kinds: Readonly<Record<Note['type'], ExplanationNoteKind>> = {
  command: 'COMMAND',
  order: 'ORDER',
  check: 'CHECK',
  cost: 'COST',
  margin: 'MARGIN',
  match: 'MATCH',
  auctioned: 'AUCTIONED',
  fee: 'FEE',
  rested: 'RESTED',
  shown: 'SHOWN',
  waits: 'WAITS',
  triggered: 'TRIGGERED',
  trailed: 'TRAILED',
  prevented: 'PREVENTED',
  repriced: 'REPRICED',
  refreshed: 'REFRESHED',
  sized: 'SIZED',
  carried: 'CARRIED',
  lowered: 'LOWERED',
  ended: 'ENDED',
  repeats: 'REPEATS',
};
const relations: Readonly<Record<Extract<Note, { type: 'check' }>['relation'], CheckRelation>> = {
  atMost: 'AT_MOST',
  atLeast: 'AT_LEAST',
  holds: 'HOLDS',
  refused: 'REFUSED',
};

const checkOf = (note: Note, context: Context): ExplainedCheck | null => {
  if (note.type !== 'check') return null;
  const { check, passed, relation } = note;
  const numbers = checkNumbers(note, context);
  return {
    code: check,
    number: isErrorCode(check) ? errorTable[check].number : null,
    name: checkName(check),
    passed,
    relation: relations[relation],
    observed: numbers?.observed ?? null,
    limit: numbers?.limit ?? null,
  };
};

const queueOf = (note: Note, { instrument: { scale }, reader }: Context): ExplainedQueue | null => {
  if (note.type !== 'shown' && (note.type !== 'rested' || reader === 'owner')) return null;
  return {
    ordersAhead: note.ordersAhead.toString(),
    quantityAhead: formatQuantity(note.lotsAhead, scale),
    betterQuantity: formatQuantity(note.betterLots, scale),
  };
};

const matchOf = (note: Note, { orderId, instrument: { scale }, reader }: Context): ExplainedMatch | null => {
  if (note.type !== 'match' && note.type !== 'auctioned') return null;
  const sides = note.type === 'match' ? [note.takerOrderId, note.makerOrderId] : [note.buyOrderId, note.sellOrderId];
  const other = sides.find((id) => id !== orderId);
  return {
    price: formatPrice(note.priceTicks, scale),
    quantity: formatQuantity(note.lots, scale),
    tradeKind: note.type === 'match' ? 'CONTINUOUS' : 'AUCTION',
    maker: note.type === 'match' ? note.makerOrderId === orderId : null,
    otherOrderId: reader === 'operator' && other !== undefined ? other.toString() : null,
  };
};

const noteNodeOf = (note: Note, context: Context): ExplanationNote => ({
  kind: kinds[note.type],
  text: noteText(note, context).replace(/ {2,}/, ' '), // the CLI's columns are one line here
  check: checkOf(note, context),
  queue: queueOf(note, context),
  match: matchOf(note, context),
});

export const explanationNodeOf = (explained: Explained, instrument: DefinedInstrument, reader: Reader): OrderExplanation => {
  const { orderId, orderType, filledLots, feeUnits, commands, droppedNotes } = explained;
  return {
    orderId: orderId.toString(),
    symbol: instrument.symbol,
    filledQuantity: formatQuantity(filledLots, instrument.scale),
    fees: formatMoney(feeUnits, instrument.scale.moneyExponent),
    commands: commands.map(({ commandNumber, command, timeNanos, notes }) => ({
      commandNumber: commandNumber.toString(),
      command,
      executedAt: nanosToIso(timeNanos),
      notes: notes.map((note) => noteNodeOf(note, { orderId, orderType, instrument, reader, timeNanos })),
    })),
    droppedNotes,
  };
};
