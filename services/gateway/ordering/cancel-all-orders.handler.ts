import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ok } from '#contracts/result/result.js';
import type { CancelAllAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { cancelAllAckOf } from './order-answer.js';
import { CancelAllOrdersCommand } from './order-commands.js';
import { toCancelAllOrders } from './order-input.js';
import { parseSessionId } from './place-order-input.js';

@CommandHandler(CancelAllOrdersCommand)
export class CancelAllOrdersHandler implements ICommandHandler<CancelAllOrdersCommand, CancelAllAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: CancelAllOrdersCommand): Promise<CancelAllAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(input.clientOrderId, input.ackLevel);
    if (!clientOrderId.ok) return cancelAllAckOf(clientOrderId, frame);
    const instrument = input.symbol === null || input.symbol === undefined ? ok(null) : await this.sender.instrument(input.symbol);
    if (!instrument.ok) return cancelAllAckOf(instrument, frame);
    const session = parseSessionId(input.sessionId);
    const command = session.ok
      ? toCancelAllOrders(input, accountId, instrument.value?.instrumentId ?? 0, clientOrderId.value, session.value)
      : session;
    const sent = command.ok ? await this.sender.send(command.value, frame, instrument.value?.shard) : command;
    return cancelAllAckOf(sent, frame);
  }
}
