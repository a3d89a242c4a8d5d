import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FulltapeError, type Refusal } from '#contracts/result/result.js';
import { errorTable } from '#contracts/tape/codes.generated.js';
import { logger } from '#platform/telemetry/logger.js';
import { httpStatusOf, numberedBody } from '../graphql/numbered-error.js';

interface Answer {
  readonly status: number;
  readonly refusal: Refusal;
}

const statusOf = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
};

const answerOf = (error: unknown): Answer => {
  if (error instanceof FulltapeError) return { status: httpStatusOf(error.code), refusal: { code: error.code, details: error.details } };
  const status = statusOf(error) ?? 500;
  const why = { why: error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200) };
  if (status === 413) return { status, refusal: { code: 'QUERY_TOO_COMPLEX', details: why } };
  if (status === 401) return { status, refusal: { code: 'UNAUTHENTICATED' } };
  if (status >= 400 && status < 500) return { status, refusal: { code: 'MALFORMED_REQUEST', details: why } };
  return { status: 500, refusal: { code: 'INTERNAL' } };
};

/** Faults outside of GraphQL's execution (unknown paths, bodies that are no JSON, REST handlers) as numbered errors. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() === 'graphql') return error; // GraphQL collects it; the Apollo plugin formats it
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { status, refusal } = answerOf(error);
    if (refusal.code === 'INTERNAL')
      logger.error({ err: error, requestId: request.id, path: request.url.split('?')[0] }, 'gateway.http.fault');
    const body = numberedBody(refusal, request.id);
    const { message } = errorTable[refusal.code];
    // A GraphQL client reads `errors` whatever stopped its request.
    const isGraphql = request.url.split('?')[0] === '/graphql';
    void reply
      .status(status)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(isGraphql ? { errors: [{ message, extensions: body }] } : { error: { message, ...body } }));
    return undefined;
  }
}
