import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { parseClientOrderId, parseOrderId } from '#contracts/ids/ids.js';
import { FulltapeError } from '#contracts/result/result.js';
import { errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';
import type { ExecutionRow, OrderFilter as OrderRowFilter, Page, RefusedRow } from '#platform/read-side/index.js';
import { instrumentCatalogue, revocationList } from '../gateway-ports.js';
import type { OrderFilter, OrderRefusal } from '../graphql.generated.js';
import { orderStatusOf, sideOf } from '../graphql/enum-names.js';
import { connectionOf, executionCursor, orderCursor, pageSizeOf, type Connection } from '../graphql/pages.js';
import { requireAccount, type RequestContext } from '../graphql/request-context.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import { instrumentNamed } from '../instruments/requested-instruments.js';
import { revokedOrderNode, type Revocations } from '../live/revocations.js';
import { instrumentNodeOf, type InstrumentNode } from '../instruments/instrument-node.js';
import { measuredNumbers } from '#contracts/money/measured-value.js';
import { parseNanos } from '../market-data/parse-nanos.js';
import { executionNodeOf, orderNodeOf, type ExecutionNode, type OrderNode } from './order-node.js';

interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

const orderModels = ['orders'] as const;
const executionModels = ['executions'] as const;

const executionConnection = (page: Page<ExecutionRow>, after: string | null | undefined, position: string): Connection<ExecutionNode> =>
  connectionOf({
    ...page,
    hasPreviousPage: after !== null && after !== undefined,
    position,
    cursor: executionCursor.encode,
    node: executionNodeOf,
  });

/** Whether an order was refused for an expiry that had passed: then its numbers are times. */
const isExpiry = (code: ErrorCode, refused: RefusedRow, expireTime: string | null | undefined): boolean => {
  if (code !== 'INVALID_ARGUMENT' || expireTime === null || expireTime === undefined) return false;
  const nanos = parseNanos(expireTime, 'expireTime');
  return nanos.ok && nanos.value === refused.observed;
};

@Resolver('Order')
export class OrdersResolver {
  constructor(
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(revocationList) private readonly revocations: Revocations,
  ) {}

  @Query()
  async order(
    @Args() args: { accountId: string; orderId?: string | null; clientOrderId?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<OrderNode | null> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const key = orderKeyOf(args);
    if (key === null) return null;
    const view = await context.reads.at(args.atLeast, orderModels);
    const row = await view.snapshot.trading.order({ accountId, ...key });
    if (row !== null) return orderNodeOf(row, view);
    return 'clientOrderId' in key ? this.#revoked(accountId, key.clientOrderId) : null;
  }

  @Query()
  async orders(
    @Args() args: PageArguments & { accountId: string; filter?: OrderFilter | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<OrderNode>> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const first = pageSizeOf(args.first, 50);
    const after = args.after === null || args.after === undefined ? {} : { after: orderCursor.decode(args.after) };
    const filter = await this.#filterOf(args.filter ?? {});
    const view = await context.reads.at(args.atLeast, orderModels);
    const page = await view.snapshot.trading.orders(accountId, filter, { first, ...after });
    return connectionOf({
      ...page,
      hasPreviousPage: 'after' in after,
      position: view.positionOf(orderModels),
      cursor: (row) => orderCursor.encode(row.orderId),
      node: (row) => orderNodeOf(row, view),
    });
  }

  @Query()
  async executions(
    @Args() args: PageArguments & { accountId: string; symbol?: string | null; orderId?: string | null; atLeast?: string | null },
    @Context() context: RequestContext,
  ): Promise<Connection<ExecutionNode>> {
    const accountId = requireAccount(context, args.accountId, 'read');
    const first = pageSizeOf(args.first, 50);
    const after = args.after === null || args.after === undefined ? {} : { after: executionCursor.decode(args.after) };
    const instrument =
      args.symbol === null || args.symbol === undefined
        ? {}
        : { instrumentId: (await instrumentNamed(this.catalogue, args.symbol)).instrumentId };
    const order = args.orderId === null || args.orderId === undefined ? {} : { orderId: orderIdOf(args.orderId) };
    const view = await context.reads.at(args.atLeast, executionModels);
    const page = await view.snapshot.trading.executions({ accountId, ...instrument, ...order }, { first, ...after });
    return executionConnection(page, args.after, view.positionOf(executionModels));
  }

  @ResolveField('executions')
  async executionsOf(
    @Parent() order: OrderNode,
    @Args() args: PageArguments,
    @Context() context: RequestContext,
  ): Promise<Connection<ExecutionNode>> {
    const first = pageSizeOf(args.first, 50);
    const view = order.view ?? (await context.reads.at(null, executionModels));
    const orderId = BigInt(order.orderId);
    const page =
      args.after === null || args.after === undefined
        ? await view.loaders.executionsOfOrder.load({ orderId, first })
        : await view.snapshot.trading.executions(
            { accountId: Number(order.accountId), orderId },
            { first, after: executionCursor.decode(args.after) },
          );
    return executionConnection(page, args.after, view.positionOf(executionModels));
  }

  @ResolveField()
  instrument(@Parent() order: OrderNode): Promise<InstrumentNode> {
    return instrumentNodeById(this.catalogue, order.instrumentId);
  }

  /** What a refused order's check saw, in the unit of the rule. */
  @ResolveField()
  async refusal(@Parent() { orderStatus, reason, refused, instrumentId, expireTime }: OrderNode): Promise<OrderRefusal | null> {
    if (orderStatus !== 'REJECTED' || refused === null || reason === null || reason === undefined) return null;
    if (!isErrorCode(reason)) return { code: reason, number: 0, observed: null, limit: null, ruleVersion: null };
    const scale = (await this.catalogue.byId(instrumentId))?.scale ?? null;
    const numbers = measuredNumbers(reason, refused, scale, isExpiry(reason, refused, expireTime) ? 'time' : undefined);
    return {
      code: reason,
      number: errorTable[reason].number,
      observed: numbers?.observed ?? null,
      limit: numbers?.limit ?? null,
      ruleVersion: refused.ruleVersion === 0 ? null : refused.ruleVersion,
    };
  }

  /** An order that was answered at level ENGINE and lost, so that whoever asks for it learns what became of it. */
  async #revoked(accountId: number, clientOrderId: string): Promise<OrderNode | null> {
    const revocation = this.revocations.orderNamed(accountId, clientOrderId);
    if (revocation === undefined) return null;
    const instrument = await this.catalogue.byId(revocation.command.instrumentId);
    return instrument === null ? null : revokedOrderNode(revocation, instrument);
  }

  async #filterOf(filter: OrderFilter): Promise<OrderRowFilter> {
    return {
      ...(filter.symbol === null || filter.symbol === undefined
        ? {}
        : { instrumentId: (await instrumentNamed(this.catalogue, filter.symbol)).instrumentId }),
      ...(filter.orderStatus === null || filter.orderStatus === undefined
        ? {}
        : { statuses: filter.orderStatus.map((status) => orderStatusOf[status]) }),
      ...(filter.open === null || filter.open === undefined ? {} : { open: filter.open }),
      ...(filter.listId === null || filter.listId === undefined ? {} : { listId: filter.listId.slice(0, 32) }),
      ...(filter.side === null || filter.side === undefined ? {} : { side: sideOf[filter.side] }),
    };
  }
}

@Resolver('Execution')
export class ExecutionsResolver {
  constructor(@Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue) {}

  @ResolveField()
  instrument(@Parent() execution: ExecutionNode): Promise<InstrumentNode> {
    return instrumentNodeById(this.catalogue, execution.instrumentId);
  }
}

const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorTable, text);

const instrumentNodeById = async (catalogue: InstrumentCatalogue, instrumentId: number): Promise<InstrumentNode> => {
  const row = await catalogue.byId(instrumentId);
  if (row === null) throw new FulltapeError('UNKNOWN_INSTRUMENT_ID', { instrumentId: String(instrumentId) });
  return instrumentNodeOf(row);
};

/** Ids of read models are signed 64 bit; a larger one names nothing. */
const orderIdOf = (text: string): bigint => {
  const parsed = parseOrderId(text);
  return parsed.ok && parsed.value <= 0x7fff_ffff_ffff_ffffn ? parsed.value : 0n;
};

/** Null for an id that no order can have. @throws FulltapeError INVALID_ARGUMENT unless exactly one id is given. */
const orderKeyOf = (args: {
  readonly orderId?: string | null;
  readonly clientOrderId?: string | null;
}): { orderId: bigint } | { clientOrderId: string } | null => {
  const { orderId = null, clientOrderId = null } = args;
  if ((orderId === null) === (clientOrderId === null))
    throw new FulltapeError('INVALID_ARGUMENT', { argument: 'orderId, clientOrderId', expected: 'one of them' });
  if (orderId !== null) {
    const id = orderIdOf(orderId);
    return id === 0n ? null : { orderId: id };
  }
  const parsed = parseClientOrderId(clientOrderId ?? '');
  return parsed.ok ? { clientOrderId: parsed.value } : null;
};
