import { CommitSize, encodeCommit, type Commit } from '#contracts/tape/layout.generated.js';
import { messageDataAt, viewOf } from '#contracts/tape/message.js';

const wordBytes = 8;

/** Header of a first commit that holds nothing and whose hashes are not filled in. */
export const emptyCommit: Commit = {
  firstCommandNumber: 1n,
  epoch: 1n,
  commitNumber: 1n,
  shard: 0,
  flags: 0,
  commandCount: 0,
  part: 0,
  engineVersion: 1,
  lastPart: 1,
  previousHash0: 0n,
  previousHash1: 0n,
  previousHash2: 0n,
  previousHash3: 0n,
  hash0: 0n,
  hash1: 0n,
  hash2: 0n,
  hash3: 0n,
  stateHash0: 0n,
  stateHash1: 0n,
};

/** A message of the tape without records. */
export const emptyCommitMessage = (header: Partial<Commit>): Uint8Array => {
  const bytes = new Uint8Array(messageDataAt + CommitSize.dataBytes + CommitSize.pointers * wordBytes);
  const view = viewOf(bytes);
  view.setUint32(4, bytes.byteLength / wordBytes - 1, true);
  view.setUint16(12, CommitSize.dataBytes / wordBytes, true);
  view.setUint16(14, CommitSize.pointers, true);
  encodeCommit(view, messageDataAt, { ...emptyCommit, ...header });
  return bytes;
};
