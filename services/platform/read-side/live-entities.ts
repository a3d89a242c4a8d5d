/**
 * TypeORM over the live Postgres read models, for queries that are composed rather than written: one entity per table, mapped to the
 * physical table of one generation. Read only. Decimals are text, 64-bit numbers are text (TypeORM's mapping of bigint).
 */
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { tableOf, type LiveTables, type ReadModelName } from './live-tables.js';

type Columns = Readonly<Record<string, EntitySchemaColumnOptions>>;

const id = (name: string, type: 'bigint' | 'text' | 'uuid' = 'bigint'): EntitySchemaColumnOptions => ({ name, type, primary: true });
const whole = (name: string): EntitySchemaColumnOptions => ({ name, type: 'bigint' });
const text = (name: string): EntitySchemaColumnOptions => ({ name, type: 'text' });
const decimal = (name: string): EntitySchemaColumnOptions => ({ name, type: 'numeric', precision: 38, scale: 18 });
const count = (name: string, type: 'int' | 'smallint' = 'int'): EntitySchemaColumnOptions => ({ name, type });
const time = (name: string): EntitySchemaColumnOptions => ({ name, type: 'timestamptz' });
const nullable = (column: EntitySchemaColumnOptions): EntitySchemaColumnOptions => ({ ...column, nullable: true });

interface EntityShape {
  readonly model: ReadModelName;
  readonly columns: Columns;
}

const shapes = {
  Order: {
    model: 'orders',
    columns: {
      orderId: id('order_id'),
      accountId: whole('account_id'),
      clientOrderId: nullable(text('client_order_id')),
      instrumentId: whole('instrument_id'),
      symbol: text('symbol'),
      side: text('side'),
      orderType: text('order_type'),
      timeInForce: text('time_in_force'),
      instructions: count('instructions'),
      quantity: decimal('quantity'),
      price: nullable(decimal('price')),
      stopPrice: nullable(decimal('stop_price')),
      triggerSource: nullable(text('trigger_source')),
      triggeredCommand: nullable(whole('triggered_command')),
      triggeredRecord: nullable(count('triggered_record')),
      trailingOffset: nullable(decimal('trailing_offset')),
      trailingUnit: nullable(text('trailing_unit')),
      limitOffset: nullable(decimal('limit_offset')),
      pegKind: nullable(text('peg_kind')),
      pegOffset: nullable(decimal('peg_offset')),
      displayQuantity: nullable(decimal('display_quantity')),
      minimumQuantity: nullable(decimal('minimum_quantity')),
      expireTime: nullable(text('expire_time')),
      selfTradePrevention: text('self_trade_prevention'),
      listId: nullable(text('list_id')),
      contingency: nullable(text('contingency')),
      legRole: nullable(text('leg_role')),
      legIndex: nullable(count('leg_index')),
      legCount: nullable(count('leg_count')),
      leavesQuantity: decimal('leaves_quantity'),
      cumQuantity: decimal('cum_quantity'),
      cumNotional: decimal('cum_notional'),
      cumValue: decimal('cum_value'),
      orderStatus: text('order_status'),
      execType: text('exec_type'),
      reason: nullable(text('reason')),
      observed: nullable(whole('observed')),
      limitValue: nullable(whole('limit_value')),
      ruleVersion: nullable(whole('rule_version')),
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
      createdCommand: whole('created_command'),
      lastCommand: whole('last_command'),
      lastRecord: count('last_record'),
    },
  },
  Execution: {
    model: 'executions',
    columns: {
      executionId: id('execution_id', 'text'),
      tradeId: whole('trade_id'),
      orderId: whole('order_id'),
      accountId: whole('account_id'),
      instrumentId: whole('instrument_id'),
      symbol: text('symbol'),
      side: text('side'),
      lastQuantity: decimal('last_quantity'),
      lastPrice: decimal('last_price'),
      fee: decimal('fee'),
      maker: { name: 'maker', type: 'boolean' },
      tradeKind: text('trade_kind'),
      executedAt: time('executed_at'),
      commandNumber: whole('command_number'),
      recordIndex: count('record_index'),
    },
  },
  Position: {
    model: 'positions',
    columns: {
      id: id('id', 'uuid'),
      portfolioId: { name: 'portfolio_id', type: 'uuid' },
      accountId: whole('account_id'),
      instrumentId: whole('instrument_id'),
      symbol: text('symbol'),
      quantity: decimal('quantity'),
      reservedQuantity: decimal('reserved_quantity'),
      averageCost: decimal('average_cost'),
      cost: decimal('cost'),
      realizedPnl: decimal('realized_pnl'),
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
      lastCommand: whole('last_command'),
    },
  },
  Balance: {
    model: 'balances',
    columns: {
      accountId: id('account_id'),
      currency: id('currency', 'text'),
      total: decimal('total'),
      reserved: decimal('reserved'),
      updatedAt: time('updated_at'),
      lastCommand: whole('last_command'),
    },
  },
  Instrument: {
    model: 'instruments',
    columns: {
      instrumentId: id('instrument_id'),
      underlyingId: whole('underlying_id'),
      symbol: text('symbol'),
      kind: text('kind'),
      currency: text('currency'),
      tickSize: decimal('tick_size'),
      lotSize: decimal('lot_size'),
      maxQuantity: nullable(decimal('max_quantity')),
      minNotional: nullable(decimal('min_notional')),
      makerFeePpm: count('maker_fee_ppm'),
      takerFeePpm: count('taker_fee_ppm'),
      collarPpm: count('collar_ppm'),
      unitsPerTickLot: whole('units_per_tick_lot'),
      tickMantissa: whole('tick_mantissa'),
      tickExponent: count('tick_exponent', 'smallint'),
      lotMantissa: whole('lot_mantissa'),
      lotExponent: count('lot_exponent', 'smallint'),
      moneyExponent: count('money_exponent', 'smallint'),
      tradingState: text('trading_state'),
      multiplier: whole('multiplier'),
      expiresAt: nullable(text('expires_at')),
      strikePrice: nullable(decimal('strike_price')),
      optionKind: nullable(text('option_kind')),
      exerciseStyle: nullable(text('exercise_style')),
      tickBands: { name: 'tick_bands', type: 'jsonb' },
      stateReason: nullable(text('state_reason')),
      phase: nullable(text('phase')),
      indicativePrice: nullable(decimal('indicative_price')),
      indicativeQuantity: nullable(decimal('indicative_quantity')),
      imbalance: nullable(decimal('imbalance')),
      referencePrice: nullable(decimal('reference_price')),
      markPrice: nullable(decimal('mark_price')),
      lastCommand: whole('last_command'),
    },
  },
  Portfolio: {
    model: 'portfolios',
    columns: {
      id: id('id', 'uuid'),
      userId: nullable({ name: 'user_id', type: 'uuid' }),
      accountId: whole('account_id'),
      name: text('name'),
      description: nullable(text('description')),
      archived: { name: 'archived', type: 'boolean' },
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
    },
  },
} as const satisfies Readonly<Record<string, EntityShape>>;

export type LiveEntityName = keyof typeof shapes;

/** Read model of each entity and its columns as the database names them. */
export const liveEntityColumns: readonly { readonly model: ReadModelName; readonly columns: readonly EntitySchemaColumnOptions[] }[] =
  Object.values<EntityShape>(shapes).map(({ model, columns }) => ({ model, columns: Object.values(columns) }));

/** Entities of one generation; the caller initialises and destroys the data source, and uses it for that generation alone. */
export const liveDataSource = (url: string, live: LiveTables): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    applicationName: 'fulltape-read-entities',
    poolSize: 4,
    synchronize: false,
    entities: Object.entries<EntityShape>(shapes).map(([name, { model, columns }]) => {
      const [schema = '', tableName = ''] = tableOf(live, model).split('.');
      return new EntitySchema({ name, schema, tableName, columns: { ...columns } });
    }),
  });
