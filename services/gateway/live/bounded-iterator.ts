/**
 * Queues between the one tape consumer and the subscriptions of clients. Each has a bound and a stated policy; a client that does
 * not read costs a bounded amount of memory and never slows the consumer down.
 */
import { FulltapeError } from '#contracts/result/result.js';

/** Why a queue ended, as its reader sees it. */
type End = { readonly type: 'closed' } | { readonly type: 'failed'; readonly error: unknown };

/** One waiting reader at most, as `for await` has it. */
class Waiter<Item> {
  #wake: PromiseWithResolvers<IteratorResult<Item, undefined>> | undefined;

  wait(): Promise<IteratorResult<Item, undefined>> {
    this.#wake ??= Promise.withResolvers<IteratorResult<Item, undefined>>();
    return this.#wake.promise;
  }

  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  give(result: IteratorResult<Item, undefined>): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.resolve(result);
  }

  fail(error: unknown): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

const done = { done: true, value: undefined } as const;

/** Common life of both queues: items are offered on one side, read on the other, and either side can end it. */
abstract class OutboundQueue<Item> implements AsyncIterableIterator<Item, undefined> {
  protected readonly waiter = new Waiter<Item>();
  #end: End | undefined;
  readonly #onEnd: () => void;

  /** `onEnd` is called once, when the reader leaves or the queue fails; it takes the queue off the fan-out. */
  protected constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  protected abstract take(): Item | undefined;
  protected abstract clear(): void;

  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  async next(): Promise<IteratorResult<Item, undefined>> {
    const end = this.#end;
    if (end?.type === 'failed') {
      this.#end = { type: 'closed' }; // told once, as iterators do
      throw end.error;
    }
    if (end !== undefined) return done;
    const item = this.take();
    return item === undefined ? this.waiter.wait() : { done: false, value: item };
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.close();
    return Promise.resolve(done);
  }

  throw(error: unknown): Promise<IteratorResult<Item, undefined>> {
    this.close();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  close(): void {
    if (this.#end !== undefined) return;
    this.#end = { type: 'closed' };
    this.clear();
    this.#onEnd();
    this.waiter.give(done);
  }

  /** Ends the queue with an error that the reader gets next; what was queued is dropped, because a resumed reader gets it again. */
  fail(error: unknown): void {
    if (this.#end !== undefined) return;
    const told = this.waiter.isWaiting;
    this.#end = told ? { type: 'closed' } : { type: 'failed', error };
    this.clear();
    this.#onEnd();
    this.waiter.fail(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Hands over what is there if somebody waits for it. */
  protected wake(): void {
    if (!this.waiter.isWaiting) return;
    const item = this.take();
    if (item !== undefined) this.waiter.give({ done: false, value: item });
  }
}

/** Keeps every item in order. When the reader is `capacity` items behind, the queue fails with BUSY; nothing is dropped silently. */
export class LosslessQueue<Item extends object> extends OutboundQueue<Item> {
  readonly #items: Item[] = [];
  readonly #capacity: number;
  #head = 0;

  constructor(options: { readonly capacity: number; readonly onEnd?: () => void }) {
    super(options.onEnd ?? (() => undefined));
    this.#capacity = options.capacity;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    if (this.isEnded) return;
    if (this.length >= this.#capacity) {
      this.fail(
        new FulltapeError('BUSY', {
          reason: 'the subscriber reads too slowly; subscribe again with resumeFrom',
          queued: String(this.#capacity),
        }),
      );
      return;
    }
    this.#items.push(item);
    this.wake();
  }

  protected take(): Item | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    // Cutting only now and then keeps a long queue linear.
    if (this.#head >= 1_024 || this.#head === this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }

  protected clear(): void {
    this.#items.length = 0;
    this.#head = 0;
  }
}

export interface ConflatingOptions<Key, Item> {
  /** Makes the item of a key when it is read, so it is as new as it can be; undefined = nothing to say after all. */
  readonly read: (key: Key) => Item | undefined;
  /** Least time between two items of one key. 0 = none. */
  readonly intervalMs?: number;
  readonly onEnd?: () => void;
  readonly nowMs?: () => number;
}

/**
 * Keeps at most one entry per key: that it has changed. The item itself is made when the client reads, so a slow client gets fewer
 * and newer items. Bounded by the number of keys.
 */
export class ConflatingQueue<Key, Item extends object> extends OutboundQueue<Item> {
  /** Changed keys in the order in which they changed first. */
  readonly #changed = new Set<Key>();
  /** When a key was last read; only for keys that may still have to wait. */
  readonly #readAtMs = new Map<Key, number>();
  readonly #read: (key: Key) => Item | undefined;
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ConflatingOptions<Key, Item>) {
    super(options.onEnd ?? (() => undefined));
    this.#read = options.read;
    this.#intervalMs = options.intervalMs ?? 0;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get length(): number {
    return this.#changed.size;
  }

  /** Says that what `key` names has changed. */
  mark(key: Key): void {
    if (this.isEnded) return;
    this.#changed.add(key);
    this.wake();
  }

  protected take(): Item | undefined {
    const now = this.#nowMs();
    let waitMs = Number.POSITIVE_INFINITY;
    for (const key of this.#changed) {
      const readAt = this.#readAtMs.get(key);
      const dueInMs = readAt === undefined ? 0 : readAt + this.#intervalMs - now;
      if (dueInMs > 0) {
        waitMs = Math.min(waitMs, dueInMs);
        continue;
      }
      this.#changed.delete(key);
      const item = this.#read(key);
      if (item === undefined) continue;
      if (this.#intervalMs > 0) this.#readAtMs.set(key, now);
      return item;
    }
    if (Number.isFinite(waitMs)) this.#wakeIn(waitMs);
    return undefined;
  }

  protected clear(): void {
    this.#changed.clear();
    this.#readAtMs.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wakeIn(waitMs: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.wake();
    }, Math.ceil(waitMs));
    this.#timer.unref();
  }
}
