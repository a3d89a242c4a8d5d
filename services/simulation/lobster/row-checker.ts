import type { ClientOrderId } from '#contracts/ids/ids.js';
import { FulltapeError } from '#contracts/result/result.js';
import { Side } from '#contracts/tape/codes.generated.js';
import type { ReportRecordBookLevel } from '#contracts/tape/layout.generated.js';
import { bothSides, formatBookRow, type BookRow } from './book-row.js';
import { ClientBook } from './client-book.js';
import { compareRow, type LevelDifference } from './compare-row.js';
import { leftOutKey, type PlannedRow } from './plan-day.js';

/** The first thing that was not as recorded or as planned. */
export interface ReplayDifference {
  readonly line: number;
  readonly what: 'row' | 'trade' | 'refusal';
  readonly expected: string;
  readonly actual: string;
}

export interface ReplayTotals {
  readonly rowsCompared: number;
  readonly rowsEqual: number;
  readonly levelsCompared: number;
  readonly levelsEqual: number;
  readonly levelsSeeded: number;
  readonly quantitySeeded: bigint;
  readonly levelsTrimmed: number;
  readonly quantityTrimmed: bigint;
  /** Rows with an order that could not rest, because the recorded book was crossed or locked. */
  readonly rowsWithHeldOrders: number;
  readonly executions: number;
  readonly executionsOnNamedOrder: number;
  readonly executedQuantity: bigint;
  readonly trades: number;
  readonly commandsRefused: number;
  readonly firstDifference: ReplayDifference | null;
}

interface SeenTrade {
  readonly maker: ClientOrderId | null;
  readonly quantity: bigint;
}

const describeLevel = ({ side, price, expectedQuantity }: LevelDifference): string =>
  `${side === Side.Buy ? 'bid' : 'ask'} ${price} x ${expectedQuantity}`;

/**
 * Checks what the tape reports, command by command, against the planned rows. Its book comes from the tape's level reports alone.
 * Rows are expected before their commands come by; a row without commands is checked as soon as it is its turn.
 */
export class RowChecker {
  readonly #priceUnit: bigint;
  readonly #book = new ClientBook();
  readonly #rows: PlannedRow[] = [];
  #nextRow = 0;
  #commandsDone = 0;
  #trades: SeenTrade[] = [];
  #linesDone = 0;
  #totals: ReplayTotals = {
    rowsCompared: 0,
    rowsEqual: 0,
    levelsCompared: 0,
    levelsEqual: 0,
    levelsSeeded: 0,
    quantitySeeded: 0n,
    levelsTrimmed: 0,
    quantityTrimmed: 0n,
    rowsWithHeldOrders: 0,
    executions: 0,
    executionsOnNamedOrder: 0,
    executedQuantity: 0n,
    trades: 0,
    commandsRefused: 0,
    firstDifference: null,
  };

  constructor(priceUnit: bigint) {
    this.#priceUnit = priceUnit;
  }

  get totals(): ReplayTotals {
    return this.#totals;
  }

  /** Lines whose commands have all come by. */
  get linesDone(): number {
    return this.#linesDone;
  }

  /** Rows that wait for the tape; the sender stops above a bound. */
  get rowsWaiting(): number {
    return this.#rows.length - this.#nextRow;
  }

  expect(row: PlannedRow): void {
    this.#rows.push(row);
    this.#settle();
  }

  level(report: ReportRecordBookLevel): void {
    this.#book.apply(report);
  }

  trade(trade: SeenTrade): void {
    this.#trades.push(trade);
  }

  refusal(code: string): void {
    const line = this.#rows[this.#nextRow]?.line ?? 0;
    this.#totals = { ...this.#totals, commandsRefused: this.#totals.commandsRefused + 1 };
    this.#differ({ line, what: 'refusal', expected: 'accepted', actual: code });
  }

  commandDone(): void {
    this.#commandsDone += 1;
    this.#settle();
  }

  #settle(): void {
    for (;;) {
      const row = this.#rows[this.#nextRow];
      if (row === undefined || this.#commandsDone < row.commands.length) break;
      this.#commandsDone -= row.commands.length;
      this.#nextRow += 1;
      this.#check(row);
      this.#trades = [];
      this.#linesDone = row.line;
    }
    // Done rows are dropped in bulk: shifting one by one would move the rest each time.
    if (this.#nextRow >= 4_096 || this.#nextRow === this.#rows.length) {
      this.#rows.splice(0, this.#nextRow);
      this.#nextRow = 0;
    }
  }

  #check(row: PlannedRow): void {
    const { reconciliation: done } = row;
    const t = this.#totals;
    this.#totals = {
      ...t,
      levelsSeeded: t.levelsSeeded + done.levelsSeeded,
      quantitySeeded: t.quantitySeeded + done.quantitySeeded + (row.execution?.seededQuantity ?? 0n),
      levelsTrimmed: t.levelsTrimmed + done.levelsTrimmed,
      quantityTrimmed: t.quantityTrimmed + done.quantityTrimmed,
      rowsWithHeldOrders: t.rowsWithHeldOrders + (row.leftOut.size > 0 ? 1 : 0),
    };
    this.#checkTrades(row);
    if (row.rows === null) return;
    const comparison = compareRow(row.rows, this.#book, {
      priceUnit: this.#priceUnit,
      isLeftOut: (side, price) => row.leftOut.size > 0 && row.leftOut.has(leftOutKey(side, price)),
    });
    const isEqual = comparison.differences.length === 0;
    this.#totals = {
      ...this.#totals,
      rowsCompared: this.#totals.rowsCompared + 1,
      rowsEqual: this.#totals.rowsEqual + (isEqual ? 1 : 0),
      levelsCompared: this.#totals.levelsCompared + comparison.levelsCompared,
      levelsEqual: this.#totals.levelsEqual + comparison.levelsEqual,
    };
    if (isEqual) return;
    const where = comparison.differences.map(describeLevel).join('; ');
    this.#differ({
      line: row.line,
      what: 'row',
      expected: `${formatBookRow(row.rows.after)} (${where})`,
      actual: this.#bookAs(row.rows.after),
    });
  }

  #checkTrades(row: PlannedRow): void {
    const quantity = this.#trades.reduce((sum, trade) => sum + trade.quantity, 0n);
    const { execution } = row;
    const hits = this.#trades.map((trade) => trade.maker ?? '?');
    const isAsPlanned = quantity === (execution?.quantity ?? 0n) && hits.join() === (execution?.hits ?? []).join();
    if (!isAsPlanned) {
      const expected = execution === null ? 'no trade' : `${execution.quantity} from ${execution.hits.join()}`;
      this.#differ({ line: row.line, what: 'trade', expected, actual: `${quantity} from ${hits.join()}` });
    }
    if (this.#trades.length === 0) return;
    this.#totals = {
      ...this.#totals,
      trades: this.#totals.trades + this.#trades.length,
      executedQuantity: this.#totals.executedQuantity + quantity,
      executions: this.#totals.executions + (execution !== null && quantity === execution.quantity ? 1 : 0),
      executionsOnNamedOrder:
        this.#totals.executionsOnNamedOrder + (isAsPlanned && execution?.isNamedFirst === true && hits.length === 1 ? 1 : 0),
    };
  }

  /** The client's book in the shape of a recorded row. */
  #bookAs(like: BookRow): string {
    const top = (side: Side) =>
      this.#book
        .prices(side)
        .slice(0, like.depth)
        .map((ticks) => ({ price: ticks * this.#priceUnit, quantity: this.#book.quantityAt(side, ticks) }));
    const [buy, sell] = bothSides.map(top);
    return formatBookRow({ depth: like.depth, buy: buy ?? [], sell: sell ?? [] });
  }

  #differ(difference: ReplayDifference): void {
    this.#totals = { ...this.#totals, firstDifference: this.#totals.firstDifference ?? difference };
  }
}

/** A replay whose tape is not its own: somebody else commanded the replay's accounts. */
export const foreignCommand = (expected: string, actual: string): FulltapeError =>
  new FulltapeError('REPLAY_BOOK_DIFFERS', { reason: 'another client commands the accounts of this replay', expected, actual });
