import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { refusalAnswer } from '../writer/batch-answers.js';
import { shardServices, type ShardServices } from '../shard/shard-services.js';

/** A `CommandBatch` message as it came from the bus; the answer is a `CommandBatchAnswer` message. */
export class ExecuteCommandBatch extends Command<Uint8Array> {
  readonly shard: number;
  readonly message: Uint8Array;

  constructor(shard: number, message: Uint8Array) {
    super();
    this.shard = shard;
    this.message = message;
  }
}

@CommandHandler(ExecuteCommandBatch)
export class ExecuteCommandBatchHandler implements ICommandHandler<ExecuteCommandBatch> {
  readonly #shards: ShardServices;

  constructor(@Inject(shardServices) shards: ShardServices) {
    this.#shards = shards;
  }

  execute({ shard, message }: ExecuteCommandBatch): Promise<Uint8Array> {
    const service = this.#shards.get(shard);
    return service === undefined ? Promise.resolve(refusalAnswer(shard, 'NOT_LEADER')) : service.submit(message);
  }
}
