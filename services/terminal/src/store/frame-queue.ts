/** Runs a callback at the next frame; `cancel` forgets it. */
export interface Frames {
  request(callback: () => void): number;
  cancel(handle: number): void;
}

/** Beyond this many waiting actions the frame is not waited for: a hidden tab gets no frames, and its memory must not grow. */
const waitingMax = 1_000;

/** Collects what happens and hands it over once per frame, so that a hundred updates cost one render. */
export const createFrameQueue = <Item>(
  frames: Frames,
  apply: (items: readonly Item[]) => void,
): { push(item: Item): void; flush(): void } => {
  let waiting: Item[] = [];
  let handle: number | null = null;
  const flush = (): void => {
    if (handle !== null) frames.cancel(handle);
    handle = null;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    apply(items);
  };
  return {
    push: (item) => {
      waiting.push(item);
      if (waiting.length >= waitingMax) flush();
      else handle ??= frames.request(flush);
    },
    flush,
  };
};
