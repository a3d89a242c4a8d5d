import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { InstrumentEvent } from '#contracts/events/instrument-events.js';
import { parseInstrumentId } from '#contracts/ids/ids.js';
import { parseCurrency } from '#contracts/money/currencies.js';
import { parsePriceTicks } from '#contracts/money/instrument-scale.js';
import { assertNever, ok, type Result } from '#contracts/result/result.js';
import { InstrumentKind, PricePurpose, PriceSource, StateReason, StateScope, TradingState } from '#contracts/tape/codes.generated.js';
import { engineTermsOf } from './engine-terms.js';
import type { InstrumentState } from './instrument-decider.js';

const define = (state: Exclude<InstrumentState, { status: 'Unlisted' }>): Result<EngineCommand> => {
  const { listing } = state;
  const instrumentId = parseInstrumentId(listing.instrumentId);
  if (!instrumentId.ok) return instrumentId;
  const currencyId = parseCurrency(listing.currency);
  if (!currencyId.ok) return currencyId;
  const terms = engineTermsOf(listing);
  if (!terms.ok) return terms;
  const { scale } = terms.value;
  return ok({
    type: 'DefineInstrument',
    instrumentId: instrumentId.value,
    underlyingId: instrumentId.value,
    symbol: listing.symbol,
    instrumentKind: InstrumentKind[listing.kind],
    currencyId: currencyId.value,
    unitsPerTickLot: terms.value.unitsPerTickLot,
    tickMantissa: Number(scale.tickMantissa),
    tickExponent: scale.tickExponent,
    lotMantissa: Number(scale.lotMantissa),
    lotExponent: scale.lotExponent,
    moneyExponent: scale.moneyExponent,
    maxQuantityLots: terms.value.maxQuantityLots,
    minNotionalUnits: terms.value.minNotionalUnits,
    makerFeePpm: listing.makerFeePpm,
    takerFeePpm: listing.takerFeePpm,
    collarPpm: listing.collarPpm,
    initialState: state.status === 'Halted' ? TradingState.Halted : TradingState.Active,
  });
};

const openingPrice = (state: Exclude<InstrumentState, { status: 'Unlisted' }>, atNanos: bigint): Result<EngineCommand> => {
  const instrumentId = parseInstrumentId(state.listing.instrumentId);
  if (!instrumentId.ok) return instrumentId;
  const terms = engineTermsOf(state.listing);
  if (!terms.ok) return terms;
  const priceTicks = parsePriceTicks(state.listing.openingPrice, terms.value.scale);
  if (!priceTicks.ok) return priceTicks;
  return ok({
    type: 'SetReferencePrice',
    instrumentId: instrumentId.value,
    source: PriceSource.Definition,
    purpose: PricePurpose.Both,
    priceTicks: priceTicks.value,
    sourceTimeNanos: atNanos,
  });
};

/** Commands that bring the engine in line with an event of an instrument; `state` is the instrument's state after the event. */
export const instrumentReactions = (event: InstrumentEvent, state: InstrumentState, atNanos: bigint): Result<readonly EngineCommand[]> => {
  if (state.status === 'Unlisted') return ok([]);
  switch (event.type) {
    case 'InstrumentListed': {
      const definition = define(state);
      if (!definition.ok) return definition;
      const price = openingPrice(state, atNanos);
      return price.ok ? ok([definition.value, price.value]) : price;
    }
    case 'InstrumentTermsChanged': {
      const definition = define(state);
      return definition.ok ? ok([definition.value]) : definition;
    }
    case 'InstrumentHalted':
    case 'InstrumentResumed':
      return ok([
        {
          type: 'SetTradingState',
          scope: StateScope.Instrument,
          targetId: event.instrumentId,
          state: event.type === 'InstrumentHalted' ? TradingState.Halted : TradingState.Active,
          reason: StateReason.Operator,
        },
      ]);
    default:
      return assertNever(event);
  }
};
