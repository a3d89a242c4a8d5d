import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { shardServices, type ShardServices } from '../shard/shard-services.js';

/** What this process says of itself and of one shard; null when it does not serve the shard. */
export class DescribeShard extends Query<OrdersStatus | null> {
  readonly shard: number;

  constructor(shard: number) {
    super();
    this.shard = shard;
  }
}

@QueryHandler(DescribeShard)
export class DescribeShardHandler implements IQueryHandler<DescribeShard> {
  readonly #shards: ShardServices;

  constructor(@Inject(shardServices) shards: ShardServices) {
    this.#shards = shards;
  }

  execute({ shard }: DescribeShard): Promise<OrdersStatus | null> {
    return Promise.resolve(this.#shards.get(shard)?.status() ?? null);
  }
}
