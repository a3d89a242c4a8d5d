import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '../telemetry/logger.js';
import type { ChdbEngine, EngineResult } from './chdb-engine.js';
import { HttpProblem, isAuthorised, readBody, readQueryString, type QueryRequest } from './http-request.js';
import { QueryQueue } from './query-queue.js';
import { parseStatement } from './statement.js';

const compress = promisify(gzip);

/** HTTP status of the engine's error codes that are not the server's fault, as ClickHouse assigns them. */
const statusByCode = new Map([
  [62, 400], // SYNTAX_ERROR
  [6, 400], // CANNOT_PARSE_TEXT
  [26, 400],
  [27, 400],
  [36, 400],
  [38, 400],
  [41, 400],
  [43, 400],
  [46, 404], // UNKNOWN_FUNCTION
  [47, 404], // UNKNOWN_IDENTIFIER
  [48, 501],
  [53, 400],
  [57, 400],
  [60, 404], // UNKNOWN_TABLE
  [81, 404], // UNKNOWN_DATABASE
  [73, 404], // UNKNOWN_FORMAT
  [115, 404], // UNKNOWN_SETTING
  [117, 400],
  [130, 400],
  [159, 408], // TIMEOUT_EXCEEDED
  [202, 503], // TOO_MANY_SIMULTANEOUS_QUERIES
  [456, 400],
  [516, 403], // AUTHENTICATION_FAILED
]);

export interface ClickHouseHttpOptions {
  readonly engine: ChdbEngine;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface ClickHouseHttpServer {
  readonly port: number;
  /** Refuses new work, waits for what runs and closes the engine. */
  close(): Promise<void>;
}

interface Answer {
  readonly result: EngineResult;
  readonly format: string;
}

const formatOf = (format: string | undefined, request: QueryRequest): string => format ?? request.defaultFormat ?? 'TabSeparated';

const contentTypeOf = (format: string): string => {
  if (format.startsWith('JSON'))
    return /EachRow|Lines/.test(format) ? 'application/x-ndjson; charset=UTF-8' : 'application/json; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=absent';
  if (format.startsWith('TabSeparated') || format.startsWith('TSV')) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(RowBinary|Native|Parquet|Arrow)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
};

/**
 * ClickHouse's HTTP interface over the engine in this process, as far as `@clickhouse/client` and plain HTTP clients use it: GET /ping,
 * POST / with the statement in the body or in `query` and inserted data in the body, database, settings and param_* in the query string,
 * gzip both ways, ClickHouse's headers and error bodies. Not supported: sessions, progress headers, streaming of results (an answer is
 * complete before its first byte is sent, as with wait_end_of_query=1), so an answer's size is bounded by memory.
 */
export const serveClickHouseHttp = async (options: ClickHouseHttpOptions): Promise<ClickHouseHttpServer> => {
  const { engine } = options;
  const queue = new QueryQueue({ readersMax: 3, waitingMax: 512 });
  const running = new Set<Promise<unknown>>();

  const execute = async (request: QueryRequest, body: Buffer): Promise<Answer> => {
    // Statement and data may both be in the body; only the head of a large body is scanned as text.
    const inQuery = request.sql !== '';
    const text = inQuery ? request.sql : body.toString('utf8', 0, Math.min(body.length, 1_048_576));
    const statement = parseStatement(text);
    const submit = <Value>(kind: 'read' | 'write', work: () => Promise<Value>): Promise<Value> => {
      const result = queue.run(kind, work);
      if (result === undefined) throw new HttpProblem(503, 202, 'TOO_MANY_SIMULTANEOUS_QUERIES', `${queue.waiting} queries wait already`);
      return result;
    };
    if (statement.kind === 'insert') {
      const { head } = statement;
      const inline = inQuery ? Buffer.from(text.slice(head.dataStart)) : body.subarray(Buffer.byteLength(text.slice(0, head.dataStart)));
      const data = inQuery ? Buffer.concat([inline, body]) : inline;
      return { result: await submit('write', () => engine.insert(request, head, data)), format: 'Null' };
    }
    const sql = inQuery ? (body.length === 0 ? text : `${text}\n${body.toString('utf8')}`) : body.toString('utf8');
    const whole = sql.length === text.length ? statement : parseStatement(sql);
    if (whole.kind === 'empty') throw new HttpProblem(400, 62, 'SYNTAX_ERROR', 'Empty query');
    if (whole.kind === 'several') throw new HttpProblem(400, 62, 'SYNTAX_ERROR', 'Multi-statements are not allowed');
    const format = formatOf(whole.kind === 'read' ? whole.format : undefined, request);
    const kind = whole.kind === 'read' ? 'read' : 'write';
    return { result: await submit(kind, () => engine.run(request, sql, format)), format };
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(message.url ?? '/', 'http://localhost');
    const started = process.hrtime.bigint();
    let queryId: string = randomUUID();
    try {
      if (message.method === 'GET' && (url.pathname === '/ping' || (url.pathname === '/' && !url.searchParams.has('query')))) {
        message.resume();
        response.writeHead(200, { 'content-type': 'text/plain; charset=UTF-8' }).end('Ok.\n');
        return;
      }
      if (url.pathname !== '/' || (message.method !== 'POST' && message.method !== 'GET')) {
        message.resume();
        response.writeHead(404, { 'content-type': 'text/plain' }).end(`There is no handle ${url.pathname}\n`);
        return;
      }
      if (!isAuthorised(url, message.headers, options)) {
        message.resume();
        throw new HttpProblem(
          403,
          516,
          'AUTHENTICATION_FAILED',
          'Authentication failed: password is incorrect, or there is no user with such name',
        );
      }
      const request = readQueryString(url, message.headers);
      queryId = request.queryId ?? queryId;
      const body = await readBody(message);
      const { result, format } = await execute(request, body);
      const summary = {
        read_rows: String(result.rowsRead),
        read_bytes: String(result.bytesRead),
        written_rows: String(result.rowsWritten),
        written_bytes: String(result.bytesWritten),
        total_rows_to_read: '0',
        result_rows: '0',
        result_bytes: String(result.bytes.length),
        elapsed_ns: String(process.hrtime.bigint() - started),
      };
      const zip = request.wantsCompression && result.bytes.length > 1_024;
      const payload = zip ? await compress(result.bytes) : result.bytes;
      response.writeHead(200, {
        'content-type': contentTypeOf(format),
        'content-length': payload.length,
        'x-clickhouse-query-id': queryId,
        'x-clickhouse-format': format,
        'x-clickhouse-timezone': 'UTC',
        'x-clickhouse-server-display-name': 'fulltape',
        'x-clickhouse-summary': JSON.stringify(summary),
        ...(zip ? { 'content-encoding': 'gzip' } : {}),
      });
      response.end(payload);
    } catch (error) {
      answerError(response, queryId, error);
    }
  };

  const server: Server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 300_000 }, (message, response) => {
    const work = handle(message, response).finally(() => running.delete(work));
    running.add(work);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await Promise.allSettled([...running]);
      server.closeAllConnections();
      await closed;
      engine.close();
    },
  };
};

const answerError = (response: ServerResponse, queryId: string, error: unknown): void => {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof HttpProblem ? error.code : Number(/Code: ([0-9]+)/.exec(message)?.[1] ?? 1001);
  const status = error instanceof HttpProblem ? error.status : (statusByCode.get(code) ?? 500);
  if (status >= 500) logger.warn({ queryId, code, reason: message.slice(0, 400) }, 'clickhouse.query-failed');
  if (error instanceof FulltapeError) logger.error({ queryId, err: error }, 'clickhouse.engine-failed');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-query-id': queryId,
    'x-clickhouse-exception-code': String(code),
  });
  response.end(`${message}\n`);
};
