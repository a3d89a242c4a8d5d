import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { DescribeShardHandler } from './handlers/describe-shard.js';
import { ExecuteCommandBatchHandler } from './handlers/execute-command-batch.js';
import { RepairTapeHandler } from './handlers/repair-tape.js';
import { shardServices, type ShardServices } from './shard/shard-services.js';

/** Buses and handlers of the orders service around the shards of the process. */
@Module({})
export class OrdersModule {
  static register(shards: ShardServices): DynamicModule {
    return {
      module: OrdersModule,
      imports: [CqrsModule.forRoot()],
      providers: [{ provide: shardServices, useValue: shards }, ExecuteCommandBatchHandler, DescribeShardHandler, RepairTapeHandler],
    };
  }
}
