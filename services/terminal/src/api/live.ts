import { createClient, type Client } from 'graphql-ws';
import type { Decoder } from './decode.js';

export interface LiveSubscription<Value> {
  readonly document: string;
  /** Asked again at each (re)connect, so that a stream resumes from the last update that was seen. */
  variables(): Readonly<Record<string, unknown>>;
  readonly answer: Decoder<Value>;
  next(value: Value): void;
  /** The server refused to resume: state must be loaded again before the next attempt. */
  refused?(message: string): void;
}

export interface Live {
  /** Keeps a subscription alive over reconnects until the returned function is called. */
  subscribe<Value>(subscription: LiveSubscription<Value>): { stop(): void; restart(): void };
  close(): void;
}

export type LinkState = { readonly type: 'connecting' } | { readonly type: 'live' } | { readonly type: 'lost'; readonly retryMs: number };

const retryMinMs = 300;
const retryMaxMs = 8_000;
const pingMs = 4_000;
const pongTimeoutMs = 6_000;

/** Subscriptions over one WebSocket. The library's own retries are off: it would resume with the variables of the first attempt. */
export const connectLive = (options: { readonly token: string; link(state: LinkState): void; roundTrip(ms: number): void }): Live => {
  let pingedAt = 0;
  let pongTimer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | null = null;
  const url = new URL('/graphql', window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const client: Client = createClient({
    url: url.href,
    connectionParams: { authorization: `Bearer ${options.token}` },
    retryAttempts: 0,
    lazy: true,
    keepAlive: pingMs,
    on: {
      connecting: () => options.link({ type: 'connecting' }),
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: () => options.link({ type: 'live' }),
      ping: (received) => {
        if (received) return;
        pingedAt = performance.now();
        // A half-open connection shows no error; the missing pong does.
        pongTimer = setTimeout(() => socket?.close(4408, 'no pong'), pongTimeoutMs);
      },
      pong: (received) => {
        if (!received) return;
        clearTimeout(pongTimer);
        options.roundTrip(performance.now() - pingedAt);
      },
    },
  });
  let closed = false;
  const subscribe = <Value>(subscription: LiveSubscription<Value>): { stop(): void; restart(): void } => {
    let stopped = false;
    let failures = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let dispose: (() => void) | undefined;
    let generation = 0;
    const again = (message: string | null): void => {
      if (stopped || closed) return;
      generation += 1;
      if (message !== null) subscription.refused?.(message);
      const retryMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(6, failures)) * (0.75 + Math.random() / 2);
      failures += 1;
      options.link({ type: 'lost', retryMs });
      clearTimeout(timer);
      timer = setTimeout(begin, retryMs);
    };
    const begin = (): void => {
      if (stopped || closed) return;
      generation += 1;
      const mine = generation;
      const current = (): boolean => mine === generation && !stopped;
      dispose = client.subscribe<Readonly<Record<string, unknown>>>(
        { query: subscription.document, variables: { ...subscription.variables() } },
        {
          next: ({ data, errors }) => {
            if (!current()) return;
            if (errors !== undefined && errors.length > 0) {
              again(errors[0]?.message ?? 'refused');
              return;
            }
            if (failures > 0) options.link({ type: 'live' });
            failures = 0;
            subscription.next(subscription.answer(data, 'data'));
          },
          error: (error) => {
            if (current()) again(Array.isArray(error) ? 'refused by the server' : null);
          },
          complete: () => {
            if (current()) again(null);
          },
        },
      );
    };
    begin();
    return {
      stop: () => {
        stopped = true;
        clearTimeout(timer);
        dispose?.();
      },
      restart: () => {
        dispose?.();
        begin();
      },
    };
  };
  return {
    subscribe,
    close: () => {
      closed = true;
      clearTimeout(pongTimer);
      void client.dispose();
    },
  };
};
