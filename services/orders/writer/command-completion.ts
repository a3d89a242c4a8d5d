import type { Commit } from '#contracts/tape/layout.generated.js';

type CommitExtent = Pick<Commit, 'commitNumber' | 'firstCommandNumber' | 'commandCount' | 'lastPart'>;

/** Up to which command everything is complete once this commit is stored. */
export interface Completion {
  readonly commitNumber: bigint;
  readonly completedThrough: bigint;
}

/**
 * For the commits of one group: which commands are complete with each. A command that spans commits stands in its first part alone and
 * is complete with its last one, so the last command of an open part does not count yet.
 */
export const completionsOf = (commits: readonly CommitExtent[]): readonly Completion[] => {
  let lastCommand = 0n;
  return commits.map((commit) => {
    lastCommand =
      commit.commandCount > 0
        ? commit.firstCommandNumber + BigInt(commit.commandCount) - 1n
        : lastCommand || commit.firstCommandNumber - 1n;
    return { commitNumber: commit.commitNumber, completedThrough: commit.lastPart === 1 ? lastCommand : lastCommand - 1n };
  });
};

/** The first commit with which a command and all before it in the group are complete. */
export const commitThatCompletes = (completions: readonly Completion[], commandNumber: bigint): bigint => {
  for (const completion of completions) if (completion.completedThrough >= commandNumber) return completion.commitNumber;
  throw new RangeError(`command ${commandNumber} is not in the commits of its group`);
};
