import type { FlowSide } from './instrument.js';
import type { OpenOrder } from './open-orders.js';

/** How one market maker quotes one instrument; distances in ticks. */
export interface LadderStyle {
  readonly levels: number;
  /** Distance of the best quote from the reservation price, in standard deviations of one second. */
  readonly halfSpreadSigmas: number;
  /** Distance between levels, in the same unit. */
  readonly spacingSigmas: number;
  /** Value of the best level, in thousands of the settlement currency. */
  readonly thousandsAtBest: number;
  /** How much deeper levels are larger. */
  readonly growth: number;
}

/** The makers' three temperaments: fast and tight, steady, slow and deep. */
export const ladderStyles: readonly [LadderStyle, LadderStyle, LadderStyle] = [
  { levels: 8, halfSpreadSigmas: 0.3, spacingSigmas: 0.35, thousandsAtBest: 9, growth: 0.16 },
  { levels: 10, halfSpreadSigmas: 0.7, spacingSigmas: 0.7, thousandsAtBest: 16, growth: 0.2 },
  { levels: 12, halfSpreadSigmas: 1.5, spacingSigmas: 1.4, thousandsAtBest: 30, growth: 0.22 },
];

/**
 * Prices of one side of a ladder, best first. They lie on a fixed grid, so that a small move of the reservation price changes one level
 * and not all of them: a ladder costs two commands a step instead of forty.
 */
export const ladderPrices = (
  reservationTicks: number,
  side: FlowSide,
  shape: { readonly halfSpreadTicks: number; readonly spacingTicks: number; readonly levels: number },
): bigint[] => {
  const { halfSpreadTicks, spacingTicks, levels } = shape;
  const spacing = Math.max(1, Math.round(spacingTicks));
  const direction = side === 'BUY' ? -1 : 1;
  const edge = (reservationTicks + direction * Math.max(0.5, halfSpreadTicks)) / spacing;
  const best = side === 'BUY' ? Math.floor(edge) : Math.ceil(edge);
  const prices: bigint[] = [];
  for (let level = 0; level < levels; level += 1) {
    const ticks = (best + direction * level) * spacing;
    if (ticks >= 1) prices.push(BigInt(ticks));
  }
  return prices;
};

export interface LadderChange {
  readonly keep: readonly OpenOrder[];
  /** An order that is not wanted where it is, moved to a price that lacks one. */
  readonly moves: readonly { readonly order: OpenOrder; readonly priceTicks: bigint; readonly level: number }[];
  readonly places: readonly { readonly priceTicks: bigint; readonly level: number }[];
  readonly cancels: readonly OpenOrder[];
}

/** What turns the resting orders of one side into the wanted prices with the fewest commands, most urgent first. */
export const planLadder = (resting: Iterable<OpenOrder>, wanted: readonly bigint[], side: FlowSide): LadderChange => {
  const level = new Map(wanted.map((price, index) => [price, index]));
  const taken = new Set<bigint>();
  const keep: OpenOrder[] = [];
  const spare: OpenOrder[] = [];
  for (const order of resting) {
    if (order.side !== side) continue;
    if (level.has(order.priceTicks) && !taken.has(order.priceTicks)) {
      taken.add(order.priceTicks);
      keep.push(order);
    } else if (!order.pending && order.orderId !== null) spare.push(order);
  }
  // The most exposed quote first: it is the one that somebody is about to hit.
  spare.sort((a, b) => Number(side === 'BUY' ? b.priceTicks - a.priceTicks : a.priceTicks - b.priceTicks));
  const missing = wanted.filter((price) => !taken.has(price));
  const moves: { order: OpenOrder; priceTicks: bigint; level: number }[] = [];
  const cancels: OpenOrder[] = [];
  for (const order of spare) {
    // What is partly filled has its own history and is replaced, not moved.
    const price = order.doomed || order.cumLots > 0n ? undefined : missing.shift();
    if (price === undefined) cancels.push(order);
    else moves.push({ order, priceTicks: price, level: level.get(price) ?? 0 });
  }
  return { keep, moves, cancels, places: missing.map((priceTicks) => ({ priceTicks, level: level.get(priceTicks) ?? 0 })) };
};
