import { timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Readable } from 'node:stream';

/** Largest request body after decompression. */
export const bodyBytesMax = 512 * 1024 * 1024;

/** An error of ClickHouse's numbering, for what goes wrong before the engine. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: number;
  constructor(status: number, code: number, name: string, message: string) {
    super(`Code: ${code}. DB::Exception: ${message}. (${name})`);
    this.status = status;
    this.code = code;
  }
}

/** Parameters of the interface itself; every other one is a setting of the engine or a query parameter. */
const interfaceParameters = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'quota_key',
  'role',
  'compress',
  'decompress',
  'enable_http_compression',
  'wait_end_of_query',
  'buffer_size',
  'stacktrace',
  'session_timeout',
  'session_check',
  'client_protocol_version',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
  'http_write_exception_in_output_format',
  'close_session',
]);

export interface QueryRequest {
  readonly sql: string;
  readonly database: string;
  readonly queryId: string | undefined;
  readonly defaultFormat: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly wantsCompression: boolean;
}

/** Reads the query string: what belongs to the interface, what is a setting and what a parameter of the statement. */
export const readQueryString = (url: URL, headers: IncomingMessage['headers']): QueryRequest => {
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (name === 'session_id')
      throw new HttpProblem(400, 36, 'BAD_ARGUMENTS', 'Sessions are not supported by this server; send settings with each query');
    if (name.startsWith('param_')) parameters.set(name.slice(6), value);
    else if (!interfaceParameters.has(name)) settings.set(name, value);
  }
  for (const name of [...settings.keys(), ...parameters.keys()]) {
    if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name))
      throw new HttpProblem(404, 115, 'UNKNOWN_SETTING', `Unknown setting '${name.slice(0, 64)}'`);
  }
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    sql: url.searchParams.get('query') ?? '',
    database: url.searchParams.get('database') ?? header('x-clickhouse-database') ?? 'default',
    queryId: url.searchParams.get('query_id') ?? undefined,
    defaultFormat: url.searchParams.get('default_format') ?? header('x-clickhouse-format') ?? undefined,
    settings,
    parameters,
    wantsCompression: url.searchParams.get('enable_http_compression') === '1' && (header('accept-encoding') ?? '').includes('gzip'),
  };
};

const equalSecret = (left: string, right: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
};

/** Credentials by Basic authentication, ClickHouse's headers or the query string. */
export const isAuthorised = (
  url: URL,
  headers: IncomingMessage['headers'],
  expected: { readonly username: string; readonly password: string },
): boolean => {
  let user: string | null | undefined;
  let password: string | null | undefined;
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const text = Buffer.from(basic, 'base64').toString('utf8');
    user = text.slice(0, text.indexOf(':'));
    password = text.slice(text.indexOf(':') + 1);
  } else if (headers['x-clickhouse-user'] !== undefined) {
    user = String(headers['x-clickhouse-user']);
    password = String(headers['x-clickhouse-key'] ?? '');
  } else {
    user = url.searchParams.get('user');
    password = url.searchParams.get('password');
  }
  const sameUser = equalSecret(user ?? '', expected.username);
  return equalSecret(password ?? '', expected.password) && sameUser;
};

const decoded = (request: IncomingMessage): Readable => {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return request;
  const decoder =
    encoding === 'gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : undefined;
  if (decoder === undefined) throw new HttpProblem(400, 89, 'UNKNOWN_COMPRESSION_METHOD', `Unknown content encoding ${encoding}`);
  request.on('error', (error) => decoder.destroy(error));
  request.on('aborted', () => decoder.destroy(new Error('the client went away')));
  return request.pipe(decoder);
};

/** The whole body, decompressed. */
export const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoded(request) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) throw new HttpProblem(413, 307, 'TOO_MANY_BYTES', `The request has more than ${bodyBytesMax} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(
      400,
      354,
      'ZLIB_INFLATE_FAILED',
      `The body cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return Buffer.concat(chunks, bytes);
};
