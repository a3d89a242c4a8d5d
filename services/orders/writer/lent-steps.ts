import type { LentStep } from '#platform/engine/output-pool.js';

interface Lent {
  readonly step: LentStep;
  readonly lastCommitNumber: bigint;
  /** A commit of it was sent more than once: a copy of an earlier attempt may still wait in the client of the broker. */
  isRepeated: boolean;
}

/**
 * The outputs of the engine that are on their way to the broker, in the order of their commits. One is released when the broker has all
 * of its commits and each was sent once, so that nobody reads it any more; otherwise it is left to the garbage collector.
 */
export class LentSteps {
  readonly #lent: Lent[] = [];

  get size(): number {
    return this.#lent.length;
  }

  add(step: LentStep, commits: readonly { readonly commitNumber: bigint }[]): void {
    const last = commits.at(-1);
    if (last !== undefined) this.#lent.push({ step, lastCommitNumber: last.commitNumber, isRepeated: false });
  }

  /** Every use of the commit but this one has ended. Commits are acknowledged in their order. */
  acknowledged(commitNumber: bigint, attempts: number): void {
    const lent = this.#lent[0];
    if (lent === undefined) return;
    if (attempts !== 1) lent.isRepeated = true;
    if (commitNumber < lent.lastCommitNumber) return;
    this.#lent.shift();
    if (!lent.isRepeated) lent.step.release();
  }
}
