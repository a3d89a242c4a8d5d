import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FulltapeError } from '#contracts/result/result.js';
import { NestLogger } from './nest-logger.js';
import type { GatewayPorts } from './gateway-ports.js';
import { GatewayModule } from './gateway.module.js';
import { serveSubscriptions } from './graphql/subscription-server.js';
import { ErrorFilter } from './rest/error-filter.js';
import { serveTerminal } from './rest/terminal-files.js';
import { securityHeaders } from './security/security-headers.js';

/** Largest body of a request: a document of 5,000 tokens with its variables. */
const bodyBytesMax = 256 * 1024;
/** Slow senders are cut off. */
const requestTimeoutMs = 30_000;

export interface GatewayServer {
  readonly port: number;
  close(): Promise<void>;
}

const isGraphqlBody = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'query' in body && typeof body.query === 'string';

/** Listens for GraphQL, REST and the terminal's files. @throws FulltapeError PORT_TAKEN */
export const openGatewayServer = async (
  ports: GatewayPorts,
  options: { readonly host: string; readonly port: number; readonly rootDir: string },
): Promise<GatewayServer> => {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyBytesMax,
    genReqId: () => randomUUID(),
    requestTimeout: requestTimeoutMs,
    trustProxy: false,
    forceCloseConnections: true,
  });
  const app = await NestFactory.create<NestFastifyApplication>(GatewayModule.with(ports, options.rootDir), adapter, {
    logger: new NestLogger(),
    abortOnError: false,
  });
  app.useGlobalFilters(new ErrorFilter());
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders, 'x-request-id': request.id });
  });
  // Apollo would refuse such a body too, but without the request's number in the answer.
  server.addHook('preValidation', async (request) => {
    if (request.method === 'POST' && request.url.split('?')[0] === '/graphql' && !isGraphqlBody(request.body)) {
      throw new FulltapeError('MALFORMED_REQUEST', { expected: 'a JSON object with the text of a query' });
    }
  });
  await serveTerminal(server, join(options.rootDir, 'services', 'terminal', 'dist'));
  await app.init();
  const { schema } = app.get(GraphQLSchemaHost);
  const { tokens, readSide, commands } = ports;
  const subscriptions = serveSubscriptions({ httpServer: app.getHttpServer(), schema, tokens, readSide, commands });
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new FulltapeError('PORT_TAKEN', { port: String(options.port), process: 'gateway' }, { cause: error });
    throw error;
  }
  const address = app.getHttpServer().address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: async () => {
      await subscriptions.close();
      await app.close();
    },
  };
};
