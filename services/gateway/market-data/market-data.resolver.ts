import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { formatPosition, parsePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import type { ReadSide } from '#platform/read-side/index.js';
import { instrumentCatalogue, liveFeed, readSide } from '../gateway-ports.js';
import type { Book, Candle, Quote, Timeframe, Trade } from '../graphql.generated.js';
import { timeframeNames } from '../graphql/enum-names.js';
import { connectionOf, pageSizeOf, timeCursor, tradeCursor, type Connection } from '../graphql/pages.js';
import { requirePermission, type RequestContext } from '../graphql/request-context.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { instrumentNamed, requestedInstruments } from '../instruments/requested-instruments.js';
import type { LiveFeed } from '../live/live-feed.js';
import { atLeastTimeoutMs } from '../reads/request-reads.js';
import { depthOf } from './book-depth.js';
import { candleNodeOfRow, levelNodeOf, tradeNodeOfRow } from './market-data-nodes.js';
import { parseNanos } from './parse-nanos.js';
import { quoteOf } from './quote.js';

@Resolver()
export class MarketDataResolver {
  constructor(
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(liveFeed) private readonly feed: LiveFeed,
    @Inject(readSide) private readonly reads: ReadSide,
  ) {}

  @Query()
  async book(
    @Args() args: { symbol: string; depth?: number | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Book> {
    requirePermission(context, 'read');
    const depth = depthOf(args.depth, 10);
    const instrument = await instrumentNamed(this.catalogue, args.symbol);
    if (args.atLeast !== null && args.atLeast !== undefined)
      unwrap(await this.feed.waitFor(unwrap(parsePosition(args.atLeast)), atLeastTimeoutMs));
    const book = this.feed.market(instrument.instrumentId)?.book;
    const { bids, asks } = book?.top(depth) ?? { bids: [], asks: [] };
    return {
      symbol: instrument.symbol,
      bids: bids.map((level) => levelNodeOf(level, instrument)),
      asks: asks.map((level) => levelNodeOf(level, instrument)),
      sequence: (book?.sequence ?? 0n).toString(),
      position: this.feed.position(),
    };
  }

  @Query()
  async quotes(@Args() args: { symbols?: string[] | null }, @Context() context: RequestContext): Promise<Quote[]> {
    requirePermission(context, 'read');
    const instruments = await requestedInstruments(this.catalogue, args.symbols);
    return instruments.map((instrument) => quoteOf(instrument, this.feed)).filter((quote) => quote !== null);
  }

  @Query()
  async candles(
    @Args() args: { symbol: string; timeframe: Timeframe; first?: number | null; before?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<Candle>> {
    requirePermission(context, 'read');
    const first = pageSizeOf(args.first, 200);
    const before = args.before === null || args.before === undefined ? {} : { beforeNanos: unwrap(parseNanos(args.before, 'before')) };
    const instrument = await instrumentNamed(this.catalogue, args.symbol);
    const view = await context.reads.at(args.atLeast, ['candles']);
    const rows = await view.snapshot.history.candles({
      instrumentId: instrument.instrumentId,
      timeframe: timeframeNames[args.timeframe],
      limit: first + 1,
      ...before,
    });
    return connectionOf({
      rows: rows.slice(-first),
      // Candles go back in time from `before`; what lies behind the page's last row is what the page began from.
      hasPreviousPage: rows.length > first,
      hasNextPage: 'beforeNanos' in before,
      position: view.positionOf(['candles']),
      cursor: ({ openTime }) => timeCursor.encode(openTime),
      node: (row) => candleNodeOfRow(row, instrument.symbol, args.timeframe, this.feed.engineTimeNanos),
    });
  }

  @Query()
  async trades(
    @Args() args: { symbol: string; first?: number | null; after?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<Trade>> {
    requirePermission(context, 'read');
    const first = pageSizeOf(args.first, 50);
    const after = args.after === null || args.after === undefined ? {} : { after: tradeCursor.decode(args.after) };
    const instrument = await instrumentNamed(this.catalogue, args.symbol);
    const view = await context.reads.at(args.atLeast, ['trades']);
    const page = await view.snapshot.history.trades({ instrumentId: instrument.instrumentId, first, ...after });
    return connectionOf({
      ...page,
      hasPreviousPage: 'after' in after,
      position: view.positionOf(['trades']),
      cursor: ({ tradeId }) => tradeCursor.encode(tradeId),
      node: tradeNodeOfRow,
    });
  }

  @Query()
  async servedPosition(@Context() context: RequestContext): Promise<string> {
    requirePermission(context, 'read');
    return formatPosition(await this.reads.servedPosition());
  }
}
