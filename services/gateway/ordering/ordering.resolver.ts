import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type {
  AmendOrderInput,
  CancelAllAck,
  CancelAllOrdersInput,
  CancelOrderInput,
  CashAck,
  CashInput,
  KeepAliveAck,
  KeepAliveInput,
  OrderAck,
  OrderListAck,
  PlaceOrderInput,
  PlaceOrderListInput,
} from '../graphql.generated.js';
import { requireAccount, type RequestContext } from '../graphql/request-context.js';
import {
  AmendOrderCommand,
  CancelAllOrdersCommand,
  CancelOrderCommand,
  KeepAliveCommand,
  MoveCashCommand,
  PlaceOrderCommand,
  PlaceOrderListCommand,
} from './order-commands.js';

/** The client session that an order belongs to: the one it names, else the one that its connection has declared for the account. */
const sessionOf = (input: { readonly sessionId?: string | null }, accountId: number, { session }: RequestContext): string | null =>
  input.sessionId ?? (session !== null && session.accountId === accountId ? String(session.sessionId) : null);

/** Mutations: who may do it is decided here, what happens is decided behind the command bus. */
@Resolver()
export class OrderingResolver {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Mutation()
  placeOrder(@Args('input') input: PlaceOrderInput, @Context() context: RequestContext): Promise<OrderAck> {
    const accountId = requireAccount(context, input.accountId, 'trade');
    return this.bus.execute(new PlaceOrderCommand(accountId, { ...input, sessionId: sessionOf(input, accountId, context) }));
  }

  @Mutation()
  placeOrderList(@Args('input') input: PlaceOrderListInput, @Context() context: RequestContext): Promise<OrderListAck> {
    const accountId = requireAccount(context, input.accountId, 'trade');
    return this.bus.execute(new PlaceOrderListCommand(accountId, { ...input, sessionId: sessionOf(input, accountId, context) }));
  }

  @Mutation()
  keepAlive(@Args('input') input: KeepAliveInput, @Context() context: RequestContext): Promise<KeepAliveAck> {
    return this.bus.execute(new KeepAliveCommand(requireAccount(context, input.accountId, 'trade'), input));
  }

  @Mutation()
  amendOrder(@Args('input') input: AmendOrderInput, @Context() context: RequestContext): Promise<OrderAck> {
    return this.bus.execute(new AmendOrderCommand(requireAccount(context, input.accountId, 'trade'), input));
  }

  @Mutation()
  cancelOrder(@Args('input') input: CancelOrderInput, @Context() context: RequestContext): Promise<OrderAck> {
    return this.bus.execute(new CancelOrderCommand(requireAccount(context, input.accountId, 'trade'), input));
  }

  @Mutation()
  cancelAllOrders(@Args('input') input: CancelAllOrdersInput, @Context() context: RequestContext): Promise<CancelAllAck> {
    return this.bus.execute(new CancelAllOrdersCommand(requireAccount(context, input.accountId, 'trade'), input));
  }

  @Mutation()
  deposit(@Args('input') input: CashInput, @Context() context: RequestContext): Promise<CashAck> {
    return this.bus.execute(new MoveCashCommand(requireAccount(context, input.accountId, 'trade'), 'deposit', input));
  }

  @Mutation()
  withdraw(@Args('input') input: CashInput, @Context() context: RequestContext): Promise<CashAck> {
    return this.bus.execute(new MoveCashCommand(requireAccount(context, input.accountId, 'trade'), 'withdraw', input));
  }
}
