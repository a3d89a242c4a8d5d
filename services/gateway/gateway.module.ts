import { join } from 'node:path';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { bearerTokenOf } from '#platform/identity/token-store.js';
import { AccountPositionsResolver, AccountsResolver, CashEntriesResolver } from './accounts/accounts.resolver.js';
import {
  commandPort,
  demoCredentialList,
  gatewayFacts,
  instrumentCatalogue,
  liveFeed,
  orderExplainer,
  readSide,
  revocationList,
  tokenStore,
  type GatewayPorts,
} from './gateway-ports.js';
import { gatewayPlugin } from './graphql/apollo-plugin.js';
import { formatRequestError } from './graphql/numbered-error.js';
import type { RequestContext } from './graphql/request-context.js';
import { scalars } from './graphql/scalars.js';
import { InstrumentsResolver } from './instruments/instruments.resolver.js';
import { LiveResolver } from './live/live.resolver.js';
import { MarketDataResolver } from './market-data/market-data.resolver.js';
import { AmendOrderHandler } from './ordering/amend-order.handler.js';
import { CancelAllOrdersHandler } from './ordering/cancel-all-orders.handler.js';
import { CancelOrderHandler } from './ordering/cancel-order.handler.js';
import { CommandSender } from './ordering/command-sender.js';
import { MoveCashHandler } from './ordering/move-cash.handler.js';
import { OrderingResolver } from './ordering/ordering.resolver.js';
import { ExplainResolver } from './ordering/explain.resolver.js';
import { ExecutionsResolver, OrdersResolver } from './ordering/orders.resolver.js';
import { KeepAliveHandler } from './ordering/keep-alive.handler.js';
import { PlaceOrderListHandler } from './ordering/place-order-list.handler.js';
import { OperationsResolver } from './operations/operations.resolver.js';
import { OperatorActionHandler } from './operations/operator-action.handler.js';
import { RiskRulesResolver } from './operations/risk-rules.resolver.js';
import { PlaceOrderHandler } from './ordering/place-order.handler.js';
import { RequestReads } from './reads/request-reads.js';
import { DemoController } from './rest/demo.controller.js';
import { SystemController } from './rest/system.controller.js';
import { queryLimits } from './security/query-cost.js';

const handlers = [
  PlaceOrderHandler,
  PlaceOrderListHandler,
  AmendOrderHandler,
  CancelOrderHandler,
  CancelAllOrdersHandler,
  MoveCashHandler,
  KeepAliveHandler,
  OperatorActionHandler,
];
const resolvers = [
  OrderingResolver,
  OperationsResolver,
  RiskRulesResolver,
  OrdersResolver,
  ExecutionsResolver,
  ExplainResolver,
  AccountsResolver,
  AccountPositionsResolver,
  CashEntriesResolver,
  InstrumentsResolver,
  MarketDataResolver,
  LiveResolver,
];

const contextOf = (request: FastifyRequest, ports: GatewayPorts): RequestContext & { readonly req: FastifyRequest } => {
  const token = bearerTokenOf(request.headers.authorization);
  return {
    req: request, // Nest copies a context without it
    requestId: request.id,
    identity: token === null ? null : ports.tokens.identify(token),
    reads: new RequestReads(ports.readSide),
    session: null,
  };
};

/** The gateway as a Nest application around ports that are open already. */
@Module({})
export class GatewayModule {
  static with(ports: GatewayPorts, rootDir: string): DynamicModule {
    const values: Provider[] = [
      { provide: commandPort, useValue: ports.commands },
      { provide: readSide, useValue: ports.readSide },
      { provide: tokenStore, useValue: ports.tokens },
      { provide: instrumentCatalogue, useValue: ports.catalogue },
      { provide: liveFeed, useValue: ports.feed },
      { provide: orderExplainer, useValue: ports.explainer },
      { provide: revocationList, useValue: ports.revocations },
      { provide: gatewayFacts, useValue: ports.facts },
      { provide: demoCredentialList, useValue: ports.demoAccounts },
    ];
    return {
      module: GatewayModule,
      imports: [
        CqrsModule.forRoot(),
        GraphQLModule.forRoot<ApolloDriverConfig>({
          driver: ApolloDriver,
          path: '/graphql',
          typePaths: [join(rootDir, 'schemas', 'schema.graphql')],
          resolvers: scalars,
          introspection: true,
          graphiql: false,
          includeStacktraceInErrorResponses: false,
          parseOptions: { maxTokens: queryLimits.tokensMax },
          autoTransformHttpErrors: false,
          formatError: formatRequestError,
          plugins: [gatewayPlugin],
          context: (request: FastifyRequest) => contextOf(request, ports),
        }),
      ],
      controllers: [SystemController, DemoController],
      providers: [...values, CommandSender, ...handlers, ...resolvers],
    };
  }
}
