import type { DefineInstrument } from '../engine-commands.js';
import { parseInstrumentId } from '../../ids/ids.js';
import { currencyIdOf } from '../../money/currencies.js';
import { unwrap } from '../../result/result.js';
import { InstrumentKind, TradingState } from '../../tape/codes.generated.js';

/** An active equity of tick 0.01 and lot 1 in USD, without fees and limits; `change` says what is different. */
export const plainEquity = (
  instrumentId: number,
  symbol: string,
  change: Partial<Omit<DefineInstrument, 'type' | 'instrumentId' | 'symbol'>> = {},
): DefineInstrument => ({
  type: 'DefineInstrument',
  instrumentId: unwrap(parseInstrumentId(instrumentId)),
  underlyingId: 0,
  symbol,
  instrumentKind: InstrumentKind.Equity,
  currencyId: currencyIdOf('USD'),
  unitsPerTickLot: 1_000_000n,
  tickMantissa: 1,
  tickExponent: 2,
  lotMantissa: 1,
  lotExponent: 0,
  moneyExponent: 8,
  maxQuantityLots: 0n,
  minNotionalUnits: 0n,
  makerFeePpm: 0,
  takerFeePpm: 0,
  collarPpm: 0,
  initialState: TradingState.Active,
  ...change,
});
