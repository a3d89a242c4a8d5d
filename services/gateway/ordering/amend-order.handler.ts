import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { OrderAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { firstAnswerOf, withNamedRefusal } from './engine-refusal.js';
import { orderAckOf, unsequencedOrderAck } from './order-answer.js';
import { AmendOrderCommand } from './order-commands.js';
import { toAmendOrder } from './order-input.js';

@CommandHandler(AmendOrderCommand)
export class AmendOrderHandler implements ICommandHandler<AmendOrderCommand, OrderAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: AmendOrderCommand): Promise<OrderAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(clientOrderId.ok ? clientOrderId.value : input.clientOrderId, input.ackLevel);
    if (!clientOrderId.ok) return unsequencedOrderAck(clientOrderId.problem, frame, false);
    const instrument = await this.sender.instrument(input.symbol);
    if (!instrument.ok) return unsequencedOrderAck(instrument.problem, frame, false);
    const command = toAmendOrder(input, accountId, instrument.value, clientOrderId.value);
    if (!command.ok) return unsequencedOrderAck(command.problem, frame, false);
    const sent = await this.sender.send(command.value, frame, instrument.value.shard);
    const ack = orderAckOf(sent, frame, { terms: instrument.value, isEntry: false, target: command.value.target });
    return withNamedRefusal(ack, command.value, firstAnswerOf(sent), instrument.value.scale);
  }
}
