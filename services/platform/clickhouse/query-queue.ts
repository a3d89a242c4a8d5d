/**
 * Bounds how many statements run at once: reads run beside each other, writes (inserts and DDL) one after another in the order of their
 * arrival. When `waitingMax` statements wait, the next one is refused at once.
 */
export class QueryQueue {
  readonly #readersMax: number;
  readonly #waitingMax: number;
  readonly #waitingReads: (() => void)[] = [];
  readonly #waitingWrites: (() => void)[] = [];
  #readers = 0;
  #writing = false;

  constructor(options: { readonly readersMax: number; readonly waitingMax: number }) {
    this.#readersMax = options.readersMax;
    this.#waitingMax = options.waitingMax;
  }

  get waiting(): number {
    return this.#waitingReads.length + this.#waitingWrites.length;
  }

  /** Undefined when the queue is full. */
  run<Value>(kind: 'read' | 'write', work: () => Promise<Value>): Promise<Value> | undefined {
    if (this.waiting >= this.#waitingMax) return undefined;
    const result = Promise.withResolvers<Value>();
    const start = (): void => {
      work()
        .then(result.resolve, result.reject)
        .finally(() => {
          if (kind === 'read') this.#readers -= 1;
          else this.#writing = false;
          this.#next();
        });
    };
    (kind === 'read' ? this.#waitingReads : this.#waitingWrites).push(start);
    this.#next();
    return result.promise;
  }

  #next(): void {
    if (!this.#writing) {
      const write = this.#waitingWrites.shift();
      if (write !== undefined) {
        this.#writing = true;
        write();
      }
    }
    while (this.#readers < this.#readersMax) {
      const read = this.#waitingReads.shift();
      if (read === undefined) return;
      this.#readers += 1;
      read();
    }
  }
}
