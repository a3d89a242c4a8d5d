import { blake3 } from '@noble/hashes/blake3.js';
import { FulltapeError, ok, refuse, type Result } from '#contracts/result/result.js';
import { CommitOffset } from '#contracts/tape/layout.generated.js';
import { messageDataAt, openCommit, viewOf, type CommitMessage } from '#contracts/tape/message.js';

const hashBytes = 32;
const hashAt = messageDataAt + CommitOffset.hash0;

/** End of a verified chain. */
export interface ChainHead {
  readonly commitNumber: bigint;
  /** Hash words of the last commit, in the order of the header. */
  readonly hash: readonly [bigint, bigint, bigint, bigint];
}

export const genesis: ChainHead = { commitNumber: 0n, hash: [0n, 0n, 0n, 0n] };

/** BLAKE3 of a commit with its own hash taken as zero, as the words of the header. */
export const computeCommitHash = (bytes: Uint8Array): readonly [bigint, bigint, bigint, bigint] => {
  const copy = bytes.slice();
  copy.fill(0, hashAt, hashAt + hashBytes);
  const view = viewOf(blake3(copy));
  return [view.getBigUint64(0, true), view.getBigUint64(8, true), view.getBigUint64(16, true), view.getBigUint64(24, true)];
};

const sameWords = (a: readonly bigint[], b: readonly bigint[]): boolean => a.every((word, index) => word === b[index]);

/**
 * Whether a stored message is the next commit of the chain: its number, the hash of the commit before it, its own hash. A refusal is
 * TAPE_CORRUPT with what is wrong.
 */
export const extendChain = (head: ChainHead, bytes: Uint8Array): Result<{ readonly head: ChainHead; readonly commit: CommitMessage }> => {
  const wanted = head.commitNumber + 1n;
  const broken = (why: string, extra: Readonly<Record<string, string>> = {}): Result<never> =>
    refuse('TAPE_CORRUPT', { commitNumber: String(wanted), why, ...extra });
  let commit: CommitMessage;
  try {
    commit = openCommit(bytes);
  } catch (error) {
    return broken(error instanceof FulltapeError ? (error.details['why'] ?? error.message) : 'it is not a commit');
  }
  const { header } = commit;
  if (header.commitNumber !== wanted) return broken('the number is another one', { found: String(header.commitNumber) });
  if (!sameWords([header.previousHash0, header.previousHash1, header.previousHash2, header.previousHash3], head.hash)) {
    return broken('it does not name the hash of the commit before it');
  }
  const own = [header.hash0, header.hash1, header.hash2, header.hash3] as const;
  if (!sameWords(computeCommitHash(bytes), own)) return broken('its content does not have its hash');
  return ok({ head: { commitNumber: wanted, hash: own }, commit });
};
