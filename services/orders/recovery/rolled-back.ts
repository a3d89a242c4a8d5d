import { FulltapeError } from '#contracts/result/result.js';
import type { RecordedHead } from '#platform/tape/tape-head.js';

/** Where the tape ends after it was replayed, and what is known to have been acknowledged. */
export interface HeadEvidence {
  readonly shard: number;
  readonly head: { readonly commitNumber: bigint; readonly hash: string; readonly lastCommandNumber: bigint };
  /** Highest commit that this machine's journal has seen acknowledged; 0n = none. */
  readonly journalAcknowledged: bigint;
  /** Head recorded in key-value; null = none. */
  readonly recorded: RecordedHead | null;
  /** Highest command number that a read model has applied; null = not known. */
  readonly projected: bigint | null;
  /** Highest commit of which there is a snapshot; 0n = none. Snapshots are stored once the broker has their commit. */
  readonly snapshot: bigint;
}

/**
 * Whether the broker holds less than it acknowledged. nats-server drops the end of a damaged block file at start without a warning,
 * so a tape that is merely readable proves nothing.
 */
export const rolledBackError = ({
  shard,
  head,
  journalAcknowledged,
  recorded,
  projected,
  snapshot,
}: HeadEvidence): FulltapeError | null => {
  if (journalAcknowledged > head.commitNumber) {
    return new FulltapeError('TAPE_ROLLED_BACK', {
      shard: String(shard),
      tape: String(head.commitNumber),
      journal: String(journalAcknowledged),
    });
  }
  if (projected !== null && projected > head.lastCommandNumber) {
    return new FulltapeError('TAPE_ROLLED_BACK', {
      shard: String(shard),
      lastCommand: String(head.lastCommandNumber),
      readModels: String(projected),
    });
  }
  if (snapshot > head.commitNumber) {
    return new FulltapeError('TAPE_ROLLED_BACK', { shard: String(shard), tape: String(head.commitNumber), snapshot: String(snapshot) });
  }
  if (recorded === null) return null;
  if (recorded.commitNumber > head.commitNumber) {
    return new FulltapeError('TAPE_ROLLED_BACK', {
      shard: String(shard),
      tape: String(head.commitNumber),
      recordedHead: String(recorded.commitNumber),
    });
  }
  if (recorded.commitNumber === head.commitNumber && recorded.hash !== head.hash) {
    return new FulltapeError('TAPE_CORRUPT', {
      shard: String(shard),
      commitNumber: String(head.commitNumber),
      tape: head.hash,
      recordedHead: recorded.hash,
    });
  }
  return null;
};
