import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { assertNever } from '#contracts/result/result.js';
import { TradingState, type Side } from '#contracts/tape/codes.generated.js';
import { bothSides, rowSide, type BookRow } from './book-row.js';
import { executeOrder, type PlannedExecution } from './execute-order.js';
import { removeQuantity } from './level-quantity.js';
import type { LobsterMessage } from './lobster-message.js';
import type { OrderDesk } from './order-desk.js';
import { reconcileView, type Reconciliation } from './reconcile-view.js';
import type { RemovalsAhead } from './removals-ahead.js';

/** What one message becomes, and what must hold on the tape once its commands are through. */
export interface PlannedRow {
  /** Line of both files, counted from 1. */
  readonly line: number;
  readonly commands: readonly EngineCommand[];
  /** Null for the first row, which seeds the book. */
  readonly rows: { readonly before: BookRow; readonly after: BookRow } | null;
  readonly execution: PlannedExecution | null;
  readonly reconciliation: Reconciliation;
  /** Levels with quantity that cannot rest now, as `side:price`. */
  readonly leftOut: ReadonlySet<string>;
}

export const leftOutKey = (side: Side, price: bigint): string => `${side}:${price}`;

const nothingReconciled: Reconciliation = { levelsSeeded: 0, quantitySeeded: 0n, levelsTrimmed: 0, quantityTrimmed: 0n };
const nothingLeftOut: ReadonlySet<string> = new Set();

/** Turns a day into commands, message by message, from nothing but the file and what was planned before. */
export class DayPlan {
  readonly #desk: OrderDesk;
  readonly #ahead: RemovalsAhead;
  readonly #midnightNanos: bigint;
  #before: BookRow | null = null;
  #line = 0;

  constructor(desk: OrderDesk, ahead: RemovalsAhead, midnightNanos: bigint) {
    this.#desk = desk;
    this.#ahead = ahead;
    this.#midnightNanos = midnightNanos;
  }

  next(message: LobsterMessage, after: BookRow): PlannedRow {
    this.#line += 1;
    this.#ahead.pass(message);
    this.#desk.timeNanos = this.#midnightNanos + message.timeNanos;
    const before = this.#before;
    this.#before = after;
    if (before === null) {
      this.#seed(message, after);
      return this.#row(null, null, nothingReconciled);
    }
    const execution = this.#apply(message);
    this.#desk.releaseHeld();
    const rows = { before, after };
    const reconciliation = reconcileView(this.#desk, rows, this.#ahead);
    return this.#row(rows, execution, reconciliation);
  }

  #row(rows: PlannedRow['rows'], execution: PlannedExecution | null, reconciliation: Reconciliation): PlannedRow {
    const { held } = this.#desk;
    return {
      line: this.#line,
      commands: this.#desk.takeCommands(),
      rows,
      execution,
      reconciliation,
      leftOut: held.length === 0 ? nothingLeftOut : new Set(held.map(({ side, price }) => leftOutKey(side, price))),
    };
  }

  /** Row 0 is the book after message 0, so an order that message 0 enters is the last in its level. */
  #seed(message: LobsterMessage, row: BookRow): void {
    for (const side of bothSides) {
      for (const { price, quantity } of rowSide(row, side)) {
        const own =
          message.type === 'submit' && message.side === side && message.price === price && message.size <= quantity ? message : null;
        const older = quantity - (own?.size ?? 0n);
        if (older > 0n) this.#desk.place(side, price, older, null);
        if (own !== null) this.#desk.place(side, price, own.size, own.orderRef);
      }
    }
  }

  #apply(message: LobsterMessage): PlannedExecution | null {
    switch (message.type) {
      case 'submit':
        this.#desk.place(message.side, message.price, message.size, message.orderRef);
        return null;
      case 'cancelPart':
      case 'delete':
        removeQuantity(this.#desk, message, this.#ahead);
        return null;
      case 'execute':
        return executeOrder(this.#desk, message, this.#ahead);
      case 'executeHidden':
      case 'crossTrade':
        return null;
      case 'state':
        // Between "quoting" and "trading" orders are taken and nothing trades: the desk holds back what would cross.
        this.#desk.setState(message.state === 'halted' ? TradingState.Halted : TradingState.Active);
        return null;
      default:
        return assertNever(message);
    }
  }
}
