import { Inject } from '@nestjs/common';
import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import { parseOrderId } from '#contracts/ids/ids.js';
import { FulltapeError } from '#contracts/result/result.js';
import type { OrderExplainer } from '#platform/explain/order-explainer.js';
import { openStatuses } from '#platform/read-side/index.js';
import { instrumentCatalogue, orderExplainer } from '../gateway-ports.js';
import type { OrderExplanation } from '../graphql.generated.js';
import { requireAccount, type RequestContext } from '../graphql/request-context.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { explanationNodeOf } from './explanation-node.js';

const shard = 0;
const orderModels = ['orders'] as const;

/** Why an order came out as it did: who may read the order may ask. */
@Resolver()
export class ExplainResolver {
  constructor(
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(orderExplainer) private readonly explainer: OrderExplainer,
  ) {}

  @Query()
  async explainOrder(
    @Args() args: { accountId: string; orderId: string; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<OrderExplanation | null> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const orderId = parseOrderId(args.orderId);
    if (!orderId.ok || orderId.value > 0x7fff_ffff_ffff_ffffn) return null;
    const view = await context.reads.at(args.atLeast, orderModels);
    const row = await view.snapshot.trading.order({ accountId, orderId: orderId.value });
    if (row === null) return null;
    const instrument = await this.catalogue.byId(row.instrumentId);
    if (instrument === null) throw new FulltapeError('UNKNOWN_INSTRUMENT_ID', { instrumentId: String(row.instrumentId) });
    const { lastCommand, orderStatus } = row;
    const explained = await this.explainer.explain({
      shard,
      orderId: row.orderId,
      lastCommand,
      isOpen: openStatuses.includes(orderStatus),
    });
    return explanationNodeOf(explained, instrument, context.identity?.permissions.has('operate') === true ? 'operator' : 'owner');
  }
}
