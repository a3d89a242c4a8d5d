import { describe, expect, it } from 'vitest';
import { parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import { owner, taker, type Running } from './order-desk.js';

const calendarId = '77';
const symbols = ['CAL1', 'CAL2'] as const;

/** Instruments that follow a calendar: one command moves them all, and a day that ends takes its day orders along. */
export const calendarCases = (running: () => Running): void => {
  const phases = async (position: string): Promise<readonly unknown[]> => {
    const fields = 'phase stateReason';
    const { data } = await running().desk.client.ask(
      `query($p: Position) { ${symbols.map((symbol) => `${symbol}: instrument(symbol: "${symbol}", atLeast: $p) { ${fields} }`).join(' ')} }`,
      { p: position },
    );
    return symbols.map((symbol) => data?.[symbol]);
  };

  describe('calendars', () => {
    it('a session that ends expires the day orders of its instruments, and no others', async () => {
      const { desk } = running();
      await desk.list(
        symbols.map((symbol, index) => ({ id: unwrap(parseInstrumentId(80 + index)), symbol, calendarId: Number(calendarId) })),
      );
      const opened = await desk.operate('setSession', { calendarId, phase: 'CONTINUOUS', reason: 'SCHEDULE' });
      expect(opened.refusal).toBeNull();
      expect(await phases(opened.position)).toEqual(symbols.map(() => ({ phase: 'CONTINUOUS', stateReason: 'SCHEDULE' })));
      const today = await desk.place('CAL1', { price: '90', timeInForce: 'DAY' });
      const stop = await desk.place('CAL2', { orderType: 'STOP', stopPrice: '110', timeInForce: 'DAY' });
      const stays = await desk.place('CAL2', { price: '91', timeInForce: 'GTC' });
      expect([today, stop, stays].map(({ refusal }) => refusal)).toEqual([null, null, null]);
      const closed = await desk.operate('setSession', { calendarId, phase: 'CLOSED', reason: 'SCHEDULE' });
      expect(closed.refusal).toBeNull();
      for (const { orderId } of [today, stop]) {
        expect(await desk.order(orderId, closed.position)).toMatchObject({
          ...{
            orderStatus: 'EXPIRED',
            execType: 'EXPIRED',
            reason: 'Expired',
            reasonText: 'Its time in force has ended.',
            leavesQuantity: '0',
          },
        });
      }
      expect(await desk.order(stays.orderId, closed.position)).toMatchObject({ orderStatus: 'NEW', leavesQuantity: '10' });
    });

    it('a holiday keeps the market closed: orders are refused, cancels are not', async () => {
      const { desk } = running();
      const holiday = new Date(Date.now() + 24 * 3_600_000).toISOString();
      const closed = await desk.operate('setSession', {
        ...{ calendarId, phase: 'CLOSED', reason: 'SCHEDULE' },
        plan: [{ phase: 'CONTINUOUS', at: holiday }],
      });
      expect(closed.refusal).toBeNull();
      for (const timeInForce of ['DAY', 'GTC', 'OPG']) {
        const { refusal } = await desk.place('CAL1', { price: '90', timeInForce }, taker);
        expect(refusal, timeInForce).toMatchObject({ code: 'MARKET_CLOSED', number: 3004 });
      }
      const open = await desk.client.field<{ edges: { node: { orderId: string } }[] }>(
        'orders',
        `{ orders(accountId: "${owner}", filter: { symbol: "CAL2", open: true }) { edges { node { orderId } } } }`,
      );
      const [resting] = open.edges;
      const canceled = await desk.cancel('CAL2', resting?.node.orderId ?? '');
      expect(canceled.refusal).toBeNull();
      expect(await desk.order(resting?.node.orderId ?? '', canceled.position)).toMatchObject({
        orderStatus: 'CANCELED',
        reason: 'Requested',
      });
      expect(await phases(canceled.position)).toEqual(symbols.map(() => ({ phase: 'CLOSED', stateReason: 'SCHEDULE' })));
    });
  });
};
