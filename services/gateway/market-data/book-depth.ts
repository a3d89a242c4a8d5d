import { FulltapeError } from '#contracts/result/result.js';

/** Most levels a side that one client may ask for. */
const depthMax = 1_000;

/** @throws FulltapeError INVALID_ARGUMENT outside 1 .. 1,000 */
export const depthOf = (depth: number | null | undefined, byDefault: number): number => {
  const levels = depth ?? byDefault;
  if (levels < 1 || levels > depthMax)
    throw new FulltapeError('INVALID_ARGUMENT', { argument: 'depth', value: String(levels), limit: `1 .. ${depthMax}` });
  return levels;
};
