import { describe, expect, it } from 'vitest';
import { demoInstruments } from '#contracts/demo/demo-world.js';
import type { InstrumentListed } from '#contracts/events/instrument-events.js';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { TradingState } from '#contracts/tape/codes.generated.js';
import { stateAfter } from '#contracts/events/decider.js';
import { specificationOf } from '#platform/event-store/testing/decider-specification.js';
import { instrumentDecider, type ListInstrument } from './instrument-decider.js';
import { instrumentReactions } from './instrument-reactions.js';

const { given } = specificationOf(instrumentDecider);

const terms = {
  tickSize: '0.01',
  lotSize: '1',
  maxQuantity: '100000',
  minNotional: '5',
  makerFeePpm: -10,
  takerFeePpm: 300,
  collarPpm: 200_000,
};
const listing = {
  instrumentId: 7,
  symbol: 'NOVA',
  name: 'Nova',
  kind: 'Equity',
  sector: 'Technology',
  currency: 'USD',
  openingPrice: '182.40',
  ...terms,
} as const;
const list: ListInstrument = { type: 'ListInstrument', ...listing };
const listed: InstrumentListed = { type: 'InstrumentListed', ...listing };
const halted = { type: 'InstrumentHalted', instrumentId: 7, reason: 'news' } as const;
const resumed = { type: 'InstrumentResumed', instrumentId: 7, reason: 'over' } as const;

describe('listing an instrument', () => {
  it('lists', () => given().when(list).then(listed));
  it('is the same fact when repeated, in whatever order its fields come', () => {
    given(listed)
      .when({ ...listing, type: 'ListInstrument' })
      .thenNothing();
  });
  it('refuses another listing under the id', () =>
    given(listed)
      .when({ ...list, name: 'Other' })
      .thenRejected('INSTRUMENT_EXISTS'));

  const refusals: readonly [string, Partial<ListInstrument>, ErrorCode][] = [
    ['an id of 0', { instrumentId: 0 }, 'INVALID_ARGUMENT'],
    ['a fractional id', { instrumentId: 1.5 }, 'INVALID_ARGUMENT'],
    ['a symbol in lower case', { symbol: 'nova' }, 'UNKNOWN_INSTRUMENT'],
    ['no name', { name: ' ' }, 'INVALID_ARGUMENT'],
    ['an unknown currency', { currency: 'XXX' }, 'UNKNOWN_CURRENCY'],
    ['a tick that is no decimal', { tickSize: '1e-2' }, 'MALFORMED_DECIMAL'],
    ['a tick of 0', { tickSize: '0' }, 'INVALID_INSTRUMENT_TERMS'],
    ['a negative lot', { lotSize: '-1' }, 'INVALID_INSTRUMENT_TERMS'],
    ['a tick whose mantissa leaves 32 bits', { tickSize: '99999999999' }, 'INVALID_INSTRUMENT_TERMS'],
    ['fees that are no integer', { makerFeePpm: 0.5 }, 'INVALID_INSTRUMENT_TERMS'],
    ['fees beyond the whole', { takerFeePpm: 1_000_001 }, 'INVALID_INSTRUMENT_TERMS'],
    ['a negative collar', { collarPpm: -1 }, 'INVALID_INSTRUMENT_TERMS'],
    ['a tick times lot below a money unit', { tickSize: '0.00001', lotSize: '0.00001' }, 'INVALID_INSTRUMENT_TERMS'],
    ['a largest quantity off the lot', { maxQuantity: '10.5' }, 'QUANTITY_OFF_LOT'],
    ['a least notional below 0', { minNotional: '-5' }, 'INVALID_INSTRUMENT_TERMS'],
    ['a least notional off the unit', { minNotional: '0.000000001' }, 'AMOUNT_OFF_UNIT'],
    ['an opening price off the tick', { openingPrice: '182.405' }, 'PRICE_OFF_TICK'],
    ['an opening price of 0', { openingPrice: '0' }, 'PRICE_NOT_POSITIVE'],
  ];
  it.each(refusals)('refuses %s', (_name, change, code) =>
    given()
      .when({ ...list, ...change })
      .thenRejected(code),
  );
});

describe('changing terms', () => {
  const change = { type: 'ChangeInstrumentTerms', instrumentId: 7, ...terms } as const;
  it('changes', () => {
    given(listed)
      .when({ ...change, tickSize: '0.05' })
      .then({ type: 'InstrumentTermsChanged', instrumentId: 7, ...terms, tickSize: '0.05' });
  });
  it('says nothing when they are the same', () => given(listed).when(change).thenNothing());
  it('says nothing when the last change made them so', () => {
    given(listed, { type: 'InstrumentTermsChanged', instrumentId: 7, ...terms, tickSize: '0.05' })
      .when({ ...change, tickSize: '0.05' })
      .thenNothing();
  });
  it('refuses an unknown instrument', () => given().when(change).thenRejected('UNKNOWN_INSTRUMENT'));
  it('refuses terms that the engine could not hold', () =>
    given(listed)
      .when({ ...change, tickSize: '0' })
      .thenRejected('INVALID_INSTRUMENT_TERMS'));
});

describe('halting and resuming', () => {
  const halt = { type: 'HaltInstrument', instrumentId: 7, reason: 'news' } as const;
  const resume = { type: 'ResumeInstrument', instrumentId: 7, reason: 'over' } as const;
  it('halts', () => given(listed).when(halt).then(halted));
  it('resumes', () => given(listed, halted).when(resume).then(resumed));
  it('halts again after it resumed', () => given(listed, halted, resumed).when(halt).then(halted));
  it('says nothing when it is halted', () => given(listed, halted).when(halt).thenNothing());
  it('says nothing when it trades', () => given(listed).when(resume).thenNothing());
  it('refuses an unknown instrument', () => given().when(halt).thenRejected('UNKNOWN_INSTRUMENT'));
  it('refuses to halt for no reason', () =>
    given(listed)
      .when({ ...halt, reason: ' ' })
      .thenRejected('INVALID_ARGUMENT'));
});

describe('what the engine is told', () => {
  const state = stateAfter(instrumentDecider, [listed]);

  it('defines the instrument and gives it its opening price', () => {
    expect(instrumentReactions(listed, state, 5n)).toStrictEqual({
      ok: true,
      value: [
        {
          type: 'DefineInstrument',
          instrumentId: 7,
          underlyingId: 7,
          symbol: 'NOVA',
          instrumentKind: 1,
          currencyId: 840,
          unitsPerTickLot: 1_000_000n,
          tickMantissa: 1,
          tickExponent: 2,
          lotMantissa: 1,
          lotExponent: 0,
          moneyExponent: 8,
          maxQuantityLots: 100_000n,
          minNotionalUnits: 500_000_000n,
          makerFeePpm: -10,
          takerFeePpm: 300,
          collarPpm: 200_000,
          initialState: TradingState.Active,
        },
        { type: 'SetReferencePrice', instrumentId: 7, source: 5, purpose: 3, priceTicks: 18_240n, sourceTimeNanos: 5n },
      ],
    });
  });

  it('halts and resumes the instrument', () => {
    expect(instrumentReactions(halted, stateAfter(instrumentDecider, [listed, halted]), 5n)).toStrictEqual({
      ok: true,
      value: [{ type: 'SetTradingState', scope: 1, targetId: 7, state: TradingState.Halted, reason: 1 }],
    });
    expect(instrumentReactions(resumed, state, 5n)).toMatchObject({ ok: true, value: [{ state: TradingState.Active }] });
  });

  it('accepts every demo instrument', () => {
    for (const { id, ...instrument } of demoInstruments) {
      expect(
        instrumentDecider.decide({ type: 'ListInstrument', instrumentId: id, ...instrument }, instrumentDecider.initialState),
      ).toMatchObject({ ok: true });
    }
  });
});
