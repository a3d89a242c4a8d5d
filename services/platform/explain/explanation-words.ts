/** Explanations in plain words: decimals where the instrument is known, engine integers with their units where it is not. */
import { formatMoney, formatPrice, formatQuantity } from '#contracts/money/instrument-scale.js';
import { measuredNumbers, type MeasuredNumbers } from '#contracts/money/measured-value.js';
import { CancelReasonName, errorTable, SelfTradePreventionName, SideName, TriggerSourceName } from '#contracts/tape/codes.generated.js';
import { isTypeWithTrigger } from '#contracts/tape/order-terms.js';
import { cancelSentences } from '#contracts/tape/reason-sentences.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { ExplanationNote } from '../engine/explanation.js';
import { checkName, isErrorCode } from './check-names.js';
import type { DefinedInstrument } from './defined-instruments.js';
import type { OrderExplanation } from './explain-order.js';

/** Who reads: an operator sees everything, an owner nothing that others hide (their orders, hidden quantities, the queue behind). */
export type Reader = 'operator' | 'owner';

/** How amounts of one instrument are written. */
export interface Figures {
  price(ticks: bigint): string;
  quantity(lots: bigint): string;
  money(units: bigint): string;
}

export const figuresOf = (instrument: DefinedInstrument | null): Figures => {
  if (instrument === null)
    return { price: (ticks) => `tick ${ticks}`, quantity: (lots) => `${lots} lots`, money: (units) => `${units} units` };
  const { scale, currency } = instrument;
  return {
    price: (ticks) => formatPrice(ticks, scale),
    quantity: (lots) => formatQuantity(lots, scale),
    money: (units) => `${formatMoney(units, scale.moneyExponent)} ${currency}`,
  };
};

export interface NoteContext {
  readonly orderId: bigint;
  /** Wire number of the type that the order was placed as; null where it is not known. */
  readonly orderType: number | null;
  readonly instrument: DefinedInstrument | null;
  readonly reader: Reader;
  /** Engine time of the command that the note is of. */
  readonly timeNanos: bigint;
}

type NoteOf<Type extends ExplanationNote['type']> = Extract<ExplanationNote, { type: Type }>;

const percentOf = (ppm: bigint): string => {
  const whole = ppm / 10_000n;
  const rest = (ppm < 0n ? -ppm : ppm) % 10_000n;
  const sign = ppm < 0n && whole === 0n ? '-' : '';
  return `${sign}${whole}${rest === 0n ? '' : `.${rest.toString().padStart(4, '0').replace(/0+$/, '')}`} %`;
};

/** `PartiallyFilled` as "partially filled". */
const spaced = (name: string | undefined): string => (name ?? '?').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

const ordersText = (count: bigint): string => (count === 1n ? '1 order' : `${count} orders`);

/** Checks against the ends of the number range: their bounds mean nothing to anybody. */
const rangeChecks: ReadonlySet<string> = new Set(['LEDGER_OVERFLOW', 'NOTIONAL_OVERFLOW']);

/** What an order is compared with the clock for is its expiry. */
const isExpiry = (check: string, limit: bigint, timeNanos: bigint): boolean => check === 'INVALID_ARGUMENT' && limit === timeNanos;

/** The two numbers of a check in the unit of its rule; null where it has none. */
export const checkNumbers = (
  { check, relation, observed, limit }: NoteOf<'check'>,
  { instrument, timeNanos }: Pick<NoteContext, 'instrument' | 'timeNanos'>,
): MeasuredNumbers | null => {
  if (relation === 'holds' || rangeChecks.has(check) || !isErrorCode(check)) return null;
  const scale = instrument?.scale ?? null;
  return measuredNumbers(check, { observed, limit }, scale, isExpiry(check, limit, timeNanos) ? 'time' : undefined);
};

const refusedNumbers = ({ check, limit }: NoteOf<'check'>, numbers: MeasuredNumbers, timeNanos: bigint): string => {
  if (numbers.limit === null) return ` It is ${numbers.observed}.`;
  const against = isExpiry(check, limit, timeNanos)
    ? `expireTime ${numbers.observed}: expected a time behind`
    : `${numbers.observed} against`;
  return ` ${against} ${numbers.limit}.`;
};

const checkText = (note: NoteOf<'check'>, context: NoteContext): string => {
  const { check, relation } = note;
  const numbers = checkNumbers(note, context);
  if (relation === 'refused') {
    const message = isErrorCode(check) ? errorTable[check].message : check;
    return `REFUSED  ${check}: ${message}${numbers === null ? '' : refusedNumbers(note, numbers, context.timeNanos)}`;
  }
  const comparison = numbers === null ? '' : `: ${numbers.observed} is at ${relation === 'atMost' ? 'most' : 'least'} ${numbers.limit}`;
  return `passed   ${checkName(check)}${comparison}`;
};

/** An order that waits for its auction without a trigger has in its place the price that its cost is worked out with. */
const triggerText = (note: NoteOf<'order'>, { orderId, orderType }: NoteContext, { price }: Figures): string => {
  if (note.stopTicks === 0n) return '';
  const isTrigger = note.orderId !== orderId || orderType === null || isTypeWithTrigger(orderType);
  return `, ${isTrigger ? 'trigger' : 'valued at'} ${price(note.stopTicks)}`;
};

const orderText = (note: NoteOf<'order'>, context: NoteContext, figures: Figures): string => {
  const { price, quantity } = figures;
  const limit = note.priceTicks === 0n ? 'at the market' : `at ${price(note.priceTicks)}`;
  const trigger = triggerText(note, context, figures);
  const side = (SideName[note.side] ?? '?').toLowerCase();
  return `${note.step.padEnd(8)} ${side} ${quantity(note.leavesLots)} ${limit}${trigger}`;
};

const matchText = (note: NoteOf<'match'>, { orderId, reader }: NoteContext, { price, quantity }: Figures): string => {
  const isTaker = note.takerOrderId === orderId;
  const other = reader === 'owner' ? 'an order' : `order ${isTaker ? note.makerOrderId : note.takerOrderId}`;
  const traded = `trade    ${quantity(note.lots)} at ${price(note.priceTicks)} with ${other} that ${isTaker ? 'rested' : 'came in'}`;
  if (reader === 'owner') return `${traded}: ${isTaker ? 'the best price, and the first in its queue' : 'it was the first in its queue'}`;
  const next = note.nextPlace === 0n ? 'nobody behind it at the price' : `the next at the price has place ${note.nextPlace}`;
  const worse = note.nextPriceTicks === 0n ? 'no worse price' : `the next price is ${price(note.nextPriceTicks)}`;
  return `${traded}: best price, place ${note.makerPlace} (${next}, ${worse})`;
};

const auctionText = (note: NoteOf<'auctioned'>, { orderId, reader }: NoteContext, { price, quantity }: Figures): string => {
  const isBuy = note.buyOrderId === orderId;
  const other = reader === 'owner' ? '' : ` with order ${isBuy ? note.sellOrderId : note.buyOrderId}`;
  const limit = isBuy ? note.buyPriceTicks : note.sellPriceTicks;
  const own = limit === 0n ? 'a market order' : `own limit ${price(limit)}`;
  return `auction  ${quantity(note.lots)} at the auction price ${price(note.priceTicks)}${other} (${own})`;
};

const placeText = (
  { ordersAhead, lotsAhead, betterLots }: { readonly ordersAhead: bigint; readonly lotsAhead: bigint; readonly betterLots: bigint },
  { quantity }: Figures,
): string => {
  const ahead = ordersAhead === 0n ? 'first at its price' : `behind ${ordersText(ordersAhead)} (${quantity(lotsAhead)}) at its price`;
  return betterLots === 0n ? ahead : `${ahead}, ${quantity(betterLots)} at better prices`;
};

/** One note as a line for a person who asks about the order. */
export const noteText = (note: ExplanationNote, context: NoteContext): string => {
  const { orderId, reader } = context;
  const figures = figuresOf(context.instrument);
  const { price, quantity, money } = figures;
  switch (note.type) {
    case 'command':
      return `command  ${note.commandNumber}`;
    case 'order':
      return orderText(note, context, figures);
    case 'check':
      return checkText(note, context);
    case 'cost':
      return `needs    ${money(note.neededUnits)}: ${money(note.notionalUnits)} and a fee of ${percentOf(note.ratePpm)}`;
    case 'margin':
      return `margin   of the underlying from ${money(note.beforeUnits)} to ${money(note.afterUnits)}, fee ${money(note.feeUnits)}, given away ${money(note.givenUnits)}`;
    case 'match':
      return matchText(note, context, figures);
    case 'auctioned':
      return auctionText(note, context, figures);
    case 'fee':
      return `fee      ${money(note.feeUnits)} as ${note.maker ? 'maker' : 'taker'}: ${percentOf(note.ratePpm)} of ${money(note.notionalUnits)}, rounded up and carried on`;
    case 'rested': {
      const rests = `rests    ${quantity(note.leavesLots)} at ${price(note.priceTicks)}`;
      const place = reader === 'operator' ? ` ${placeText(note, figures)};` : ',';
      return `${rests}${place} ${money(note.reservedUnits)} held for it`;
    }
    case 'shown':
      return `queue    ${placeText(note, figures)}${reader === 'operator' ? ', as everybody sees it' : ''}`;
    case 'waits': {
      const now = note.priceTicks === 0n ? 'none yet' : `${price(note.priceTicks)} now`;
      return `waits    for ${sourceText(note.triggerSource)} to reach ${price(note.stopTicks)} (${now}); ${money(note.reservedUnits)} held for it`;
    }
    case 'triggered':
      return `fires    ${sourceText(note.triggerSource)} is ${price(note.priceTicks)}, ${note.rise ? 'at or above' : 'at or below'} ${price(note.stopTicks)}`;
    case 'trailed':
      return `trails   its trigger goes from ${price(note.beforeTicks)} to ${price(note.stopTicks)}, the price is ${price(note.priceTicks)}`;
    case 'prevented': {
      const other = note.takerOrderId === orderId ? note.makerOrderId : note.takerOrderId;
      const named = reader === 'operator' ? `order ${other} of its own` : 'an order of its own';
      return `no trade with ${named}: ${spaced(SelfTradePreventionName[note.mode])}`;
    }
    case 'repriced':
      return repricedText(note, figures);
    case 'refreshed':
      return `shows    ${quantity(note.shownLots)} of ${quantity(note.leavesLots)}, at the end of the queue`;
    case 'sized':
      return `sized    ${quantity(note.leavesLots)} by the fills of its parent`;
    case 'carried':
      return `carried  ${note.carry} millionths of a money unit of rounding from its sibling`;
    case 'lowered':
      return `lowered  by ${quantity(note.byLots)} to ${quantity(note.leavesLots)}: ${endText(note.reason)}`;
    case 'ended':
      return `ended    ${quantity(note.leavesLots)} open, ${quantity(note.cumLots)} filled: ${endText(note.reason)}`;
    case 'repeats':
      return `repeats  command ${note.commandNumber}: the same answer, no effect`;
  }
};

const sourceNames: Readonly<Record<TriggerSourceName, string>> = {
  None: 'no price',
  Last: 'the last price',
  BidAsk: 'the best opposite price',
  Mark: 'the mark price',
};

const sourceText = (source: number): string => {
  const name = TriggerSourceName[source];
  return name === undefined ? '?' : sourceNames[name];
};

const endText = (reason: number): string => {
  const name = CancelReasonName[reason];
  return name === undefined ? '?' : cancelSentences[name];
};

const repricedText = ({ priceTicks, askedTicks, bestTicks }: NoteOf<'repriced'>, { price }: Figures): string => {
  if (priceTicks === 0n) return `priced   nothing: it stands outside the book until there is a price to follow`;
  const instead = askedTicks === 0n ? '' : ` instead of ${price(askedTicks)}`;
  const best = bestTicks === 0n ? 'nobody stands opposite' : `the best opposite price is ${price(bestTicks)}`;
  return `priced   ${price(priceTicks)}${instead}: ${best}`;
};

/** The explanation for people, one line each. */
export const explanationLines = (explanation: OrderExplanation, reader: Reader = 'operator'): readonly string[] => {
  const { orderId, orderType, instrument, filledLots, feeUnits, commands, droppedNotes } = explanation;
  const { quantity, money } = figuresOf(instrument);
  const of = instrument === null ? ' (prices in ticks, quantities in lots, money in units)' : ` of ${instrument.symbol}`;
  return [
    `order ${orderId}${of}: ${quantity(filledLots)} filled, ${money(feeUnits)} of fees`,
    ...commands.flatMap(({ commandNumber, command, timeNanos, notes }) => [
      `${nanosToIso(timeNanos)}  command ${commandNumber}  ${spaced(command)}`,
      ...notes.map((note) => `  ${noteText(note, { orderId, orderType, instrument, reader, timeNanos })}`),
    ]),
    ...(droppedNotes === 0 ? [] : [`${droppedNotes} notes found no room: the explanation is not whole`]),
  ];
};
