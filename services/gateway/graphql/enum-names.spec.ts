import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType } from 'graphql';
import { expect, it } from 'vitest';
import {
  instrumentKindNames,
  orderStatusNames,
  orderTypeNames,
  sideNames,
  timeframeNames,
  timeInForceNames,
  tradingStateNames,
} from './enum-names.js';

const schema = buildSchema(readFileSync('schemas/schema.graphql', 'utf8'));

it.each<[string, readonly string[]]>([
  ['Side', Object.values(sideNames)],
  ['OrderType', Object.values(orderTypeNames)],
  ['TimeInForce', Object.values(timeInForceNames)],
  ['OrderStatus', Object.values(orderStatusNames)],
  ['InstrumentKind', Object.values(instrumentKindNames)],
  ['TradingState', Object.values(tradingStateNames)],
  ['Timeframe', Object.keys(timeframeNames)],
])('%s of the schema and of the tape have the same members', (name, members) => {
  const type = schema.getType(name);
  const values = isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  expect([...members].sort()).toEqual([...values].sort());
});
