import { memo } from 'react';
import type { PriceTicks } from '../model/values.js';

const width = 56;
const height = 18;

/** Recent prices as a line; scaled to its own range. Ticks become coordinates here and nowhere else. */
export const Sparkline = memo(({ prices, tone }: { readonly prices: readonly PriceTicks[]; readonly tone: 'up' | 'down' | 'flat' }) => {
  if (prices.length < 2) return <svg width={width} height={height} aria-hidden="true" />;
  const numbers = prices.map(Number);
  const min = Math.min(...numbers);
  const span = Math.max(1, Math.max(...numbers) - min);
  const points = numbers
    .map(
      (price, index) =>
        `${((index / (numbers.length - 1)) * width).toFixed(1)},${(height - 2 - ((price - min) / span) * (height - 4)).toFixed(1)}`,
    )
    .join(' ');
  return (
    <svg
      width={width}
      height={height}
      aria-hidden="true"
      className={tone === 'up' ? 'text-up' : tone === 'down' ? 'text-down' : 'text-faint'}
    >
      <polyline points={points} fill="none" stroke="currentColor" strokeWidth="1.2" strokeLinejoin="round" />
    </svg>
  );
});
