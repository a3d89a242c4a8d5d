import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { OrderAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { firstAnswerOf, withNamedRefusal } from './engine-refusal.js';
import { orderAckOf, unsequencedOrderAck } from './order-answer.js';
import { PlaceOrderCommand } from './order-commands.js';
import { parseSessionId, toPlaceOrder } from './place-order-input.js';

@CommandHandler(PlaceOrderCommand)
export class PlaceOrderHandler implements ICommandHandler<PlaceOrderCommand, OrderAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: PlaceOrderCommand): Promise<OrderAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(clientOrderId.ok ? clientOrderId.value : input.clientOrderId, input.ackLevel);
    if (!clientOrderId.ok) return unsequencedOrderAck(clientOrderId.problem, frame, true);
    const instrument = await this.sender.instrument(input.symbol);
    if (!instrument.ok) return unsequencedOrderAck(instrument.problem, frame, true);
    const session = parseSessionId(input.sessionId);
    const command = session.ok
      ? toPlaceOrder(input, accountId, instrument.value, clientOrderId.value, { sessionId: session.value })
      : session;
    if (!command.ok) return unsequencedOrderAck(command.problem, frame, true);
    const sent = await this.sender.send(command.value, frame, instrument.value.shard);
    const ack = orderAckOf(sent, frame, { terms: instrument.value, isEntry: true });
    return withNamedRefusal(ack, command.value, firstAnswerOf(sent), instrument.value.scale);
  }
}
