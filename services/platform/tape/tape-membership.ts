import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { tapeStreamName } from '#contracts/subjects/registry.js';
import { commitHash, openCommit } from '#contracts/tape/message.js';
import type { IsOnTape } from './orphan-files.js';

const requestTimeoutMs = 5_000;

/** Hash of a commit in the broker by its number; null when it holds none of that number. */
export type HashOnTape = (commitNumber: bigint) => Promise<string | null>;

/**
 * Asks the broker for a commit by its number: only writers append to a tape, one message a commit, so the number is the stream sequence.
 * A message that is no commit, or another one, is an answer too: the commit is not there.
 * @throws the function: FulltapeError STORE_UNAVAILABLE
 */
export const tapeHashes =
  (connection: NatsConnection, shard: number): HashOnTape =>
  async (commitNumber) => {
    const stream = tapeStreamName(shard);
    let data: Uint8Array | undefined;
    try {
      const manager = await jetstreamManager(connection, { checkAPI: false, timeout: requestTimeoutMs });
      data = (await manager.streams.getMessage(stream, { seq: Number(commitNumber) }))?.data;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.NoMessageFound) return null;
      throw new FulltapeError('STORE_UNAVAILABLE', { stream, commitNumber: String(commitNumber) }, { cause: error });
    }
    if (data === undefined) return null;
    try {
      const commit = openCommit(data);
      return commit.header.commitNumber === commitNumber ? commitHash(commit) : null;
    } catch (error) {
      if (error instanceof FulltapeError && error.code === 'MALFORMED_COMMAND_MESSAGE') return null;
      throw error;
    }
  };

/** Whether a commit is on the tape. @throws the function: as `tapeHashes` */
export const tapeMembership = (connection: NatsConnection, shard: number): IsOnTape => {
  const hashOf = tapeHashes(connection, shard);
  return async ({ commitNumber, hash }) => (await hashOf(commitNumber)) === hash;
};
