import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { FulltapeError } from '#contracts/result/result.js';
import { graphqlResponseSchema } from './answers.js';

/** Longest wait for one answer of the API. */
const requestTimeoutMs = 5_000;

export type GraphqlData = Readonly<Record<string, unknown>>;

/** The public API as any client sees it: HTTP with keep-alive (Node's fetch pools connections), subscriptions over one WebSocket. */
export interface GraphqlClient {
  /** @throws FulltapeError BUSY when the API sheds load, UNKNOWN_OUTCOME when no answer came, else the code of the answer's error. */
  request(document: string, variables: Readonly<Record<string, unknown>>): Promise<GraphqlData>;
  /** Runs until it is disposed of; `ended` is called once when the server or the connection ends it first. */
  subscribe(subscription: {
    readonly document: string;
    readonly variables: Readonly<Record<string, unknown>>;
    next(data: unknown): void;
    ended(reason: string): void;
  }): () => void;
  close(): Promise<void>;
}

export const connectGraphql = (options: { readonly graphqlUrl: string; readonly wsUrl: string; readonly token: string }): GraphqlClient => {
  const authorization = `Bearer ${options.token}`;
  const socket: Client = createClient({
    url: options.wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0, // a broken subscription is resumed by the session, which must first put its orders in order
    keepAlive: 10_000,
    lazyCloseTimeout: 1_000,
  });
  return {
    request: async (document, variables) => {
      let response: Response;
      let body: unknown;
      try {
        response = await fetch(options.graphqlUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization },
          body: JSON.stringify({ query: document, variables }),
          signal: AbortSignal.timeout(requestTimeoutMs),
        });
        body = await response.json();
      } catch (error) {
        throw new FulltapeError('UNKNOWN_OUTCOME', { url: options.graphqlUrl }, { cause: error });
      }
      if (response.status === 429 || response.status === 503) throw new FulltapeError('BUSY', { status: String(response.status) });
      const parsed = graphqlResponseSchema.safeParse(body);
      if (!parsed.success) throw new FulltapeError('UNKNOWN_OUTCOME', { status: String(response.status) });
      const [problem] = parsed.data.errors ?? [];
      if (parsed.data.data === null || parsed.data.data === undefined) {
        const code = problem?.extensions?.code;
        throw new FulltapeError(code === 'BUSY' ? 'BUSY' : code === 'UNAUTHENTICATED' ? 'UNAUTHENTICATED' : 'UNKNOWN_OUTCOME', {
          reason: problem?.message ?? 'no data',
          code: code ?? '',
        });
      }
      return parsed.data.data;
    },
    subscribe: ({ document, variables, next, ended }) => {
      let over = false;
      const end = (reason: string): void => {
        if (over) return;
        over = true;
        ended(reason);
      };
      const dispose = socket.subscribe(
        { query: document, variables: { ...variables } },
        {
          next: ({ data, errors }) => {
            if (errors !== undefined && errors.length > 0) end(errors[0]?.message ?? 'error');
            else if (!over) next(data);
          },
          error: (error) => end(describe(error)),
          complete: () => end('completed by the server'),
        },
      );
      return () => {
        over = true;
        dispose();
      };
    },
    close: async () => {
      await socket.dispose();
    },
  };
};

const describe = (error: unknown): string => {
  if (error instanceof Error) return error.message;
  if (typeof error === 'object' && error !== null && 'reason' in error) return `closed: ${String(error.reason)}`;
  return Array.isArray(error)
    ? error.map((item: unknown) => (item instanceof Error ? item.message : String(item))).join('; ')
    : 'connection closed';
};
