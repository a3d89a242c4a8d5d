import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import { tapePosition } from '#contracts/position/position.js';
import { ok, type Result } from '#contracts/result/result.js';
import { liveFeed } from '../gateway-ports.js';
import type { CancelAllAck } from '../graphql.generated.js';
import type { LiveFeed } from '../live/live-feed.js';
import { CommandSender } from './command-sender.js';
import { cancelAllAckOf } from './order-answer.js';
import { CancelAllOrdersCommand } from './order-commands.js';
import { toCancelAllOrders } from './order-input.js';

/** How long the answer waits for the tape to say how many orders were canceled. */
const tapeWaitMs = 2_000;

@CommandHandler(CancelAllOrdersCommand)
export class CancelAllOrdersHandler implements ICommandHandler<CancelAllOrdersCommand, CancelAllAck> {
  constructor(
    @Inject(CommandSender) private readonly sender: CommandSender,
    @Inject(liveFeed) private readonly feed: LiveFeed,
  ) {}

  async execute({ accountId, input }: CancelAllOrdersCommand): Promise<CancelAllAck> {
    const clientOrderId = this.sender.clientOrderId(input.clientOrderId);
    const frame = this.sender.frame(input.clientOrderId, input.ackLevel);
    if (!clientOrderId.ok) return cancelAllAckOf(clientOrderId, frame);
    const instrument = input.symbol === null || input.symbol === undefined ? ok(null) : await this.sender.instrument(input.symbol);
    if (!instrument.ok) return cancelAllAckOf(instrument, frame);
    const command = toCancelAllOrders(input, accountId, instrument.value?.instrumentId ?? 0, clientOrderId.value);
    const sent = command.ok ? await this.sender.send(command.value, frame, instrument.value?.shard) : command;
    return cancelAllAckOf(sent, frame, await this.#canceledCount(sent));
  }

  /** The engine's answer says that the orders are gone, the tape says how many there were. */
  async #canceledCount(sent: Result<BatchOutcome>): Promise<bigint | undefined> {
    const answer = sent.ok ? sent.value.answers[0] : undefined;
    if (answer === undefined || !sent.ok || answer.code !== 0) return undefined;
    await this.feed.waitFor(tapePosition(sent.value.shard, answer.commandNumber), tapeWaitMs);
    return this.feed.canceledBy(answer.commandNumber);
  }
}
