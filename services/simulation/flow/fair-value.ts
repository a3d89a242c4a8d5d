import type { FlowInstrument } from './instrument.js';
import type { Prng } from './prng.js';

/** Limits of the latent price around the opening price: well inside the price collars, so that quoting never stops. */
const excursionMax = 0.12;

/**
 * Latent price of one instrument: a mean-reverting logarithm around a slowly wandering anchor, with a volatility that wanders itself,
 * switches between a calm and a busy regime, and jumps now and then. Nobody trades at it; it is what the makers believe.
 */
export interface FairValue {
  /** Moves the process on. */
  advance(seconds: number): void;
  /** Latent price in ticks, with a fraction. */
  priceTicks(): number;
  /** Standard deviation over one second, in ticks. */
  sigmaTicks(): number;
  /** Current volatility relative to the ordinary one; 1 is ordinary. */
  stress(): number;
  /** Continues from a price that the market shows, after a restart. */
  resumeAt(ticks: bigint): void;
}

export const createFairValue = (instrument: FlowInstrument, prng: Prng): FairValue => {
  const opening = Math.log(Number(instrument.openingPriceTicks));
  const ordinary = instrument.volatilityPerMinute / Math.sqrt(60);
  let logPrice = opening;
  let anchor = opening;
  let logVolatility = 0;
  let busy = false;
  let drift = 0;
  const clamp = (value: number): number => Math.min(opening + excursionMax, Math.max(opening - excursionMax, value));
  const stress = (): number => Math.exp(logVolatility) * (busy ? 2.2 : 1);
  const advance = (seconds: number): void => {
    // Regimes last minutes: volatility clusters, and the chart has quiet and lively stretches.
    if (prng.unit() < seconds / (busy ? 70 : 260)) busy = !busy;
    if (prng.unit() < seconds / 90) drift = prng.normal() * ordinary * 0.22;
    logVolatility += -0.03 * logVolatility * seconds + 0.11 * Math.sqrt(seconds) * prng.normal();
    anchor = clamp(anchor + 0.5 * ordinary * Math.sqrt(seconds) * prng.normal() - 0.00008 * (anchor - opening) * seconds);
    const sigma = ordinary * stress();
    const jump = prng.unit() < seconds / 420 ? prng.normal() * ordinary * 14 : 0;
    logPrice = clamp(
      logPrice + drift * seconds + 0.0035 * (anchor - logPrice) * seconds + sigma * Math.sqrt(seconds) * prng.normal() + jump,
    );
  };
  return {
    advance,
    priceTicks: () => Math.exp(logPrice),
    sigmaTicks: () => Math.exp(logPrice) * ordinary * stress(),
    stress,
    resumeAt: (ticks) => {
      logPrice = clamp(Math.log(Number(ticks)));
      anchor = logPrice;
    },
  };
};
