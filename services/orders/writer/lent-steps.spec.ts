import { describe, expect, it } from 'vitest';
import { LentStep, OutputPool } from '#platform/engine/output-pool.js';
import { LentSteps } from './lent-steps.js';

const pool = new OutputPool();

const stepOf = (): LentStep => {
  const memory = pool.take();
  return new LentStep(pool, memory, [new Uint8Array(memory, 0, 8)], new Uint8Array(memory, 8, 64), 1);
};
const isReleased = (step: LentStep): boolean => step.answers.byteLength === 0;

describe('outputs on their way to the broker', () => {
  it('are released with the last of their commits, in order', () => {
    const lent = new LentSteps();
    const [first, second] = [stepOf(), stepOf()];
    lent.add(first, [{ commitNumber: 1n }]);
    lent.add(second, [{ commitNumber: 2n }, { commitNumber: 3n }]);
    lent.acknowledged(1n, 1);
    lent.acknowledged(2n, 1);
    expect([isReleased(first), isReleased(second), lent.size]).toEqual([true, false, 1]);
    lent.acknowledged(3n, 1);
    expect([isReleased(second), lent.size]).toEqual([true, 0]);
  });

  it('stay as they are where a commit was sent again: an earlier attempt may still be read', () => {
    const lent = new LentSteps();
    const [repeated, next] = [stepOf(), stepOf()];
    lent.add(repeated, [{ commitNumber: 1n }, { commitNumber: 2n }]);
    lent.add(next, [{ commitNumber: 3n }]);
    lent.acknowledged(1n, 2);
    lent.acknowledged(2n, 1);
    lent.acknowledged(3n, 1);
    expect([isReleased(repeated), isReleased(next), lent.size]).toEqual([false, true, 0]);
  });

  it('pass over commits that were not lent', () => {
    const lent = new LentSteps();
    lent.acknowledged(9n, 1);
    const step = stepOf();
    lent.add(step, [{ commitNumber: 12n }]);
    lent.acknowledged(10n, 1);
    lent.acknowledged(11n, 1);
    expect(isReleased(step)).toBe(false);
    lent.acknowledged(12n, 1);
    expect(isReleased(step)).toBe(true);
  });
});
