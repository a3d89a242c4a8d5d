/**
 * GraphQL over WebSocket (subprotocol graphql-transport-ws) at /graphql. A connection is authenticated once, by
 * `connectionParams.authorization`; its sends wait for the socket, so a slow client fills its own bounded queues and nothing else.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import {
  execute,
  getOperationAST,
  GraphQLError,
  parse,
  subscribe,
  validate,
  type ExecutionArgs,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { Context as SocketContext, SubscribePayload } from 'graphql-ws';
import { useServer, type Extra } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { CommandPort } from '#contracts/ports/command-gateway.js';
import { FulltapeError } from '#contracts/result/result.js';
import type { Identity } from '#platform/identity/identity.js';
import { bearerTokenOf, type TokenStore } from '#platform/identity/token-store.js';
import type { ReadSide } from '#platform/read-side/index.js';
import { logger } from '#platform/telemetry/logger.js';
import { RequestReads } from '../reads/request-reads.js';
import { queryLimits } from '../security/query-cost.js';
import { closeReasonOf, declaredSessionOf } from '../sessions/declared-session.js';
import { guardSession, type SessionGuard } from '../sessions/session-guard.js';
import { formatNumbered } from './numbered-error.js';
import { refuseOperation } from './operation-guard.js';
import type { ClientSession, RequestContext } from './request-context.js';

export interface SubscriptionServerOptions {
  readonly httpServer: Server;
  readonly schema: GraphQLSchema;
  readonly tokens: TokenStore;
  readonly readSide: ReadSide;
  readonly commands: CommandPort;
}

export interface SubscriptionServer {
  /** Connections now. */
  readonly connections: number;
  /** Tells clients to go (close code 1001) and waits until they have, at most two seconds. */
  close(): Promise<void>;
}

const path = '/graphql';
const messageBytesMax = 256 * 1024;
const connectionsMax = 5_000;
const operationsPerConnectionMax = 100;
const connectionInitWaitMs = 5_000;
/** Pings in between find dead peers. */
const keepAliveMs = 15_000;
/** Close code of graphql-transport-ws for a connection that may not be opened. */
const forbiddenCloseCode = 4403;

interface ConnectionParameters extends Record<string, unknown> {
  authorization?: unknown;
  cancelOnDisconnect?: unknown;
}
type Socket = SocketContext<ConnectionParameters, Extra & Partial<Record<PropertyKey, never>>>;

/** Who a connection is, and the client session that it has declared. */
interface Connected {
  readonly identity: Identity;
  readonly session: ClientSession | null;
  readonly guard: SessionGuard | null;
}

/** Whether somebody closed the page while something was being sent: nothing is wrong here, and nobody is left to tell. */
const isGone = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && (fault.code === 'ECONNRESET' || fault.code === 'EPIPE');

/** Serves subscriptions (and queries and mutations) on the upgrade of the gateway's HTTP server. */
export const serveSubscriptions = (options: SubscriptionServerOptions): SubscriptionServer => {
  const connected = new WeakMap<object, Connected>();
  const releases = new Set<Promise<void>>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false });
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (new URL(request.url ?? '/', 'http://gateway').pathname !== path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    if (sockets.clients.size >= connectionsMax) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  };
  options.httpServer.on('upgrade', onUpgrade);

  const format = (errors: readonly (GraphQLError | GraphQLFormattedError)[], requestId: string): GraphQLFormattedError[] =>
    errors.map((error) =>
      formatNumbered(error instanceof GraphQLError ? error.toJSON() : error, error, {
        requestId,
        onFault: (fault) => {
          if (isGone(fault)) logger.debug({ err: fault, requestId }, 'gateway.subscription.gone');
          else logger.error({ err: fault, requestId }, 'gateway.subscription.fault');
        },
      }),
    );

  const prepare = (context: Socket, payload: SubscribePayload): ExecutionArgs | readonly GraphQLError[] => {
    const { identity = null, session = null } = connected.get(context.extra.socket) ?? {};
    if (Object.keys(context.subscriptions).length > operationsPerConnectionMax) {
      return [
        new GraphQLError('too many operations on one connection', {
          originalError: new FulltapeError('BUSY', { limit: String(operationsPerConnectionMax) }),
        }),
      ];
    }
    let document: ReturnType<typeof parse>;
    try {
      document = parse(payload.query, { maxTokens: queryLimits.tokensMax });
    } catch (error) {
      return [error instanceof GraphQLError ? error : new GraphQLError(String(error))];
    }
    const invalid = validate(options.schema, document);
    if (invalid.length > 0) return invalid;
    const operation = getOperationAST(document, payload.operationName ?? undefined);
    if (operation === null || operation === undefined) return [new GraphQLError('the document does not hold that operation')];
    const variables = payload.variables ?? {};
    const refused = refuseOperation(options.schema, document, operation, { identity, variables });
    if (refused !== null) return [refused];
    const contextValue: RequestContext = { requestId: randomUUID(), identity, reads: new RequestReads(options.readSide), session };
    return { schema: options.schema, document, operationName: payload.operationName ?? null, variableValues: variables, contextValue };
  };

  const requestIdOf = (args: ExecutionArgs): string => (args.contextValue as RequestContext).requestId;

  const server = useServer<ConnectionParameters, Partial<Record<PropertyKey, never>>>(
    {
      schema: options.schema,
      execute,
      subscribe,
      connectionInitWaitTimeout: connectionInitWaitMs,
      onConnect: (context) => {
        const parameters = context.connectionParams ?? {};
        const token = bearerTokenOf(parameters.authorization) ?? bearerTokenOf(context.extra.request.headers.authorization);
        const identity = token === null ? null : options.tokens.identify(token);
        if (identity === null) {
          const { code, number } = new FulltapeError('UNAUTHENTICATED');
          context.extra.socket.close(forbiddenCloseCode, `${code} (${number}): send connectionParams.authorization "Bearer <token>"`);
          return false;
        }
        const declared = declaredSessionOf(parameters.cancelOnDisconnect, identity);
        if (!declared.ok) {
          context.extra.socket.close(forbiddenCloseCode, closeReasonOf(declared.problem));
          return false;
        }
        const session = declared.value;
        const guard = session === null ? null : guardSession(options.commands, session, { withinMs: session.withinMs });
        connected.set(context.extra.socket, { identity, session, guard });
        return true;
      },
      onClose: (context) => {
        const release = connected.get(context.extra.socket)?.guard?.release();
        if (release === undefined) return;
        releases.add(release);
        void release.finally(() => releases.delete(release));
      },
      onSubscribe: (context, _id, payload) => prepare(context, payload),
      onError: (_context, _id, _payload, errors) => format(errors, randomUUID()),
      onNext: (_context, _id, _payload, args, result) =>
        result.errors === undefined
          ? undefined
          : { ...(result.data === undefined ? {} : { data: result.data }), errors: format(result.errors, requestIdOf(args)) },
    },
    sockets,
    keepAliveMs,
  );

  return {
    get connections() {
      return sockets.clients.size;
    },
    close: async () => {
      options.httpServer.off('upgrade', onUpgrade);
      const deadline = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, 2_000);
      try {
        await server.dispose();
        await Promise.all(releases); // each has a deadline of its own
      } finally {
        clearTimeout(deadline);
      }
    },
  };
};
