import type { FlowSide } from './instrument.js';

/** One resting order of the flow. `orderId` is null until its placing is answered: such an order is not touched again. */
export interface OpenOrder {
  readonly clientOrderId: string;
  readonly accountId: string;
  readonly symbol: string;
  readonly side: FlowSide;
  orderId: string | null;
  priceTicks: bigint;
  leavesLots: bigint;
  cumLots: bigint;
  /** A request about it is on its way. */
  pending: boolean;
  /** An amend was refused: it is cancelled instead of amended again. */
  doomed: boolean;
  /** Virtual time at which a resting taker order is withdrawn; null for makers' quotes. */
  readonly expiresAtMs: number | null;
}

/** What the public API says about an order. */
export interface OrderReport {
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly leavesLots: bigint;
  readonly cumLots: bigint;
  readonly open: boolean;
}

/** The flow's own open orders, found by either id, and by book. */
export class OpenOrders {
  private readonly byClientOrderId = new Map<string, OpenOrder>();
  private readonly byOrderId = new Map<string, OpenOrder>();
  private readonly byBook = new Map<string, Set<OpenOrder>>();

  get size(): number {
    return this.byClientOrderId.size;
  }

  add(order: OpenOrder): void {
    this.byClientOrderId.set(order.clientOrderId, order);
    const key = bookKey(order.accountId, order.symbol);
    const book = this.byBook.get(key) ?? new Set();
    book.add(order);
    this.byBook.set(key, book);
  }

  get(clientOrderId: string): OpenOrder | undefined {
    return this.byClientOrderId.get(clientOrderId);
  }

  /** Orders of one account in one instrument, in the order in which they were placed. */
  of(accountId: string, symbol: string): Iterable<OpenOrder> {
    return this.byBook.get(bookKey(accountId, symbol)) ?? [];
  }

  countOf(accountId: string, symbol: string): number {
    return this.byBook.get(bookKey(accountId, symbol))?.size ?? 0;
  }

  remove(order: OpenOrder): void {
    this.byClientOrderId.delete(order.clientOrderId);
    if (order.orderId !== null) this.byOrderId.delete(order.orderId);
    this.byBook.get(bookKey(order.accountId, order.symbol))?.delete(order);
  }

  forgetAccount(accountId: string): void {
    for (const order of [...this.byClientOrderId.values()]) if (order.accountId === accountId) this.remove(order);
  }

  /** Applies what was reported; returns the lots that were filled since the last report, and the order they belong to. */
  apply(report: OrderReport): { readonly order: OpenOrder; readonly filledLots: bigint } | undefined {
    const order =
      this.byOrderId.get(report.orderId) ?? (report.clientOrderId === null ? undefined : this.byClientOrderId.get(report.clientOrderId));
    if (order === undefined) return undefined;
    if (order.orderId === null) {
      order.orderId = report.orderId;
      this.byOrderId.set(report.orderId, order);
    }
    // Answers and updates travel apart and may overtake each other; what is filled only grows.
    const filledLots = report.cumLots > order.cumLots ? report.cumLots - order.cumLots : 0n;
    if (report.cumLots >= order.cumLots) {
      order.cumLots = report.cumLots;
      order.leavesLots = report.leavesLots;
    }
    if (!report.open) this.remove(order);
    return { order, filledLots };
  }
}

const bookKey = (accountId: string, symbol: string): string => `${accountId}|${symbol}`;
