import { object, type Decoder } from './decode.js';

/** Longest wait for an answer; what a mutation did is unknown after it. */
const requestTimeoutMs = 8_000;

/** The API refused or did not answer. `outcomeUnknown`: the request may have taken effect. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string | null,
    readonly outcomeUnknown: boolean,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
const textAt = (value: unknown, name: string): string | null => {
  const found = isRecord(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : null;
};

/** One GraphQL request. @throws ApiError with the code of the answer. */
export const request = async <Value>(
  operation: {
    readonly document: string;
    readonly variables?: Readonly<Record<string, unknown>>;
    readonly answer: Decoder<Value>;
    /** Longest wait; of what takes its time on the other side. */
    readonly timeoutMs?: number;
  },
  token: string,
): Promise<Value> => {
  let status: number;
  let body: unknown;
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: operation.document, variables: operation.variables ?? {} }),
      signal: AbortSignal.timeout(operation.timeoutMs ?? requestTimeoutMs),
    });
    status = response.status;
    body = await response.json();
  } catch {
    throw new ApiError('NO_ANSWER', 'The platform does not answer.', 'Check that it runs; the same order can be sent again safely.', true);
  }
  const data = isRecord(body) ? body['data'] : undefined;
  const errors = isRecord(body) ? body['errors'] : undefined;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  if (first !== undefined || !isRecord(data)) {
    const extensions = isRecord(first) ? first['extensions'] : undefined;
    const code = textAt(extensions, 'code') ?? `HTTP_${status}`;
    throw new ApiError(
      code,
      textAt(first, 'message') ?? 'The request was refused.',
      textAt(extensions, 'remedy'),
      code === 'UNKNOWN_OUTCOME' || code === 'TIMED_OUT',
    );
  }
  return operation.answer(data, 'data');
};

/** GET of a public JSON document; null when it is not there. */
export const getJson = async <Value>(path: string, answer: Decoder<Value>): Promise<Value | null> => {
  try {
    const response = await fetch(path, { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(requestTimeoutMs) });
    return response.ok ? answer(await response.json(), path) : null;
  } catch {
    return null;
  }
};

export const field = <Value>(name: string, decoder: Decoder<Value>): Decoder<Value> => {
  const wrapper = object({ [name]: decoder });
  return (value, path) => wrapper(value, path)[name] as Value;
};
