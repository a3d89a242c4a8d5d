import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { instrumentCatalogue, liveFeed } from '../gateway-ports.js';
import type { Quote } from '../graphql.generated.js';
import { connectionOf, pageSizeOf, symbolCursor, type Connection } from '../graphql/pages.js';
import { requirePermission, type RequestContext } from '../graphql/request-context.js';
import type { LiveFeed } from '../live/live-feed.js';
import { quoteOf } from '../market-data/quote.js';
import type { InstrumentCatalogue } from './instrument-catalogue.js';
import { instrumentNodeOf, type InstrumentNode } from './instrument-node.js';

const models = ['instruments', 'listings'] as const;

@Resolver('Instrument')
export class InstrumentsResolver {
  constructor(
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(liveFeed) private readonly feed: LiveFeed,
  ) {}

  @Query()
  async instruments(
    @Args() args: { first?: number | null; after?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<InstrumentNode>> {
    requirePermission(context, 'read');
    const first = pageSizeOf(args.first, 100);
    const after = args.after === null || args.after === undefined ? null : symbolCursor.decode(args.after);
    const view = await context.reads.at(args.atLeast, models);
    const rows = (await view.snapshot.reference.instruments()).filter(({ symbol }) => after === null || symbol > after);
    return connectionOf({
      rows: rows.slice(0, first),
      hasNextPage: rows.length > first,
      hasPreviousPage: after !== null,
      position: view.positionOf(models),
      cursor: ({ symbol }) => symbolCursor.encode(symbol),
      node: instrumentNodeOf,
    });
  }

  @Query()
  async instrument(
    @Args() args: { symbol: string; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<InstrumentNode | null> {
    requirePermission(context, 'read');
    if (args.atLeast === null || args.atLeast === undefined) {
      const known = await this.catalogue.bySymbol(args.symbol);
      return known === null ? null : instrumentNodeOf(known);
    }
    const view = await context.reads.at(args.atLeast, models);
    const row = await view.snapshot.reference.instrumentBySymbol(args.symbol);
    return row === null ? null : instrumentNodeOf(row);
  }

  @ResolveField()
  async underlying(@Parent() { row }: InstrumentNode): Promise<string | null> {
    return row.underlyingId === 0 ? null : ((await this.catalogue.byId(row.underlyingId))?.symbol ?? null);
  }

  @ResolveField()
  quote(@Parent() instrument: InstrumentNode): Quote | null {
    return quoteOf(instrument.row, this.feed);
  }
}
