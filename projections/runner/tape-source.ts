import type { NatsConnection } from '@nats-io/transport-node';
import { readTape, tapeExtent } from '#platform/tape/tape-reader.js';
import type { Source, SourceMessage, TapeContent } from './source.js';
import { endsCommands } from './tape-batch.js';

/** The tape of one shard as a source. */
export const tapeSource = (connection: NatsConnection, shard: number): Source<TapeContent> => ({
  name: `tape.${shard}`,
  async *read(after: bigint, signal: AbortSignal): AsyncGenerator<SourceMessage<TapeContent>> {
    for await (const { streamSequence, bytes } of readTape(connection, shard, { fromStreamSequence: after + 1n, signal })) {
      yield { streamSequence, content: bytes };
    }
  },
  head: async () => (await tapeExtent(connection, shard)).lastSequence,
  endsUnit: endsCommands,
  bytesOf: (content) => content,
});
