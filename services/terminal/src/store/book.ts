import type { BookUpdateAnswer } from '../api/answers.js';
import { lotsOf, ticksOf, type Instrument, type PriceTicks, type QuantityLots } from '../model/values.js';

export interface BookLevel {
  readonly priceTicks: PriceTicks;
  readonly quantityLots: QuantityLots;
  readonly orderCount: number;
}

/** `gap`: an update was missed; what is shown is stale until a new snapshot arrives. */
export interface BookState {
  readonly status: 'empty' | 'live' | 'gap';
  readonly sequence: string;
  /** Best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export const emptyBook: BookState = { status: 'empty', sequence: '', bids: [], asks: [] };

type LevelAnswer = BookUpdateAnswer['bids'][number];

const levelsOf = (levels: readonly LevelAnswer[], instrument: Instrument): BookLevel[] =>
  levels.map(({ price, quantity, orderCount }) => ({
    priceTicks: ticksOf(price, instrument),
    quantityLots: lotsOf(quantity, instrument),
    orderCount,
  }));

const merge = (
  levels: readonly BookLevel[],
  changes: readonly BookLevel[],
  better: (a: PriceTicks, b: PriceTicks) => boolean,
): readonly BookLevel[] => {
  if (changes.length === 0) return levels;
  const byPrice = new Map(levels.map((level) => [level.priceTicks, level]));
  for (const change of changes) {
    if (change.quantityLots === 0n) byPrice.delete(change.priceTicks);
    else byPrice.set(change.priceTicks, change);
  }
  return [...byPrice.values()].sort((a, b) => (a.priceTicks === b.priceTicks ? 0 : better(a.priceTicks, b.priceTicks) ? -1 : 1));
};

const higher = (a: PriceTicks, b: PriceTicks): boolean => a > b;
const lower = (a: PriceTicks, b: PriceTicks): boolean => a < b;

/** Snapshot replaces; a delta applies only on the sequence that it follows. After a gap everything but a snapshot is ignored. */
export const applyBookUpdate = (state: BookState, update: BookUpdateAnswer, instrument: Instrument): BookState => {
  const bids = levelsOf(update.bids, instrument);
  const asks = levelsOf(update.asks, instrument);
  if (update.kind === 'SNAPSHOT')
    return { status: 'live', sequence: update.sequence, bids: merge([], bids, higher), asks: merge([], asks, lower) };
  if (state.status !== 'live') return state;
  if (update.previousSequence !== state.sequence) return { ...state, status: 'gap' };
  return { status: 'live', sequence: update.sequence, bids: merge(state.bids, bids, higher), asks: merge(state.asks, asks, lower) };
};

/** Running totals from the best price outwards, for depth bars. */
export const withDepth = (
  levels: readonly BookLevel[],
  count: number,
): readonly { readonly level: BookLevel; readonly totalLots: QuantityLots }[] => {
  let total = 0n;
  return levels.slice(0, count).map((level) => {
    total += level.quantityLots;
    return { level, totalLots: total as QuantityLots };
  });
};
