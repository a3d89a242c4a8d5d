import type { EngineShard } from '#platform/engine/engine-shard.js';
import type { HashOnTape } from '#platform/tape/tape-membership.js';

/**
 * Compares the journal with the part of the tape that a restored engine did not apply. Commits form a chain: when the highest one that both
 * hold is the same, all before it are; when it is not, bisection finds the first that differs. The engine keeps that in mind and gives
 * REVOKED when the journal's tail is asked for, so that it is set aside and its clients are told.
 */
export const compareJournal = async (engine: EngineShard, hashOnTape: HashOnTape): Promise<void> => {
  const { firstCommitNumber, lastCommitNumber } = engine.journal;
  const restoredAt = engine.headCommitNumber;
  const differs = async (commitNumber: bigint): Promise<boolean> => {
    const hash = await hashOnTape(commitNumber);
    return hash !== null && engine.journalDiffers(commitNumber, hash);
  };
  let high = lastCommitNumber < restoredAt ? lastCommitNumber : restoredAt;
  if (firstCommitNumber === 0n || high < firstCommitNumber || !(await differs(high))) return;
  let low = firstCommitNumber - 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await differs(middle)) high = middle;
    else low = middle;
  }
};
