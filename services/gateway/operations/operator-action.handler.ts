import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import { ok, type Result } from '#contracts/result/result.js';
import { systemClock } from '#contracts/time/clock.js';
import { logger } from '#platform/telemetry/logger.js';
import type { OperatorAck } from '../graphql.generated.js';
import { CommandSender } from '../ordering/command-sender.js';
import { firstAnswerOf, withNamedRefusal } from '../ordering/engine-refusal.js';
import { plainAckOf, type AckFrame } from '../ordering/order-answer.js';
import { toOperatorCommand, type OperatorAction } from './operator-input.js';

/** An operator's wish on the command bus, with the name of who has it. */
export class OperatorActionCommand {
  constructor(
    readonly operator: string,
    readonly action: OperatorAction,
  ) {}
}

@CommandHandler(OperatorActionCommand)
export class OperatorActionHandler implements ICommandHandler<OperatorActionCommand, OperatorAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ operator, action }: OperatorActionCommand): Promise<OperatorAck> {
    const frame = this.sender.frame(null, 'DURABLE');
    const { input } = action;
    const symbol = 'symbol' in input ? (input.symbol ?? null) : null;
    const instrument = symbol === null ? ok(null) : await this.sender.instrument(symbol);
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const command = instrument.ok ? toOperatorCommand(action, instrument.value, systemClock.nowNanos()) : instrument;
    if (!command.ok) return this.#ackOf(command, frame);
    if (!clientOrderId.ok) return this.#ackOf(clientOrderId, frame);
    const sent = await this.sender.send({ ...command.value, clientOrderId: clientOrderId.value }, frame);
    logger.info({ operator, action: action.type, accepted: sent.ok && sent.value.answers[0]?.code === 0 }, 'gateway.operator.command');
    // Of what operators send, settlements alone are refused with a price.
    const scale = instrument.ok ? (instrument.value?.settlementScale ?? null) : null;
    return withNamedRefusal(this.#ackOf(sent, frame), command.value, firstAnswerOf(sent), scale);
  }

  #ackOf(sent: Result<BatchOutcome>, frame: AckFrame): OperatorAck {
    const { answer, affectedCount, ackLevel, position, duplicate, refusal } = plainAckOf(sent, frame);
    return {
      commandNumber: answer === null ? null : answer.commandNumber.toString(),
      affectedCount: affectedCount.toString(),
      duplicate,
      ackLevel,
      position,
      refusal,
    };
  }
}
