import { describe, expect, it } from 'vitest';
import type { DefineInstrument } from '#contracts/commands/order-commands.js';
import { plainEquity } from '#contracts/commands/testing/plain-equity.js';
import { ExerciseStyle, InstrumentKind, OptionKind } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { maker, owner, taker, type Running } from './order-desk.js';

interface CashEntry {
  readonly reason: string;
  readonly amount: string;
  readonly instrument: { readonly symbol: string } | null;
}

/** UND1 of the table's file is what they are written on. */
const underlyingId = 98;
const expiryAfterMs = 4_000;

/** A contract of tick 0.01 on UND1; one of it is ten of the underlying. */
const contract = (id: number, symbol: string, change: Partial<DefineInstrument>, expiryNanos: bigint): DefineInstrument =>
  plainEquity(id, symbol, {
    underlyingId,
    instrumentKind: InstrumentKind.Future,
    unitsPerTickLot: 10_000_000n,
    derivative: {
      expiryNanos,
      strikeTicks: 0n,
      multiplier: 10n,
      initialMarginPpm: 100_000,
      maintenanceMarginPpm: 50_000,
      optionKind: OptionKind.None,
      exerciseStyle: ExerciseStyle.None,
    },
    ...change,
  });

/** Futures and options: what the API shows of them, and what their settlement pays. */
export const derivativeCases = (running: () => Running): void => {
  const entries = async (accountId: string, position: string): Promise<readonly CashEntry[]> => {
    const document =
      'query($a: ID!, $p: Position) { cashEntries(accountId: $a, atLeast: $p) { edges { node { reason amount instrument { symbol } } } } }';
    const page = await running().desk.client.field<{ edges: { node: CashEntry }[] }>('cashEntries', document, {
      a: accountId,
      p: position,
    });
    return page.edges.map(({ node }) => node).filter(({ reason }) => reason === 'SETTLEMENT');
  };

  describe('derivatives', () => {
    const expiresAt = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 600_000);
    it('show their terms, and a future pays its gain at its settlement', async () => {
      const { desk } = running();
      const expiryNanos = BigInt(expiresAt.getTime()) * 1_000_000n;
      const option = { strikeTicks: 10_000n, optionKind: OptionKind.Put, exerciseStyle: ExerciseStyle.European };
      const put = contract(97, 'PUT1', { instrumentKind: InstrumentKind.Option }, expiryNanos);
      const position = await desk.define([
        contract(96, 'FUT1', { tickBands: [{ fromPriceTicks: 10_000n, stepTicks: 5 }] }, expiryNanos),
        { ...put, ...(put.derivative === undefined ? {} : { derivative: { ...put.derivative, ...option } }) },
      ]);
      const fields = 'kind multiplier underlying expiresAt strikePrice optionKind exerciseStyle tickBands { fromPrice step }';
      const shown = await desk.client.ask(
        `query($p: Position) { future: instrument(symbol: "FUT1", atLeast: $p) { ${fields} } option: instrument(symbol: "PUT1", atLeast: $p) { ${fields} } }`,
        { p: position },
      );
      const common = { multiplier: '10', underlying: 'UND1', expiresAt: expiresAt.toISOString() };
      expect(shown.data).toEqual({
        future: {
          ...common,
          kind: 'FUTURE',
          strikePrice: null,
          optionKind: null,
          exerciseStyle: null,
          tickBands: [{ fromPrice: '100', step: '0.05' }],
        },
        option: { ...common, kind: 'OPTION', strikePrice: '100', optionKind: 'PUT', exerciseStyle: 'EUROPEAN', tickBands: [] },
      });
      expect((await desk.place('FUT1', { price: '100.01' }, taker)).refusal).toMatchObject({ code: 'PRICE_OFF_TICK_TABLE', number: 3022 });
      await desk.place('FUT1', { side: 'SELL', price: '100', quantity: '2' }, maker);
      const bought = await desk.place('FUT1', { price: '100', quantity: '2' }, taker);
      expect(bought).toMatchObject({ orderStatus: 'FILLED', refusal: null });
      const settled = await desk.operate('settleInstrument', { symbol: 'FUT1', settlementPrice: '105' });
      expect(settled.refusal).toBeNull();
      expect(await entries(taker, settled.position)).toMatchObject([{ amount: '100', instrument: { symbol: 'FUT1' } }]);
      expect(await entries(maker, settled.position)).toMatchObject([{ amount: '-100', instrument: { symbol: 'FUT1' } }]);
    });

    it('an option expires by the clock, and pays what it is in the money by', async () => {
      const { desk } = running();
      const expiryNanos = BigInt(Date.now() + expiryAfterMs) * 1_000_000n;
      const call = contract(95, 'CALL1', { instrumentKind: InstrumentKind.Option }, expiryNanos);
      if (call.derivative === undefined) throw new Error('an option has terms');
      const terms = { ...call.derivative, strikeTicks: 10_000n, optionKind: OptionKind.Call, exerciseStyle: ExerciseStyle.European };
      await desk.define([{ ...call, derivative: terms }]);
      // The gateway looks for symbols that it does not know ten times a second at most.
      const known = (): Promise<object | null> => desk.client.field('instrument', '{ instrument(symbol: "CALL1") { symbol } }');
      await waitUntil(async () => (await known()) !== null, { timeoutMs: 10_000, intervalMs: 50, what: 'the API to know CALL1' });
      await desk.place('CALL1', { side: 'SELL', price: '5', quantity: '1' }, maker);
      const bought = await desk.place('CALL1', { price: '5', quantity: '1' });
      expect(bought).toMatchObject({ orderStatus: 'FILLED', refusal: null });
      const open = await desk.place('CALL1', { price: '1', quantity: '1' });
      expect((await desk.operate('settleInstrument', { symbol: 'CALL1', settlementPrice: '110' })).refusal).not.toBeNull();
      const state = '{ instrument(symbol: "CALL1") { tradingState stateReason } }';
      await waitUntil(async () => (await desk.client.field<{ stateReason: string | null }>('instrument', state)).stateReason === 'EXPIRY', {
        timeoutMs: 30_000,
        intervalMs: 200,
        what: 'the expiry',
      });
      expect((await desk.place('CALL1', { price: '5' })).refusal).toMatchObject({ code: 'INSTRUMENT_EXPIRED', number: 3020 });
      const settled = await desk.operate('settleInstrument', { symbol: 'CALL1', settlementPrice: '110' });
      expect(settled.refusal).toBeNull();
      expect(await desk.order(open.orderId, settled.position)).toMatchObject({ orderStatus: 'CANCELED', reason: 'InstrumentExpired' });
      expect((await entries(owner, settled.position))[0]).toMatchObject({ amount: '100', instrument: { symbol: 'CALL1' } });
    }, 60_000);
  });
};
