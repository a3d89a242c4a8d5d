import {
  LimitScope,
  LimitScopeName,
  Restriction,
  RestrictionName,
  StateScopeName,
  TradingPhaseName,
  TradingStateName,
  TripRuleName,
} from '#contracts/tape/codes.generated.js';
import type { CommandRecord } from '#contracts/tape/layout.generated.js';
import { extensionOf } from '#contracts/tape/walk.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import { nameOf } from '../../runner/code-names.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { timeLiteral } from '../../runner/sql-literals.js';
import type { TapeEffect } from '../../runner/tape-batch.js';

type RecordOf<Type extends CommandRecord['type']> = Extract<CommandRecord, { type: Type }>;
/** 0 on the tape is no bound. */
const bound = (value: bigint | number): bigint | number | null => (value === 0n || value === 0 ? null : value);

/** When a rule was set, and by which command. */
const momentColumns = { set_at: 'timestamptz', last_command: 'int8' } as const;
const moment = ({ timeNanos, command }: TapeEffect) => ({ set_at: timeLiteral(timeNanos), last_command: command.commandNumber });

const remove = (physical: string, key: Readonly<Record<string, string | number>>): Statement => ({
  text: `DELETE FROM ${physical} WHERE ${Object.keys(key)
    .map((name, index) => `${name} = $${index + 1}`)
    .join(' AND ')}`,
  values: Object.values(key),
});

const limitColumns = {
  scope: 'text',
  target_id: 'int8',
  instrument_id: 'int8',
  version: 'int8',
  max_order_quantity_lots: 'int8',
  max_order_notional_units: 'int8',
  max_position_lots: 'int8',
  max_gross_units: 'int8',
  max_net_units: 'int8',
  max_daily_loss_units: 'int8',
  max_open_orders: 'int8',
  orders_per_second: 'int8',
  burst_orders: 'int8',
  collar_ppm: 'int8',
  fat_finger_ppm: 'int8',
  max_price_age_ms: 'int8',
  ...momentColumns,
} as const;

const limits = (effect: TapeEffect, record: RecordOf<'setRiskLimits'>, physical: string): Statement => {
  const amounts = extensionOf(effect.command.extensions, 'riskLimits');
  const rates = extensionOf(effect.command.extensions, 'riskRates');
  const key = {
    scope: nameOf(LimitScopeName, record.scope),
    target_id: record.targetId,
    // Limits of an instrument are about it, whether the command says so twice or not.
    instrument_id: record.scope === LimitScope.Instrument ? record.targetId : record.instrumentId,
  };
  const bounds = {
    max_order_quantity_lots: bound(amounts?.maxOrderQuantityLots ?? 0),
    max_order_notional_units: bound(amounts?.maxOrderNotionalUnits ?? 0),
    max_position_lots: bound(amounts?.maxPositionLots ?? 0),
    max_gross_units: bound(amounts?.maxGrossUnits ?? 0),
    max_net_units: bound(amounts?.maxNetUnits ?? 0),
    max_daily_loss_units: bound(amounts?.maxDailyLossUnits ?? 0),
    max_open_orders: bound(rates?.maxOpenOrders ?? 0),
    orders_per_second: bound(rates?.ordersPerSecond ?? 0),
    burst_orders: bound(rates?.burstOrders ?? 0),
    collar_ppm: bound(rates?.collarPpm ?? 0),
    fat_finger_ppm: bound(rates?.fatFingerPpm ?? 0),
    max_price_age_ms: bound(rates?.maxPriceAgeMs ?? 0),
  };
  if (Object.values(bounds).every((value) => value === null)) return remove(physical, key);
  const rows = new ArrayColumns(limitColumns);
  rows.add({ ...key, version: record.version, ...bounds, ...moment(effect) });
  return rows.put(physical, ['scope', 'target_id', 'instrument_id']);
};

const restriction = (effect: TapeEffect, record: RecordOf<'setRestriction'>, physical: string): Statement => {
  const key = { account_id: record.accountId, instrument_id: record.instrumentId };
  if (record.restriction === Restriction.None) return remove(physical, key);
  const rows = new ArrayColumns({ account_id: 'int8', instrument_id: 'int8', restriction: 'text', version: 'int8', ...momentColumns });
  rows.add({ ...key, restriction: nameOf(RestrictionName, record.restriction), version: record.version, ...moment(effect) });
  return rows.put(physical, ['account_id', 'instrument_id']);
};

/** The version of the list goes up with every change, also with those that take entries away. */
const listVersion = (record: RecordOf<'setRestriction'>, physical: string): Statement => ({
  text: `INSERT INTO ${physical} AS l (singleton, version) VALUES (true, $1)
         ON CONFLICT (singleton) DO UPDATE SET version = greatest(l.version, EXCLUDED.version)`,
  values: [record.version],
});

const tripColumns = {
  scope: 'text',
  target_id: 'int8',
  rule: 'text',
  threshold: 'int8',
  window_nanos: 'int8',
  resulting_state: 'text',
  resulting_phase: 'text',
  phase_nanos: 'int8',
  ...momentColumns,
} as const;

const tripRule = (effect: TapeEffect, record: RecordOf<'setTripRule'>, physical: string): Statement => {
  const key = {
    scope: nameOf(StateScopeName, record.scope),
    target_id: record.targetId,
    rule: nameOf(TripRuleName, record.rule),
  };
  if (record.threshold === 0n) return remove(physical, key);
  const rows = new ArrayColumns(tripColumns);
  rows.add({
    ...key,
    threshold: record.threshold,
    window_nanos: record.windowNanos,
    resulting_state: record.resultingState === 0 ? null : nameOf(TradingStateName, record.resultingState),
    resulting_phase: record.resultingPhase === 0 ? null : nameOf(TradingPhaseName, record.resultingPhase),
    phase_nanos: bound(record.phaseNanos),
    ...moment(effect),
  });
  return rows.put(physical, ['scope', 'target_id', 'rule']);
};

/** Limits, restricted list and circuit breakers that are in force. Amounts are engine integers: lots, units of 10^-8, parts per million. */
export const riskRules: PostgresTapeModel = {
  name: 'risk-rules',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['done'],
  tables: [
    {
      name: 'risk_limits',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           scope text NOT NULL,
           target_id bigint NOT NULL,
           instrument_id bigint NOT NULL,
           version bigint NOT NULL,
           max_order_quantity_lots bigint,
           max_order_notional_units bigint,
           max_position_lots bigint,
           max_gross_units bigint,
           max_net_units bigint,
           max_daily_loss_units bigint,
           max_open_orders bigint,
           orders_per_second bigint,
           burst_orders bigint,
           collar_ppm bigint,
           fat_finger_ppm bigint,
           max_price_age_ms bigint,
           set_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (scope, target_id, instrument_id)
         )`,
      ],
    },
    {
      name: 'restrictions',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           account_id bigint NOT NULL,
           instrument_id bigint NOT NULL,
           restriction text NOT NULL,
           version bigint NOT NULL,
           set_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (account_id, instrument_id)
         )`,
      ],
    },
    {
      name: 'restricted_list',
      create: (physical) => [`CREATE TABLE ${physical} (singleton boolean PRIMARY KEY, version bigint NOT NULL)`],
    },
    {
      name: 'trip_rules',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           scope text NOT NULL,
           target_id bigint NOT NULL,
           rule text NOT NULL,
           threshold bigint NOT NULL,
           window_nanos bigint NOT NULL,
           resulting_state text,
           resulting_phase text,
           phase_nanos bigint,
           set_at timestamptz NOT NULL,
           last_command bigint NOT NULL,
           PRIMARY KEY (scope, target_id, rule)
         )`,
      ],
    },
  ],
  // Rules are set by people: a statement each, in order.
  apply: (batch, table) =>
    batch.effects.flatMap((effect): Statement[] => {
      const { record } = effect.command;
      if (effect.record.type !== 'done' || !effect.outcome) return [];
      switch (record?.type) {
        case 'setRiskLimits':
          return [limits(effect, record, table('risk_limits'))];
        case 'setRestriction':
          return [restriction(effect, record, table('restrictions')), listVersion(record, table('restricted_list'))];
        case 'setTripRule':
          return [tripRule(effect, record, table('trip_rules'))];
        default:
          return [];
      }
    }),
};
