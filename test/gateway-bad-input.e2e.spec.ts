/** Everything that a client can get wrong: each has its own numbered error, the processes stay up, and nothing has happened. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCommands } from '#contracts/commands/order-commands.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { commandSubject, ordersStatusSubject } from '#contracts/subjects/registry.js';
import { AckLevel, errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';
import { unwrap } from '#contracts/result/result.js';
import { buildCommandBatch, openCommandBatchAnswer } from '#contracts/tape/message.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import { startInstance, type TestInstance } from '#platform/testing/instance.js';
import { connectGateway, type GatewayAnswer, type GatewayClient } from '../services/gateway/testing/gateway-client.js';

interface Refusal {
  readonly code: string;
  readonly number: number;
  readonly remedy: string;
}
interface Ack {
  readonly orderId: string | null;
  readonly clientOrderId: string;
  readonly orderStatus: string;
  readonly duplicate: boolean;
  readonly position: string;
  readonly refusal: Refusal | null;
}

const ackFields = 'orderId clientOrderId orderStatus duplicate position refusal { code number remedy otherOrderId }';
const placeDocument = `mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { ${ackFields} } }`;
const good = { accountId: '1001', symbol: 'NOVA', side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '10', price: '150.00' };

let instance: TestInstance;
let connection: NatsConnection;
let client: GatewayClient;
let other: GatewayClient;
let operator: GatewayClient;

beforeAll(async () => {
  instance = await startInstance({ environment: { FULLTAPE_SIMULATION_ORDERS_PER_SECOND: '0' } });
  const { nats } = instance.config;
  connection = await connect({ servers: nats.url, ...(nats.token === undefined ? {} : { token: nats.token }) });
  const tokens = ensureTokens(instance.dataDir, { demo: true });
  const tokenOf = (name: string): string => tokens.find((token) => token.name === name)?.token ?? '';
  client = connectGateway(instance.urls, tokenOf('trader-1001'));
  other = connectGateway(instance.urls, tokenOf('trader-1002'));
  operator = connectGateway(instance.urls, tokenOf('operator'));
}, 180_000);
afterAll(async () => {
  await Promise.all([client, other, operator].map((one) => one.close()));
  await connection.close();
  await instance.stop();
});

const status = async (): Promise<OrdersStatus> =>
  (await connection.request(ordersStatusSubject(0), '{}', { timeout: 5_000 })).json<OrdersStatus>();
const place = (change: Readonly<Record<string, unknown>>, by: GatewayClient = client): Promise<Ack> =>
  by.field<Ack>('placeOrder', placeDocument, { input: { ...good, ...change } });
const numberOf = (code: ErrorCode): number => errorTable[code].number;

interface Effects {
  readonly nextCommandNumber: string;
  readonly stateHash: string;
  readonly openOrders: number;
  readonly trades: string;
}
const effects = async (): Promise<Effects> => {
  const { nextCommandNumber, stateHash, openOrders, trades } = await status();
  return { nextCommandNumber, stateHash, openOrders, trades };
};

/**
 * Runs `attempt`; no command, order or trade may have come of it, and the processes must be those that were there before. The engine's
 * clock is a command too: when it happens to tick in between, the attempt is repeated, which what the attempt itself causes would not survive.
 */
const withoutEffect = async <Value>(attempt: () => Promise<Value>): Promise<Value> => {
  const { pids } = instance.runtime();
  for (let repeat = 0; ; repeat += 1) {
    const before = await effects();
    const value = await attempt();
    const after = await effects();
    expect(instance.runtime().pids).toEqual(pids);
    if (repeat < 4 && after.nextCommandNumber !== before.nextCommandNumber) continue;
    expect(after).toEqual(before);
    return value;
  }
};

const expectError = (answer: GatewayAnswer, code: ErrorCode): void => {
  const [error] = answer.errors ?? [];
  expect(error?.extensions).toMatchObject({
    code,
    number: numberOf(code),
    remedy: errorTable[code].remedy,
    retryable: errorTable[code].retryable,
  });
  expect(error?.extensions.requestId).toMatch(/^[0-9a-f-]{36}$/);
};

describe('requests that are none', () => {
  const deep = `{ orders(accountId: "1001", first: 500) { edges { node { executions(first: 500) { edges { node { orderId } } } } } } }`;
  it.each<[string, string, ErrorCode, number]>([
    ['a body that is no JSON', '{"query":', 'MALFORMED_REQUEST', 400],
    ['a body without a query', '{}', 'MALFORMED_REQUEST', 400],
    ['a cut document', JSON.stringify({ query: '{ servedPosition' }), 'MALFORMED_REQUEST', 400],
    ['a field that there is not', JSON.stringify({ query: '{ secrets }' }), 'MALFORMED_REQUEST', 400],
    ['a variable that is missing', JSON.stringify({ query: placeDocument }), 'MALFORMED_REQUEST', 400],
    [
      'an enum value that there is not',
      JSON.stringify({ query: placeDocument, variables: { input: { ...good, side: 'SIDEWAYS' } } }),
      'MALFORMED_REQUEST',
      400,
    ],
    [
      'a number where a decimal belongs',
      JSON.stringify({ query: placeDocument, variables: { input: { ...good, price: 150 } } }),
      'MALFORMED_DECIMAL',
      400,
    ],
    [
      '1e400 as a literal',
      JSON.stringify({
        query: 'mutation { deposit(input: {accountId: "1001", currency: "USD", amount: 1e400}) { position } }',
      }),
      'MALFORMED_DECIMAL',
      400,
    ],
    ['an answer that would be too large', JSON.stringify({ query: deep }), 'QUERY_TOO_COMPLEX', 400],
    ['a document of too many tokens', JSON.stringify({ query: `{ ${'servedPosition '.repeat(6_000)} }` }), 'MALFORMED_REQUEST', 400],
    ['a body above the bound', JSON.stringify({ query: `{ servedPosition } #${'x'.repeat(300_000)}` }), 'QUERY_TOO_COMPLEX', 413],
  ])('%s', async (_what, body, code, httpStatus) => {
    const answer = await withoutEffect(() => client.send(body));
    expectError(answer, code);
    expect(answer.status).toBe(httpStatus);
  });

  it('a path that there is not', async () => {
    const response = await fetch(`${instance.urls.rest}/nope`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toMatchObject({
      error: {
        ...{ code: 'MALFORMED_REQUEST', number: 1001, message: expect.stringContaining('nothing answers it where it was sent') as string },
        details: { why: expect.stringContaining('/nope') as string },
      },
    });
  });
});

describe('tokens', () => {
  it.each([
    ['none', null],
    ['one that is wrong', 'ft_0000000000000000000000000000000000000000000'],
    ['one that is cut', 'ft_00000'],
  ])('%s', async (_what, token) => {
    const stranger = connectGateway(instance.urls, token);
    const answer = await withoutEffect(() => stranger.ask(placeDocument, { input: good }));
    expectError(answer, 'UNAUTHENTICATED');
    expect(answer.status).toBe(401);
    const stream = stranger.subscribe('trades', 'subscription { trades(symbol: "NOVA") { price } }');
    await expect(stream.next()).rejects.toThrow(/UNAUTHENTICATED \(4001\)/);
    await stranger.close();
  });

  it('of somebody else reach neither his account nor find out whether there is one', async () => {
    for (const accountId of ['1002', '2001', '999999', '0', '-1', 'abc']) {
      expectError(await withoutEffect(() => client.ask(placeDocument, { input: { ...good, accountId } })), 'ACCOUNT_NOT_YOURS');
      expectError(await client.ask('query($a: ID!) { balances(accountId: $a) { total } }', { a: accountId }), 'ACCOUNT_NOT_YOURS');
    }
    const stream = client.subscribe('orderUpdates', 'subscription { orderUpdates(accountId: "1002") { position } }');
    await expect(stream.next()).rejects.toMatchObject({ code: 'ACCOUNT_NOT_YOURS' });
  });

  it('that do not operate see no addresses of the inside', async () => {
    const tokens = ensureTokens(instance.dataDir, { demo: true });
    const ask = async (name: string): Promise<Record<string, unknown>> => {
      const token = tokens.find((one) => one.name === name)?.token ?? '';
      return (await (await fetch(`${instance.urls.rest}/system`, { headers: { authorization: `Bearer ${token}` } })).json()) as Record<
        string,
        unknown
      >;
    };
    expect(await ask('trader-1001')).not.toHaveProperty('operator');
    expect(await ask('operator')).toHaveProperty('operator.natsUrl');
    expect(await ask('nobody')).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });
});

describe('orders that are refused before they reach the engine', () => {
  it.each<[ErrorCode, Readonly<Record<string, unknown>>]>([
    ['UNKNOWN_INSTRUMENT', { symbol: 'NOPE' }],
    ['UNKNOWN_INSTRUMENT', { symbol: "'; DROP TABLE orders" }],
    ['PRICE_OFF_TICK', { price: '150.005' }],
    ['PRICE_NOT_POSITIVE', { price: '0' }],
    ['PRICE_NOT_POSITIVE', { price: '-1' }],
    ['PRICE_NOT_ALLOWED', { price: null }],
    ['PRICE_NOT_ALLOWED', { orderType: 'MARKET' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '0' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '-10' }],
    ['QUANTITY_OFF_LOT', { quantity: '1.5' }],
    ['MALFORMED_DECIMAL', { quantity: '1e400' }],
    ['MALFORMED_DECIMAL', { price: 'NaN' }],
    ['MALFORMED_DECIMAL', { price: '' }],
    ['DECIMAL_OUT_OF_RANGE', { quantity: '123456789012345678901234567890123' }],
    ['DECIMAL_OUT_OF_RANGE', { price: '0.123456789012345678901234567890123' }],
    ['INVALID_CLIENT_ORDER_ID', { clientOrderId: 'no blanks please' }],
    ['INVALID_CLIENT_ORDER_ID', { clientOrderId: 'x'.repeat(37) }],
    ['PRICE_NOT_ALLOWED', { orderType: 'STOP', price: null }],
    ['PRICE_NOT_ALLOWED', { orderType: 'STOP', stopPrice: '190.00' }],
    ['PRICE_NOT_ALLOWED', { stopPrice: '190.00' }],
    ['PRICE_OFF_TICK', { orderType: 'STOP', price: null, stopPrice: '190.005' }],
    ['INVALID_ARGUMENT', { triggerSource: 'LAST' }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP', price: null }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '10001', trailingUnit: 'BASIS_POINTS' }],
    ['PRICE_NOT_ALLOWED', { orderType: 'TRAILING_STOP_LIMIT', price: null, trailingOffset: '1' }],
    ['INVALID_ARGUMENT', { orderType: 'PEGGED', price: null }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD' }],
    ['INVALID_ARGUMENT', { expireTime: '2099-01-01T00:00:00Z' }],
    ['QUANTITY_NOT_POSITIVE', { displayQuantity: '0' }],
    ['QUANTITY_OFF_LOT', { minimumQuantity: '0.5' }],
    ['INVALID_ARGUMENT', { minimumQuantity: '11' }],
    ['INVALID_ARGUMENT', { quantity: '2001', displayQuantity: '2' }],
    ['INVALID_ARGUMENT', { orderType: 'PEGGED', price: null, pegKind: 'PRIMARY', pegOffset: '0.01' }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD', expireTime: '1969-01-01T00:00:00Z' }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD', expireTime: '2027-02-30T00:00:00Z' }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD', expireTime: '9999-12-31T00:00:00Z' }],
    ['INVALID_ARGUMENT', { sessionId: '0' }],
  ])('%s for %j', async (code, change) => {
    const ack = await withoutEffect(() => place(change));
    expect(ack).toMatchObject({
      orderId: null,
      orderStatus: 'REJECTED',
      refusal: { code, number: numberOf(code), remedy: errorTable[code].remedy },
    });
  });

  const leg = { side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '10', price: '150.00' };
  it.each<[ErrorCode, Readonly<Record<string, unknown>>]>([
    ['LIST_INVALID', { legs: [leg] }],
    ['PRICE_OFF_TICK', { legs: [leg, { ...leg, price: '150.005' }] }],
    ['INVALID_CLIENT_ORDER_ID', { legs: [leg, { ...leg, clientOrderId: 'no blanks' }] }],
    ['INVALID_ARGUMENT', { listId: 'mine', legs: [leg, leg] }],
  ])('%s of a list %j', async (code, change) => {
    const document =
      'mutation($input: PlaceOrderListInput!) { placeOrderList(input: $input) { legs { orderStatus } refusal { code number } } }';
    const input = { accountId: '1001', symbol: 'NOVA', contingency: 'ONE_CANCELS_OTHER', ...change };
    const ack = await withoutEffect(() => client.field<{ refusal: Refusal | null }>('placeOrderList', document, { input }));
    expect(ack.refusal).toMatchObject({ code, number: numberOf(code) });
  });

  it("operators' mutations are FORBIDDEN to traders, whatever they ask", async () => {
    const fields: Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>> = {
      setTradingState: ['SetTradingStateInput', { scope: 'GLOBAL', state: 'HALTED', cancelOrders: true }],
      setSession: ['SetSessionInput', { symbol: 'NOVA', phase: 'CLOSED' }],
      setRiskLimits: ['SetRiskLimitsInput', { scope: 'ACCOUNT', accountId: '1001', version: 1 }],
      setRestriction: ['SetRestrictionInput', { symbol: 'NOVA', restriction: 'NO_BUY', version: 1 }],
      setTripRule: [
        'SetTripRuleInput',
        { scope: 'INSTRUMENT', symbol: 'NOVA', rule: 'PRICE_MOVE', threshold: '1', resultingState: 'HALTED' },
      ],
      setReferencePrice: ['SetReferencePriceInput', { symbol: 'NOVA', price: '1.00', purpose: 'BOTH' }],
      settleInstrument: ['SettleInstrumentInput', { symbol: 'NOVA', settlementPrice: '1.00' }],
    };
    for (const [name, [type, input]] of Object.entries(fields)) {
      const document = `mutation($input: ${type}!) { ${name}(input: $input) { position } }`;
      expectError(await withoutEffect(() => client.ask(document, { input })), 'FORBIDDEN');
    }
  });

  it.each<[ErrorCode, string, Readonly<Record<string, unknown>>]>([
    ['UNKNOWN_CURRENCY', 'deposit', { currency: 'XXX', amount: '1' }],
    ['AMOUNT_NOT_POSITIVE', 'deposit', { currency: 'USD', amount: '0' }],
    ['AMOUNT_NOT_POSITIVE', 'withdraw', { currency: 'USD', amount: '-5' }],
    ['AMOUNT_OFF_UNIT', 'deposit', { currency: 'USD', amount: '0.000000001' }],
  ])('%s of %s %j', async (code, mutation, change) => {
    const document = `mutation($input: CashInput!) { ${mutation}(input: $input) { position refusal { code number } } }`;
    const ack = await withoutEffect(() =>
      client.field<{ refusal: Refusal | null }>(mutation, document, { input: { accountId: '1001', ...change } }),
    );
    expect(ack.refusal).toMatchObject({ code, number: numberOf(code) });
  });
});

describe('commands that the engine refuses', () => {
  const cancelDocument = `mutation($input: CancelOrderInput!) { cancelOrder(input: $input) { ${ackFields} } }`;
  const amendDocument = `mutation($input: AmendOrderInput!) { amendOrder(input: $input) { ${ackFields} } }`;
  const stateDocument = `query($p: Position) {
    orders(accountId: "1001", filter: { open: true }, atLeast: $p) { edges { node { orderId quantity price leavesQuantity orderStatus } } }
    balances(accountId: "1001", atLeast: $p) { currency total reserved }
    positions(accountId: "1001", atLeast: $p) { quantity reservedQuantity instrument { symbol } }
  }`;
  const ownState = async (position: string): Promise<unknown> => (await client.ask(stateDocument, { p: position })).data;

  it("somebody else's order, an unknown order, too much money, too much stock: orders, balances and positions stay", async () => {
    const resting = await place({});
    expect(resting).toMatchObject({ orderStatus: 'NEW', refusal: null });
    const before = await ownState(resting.position);
    const { openOrders, trades } = await status();

    const foreign = { accountId: '1002', symbol: 'NOVA', orderId: resting.orderId };
    const attempts: readonly [ErrorCode, Ack][] = [
      ['ACCOUNT_NOT_YOURS', await other.field<Ack>('cancelOrder', cancelDocument, { input: foreign })],
      ['ACCOUNT_NOT_YOURS', await other.field<Ack>('amendOrder', amendDocument, { input: { ...foreign, quantity: '1' } })],
      [
        'UNKNOWN_ORDER',
        await client.field<Ack>('cancelOrder', cancelDocument, { input: { accountId: '1001', symbol: 'NOVA', orderId: '999999999' } }),
      ],
      ['INSUFFICIENT_BUYING_POWER', await place({ quantity: '100000', price: '150.00' })],
      ['INSUFFICIENT_POSITION', await place({ side: 'SELL', quantity: '50000', price: '200.00' })],
      ['PRICE_OUTSIDE_COLLAR', await place({ price: '1.00' })],
      ['FILL_OR_KILL_UNFILLABLE', await place({ timeInForce: 'FOK', quantity: '1', price: '150.00' })],
    ];
    for (const [code, ack] of attempts) expect(ack.refusal, code).toMatchObject({ code, number: numberOf(code) });
    const last = attempts.at(-1)?.[1].position ?? '';
    expect(await ownState(last)).toEqual(before);
    expect(await status()).toMatchObject({ openOrders, trades });
    await client.field<Ack>('cancelOrder', cancelDocument, { input: { accountId: '1001', symbol: 'NOVA', orderId: resting.orderId } });
  });

  it('the same client order id: the same answer again, with other content a refusal, and one order in all', async () => {
    const clientOrderId = 'only-once-1';
    const first = await place({ clientOrderId });
    const { openOrders } = await status();
    const again = await place({ clientOrderId });
    expect(again).toMatchObject({ orderId: first.orderId, orderStatus: 'NEW', duplicate: true, refusal: null });
    const changed = await place({ clientOrderId, quantity: '11' });
    expect(changed.refusal).toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID', number: 3003, otherOrderId: first.orderId });
    expect(changed).toMatchObject({ orderStatus: 'REJECTED', duplicate: false });
    expect(changed.orderId).not.toBe(first.orderId);
    const named = 'query($p: Position) { order(accountId: "1001", clientOrderId: "only-once-1", atLeast: $p) { orderId orderStatus } }';
    expect(await client.field('order', named, { p: changed.position })).toEqual({ orderId: first.orderId, orderStatus: 'NEW' });
    const poor = { clientOrderId: 'only-refused-1', quantity: '100000', price: '150.00' };
    const refused = await place(poor);
    expect(refused).toMatchObject({ orderStatus: 'REJECTED', duplicate: false });
    expect(await place(poor)).toMatchObject({ orderId: refused.orderId, orderStatus: 'REJECTED', duplicate: true });
    expect((await status()).openOrders).toBe(openOrders);
    await client.field<Ack>('cancelOrder', cancelDocument, {
      input: { accountId: '1001', symbol: 'NOVA', origClientOrderId: clientOrderId },
    });
    expect((await status()).openOrders).toBe(openOrders - 1);
  });
});

describe('queries that cannot be answered', () => {
  it.each<[ErrorCode, string]>([
    ['MALFORMED_POSITION', '{ positions(accountId: "1001", atLeast: "yesterday") { quantity } }'],
    ['INVALID_PAGE', '{ orders(accountId: "1001", first: 501) { position } }'],
    ['INVALID_PAGE', '{ orders(accountId: "1001", first: 0) { position } }'],
    ['INVALID_PAGE', '{ orders(accountId: "1001", after: "bm9wZQ") { position } }'],
    ['UNKNOWN_INSTRUMENT', '{ book(symbol: "NOPE") { sequence } }'],
    ['UNKNOWN_INSTRUMENT', '{ candles(symbol: "NOPE", timeframe: M1) { position } }'],
    ['INVALID_ARGUMENT', '{ book(symbol: "NOVA", depth: 100000) { sequence } }'],
    ['INVALID_ARGUMENT', '{ candles(symbol: "NOVA", timeframe: M1, before: "soon") { position } }'],
    ['INVALID_ARGUMENT', '{ order(accountId: "1001") { orderId } }'],
  ])('%s: %s', async (code, query) => expectError(await withoutEffect(() => client.ask(query)), code));

  it('a position that no read model will reach in time is PROJECTION_LAG', async () => {
    const future = Buffer.from('1:t0.zzzzzzz.0', 'latin1').toString('base64url');
    const answer = await client.ask('query($p: Position) { balances(accountId: "1001", atLeast: $p) { total } }', { p: future });
    expectError(answer, 'PROJECTION_LAG');
  }, 30_000);
});

describe('messages on the command subject that are no batch', () => {
  const whole = (): Uint8Array => {
    const { records, commandCount } = encodeCommands([
      {
        type: 'CancelAllOrders',
        accountId: unwrap(parseAccountId(1001)),
        instrumentId: 0,
        side: 0,
      },
    ]);
    return buildCommandBatch({ ackLevel: AckLevel.Durable, flags: 0, commandCount, deadlineNanos: 0n }, records);
  };
  it.each<[string, () => Uint8Array, ErrorCode]>([
    ['an empty one', () => new Uint8Array(0), 'MALFORMED_COMMAND_MESSAGE'],
    ['one that is cut in its last record', () => whole().subarray(0, -8), 'MALFORMED_COMMAND_MESSAGE'],
    ['one that is cut in its header', () => whole().subarray(0, 12), 'MALFORMED_COMMAND_MESSAGE'],
    ['one of noise', () => new Uint8Array(64).fill(0xa5), 'MALFORMED_COMMAND_MESSAGE'],
  ])('%s', async (_what, make, code) => {
    const reply = await withoutEffect(() => connection.request(commandSubject(0), make(), { timeout: 5_000 }));
    expect(openCommandBatchAnswer(reply.data).header.code).toBe(numberOf(code));
  });
});

it('the operator reaches every account, and an unknown one is UNKNOWN_ACCOUNT', async () => {
  expect(await operator.field<unknown[]>('balances', '{ balances(accountId: "1002") { total } }')).toHaveLength(1);
  const ack = await operator.field<Ack>('placeOrder', placeDocument, { input: { ...good, accountId: '4000000000' } });
  expect(ack.refusal).toMatchObject({ code: 'UNKNOWN_ACCOUNT' });
});
