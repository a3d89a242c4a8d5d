/**
 * Decides what the journal may forget. It keeps the newest commits up to a number of bytes, all of them acknowledged, because a broker
 * can lose acknowledged commits and then only the journal has them.
 */
export class JournalKeeper {
  readonly #keepBytes: number;
  #bytes: number;
  /** Marks of how many bytes were held up to a commit, oldest first. */
  #marks: { readonly commitNumber: bigint; readonly bytes: number }[] = [];
  #sinceMark = 0;

  /** `heldBytes`: commits that the journal held when the process began; they are let go first. */
  constructor(keepBytes: number, heldBytes: number) {
    this.#keepBytes = keepBytes;
    this.#bytes = heldBytes;
    this.#sinceMark = heldBytes;
  }

  /** Notes an acknowledged commit; returns the commit number up to which the journal may forget, or null. */
  acknowledged(commitNumber: bigint, byteLength: number): bigint | null {
    this.#bytes += byteLength;
    this.#sinceMark += byteLength;
    // A mark each sixty-fourth of what is kept: trimming by commit would cost more than it frees.
    if (this.#sinceMark >= this.#keepBytes / 64) {
      this.#marks.push({ commitNumber, bytes: this.#sinceMark });
      this.#sinceMark = 0;
    }
    let trimTo: bigint | null = null;
    for (let mark = this.#marks[0]; mark !== undefined && this.#bytes - mark.bytes > this.#keepBytes; mark = this.#marks[0]) {
      this.#marks.shift();
      this.#bytes -= mark.bytes;
      trimTo = mark.commitNumber;
    }
    return trimTo;
  }
}
