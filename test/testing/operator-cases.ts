import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { connectGateway } from '../../services/gateway/testing/gateway-client.js';
import { owner, type Input, type Running } from './order-desk.js';

/** What operators do to instruments, accounts and everything, as everybody sees it. */
export const operatorCases = (running: () => Running): void => {
  describe('what operators do', () => {
    const stateDocument = 'query($p: Position) { tradingStates(atLeast: $p) { scope targetId tradingState stateReason } }';

    it('a kill switch of an instrument cancels what is open there and refuses what comes, until it is lifted', async () => {
      const [resting, waits] = await Promise.all([
        running().desk.place('KILL', { price: '90' }),
        running().desk.place('KILL', { orderType: 'STOP', stopPrice: '110' }),
      ]);
      const elsewhere = await running().desk.place('GONE', { price: '90' });
      const killed = await running().desk.operate('setTradingState', {
        scope: 'INSTRUMENT',
        symbol: 'KILL',
        state: 'HALTED',
        cancelOrders: true,
      });
      expect(killed).toMatchObject({ affectedCount: '3', refusal: null });
      for (const { orderId } of [resting, waits])
        expect(await running().desk.order(orderId, killed.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'TradingHalted' });
      expect(await running().desk.order(elsewhere.orderId, killed.position)).toMatchObject({ orderStatus: 'NEW' });
      const document =
        'query($p: Position) { instrument(symbol: "KILL", atLeast: $p) { tradingState stateReason phase quote { tradingState } } }';
      expect(await running().desk.client.field('instrument', document, { p: killed.position })).toEqual({
        ...{ tradingState: 'HALTED', stateReason: 'OPERATOR', phase: 'CONTINUOUS' },
        quote: { tradingState: 'HALTED' },
      });
      expect((await running().desk.place('KILL', { price: '90' })).refusal).toMatchObject({ code: 'INSTRUMENT_HALTED', number: 3005 });
      expect(
        (await running().desk.operate('setTradingState', { scope: 'INSTRUMENT', symbol: 'KILL', state: 'ACTIVE' })).refusal,
      ).toBeNull();
      expect((await running().desk.place('KILL', { price: '90' })).refusal).toBeNull();
    });

    it('a kill switch of everything halts everybody, and everybody can see it', async () => {
      const open = await running().desk.place('GONE', { price: '91' });
      const killed = await running().desk.operate('setTradingState', {
        scope: 'GLOBAL',
        state: 'HALTED',
        reason: 'REGULATOR',
        cancelOrders: true,
      });
      try {
        expect(await running().desk.order(open.orderId, killed.position)).toMatchObject({
          orderStatus: 'CANCELED',
          reason: 'TradingHalted',
        });
        expect((await running().desk.place('GONE', { price: '90' })).refusal).toMatchObject({ code: 'GLOBAL_HALT', number: 3015 });
        const trader = connectGateway(running().instance.urls, running().instance.accounts[0]?.token ?? '');
        try {
          expect(await trader.field('tradingStates', stateDocument, { p: killed.position })).toEqual([
            { scope: 'GLOBAL', targetId: '0', tradingState: 'HALTED', stateReason: 'REGULATOR' },
          ]);
        } finally {
          await trader.close();
        }
      } finally {
        await running().desk.operate('setTradingState', { scope: 'GLOBAL', state: 'ACTIVE' });
      }
    });

    it('an account that is halted says why, and its orders are refused', async () => {
      const halted = await running().desk.operate('setTradingState', { scope: 'ACCOUNT', accountId: owner, state: 'HALTED' });
      const document = 'query($p: Position) { accounts(atLeast: $p) { id tradingState stateReason stateReasonText } }';
      const accounts = await running().desk.client.field<{ id: string }[]>('accounts', document, { p: halted.position });
      expect(accounts.find(({ id }) => id === owner)).toMatchObject({
        ...{ tradingState: 'HALTED', stateReason: 'OPERATOR', stateReasonText: 'Set by an operator.' },
      });
      expect((await running().desk.place('GONE', { price: '90' })).refusal).toMatchObject({ code: 'ACCOUNT_HALTED', number: 3016 });
      await running().desk.operate('setTradingState', { scope: 'ACCOUNT', accountId: owner, state: 'ACTIVE' });
    });

    it('a restricted instrument refuses with the version of the list', async () => {
      const listed = await running().desk.operate('setRestriction', {
        accountId: owner,
        symbol: 'REST',
        restriction: 'NO_BUY',
        version: 7,
      });
      expect(listed.refusal).toBeNull();
      const rules = async (position: string): Promise<unknown> =>
        running().desk.client.field(
          'riskRules',
          `query($p: Position) { riskRules(accountId: "${owner}", atLeast: $p) { restrictedListVersion restrictions { accountId symbol restriction version } } }`,
          { p: position },
        );
      expect(await rules(listed.position)).toEqual({
        restrictedListVersion: 7,
        restrictions: [{ accountId: owner, symbol: 'REST', restriction: 'NO_BUY', version: 7 }],
      });
      const ack = await running().desk.place('REST', { price: '90' });
      expect(ack.refusal).toMatchObject({ code: 'COMPLIANCE_RESTRICTED', number: 2017 });
      expect(await running().desk.order(ack.orderId, ack.position)).toMatchObject({
        ...{ orderStatus: 'REJECTED', reason: 'COMPLIANCE_RESTRICTED' },
        refusal: { number: 2017, ruleVersion: 7 },
      });
      expect((await running().desk.place('REST', { price: '90', side: 'SELL' })).refusal).toBeNull();
      const lifted = await running().desk.operate('setRestriction', { accountId: owner, symbol: 'REST', restriction: 'NONE', version: 8 });
      expect(lifted.refusal).toBeNull();
      expect(await rules(lifted.position)).toEqual({ restrictedListVersion: 8, restrictions: [] });
      expect((await running().desk.place('REST', { price: '80' })).refusal).toBeNull();
    });

    it('what an operator cannot mean has the code of its field', async () => {
      const attempts: readonly [string, Input, ErrorCode][] = [
        ['setTradingState', { scope: 'INSTRUMENT', state: 'HALTED' }, 'INVALID_ARGUMENT'],
        ['setTradingState', { scope: 'ACCOUNT', accountId: 'x', state: 'HALTED' }, 'UNKNOWN_ACCOUNT'],
        ['setTradingState', { scope: 'ACCOUNT', accountId: '4000000000', state: 'HALTED' }, 'UNKNOWN_ACCOUNT'],
        ['setTradingState', { scope: 'GROUP', groupId: '-1', state: 'HALTED' }, 'INVALID_ARGUMENT'],
        ['setTradingState', { scope: 'GLOBAL', symbol: 'KILL', state: 'HALTED', cancelOrders: true }, 'INVALID_ARGUMENT'],
        ['setTradingState', { scope: 'ACCOUNT', accountId: owner, symbol: 'KILL', state: 'HALTED' }, 'INVALID_ARGUMENT'],
        ['setTradingState', { scope: 'GLOBAL', state: 'ACTIVE', cancelOrders: true }, 'INVALID_ARGUMENT'],
        ['setSession', { phase: 'CLOSED' }, 'INVALID_ARGUMENT'],
        ['setSession', { symbol: 'KILL', phase: 'CLOSED', until: '1970-01-01T00:00:00Z' }, 'INVALID_ARGUMENT'],
        ['settleInstrument', { symbol: 'KILL', settlementPrice: '1' }, 'INVALID_ARGUMENT'],
        ['setSession', { symbol: 'NOPE', phase: 'CLOSED' }, 'UNKNOWN_INSTRUMENT'],
        ['setSession', { symbol: 'KILL', phase: 'CLOSED', until: 'soon' }, 'INVALID_ARGUMENT'],
        ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 0 }, 'INVALID_ARGUMENT'],
        ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 1, maxOrderQuantity: '10' }, 'INVALID_ARGUMENT'],
        ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 1, maxOrderNotional: '-1' }, 'AMOUNT_NOT_POSITIVE'],
        ['setRiskLimits', { scope: 'ACCOUNT', accountId: owner, version: 1, maxOpenOrders: 0 }, 'INVALID_ARGUMENT'],
        ['setRiskLimits', { scope: 'GLOBAL', accountId: owner, version: 1 }, 'INVALID_ARGUMENT'],
        ['setTripRule', { scope: 'ACCOUNT', accountId: owner, rule: 'PRICE_MOVE', threshold: '0' }, 'INVALID_ARGUMENT'],
        ['setTripRule', { scope: 'INSTRUMENT', symbol: 'KILL', rule: 'PRICE_MOVE', threshold: '1.5' }, 'INVALID_ARGUMENT'],
        ['setReferencePrice', { symbol: 'KILL', price: '0', purpose: 'MARK' }, 'PRICE_NOT_POSITIVE'],
      ];
      for (const [name, input, code] of attempts)
        expect((await running().desk.operate(name, input)).refusal, JSON.stringify(input)).toMatchObject({ code });
    });

    it('a mark price triggers what follows the mark', async () => {
      const stop = await running().desk.place('WIRE', { orderType: 'STOP_LIMIT', stopPrice: '103', price: '100', triggerSource: 'MARK' });
      const marked = await running().desk.operate('setReferencePrice', { symbol: 'WIRE', price: '103', purpose: 'MARK' });
      expect(await running().desk.order(stop.orderId, marked.position)).toMatchObject({
        triggered: true,
        triggerSource: 'MARK',
        orderStatus: 'NEW',
      });
    });
  });
};
