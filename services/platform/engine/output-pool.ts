import { FulltapeError } from '#contracts/result/result.js';

/** Bytes of a memory before anything larger was needed: what a group of 1,000 plain commands gives, several times. */
const bytesAtFirst = 1_048_576;
/** A group that gives more is an exception and gets memory of its own. */
const bytesMax = 16 * 1_048_576;
/** Memories kept for the next calls; as many commits are under way to the broker at most. */
const keptMax = 32;

/**
 * Memories that the engine writes its output to, one call after the other: no page of them is fresh, nothing is zeroed or copied. Each is
 * with the pool or with one borrower. What is given back is moved to a new ArrayBuffer at the same address, which detaches every view that
 * the borrower may have kept: a late reader finds nothing, never the output of a later call. A memory that is not given back is left to
 * the garbage collector; so is what a borrower must not give back, because somebody may still read it.
 */
export class OutputPool {
  readonly #free: ArrayBuffer[] = [];
  #bytesWanted = bytesAtFirst;

  /** Memory that nobody else can see; the one that was given back last, which the caches still hold. */
  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(this.#bytesWanted);
  }

  /** Takes memory back and detaches all views of it. */
  giveBack(memory: ArrayBuffer): void {
    const moved = memory.transfer();
    if (this.#free.length < keptMax && moved.byteLength >= this.#bytesWanted) this.#free.push(moved);
  }

  /** An output did not fit: the next memories have room for two of them, as far as that is reasonable. */
  grow(byteLength: number): void {
    while (this.#bytesWanted < byteLength * 2 && this.#bytesWanted < bytesMax) this.#bytesWanted *= 2;
    const kept = this.#free.filter((memory) => memory.byteLength >= this.#bytesWanted);
    this.#free.splice(0, this.#free.length, ...kept);
  }
}

/** What one group gave, in memory that is lent until `release`. */
export class LentStep {
  readonly commits: readonly Uint8Array[];
  /** One 64-byte `AnswerRecord` per command, in the order of the queue. */
  readonly answers: Uint8Array;
  readonly answerCount: number;
  readonly #pool: OutputPool;
  #memory: ArrayBuffer | null;

  constructor(pool: OutputPool, memory: ArrayBuffer, commits: readonly Uint8Array[], answers: Uint8Array, answerCount: number) {
    this.#pool = pool;
    this.#memory = memory;
    this.commits = commits;
    this.answers = answers;
    this.answerCount = answerCount;
  }

  /**
   * Nobody reads `commits` and `answers` any more: their memory is written again by a later call. They are detached. Who cannot tell
   * whether somebody does (a publish without an answer) does not release.
   * @throws FulltapeError INVALID_ARGUMENT when it was released before
   */
  release(): void {
    const memory = this.#memory;
    if (memory === null) throw new FulltapeError('INVALID_ARGUMENT', { why: 'the output was released before' });
    this.#memory = null;
    this.#pool.giveBack(memory);
  }
}
