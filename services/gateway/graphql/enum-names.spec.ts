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
  execTypeNames,
  triggerSourceNames,
  pegKindNames,
  offsetUnitNames,
  instructionNames,
  selfTradePreventionNames,
  contingencyNames,
  legRoleNames,
  tradeKindNames,
  tradingPhaseNames,
  stateScopeNames,
  stateReasonNames,
  limitScopeNames,
  restrictionNames,
  tripRuleNames,
  pricePurposeNames,
  optionKindNames,
  exerciseStyleNames,
} from './enum-names.js';

const schema = buildSchema(readFileSync('schemas/schema.graphql', 'utf8'));

it.each<[string, readonly string[]]>([
  ['Side', Object.values(sideNames)],
  ['OrderType', Object.values(orderTypeNames)],
  ['TimeInForce', Object.values(timeInForceNames)],
  ['OrderStatus', Object.values(orderStatusNames)],
  ['InstrumentKind', Object.values(instrumentKindNames)],
  ['TradingState', Object.values(tradingStateNames)],
  ['ExecType', Object.values(execTypeNames)],
  ['TriggerSource', Object.values(triggerSourceNames)],
  ['PegKind', Object.values(pegKindNames)],
  ['OffsetUnit', Object.values(offsetUnitNames)],
  ['OrderInstruction', Object.values(instructionNames)],
  ['SelfTradePrevention', Object.values(selfTradePreventionNames)],
  ['Contingency', Object.values(contingencyNames)],
  ['LegRole', Object.values(legRoleNames)],
  ['TradeKind', Object.values(tradeKindNames)],
  ['TradingPhase', Object.values(tradingPhaseNames)],
  ['StateScope', Object.values(stateScopeNames)],
  ['StateReason', Object.values(stateReasonNames)],
  ['LimitScope', Object.values(limitScopeNames)],
  ['Restriction', Object.values(restrictionNames)],
  ['TripRule', Object.values(tripRuleNames)],
  ['PricePurpose', Object.values(pricePurposeNames)],
  ['OptionKind', Object.values(optionKindNames)],
  ['ExerciseStyle', Object.values(exerciseStyleNames)],
  ['Timeframe', Object.keys(timeframeNames)],
])('%s of the schema and of the tape have the same members', (name, members) => {
  const type = schema.getType(name);
  const values = isEnumType(type) ? type.getValues().map((value) => value.name) : [];
  expect([...members].sort()).toEqual([...values].sort());
});
