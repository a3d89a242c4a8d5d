/** Operators' commands as records of the wire. */
import type { CommandRecord } from '../tape/layout.generated.js';
import type { EngineCommand } from './engine-commands.js';
import type { OperatorCommand, PlannedPhase, RiskBounds } from './operator-commands.js';

const emptyHead = { extensionCount: 0, flags: 0, sessionId: 0, timeNanos: 0n } as const;
const phasesPerRecord = 3;

const operatorTypes: ReadonlySet<EngineCommand['type']> = new Set<OperatorCommand['type']>([
  'SetRiskLimits',
  'SetRestriction',
  'SetSession',
  'SettleInstrument',
  'KeepAlive',
  'TransferAllotment',
  'SetTripRule',
]);

export const isOperatorCommand = (command: EngineCommand): command is OperatorCommand => operatorTypes.has(command.type);

const limitRecord = (bounds: RiskBounds): CommandRecord => ({
  ...emptyHead,
  type: 'riskLimits',
  maxOrderQuantityLots: bounds.maxOrderQuantityLots ?? 0n,
  maxOrderNotionalUnits: bounds.maxOrderNotionalUnits ?? 0n,
  maxPositionLots: bounds.maxPositionLots ?? 0n,
  maxGrossUnits: bounds.maxGrossUnits ?? 0n,
  maxNetUnits: bounds.maxNetUnits ?? 0n,
  maxDailyLossUnits: bounds.maxDailyLossUnits ?? 0n,
});

const rateRecord = (bounds: RiskBounds): CommandRecord => ({
  ...emptyHead,
  type: 'riskRates',
  maxOpenOrders: bounds.maxOpenOrders ?? 0,
  ordersPerSecond: bounds.ordersPerSecond ?? 0,
  burstOrders: bounds.burstOrders ?? 0,
  collarPpm: bounds.collarPpm ?? 0,
  fatFingerPpm: bounds.fatFingerPpm ?? 0,
  maxPriceAgeMs: bounds.maxPriceAgeMs ?? 0,
});

const planRecords = (plan: readonly PlannedPhase[]): CommandRecord[] => {
  const records: CommandRecord[] = [];
  for (let at = 0; at < plan.length; at += phasesPerRecord) {
    const [first, second, third] = plan.slice(at, at + phasesPerRecord);
    records.push({
      ...emptyHead,
      type: 'sessionPlan',
      atNanos0: first?.atNanos ?? 0n,
      atNanos1: second?.atNanos ?? 0n,
      atNanos2: third?.atNanos ?? 0n,
      phase0: first?.phase ?? 0,
      phase1: second?.phase ?? 0,
      phase2: third?.phase ?? 0,
    });
  }
  return records;
};

/** The primary record; extensions are appended to `extensions`. */
export const operatorRecordOf = (command: OperatorCommand, extensions: CommandRecord[]): CommandRecord => {
  switch (command.type) {
    case 'SetRiskLimits':
      extensions.push(limitRecord(command.bounds), rateRecord(command.bounds));
      return {
        ...emptyHead,
        type: 'setRiskLimits',
        scope: command.scope,
        targetId: command.targetId,
        instrumentId: command.instrumentId,
        version: command.version,
      };
    case 'SetRestriction':
      return {
        ...emptyHead,
        type: 'setRestriction',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        restriction: command.restriction,
        version: command.version,
      };
    case 'SetSession':
      extensions.push(...planRecords(command.plan ?? []));
      return {
        ...emptyHead,
        type: 'setSession',
        instrumentId: command.instrumentId,
        calendarId: command.calendarId,
        phase: command.phase,
        reason: command.reason,
        untilNanos: command.untilNanos,
      };
    case 'SettleInstrument':
      return {
        ...emptyHead,
        type: 'settleInstrument',
        instrumentId: command.instrumentId,
        settlementPriceTicks: command.settlementPriceTicks,
      };
    case 'KeepAlive':
      return { ...emptyHead, type: 'keepAlive', accountId: command.accountId, deadlineNanos: command.deadlineNanos };
    case 'TransferAllotment':
      return {
        ...emptyHead,
        type: 'transferAllotment',
        accountId: command.accountId,
        currencyId: command.currencyId,
        leg: command.leg,
        otherShard: command.otherShard,
        amountUnits: command.amountUnits,
        transferId: command.transferId,
      };
    case 'SetTripRule':
      return {
        ...emptyHead,
        type: 'setTripRule',
        scope: command.scope,
        rule: command.rule,
        resultingState: command.resultingState,
        targetId: command.targetId,
        windowNanos: command.windowNanos,
        threshold: command.threshold,
        resultingPhase: command.resultingPhase ?? 0,
        phaseNanos: command.phaseNanos ?? 0n,
      };
  }
};
