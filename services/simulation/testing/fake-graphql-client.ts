import {
  formatPrice,
  formatQuantity,
  parsePriceTicks,
  parseQuantityLots,
  type InstrumentScale,
} from '#contracts/money/instrument-scale.js';
import { FulltapeError, unwrap, type Refusal } from '#contracts/result/result.js';
import { z } from 'zod';
import type { Intent } from '../flow/instrument.js';
import type { OrderReport } from '../flow/open-orders.js';
import type { GraphqlClient, GraphqlData } from '../shell/graphql-client.js';
import { FakeVenue } from './fake-venue.js';

const inputSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  ackLevel: z.literal('ENGINE'),
  orderId: z.string().optional(),
  clientOrderId: z.string().optional(),
  side: z.enum(['BUY', 'SELL']).optional(),
  orderType: z.enum(['LIMIT', 'MARKET']).optional(),
  timeInForce: z.enum(['GTC', 'IOC']).optional(),
  postOnly: z.boolean().optional(),
  quantity: z.string().optional(),
  price: z.string().optional(),
});

type Subscription = Parameters<GraphqlClient['subscribe']>[0];

/** The public API over a fake venue, answering at once: what the session sends is parsed as the gateway would, and may be refused on demand. */
export class FakeGraphqlClient implements GraphqlClient {
  readonly venue = new FakeVenue();
  readonly canceledAccounts: string[] = [];
  readonly batchSizes: number[] = [];
  /** Code that the next requests are refused with; null answers them. */
  refuseWith: Refusal['code'] | null = null;
  refusedRequests = 0;
  private readonly subscriptions = new Set<Subscription>();
  private readonly accountOf = new Map<string, string>();

  constructor(private readonly scales: ReadonlyMap<string, InstrumentScale>) {}

  async request(document: string, variables: Readonly<Record<string, unknown>>): Promise<GraphqlData> {
    if (this.refuseWith !== null) {
      this.refusedRequests += 1;
      throw new FulltapeError(this.refuseWith);
    }
    if (document.includes('cancelAllOrders')) {
      const { accountId } = z.object({ input: z.object({ accountId: z.string() }) }).parse(variables).input;
      this.canceledAccounts.push(accountId);
      return { cancelAllOrders: { canceledCount: '0', refusal: null } };
    }
    const kinds = [...document.matchAll(/i\d+: (place|amend|cancel)Order/g)].map(([, kind]) => kind);
    this.batchSizes.push(kinds.length);
    return Object.fromEntries(
      kinds.map((kind, index) => [`i${index}`, this.answer(kind ?? '', inputSchema.parse(variables[`v${index}`]))]),
    );
  }

  subscribe(subscription: Subscription): () => void {
    this.subscriptions.add(subscription);
    return () => {
      this.subscriptions.delete(subscription);
    };
  }

  get openSubscriptions(): number {
    return this.subscriptions.size;
  }

  /** The connection breaks. */
  drop(): void {
    for (const { ended } of [...this.subscriptions]) ended('connection closed');
  }

  async close(): Promise<void> {
    this.drop();
  }

  private answer(kind: string, input: z.output<typeof inputSchema>): object {
    const scale = this.scaleOf(input.symbol);
    const result = this.venue.send(this.intentOf(kind, input, scale));
    if (input.clientOrderId !== undefined)
      for (const { orderId, clientOrderId } of result.reports)
        if (clientOrderId === input.clientOrderId) this.accountOf.set(orderId, input.accountId);
    for (const report of result.reports) this.tell(report, input.symbol, scale);
    for (const { document, next } of this.subscriptions) {
      if (!document.includes('quotes')) continue;
      const { bidTicks, askTicks, lastTicks } = this.venue.quote(input.symbol);
      const text = (ticks: bigint | null): string | null => (ticks === null ? null : formatPrice(ticks, scale));
      next({ quotes: { symbol: input.symbol, bidPrice: text(bidTicks), askPrice: text(askTicks), lastPrice: text(lastTicks) } });
    }
    const own = result.reports.at(-1);
    if (result.refused || own === undefined)
      return {
        orderId: null,
        orderStatus: null,
        leavesQuantity: null,
        cumQuantity: null,
        refusal: { code: kind === 'place' ? 'POST_ONLY_WOULD_TRADE' : 'UNKNOWN_ORDER' },
      };
    return { ...orderView(own, scale), refusal: null };
  }

  private intentOf(kind: string, input: z.output<typeof inputSchema>, scale: InstrumentScale): Intent {
    const { accountId, symbol, orderId = '', clientOrderId = '' } = input;
    const priceTicks = input.price === undefined ? null : unwrap(parsePriceTicks(input.price, scale));
    if (kind === 'cancel') return { type: 'cancel', accountId, symbol, orderId, clientOrderId };
    if (kind === 'amend') return { type: 'amend', accountId, symbol, orderId, clientOrderId, priceTicks: priceTicks ?? 0n };
    const { side = 'BUY', orderType = 'LIMIT', timeInForce = 'GTC', postOnly = false, quantity = '' } = input;
    return {
      type: 'place',
      accountId,
      symbol,
      clientOrderId,
      side,
      orderType,
      timeInForce,
      postOnly,
      priceTicks,
      quantityLots: unwrap(parseQuantityLots(quantity, scale)),
    };
  }

  private tell(report: OrderReport, symbol: string, scale: InstrumentScale): void {
    const accountId = this.accountOf.get(report.orderId);
    for (const { document, variables, next } of this.subscriptions) {
      if (!document.includes('orderUpdates') || variables['accountId'] !== accountId) continue;
      next({ orderUpdates: { order: { ...orderView(report, scale), clientOrderId: report.clientOrderId, instrument: { symbol } } } });
    }
  }

  private scaleOf(symbol: string): InstrumentScale {
    const scale = this.scales.get(symbol);
    if (scale === undefined) throw new FulltapeError('UNKNOWN_INSTRUMENT', { symbol });
    return scale;
  }
}

const orderView = ({ orderId, leavesLots, cumLots, open }: OrderReport, scale: InstrumentScale) => ({
  orderId,
  orderStatus: open ? 'NEW' : 'FILLED',
  leavesQuantity: formatQuantity(leavesLots, scale),
  cumQuantity: formatQuantity(cumLots, scale),
});
