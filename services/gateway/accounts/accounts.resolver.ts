import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { FulltapeError } from '#contracts/result/result.js';
import type { AccountRow, ReadSnapshot } from '#platform/read-side/index.js';
import { instrumentCatalogue, liveFeed } from '../gateway-ports.js';
import type { Balance, ScopeState } from '../graphql.generated.js';
import { requireAccount, requirePermission, type RequestContext } from '../graphql/request-context.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { instrumentNodeOf, type InstrumentNode } from '../instruments/instrument-node.js';
import type { LiveFeed } from '../live/live-feed.js';
import { cashEntryCursor, connectionOf, pageSizeOf, type Connection } from '../graphql/pages.js';
import {
  accountNodeOf,
  balanceNodeOf,
  cashEntryNodeOf,
  positionNodeOf,
  scopeStateNodeOf,
  valuationOf,
  type AccountNode,
  type CashEntryNode,
  type PositionNode,
} from './account-nodes.js';

/** The field has no pages of its own: above this number an answer would be too large to be of use, and says so instead. */
const accountsListedMax = 10_000;
const accountPageRows = 1_000;
/** States of accounts and groups that are told: those that changed last. */
const scopeStatesMax = 1_000;

/** Every account of the platform, for tokens that may use them all. @throws FulltapeError QUERY_TOO_COMPLEX */
const everyAccount = async (reference: ReadSnapshot['reference']): Promise<readonly AccountRow[]> => {
  const rows: AccountRow[] = [];
  for (;;) {
    const after = rows.at(-1)?.accountId;
    const page = await reference.accountPage({ first: accountPageRows, ...(after === undefined ? {} : { after }) });
    rows.push(...page.rows);
    if (!page.hasNextPage) return rows;
    if (rows.length >= accountsListedMax)
      throw new FulltapeError('QUERY_TOO_COMPLEX', { list: 'accounts', limit: String(accountsListedMax) });
  }
};

@Resolver('Account')
export class AccountsResolver {
  @Query()
  async accounts(@Args() args: { atLeast?: string | null }, @Context() context: RequestContext): Promise<AccountNode[]> {
    const caller = requirePermission(context, 'read');
    const view = await context.reads.at(args.atLeast, ['accounts', 'account-profiles', 'balances', 'positions']);
    const { reference } = view.snapshot;
    const rows = caller.accounts === 'all' ? await everyAccount(reference) : await reference.accounts([...caller.accounts]);
    return rows.map((row) => accountNodeOf(row, view));
  }

  @Query()
  async balances(@Args() args: { accountId: string; atLeast?: string | null }, @Context() context: RequestContext): Promise<Balance[]> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const view = await context.reads.at(args.atLeast, ['balances']);
    return (await view.loaders.balancesOfAccount.load(accountId)).map(balanceNodeOf);
  }

  @Query()
  async positions(
    @Args() args: { accountId: string; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<PositionNode[]> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const view = await context.reads.at(args.atLeast, ['positions']);
    return (await view.loaders.positionsOfAccount.load(accountId)).map(positionNodeOf);
  }

  @Query()
  async tradingStates(@Args() args: { atLeast?: string | null }, @Context() context: RequestContext): Promise<ScopeState[]> {
    const caller = requirePermission(context, 'read');
    const view = await context.reads.at(args.atLeast, ['accounts']);
    const rows = await view.snapshot.reference.scopeStates(scopeStatesMax);
    const mayOperate = caller.permissions.has('operate');
    return rows.filter(({ scope }) => mayOperate || scope === 'Global').map(scopeStateNodeOf);
  }

  @Query()
  async cashEntries(
    @Args() args: { accountId: string; first?: number | null; after?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<CashEntryNode>> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const first = pageSizeOf(args.first, 50);
    const after = args.after === null || args.after === undefined ? {} : { after: cashEntryCursor.decode(args.after) };
    const view = await context.reads.at(args.atLeast, ['cash-entries']);
    const page = await view.snapshot.trading.cashEntries(accountId, { first, ...after });
    return connectionOf({
      ...page,
      hasPreviousPage: 'after' in after,
      position: view.positionOf(['cash-entries']),
      cursor: cashEntryCursor.encode,
      node: cashEntryNodeOf,
    });
  }

  @ResolveField('balances')
  async balancesOf(@Parent() account: AccountNode): Promise<Balance[]> {
    return (await account.view.loaders.balancesOfAccount.load(Number(account.id))).map(balanceNodeOf);
  }

  @ResolveField('positions')
  async positionsOf(@Parent() account: AccountNode): Promise<PositionNode[]> {
    return (await account.view.loaders.positionsOfAccount.load(Number(account.id))).map(positionNodeOf);
  }
}

@Resolver('CashEntry')
export class CashEntriesResolver {
  constructor(@Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue) {}

  @ResolveField()
  async instrument(@Parent() { instrumentId }: CashEntryNode): Promise<InstrumentNode | null> {
    const row = instrumentId === null ? null : await this.catalogue.byId(instrumentId);
    return row === null ? null : instrumentNodeOf(row);
  }
}

@Resolver('AccountPosition')
export class AccountPositionsResolver {
  constructor(
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(liveFeed) private readonly feed: LiveFeed,
  ) {}

  @ResolveField()
  async instrument(@Parent() position: PositionNode): Promise<InstrumentNode> {
    const row = await this.catalogue.byId(position.instrumentId);
    if (row === null) throw new FulltapeError('UNKNOWN_INSTRUMENT_ID', { instrumentId: String(position.instrumentId) });
    return instrumentNodeOf(row);
  }

  @ResolveField()
  async marketValue(@Parent() position: PositionNode): Promise<string | null> {
    return (await this.#valuation(position))?.marketValue ?? null;
  }

  @ResolveField()
  async unrealizedPnl(@Parent() position: PositionNode): Promise<string | null> {
    return (await this.#valuation(position))?.unrealizedPnl ?? null;
  }

  /** At the last traded price; null where there was no trade yet. */
  async #valuation(position: PositionNode): Promise<ReturnType<typeof valuationOf>> {
    const instrument = await this.catalogue.byId(position.instrumentId);
    return instrument === null
      ? null
      : valuationOf(position, instrument, this.feed.market(position.instrumentId)?.lastTrade?.priceTicks ?? null);
  }
}
