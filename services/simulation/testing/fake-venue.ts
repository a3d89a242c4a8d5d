import type { FlowSide, Intent, ObservedQuote } from '../flow/instrument.js';
import type { OrderReport } from '../flow/open-orders.js';

interface RestingOrder {
  readonly clientOrderId: string;
  readonly orderId: string;
  readonly side: FlowSide;
  priceTicks: bigint;
  leavesLots: bigint;
  cumLots: bigint;
}

export interface FakeTrade {
  readonly symbol: string;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
}

export interface FakeAnswer {
  readonly reports: readonly OrderReport[];
  readonly refused: boolean;
}

/** A naive price-time matching venue in memory: enough of an exchange to see what a market the flow makes. */
export class FakeVenue {
  private readonly resting = new Map<string, RestingOrder[]>();
  readonly trades: FakeTrade[] = [];
  private nextOrderId = 0;
  private last = new Map<string, bigint>();

  quote(symbol: string): ObservedQuote {
    const orders = this.resting.get(symbol) ?? [];
    const bids = orders.filter(({ side }) => side === 'BUY').map(({ priceTicks }) => priceTicks);
    const asks = orders.filter(({ side }) => side === 'SELL').map(({ priceTicks }) => priceTicks);
    const max = bids.reduce<bigint | null>((best, price) => (best === null || price > best ? price : best), null);
    const min = asks.reduce<bigint | null>((best, price) => (best === null || price < best ? price : best), null);
    return { bidTicks: max, askTicks: min, lastTicks: this.last.get(symbol) ?? null };
  }

  levels(symbol: string, side: FlowSide): number {
    return new Set((this.resting.get(symbol) ?? []).filter((order) => order.side === side).map(({ priceTicks }) => priceTicks)).size;
  }

  send(intent: Intent): FakeAnswer {
    const book = this.resting.get(intent.symbol) ?? [];
    this.resting.set(intent.symbol, book);
    if (intent.type === 'place') {
      this.nextOrderId += 1;
      const order = {
        clientOrderId: intent.clientOrderId,
        orderId: String(this.nextOrderId),
        side: intent.side,
        priceTicks: intent.priceTicks ?? (intent.side === 'BUY' ? 1n << 62n : 0n),
        leavesLots: intent.quantityLots,
        cumLots: 0n,
      };
      if (intent.postOnly && this.crosses(book, order)) return { reports: [], refused: true };
      return this.match(intent.symbol, book, order, intent.timeInForce === 'GTC');
    }
    const index = book.findIndex(({ orderId }) => orderId === intent.orderId);
    const order = book[index];
    if (order === undefined) return { reports: [], refused: true };
    if (intent.type === 'cancel') {
      book.splice(index, 1);
      return { reports: [{ ...order, leavesLots: 0n, open: false }], refused: false };
    }
    book.splice(index, 1);
    const moved = { ...order, priceTicks: intent.priceTicks };
    if (this.crosses(book, moved)) {
      book.splice(index, 0, order);
      return { reports: [], refused: true };
    }
    return this.match(intent.symbol, book, moved, true);
  }

  private crosses(book: readonly RestingOrder[], order: RestingOrder): boolean {
    return book.some(
      ({ side, priceTicks }) =>
        side !== order.side && (order.side === 'BUY' ? priceTicks <= order.priceTicks : priceTicks >= order.priceTicks),
    );
  }

  private match(symbol: string, book: RestingOrder[], order: RestingOrder, rests: boolean): FakeAnswer {
    const reports: OrderReport[] = [];
    while (order.leavesLots > 0n && this.crosses(book, order)) {
      const opposite = book.filter(({ side }) => side !== order.side);
      const best = opposite.reduce((a, b) => ((order.side === 'BUY' ? b.priceTicks < a.priceTicks : b.priceTicks > a.priceTicks) ? b : a));
      const lots = best.leavesLots < order.leavesLots ? best.leavesLots : order.leavesLots;
      for (const side of [best, order]) {
        side.leavesLots -= lots;
        side.cumLots += lots;
      }
      this.trades.push({ symbol, priceTicks: best.priceTicks, quantityLots: lots });
      this.last.set(symbol, best.priceTicks);
      if (best.leavesLots === 0n) book.splice(book.indexOf(best), 1);
      reports.push({ ...best, open: best.leavesLots > 0n });
    }
    const open = rests && order.leavesLots > 0n;
    if (open) book.push(order);
    reports.push({ ...order, open });
    return { reports, refused: false };
  }
}
