import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { connectGateway } from '../../services/gateway/testing/gateway-client.js';
import { runCli } from './run-cli.js';
import { maker, owner, type Input, type Running } from './order-desk.js';

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

    it('are told as they are in force, for an account and for a desk of operators', async () => {
      const { desk } = running();
      const bounds = { maxOrderQuantity: '50', maxPosition: '1000', maxOrderNotional: '100000.5', maxDailyLoss: '2500' };
      const rates = { maxOpenOrders: 400, ordersPerSecond: 1000, burstOrders: 2000, fatFingerPpm: 90_000, maxPriceAgeMs: 86_400_000 };
      await set(5, { ...bounds, ...rates });
      const everybody = await desk.operate('setRiskLimits', { scope: 'GLOBAL', version: 6, maxOrderNotional: '1000000000' });
      expect(everybody.refusal).toBeNull();
      const fields = `scope targetId symbol version maxOrderQuantity maxOrderNotional maxPosition maxGrossExposure maxNetExposure maxDailyLoss
        maxOpenOrders ordersPerSecond burstOrders collarPpm fatFingerPpm maxPriceAgeMs`;
      const document = `query($a: ID, $p: Position) { riskRules(accountId: $a, atLeast: $p) { limits { ${fields} } } }`;
      const inForce = async (accountId: string | null, position: string): Promise<readonly object[]> =>
        (await desk.client.field<{ limits: object[] }>('riskRules', document, { a: accountId, p: position })).limits;
      const own = {
        ...{ scope: 'ACCOUNT', targetId: owner, symbol: 'LIMT', version: 5, ...bounds, ...rates, maxPriceAgeMs: '86400000' },
        ...{ maxGrossExposure: null, maxNetExposure: null, collarPpm: null },
      };
      const global = expect.objectContaining({
        scope: 'GLOBAL',
        targetId: '0',
        symbol: null,
        version: 6,
        maxOrderNotional: '1000000000',
      }) as object;
      expect(await inForce(owner, everybody.position)).toEqual([own, global]);
      expect(await inForce(null, everybody.position)).toEqual(expect.arrayContaining([own, global]));
      expect(await inForce(maker, everybody.position)).toEqual([global]);
      const { dataDir } = running().instance;
      const printed = JSON.parse(await runCli(dataDir, 'risk', '--account', owner, '--json')) as { readonly limits: readonly object[] };
      expect(printed.limits).toMatchObject([
        { scope: 'Account', targetId: Number(owner), symbol: 'LIMT', version: 5, ...bounds, maxOpenOrders: 400 },
        { scope: 'Global', version: 6 },
      ]);
      const lines = await runCli(dataDir, 'risk');
      expect(lines).toContain(`account ${owner} in LIMT: max order quantity 50, max position 1000, max order notional 100000.5`);
      expect(lines).toContain('everybody: max order notional 1000000000 (version 6');
      const lifted = await desk.operate('setRiskLimits', { scope: 'GLOBAL', version: 7 });
      expect(await inForce(maker, lifted.position)).toEqual([]);
      await set(8, {});
      const trader = connectGateway(running().instance.urls, running().instance.accounts[0]?.token ?? '');
      try {
        expect((await trader.ask(document, {})).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
        expect((await trader.ask(document, { a: owner })).errors?.[0]?.extensions).toMatchObject({ code: 'ACCOUNT_NOT_YOURS' });
      } finally {
        await trader.close();
      }
    });

    it('the account says which version of its limits was set last, be it lower, and no version of another rule', async () => {
      const { desk } = running();
      const document = 'query($p: Position) { accounts(atLeast: $p) { id limitsVersion } }';
      const versionAt = async ({ position, refusal }: { readonly position: string; readonly refusal: unknown }) => {
        expect(refusal).toBeNull();
        const accounts = await desk.client.field<{ id: string; limitsVersion: number }[]>('accounts', document, { p: position });
        return accounts.find(({ id }) => id === owner)?.limitsVersion;
      };
      const restrict = (restriction: string, version: number) =>
        desk.operate('setRestriction', { accountId: owner, symbol: 'LIMT', restriction, version });
      expect(await versionAt(await set(12, { maxOpenOrders: 500 }))).toBe(12);
      expect(await versionAt(await set(9, { maxOpenOrders: 400 }))).toBe(9);
      expect(await versionAt(await restrict('NO_BUY', 99))).toBe(9);
      expect(await versionAt(await restrict('NONE', 100))).toBe(9);
      expect(await versionAt(await set(10, {}))).toBe(10);
    });
  });
};
