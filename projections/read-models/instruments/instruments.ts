import { currencyCodeOf } from '#contracts/money/currencies.js';
import { formatMoney, formatPrice, formatQuantity, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import {
  ExerciseStyleName,
  InstrumentKindName,
  OptionKindName,
  StateReasonName,
  TradingPhaseName,
  TradingStateName,
} from '#contracts/tape/codes.generated.js';
import type { CommandRecord } from '#contracts/tape/layout.generated.js';
import { extensionOf } from '#contracts/tape/walk.js';
import { nameOf } from '../../runner/code-names.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { nanosToIso } from '#contracts/time/clock.js';
import { termsOfEffect, type TapeBatch, type TapeEffect } from '../../runner/tape-batch.js';

const definitionColumns = {
  instrument_id: 'int8',
  underlying_id: 'int8',
  symbol: 'text',
  kind: 'text',
  currency: 'text',
  tick_size: 'numeric',
  lot_size: 'numeric',
  max_quantity: 'numeric',
  min_notional: 'numeric',
  maker_fee_ppm: 'int4',
  taker_fee_ppm: 'int4',
  collar_ppm: 'int4',
  units_per_tick_lot: 'int8',
  tick_mantissa: 'int8',
  tick_exponent: 'int2',
  lot_mantissa: 'int8',
  lot_exponent: 'int2',
  money_exponent: 'int2',
  trading_state: 'text',
  multiplier: 'int8',
  expires_at: 'text',
  strike_price: 'numeric',
  option_kind: 'text',
  exercise_style: 'text',
  tick_bands: 'jsonb',
  last_command: 'int8',
} as const;

/** Steps by price, ascending, as JSON; a step of 0 is an empty place of a record. */
const bandsOf = (extensions: readonly CommandRecord[], scale: InstrumentScale): string =>
  JSON.stringify(
    extensions
      .flatMap((entry) =>
        entry.type === 'tickBand'
          ? [
              { from: entry.fromPriceTicks0, step: entry.stepTicks0 },
              { from: entry.fromPriceTicks1, step: entry.stepTicks1 },
            ]
          : [],
      )
      .filter(({ step }) => step !== 0)
      .map(({ from, step }) => ({ fromPrice: formatPrice(from, scale), step: formatPrice(BigInt(step), scale) })),
  );

const valueOf = (names: Readonly<Record<number, string>>, value: number): string | null => (value === 0 ? null : (names[value] ?? null));

const define = (effect: TapeEffect, registry: TapeBatch['registry'], physical: string): Statement[] => {
  const { record } = effect.command;
  // A definition's report names no instrument; its terms are those that it just put in force.
  const terms = effect.definition;
  if (record?.type !== 'defineInstrument' || terms === undefined) return [];
  const { scale } = terms;
  const { extensions } = effect.command;
  // A strike is in ticks of what the option is written on.
  const derivative = extensionOf(extensions, 'derivativeTerms');
  const rows = new ArrayColumns(definitionColumns);
  rows.add({
    instrument_id: record.instrumentId,
    underlying_id: record.underlyingId,
    symbol: terms.symbol,
    kind: nameOf(InstrumentKindName, record.instrumentKind),
    currency: currencyCodeOf(record.currencyId),
    tick_size: formatPrice(1n, scale),
    lot_size: formatQuantity(1n, scale),
    max_quantity: record.maxQuantityLots === 0n ? null : formatQuantity(record.maxQuantityLots, scale),
    min_notional: record.minNotionalUnits === 0n ? null : formatMoney(record.minNotionalUnits, scale.moneyExponent),
    maker_fee_ppm: record.makerFeePpm,
    taker_fee_ppm: record.takerFeePpm,
    collar_ppm: record.collarPpm,
    units_per_tick_lot: record.unitsPerTickLot,
    tick_mantissa: scale.tickMantissa,
    tick_exponent: scale.tickExponent,
    lot_mantissa: scale.lotMantissa,
    lot_exponent: scale.lotExponent,
    money_exponent: scale.moneyExponent,
    trading_state: nameOf(TradingStateName, record.initialState),
    multiplier: derivative === undefined || derivative.multiplier === 0n ? 1n : derivative.multiplier,
    expires_at: derivative === undefined || derivative.expiryNanos === 0n ? null : nanosToIso(derivative.expiryNanos),
    strike_price:
      derivative === undefined || derivative.strikeTicks === 0n
        ? null
        : formatPrice(derivative.strikeTicks, registry.get(record.underlyingId)?.scale ?? scale),
    option_kind: valueOf(OptionKindName, derivative?.optionKind ?? 0),
    exercise_style: valueOf(ExerciseStyleName, derivative?.exerciseStyle ?? 0),
    tick_bands: bandsOf(extensions, scale),
    last_command: effect.command.commandNumber,
  });
  return [rows.put(physical, ['instrument_id'])];
};

const stateStatement = (states: ReadonlyMap<number, TapeEffect>, physical: string): Statement[] => {
  if (states.size === 0) return [];
  const rows = new ArrayColumns({
    instrument_id: 'int8',
    trading_state: 'text',
    state_reason: 'text',
    phase: 'text',
    indicative_price: 'numeric',
    indicative_quantity: 'numeric',
    imbalance: 'numeric',
    reference_price: 'numeric',
    mark_price: 'numeric',
    last_command: 'int8',
  });
  for (const effect of states.values()) {
    const { record } = effect;
    if (record.type !== 'instrumentState') continue;
    const { scale } = termsOfEffect(effect);
    rows.add({
      instrument_id: record.instrumentId,
      trading_state: nameOf(TradingStateName, record.state),
      state_reason: StateReasonName[record.reason] ?? null,
      phase: TradingPhaseName[record.phase] ?? null,
      indicative_price: record.indicativePriceTicks === 0n ? null : formatPrice(record.indicativePriceTicks, scale),
      indicative_quantity: record.indicativePriceTicks === 0n ? null : formatQuantity(record.indicativeQuantityLots, scale),
      imbalance: record.indicativePriceTicks === 0n ? null : formatQuantity(record.imbalanceLots, scale),
      reference_price: record.referencePriceTicks === 0n ? null : formatPrice(record.referencePriceTicks, scale),
      mark_price: record.markPriceTicks === 0n ? null : formatPrice(record.markPriceTicks, scale),
      last_command: effect.command.commandNumber,
    });
  }
  return [
    {
      text: `UPDATE ${physical} AS t SET trading_state = i.trading_state, state_reason = i.state_reason, phase = i.phase,
               indicative_price = i.indicative_price, indicative_quantity = i.indicative_quantity, imbalance = i.imbalance, reference_price = i.reference_price,
               mark_price = i.mark_price, last_command = i.last_command FROM ${rows.source} WHERE t.instrument_id = i.instrument_id`,
      values: rows.values,
    },
  ];
};

/** Terms and trading state of every instrument, as the engine has them. Names and sectors are in `listings`. */
export const instruments: PostgresTapeModel = {
  name: 'instruments',
  version: 2,
  store: 'postgres',
  source: 'tape',
  reads: ['done', 'instrumentState'],
  tables: [
    {
      name: 'instruments',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           instrument_id bigint PRIMARY KEY,
           underlying_id bigint NOT NULL,
           symbol varchar(32) NOT NULL,
           kind text NOT NULL,
           currency text NOT NULL,
           tick_size numeric(38,18) NOT NULL,
           lot_size numeric(38,18) NOT NULL,
           max_quantity numeric(38,18),
           min_notional numeric(38,18),
           maker_fee_ppm int NOT NULL,
           taker_fee_ppm int NOT NULL,
           collar_ppm int NOT NULL,
           units_per_tick_lot bigint NOT NULL,
           tick_mantissa bigint NOT NULL,
           tick_exponent smallint NOT NULL,
           lot_mantissa bigint NOT NULL,
           lot_exponent smallint NOT NULL,
           money_exponent smallint NOT NULL,
           trading_state text NOT NULL,
           multiplier bigint NOT NULL,
           expires_at text,
           strike_price numeric(38,18),
           option_kind text,
           exercise_style text,
           tick_bands jsonb NOT NULL,
           state_reason text,
           phase text,
           indicative_price numeric(38,18),
           indicative_quantity numeric(38,18),
           imbalance numeric(38,18),
           reference_price numeric(38,18),
           mark_price numeric(38,18),
           last_command bigint NOT NULL
         )`,
        `CREATE INDEX ON ${physical} (symbol)`,
      ],
    },
  ],
  apply: (batch, table) => {
    const physical = table('instruments');
    const statements: Statement[] = [];
    let states = new Map<number, TapeEffect>();
    for (const effect of batch.effects) {
      if (effect.record.type === 'instrumentState') states.set(effect.record.instrumentId, effect);
      const definition = define(effect, batch.registry, physical);
      if (definition.length === 0) continue;
      // A definition replaces the terms that earlier states were told in.
      statements.push(...stateStatement(states, physical), ...definition);
      states = new Map();
    }
    return [...statements, ...stateStatement(states, physical)];
  },
};
