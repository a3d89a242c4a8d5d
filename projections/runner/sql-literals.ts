/** Values as PostgreSQL reads them fastest to write: exact, and without the formatting that people need. */
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import { nanosToIso } from '#contracts/time/clock.js';

/** `value * 10^-exponent` as a numeric literal. */
export const scaledLiteral = (value: bigint, exponent: number): string => (value === 0n ? '0' : `${value}e-${exponent}`);

export const priceLiteral = (ticks: bigint, scale: InstrumentScale): string =>
  scaledLiteral(ticks * scale.tickMantissa, scale.tickExponent);

export const quantityLiteral = (lots: bigint, scale: InstrumentScale): string => scaledLiteral(lots * scale.lotMantissa, scale.lotExponent);

let lastNanos = -1n;
let lastText = '';

/** A timestamptz literal. Effects of one command have one time, so the last text is kept. */
export const timeLiteral = (nanos: bigint): string => {
  if (nanos !== lastNanos) {
    lastText = nanosToIso(nanos);
    lastNanos = nanos;
  }
  return lastText;
};
