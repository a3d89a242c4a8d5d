import { z } from 'zod';
import { parseDecimal } from '../money/decimal.js';

/** Decimal text; never a JSON number, which would be a float. */
export const decimalText = z.string().refine((text) => parseDecimal(text).ok, 'a decimal');
export const tapeId = z.number().int().min(1).max(0xffff_ffff);
export const ppm = z.number().int().min(-1_000_000).max(1_000_000);
export const nameText = z.string().min(1).max(255);
