import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';

const errorSchema = z.looseObject({
  message: z.string(),
  extensions: z.looseObject({
    code: z.string(),
    number: z.number(),
    remedy: z.string(),
    retryable: z.boolean(),
    requestId: z.string().optional(),
  }),
});
const answerSchema = z.looseObject({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.array(errorSchema).optional() });

export type GatewayAnswer = z.output<typeof answerSchema> & { readonly status: number };

/** An error that ended a subscription: its code, or why the connection was closed. */
export class SubscriptionEnded extends Error {
  constructor(
    readonly code: string,
    options?: { cause?: unknown },
  ) {
    super(`the subscription ended: ${code}`, options);
  }
}

/** A subscription as a stream of what one field delivered. */
export interface Stream<Item> extends AsyncIterable<Item> {
  next(): Promise<Item>;
  /** What has arrived and was not read. */
  readonly waiting: readonly Item[];
  stop(): void;
}

export interface GatewayClient {
  /** A whole answer, errors included. */
  ask(document: string, variables?: Readonly<Record<string, unknown>>): Promise<GatewayAnswer>;
  /** Any body as it is. */
  send(body: string, headers?: Readonly<Record<string, string>>): Promise<GatewayAnswer>;
  /** One field of the data; an error fails the test with its text. */
  field<Value>(name: string, document: string, variables?: Readonly<Record<string, unknown>>): Promise<Value>;
  subscribe<Item>(name: string, document: string, variables?: Readonly<Record<string, unknown>>): Stream<Item>;
  /** Cuts the WebSocket without a goodbye, as a lost network does; the next subscription opens a new one. */
  cut(): void;
  close(): Promise<void>;
}

const textOf = (problem: unknown): string => {
  if (Array.isArray(problem))
    return String((problem[0] as { extensions?: { code?: unknown } } | undefined)?.extensions?.code ?? JSON.stringify(problem));
  if (typeof problem === 'object' && problem !== null && 'reason' in problem) return String(problem.reason);
  return String(problem);
};

/** A client of the public API for tests: HTTP for queries and mutations, one WebSocket for subscriptions. */
export const connectGateway = (
  urls: { readonly graphql: string; readonly ws: string },
  token: string | null,
  connectionParams: Readonly<Record<string, unknown>> = {},
): GatewayClient => {
  const authorization: Readonly<Record<string, string>> = token === null ? {} : { authorization: `Bearer ${token}` };
  const sockets = new Set<WebSocket>();
  class TrackedSocket extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      sockets.add(this);
      this.once('close', () => sockets.delete(this));
    }
  }
  const open = (): Client =>
    createClient({
      url: urls.ws,
      webSocketImpl: TrackedSocket,
      connectionParams: { ...authorization, ...connectionParams },
      retryAttempts: 0,
    });
  let socket = open();

  const send = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<GatewayAnswer> => {
    const response = await fetch(urls.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
      body,
      signal: AbortSignal.timeout(30_000),
    });
    return { ...answerSchema.parse(await response.json()), status: response.status };
  };
  const ask = (document: string, variables: Readonly<Record<string, unknown>> = {}): Promise<GatewayAnswer> =>
    send(JSON.stringify({ query: document, variables }));

  return {
    send,
    ask,
    field: async <Value>(name: string, document: string, variables: Readonly<Record<string, unknown>> = {}) => {
      const answer = await ask(document, variables);
      if (answer.errors !== undefined || answer.data?.[name] === undefined) throw new Error(`${name}: ${JSON.stringify(answer)}`);
      return answer.data[name] as Value;
    },
    subscribe: <Item>(name: string, document: string, variables: Readonly<Record<string, unknown>> = {}) => {
      const waiting: Item[] = [];
      let ended: SubscriptionEnded | undefined;
      let wake: (() => void) | undefined;
      const end = (error: SubscriptionEnded): void => {
        ended ??= error;
        wake?.();
      };
      const stop = socket.subscribe<Record<string, Item>>(
        { query: document, variables: { ...variables } },
        {
          next: ({ data, errors }) => {
            const item = data?.[name];
            if (errors !== undefined || item === undefined) end(new SubscriptionEnded(textOf(errors)));
            else {
              waiting.push(item);
              wake?.();
            }
          },
          error: (error) => end(new SubscriptionEnded(textOf(error), { cause: error })),
          complete: () => end(new SubscriptionEnded('complete')),
        },
      );
      const next = async (): Promise<Item> => {
        for (;;) {
          const item = waiting.shift();
          if (item !== undefined) return item;
          if (ended !== undefined) throw ended;
          await new Promise<void>((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`${name}: nothing arrived within 30 s`)), 30_000);
            wake = () => {
              clearTimeout(timer);
              wake = undefined;
              resolve();
            };
          });
        }
      };
      return {
        waiting,
        next,
        stop,
        async *[Symbol.asyncIterator]() {
          for (;;) yield await next();
        },
      };
    },
    cut: () => {
      for (const one of sockets) one.terminate();
      socket = open();
    },
    close: async () => {
      await socket.dispose();
    },
  };
};
