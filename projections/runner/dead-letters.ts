import { headers, type NatsConnection } from '@nats-io/transport-node';
import { jetstream } from '@nats-io/jetstream';
import type { PoolClient } from 'pg';
import { deadLetterSubject } from '#contracts/subjects/registry.js';
import { FulltapeError } from '#contracts/result/result.js';

/** A message that a group could not apply. */
export interface DeadLetter {
  readonly group: string;
  readonly source: string;
  readonly streamSequence: bigint;
  readonly bytes: Uint8Array;
  readonly error: unknown;
}

/** Where messages go that cannot be applied; parking twice keeps one. */
export interface DeadLetters {
  park(letter: DeadLetter): Promise<void>;
}

/** Header values are one line of printable ASCII. */
const headerText = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 512);

export const natsDeadLetters = (connection: NatsConnection): DeadLetters => ({
  park: async ({ group, source, streamSequence, bytes, error }) => {
    const marks = headers();
    marks.set('Fulltape-Source', source);
    marks.set('Fulltape-Sequence', String(streamSequence));
    marks.set('Fulltape-Error', headerText(error));
    await jetstream(connection, { timeout: 5_000 }).publish(deadLetterSubject(group), bytes, {
      headers: marks,
      msgID: `${group}:${source}:${streamSequence}`,
    });
  },
});

/** Lists the letter where operators look, in the transaction that moves past the message. */
export const recordDeadLetter = async (client: PoolClient, { group, source, streamSequence, error }: DeadLetter): Promise<void> => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof FulltapeError ? cause.code : 'DEAD_LETTERED';
  await client.query(
    `INSERT INTO control.dead_letters (group_name, source, stream_sequence, code, error) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (group_name, source, stream_sequence) DO NOTHING`,
    [group, source, String(streamSequence), code, (error instanceof Error ? error.message : String(error)).slice(0, 2_000)],
  );
};
