import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { RepairAnswer } from '#platform/tape/repair-protocol.js';
import { shardServices, type ShardServices } from '../shard/shard-services.js';

/** An operator orders the repair of a tape that lost its end; null when this process does not serve the shard. */
export class RepairTape extends Command<RepairAnswer | null> {
  readonly shard: number;

  constructor(shard: number) {
    super();
    this.shard = shard;
  }
}

@CommandHandler(RepairTape)
export class RepairTapeHandler implements ICommandHandler<RepairTape> {
  readonly #shards: ShardServices;

  constructor(@Inject(shardServices) shards: ShardServices) {
    this.#shards = shards;
  }

  async execute({ shard }: RepairTape): Promise<RepairAnswer | null> {
    return (await this.#shards.get(shard)?.repair()) ?? null;
  }
}
