import { encodeCommands, type EngineCommand } from '../contracts/commands/order-commands.js';
import { plainEquity } from '../contracts/commands/testing/plain-equity.js';
import { parseAccountId, parseInstrumentId } from '../contracts/ids/ids.js';
import { unwrap } from '../contracts/result/result.js';
import { AccountKind, AccountPermission, AckLevel, OrderType, Side, TimeInForce, TradingState } from '../contracts/tape/codes.generated.js';
import { CommandRecordOffset, recordBytes } from '../contracts/tape/layout.generated.js';
import { buildCommandBatch, viewOf } from '../contracts/tape/message.js';

/** How many of each kind a batch has. */
const placements = 450;
const takers = 100;
const cancels = 450;
export const batchCommands = placements + takers + cancels;
export const commandMix = `${placements / 10} % limit orders that rest, ${takers / 10} % immediate-or-cancel orders that trade, ${cancels / 10} % cancels of resting orders; 1,000 commands of 64 bytes a batch, no client order ids, fees and limits off`;

const midTicks = 100_000;
const variants = 16;

export interface FlowBatch {
  /** Encoded records; valid until the same variant is handed out again, 16 batches later. */
  readonly records: Uint8Array;
  readonly commandCount: number;
}

/** A batch as a message; valid until the same variant is handed out again, 16 batches later. */
export interface FlowMessage {
  readonly message: Uint8Array;
  readonly commandCount: number;
}

const header = (commandCount: number) => ({ ackLevel: AckLevel.Engine, flags: 0, commandCount, deadlineNanos: 0n });

/** Lets the cancels of a batch whose records begin at `recordsAt` name the orders from `first` on. */
const writeOrderIds = (bytes: Uint8Array, recordsAt: number, first: bigint): void => {
  const view = viewOf(bytes);
  // Command numbers of a benchmark stay below 2^53; two halves are written several times faster than a bigint.
  const low = Number(first & 0xffff_ffffn);
  const high = Number(first >> 32n);
  let at = recordsAt + (placements + takers) * recordBytes + CommandRecordOffset.cancelOrder.orderId;
  for (let id = low; id < low + cancels; id += 1) {
    view.setUint32(at, id, true);
    view.setUint32(at + 4, id > 0xffff_ffff ? high + 1 : high, true);
    at += recordBytes;
  }
};

/**
 * An endless stream of batches whose book stays of one size: each batch cancels what an earlier one has placed. Encoded once; per batch
 * only the order ids of the cancels are written, so that the sender costs little beside what is measured. The same every time.
 */
export class OrderFlow {
  readonly #instrumentId: number;
  readonly #templates: readonly Uint8Array[];
  /** First command numbers of the batches whose orders still rest. */
  readonly #resting: bigint[] = [];
  readonly #messages: (Uint8Array | undefined)[] = [];
  #next = 0;

  constructor(instrumentId: number) {
    this.#instrumentId = instrumentId;
    this.#templates = Array.from({ length: variants }, (_, variant) => encodeCommands(this.#commands(variant)).records);
  }

  /** What the stream needs before its first batch: an instrument and two accounts without fees and limits. */
  definitions(): readonly EngineCommand[] {
    const account = (accountId: number): EngineCommand => ({
      type: 'DefineAccount',
      accountId: unwrap(parseAccountId(accountId)),
      groupId: 0,
      accountKind: AccountKind.Replay,
      initialState: TradingState.Active,
      permissions: AccountPermission.Unlimited | AccountPermission.ShortSale | AccountPermission.FeesOff | AccountPermission.CollarOff,
    });
    return [
      plainEquity(this.#instrumentId, `BENCH.${this.#instrumentId}`),
      account(this.#instrumentId * 2),
      account(this.#instrumentId * 2 + 1),
    ];
  }

  next(): FlowBatch {
    const template = this.#templates[this.#next % variants] ?? new Uint8Array();
    this.#next += 1;
    const first = this.#resting.length > variants ? this.#resting.shift() : undefined;
    if (first === undefined)
      return { records: template.subarray(0, (placements + takers) * recordBytes), commandCount: placements + takers };
    writeOrderIds(template, 0, first);
    return { records: template, commandCount: batchCommands };
  }

  /** As `next`, as a whole message with acknowledgement ENGINE; of it, too, only the order ids are written anew. */
  nextMessage(): FlowMessage {
    const variant = this.#next % variants;
    if (this.#resting.length <= variants) {
      const { records, commandCount } = this.next();
      return { message: buildCommandBatch(header(commandCount), records), commandCount };
    }
    this.#next += 1;
    const message = (this.#messages[variant] ??= buildCommandBatch(header(batchCommands), this.#templates[variant] ?? new Uint8Array()));
    writeOrderIds(message, message.byteLength - batchCommands * recordBytes, this.#resting.shift() ?? 0n);
    return { message, commandCount: batchCommands };
  }

  /** The batch was sequenced from this number on: its orders can be cancelled from now on. */
  sequenced(firstCommandNumber: bigint): void {
    this.#resting.push(firstCommandNumber);
  }

  /** One order that rests far from the market, and trades with nothing. */
  restingOrder(): EngineCommand {
    return this.#limit(Side.Buy, midTicks - 5_000, 1, TimeInForce.GoodTillCancel, 0);
  }

  /** A cancel of an order of the first account; whose, the sender writes. */
  cancelOfAnOrder(): EngineCommand {
    return {
      type: 'CancelOrder',
      accountId: unwrap(parseAccountId(this.#instrumentId * 2)),
      instrumentId: unwrap(parseInstrumentId(this.#instrumentId)),
      target: { orderId: 1n as never },
    };
  }

  #limit(side: Side, priceTicks: number, quantityLots: number, timeInForce: TimeInForce, accountOffset: 0 | 1): EngineCommand {
    return {
      type: 'PlaceOrder',
      accountId: unwrap(parseAccountId(this.#instrumentId * 2 + accountOffset)),
      instrumentId: unwrap(parseInstrumentId(this.#instrumentId)),
      side,
      orderType: OrderType.Limit,
      timeInForce,
      priceTicks: BigInt(priceTicks),
      quantityLots: BigInt(quantityLots),
    };
  }

  #commands(variant: number): readonly EngineCommand[] {
    const commands: EngineCommand[] = [];
    for (let index = 0; index < placements; index += 1) {
      // Spread over 64 levels a side; the step is coprime to it, so that neighbours in time are not neighbours in price.
      const distance = 1 + ((index * 37 + variant * 11) % 64);
      const isBuy = index % 2 === 0;
      commands.push(
        this.#limit(
          isBuy ? Side.Buy : Side.Sell,
          midTicks + (isBuy ? -distance : distance),
          10 + (index % 90),
          TimeInForce.GoodTillCancel,
          0,
        ),
      );
    }
    for (let index = 0; index < takers; index += 1) {
      const isBuy = index % 2 === 0;
      commands.push(this.#limit(isBuy ? Side.Buy : Side.Sell, midTicks + (isBuy ? 64 : -64), 5, TimeInForce.ImmediateOrCancel, 1));
    }
    for (let index = 0; index < cancels; index += 1) commands.push(this.cancelOfAnOrder());
    return commands;
  }
}
