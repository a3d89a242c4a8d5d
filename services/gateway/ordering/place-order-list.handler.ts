import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ClientOrderId } from '#contracts/ids/ids.js';
import { refuse, type Refusal as Problem } from '#contracts/result/result.js';
import type { OrderListAck } from '../graphql.generated.js';
import { CommandSender } from './command-sender.js';
import { withNamedRefusal } from './engine-refusal.js';
import { orderAckOfAnswer, refusalOf, unsequencedOrderAck, type AckFrame } from './order-answer.js';
import { PlaceOrderListCommand } from './order-commands.js';
import { toOrderList } from './order-list-input.js';
import { parseSessionId } from './place-order-input.js';

@CommandHandler(PlaceOrderListCommand)
export class PlaceOrderListHandler implements ICommandHandler<PlaceOrderListCommand, OrderListAck> {
  constructor(@Inject(CommandSender) private readonly sender: CommandSender) {}

  async execute({ accountId, input }: PlaceOrderListCommand): Promise<OrderListAck> {
    const frame = this.sender.frame(null, input.ackLevel);
    const ids: ClientOrderId[] = [];
    const turnedAway = (problem: Problem, listId: bigint | null = null): OrderListAck => ({
      listId: listId === null ? null : listId.toString(),
      legs: ids.map((clientOrderId) => unsequencedOrderAck(problem, { ...frame, clientOrderId }, true)),
      ackLevel: frame.ackLevel,
      position: frame.position,
      refusal: refusalOf(problem),
    });
    for (const leg of input.legs) {
      const clientOrderId = this.sender.clientOrderId(leg.clientOrderId);
      if (!clientOrderId.ok) return turnedAway(clientOrderId.problem);
      ids.push(clientOrderId.value);
    }
    const instrument = await this.sender.instrument(input.symbol);
    if (!instrument.ok) return turnedAway(instrument.problem);
    const session = parseSessionId(input.sessionId);
    if (!session.ok) return turnedAway(session.problem);
    const list = toOrderList(input, accountId, instrument.value, ids, session.value);
    if (!list.ok) return turnedAway(list.problem);
    const { listId, commands } = list.value;
    const sent = await this.sender.sendAll(commands, frame, instrument.value.shard);
    if (!sent.ok) return turnedAway(sent.problem, listId);
    const outcome = sent.value;
    const legs = ids.map((clientOrderId, index) => {
      const legFrame: AckFrame = { ...frame, clientOrderId };
      const answer = outcome.answers[index];
      const command = commands[index];
      if (answer !== undefined && command !== undefined) {
        const ack = orderAckOfAnswer(answer, outcome, legFrame, { terms: instrument.value, isEntry: true });
        return withNamedRefusal(ack, command, answer, instrument.value.scale);
      }
      const lost = refuse('UNKNOWN_OUTCOME', { cause: 'the batch was answered without this leg' });
      return unsequencedOrderAck(lost.problem, legFrame, true);
    });
    const last = legs.at(-1);
    return {
      listId: listId.toString(),
      legs,
      ackLevel: last?.ackLevel ?? frame.ackLevel,
      position: last?.position ?? frame.position,
      refusal: legs.find(({ refusal }) => refusal !== null)?.refusal ?? null,
    };
  }
}
