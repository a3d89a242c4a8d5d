/**
 * A desk for tests of order types: instruments of their own beside the demo's, an owner whose orders are looked at, and a market that
 * trades with them. Everything that is looked at goes through the public API; only definitions take the way that reactors take.
 */
import { randomUUID } from 'node:crypto';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { plainEquity } from '#contracts/commands/testing/plain-equity.js';
import { parseAccountId, parseInstrumentId } from '#contracts/ids/ids.js';
import { currencyIdOf } from '#contracts/money/currencies.js';
import { formatPosition, tapePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import {
  AccountKind,
  AccountPermission,
  AckLevel,
  CashReason,
  PricePurpose,
  PriceSource,
  TradingState,
} from '#contracts/tape/codes.generated.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { connectNats } from '#platform/nats/connect.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import type { TestInstance } from '#platform/testing/instance.js';
import { connectGateway, type GatewayClient } from '../../services/gateway/testing/gateway-client.js';

export interface Refusal {
  readonly code: string;
  readonly number: number;
  /** Of acknowledgements of orders. */
  readonly message?: string;
  readonly observed: string | null;
  readonly limit: string | null;
  readonly otherOrderId?: string | null;
}
export interface Ack {
  readonly orderId: string | null;
  readonly clientOrderId: string;
  readonly orderStatus: string;
  readonly leavesQuantity: string | null;
  readonly duplicate: boolean;
  readonly position: string;
  readonly refusal: Refusal | null;
}
export type OrderFields = Readonly<Record<string, unknown>> & { readonly orderId: string; readonly orderStatus: string };
export type Input = Readonly<Record<string, unknown>>;

const ackFields =
  'orderId clientOrderId orderStatus leavesQuantity duplicate position refusal { code number message observed limit otherOrderId }';
export const orderFields = `orderId clientOrderId side orderType timeInForce quantity price stopPrice triggerSource triggered trailingOffset trailingUnit
  limitOffset pegKind pegOffset displayQuantity minimumQuantity expireTime instructions postOnly selfTradePrevention
  list { listId contingency role index count } leavesQuantity cumQuantity averagePrice orderStatus execType reason reasonText
  refusal { code number observed limit ruleVersion } instrument { symbol }`;

/** What cases of a test file run against. */
export interface Running {
  readonly instance: TestInstance;
  readonly desk: OrderDesk;
}

/** Accounts of the desk. */
export const owner = '8001';
export const maker = '8002';
export const taker = '8003';
const openingTicks = 10_000n;

export class OrderDesk {
  private constructor(
    readonly client: GatewayClient,
    private readonly commands: NatsCommandPort,
    private readonly disconnect: () => Promise<void>,
  ) {}

  static async open(instance: TestInstance): Promise<OrderDesk> {
    const connection = await connectNats(instance.config.nats, 'order-desk');
    const token = ensureTokens(instance.dataDir, { demo: true }).find(({ name }) => name === 'operator')?.token ?? '';
    const client = connectGateway(instance.urls, token);
    const desk = new OrderDesk(client, new NatsCommandPort(connection), () => connection.close());
    await desk.define(
      [owner, maker, taker].flatMap((id): EngineCommand[] => {
        const accountId = unwrap(parseAccountId(Number(id)));
        const permissions = AccountPermission.ShortSale | (id === owner ? 0 : AccountPermission.Unlimited);
        const account = { accountId, groupId: 0, accountKind: AccountKind.Cash, initialState: TradingState.Active, permissions };
        const amountUnits = 1_000_000_000n * 100_000_000n;
        return [
          { type: 'DefineAccount', ...account },
          { type: 'MoveCash', accountId, currencyId: currencyIdOf('USD'), reason: CashReason.Seed, amountUnits },
        ];
      }),
    );
    return desk;
  }

  /** Sends definitions as the reactors do; resolves with the position behind them. */
  async define(commands: readonly EngineCommand[]): Promise<string> {
    const { answers, lastCommandNumber } = unwrap(await this.commands.send(commands, { ackLevel: AckLevel.Durable }));
    const refused = answers.find(({ code }) => code !== 0);
    if (refused !== undefined) throw new Error(`command ${refused.commandIndex} of the desk was refused with ${refused.code}`);
    return formatPosition(tapePosition(0, lastCommandNumber));
  }

  /** Equities of tick 0.01 and lot 1 with a collar where one is named, at 100.00; the API knows them when it resolves. */
  async list(
    symbols: readonly { readonly id: number; readonly symbol: string; readonly collarPpm?: number; readonly calendarId?: number }[],
  ): Promise<void> {
    const position = await this.define(
      symbols.flatMap(({ id, symbol, collarPpm = 0, calendarId = 0 }): EngineCommand[] => {
        const instrumentId = unwrap(parseInstrumentId(id));
        return [
          plainEquity(id, symbol, { collarPpm, calendarId }),
          {
            type: 'SetReferencePrice',
            instrumentId,
            source: PriceSource.Operator,
            purpose: PricePurpose.Both,
            priceTicks: openingTicks,
            sourceTimeNanos: 0n,
          },
        ];
      }),
    );
    await this.client.field('instruments', 'query($p: Position) { instruments(first: 1, atLeast: $p) { position } }', { p: position });
  }

  place(symbol: string, change: Input, accountId = owner): Promise<Ack> {
    const input = {
      accountId,
      symbol,
      side: 'BUY',
      orderType: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '10',
      clientOrderId: randomUUID(),
      ...change,
    };
    return this.client.field<Ack>('placeOrder', `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ${ackFields} } }`, {
      input,
    });
  }

  placeList(
    symbol: string,
    contingency: string,
    legs: readonly Input[],
    change: Input = {},
  ): Promise<{
    readonly listId: string;
    readonly legs: readonly Ack[];
    readonly position: string;
    readonly refusal: Refusal | null;
  }> {
    const input = { accountId: owner, symbol, contingency, legs, ...change };
    const document = `mutation($input: PlaceOrderListInput!) { placeOrderList(input: $input) {
      listId position legs { ${ackFields} } refusal { code number observed limit } } }`;
    return this.client.field('placeOrderList', document, { input });
  }

  amend(symbol: string, orderId: string, change: Input): Promise<Ack> {
    const input = { accountId: owner, symbol, orderId, ...change };
    return this.client.field<Ack>('amendOrder', `mutation($input: AmendOrderInput!) { amendOrder(input: $input) { ${ackFields} } }`, {
      input,
    });
  }

  cancel(symbol: string, orderId: string): Promise<Ack> {
    const input = { accountId: owner, symbol, orderId };
    return this.client.field<Ack>('cancelOrder', `mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { ${ackFields} } }`, {
      input,
    });
  }

  /** Cancels what an account has open on one side of an instrument; resolves with the position behind it. */
  async cancelAll(symbol: string, side: 'BUY' | 'SELL', accountId = owner): Promise<string> {
    const document = 'mutation($i: CancelAllOrdersInput!) { cancelAllOrders(input: $i) { position refusal { code } } }';
    const { position } = await this.client.field<{ position: string }>('cancelAllOrders', document, { i: { accountId, symbol, side } });
    return position;
  }

  /** A mutation of an operator; its refusal fails the test unless it is wanted. */
  async operate(
    name: string,
    input: Input,
  ): Promise<{ readonly position: string; readonly affectedCount: string; readonly refusal: Refusal | null }> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const document = `mutation($input: ${type}!) { ${name}(input: $input) { position affectedCount refusal { code number observed limit } } }`;
    return this.client.field(name, document, { input });
  }

  /** The order as it stands behind a position. */
  order(orderId: string | null, position: string): Promise<OrderFields> {
    const document = `query($o: ID, $p: Position) { order(accountId: "${owner}", orderId: $o, atLeast: $p) { ${orderFields} } }`;
    return this.client.field<OrderFields>('order', document, { o: orderId, p: position });
  }

  /** Legs of a list in their order, as they stand behind a position. */
  async ordersOfList(listId: string, position: string): Promise<readonly OrderFields[]> {
    const document = `query($l: ID!, $p: Position) { orders(accountId: "${owner}", filter: { listId: $l }, atLeast: $p) { edges { node { ${orderFields} } } } }`;
    const { edges } = await this.client.field<{ edges: { node: OrderFields }[] }>('orders', document, { l: listId, p: position });
    return edges.map(({ node }) => node).reverse();
  }

  book(symbol: string, position: string): Promise<{ readonly bids: readonly Level[]; readonly asks: readonly Level[] }> {
    const levels = 'price quantity orderCount';
    const document = `query($s: String!, $p: Position) { book(symbol: $s, atLeast: $p) { bids { ${levels} } asks { ${levels} } } }`;
    return this.client.field('book', document, { s: symbol, p: position });
  }

  /** Bids 99 and 98, asks 101 and 102, 50 each, and a last trade at 100. */
  async makeMarket(symbol: string): Promise<void> {
    await Promise.all([
      this.place(symbol, { side: 'SELL', price: '101.00', quantity: '50' }, maker),
      this.place(symbol, { side: 'SELL', price: '102.00', quantity: '50' }, maker),
      this.place(symbol, { side: 'BUY', price: '99.00', quantity: '50' }, maker),
      this.place(symbol, { side: 'BUY', price: '98.00', quantity: '50' }, maker),
    ]);
    await this.place(symbol, { side: 'SELL', price: '100.00', quantity: '1' }, maker);
    await this.place(symbol, { side: 'BUY', price: '100.00', quantity: '1', timeInForce: 'IOC' }, taker);
  }

  /** Takes the first level of a side and one of the next: the last trade is at 102 or at 98 then. */
  push(symbol: string, direction: 'up' | 'down'): Promise<Ack> {
    const change = direction === 'up' ? { side: 'BUY', price: '102.00' } : { side: 'SELL', price: '98.00' };
    return this.place(symbol, { ...change, timeInForce: 'IOC', quantity: '51' }, taker);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.disconnect();
  }
}

export interface Level {
  readonly price: string;
  readonly quantity: string;
  readonly orderCount: number;
}
