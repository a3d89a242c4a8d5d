import { formatQuantity, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';

/** An iceberg comes to the surface at most so often, as in the engine: each time costs a place in the queue and a report. */
const slicesMax = 1_000n;

/** What an iceberg of a quantity shows, where it shows enough of it. */
export const displayLotsOf = (displayLots: bigint, quantityLots: bigint, scale: InstrumentScale): Result<bigint> => {
  const least = (quantityLots + slicesMax - 1n) / slicesMax;
  if (displayLots >= least) return ok(displayLots);
  return refuse('INVALID_ARGUMENT', {
    argument: 'displayQuantity',
    value: formatQuantity(displayLots, scale),
    expected: `at least ${formatQuantity(least, scale)}, a thousandth of the quantity`,
  });
};
