import type { AckLevel } from '#contracts/tape/codes.generated.js';

/** A batch that waits for its turn. */
export interface QueuedBatch {
  /** The `CommandBatch` message. */
  readonly message: Uint8Array;
  readonly ackLevel: AckLevel;
  readonly timeSupplied: boolean;
  readonly commandCount: number;
  /** UNIX time; 0n = none. Behind it the batch is dropped unsequenced. */
  readonly deadlineNanos: bigint;
  /** Given exactly one `CommandBatchAnswer` message. */
  readonly reply: (answer: Uint8Array) => void;
}

export interface QueueBounds {
  readonly commandsMax: number;
  readonly bytesMax: number;
}

export interface GroupBounds {
  readonly commandsMax: number;
  readonly bytesMax: number;
}

/** First-in first-out queue of batches with a bound on commands and bytes; what does not fit is turned away (BUSY), never dropped. */
export class IntakeQueue {
  readonly #bounds: QueueBounds;
  #batches: QueuedBatch[] = [];
  #from = 0;
  #commands = 0;
  #bytes = 0;

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  get batchCount(): number {
    return this.#batches.length - this.#from;
  }

  get commandCount(): number {
    return this.#commands;
  }

  /** False when the batch does not fit. An empty queue takes any batch, so that no batch is unservable. */
  offer(batch: QueuedBatch): boolean {
    const isFull =
      this.#commands + batch.commandCount > this.#bounds.commandsMax || this.#bytes + batch.message.byteLength > this.#bounds.bytesMax;
    if (isFull && this.batchCount > 0) return false;
    this.#batches.push(batch);
    this.#commands += batch.commandCount;
    this.#bytes += batch.message.byteLength;
    return true;
  }

  /**
   * The next group: batches from the front while they fit its bounds and take their times from the same place; at least one.
   */
  takeGroup(bounds: GroupBounds): readonly QueuedBatch[] {
    const group: QueuedBatch[] = [];
    let commands = 0;
    let bytes = 0;
    for (let batch = this.#batches[this.#from]; batch !== undefined; batch = this.#batches[this.#from]) {
      const first = group[0];
      const fits = commands + batch.commandCount <= bounds.commandsMax && bytes + batch.message.byteLength <= bounds.bytesMax;
      if (first !== undefined && (!fits || first.timeSupplied !== batch.timeSupplied)) break;
      group.push(batch);
      commands += batch.commandCount;
      bytes += batch.message.byteLength;
      this.#from += 1;
    }
    this.#forget(commands, bytes);
    return group;
  }

  /** Puts the end of a group that was not executed back to the front, in its order. */
  putBack(batches: readonly QueuedBatch[]): void {
    this.#batches = [...batches, ...this.#batches.slice(this.#from)];
    this.#from = 0;
    for (const batch of batches) {
      this.#commands += batch.commandCount;
      this.#bytes += batch.message.byteLength;
    }
  }

  /** Empties the queue. */
  takeAll(): readonly QueuedBatch[] {
    const all = this.#batches.slice(this.#from);
    this.#batches = [];
    this.#from = 0;
    this.#commands = 0;
    this.#bytes = 0;
    return all;
  }

  #forget(commands: number, bytes: number): void {
    this.#commands -= commands;
    this.#bytes -= bytes;
    // Compact now and then: shift() on every batch would move the whole array.
    if (this.#from > 1_024 || this.#from === this.#batches.length) {
      this.#batches = this.#batches.slice(this.#from);
      this.#from = 0;
    }
  }
}
