import { describe, expect, it } from 'vitest';
import { commitThatCompletes, completionsOf } from './command-completion.js';

const commit = (commitNumber: bigint, firstCommandNumber: bigint, commandCount: number, lastPart: number) => ({
  commitNumber,
  firstCommandNumber,
  commandCount,
  lastPart,
});

describe('completion of commands by commits', () => {
  it('completes every command of a commit that stands alone', () => {
    const completions = completionsOf([commit(7n, 100n, 3, 1)]);
    expect(completions).toEqual([{ commitNumber: 7n, completedThrough: 102n }]);
    expect(commitThatCompletes(completions, 100n)).toBe(7n);
  });

  it('completes a command that spans commits with its last part, and those before it with the first', () => {
    // 100 and 101 fit; 102 goes on in two more parts; 103 follows in a commit of its own.
    const completions = completionsOf([commit(7n, 100n, 3, 0), commit(8n, 103n, 0, 0), commit(9n, 103n, 0, 1), commit(10n, 103n, 1, 1)]);
    expect(completions.map((one) => one.completedThrough)).toEqual([101n, 101n, 102n, 103n]);
    expect([100n, 101n, 102n, 103n].map((number) => commitThatCompletes(completions, number))).toEqual([7n, 7n, 9n, 10n]);
  });

  it('counts from the number of the commit when a group begins with a later part', () => {
    expect(completionsOf([commit(8n, 103n, 0, 1)])).toEqual([{ commitNumber: 8n, completedThrough: 102n }]);
  });

  it('refuses a command that is in none of the commits', () => {
    expect(() => commitThatCompletes(completionsOf([commit(7n, 100n, 3, 1)]), 103n)).toThrow(RangeError);
  });
});
