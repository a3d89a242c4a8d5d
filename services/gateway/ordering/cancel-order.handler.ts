import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { OrderAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { orderAckOf, unsequencedOrderAck } from './order-answer.js';
import { CancelOrderCommand } from './order-commands.js';
import { toCancelOrder } from './order-input.js';

@CommandHandler(CancelOrderCommand)
export class CancelOrderHandler implements ICommandHandler<CancelOrderCommand, OrderAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: CancelOrderCommand): Promise<OrderAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(clientOrderId.ok ? clientOrderId.value : input.clientOrderId, input.ackLevel);
    if (!clientOrderId.ok) return unsequencedOrderAck(clientOrderId.problem, frame, false);
    const instrument = await this.sender.instrument(input.symbol);
    if (!instrument.ok) return unsequencedOrderAck(instrument.problem, frame, false);
    const command = toCancelOrder(input, accountId, instrument.value, clientOrderId.value);
    if (!command.ok) return unsequencedOrderAck(command.problem, frame, false);
    return orderAckOf(await this.sender.send(command.value, frame, instrument.value.shard), frame, {
      terms: instrument.value,
      isEntry: false,
      target: command.value.target,
    });
  }
}
