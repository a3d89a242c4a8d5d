import type { EngineCommand, OrderTarget } from '#contracts/commands/order-commands.js';
import type { ClientOrderId } from '#contracts/ids/ids.js';
import { Side, TimeInForce, TradingState } from '#contracts/tape/codes.generated.js';
import type { ReportRecordBookLevel } from '#contracts/tape/layout.generated.js';
import type { RowChecker } from '../row-checker.js';

interface Resting {
  readonly clientOrderId: string;
  readonly side: Side;
  readonly price: bigint;
  total: bigint;
  leaves: bigint;
}

/**
 * A continuous book in the plainest form: one list of orders in time order. It stands in for the engine where a test is about the
 * replay's plan, and refuses what the engine refuses. It is written apart from the plan, so that the two check each other.
 */
export class FakeVenue {
  readonly #orders: Resting[] = [];
  readonly #seenIds = new Set<string>();
  readonly #isLastInFirstOut: boolean;
  #sequence = 0n;
  #state: TradingState = TradingState.Active;

  /** `breakPriority` makes it match the youngest order of a level first: what the checker must find out. */
  constructor(options: { readonly breakPriority?: boolean } = {}) {
    this.#isLastInFirstOut = options.breakPriority === true;
  }

  /** Executes a command and reports to the checker as the tape would. */
  execute(command: EngineCommand, checker: RowChecker): void {
    const refusal = this.#run(command, checker);
    if (refusal !== null) checker.refusal(refusal);
    checker.commandDone();
  }

  #run(command: EngineCommand, checker: RowChecker): string | null {
    if (command.clientOrderId !== undefined) {
      if (this.#seenIds.has(command.clientOrderId)) return 'DUPLICATE_CLIENT_ORDER_ID';
      this.#seenIds.add(command.clientOrderId);
    }
    switch (command.type) {
      case 'SetTradingState':
        this.#state = command.state;
        return null;
      case 'PlaceOrder':
        return this.#state === TradingState.Halted ? 'INSTRUMENT_HALTED' : this.#place(command, checker);
      case 'AmendOrder':
        return this.#state === TradingState.Halted ? 'INSTRUMENT_HALTED' : this.#amend(command.target, command.quantityLots ?? 0n, checker);
      case 'CancelOrder':
        return this.#cancel(command.target, checker);
      default:
        return 'UNKNOWN_COMMAND_KIND';
    }
  }

  #place(command: Extract<EngineCommand, { type: 'PlaceOrder' }>, checker: RowChecker): null {
    let left = command.quantityLots;
    const isBuy = command.side === Side.Buy;
    for (;;) {
      const matching = this.#orders.filter(
        (order) => order.side !== command.side && (isBuy ? order.price <= command.priceTicks : order.price >= command.priceTicks),
      );
      const best = matching.reduce<Resting | undefined>(
        (a, b) =>
          a === undefined || (isBuy ? b.price < a.price : b.price > a.price) || (this.#isLastInFirstOut && a.price === b.price) ? b : a,
        undefined,
      );
      if (best === undefined || left === 0n) break;
      const quantity = left < best.leaves ? left : best.leaves;
      left -= quantity;
      best.leaves -= quantity;
      if (best.leaves === 0n) this.#orders.splice(this.#orders.indexOf(best), 1);
      checker.trade({ maker: best.clientOrderId as ClientOrderId, quantity });
      this.#report(best.side, best.price, checker);
    }
    if (left > 0n && command.timeInForce === TimeInForce.GoodTillCancel) {
      this.#orders.push({
        clientOrderId: command.clientOrderId ?? '',
        side: command.side,
        price: command.priceTicks,
        total: left,
        leaves: left,
      });
      this.#report(command.side, command.priceTicks, checker);
    }
    return null;
  }

  #amend(target: OrderTarget, quantity: bigint, checker: RowChecker): string | null {
    const order = this.#find(target);
    if (order === undefined) return 'UNKNOWN_ORDER';
    const filled = order.total - order.leaves;
    if (quantity <= filled) return 'QUANTITY_BELOW_FILLED';
    if (quantity === order.total) return 'AMEND_WITHOUT_CHANGE';
    order.total = quantity;
    order.leaves = quantity - filled;
    this.#report(order.side, order.price, checker);
    return null;
  }

  #cancel(target: OrderTarget, checker: RowChecker): string | null {
    const order = this.#find(target);
    if (order === undefined) return 'UNKNOWN_ORDER';
    this.#orders.splice(this.#orders.indexOf(order), 1);
    this.#report(order.side, order.price, checker);
    return null;
  }

  #find(target: OrderTarget): Resting | undefined {
    return 'origClientOrderId' in target ? this.#orders.find((order) => order.clientOrderId === target.origClientOrderId) : undefined;
  }

  #report(side: Side, priceTicks: bigint, checker: RowChecker): void {
    this.#sequence += 1n;
    const level = this.#orders.filter((order) => order.side === side && order.price === priceTicks);
    const report: ReportRecordBookLevel = {
      type: 'bookLevel',
      flags: 0,
      extensionCount: 0,
      commandIndex: 0,
      instrumentId: 1,
      orderCount: level.length,
      priceTicks,
      quantityLots: level.reduce((sum, order) => sum + order.leaves, 0n),
      bookSequence: this.#sequence,
      side,
    };
    checker.level(report);
  }
}
