import type { FlowInstrument, FlowSide, ObservedQuote } from './instrument.js';
import type { Prng } from './prng.js';

/** A decision to trade, before it has an account and an id. */
export interface TakerOrder {
  readonly side: FlowSide;
  readonly orderType: 'LIMIT' | 'MARKET';
  readonly timeInForce: 'GTC' | 'IOC';
  readonly quantityLots: bigint;
  readonly priceTicks: bigint | null;
  /** How long a resting order is left in the book; null for the others. */
  readonly lifetimeMs: number | null;
}

export interface MarketView {
  readonly quote: ObservedQuote;
  readonly fairTicks: number;
  readonly sigmaTicks: number;
  readonly stress: number;
}

/** Excitation per arrival and its decay per second; below one arrival caused by each, so bursts end. */
const excitation = 0.42;
const decay = 0.75;
const ordersPerStepMax = 12;

/**
 * Everybody who is not a maker: arrivals excite further arrivals (a Hawkes process), directions persist because large orders are split,
 * and lean with momentum and towards the latent price. Sizes are lognormal.
 */
export class TakerCrowd {
  private excited = 0;
  private leaning = 0;
  private previousMid: number | null = null;
  private momentum = 0;

  constructor(
    private readonly instrument: FlowInstrument,
    private readonly prng: Prng,
    /** Arrivals per second when nothing excites them. */
    private readonly baseRate: number,
  ) {}

  arrivals(seconds: number, view: MarketView): TakerOrder[] {
    this.observe(seconds, view.quote);
    this.excited *= Math.exp(-decay * seconds);
    const rate = this.baseRate * Math.min(2.5, 0.7 + 0.3 * view.stress) + this.excited;
    const count = Math.min(ordersPerStepMax, this.prng.poisson(rate * seconds));
    this.excited += count * excitation * decay;
    return Array.from({ length: count }, () => this.decide(view)).filter((order) => order !== null);
  }

  private observe(seconds: number, quote: ObservedQuote): void {
    if (quote.bidTicks === null || quote.askTicks === null) return;
    const mid = Number(quote.bidTicks + quote.askTicks) / 2;
    if (this.previousMid !== null) this.momentum = this.momentum * Math.exp(-seconds / 8) + (mid - this.previousMid);
    this.previousMid = mid;
  }

  private decide(view: MarketView): TakerOrder | null {
    const { quote, sigmaTicks, fairTicks } = view;
    const { bidTicks, askTicks } = quote;
    if (bidTicks === null || askTicks === null) return null; // nothing to trade against: the makers come first
    const { prng } = this;
    const mid = Number(bidTicks + askTicks) / 2;
    const scale = Math.max(1, sigmaTicks * 3);
    const pull =
      Math.max(-1.6, Math.min(1.6, (fairTicks - mid) / scale)) * 0.9 +
      Math.max(-1, Math.min(1, this.momentum / scale)) * 0.35 +
      this.leaning;
    const side: FlowSide = prng.unit() < 1 / (1 + Math.exp(-pull)) ? 'BUY' : 'SELL';
    this.leaning = this.leaning * 0.82 + (side === 'BUY' ? 0.16 : -0.16);
    const thousands = prng.logNormal(1.9, 1.15);
    const lots = BigInt(Math.max(1, Math.round(Math.min(160, thousands) * this.instrument.lotsPerThousand)));
    const quantityLots = clampLots(lots, this.instrument);
    const kind = prng.unit();
    const touch = side === 'BUY' ? askTicks : bidTicks;
    if (kind < 0.3) return { side, orderType: 'MARKET', timeInForce: 'IOC', quantityLots, priceTicks: null, lifetimeMs: null };
    if (kind < 0.6) {
      const through = BigInt(Math.floor(prng.exponential(scale * 0.6)));
      const priceTicks = side === 'BUY' ? touch + through : touch - through;
      return priceTicks < 1n ? null : { side, orderType: 'LIMIT', timeInForce: 'IOC', quantityLots, priceTicks, lifetimeMs: null };
    }
    return this.rest(side, bidTicks, askTicks, quantityLots, scale);
  }

  /** A patient order: mostly at or behind the touch, sometimes inside the spread. */
  private rest(side: FlowSide, bidTicks: bigint, askTicks: bigint, quantityLots: bigint, scale: number): TakerOrder | null {
    const { prng } = this;
    const inside = askTicks - bidTicks > 1n && prng.unit() < 0.3;
    const behind = BigInt(Math.floor(prng.exponential(scale * 0.8)));
    const own = side === 'BUY' ? bidTicks : askTicks;
    const improved = side === 'BUY' ? own + 1n : own - 1n;
    const priceTicks = inside ? improved : side === 'BUY' ? own - behind : own + behind;
    if (priceTicks < 1n) return null;
    return { side, orderType: 'LIMIT', timeInForce: 'GTC', quantityLots, priceTicks, lifetimeMs: 2_000 + prng.exponential(18_000) };
  }
}

export const clampLots = (lots: bigint, instrument: FlowInstrument): bigint => {
  const { minQuantityLots, maxQuantityLots } = instrument;
  return lots < minQuantityLots ? minQuantityLots : lots > maxQuantityLots ? maxQuantityLots : lots;
};
