import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { FulltapeError, type Refusal } from '#contracts/result/result.js';
import { errorCodeOf, errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';

/** What every error carries, in GraphQL's `extensions` and in REST bodies. */
export interface NumberedErrorBody {
  readonly code: ErrorCode;
  readonly number: number;
  readonly remedy: string;
  readonly retryable: boolean;
  readonly details?: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

export const numberedBody = (refusal: Refusal, requestId?: string): NumberedErrorBody => {
  const { number, remedy, retryable } = errorTable[refusal.code];
  return {
    code: refusal.code,
    number,
    remedy,
    retryable,
    ...(refusal.details === undefined ? {} : { details: refusal.details }),
    ...(requestId === undefined ? {} : { requestId }),
  };
};

/** HTTP status of an error that stops a whole request. */
export const httpStatusOf = (code: ErrorCode): number => {
  switch (code) {
    case 'UNAUTHENTICATED':
      return 401;
    case 'FORBIDDEN':
    case 'ACCOUNT_NOT_YOURS':
      return 403;
    case 'BUSY':
    case 'SHUTTING_DOWN':
    case 'STORE_UNAVAILABLE':
      return 503;
    case 'INTERNAL':
      return 500;
    default:
      return 400;
  }
};

/** An error of the table as GraphQL's error; before execution its HTTP status goes with it. */
export const numberedError = (refusal: Refusal): GraphQLError =>
  new GraphQLError(errorTable[refusal.code].message, {
    extensions: { ...numberedBody(refusal), http: { status: httpStatusOf(refusal.code) } },
  });

/** The code of our table that an error carries. Apollo puts its own code over ours when validation fails, but leaves the number. */
const ownCodeOf = (extensions: Readonly<Record<string, unknown>>): ErrorCode | undefined => {
  const { code, number } = extensions;
  if (typeof code === 'string' && Object.hasOwn(errorTable, code)) return code as ErrorCode;
  return typeof number === 'number' ? errorCodeOf[number] : undefined;
};

const originalOf = (error: unknown): unknown => {
  let current = error;
  while (current instanceof GraphQLError && current.originalError !== undefined) current = current.originalError;
  return current;
};

/** Codes of GraphQL implementations for requests that never reached a resolver. */
const requestCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

const withoutHttp = (extensions: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { http: _http, stacktrace: _stacktrace, ...rest } = extensions;
  return rest;
};

/**
 * The form in which an error leaves the gateway: a numbered code with its remedy. A fault without a code becomes INTERNAL and is
 * passed to `onFault`, so that its text stays in the log.
 */
export const formatNumbered = (
  formatted: GraphQLFormattedError,
  error: unknown,
  options: { readonly requestId?: string; readonly onFault?: (error: unknown) => void } = {},
): GraphQLFormattedError => {
  const requestId = options.requestId === undefined ? {} : { requestId: options.requestId };
  const place = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const extensions = formatted.extensions ?? {};
  const { code } = extensions;
  const own = ownCodeOf(extensions);
  if (own !== undefined) return { ...formatted, extensions: { ...withoutHttp(extensions), code: own, ...requestId } };
  const original = originalOf(error);
  if (original instanceof FulltapeError) {
    return {
      message: errorTable[original.code].message,
      ...place,
      extensions: { ...numberedBody({ code: original.code, details: original.details }), ...requestId },
    };
  }
  // A GraphQL error that no resolver threw is about the request: syntax, unknown fields, missing variables.
  const isRequestError =
    (typeof code === 'string' && requestCodes.has(code)) ||
    (error instanceof GraphQLError && original === error && formatted.path === undefined);
  if (isRequestError)
    return {
      message: formatted.message,
      ...place,
      extensions: { ...numberedBody({ code: 'MALFORMED_REQUEST', details: { at: formatted.message.slice(0, 200) } }), ...requestId },
    };
  options.onFault?.(original);
  return { message: errorTable.INTERNAL.message, ...place, extensions: { ...numberedBody({ code: 'INTERNAL' }), ...requestId } };
};

/**
 * For requests that Apollo turns away before its plugins run (no query, a form that another site could post). Everything else passes
 * unchanged to the plugin, which knows the request's id and logs faults.
 */
export const formatRequestError = (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
  const code = formatted.extensions?.['code'];
  return typeof code === 'string' && requestCodes.has(code) ? formatNumbered(formatted, error) : formatted;
};
