import { parsePriceTicks, parseQuantityLots } from '../../../../contracts/money/instrument-scale.js';
import { formatFixed } from '../model/format.js';
import {
  moneyUnits,
  notional,
  priceTicks,
  quantityLots,
  type Instrument,
  type MoneyUnits,
  type OrderType,
  type PriceTicks,
  type QuantityLots,
  type Side,
} from '../model/values.js';
import type { BookState } from '../store/book.js';

export interface TicketInput {
  readonly side: Side;
  readonly orderType: OrderType;
  readonly quantityText: string;
  readonly priceText: string;
  /** Trigger of a stop; what the order would cost there. */
  readonly stopText?: string;
}

export interface Preview {
  readonly quantityLots: QuantityLots;
  /** Limit price; for market orders the worst price that the visible book would give. */
  readonly priceTicks: PriceTicks | null;
  readonly notionalUnits: MoneyUnits;
  readonly feeUnits: MoneyUnits;
  /** What a buy takes from the cash, or a sell brings, fee included. */
  readonly totalUnits: MoneyUnits;
  /** A market order beyond the visible book: its cost is not known. */
  readonly beyondBook: boolean;
}

export type PreviewResult =
  | { readonly type: 'ready'; readonly preview: Preview }
  | { readonly type: 'incomplete' }
  | { readonly type: 'invalid'; readonly field: 'quantity' | 'price'; readonly message: string };

const ppm = 1_000_000n;

/** Fees round up, as the ledger rounds them: a preview must not promise less. */
export const feeOf = (units: MoneyUnits, feePpm: bigint): MoneyUnits => moneyUnits((units * feePpm + ppm - 1n) / ppm);

const stepText = (mantissa: bigint, exponent: number): string => formatFixed(mantissa, exponent, exponent);

const fillsAtOnce: ReadonlySet<OrderType> = new Set<OrderType>(['MARKET', 'MARKET_TO_LIMIT']);
/** Without a limit they cost what the trigger says, or what the market does by then. */
const pricedByTrigger: ReadonlySet<OrderType> = new Set<OrderType>(['STOP', 'MARKET_IF_TOUCHED']);
const moving: ReadonlySet<OrderType> = new Set<OrderType>(['TRAILING_STOP', 'TRAILING_STOP_LIMIT', 'PEGGED']);

/** What the book would give for a market order, level by level. */
const walk = (
  lots: QuantityLots,
  side: Side,
  book: BookState,
  instrument: Instrument,
): { readonly units: MoneyUnits; readonly worst: PriceTicks | null; readonly beyondBook: boolean } => {
  let left: bigint = lots;
  let units = 0n;
  let worst: PriceTicks | null = null;
  for (const level of side === 'BUY' ? book.asks : book.bids) {
    if (left === 0n) break;
    const taken = level.quantityLots < left ? level.quantityLots : left;
    units += notional(level.priceTicks, quantityLots(taken), instrument);
    worst = level.priceTicks;
    left -= taken;
  }
  return { units: moneyUnits(units), worst, beyondBook: left > 0n };
};

/** The cost of a ticket as it stands, in exact arithmetic, or what is wrong with it. */
export const previewTicket = (input: TicketInput, instrument: Instrument, book: BookState): PreviewResult => {
  const { scale } = instrument;
  if (input.quantityText.trim() === '') return { type: 'incomplete' };
  const lots = parseQuantityLots(input.quantityText.trim(), scale);
  if (!lots.ok) {
    const message =
      lots.problem.code === 'QUANTITY_OFF_LOT'
        ? `Multiples of ${stepText(scale.lotMantissa, scale.lotExponent)}`
        : 'A positive quantity, such as 10';
    return { type: 'invalid', field: 'quantity', message };
  }
  const quantity = quantityLots(lots.value);
  if (fillsAtOnce.has(input.orderType)) {
    const { units, worst, beyondBook } = walk(quantity, input.side, book, instrument);
    return {
      type: 'ready',
      preview: complete(input.side, { quantityLots: quantity, priceTicks: worst, notionalUnits: units, beyondBook }, instrument),
    };
  }
  const priceText = (pricedByTrigger.has(input.orderType) ? (input.stopText ?? '') : input.priceText).trim();
  // The price of a trailing or pegged order moves: it is valued at what the book gives now.
  if (priceText === '' && moving.has(input.orderType)) {
    const touch = (input.side === 'BUY' ? book.asks : book.bids)[0]?.priceTicks;
    if (touch === undefined) return { type: 'incomplete' };
    return {
      type: 'ready',
      preview: complete(
        input.side,
        { quantityLots: quantity, priceTicks: null, notionalUnits: notional(touch, quantity, instrument), beyondBook: false },
        instrument,
      ),
    };
  }
  if (priceText === '') return { type: 'incomplete' };
  const ticks = parsePriceTicks(priceText, scale);
  if (!ticks.ok) {
    const message =
      ticks.problem.code === 'PRICE_OFF_TICK' ? `Multiples of ${stepText(scale.tickMantissa, scale.tickExponent)}` : 'A positive price';
    return { type: 'invalid', field: 'price', message };
  }
  const price = priceTicks(ticks.value);
  return {
    type: 'ready',
    preview: complete(
      input.side,
      { quantityLots: quantity, priceTicks: price, notionalUnits: notional(price, quantity, instrument), beyondBook: false },
      instrument,
    ),
  };
};

const complete = (side: Side, known: Omit<Preview, 'feeUnits' | 'totalUnits'>, instrument: Instrument): Preview => {
  // The taker's fee: a resting order may pay less, never more.
  const feeUnits = feeOf(
    known.notionalUnits,
    instrument.takerFeePpm > instrument.makerFeePpm ? instrument.takerFeePpm : instrument.makerFeePpm,
  );
  return { ...known, feeUnits, totalUnits: moneyUnits(side === 'BUY' ? known.notionalUnits + feeUnits : known.notionalUnits - feeUnits) };
};

/** Largest quantity that the cash buys at a price with its fee, or that a position can sell; whole lots, rounded down. */
export const affordableLots = (
  input: { readonly side: Side; readonly priceTicks: PriceTicks; readonly availableUnits: MoneyUnits; readonly heldLots: QuantityLots },
  instrument: Instrument,
): QuantityLots => {
  if (input.side === 'SELL') return quantityLots(input.heldLots > 0n ? input.heldLots : 0n);
  const perLotPpm =
    input.priceTicks *
    instrument.tickLotUnits *
    (ppm + (instrument.takerFeePpm > instrument.makerFeePpm ? instrument.takerFeePpm : instrument.makerFeePpm));
  return quantityLots(perLotPpm <= 0n || input.availableUnits <= 0n ? 0n : (input.availableUnits * ppm) / perLotPpm);
};
