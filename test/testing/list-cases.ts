import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { taker, type Input, type OrderFields, type Running } from './order-desk.js';

/** Order lists: legs in one batch, an answer each, and siblings that never over-fill. */
export const listCases = (running: () => Running): void => {
  const limit = (side: string, price: string, quantity = '10'): Input => ({
    side,
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    price,
    quantity,
  });
  const stop = (side: string, stopPrice: string, quantity = '10'): Input => ({
    ...{ side, orderType: 'STOP', timeInForce: 'GTC', stopPrice, quantity },
  });
  const ordersOf = (listId: string, position: string): Promise<readonly OrderFields[]> => running().desk.ordersOfList(listId, position);

  const siblingText = 'Another order of its list was filled, reduced or ended.';

  describe('order lists', () => {
    it('one cancels the other: a fill of one takes its lots off the other, and the last ends it', async () => {
      const { desk } = running();
      await desk.makeMarket('OCO1');
      const list = await desk.placeList('OCO1', 'ONE_CANCELS_OTHER', [limit('BUY', '100'), stop('BUY', '102')]);
      expect(list.refusal).toBeNull();
      expect(list.legs.map(({ refusal }) => refusal)).toEqual([null, null]);
      expect(await ordersOf(list.listId, list.position)).toMatchObject([
        {
          orderType: 'LIMIT',
          orderStatus: 'NEW',
          list: { listId: list.listId, contingency: 'ONE_CANCELS_OTHER', role: 'SIBLING', index: 0, count: 2 },
        },
        { orderType: 'STOP', orderStatus: 'NEW', triggered: false, list: { index: 1, count: 2 } },
      ]);
      const part = await desk.place('OCO1', { side: 'SELL', price: '100', quantity: '4', timeInForce: 'IOC' }, taker);
      expect(await ordersOf(list.listId, part.position)).toMatchObject([
        { orderStatus: 'PARTIALLY_FILLED', cumQuantity: '4', leavesQuantity: '6' },
        { execType: 'RESTATED', leavesQuantity: '6', reason: 'ListSibling' },
      ]);
      const rest = await desk.place('OCO1', { side: 'SELL', price: '100', quantity: '6', timeInForce: 'IOC' }, taker);
      expect(await ordersOf(list.listId, rest.position)).toMatchObject([
        { orderStatus: 'FILLED', cumQuantity: '10' },
        { orderStatus: 'CANCELED', cumQuantity: '0', reason: 'ListSibling', reasonText: siblingText },
      ]);
    });

    it.each<[string, (first: string) => Promise<string>]>([
      ['a cancel of one leg', async (first) => (await running().desk.cancel('OCO1', first)).position],
      ['a cancel of all', () => running().desk.cancelAll('OCO1', 'BUY')],
    ])('%s ends both legs, and what is said of the other is true', async (_what, cancel) => {
      const { desk } = running();
      const list = await desk.placeList('OCO1', 'ONE_CANCELS_OTHER', [limit('BUY', '90'), limit('BUY', '91')]);
      expect(list.refusal).toBeNull();
      const position = await cancel(list.legs[0]?.orderId ?? '');
      const legs = await ordersOf(list.listId, position);
      expect(legs.map(({ orderStatus }) => orderStatus)).toEqual(['CANCELED', 'CANCELED']);
      expect(legs.map(({ reason, reasonText }) => ({ reason, reasonText }))).toEqual(
        expect.arrayContaining([
          { reason: 'Requested', reasonText: 'Canceled as you asked.' },
          { reason: 'ListSibling', reasonText: siblingText },
        ]),
      );
    });

    it('a bracket sizes its exits by the fills of the entry, and one exit ends the other', async () => {
      const { desk } = running();
      await desk.makeMarket('BRK1');
      const list = await desk.placeList('BRK1', 'BRACKET', [limit('BUY', '100'), limit('SELL', '101', '10'), stop('SELL', '98')]);
      expect(list.refusal).toBeNull();
      expect(await ordersOf(list.listId, list.position)).toMatchObject([
        { orderStatus: 'NEW', list: { contingency: 'BRACKET', role: 'ENTRY' } },
        { orderStatus: 'PENDING_NEW', list: { role: 'TAKE_PROFIT' } },
        { orderStatus: 'PENDING_NEW', list: { role: 'STOP_LOSS' } },
      ]);
      const part = await desk.place('BRK1', { side: 'SELL', price: '100', quantity: '4', timeInForce: 'IOC' }, taker);
      expect(await ordersOf(list.listId, part.position)).toMatchObject([
        { orderStatus: 'PARTIALLY_FILLED', cumQuantity: '4' },
        { orderStatus: 'NEW', leavesQuantity: '4', reason: 'ListSized' },
        { orderStatus: 'NEW', leavesQuantity: '4', reason: 'ListSized', triggered: false },
      ]);
      const whole = await desk.place('BRK1', { side: 'SELL', price: '100', quantity: '6', timeInForce: 'IOC' }, taker);
      expect(await ordersOf(list.listId, whole.position)).toMatchObject([
        { orderStatus: 'FILLED' },
        { leavesQuantity: '10', execType: 'RESTATED' },
        { leavesQuantity: '10', execType: 'RESTATED' },
      ]);
      // The price falls: the stop sells what the entry bought, and the other exit goes.
      const pushed = await desk.push('BRK1', 'down');
      expect(await ordersOf(list.listId, pushed.position)).toMatchObject([
        { orderStatus: 'FILLED' },
        { orderStatus: 'CANCELED', reason: 'ListSibling', cumQuantity: '0' },
        { orderStatus: 'FILLED', cumQuantity: '10', triggered: true },
      ]);
    });

    it('one triggers the other: the child waits for the entry', async () => {
      const { desk } = running();
      const list = await desk.placeList('OTO1', 'ONE_TRIGGERS_OTHER', [limit('BUY', '100'), limit('SELL', '105')]);
      expect(list.refusal).toBeNull();
      expect(await ordersOf(list.listId, list.position)).toMatchObject([
        { orderStatus: 'NEW' },
        { orderStatus: 'PENDING_NEW', list: { role: 'CHILD' } },
      ]);
      const filled = await desk.place('OTO1', { side: 'SELL', price: '100', timeInForce: 'IOC' }, taker);
      expect(await ordersOf(list.listId, filled.position)).toMatchObject([
        { orderStatus: 'FILLED' },
        { orderStatus: 'NEW', leavesQuantity: '10' },
      ]);
      expect((await desk.book('OTO1', filled.position)).asks).toEqual([{ price: '105', quantity: '10', orderCount: 1 }]);
    });

    it('is the same list when it is sent again, and another one under other content is refused', async () => {
      const { desk } = running();
      const ids = [randomUUID(), randomUUID()];
      const legs = [limit('BUY', '90'), limit('BUY', '91')].map((leg, index) => ({ ...leg, clientOrderId: ids[index] }));
      const first = await desk.placeList('OTO1', 'ONE_CANCELS_OTHER', legs);
      const again = await desk.placeList('OTO1', 'ONE_CANCELS_OTHER', legs);
      expect(again.listId).toBe(first.listId);
      expect(again.legs).toMatchObject(first.legs.map(({ orderId }) => ({ orderId, duplicate: true, refusal: null })));
      expect(await ordersOf(first.listId, again.position)).toHaveLength(2);
      const other = await desk.placeList('OTO1', 'ONE_CANCELS_OTHER', [legs[0] ?? {}, { ...legs[1], quantity: '11' }]);
      expect(other.refusal).toMatchObject({ code: 'DUPLICATE_CLIENT_ORDER_ID' });
    });

    it('an entry that lacks cash refuses its last leg, which has its own id and names the entry', async () => {
      const { desk } = running();
      const quantity = '20000000';
      const list = await desk.placeList('BRK1', 'BRACKET', [
        limit('BUY', '100', quantity),
        limit('SELL', '101', quantity),
        stop('SELL', '98', quantity),
      ]);
      const [entry, , last] = list.legs;
      expect(last).toMatchObject({ orderStatus: 'REJECTED', refusal: { code: 'INSUFFICIENT_BUYING_POWER', otherOrderId: entry?.orderId } });
      expect(new Set(list.legs.map(({ orderId }) => orderId)).size).toBe(3);
      expect(await desk.order(last?.orderId ?? '', list.position)).toMatchObject({
        ...{ clientOrderId: last?.clientOrderId, orderType: 'STOP', orderStatus: 'REJECTED', reason: 'INSUFFICIENT_BUYING_POWER' },
      });
    });

    it('a list that does not fit together is refused with its number, and nothing of it stays', async () => {
      const { desk } = running();
      const list = await desk.placeList('OTO1', 'ONE_CANCELS_OTHER', [limit('BUY', '90'), limit('SELL', '110')]);
      expect(list.refusal).toMatchObject({ code: 'LIST_INVALID', number: 3018 });
      for (const order of await ordersOf(list.listId, list.position))
        expect(['REJECTED', 'CANCELED'], JSON.stringify(order)).toContain(order.orderStatus);
    });
  });
};
