import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { CashAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { cashAckOf } from './order-answer.js';
import { MoveCashCommand } from './order-commands.js';
import { toMoveCash } from './order-input.js';

@CommandHandler(MoveCashCommand)
export class MoveCashHandler implements ICommandHandler<MoveCashCommand, CashAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, direction, input }: MoveCashCommand): Promise<CashAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(input.clientOrderId, input.ackLevel);
    const account = { accountId: String(accountId), currency: input.currency.slice(0, 16) };
    if (!clientOrderId.ok) return cashAckOf(clientOrderId, frame, account);
    const command = toMoveCash(input, accountId, direction, clientOrderId.value);
    return cashAckOf(command.ok ? await this.sender.send(command.value, frame) : command, frame, account);
  }
}
