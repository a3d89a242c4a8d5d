import { demoInstruments, type DemoInstrument } from '#contracts/demo/demo-world.js';
import { decimalToSteps, parseDecimal } from '#contracts/money/decimal.js';
import { defaultMoneyExponent, parsePriceTicks, parseQuantityLots, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import type { FlowInstrument } from './instrument.js';

/** Standard deviation of one minute, by asset class: lively enough to watch, small against the price collars. */
const volatilityPerMinute = { Equity: 0.0011, CryptoSpot: 0.0006 } as const;

export interface SimulatedInstrument {
  readonly flow: FlowInstrument;
  readonly scale: InstrumentScale;
}

/** Tick and lot as the demo world states them, in the scale that turns decimals into ticks and lots. */
export const simulatedInstrument = (demo: DemoInstrument): SimulatedInstrument => {
  const tick = unwrap(parseDecimal(demo.tickSize));
  const lot = unwrap(parseDecimal(demo.lotSize));
  const scale: InstrumentScale = {
    tickMantissa: tick.mantissa,
    tickExponent: tick.exponent,
    lotMantissa: lot.mantissa,
    lotExponent: lot.exponent,
    moneyExponent: defaultMoneyExponent,
  };
  const openingPriceTicks = unwrap(parsePriceTicks(demo.openingPrice, scale));
  // Value of one lot at the opening price, in money units: decides how many lots make an ordinary order.
  const unitsPerLot = decimalToSteps(
    { mantissa: openingPriceTicks * tick.mantissa * lot.mantissa, exponent: tick.exponent + lot.exponent },
    1n,
    defaultMoneyExponent,
  );
  const minNotional = unwrap(parseDecimal(demo.minNotional));
  const minUnits = decimalToSteps(minNotional, 1n, defaultMoneyExponent);
  if (unitsPerLot === null || unitsPerLot <= 0n || minUnits === null)
    throw new FulltapeError('INVALID_INSTRUMENT_TERMS', { symbol: demo.symbol });
  const flow: FlowInstrument = {
    symbol: demo.symbol,
    openingPriceTicks,
    lotsPerThousand: Number((1_000n * 10n ** BigInt(defaultMoneyExponent) * 1_000n) / unitsPerLot) / 1_000,
    maxQuantityLots: unwrap(parseQuantityLots(demo.maxQuantity, scale)),
    minQuantityLots: (minUnits * 2n) / unitsPerLot + 1n, // twice the smallest notional: the price may fall below the opening one
    volatilityPerMinute: volatilityPerMinute[demo.kind],
  };
  return { flow, scale };
};

export const simulatedInstruments = (): readonly SimulatedInstrument[] => demoInstruments.map(simulatedInstrument);
