import { openStatuses } from '#platform/read-side/trading-queries.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { scaledLiteral } from '../../runner/sql-literals.js';
import { OrderChanges, type OrderChange, type Placing } from './order-changes.js';

const changeColumns = {
  order_id: 'int8',
  order_type: 'text',
  time_in_force: 'text',
  instructions: 'int4',
  quantity: 'numeric',
  price: 'numeric',
  tells_price: 'bool',
  has_terms: 'bool',
  stop_price: 'numeric',
  display_quantity: 'numeric',
  minimum_quantity: 'numeric',
  expire_time: 'text', // exact to the nanosecond, as the client sent it
  triggered_command: 'int8',
  triggered_record: 'int4',
  leaves_quantity: 'numeric',
  cum_quantity: 'numeric',
  added_notional: 'numeric',
  added_value: 'numeric',
  order_status: 'text',
  exec_type: 'text',
  reason: 'text',
  updated_at: 'timestamptz',
  last_command: 'int8',
  last_record: 'int4',
} as const;

const placedColumns = {
  ...changeColumns,
  account_id: 'int8',
  client_order_id: 'text',
  instrument_id: 'int8',
  symbol: 'text',
  side: 'text',
  trigger_source: 'text',
  trailing_offset: 'numeric',
  trailing_unit: 'text',
  limit_offset: 'numeric',
  peg_kind: 'text',
  peg_offset: 'numeric',
  self_trade_prevention: 'text',
  list_id: 'text',
  contingency: 'text',
  leg_role: 'text',
  leg_index: 'int4',
  leg_count: 'int4',
  observed: 'int8',
  limit_value: 'int8',
  rule_version: 'int8',
  created_at: 'timestamptz',
  created_command: 'int8',
} as const;

const changeRow = (orderId: bigint, change: OrderChange) => ({
  order_id: orderId,
  order_type: change.orderType,
  time_in_force: change.timeInForce,
  instructions: change.instructions,
  quantity: change.quantity,
  price: change.price,
  tells_price: change.tellsPrice,
  has_terms: change.terms !== null,
  stop_price: change.terms?.stopPrice ?? null,
  display_quantity: change.terms?.displayQuantity ?? null,
  minimum_quantity: change.terms?.minimumQuantity ?? null,
  expire_time: change.terms?.expireTime ?? null,
  triggered_command: change.triggered?.command ?? null,
  triggered_record: change.triggered?.record ?? null,
  leaves_quantity: change.leavesQuantity,
  cum_quantity: change.cumQuantity,
  added_notional: scaledLiteral(change.addedUnits, change.moneyExponent),
  added_value: scaledLiteral(
    change.addedTickLots * change.scale.tickMantissa * change.scale.lotMantissa,
    change.scale.tickExponent + change.scale.lotExponent,
  ),
  order_status: change.orderStatus,
  exec_type: change.execType,
  reason: change.reason,
  updated_at: change.updatedAt,
  last_command: change.lastCommand,
  last_record: change.lastRecord,
});

const placedRow = (placed: Placing, refused: OrderChange['refused']) => ({
  account_id: placed.accountId,
  client_order_id: placed.clientOrderId,
  instrument_id: placed.instrumentId,
  symbol: placed.symbol,
  side: placed.side,
  trigger_source: placed.triggerSource,
  trailing_offset: placed.trailingOffset,
  trailing_unit: placed.trailingUnit,
  limit_offset: placed.limitOffset,
  peg_kind: placed.pegKind,
  peg_offset: placed.pegOffset,
  self_trade_prevention: placed.selfTradePrevention,
  list_id: placed.listId,
  contingency: placed.contingency,
  leg_role: placed.legRole,
  leg_index: placed.legIndex,
  leg_count: placed.legCount,
  observed: refused?.observed ?? null,
  limit_value: refused?.limit ?? null,
  rule_version: refused?.ruleVersion ?? null,
  created_at: placed.createdAt,
  created_command: placed.createdCommand,
});

/** Columns that are only about the batch. */
const ofBatch = new Set(['tells_price', 'has_terms']);
/** Columns of a new row, under their names in the table and in the batch. */
const inserted = Object.keys(placedColumns).filter((name) => !ofBatch.has(name));
const insertedNames = inserted.map((name) => name.replace('added_', 'cum_')).join(', ');

/** A later state replaces what it names; what the batch does not name stays. */
const kept = ['order_type', 'time_in_force', 'instructions', 'quantity', 'triggered_command', 'triggered_record'];
const replaced = ['leaves_quantity', 'cum_quantity', 'order_status', 'exec_type', 'reason', 'updated_at', 'last_command', 'last_record'];
const together = ['stop_price', 'display_quantity', 'minimum_quantity', 'expire_time'];
const assignments = [
  ...kept.map((name) => `${name} = coalesce(i.${name}, o.${name})`),
  ...together.map((name) => `${name} = CASE WHEN i.has_terms THEN i.${name} ELSE o.${name} END`),
  ...replaced.map((name) => `${name} = i.${name}`),
  'price = CASE WHEN i.tells_price THEN i.price ELSE o.price END',
  // The checkpoint moves in the same transaction, so adding to the sums cannot happen twice.
  'cum_notional = o.cum_notional + i.added_notional',
  'cum_value = o.cum_value + i.added_value',
].join(', ');

const statementsOf = (changes: OrderChanges, physical: string): Statement[] => {
  const placed = new ArrayColumns(placedColumns);
  const changed = new ArrayColumns(changeColumns);
  for (const [orderId, change] of changes.byId) {
    const row = changeRow(orderId, change);
    if (change.placed === null) changed.add(row);
    else placed.add({ ...row, ...placedRow(change.placed, change.refused) });
  }
  const statements: Statement[] = [];
  if (placed.size > 0) {
    statements.push({
      text: `INSERT INTO ${physical} (${insertedNames}) SELECT ${inserted.join(', ')} FROM ${placed.source}`,
      values: placed.values,
    });
  }
  if (changed.size > 0) {
    statements.push({
      text: `UPDATE ${physical} AS o SET ${assignments} FROM ${changed.source} WHERE o.order_id = i.order_id`,
      values: changed.values,
    });
  }
  return statements;
};

/** Every order that was ever sent, refused ones included, in its current state. */
export const orders: PostgresTapeModel = {
  name: 'orders',
  version: 5,
  store: 'postgres',
  source: 'tape',
  reads: ['orderState', 'trade', 'refusal'],
  tables: [
    {
      name: 'orders',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           order_id bigint PRIMARY KEY,
           account_id bigint NOT NULL,
           client_order_id text,
           instrument_id bigint NOT NULL,
           symbol varchar(32) NOT NULL,
           side text NOT NULL,
           order_type text NOT NULL,
           time_in_force text NOT NULL,
           instructions int NOT NULL,
           quantity numeric(38,18) NOT NULL,
           price numeric(38,18),
           stop_price numeric(38,18),
           trigger_source text,
           triggered_command bigint,
           triggered_record int,
           trailing_offset numeric(38,18),
           trailing_unit text,
           limit_offset numeric(38,18),
           peg_kind text,
           peg_offset numeric(38,18),
           display_quantity numeric(38,18),
           minimum_quantity numeric(38,18),
           expire_time text,
           self_trade_prevention text NOT NULL,
           list_id text,
           contingency text,
           leg_role text,
           leg_index int,
           leg_count int,
           leaves_quantity numeric(38,18) NOT NULL,
           cum_quantity numeric(38,18) NOT NULL,
           cum_notional numeric(38,18) NOT NULL,
           cum_value numeric(38,18) NOT NULL,
           order_status text NOT NULL,
           exec_type text NOT NULL,
           reason text,
           observed bigint,
           limit_value bigint,
           rule_version bigint,
           created_at timestamptz NOT NULL,
           updated_at timestamptz NOT NULL,
           created_command bigint NOT NULL,
           last_command bigint NOT NULL,
           last_record int NOT NULL
         ) WITH (fillfactor = 80)`,
        `CREATE INDEX ON ${physical} (account_id, order_id DESC)`,
        `CREATE INDEX ON ${physical} (account_id, client_order_id) WHERE client_order_id IS NOT NULL`,
        `CREATE INDEX ON ${physical} (account_id, list_id) WHERE list_id IS NOT NULL`,
        `CREATE INDEX ON ${physical} (account_id, order_id DESC) WHERE order_status IN (${openStatuses.map((status) => `'${status}'`).join(', ')})`,
      ],
    },
  ],
  apply: (batch, table) => {
    const changes = new OrderChanges();
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type === 'orderState') changes.state(effect, record);
      else if (record.type === 'refusal') changes.refusal(effect, record);
      else if (record.type === 'trade') {
        const detail = effect.extensions.find((extension) => extension.type === 'tradeDetail');
        if (detail?.type !== 'tradeDetail') continue;
        const { notionalUnits } = detail;
        const tickLots = record.priceTicks * record.quantityLots;
        const worth = { notionalUnits, tickLots };
        changes.fill(effect, record.makerOrderId, { leavesLots: detail.makerLeavesLots, cumLots: detail.makerCumLots, ...worth });
        changes.fill(effect, record.takerOrderId, { leavesLots: detail.takerLeavesLots, cumLots: detail.takerCumLots, ...worth });
      }
    }
    return statementsOf(changes, table('orders'));
  },
};
