import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { nanosToIso, systemClock } from '#contracts/time/clock.js';
import type { KeepAliveAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { firstAnswerOf, withNamedRefusal } from './engine-refusal.js';
import { toKeepAlive } from './keep-alive-input.js';
import { plainAckOf } from './order-answer.js';
import { KeepAliveCommand } from './order-commands.js';

@CommandHandler(KeepAliveCommand)
export class KeepAliveHandler implements ICommandHandler<KeepAliveCommand, KeepAliveAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: KeepAliveCommand): Promise<KeepAliveAck> {
    const frame = this.sender.frame(null, input.ackLevel ?? 'ENGINE');
    const command = toKeepAlive(input, accountId, systemClock.nowNanos());
    const sent = command.ok ? await this.sender.send(command.value, frame) : command;
    const ack = plainAckOf(sent, frame);
    const { ackLevel, position, refusal } = command.ok ? withNamedRefusal(ack, command.value, firstAnswerOf(sent), null) : ack;
    const deadlineNanos = command.ok ? command.value.deadlineNanos : 0n;
    return { deadline: refusal !== null || deadlineNanos === 0n ? null : nanosToIso(deadlineNanos), ackLevel, position, refusal };
  }
}
