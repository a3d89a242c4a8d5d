import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { batchOf } from '#platform/engine/testing/market.js';
import { readTape } from '#platform/tape/tape-reader.js';

/**
 * What a writer leaves that dies between answering at level ENGINE and sending: a group behind the end of the tape that is in its journal
 * alone. The journal must be nobody's at the time.
 */
export const executeUnsentGroup = async (options: {
  readonly connection: NatsConnection;
  readonly engine: Pick<FulltapeConfig['engine'], 'maxOrders' | 'maxAccounts' | 'maxInstruments' | 'journalBytesMax' | 'journalDir'>;
  readonly commands: readonly EngineCommand[];
}): Promise<void> => {
  const { maxOrders, maxAccounts, maxInstruments, journalBytesMax, journalDir } = options.engine;
  const shard = EngineShard.open({
    shard: 0,
    maxOrders,
    maxAccounts,
    maxInstruments,
    journalBytesMax,
    journalDir: join(journalDir, 'shard-0'),
  });
  try {
    const { signal } = new AbortController();
    for await (const entry of readTape(options.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) shard.apply(entry.bytes);
    shard.enqueue(batchOf(options.commands, { timeSupplied: true }));
    const { answerCount } = shard.execute(0n, { timesSupplied: true });
    if (answerCount !== options.commands.length) throw new Error(`${answerCount} of ${options.commands.length} commands were answered`);
  } finally {
    shard.close();
  }
};
