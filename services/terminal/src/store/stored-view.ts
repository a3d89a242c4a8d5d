import { isTimeframe } from './bars.js';
import type { TerminalState } from './terminal-state.js';

const storageKey = 'fulltape.view';

type View = Pick<TerminalState, 'symbol' | 'timeframe'>;

/** Instrument and timeframe of the last visit; nothing where storage is closed or holds something else. */
export const storedView = (): Partial<View> => {
  try {
    const [symbol, timeframe] = (localStorage.getItem(storageKey) ?? '').split(' ');
    return symbol === undefined || timeframe === undefined || !isTimeframe(timeframe) ? {} : { symbol, timeframe };
  } catch {
    return {};
  }
};

export const storeView = ({ symbol, timeframe }: View): void => {
  try {
    localStorage.setItem(storageKey, `${symbol} ${timeframe}`);
  } catch {
    // A private window may refuse; the page then opens as for a newcomer.
  }
};
