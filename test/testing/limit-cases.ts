import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { owner, type Input, type Running } from './order-desk.js';

/** Limits that a risk desk sets: a lowered limit stops the next order, and a refusal says which version did. */
export const limitCases = (running: () => Running): void => {
  const set = (version: number, change: Input): Promise<{ readonly position: string; readonly refusal: unknown }> =>
    running().desk.operate('setRiskLimits', { scope: 'ACCOUNT', accountId: owner, symbol: 'LIMT', version, ...change });

  describe('risk limits', () => {
    it.each<[string, Input, Input, ErrorCode, string, string]>([
      ['quantity', { maxOrderQuantity: '5' }, {}, 'MAX_ORDER_QUANTITY', '10', '5'],
      ['notional', { maxOrderNotional: '899' }, {}, 'MAX_ORDER_NOTIONAL', '900', '899'],
      ['position', { maxPosition: '9' }, {}, 'POSITION_LIMIT', '10', '9'],
      ['collar', { collarPpm: 50_000 }, {}, 'PRICE_OUTSIDE_COLLAR', '90', '95'],
    ])(
      'a lowered limit of %s refuses the next order with its numbers, and lets it pass when it is lifted',
      async (_what, limit, order, code, observed, bound) => {
        const { desk } = running();
        expect((await set(3, limit)).refusal).toBeNull();
        const ack = await desk.place('LIMT', { price: '90', ...order });
        expect(ack.refusal).toMatchObject({ code, observed, limit: bound });
        expect(await desk.order(ack.orderId, ack.position)).toMatchObject({
          ...{ orderStatus: 'REJECTED', reason: code },
          refusal: { code, observed, limit: bound, ruleVersion: 3 },
        });
        expect((await set(4, {})).refusal).toBeNull();
        const passed = await desk.place('LIMT', { price: '90', ...order });
        expect(passed.refusal).toBeNull();
        await desk.cancel('LIMT', passed.orderId ?? '');
      },
    );

    it('the account says which version of its limits was set last', async () => {
      const { desk } = running();
      const { position } = await set(12, { maxOpenOrders: 500 });
      const document = 'query($p: Position) { accounts(atLeast: $p) { id limitsVersion } }';
      const accounts = await desk.client.field<{ id: string; limitsVersion: number }[]>('accounts', document, { p: position });
      expect(accounts.find(({ id }) => id === owner)?.limitsVersion).toBe(12);
      await set(13, {});
    });
  });
};
