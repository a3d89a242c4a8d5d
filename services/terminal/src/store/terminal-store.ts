import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { createFrameQueue } from './frame-queue.js';
import { storedView, storeView } from './stored-view.js';
import { initialState, reduce, type Action, type TerminalState } from './terminal-state.js';

export const terminalStore = createStore<TerminalState>(() => ({ ...initialState, ...storedView() }));

terminalStore.subscribe((state, previous) => {
  if (state.symbol !== previous.symbol || state.timeframe !== previous.timeframe) storeView(state);
});

const queue = createFrameQueue<Action>(
  { request: (callback) => requestAnimationFrame(callback), cancel: (handle) => cancelAnimationFrame(handle) },
  (actions) => terminalStore.setState((state) => actions.reduce(reduce, state)),
);

/** From a stream: merged into the next frame. */
export const stream = (action: Action): void => queue.push(action);

/** From a person: applied at once, behind what has already streamed in. */
export const dispatch = (action: Action): void => {
  queue.push(action);
  queue.flush();
};

export const useTerminal = <Value>(select: (state: TerminalState) => Value): Value => useStore(terminalStore, select);
