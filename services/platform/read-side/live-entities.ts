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
      quantity: decimal('quantity'),
      price: nullable(decimal('price')),
      leavesQuantity: decimal('leaves_quantity'),
      cumQuantity: decimal('cum_quantity'),
      cumNotional: decimal('cum_notional'),
      orderStatus: text('order_status'),
      reason: nullable(text('reason')),
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
      lastCommand: whole('last_command'),
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
      executedAt: time('executed_at'),
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
    },
  },
  Instrument: {
    model: 'instruments',
    columns: {
      instrumentId: id('instrument_id'),
      symbol: text('symbol'),
      kind: text('kind'),
      currency: text('currency'),
      tickSize: decimal('tick_size'),
      lotSize: decimal('lot_size'),
      tradingState: text('trading_state'),
      referencePrice: nullable(decimal('reference_price')),
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
