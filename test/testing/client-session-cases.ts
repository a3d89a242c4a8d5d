import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { ensureTokens } from '#platform/identity/token-store.js';
import { connectGateway } from '../../services/gateway/testing/gateway-client.js';
import { owner, type Ack, type Input, type OrderFields, type Running } from './order-desk.js';

/** Client sessions: dead-man switches, and connections that take their orders with them. */
export const clientSessionCases = (running: () => Running): void => {
  describe('client sessions', () => {
    const keepAlive = (input: Input): Promise<{ readonly deadline: string | null; readonly refusal: { readonly code: string } | null }> =>
      running().desk.client.field('keepAlive', 'mutation($i: KeepAliveInput!) { keepAlive(input: $i) { deadline refusal { code } } }', {
        i: { accountId: owner, sessionId: '5', ...input },
      });
    const statusOf = async ({ orderId, position }: Ack): Promise<OrderFields> => running().desk.order(orderId, position);

    it('a session that falls silent loses its orders at the deadline, and no others', async () => {
      const inside = await running().desk.place('DEAD', { price: '90', sessionId: '5' });
      const outside = await running().desk.place('DEAD', { price: '91', sessionId: '6' });
      expect(await keepAlive({ withinMs: 1_500 })).toMatchObject({ refusal: null, deadline: expect.stringMatching(/Z$/) as string });
      await waitUntil(async () => (await statusOf(inside)).orderStatus === 'CANCELED', {
        timeoutMs: 20_000,
        intervalMs: 200,
        what: 'the deadline',
      });
      expect(await statusOf(inside)).toMatchObject({ reason: 'SessionLost', reasonText: 'The session that placed it was lost.' });
      expect(await statusOf(outside)).toMatchObject({ orderStatus: 'NEW' });
      const canceled = await running().desk.client.field<{ canceledCount: string }>(
        'cancelAllOrders',
        'mutation($i: CancelAllOrdersInput!) { cancelAllOrders(input: $i) { canceledCount } }',
        { i: { accountId: owner, sessionId: '6' } },
      );
      expect(canceled).toEqual({ canceledCount: '1' });
    });

    it.each<[Input, ErrorCode]>([
      [{}, 'INVALID_ARGUMENT'],
      [{ withinMs: 1_000, deadline: '2030-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
      [{ withinMs: -1 }, 'INVALID_ARGUMENT'],
      [{ deadline: 'soon' }, 'INVALID_ARGUMENT'],
      [{ deadline: '2020-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
      [{ sessionId: '0', withinMs: 1_000 }, 'INVALID_ARGUMENT'],
    ])('a switch that means nothing is refused: %j', async (input, code) =>
      expect((await keepAlive(input)).refusal).toMatchObject({ code }),
    );

    it('a connection that declared a session takes its orders with it when it is cut', async () => {
      const token = ensureTokens(running().instance.dataDir, { demo: true }).find(({ name }) => name === 'operator')?.token ?? '';
      const client = connectGateway(running().instance.urls, token, { cancelOnDisconnect: { accountId: owner, sessionId: '9' } });
      const input = { accountId: owner, symbol: 'DEAD', side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '89' };
      // A socket without a subscription closes by itself, and that would be the end of the session too.
      const staying = client.subscribe('trades', 'subscription { trades(symbol: "DEAD") { tradeId } }');
      // A mutation over the connection belongs to its session without naming it.
      const place = client.subscribe<Ack>(
        'placeOrder',
        'mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { orderId position } }',
        {
          input,
        },
      );
      const ack = await place.next();
      expect(await statusOf(ack)).toMatchObject({ orderStatus: 'NEW' });
      client.cut();
      await expect(staying.next()).rejects.toThrow();
      await waitUntil(async () => (await statusOf(ack)).orderStatus === 'CANCELED', {
        timeoutMs: 20_000,
        intervalMs: 200,
        what: 'the cancel',
      });
      await client.close();
    });
  });
};
