/** Someone whose answer depends on a commit being stored. */
export interface DurableWaiter {
  readonly commitNumber: bigint;
  readonly acknowledged: (streamSequence: bigint) => void;
  /** Gets the reason when it will never be known. */
  readonly abandoned: () => void;
}

/** Those who wait for the broker, in the order of the commits. */
export class DurableWaiters {
  #waiters: DurableWaiter[] = [];
  #from = 0;

  get size(): number {
    return this.#waiters.length - this.#from;
  }

  add(waiter: DurableWaiter): void {
    this.#waiters.push(waiter);
  }

  /** Answers all who wait for this commit or one before it. */
  release(commitNumber: bigint, streamSequence: bigint): void {
    for (
      let waiter = this.#waiters[this.#from];
      waiter !== undefined && waiter.commitNumber <= commitNumber;
      waiter = this.#waiters[this.#from]
    ) {
      this.#from += 1;
      waiter.acknowledged(streamSequence);
    }
    if (this.#from > 1_024 || this.#from === this.#waiters.length) {
      this.#waiters = this.#waiters.slice(this.#from);
      this.#from = 0;
    }
  }

  abandonAll(): void {
    const waiters = this.#waiters.slice(this.#from);
    this.#waiters = [];
    this.#from = 0;
    for (const waiter of waiters) waiter.abandoned();
  }
}
