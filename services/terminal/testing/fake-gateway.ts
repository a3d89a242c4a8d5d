import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { buildSchema, graphql } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { decimalText, fakeInstruments, stepsOf, type FakeBook } from './fake-market.ts';
import { fakeExplanation } from './fake-explanation.ts';
import { FakePlatform, stepMs, type FakeList, type FakeOrder } from './fake-platform.ts';

/** Serves schema.graphql from a made-up market, and the built page: for looking at the page without a platform behind it. */
export interface FakeGateway {
  readonly url: string;
  close(): Promise<void>;
}

const accounts = [
  { id: '1001', name: 'Demo account 1', token: 'fake-token-1001' },
  { id: '1002', name: 'Demo account 2', token: 'fake-token-1002' },
];
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const connection = (rows: readonly unknown[]): object => ({
  edges: rows.map((node, index) => ({ cursor: String(index), node })),
  pageInfo: { hasNextPage: false, hasPreviousPage: false },
  position: 'p1',
});

type Arguments = Readonly<Record<string, never>> & {
  readonly symbol: string;
  readonly orderId: string;
  readonly timeframe: string;
  readonly filter?: { readonly open?: boolean };
  readonly input: Readonly<Record<string, string | null>>;
};

const rootOf = (platform: FakePlatform): object => {
  const stream = async function* (event: string, field: string, first?: unknown): AsyncGenerator<object> {
    if (first !== undefined) yield { [field]: first };
    for await (const [value] of on(platform.events, event)) yield { [field]: value };
  };
  const ack = (order: FakeOrder | undefined): object => ({
    orderId: order?.orderId ?? null,
    orderStatus: order?.orderStatus ?? null,
    duplicate: false,
    ackLevel: 'DURABLE',
    position: 'p',
    refusal:
      order === undefined
        ? { code: 'UNKNOWN_ORDER', number: 3001, message: 'No open order has this id.', remedy: 'List the open orders.', retryable: false }
        : null,
  });
  const levels = (book: FakeBook, side: 'bids' | 'asks'): object[] =>
    book[side].map(([ticks, lots]) => ({
      price: decimalText(ticks, book.instrument.tick),
      quantity: decimalText(lots, book.instrument.lot),
      orderCount: 3,
    }));
  const resolvers = {
    query: {
      accounts: () => accounts.map((account) => ({ ...account, kind: 'CASH', tradingState: 'ACTIVE' })),
      instruments: () =>
        connection(
          fakeInstruments.map((item) => ({
            ...item,
            currency: 'USD',
            tickSize: decimalText(1n, item.tick),
            lotSize: decimalText(1n, item.lot),
            minNotional: '0',
            makerFeePpm: 0,
            takerFeePpm: 300,
            tradingState: 'ACTIVE',
            multiplier: '1',
            tickBands: [],
          })),
        ),
      quotes: () => [...platform.books.values()].map((book) => platform.quote(book)),
      orders: ({ filter }: Arguments) =>
        connection(
          platform.orders.filter((order) => filter?.open !== true || order.orderStatus === 'NEW').map((order) => platform.orderView(order)),
        ),
      explainOrder: ({ orderId }: Arguments) => {
        const order = platform.orders.find((one) => one.orderId === orderId);
        return order === undefined ? null : fakeExplanation(platform.orderView(order), order.createdAt);
      },
      executions: () => connection(platform.executions),
      positions: () => [...platform.positions.keys()].map((symbol) => platform.positionView(symbol)),
      balances: () => [platform.balance()],
      trades: ({ symbol }: Arguments) =>
        connection(
          platform
            .book(symbol)
            .prints.slice(-500)
            .reverse()
            .map((print) => platform.trade(platform.book(symbol), print)),
        ),
      candles: ({ symbol, timeframe }: Arguments) => connection(platform.candles(symbol, timeframe)),
      placeOrder: ({ input }: Arguments) => platform.place(input),
      placeOrderList: ({ input }: { readonly input: FakeList }) => platform.placeList(input),
      cancelOrder: ({ input }: Arguments) => ack(platform.cancel((order) => order.orderId === input['orderId'])[0]),
      cancelAllOrders: () => ({
        canceledCount: String(platform.cancel(() => true).length),
        ackLevel: 'DURABLE',
        position: 'p',
        refusal: null,
      }),
      amendOrder: ({ input }: Arguments) => {
        const order = platform.orders.find(({ orderId, orderStatus }) => orderId === input['orderId'] && orderStatus === 'NEW');
        if (order === undefined) return ack(order);
        const { tick, lot } = platform.book(order.symbol).instrument;
        if (typeof input['price'] === 'string') order.ticks = stepsOf(input['price'], tick);
        if (typeof input['stopPrice'] === 'string') order.stopTicks = stepsOf(input['stopPrice'], tick);
        if (typeof input['quantity'] === 'string') order.lots = stepsOf(input['quantity'], lot);
        platform.tell(order);
        return ack(order);
      },
    },
    subscription: {
      quotes: () => stream('quotes', 'quotes'),
      trades: ({ symbol }: Arguments) => stream(`trades:${symbol}`, 'trades'),
      candles: ({ symbol, timeframe }: Arguments) => stream('candles', 'candles', platform.candles(symbol, timeframe).at(-1)),
      orderUpdates: () => stream('orders', 'orderUpdates'),
      positionUpdates: () => stream('positions', 'positionUpdates'),
      balanceUpdates: () => stream('balances', 'balanceUpdates'),
      book: ({ symbol }: Arguments) => {
        const book = platform.book(symbol);
        return stream(`book:${symbol}`, 'book', {
          kind: 'SNAPSHOT',
          symbol,
          bids: levels(book, 'bids'),
          asks: levels(book, 'asks'),
          previousSequence: '0',
          sequence: String(book.sequence),
          position: 'p',
        });
      },
    },
  };
  return resolvers;
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

export const startFakeGateway = async (options: { readonly port: number }): Promise<FakeGateway> => {
  const schema = buildSchema(readFileSync(join(import.meta.dirname, '../../../schemas/schema.graphql'), 'utf8'));
  const dist = join(import.meta.dirname, '../dist');
  const platform = new FakePlatform();
  const roots = rootOf(platform) as { readonly query: Record<string, object>; readonly subscription: Record<string, object> };
  const timer = setInterval(() => platform.step(), stepMs);
  const server: Server = createServer((request, response) => {
    void (async () => {
      const path = new URL(request.url ?? '/', 'http://fake').pathname;
      if (path === '/graphql') {
        const { query, variables } = JSON.parse(await readBody(request)) as { query: string; variables: Record<string, unknown> };
        const result = await graphql({ schema, source: query, rootValue: roots.query, variableValues: variables });
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result));
      } else if (path === '/api/v1/demo') response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ accounts }));
      else {
        const file = path === '/' ? '/index.html' : normalize(path);
        response
          .writeHead(200, {
            'content-type': contentTypes[extname(file)] ?? 'application/octet-stream',
            'content-security-policy': "default-src 'self'",
          })
          .end(readFileSync(join(dist, file)));
      }
    })().catch(() => response.writeHead(404).end());
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  const graphqlSockets = useServer({ schema, roots }, sockets);
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      clearInterval(timer);
      await graphqlSockets.dispose();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
