import { Inject } from '@nestjs/common';
import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import { parsePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import type { ReadSide } from '#platform/read-side/index.js';
import { instrumentCatalogue, liveFeed, readSide, revocationList } from '../gateway-ports.js';
import type { BookUpdate, Candle, Quote, Timeframe, Trade } from '../graphql.generated.js';
import { requireAccount, requirePermission, type RequestContext } from '../graphql/request-context.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { instrumentNamed, requestedInstruments } from '../instruments/requested-instruments.js';
import { depthOf } from '../market-data/book-depth.js';
import { balanceStream, positionStream, type BalanceUpdateNode, type PositionUpdateNode } from './account-streams.js';
import type { LiveFeed } from './live-feed.js';
import { bookStream, candleStream, quoteStream, tradeStream } from './market-streams.js';
import { orderStream, type OrderUpdateNode, type OrderUpdatePorts } from './order-stream.js';
import type { Revocations } from './revocations.js';

/** An item of a stream is the field's value as it is. */
const asIs = { resolve: (value: unknown): unknown => value };

@Resolver()
export class LiveResolver {
  readonly #ports: OrderUpdatePorts;

  constructor(
    @Inject(liveFeed) private readonly feed: LiveFeed,
    @Inject(readSide) reads: ReadSide,
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(revocationList) revocations: Revocations,
  ) {
    this.#ports = { feed, readSide: reads, catalogue, revocations };
  }

  @Subscription('orderUpdates', asIs)
  orderUpdates(
    @Args() args: { accountId: string; resumeFrom?: string | null },
    @Context() context: RequestContext,
  ): AsyncIterable<OrderUpdateNode> {
    const accountId = requireAccount(context, args.accountId, 'read');
    return orderStream(
      this.#ports,
      accountId,
      args.resumeFrom === null || args.resumeFrom === undefined ? null : unwrap(parsePosition(args.resumeFrom)),
    );
  }

  @Subscription('positionUpdates', asIs)
  positionUpdates(
    @Args() args: { accountId: string; resumeFrom?: string | null },
    @Context() context: RequestContext,
  ): AsyncIterable<PositionUpdateNode> {
    const accountId = requireAccount(context, args.accountId, 'read');
    return positionStream(
      this.#ports,
      accountId,
      args.resumeFrom === null || args.resumeFrom === undefined ? null : unwrap(parsePosition(args.resumeFrom)),
    );
  }

  @Subscription('balanceUpdates', asIs)
  balanceUpdates(@Args() args: { accountId: string }, @Context() context: RequestContext): AsyncIterable<BalanceUpdateNode> {
    return balanceStream(this.feed, requireAccount(context, args.accountId, 'read'));
  }

  @Subscription('book', asIs)
  async book(
    @Args() args: { symbol: string; depth?: number | null },
    @Context() context: RequestContext,
  ): Promise<AsyncIterable<BookUpdate>> {
    requirePermission(context, 'read');
    const depth = depthOf(args.depth, 20);
    return bookStream(this.feed, await instrumentNamed(this.catalogue, args.symbol), depth);
  }

  @Subscription('trades', asIs)
  async trades(@Args() args: { symbol: string }, @Context() context: RequestContext): Promise<AsyncIterable<Trade>> {
    requirePermission(context, 'read');
    return tradeStream(this.feed, await instrumentNamed(this.catalogue, args.symbol));
  }

  @Subscription('quotes', asIs)
  async quotes(@Args() args: { symbols?: string[] | null }, @Context() context: RequestContext): Promise<AsyncIterable<Quote>> {
    requirePermission(context, 'read');
    const instruments = await requestedInstruments(this.catalogue, args.symbols);
    return quoteStream(this.feed, instruments);
  }

  @Subscription('candles', asIs)
  async candles(
    @Args() args: { symbol: string; timeframe: Timeframe },
    @Context() context: RequestContext,
  ): Promise<AsyncIterable<Candle>> {
    requirePermission(context, 'read');
    return candleStream(this.feed, await instrumentNamed(this.catalogue, args.symbol), args.timeframe);
  }
}
