import { describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { parseAccountId } from '#contracts/ids/ids.js';
import { currencyIdOf } from '#contracts/money/currencies.js';
import { unwrap } from '#contracts/result/result.js';
import { AccountKind, CashReason, TradingState } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { maker, taker, type Ack, type Running } from './order-desk.js';

/** Accounts whose breakers trip, each of a group of its own. */
const rejected = '8011';
const losing = '8012';

interface Rules {
  readonly tripRules: readonly object[];
  readonly states: readonly object[];
  readonly stoppedInstruments: readonly { readonly symbol: string }[];
}

const rulesDocument = `query($a: ID, $p: Position) { riskRules(accountId: $a, atLeast: $p) {
  tripRules { scope targetId symbol rule threshold windowMs resultingState resultingPhase phaseMs }
  states { scope targetId tradingState stateReason observed limit }
  stoppedInstruments { symbol tradingState stateReason } } }`;

/** Circuit breakers: what trips them, what they do, and how everybody sees it. */
export const tripCases = (running: () => Running): void => {
  const rules = (accountId: string | null, position: string): Promise<Rules> =>
    running().desk.client.field<Rules>('riskRules', rulesDocument, { a: accountId, p: position });
  const trade = async (symbol: string, price: string): Promise<Ack> => {
    const { desk } = running();
    await desk.place(symbol, { side: 'SELL', price, quantity: '1' }, maker);
    return desk.place(symbol, { price, quantity: '1', timeInForce: 'IOC' }, taker);
  };
  const account = (id: string, groupId: number): EngineCommand[] => {
    const accountId = unwrap(parseAccountId(Number(id)));
    return [
      { type: 'DefineAccount', accountId, groupId, accountKind: AccountKind.Cash, initialState: TradingState.Active, permissions: 0 },
      { type: 'MoveCash', accountId, currencyId: currencyIdOf('USD'), reason: CashReason.Seed, amountUnits: 100_000n * 100_000_000n },
    ];
  };

  describe('circuit breakers', () => {
    it('a price that moves too far halts the instrument, and everybody sees why', async () => {
      const { desk } = running();
      const armed = await desk.operate('setTripRule', {
        ...{ scope: 'INSTRUMENT', symbol: 'TRIP', rule: 'PRICE_MOVE', threshold: '20000', windowMs: '60000', resultingState: 'HALTED' },
      });
      expect(armed.refusal).toBeNull();
      const rule = {
        scope: 'INSTRUMENT',
        symbol: 'TRIP',
        rule: 'PRICE_MOVE',
        threshold: '20000',
        windowMs: '60000',
        resultingState: 'HALTED',
      };
      expect((await rules(null, armed.position)).tripRules).toContainEqual(
        expect.objectContaining({ ...rule, resultingPhase: null, phaseMs: null }),
      );
      await trade('TRIP', '100');
      const inside = await trade('TRIP', '101.99');
      expect((await rules(null, inside.position)).stoppedInstruments.map(({ symbol }) => symbol)).not.toContain('TRIP');
      const tripped = await trade('TRIP', '102');
      const document = 'query($p: Position) { instrument(symbol: "TRIP", atLeast: $p) { tradingState stateReason } }';
      const halted = { tradingState: 'HALTED', stateReason: 'CIRCUIT_BREAKER' };
      expect(await desk.client.field('instrument', document, { p: tripped.position })).toEqual(halted);
      expect((await rules(null, tripped.position)).stoppedInstruments).toContainEqual({ symbol: 'TRIP', ...halted });
      expect((await desk.place('TRIP', { price: '100' })).refusal).toMatchObject({ code: 'INSTRUMENT_HALTED' });
      // The state of an instrument is told by the instrument alone: a row beside it would outlive the halt.
      const states = 'query($p: Position) { tradingStates(atLeast: $p) { scope } }';
      const scopes = await desk.client.field<{ scope: string }[]>('tradingStates', states, { p: tripped.position });
      expect(scopes.map(({ scope }) => scope)).not.toContain('INSTRUMENT');
      await desk.operate('setTradingState', { scope: 'INSTRUMENT', symbol: 'TRIP', state: 'ACTIVE' });
      expect((await desk.place('TRIP', { price: '100' })).refusal).toBeNull();
      const disarmed = await desk.operate('setTripRule', { scope: 'INSTRUMENT', symbol: 'TRIP', rule: 'PRICE_MOVE', threshold: '0' });
      expect((await rules(null, disarmed.position)).tripRules).not.toContainEqual(expect.objectContaining({ symbol: 'TRIP' }));
    });

    it('or calls a volatility auction, which ends by itself', async () => {
      const { desk } = running();
      const armed = await desk.operate('setTripRule', {
        ...{ scope: 'INSTRUMENT', symbol: 'TRP2', rule: 'PRICE_MOVE', threshold: '10000', windowMs: '60000' },
        ...{ resultingPhase: 'VOLATILITY_AUCTION', phaseMs: '4000' },
      });
      expect(armed.refusal).toBeNull();
      await trade('TRP2', '100');
      const tripped = await trade('TRP2', '102');
      const phase = (position?: string): Promise<{ readonly phase: string; readonly stateReason: string | null }> =>
        desk.client.field('instrument', 'query($p: Position) { instrument(symbol: "TRP2", atLeast: $p) { phase stateReason } }', {
          p: position,
        });
      expect(await phase(tripped.position)).toEqual({ phase: 'VOLATILITY_AUCTION', stateReason: 'CIRCUIT_BREAKER' });
      // Without a position an answer may be of a moment ago, when the price had not moved yet.
      const now = (): Promise<string> => desk.client.field<string>('servedPosition', '{ servedPosition }');
      expect(await phase(await now())).toMatchObject({ phase: 'VOLATILITY_AUCTION' });
      await waitUntil(async () => (await phase(await now())).phase === 'CONTINUOUS', {
        timeoutMs: 30_000,
        intervalMs: 100,
        what: 'the end of the auction',
      });
    });

    it('in which what is left of the order that called it takes part', async () => {
      const { desk } = running();
      await desk.operate('setTripRule', {
        ...{ scope: 'INSTRUMENT', symbol: 'TRP4', rule: 'PRICE_MOVE', threshold: '10000', windowMs: '60000' },
        ...{ resultingPhase: 'VOLATILITY_AUCTION', phaseMs: '2000' },
      });
      await trade('TRP4', '100');
      for (const price of ['100.5', '102']) await desk.place('TRP4', { side: 'SELL', price, quantity: '10' }, maker);
      const buy = await desk.place('TRP4', { price: '102', quantity: '15' });
      expect(await desk.order(buy.orderId, buy.position)).toMatchObject({
        ...{ orderStatus: 'PARTIALLY_FILLED', cumQuantity: '10', leavesQuantity: '5', averagePrice: '100.5' },
      });
      const now = (): Promise<string> => desk.client.field<string>('servedPosition', '{ servedPosition }');
      await waitUntil(async () => (await desk.order(buy.orderId, await now()))['orderStatus'] === 'FILLED', {
        timeoutMs: 30_000,
        intervalMs: 100,
        what: 'the uncross',
      });
      expect(await desk.order(buy.orderId, await now())).toMatchObject({ cumQuantity: '15', averagePrice: '101' });
    });

    it('an account whose orders are refused too often may only reduce', async () => {
      const { desk } = running();
      await desk.define(account(rejected, 71));
      const armed = await desk.operate('setTripRule', {
        ...{ scope: 'ACCOUNT', accountId: rejected, rule: 'REJECT_RATE', threshold: '3', windowMs: '60000', resultingState: 'REDUCE_ONLY' },
      });
      expect(armed.refusal).toBeNull();
      let last = '';
      for (let sent = 0; sent < 4; sent += 1) last = (await desk.place('TRP3', { side: 'SELL', price: '100' }, rejected)).position;
      const { tripRules, states } = await rules(rejected, last);
      expect(tripRules).toContainEqual(
        expect.objectContaining({ scope: 'ACCOUNT', targetId: rejected, rule: 'REJECT_RATE', threshold: '3' }),
      );
      expect(states).toContainEqual(
        expect.objectContaining({ scope: 'ACCOUNT', targetId: rejected, tradingState: 'REDUCE_ONLY', stateReason: 'REJECT_RATE' }),
      );
      expect((await desk.place('TRP3', { price: '50' }, rejected)).refusal).toMatchObject({ code: 'REDUCE_ONLY' });
    });

    it('an account that has lost too much today is halted, with what it lost', async () => {
      const { desk } = running();
      await desk.define(account(losing, 72));
      const armed = await desk.operate('setTripRule', {
        ...{ scope: 'ACCOUNT', accountId: losing, rule: 'LOSS', threshold: '50', resultingState: 'HALTED' },
      });
      expect(armed.refusal).toBeNull();
      expect((await rules(losing, armed.position)).tripRules).toContainEqual(
        expect.objectContaining({ scope: 'ACCOUNT', targetId: losing, rule: 'LOSS', threshold: '50', resultingState: 'HALTED' }),
      );
      await desk.place('TRP3', { side: 'SELL', price: '100', quantity: '10' }, maker);
      await desk.place('TRP3', { price: '100', quantity: '10' }, losing);
      // Positions are valued at the mark.
      const fallen = await desk.operate('setReferencePrice', { symbol: 'TRP3', price: '94', purpose: 'MARK' });
      const { states } = await rules(losing, fallen.position);
      expect(states).toContainEqual(
        expect.objectContaining({ scope: 'ACCOUNT', targetId: losing, tradingState: 'HALTED', stateReason: 'LOSS_LIMIT' }),
      );
      expect((await desk.place('TRP3', { price: '50' }, losing)).refusal).toMatchObject({ code: 'ACCOUNT_HALTED' });
      const accounts = await desk.client.field<{ id: string }[]>(
        'accounts',
        'query($p: Position) { accounts(atLeast: $p) { id tradingState stateReason } }',
        { p: fallen.position },
      );
      expect(accounts.find(({ id }) => id === losing)).toEqual({ id: losing, tradingState: 'HALTED', stateReason: 'LOSS_LIMIT' });
    });
  });
};
