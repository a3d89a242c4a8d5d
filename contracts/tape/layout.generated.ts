// Generated from schemas/ by `npm run schemas`. Do not edit.

export const recordBytes = 64;

/** Fields that every CommandRecord has. Units and meanings: schemas/tape.md. */
export interface CommandRecordHead {
  readonly extensionCount: number;
  readonly flags: number;
  readonly sessionId: number;
  readonly timeNanos: bigint;
}

export interface CommandRecordPlaceOrder extends CommandRecordHead {
  readonly type: 'placeOrder';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly side: number;
  readonly orderType: number;
  readonly timeInForce: number;
  readonly selfTradePrevention: number;
  readonly instructions: number;
  readonly triggerSource: number;
  readonly pegKind: number;
  readonly stopPriceTicks: bigint;
  readonly displayQuantityLots: bigint;
}

export interface CommandRecordAmendOrder extends CommandRecordHead {
  readonly type: 'amendOrder';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly orderId: bigint;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly stopPriceTicks: bigint;
  readonly displayQuantityLots: bigint;
}

export interface CommandRecordCancelOrder extends CommandRecordHead {
  readonly type: 'cancelOrder';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly orderId: bigint;
}

export interface CommandRecordCancelAllOrders extends CommandRecordHead {
  readonly type: 'cancelAllOrders';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly side: number;
  readonly sessionFilter: number;
}

export interface CommandRecordMoveCash extends CommandRecordHead {
  readonly type: 'moveCash';
  readonly accountId: number;
  readonly currencyId: number;
  readonly reason: number;
  readonly amountUnits: bigint;
  readonly referenceId: bigint;
}

export interface CommandRecordMovePosition extends CommandRecordHead {
  readonly type: 'movePosition';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly quantityLots: bigint;
  readonly costUnits: bigint;
  readonly reason: number;
}

export interface CommandRecordDefineInstrument extends CommandRecordHead {
  readonly type: 'defineInstrument';
  readonly instrumentId: number;
  readonly underlyingId: number;
  readonly unitsPerTickLot: bigint;
  readonly maxQuantityLots: bigint;
  readonly minNotionalUnits: bigint;
  readonly instrumentKind: number;
  readonly initialState: number;
  readonly currencyId: number;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly collarPpm: number;
}

export interface CommandRecordDefineAccount extends CommandRecordHead {
  readonly type: 'defineAccount';
  readonly accountId: number;
  readonly groupId: number;
  readonly accountKind: number;
  readonly initialState: number;
  readonly permissions: number;
  readonly feeSchedule: number;
}

export interface CommandRecordSetTradingState extends CommandRecordHead {
  readonly type: 'setTradingState';
  readonly scope: number;
  readonly state: number;
  readonly reason: number;
  readonly targetId: number;
}

export interface CommandRecordSetReferencePrice extends CommandRecordHead {
  readonly type: 'setReferencePrice';
  readonly instrumentId: number;
  readonly source: number;
  readonly purpose: number;
  readonly priceTicks: bigint;
  readonly sourceTimeNanos: bigint;
}

export interface CommandRecordAdvanceTime extends CommandRecordHead {
  readonly type: 'advanceTime';
  readonly confirmJump: number;
}

export interface CommandRecordSetRiskLimits extends CommandRecordHead {
  readonly type: 'setRiskLimits';
  readonly scope: number;
  readonly targetId: number;
  readonly instrumentId: number;
  readonly version: number;
}

export interface CommandRecordSetRestriction extends CommandRecordHead {
  readonly type: 'setRestriction';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly restriction: number;
  readonly version: number;
}

export interface CommandRecordSetSession extends CommandRecordHead {
  readonly type: 'setSession';
  readonly instrumentId: number;
  readonly calendarId: number;
  readonly phase: number;
  readonly reason: number;
  readonly untilNanos: bigint;
}

export interface CommandRecordSettleInstrument extends CommandRecordHead {
  readonly type: 'settleInstrument';
  readonly instrumentId: number;
  readonly settlementPriceTicks: bigint;
}

export interface CommandRecordKeepAlive extends CommandRecordHead {
  readonly type: 'keepAlive';
  readonly accountId: number;
  readonly deadlineNanos: bigint;
}

export interface CommandRecordTransferAllotment extends CommandRecordHead {
  readonly type: 'transferAllotment';
  readonly accountId: number;
  readonly currencyId: number;
  readonly leg: number;
  readonly otherShard: number;
  readonly amountUnits: bigint;
  readonly transferId: bigint;
}

export interface CommandRecordSetTripRule extends CommandRecordHead {
  readonly type: 'setTripRule';
  readonly scope: number;
  readonly rule: number;
  readonly resultingState: number;
  readonly targetId: number;
  readonly windowNanos: bigint;
  readonly threshold: bigint;
  readonly resultingPhase: number;
  readonly phaseNanos: bigint;
}

export interface CommandRecordClientOrder extends CommandRecordHead {
  readonly type: 'clientOrder';
  readonly text0: bigint;
  readonly text1: bigint;
  readonly text2: bigint;
  readonly text3: bigint;
  readonly text4: bigint;
  readonly correlationId: bigint;
}

export interface CommandRecordOriginalClientOrder extends CommandRecordHead {
  readonly type: 'originalClientOrder';
  readonly text0: bigint;
  readonly text1: bigint;
  readonly text2: bigint;
  readonly text3: bigint;
  readonly text4: bigint;
}

export interface CommandRecordOrderTerms extends CommandRecordHead {
  readonly type: 'orderTerms';
  readonly expireTimeNanos: bigint;
  readonly minimumQuantityLots: bigint;
  readonly trailingOffset: bigint;
  readonly pegOffsetTicks: bigint;
  readonly limitOffsetTicks: bigint;
  readonly trailingUnit: number;
}

export interface CommandRecordListLink extends CommandRecordHead {
  readonly type: 'listLink';
  readonly listId: bigint;
  readonly contingency: number;
  readonly legRole: number;
  readonly legCount: number;
  readonly legIndex: number;
}

export interface CommandRecordInstrumentSymbol extends CommandRecordHead {
  readonly type: 'instrumentSymbol';
  readonly tickMantissa: number;
  readonly lotMantissa: number;
  readonly tickExponent: number;
  readonly lotExponent: number;
  readonly moneyExponent: number;
  readonly text0: bigint;
  readonly text1: bigint;
  readonly text2: bigint;
  readonly text3: bigint;
  readonly calendarId: number;
}

export interface CommandRecordDerivativeTerms extends CommandRecordHead {
  readonly type: 'derivativeTerms';
  readonly expiryNanos: bigint;
  readonly strikeTicks: bigint;
  readonly multiplier: bigint;
  readonly initialMarginPpm: number;
  readonly maintenanceMarginPpm: number;
  readonly optionKind: number;
  readonly exerciseStyle: number;
}

export interface CommandRecordTickBand extends CommandRecordHead {
  readonly type: 'tickBand';
  readonly fromPriceTicks0: bigint;
  readonly fromPriceTicks1: bigint;
  readonly stepTicks0: number;
  readonly stepTicks1: number;
}

export interface CommandRecordRiskLimits extends CommandRecordHead {
  readonly type: 'riskLimits';
  readonly maxOrderQuantityLots: bigint;
  readonly maxOrderNotionalUnits: bigint;
  readonly maxPositionLots: bigint;
  readonly maxGrossUnits: bigint;
  readonly maxNetUnits: bigint;
  readonly maxDailyLossUnits: bigint;
}

export interface CommandRecordRiskRates extends CommandRecordHead {
  readonly type: 'riskRates';
  readonly maxOpenOrders: number;
  readonly ordersPerSecond: number;
  readonly burstOrders: number;
  readonly collarPpm: number;
  readonly fatFingerPpm: number;
  readonly maxPriceAgeMs: number;
}

export interface CommandRecordCausation extends CommandRecordHead {
  readonly type: 'causation';
  readonly causationHigh: bigint;
  readonly causationLow: bigint;
  readonly authorityId: bigint;
  readonly correlationHigh: bigint;
  readonly correlationLow: bigint;
}

export interface CommandRecordSessionPlan extends CommandRecordHead {
  readonly type: 'sessionPlan';
  readonly atNanos0: bigint;
  readonly atNanos1: bigint;
  readonly atNanos2: bigint;
  readonly phase0: number;
  readonly phase1: number;
  readonly phase2: number;
}

export type CommandRecord =
  | CommandRecordPlaceOrder
  | CommandRecordAmendOrder
  | CommandRecordCancelOrder
  | CommandRecordCancelAllOrders
  | CommandRecordMoveCash
  | CommandRecordMovePosition
  | CommandRecordDefineInstrument
  | CommandRecordDefineAccount
  | CommandRecordSetTradingState
  | CommandRecordSetReferencePrice
  | CommandRecordAdvanceTime
  | CommandRecordSetRiskLimits
  | CommandRecordSetRestriction
  | CommandRecordSetSession
  | CommandRecordSettleInstrument
  | CommandRecordKeepAlive
  | CommandRecordTransferAllotment
  | CommandRecordSetTripRule
  | CommandRecordClientOrder
  | CommandRecordOriginalClientOrder
  | CommandRecordOrderTerms
  | CommandRecordListLink
  | CommandRecordInstrumentSymbol
  | CommandRecordDerivativeTerms
  | CommandRecordTickBand
  | CommandRecordRiskLimits
  | CommandRecordRiskRates
  | CommandRecordCausation
  | CommandRecordSessionPlan
;

/** Union tag of each kind of CommandRecord. */
export const CommandRecordTag = {
  placeOrder: 1,
  amendOrder: 2,
  cancelOrder: 3,
  cancelAllOrders: 4,
  moveCash: 5,
  movePosition: 6,
  defineInstrument: 7,
  defineAccount: 8,
  setTradingState: 9,
  setReferencePrice: 10,
  advanceTime: 11,
  setRiskLimits: 12,
  setRestriction: 13,
  setSession: 14,
  settleInstrument: 15,
  keepAlive: 16,
  transferAllotment: 17,
  setTripRule: 18,
  clientOrder: 19,
  originalClientOrder: 20,
  orderTerms: 21,
  listLink: 22,
  instrumentSymbol: 23,
  derivativeTerms: 24,
  tickBand: 25,
  riskLimits: 26,
  riskRates: 27,
  causation: 28,
  sessionPlan: 29,
} as const;

/** Byte offsets inside one 64-byte CommandRecord, for readers that do not decode. */
export const CommandRecordOffset = {
  kind: 2,
  extensionCount: 0,
  flags: 1,
  sessionId: 4,
  timeNanos: 8,
  placeOrder: { accountId: 16, instrumentId: 20, priceTicks: 24, quantityLots: 32, side: 40, orderType: 41, timeInForce: 42, selfTradePrevention: 43, instructions: 44, triggerSource: 46, pegKind: 47, stopPriceTicks: 48, displayQuantityLots: 56 },
  amendOrder: { accountId: 16, instrumentId: 20, orderId: 24, priceTicks: 32, quantityLots: 40, stopPriceTicks: 48, displayQuantityLots: 56 },
  cancelOrder: { accountId: 16, instrumentId: 20, orderId: 24 },
  cancelAllOrders: { accountId: 16, instrumentId: 20, side: 24, sessionFilter: 28 },
  moveCash: { accountId: 16, currencyId: 20, reason: 22, amountUnits: 24, referenceId: 32 },
  movePosition: { accountId: 16, instrumentId: 20, quantityLots: 24, costUnits: 32, reason: 40 },
  defineInstrument: { instrumentId: 16, underlyingId: 20, unitsPerTickLot: 24, maxQuantityLots: 32, minNotionalUnits: 40, instrumentKind: 48, initialState: 49, currencyId: 50, makerFeePpm: 52, takerFeePpm: 56, collarPpm: 60 },
  defineAccount: { accountId: 16, groupId: 20, accountKind: 24, initialState: 25, permissions: 26, feeSchedule: 28 },
  setTradingState: { scope: 16, state: 17, reason: 18, targetId: 20 },
  setReferencePrice: { instrumentId: 16, source: 20, purpose: 22, priceTicks: 24, sourceTimeNanos: 32 },
  advanceTime: { confirmJump: 16 },
  setRiskLimits: { scope: 16, targetId: 20, instrumentId: 24, version: 28 },
  setRestriction: { accountId: 16, instrumentId: 20, restriction: 24, version: 28 },
  setSession: { instrumentId: 16, calendarId: 20, phase: 24, reason: 26, untilNanos: 32 },
  settleInstrument: { instrumentId: 16, settlementPriceTicks: 24 },
  keepAlive: { accountId: 16, deadlineNanos: 24 },
  transferAllotment: { accountId: 16, currencyId: 20, leg: 22, otherShard: 24, amountUnits: 32, transferId: 40 },
  setTripRule: { scope: 16, rule: 17, resultingState: 18, targetId: 20, windowNanos: 24, threshold: 32, resultingPhase: 19, phaseNanos: 40 },
  clientOrder: { text0: 16, text1: 24, text2: 32, text3: 40, text4: 48, correlationId: 56 },
  originalClientOrder: { text0: 16, text1: 24, text2: 32, text3: 40, text4: 48 },
  orderTerms: { expireTimeNanos: 16, minimumQuantityLots: 24, trailingOffset: 32, pegOffsetTicks: 40, limitOffsetTicks: 48, trailingUnit: 56 },
  listLink: { listId: 16, contingency: 24, legRole: 25, legCount: 26, legIndex: 27 },
  instrumentSymbol: { tickMantissa: 16, lotMantissa: 20, tickExponent: 24, lotExponent: 25, moneyExponent: 26, text0: 32, text1: 40, text2: 48, text3: 56, calendarId: 28 },
  derivativeTerms: { expiryNanos: 16, strikeTicks: 24, multiplier: 32, initialMarginPpm: 40, maintenanceMarginPpm: 44, optionKind: 48, exerciseStyle: 49 },
  tickBand: { fromPriceTicks0: 16, fromPriceTicks1: 24, stepTicks0: 32, stepTicks1: 36 },
  riskLimits: { maxOrderQuantityLots: 16, maxOrderNotionalUnits: 24, maxPositionLots: 32, maxGrossUnits: 40, maxNetUnits: 48, maxDailyLossUnits: 56 },
  riskRates: { maxOpenOrders: 16, ordersPerSecond: 20, burstOrders: 24, collarPpm: 28, fatFingerPpm: 32, maxPriceAgeMs: 36 },
  causation: { causationHigh: 16, causationLow: 24, authorityId: 32, correlationHigh: 40, correlationLow: 48 },
  sessionPlan: { atNanos0: 16, atNanos1: 24, atNanos2: 32, phase0: 40, phase1: 41, phase2: 42 },
} as const;

/** Decodes the record at byte `at`; null for a kind that this release does not know. */
export const decodeCommandRecord = (view: DataView, at: number): CommandRecord | null => {
  const extensionCount = view.getUint8(at + 0);
  const flags = view.getUint8(at + 1);
  const sessionId = view.getUint32(at + 4, true);
  const timeNanos = view.getBigUint64(at + 8, true);
  switch (view.getUint16(at + 2, true)) {
    case 1:
      return { type: 'placeOrder', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), priceTicks: view.getBigInt64(at + 24, true), quantityLots: view.getBigInt64(at + 32, true), side: view.getUint8(at + 40), orderType: view.getUint8(at + 41), timeInForce: view.getUint8(at + 42), selfTradePrevention: view.getUint8(at + 43), instructions: view.getUint16(at + 44, true), triggerSource: view.getUint8(at + 46), pegKind: view.getUint8(at + 47), stopPriceTicks: view.getBigInt64(at + 48, true), displayQuantityLots: view.getBigInt64(at + 56, true) };
    case 2:
      return { type: 'amendOrder', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), orderId: view.getBigUint64(at + 24, true), priceTicks: view.getBigInt64(at + 32, true), quantityLots: view.getBigInt64(at + 40, true), stopPriceTicks: view.getBigInt64(at + 48, true), displayQuantityLots: view.getBigInt64(at + 56, true) };
    case 3:
      return { type: 'cancelOrder', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), orderId: view.getBigUint64(at + 24, true) };
    case 4:
      return { type: 'cancelAllOrders', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), side: view.getUint8(at + 24), sessionFilter: view.getUint32(at + 28, true) };
    case 5:
      return { type: 'moveCash', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), currencyId: view.getUint16(at + 20, true), reason: view.getUint16(at + 22, true), amountUnits: view.getBigInt64(at + 24, true), referenceId: view.getBigUint64(at + 32, true) };
    case 6:
      return { type: 'movePosition', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), quantityLots: view.getBigInt64(at + 24, true), costUnits: view.getBigInt64(at + 32, true), reason: view.getUint16(at + 40, true) };
    case 7:
      return { type: 'defineInstrument', extensionCount, flags, sessionId, timeNanos, instrumentId: view.getUint32(at + 16, true), underlyingId: view.getUint32(at + 20, true), unitsPerTickLot: view.getBigInt64(at + 24, true), maxQuantityLots: view.getBigInt64(at + 32, true), minNotionalUnits: view.getBigInt64(at + 40, true), instrumentKind: view.getUint8(at + 48), initialState: view.getUint8(at + 49), currencyId: view.getUint16(at + 50, true), makerFeePpm: view.getInt32(at + 52, true), takerFeePpm: view.getInt32(at + 56, true), collarPpm: view.getUint32(at + 60, true) };
    case 8:
      return { type: 'defineAccount', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), groupId: view.getUint32(at + 20, true), accountKind: view.getUint8(at + 24), initialState: view.getUint8(at + 25), permissions: view.getUint16(at + 26, true), feeSchedule: view.getUint32(at + 28, true) };
    case 9:
      return { type: 'setTradingState', extensionCount, flags, sessionId, timeNanos, scope: view.getUint8(at + 16), state: view.getUint8(at + 17), reason: view.getUint16(at + 18, true), targetId: view.getUint32(at + 20, true) };
    case 10:
      return { type: 'setReferencePrice', extensionCount, flags, sessionId, timeNanos, instrumentId: view.getUint32(at + 16, true), source: view.getUint16(at + 20, true), purpose: view.getUint8(at + 22), priceTicks: view.getBigInt64(at + 24, true), sourceTimeNanos: view.getBigUint64(at + 32, true) };
    case 11:
      return { type: 'advanceTime', extensionCount, flags, sessionId, timeNanos, confirmJump: view.getUint8(at + 16) };
    case 12:
      return { type: 'setRiskLimits', extensionCount, flags, sessionId, timeNanos, scope: view.getUint8(at + 16), targetId: view.getUint32(at + 20, true), instrumentId: view.getUint32(at + 24, true), version: view.getUint32(at + 28, true) };
    case 13:
      return { type: 'setRestriction', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), restriction: view.getUint8(at + 24), version: view.getUint32(at + 28, true) };
    case 14:
      return { type: 'setSession', extensionCount, flags, sessionId, timeNanos, instrumentId: view.getUint32(at + 16, true), calendarId: view.getUint32(at + 20, true), phase: view.getUint8(at + 24), reason: view.getUint16(at + 26, true), untilNanos: view.getBigUint64(at + 32, true) };
    case 15:
      return { type: 'settleInstrument', extensionCount, flags, sessionId, timeNanos, instrumentId: view.getUint32(at + 16, true), settlementPriceTicks: view.getBigInt64(at + 24, true) };
    case 16:
      return { type: 'keepAlive', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), deadlineNanos: view.getBigUint64(at + 24, true) };
    case 17:
      return { type: 'transferAllotment', extensionCount, flags, sessionId, timeNanos, accountId: view.getUint32(at + 16, true), currencyId: view.getUint16(at + 20, true), leg: view.getUint8(at + 22), otherShard: view.getUint16(at + 24, true), amountUnits: view.getBigInt64(at + 32, true), transferId: view.getBigUint64(at + 40, true) };
    case 18:
      return { type: 'setTripRule', extensionCount, flags, sessionId, timeNanos, scope: view.getUint8(at + 16), rule: view.getUint8(at + 17), resultingState: view.getUint8(at + 18), targetId: view.getUint32(at + 20, true), windowNanos: view.getBigUint64(at + 24, true), threshold: view.getBigInt64(at + 32, true), resultingPhase: view.getUint8(at + 19), phaseNanos: view.getBigUint64(at + 40, true) };
    case 19:
      return { type: 'clientOrder', extensionCount, flags, sessionId, timeNanos, text0: view.getBigUint64(at + 16, true), text1: view.getBigUint64(at + 24, true), text2: view.getBigUint64(at + 32, true), text3: view.getBigUint64(at + 40, true), text4: view.getBigUint64(at + 48, true), correlationId: view.getBigUint64(at + 56, true) };
    case 20:
      return { type: 'originalClientOrder', extensionCount, flags, sessionId, timeNanos, text0: view.getBigUint64(at + 16, true), text1: view.getBigUint64(at + 24, true), text2: view.getBigUint64(at + 32, true), text3: view.getBigUint64(at + 40, true), text4: view.getBigUint64(at + 48, true) };
    case 21:
      return { type: 'orderTerms', extensionCount, flags, sessionId, timeNanos, expireTimeNanos: view.getBigUint64(at + 16, true), minimumQuantityLots: view.getBigInt64(at + 24, true), trailingOffset: view.getBigInt64(at + 32, true), pegOffsetTicks: view.getBigInt64(at + 40, true), limitOffsetTicks: view.getBigInt64(at + 48, true), trailingUnit: view.getUint8(at + 56) };
    case 22:
      return { type: 'listLink', extensionCount, flags, sessionId, timeNanos, listId: view.getBigUint64(at + 16, true), contingency: view.getUint8(at + 24), legRole: view.getUint8(at + 25), legCount: view.getUint8(at + 26), legIndex: view.getUint8(at + 27) };
    case 23:
      return { type: 'instrumentSymbol', extensionCount, flags, sessionId, timeNanos, tickMantissa: view.getUint32(at + 16, true), lotMantissa: view.getUint32(at + 20, true), tickExponent: view.getUint8(at + 24), lotExponent: view.getUint8(at + 25), moneyExponent: view.getUint8(at + 26), text0: view.getBigUint64(at + 32, true), text1: view.getBigUint64(at + 40, true), text2: view.getBigUint64(at + 48, true), text3: view.getBigUint64(at + 56, true), calendarId: view.getUint32(at + 28, true) };
    case 24:
      return { type: 'derivativeTerms', extensionCount, flags, sessionId, timeNanos, expiryNanos: view.getBigUint64(at + 16, true), strikeTicks: view.getBigInt64(at + 24, true), multiplier: view.getBigInt64(at + 32, true), initialMarginPpm: view.getUint32(at + 40, true), maintenanceMarginPpm: view.getUint32(at + 44, true), optionKind: view.getUint8(at + 48), exerciseStyle: view.getUint8(at + 49) };
    case 25:
      return { type: 'tickBand', extensionCount, flags, sessionId, timeNanos, fromPriceTicks0: view.getBigInt64(at + 16, true), fromPriceTicks1: view.getBigInt64(at + 24, true), stepTicks0: view.getUint32(at + 32, true), stepTicks1: view.getUint32(at + 36, true) };
    case 26:
      return { type: 'riskLimits', extensionCount, flags, sessionId, timeNanos, maxOrderQuantityLots: view.getBigInt64(at + 16, true), maxOrderNotionalUnits: view.getBigInt64(at + 24, true), maxPositionLots: view.getBigInt64(at + 32, true), maxGrossUnits: view.getBigInt64(at + 40, true), maxNetUnits: view.getBigInt64(at + 48, true), maxDailyLossUnits: view.getBigInt64(at + 56, true) };
    case 27:
      return { type: 'riskRates', extensionCount, flags, sessionId, timeNanos, maxOpenOrders: view.getUint32(at + 16, true), ordersPerSecond: view.getUint32(at + 20, true), burstOrders: view.getUint32(at + 24, true), collarPpm: view.getUint32(at + 28, true), fatFingerPpm: view.getUint32(at + 32, true), maxPriceAgeMs: view.getUint32(at + 36, true) };
    case 28:
      return { type: 'causation', extensionCount, flags, sessionId, timeNanos, causationHigh: view.getBigUint64(at + 16, true), causationLow: view.getBigUint64(at + 24, true), authorityId: view.getBigUint64(at + 32, true), correlationHigh: view.getBigUint64(at + 40, true), correlationLow: view.getBigUint64(at + 48, true) };
    case 29:
      return { type: 'sessionPlan', extensionCount, flags, sessionId, timeNanos, atNanos0: view.getBigUint64(at + 16, true), atNanos1: view.getBigUint64(at + 24, true), atNanos2: view.getBigUint64(at + 32, true), phase0: view.getUint8(at + 40), phase1: view.getUint8(at + 41), phase2: view.getUint8(at + 42) };
    default:
      return null;
  }
};

/** Encodes one record over 64 bytes at `at`; bytes that the kind does not use become zero. */
export const encodeCommandRecord = (view: DataView, at: number, record: CommandRecord): void => {
  for (let word = 0; word < 64; word += 8) view.setBigUint64(at + word, 0n, true);
  view.setUint8(at + 0, record.extensionCount);
  view.setUint8(at + 1, record.flags);
  view.setUint32(at + 4, record.sessionId, true);
  view.setBigUint64(at + 8, record.timeNanos, true);
  switch (record.type) {
    case 'placeOrder':
      view.setUint16(at + 2, 1, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setBigInt64(at + 24, record.priceTicks, true);
      view.setBigInt64(at + 32, record.quantityLots, true);
      view.setUint8(at + 40, record.side);
      view.setUint8(at + 41, record.orderType);
      view.setUint8(at + 42, record.timeInForce);
      view.setUint8(at + 43, record.selfTradePrevention);
      view.setUint16(at + 44, record.instructions, true);
      view.setUint8(at + 46, record.triggerSource);
      view.setUint8(at + 47, record.pegKind);
      view.setBigInt64(at + 48, record.stopPriceTicks, true);
      view.setBigInt64(at + 56, record.displayQuantityLots, true);
      return;
    case 'amendOrder':
      view.setUint16(at + 2, 2, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setBigUint64(at + 24, record.orderId, true);
      view.setBigInt64(at + 32, record.priceTicks, true);
      view.setBigInt64(at + 40, record.quantityLots, true);
      view.setBigInt64(at + 48, record.stopPriceTicks, true);
      view.setBigInt64(at + 56, record.displayQuantityLots, true);
      return;
    case 'cancelOrder':
      view.setUint16(at + 2, 3, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setBigUint64(at + 24, record.orderId, true);
      return;
    case 'cancelAllOrders':
      view.setUint16(at + 2, 4, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setUint8(at + 24, record.side);
      view.setUint32(at + 28, record.sessionFilter, true);
      return;
    case 'moveCash':
      view.setUint16(at + 2, 5, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint16(at + 20, record.currencyId, true);
      view.setUint16(at + 22, record.reason, true);
      view.setBigInt64(at + 24, record.amountUnits, true);
      view.setBigUint64(at + 32, record.referenceId, true);
      return;
    case 'movePosition':
      view.setUint16(at + 2, 6, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setBigInt64(at + 24, record.quantityLots, true);
      view.setBigInt64(at + 32, record.costUnits, true);
      view.setUint16(at + 40, record.reason, true);
      return;
    case 'defineInstrument':
      view.setUint16(at + 2, 7, true);
      view.setUint32(at + 16, record.instrumentId, true);
      view.setUint32(at + 20, record.underlyingId, true);
      view.setBigInt64(at + 24, record.unitsPerTickLot, true);
      view.setBigInt64(at + 32, record.maxQuantityLots, true);
      view.setBigInt64(at + 40, record.minNotionalUnits, true);
      view.setUint8(at + 48, record.instrumentKind);
      view.setUint8(at + 49, record.initialState);
      view.setUint16(at + 50, record.currencyId, true);
      view.setInt32(at + 52, record.makerFeePpm, true);
      view.setInt32(at + 56, record.takerFeePpm, true);
      view.setUint32(at + 60, record.collarPpm, true);
      return;
    case 'defineAccount':
      view.setUint16(at + 2, 8, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.groupId, true);
      view.setUint8(at + 24, record.accountKind);
      view.setUint8(at + 25, record.initialState);
      view.setUint16(at + 26, record.permissions, true);
      view.setUint32(at + 28, record.feeSchedule, true);
      return;
    case 'setTradingState':
      view.setUint16(at + 2, 9, true);
      view.setUint8(at + 16, record.scope);
      view.setUint8(at + 17, record.state);
      view.setUint16(at + 18, record.reason, true);
      view.setUint32(at + 20, record.targetId, true);
      return;
    case 'setReferencePrice':
      view.setUint16(at + 2, 10, true);
      view.setUint32(at + 16, record.instrumentId, true);
      view.setUint16(at + 20, record.source, true);
      view.setUint8(at + 22, record.purpose);
      view.setBigInt64(at + 24, record.priceTicks, true);
      view.setBigUint64(at + 32, record.sourceTimeNanos, true);
      return;
    case 'advanceTime':
      view.setUint16(at + 2, 11, true);
      view.setUint8(at + 16, record.confirmJump);
      return;
    case 'setRiskLimits':
      view.setUint16(at + 2, 12, true);
      view.setUint8(at + 16, record.scope);
      view.setUint32(at + 20, record.targetId, true);
      view.setUint32(at + 24, record.instrumentId, true);
      view.setUint32(at + 28, record.version, true);
      return;
    case 'setRestriction':
      view.setUint16(at + 2, 13, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setUint8(at + 24, record.restriction);
      view.setUint32(at + 28, record.version, true);
      return;
    case 'setSession':
      view.setUint16(at + 2, 14, true);
      view.setUint32(at + 16, record.instrumentId, true);
      view.setUint32(at + 20, record.calendarId, true);
      view.setUint8(at + 24, record.phase);
      view.setUint16(at + 26, record.reason, true);
      view.setBigUint64(at + 32, record.untilNanos, true);
      return;
    case 'settleInstrument':
      view.setUint16(at + 2, 15, true);
      view.setUint32(at + 16, record.instrumentId, true);
      view.setBigInt64(at + 24, record.settlementPriceTicks, true);
      return;
    case 'keepAlive':
      view.setUint16(at + 2, 16, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setBigUint64(at + 24, record.deadlineNanos, true);
      return;
    case 'transferAllotment':
      view.setUint16(at + 2, 17, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint16(at + 20, record.currencyId, true);
      view.setUint8(at + 22, record.leg);
      view.setUint16(at + 24, record.otherShard, true);
      view.setBigInt64(at + 32, record.amountUnits, true);
      view.setBigUint64(at + 40, record.transferId, true);
      return;
    case 'setTripRule':
      view.setUint16(at + 2, 18, true);
      view.setUint8(at + 16, record.scope);
      view.setUint8(at + 17, record.rule);
      view.setUint8(at + 18, record.resultingState);
      view.setUint32(at + 20, record.targetId, true);
      view.setBigUint64(at + 24, record.windowNanos, true);
      view.setBigInt64(at + 32, record.threshold, true);
      view.setUint8(at + 19, record.resultingPhase);
      view.setBigUint64(at + 40, record.phaseNanos, true);
      return;
    case 'clientOrder':
      view.setUint16(at + 2, 19, true);
      view.setBigUint64(at + 16, record.text0, true);
      view.setBigUint64(at + 24, record.text1, true);
      view.setBigUint64(at + 32, record.text2, true);
      view.setBigUint64(at + 40, record.text3, true);
      view.setBigUint64(at + 48, record.text4, true);
      view.setBigUint64(at + 56, record.correlationId, true);
      return;
    case 'originalClientOrder':
      view.setUint16(at + 2, 20, true);
      view.setBigUint64(at + 16, record.text0, true);
      view.setBigUint64(at + 24, record.text1, true);
      view.setBigUint64(at + 32, record.text2, true);
      view.setBigUint64(at + 40, record.text3, true);
      view.setBigUint64(at + 48, record.text4, true);
      return;
    case 'orderTerms':
      view.setUint16(at + 2, 21, true);
      view.setBigUint64(at + 16, record.expireTimeNanos, true);
      view.setBigInt64(at + 24, record.minimumQuantityLots, true);
      view.setBigInt64(at + 32, record.trailingOffset, true);
      view.setBigInt64(at + 40, record.pegOffsetTicks, true);
      view.setBigInt64(at + 48, record.limitOffsetTicks, true);
      view.setUint8(at + 56, record.trailingUnit);
      return;
    case 'listLink':
      view.setUint16(at + 2, 22, true);
      view.setBigUint64(at + 16, record.listId, true);
      view.setUint8(at + 24, record.contingency);
      view.setUint8(at + 25, record.legRole);
      view.setUint8(at + 26, record.legCount);
      view.setUint8(at + 27, record.legIndex);
      return;
    case 'instrumentSymbol':
      view.setUint16(at + 2, 23, true);
      view.setUint32(at + 16, record.tickMantissa, true);
      view.setUint32(at + 20, record.lotMantissa, true);
      view.setUint8(at + 24, record.tickExponent);
      view.setUint8(at + 25, record.lotExponent);
      view.setUint8(at + 26, record.moneyExponent);
      view.setBigUint64(at + 32, record.text0, true);
      view.setBigUint64(at + 40, record.text1, true);
      view.setBigUint64(at + 48, record.text2, true);
      view.setBigUint64(at + 56, record.text3, true);
      view.setUint32(at + 28, record.calendarId, true);
      return;
    case 'derivativeTerms':
      view.setUint16(at + 2, 24, true);
      view.setBigUint64(at + 16, record.expiryNanos, true);
      view.setBigInt64(at + 24, record.strikeTicks, true);
      view.setBigInt64(at + 32, record.multiplier, true);
      view.setUint32(at + 40, record.initialMarginPpm, true);
      view.setUint32(at + 44, record.maintenanceMarginPpm, true);
      view.setUint8(at + 48, record.optionKind);
      view.setUint8(at + 49, record.exerciseStyle);
      return;
    case 'tickBand':
      view.setUint16(at + 2, 25, true);
      view.setBigInt64(at + 16, record.fromPriceTicks0, true);
      view.setBigInt64(at + 24, record.fromPriceTicks1, true);
      view.setUint32(at + 32, record.stepTicks0, true);
      view.setUint32(at + 36, record.stepTicks1, true);
      return;
    case 'riskLimits':
      view.setUint16(at + 2, 26, true);
      view.setBigInt64(at + 16, record.maxOrderQuantityLots, true);
      view.setBigInt64(at + 24, record.maxOrderNotionalUnits, true);
      view.setBigInt64(at + 32, record.maxPositionLots, true);
      view.setBigInt64(at + 40, record.maxGrossUnits, true);
      view.setBigInt64(at + 48, record.maxNetUnits, true);
      view.setBigInt64(at + 56, record.maxDailyLossUnits, true);
      return;
    case 'riskRates':
      view.setUint16(at + 2, 27, true);
      view.setUint32(at + 16, record.maxOpenOrders, true);
      view.setUint32(at + 20, record.ordersPerSecond, true);
      view.setUint32(at + 24, record.burstOrders, true);
      view.setUint32(at + 28, record.collarPpm, true);
      view.setUint32(at + 32, record.fatFingerPpm, true);
      view.setUint32(at + 36, record.maxPriceAgeMs, true);
      return;
    case 'causation':
      view.setUint16(at + 2, 28, true);
      view.setBigUint64(at + 16, record.causationHigh, true);
      view.setBigUint64(at + 24, record.causationLow, true);
      view.setBigUint64(at + 32, record.authorityId, true);
      view.setBigUint64(at + 40, record.correlationHigh, true);
      view.setBigUint64(at + 48, record.correlationLow, true);
      return;
    case 'sessionPlan':
      view.setUint16(at + 2, 29, true);
      view.setBigUint64(at + 16, record.atNanos0, true);
      view.setBigUint64(at + 24, record.atNanos1, true);
      view.setBigUint64(at + 32, record.atNanos2, true);
      view.setUint8(at + 40, record.phase0);
      view.setUint8(at + 41, record.phase1);
      view.setUint8(at + 42, record.phase2);
      return;
  }
};

/** Fields that every ReportRecord has. Units and meanings: schemas/tape.md. */
export interface ReportRecordHead {
  readonly flags: number;
  readonly extensionCount: number;
  readonly commandIndex: number;
}

export interface ReportRecordOrderState extends ReportRecordHead {
  readonly type: 'orderState';
  readonly orderId: bigint;
  readonly accountId: number;
  readonly instrumentId: number;
  readonly quantityLots: bigint;
  readonly leavesQuantityLots: bigint;
  readonly cumQuantityLots: bigint;
  readonly priceTicks: bigint;
  readonly execType: number;
  readonly orderStatus: number;
  readonly side: number;
  readonly orderType: number;
  readonly timeInForce: number;
  readonly reason: number;
  readonly instructions: number;
}

export interface ReportRecordTrade extends ReportRecordHead {
  readonly type: 'trade';
  readonly tradeId: bigint;
  readonly instrumentId: number;
  readonly aggressorSide: number;
  readonly tradeKind: number;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly makerOrderId: bigint;
  readonly takerOrderId: bigint;
  readonly makerAccountId: number;
  readonly takerAccountId: number;
}

export interface ReportRecordPositionChanged extends ReportRecordHead {
  readonly type: 'positionChanged';
  readonly accountId: number;
  readonly instrumentId: number;
  readonly quantityLots: bigint;
  readonly reservedSellLots: bigint;
  readonly costLow: bigint;
  readonly costHigh: bigint;
  readonly realizedLow: bigint;
  readonly realizedHigh: bigint;
}

export interface ReportRecordBalanceChanged extends ReportRecordHead {
  readonly type: 'balanceChanged';
  readonly accountId: number;
  readonly currencyId: number;
  readonly reason: number;
  readonly totalLow: bigint;
  readonly totalHigh: bigint;
  readonly reservedLow: bigint;
  readonly reservedHigh: bigint;
  readonly deltaUnits: bigint;
  readonly feeUnits: bigint;
}

export interface ReportRecordBookLevel extends ReportRecordHead {
  readonly type: 'bookLevel';
  readonly instrumentId: number;
  readonly orderCount: number;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly bookSequence: bigint;
  readonly side: number;
}

export interface ReportRecordInstrumentState extends ReportRecordHead {
  readonly type: 'instrumentState';
  readonly instrumentId: number;
  readonly state: number;
  readonly phase: number;
  readonly reason: number;
  readonly referencePriceTicks: bigint;
  readonly markPriceTicks: bigint;
  readonly indicativePriceTicks: bigint;
  readonly indicativeQuantityLots: bigint;
  readonly imbalanceLots: bigint;
}

export interface ReportRecordAccountState extends ReportRecordHead {
  readonly type: 'accountState';
  readonly accountId: number;
  readonly groupId: number;
  readonly scope: number;
  readonly state: number;
  readonly reason: number;
  readonly accountKind: number;
  readonly permissions: number;
  readonly version: number;
  readonly observed: bigint;
  readonly limit: bigint;
  readonly instrumentId: number;
}

export interface ReportRecordRefusal extends ReportRecordHead {
  readonly type: 'refusal';
  readonly orderId: bigint;
  readonly accountId: number;
  readonly instrumentId: number;
  readonly code: number;
  readonly commandKind: number;
  readonly ruleVersion: number;
  readonly observed: bigint;
  readonly limit: bigint;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
}

export interface ReportRecordDone extends ReportRecordHead {
  readonly type: 'done';
  readonly commandKind: number;
  readonly targetId: bigint;
  readonly affectedCount: bigint;
}

export interface ReportRecordTradeDetail extends ReportRecordHead {
  readonly type: 'tradeDetail';
  readonly makerLeavesLots: bigint;
  readonly takerLeavesLots: bigint;
  readonly makerCumLots: bigint;
  readonly takerCumLots: bigint;
  readonly makerFeeUnits: bigint;
  readonly takerFeeUnits: bigint;
  readonly notionalUnits: bigint;
}

export interface ReportRecordOrderDetail extends ReportRecordHead {
  readonly type: 'orderDetail';
  readonly stopPriceTicks: bigint;
  readonly displayQuantityLots: bigint;
  readonly expireTimeNanos: bigint;
  readonly minimumQuantityLots: bigint;
  readonly listId: bigint;
  readonly previousPriceTicks: bigint;
  readonly previousQuantityLots: bigint;
}

export type ReportRecord =
  | ReportRecordOrderState
  | ReportRecordTrade
  | ReportRecordPositionChanged
  | ReportRecordBalanceChanged
  | ReportRecordBookLevel
  | ReportRecordInstrumentState
  | ReportRecordAccountState
  | ReportRecordRefusal
  | ReportRecordDone
  | ReportRecordTradeDetail
  | ReportRecordOrderDetail
;

/** Union tag of each kind of ReportRecord. */
export const ReportRecordTag = {
  orderState: 1,
  trade: 2,
  positionChanged: 3,
  balanceChanged: 4,
  bookLevel: 5,
  instrumentState: 6,
  accountState: 7,
  refusal: 8,
  done: 9,
  tradeDetail: 10,
  orderDetail: 11,
} as const;

/** Byte offsets inside one 64-byte ReportRecord, for readers that do not decode. */
export const ReportRecordOffset = {
  kind: 2,
  flags: 0,
  extensionCount: 1,
  commandIndex: 4,
  orderState: { orderId: 8, accountId: 16, instrumentId: 20, quantityLots: 24, leavesQuantityLots: 32, cumQuantityLots: 40, priceTicks: 48, execType: 56, orderStatus: 57, side: 58, orderType: 59, timeInForce: 60, reason: 61, instructions: 62 },
  trade: { tradeId: 8, instrumentId: 16, aggressorSide: 20, tradeKind: 21, priceTicks: 24, quantityLots: 32, makerOrderId: 40, takerOrderId: 48, makerAccountId: 56, takerAccountId: 60 },
  positionChanged: { accountId: 8, instrumentId: 12, quantityLots: 16, reservedSellLots: 24, costLow: 32, costHigh: 40, realizedLow: 48, realizedHigh: 56 },
  balanceChanged: { accountId: 8, currencyId: 12, reason: 14, totalLow: 16, totalHigh: 24, reservedLow: 32, reservedHigh: 40, deltaUnits: 48, feeUnits: 56 },
  bookLevel: { instrumentId: 8, orderCount: 12, priceTicks: 16, quantityLots: 24, bookSequence: 32, side: 40 },
  instrumentState: { instrumentId: 8, state: 12, phase: 13, reason: 14, referencePriceTicks: 16, markPriceTicks: 24, indicativePriceTicks: 32, indicativeQuantityLots: 40, imbalanceLots: 48 },
  accountState: { accountId: 8, groupId: 12, scope: 16, state: 17, reason: 18, accountKind: 20, permissions: 22, version: 24, observed: 32, limit: 40, instrumentId: 28 },
  refusal: { orderId: 8, accountId: 16, instrumentId: 20, code: 24, commandKind: 26, ruleVersion: 28, observed: 32, limit: 40, priceTicks: 48, quantityLots: 56 },
  done: { commandKind: 8, targetId: 16, affectedCount: 24 },
  tradeDetail: { makerLeavesLots: 8, takerLeavesLots: 16, makerCumLots: 24, takerCumLots: 32, makerFeeUnits: 40, takerFeeUnits: 48, notionalUnits: 56 },
  orderDetail: { stopPriceTicks: 8, displayQuantityLots: 16, expireTimeNanos: 24, minimumQuantityLots: 32, listId: 40, previousPriceTicks: 48, previousQuantityLots: 56 },
} as const;

/** Decodes the record at byte `at`; null for a kind that this release does not know. */
export const decodeReportRecord = (view: DataView, at: number): ReportRecord | null => {
  const flags = view.getUint8(at + 0);
  const extensionCount = view.getUint8(at + 1);
  const commandIndex = view.getUint32(at + 4, true);
  switch (view.getUint16(at + 2, true)) {
    case 1:
      return { type: 'orderState', flags, extensionCount, commandIndex, orderId: view.getBigUint64(at + 8, true), accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), quantityLots: view.getBigInt64(at + 24, true), leavesQuantityLots: view.getBigInt64(at + 32, true), cumQuantityLots: view.getBigInt64(at + 40, true), priceTicks: view.getBigInt64(at + 48, true), execType: view.getUint8(at + 56), orderStatus: view.getUint8(at + 57), side: view.getUint8(at + 58), orderType: view.getUint8(at + 59), timeInForce: view.getUint8(at + 60), reason: view.getUint8(at + 61), instructions: view.getUint16(at + 62, true) };
    case 2:
      return { type: 'trade', flags, extensionCount, commandIndex, tradeId: view.getBigUint64(at + 8, true), instrumentId: view.getUint32(at + 16, true), aggressorSide: view.getUint8(at + 20), tradeKind: view.getUint8(at + 21), priceTicks: view.getBigInt64(at + 24, true), quantityLots: view.getBigInt64(at + 32, true), makerOrderId: view.getBigUint64(at + 40, true), takerOrderId: view.getBigUint64(at + 48, true), makerAccountId: view.getUint32(at + 56, true), takerAccountId: view.getUint32(at + 60, true) };
    case 3:
      return { type: 'positionChanged', flags, extensionCount, commandIndex, accountId: view.getUint32(at + 8, true), instrumentId: view.getUint32(at + 12, true), quantityLots: view.getBigInt64(at + 16, true), reservedSellLots: view.getBigInt64(at + 24, true), costLow: view.getBigUint64(at + 32, true), costHigh: view.getBigInt64(at + 40, true), realizedLow: view.getBigUint64(at + 48, true), realizedHigh: view.getBigInt64(at + 56, true) };
    case 4:
      return { type: 'balanceChanged', flags, extensionCount, commandIndex, accountId: view.getUint32(at + 8, true), currencyId: view.getUint16(at + 12, true), reason: view.getUint16(at + 14, true), totalLow: view.getBigUint64(at + 16, true), totalHigh: view.getBigInt64(at + 24, true), reservedLow: view.getBigUint64(at + 32, true), reservedHigh: view.getBigInt64(at + 40, true), deltaUnits: view.getBigInt64(at + 48, true), feeUnits: view.getBigInt64(at + 56, true) };
    case 5:
      return { type: 'bookLevel', flags, extensionCount, commandIndex, instrumentId: view.getUint32(at + 8, true), orderCount: view.getUint32(at + 12, true), priceTicks: view.getBigInt64(at + 16, true), quantityLots: view.getBigInt64(at + 24, true), bookSequence: view.getBigUint64(at + 32, true), side: view.getUint8(at + 40) };
    case 6:
      return { type: 'instrumentState', flags, extensionCount, commandIndex, instrumentId: view.getUint32(at + 8, true), state: view.getUint8(at + 12), phase: view.getUint8(at + 13), reason: view.getUint16(at + 14, true), referencePriceTicks: view.getBigInt64(at + 16, true), markPriceTicks: view.getBigInt64(at + 24, true), indicativePriceTicks: view.getBigInt64(at + 32, true), indicativeQuantityLots: view.getBigInt64(at + 40, true), imbalanceLots: view.getBigInt64(at + 48, true) };
    case 7:
      return { type: 'accountState', flags, extensionCount, commandIndex, accountId: view.getUint32(at + 8, true), groupId: view.getUint32(at + 12, true), scope: view.getUint8(at + 16), state: view.getUint8(at + 17), reason: view.getUint16(at + 18, true), accountKind: view.getUint8(at + 20), permissions: view.getUint16(at + 22, true), version: view.getUint32(at + 24, true), observed: view.getBigInt64(at + 32, true), limit: view.getBigInt64(at + 40, true), instrumentId: view.getUint32(at + 28, true) };
    case 8:
      return { type: 'refusal', flags, extensionCount, commandIndex, orderId: view.getBigUint64(at + 8, true), accountId: view.getUint32(at + 16, true), instrumentId: view.getUint32(at + 20, true), code: view.getUint16(at + 24, true), commandKind: view.getUint16(at + 26, true), ruleVersion: view.getUint32(at + 28, true), observed: view.getBigInt64(at + 32, true), limit: view.getBigInt64(at + 40, true), priceTicks: view.getBigInt64(at + 48, true), quantityLots: view.getBigInt64(at + 56, true) };
    case 9:
      return { type: 'done', flags, extensionCount, commandIndex, commandKind: view.getUint16(at + 8, true), targetId: view.getBigUint64(at + 16, true), affectedCount: view.getBigUint64(at + 24, true) };
    case 10:
      return { type: 'tradeDetail', flags, extensionCount, commandIndex, makerLeavesLots: view.getBigInt64(at + 8, true), takerLeavesLots: view.getBigInt64(at + 16, true), makerCumLots: view.getBigInt64(at + 24, true), takerCumLots: view.getBigInt64(at + 32, true), makerFeeUnits: view.getBigInt64(at + 40, true), takerFeeUnits: view.getBigInt64(at + 48, true), notionalUnits: view.getBigInt64(at + 56, true) };
    case 11:
      return { type: 'orderDetail', flags, extensionCount, commandIndex, stopPriceTicks: view.getBigInt64(at + 8, true), displayQuantityLots: view.getBigInt64(at + 16, true), expireTimeNanos: view.getBigUint64(at + 24, true), minimumQuantityLots: view.getBigInt64(at + 32, true), listId: view.getBigUint64(at + 40, true), previousPriceTicks: view.getBigInt64(at + 48, true), previousQuantityLots: view.getBigInt64(at + 56, true) };
    default:
      return null;
  }
};

/** Encodes one record over 64 bytes at `at`; bytes that the kind does not use become zero. */
export const encodeReportRecord = (view: DataView, at: number, record: ReportRecord): void => {
  for (let word = 0; word < 64; word += 8) view.setBigUint64(at + word, 0n, true);
  view.setUint8(at + 0, record.flags);
  view.setUint8(at + 1, record.extensionCount);
  view.setUint32(at + 4, record.commandIndex, true);
  switch (record.type) {
    case 'orderState':
      view.setUint16(at + 2, 1, true);
      view.setBigUint64(at + 8, record.orderId, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setBigInt64(at + 24, record.quantityLots, true);
      view.setBigInt64(at + 32, record.leavesQuantityLots, true);
      view.setBigInt64(at + 40, record.cumQuantityLots, true);
      view.setBigInt64(at + 48, record.priceTicks, true);
      view.setUint8(at + 56, record.execType);
      view.setUint8(at + 57, record.orderStatus);
      view.setUint8(at + 58, record.side);
      view.setUint8(at + 59, record.orderType);
      view.setUint8(at + 60, record.timeInForce);
      view.setUint8(at + 61, record.reason);
      view.setUint16(at + 62, record.instructions, true);
      return;
    case 'trade':
      view.setUint16(at + 2, 2, true);
      view.setBigUint64(at + 8, record.tradeId, true);
      view.setUint32(at + 16, record.instrumentId, true);
      view.setUint8(at + 20, record.aggressorSide);
      view.setUint8(at + 21, record.tradeKind);
      view.setBigInt64(at + 24, record.priceTicks, true);
      view.setBigInt64(at + 32, record.quantityLots, true);
      view.setBigUint64(at + 40, record.makerOrderId, true);
      view.setBigUint64(at + 48, record.takerOrderId, true);
      view.setUint32(at + 56, record.makerAccountId, true);
      view.setUint32(at + 60, record.takerAccountId, true);
      return;
    case 'positionChanged':
      view.setUint16(at + 2, 3, true);
      view.setUint32(at + 8, record.accountId, true);
      view.setUint32(at + 12, record.instrumentId, true);
      view.setBigInt64(at + 16, record.quantityLots, true);
      view.setBigInt64(at + 24, record.reservedSellLots, true);
      view.setBigUint64(at + 32, record.costLow, true);
      view.setBigInt64(at + 40, record.costHigh, true);
      view.setBigUint64(at + 48, record.realizedLow, true);
      view.setBigInt64(at + 56, record.realizedHigh, true);
      return;
    case 'balanceChanged':
      view.setUint16(at + 2, 4, true);
      view.setUint32(at + 8, record.accountId, true);
      view.setUint16(at + 12, record.currencyId, true);
      view.setUint16(at + 14, record.reason, true);
      view.setBigUint64(at + 16, record.totalLow, true);
      view.setBigInt64(at + 24, record.totalHigh, true);
      view.setBigUint64(at + 32, record.reservedLow, true);
      view.setBigInt64(at + 40, record.reservedHigh, true);
      view.setBigInt64(at + 48, record.deltaUnits, true);
      view.setBigInt64(at + 56, record.feeUnits, true);
      return;
    case 'bookLevel':
      view.setUint16(at + 2, 5, true);
      view.setUint32(at + 8, record.instrumentId, true);
      view.setUint32(at + 12, record.orderCount, true);
      view.setBigInt64(at + 16, record.priceTicks, true);
      view.setBigInt64(at + 24, record.quantityLots, true);
      view.setBigUint64(at + 32, record.bookSequence, true);
      view.setUint8(at + 40, record.side);
      return;
    case 'instrumentState':
      view.setUint16(at + 2, 6, true);
      view.setUint32(at + 8, record.instrumentId, true);
      view.setUint8(at + 12, record.state);
      view.setUint8(at + 13, record.phase);
      view.setUint16(at + 14, record.reason, true);
      view.setBigInt64(at + 16, record.referencePriceTicks, true);
      view.setBigInt64(at + 24, record.markPriceTicks, true);
      view.setBigInt64(at + 32, record.indicativePriceTicks, true);
      view.setBigInt64(at + 40, record.indicativeQuantityLots, true);
      view.setBigInt64(at + 48, record.imbalanceLots, true);
      return;
    case 'accountState':
      view.setUint16(at + 2, 7, true);
      view.setUint32(at + 8, record.accountId, true);
      view.setUint32(at + 12, record.groupId, true);
      view.setUint8(at + 16, record.scope);
      view.setUint8(at + 17, record.state);
      view.setUint16(at + 18, record.reason, true);
      view.setUint8(at + 20, record.accountKind);
      view.setUint16(at + 22, record.permissions, true);
      view.setUint32(at + 24, record.version, true);
      view.setBigInt64(at + 32, record.observed, true);
      view.setBigInt64(at + 40, record.limit, true);
      view.setUint32(at + 28, record.instrumentId, true);
      return;
    case 'refusal':
      view.setUint16(at + 2, 8, true);
      view.setBigUint64(at + 8, record.orderId, true);
      view.setUint32(at + 16, record.accountId, true);
      view.setUint32(at + 20, record.instrumentId, true);
      view.setUint16(at + 24, record.code, true);
      view.setUint16(at + 26, record.commandKind, true);
      view.setUint32(at + 28, record.ruleVersion, true);
      view.setBigInt64(at + 32, record.observed, true);
      view.setBigInt64(at + 40, record.limit, true);
      view.setBigInt64(at + 48, record.priceTicks, true);
      view.setBigInt64(at + 56, record.quantityLots, true);
      return;
    case 'done':
      view.setUint16(at + 2, 9, true);
      view.setUint16(at + 8, record.commandKind, true);
      view.setBigUint64(at + 16, record.targetId, true);
      view.setBigUint64(at + 24, record.affectedCount, true);
      return;
    case 'tradeDetail':
      view.setUint16(at + 2, 10, true);
      view.setBigInt64(at + 8, record.makerLeavesLots, true);
      view.setBigInt64(at + 16, record.takerLeavesLots, true);
      view.setBigInt64(at + 24, record.makerCumLots, true);
      view.setBigInt64(at + 32, record.takerCumLots, true);
      view.setBigInt64(at + 40, record.makerFeeUnits, true);
      view.setBigInt64(at + 48, record.takerFeeUnits, true);
      view.setBigInt64(at + 56, record.notionalUnits, true);
      return;
    case 'orderDetail':
      view.setUint16(at + 2, 11, true);
      view.setBigInt64(at + 8, record.stopPriceTicks, true);
      view.setBigInt64(at + 16, record.displayQuantityLots, true);
      view.setBigUint64(at + 24, record.expireTimeNanos, true);
      view.setBigInt64(at + 32, record.minimumQuantityLots, true);
      view.setBigUint64(at + 40, record.listId, true);
      view.setBigInt64(at + 48, record.previousPriceTicks, true);
      view.setBigInt64(at + 56, record.previousQuantityLots, true);
      return;
  }
};

export interface AnswerRecord {
  readonly commandNumber: bigint;
  readonly orderId: bigint;
  readonly leavesQuantityLots: bigint;
  readonly cumQuantityLots: bigint;
  readonly cumNotionalUnits: bigint;
  readonly observed: bigint;
  readonly limit: bigint;
  readonly code: number;
  readonly orderStatus: number;
  readonly execType: number;
  readonly flags: number;
  readonly commandKind: number;
  readonly commandIndex: number;
}

/** Byte offsets inside the data section of AnswerRecord. */
export const AnswerRecordOffset = { commandNumber: 0, orderId: 8, leavesQuantityLots: 16, cumQuantityLots: 24, cumNotionalUnits: 32, observed: 40, limit: 48, code: 56, orderStatus: 58, execType: 59, flags: 60, commandKind: 61, commandIndex: 62 } as const;
export const AnswerRecordSize = { dataBytes: 64, pointers: 0 } as const;

export const decodeAnswerRecord = (view: DataView, at: number): AnswerRecord => ({
  commandNumber: view.getBigUint64(at + 0, true),
  orderId: view.getBigUint64(at + 8, true),
  leavesQuantityLots: view.getBigInt64(at + 16, true),
  cumQuantityLots: view.getBigInt64(at + 24, true),
  cumNotionalUnits: view.getBigInt64(at + 32, true),
  observed: view.getBigInt64(at + 40, true),
  limit: view.getBigInt64(at + 48, true),
  code: view.getUint16(at + 56, true),
  orderStatus: view.getUint8(at + 58),
  execType: view.getUint8(at + 59),
  flags: view.getUint8(at + 60),
  commandKind: view.getUint8(at + 61),
  commandIndex: view.getUint16(at + 62, true),
});

export const encodeAnswerRecord = (view: DataView, at: number, record: AnswerRecord): void => {
  view.setBigUint64(at + 0, record.commandNumber, true);
  view.setBigUint64(at + 8, record.orderId, true);
  view.setBigInt64(at + 16, record.leavesQuantityLots, true);
  view.setBigInt64(at + 24, record.cumQuantityLots, true);
  view.setBigInt64(at + 32, record.cumNotionalUnits, true);
  view.setBigInt64(at + 40, record.observed, true);
  view.setBigInt64(at + 48, record.limit, true);
  view.setUint16(at + 56, record.code, true);
  view.setUint8(at + 58, record.orderStatus);
  view.setUint8(at + 59, record.execType);
  view.setUint8(at + 60, record.flags);
  view.setUint8(at + 61, record.commandKind);
  view.setUint16(at + 62, record.commandIndex, true);
};

export interface Commit {
  readonly firstCommandNumber: bigint;
  readonly epoch: bigint;
  readonly commitNumber: bigint;
  readonly shard: number;
  readonly flags: number;
  readonly commandCount: number;
  readonly part: number;
  readonly engineVersion: number;
  readonly lastPart: number;
  readonly previousHash0: bigint;
  readonly previousHash1: bigint;
  readonly previousHash2: bigint;
  readonly previousHash3: bigint;
  readonly hash0: bigint;
  readonly hash1: bigint;
  readonly hash2: bigint;
  readonly hash3: bigint;
  readonly stateHash0: bigint;
  readonly stateHash1: bigint;
}

/** Byte offsets inside the data section of Commit. */
export const CommitOffset = { firstCommandNumber: 0, epoch: 8, commitNumber: 16, shard: 24, flags: 26, commandCount: 28, part: 32, engineVersion: 36, lastPart: 40, previousHash0: 48, previousHash1: 56, previousHash2: 64, previousHash3: 72, hash0: 80, hash1: 88, hash2: 96, hash3: 104, stateHash0: 112, stateHash1: 120 } as const;
export const CommitSize = { dataBytes: 128, pointers: 3 } as const;

export const decodeCommit = (view: DataView, at: number): Commit => ({
  firstCommandNumber: view.getBigUint64(at + 0, true),
  epoch: view.getBigUint64(at + 8, true),
  commitNumber: view.getBigUint64(at + 16, true),
  shard: view.getUint16(at + 24, true),
  flags: view.getUint16(at + 26, true),
  commandCount: view.getUint32(at + 28, true),
  part: view.getUint32(at + 32, true),
  engineVersion: view.getUint32(at + 36, true),
  lastPart: view.getUint8(at + 40),
  previousHash0: view.getBigUint64(at + 48, true),
  previousHash1: view.getBigUint64(at + 56, true),
  previousHash2: view.getBigUint64(at + 64, true),
  previousHash3: view.getBigUint64(at + 72, true),
  hash0: view.getBigUint64(at + 80, true),
  hash1: view.getBigUint64(at + 88, true),
  hash2: view.getBigUint64(at + 96, true),
  hash3: view.getBigUint64(at + 104, true),
  stateHash0: view.getBigUint64(at + 112, true),
  stateHash1: view.getBigUint64(at + 120, true),
});

export const encodeCommit = (view: DataView, at: number, record: Commit): void => {
  view.setBigUint64(at + 0, record.firstCommandNumber, true);
  view.setBigUint64(at + 8, record.epoch, true);
  view.setBigUint64(at + 16, record.commitNumber, true);
  view.setUint16(at + 24, record.shard, true);
  view.setUint16(at + 26, record.flags, true);
  view.setUint32(at + 28, record.commandCount, true);
  view.setUint32(at + 32, record.part, true);
  view.setUint32(at + 36, record.engineVersion, true);
  view.setUint8(at + 40, record.lastPart);
  view.setBigUint64(at + 48, record.previousHash0, true);
  view.setBigUint64(at + 56, record.previousHash1, true);
  view.setBigUint64(at + 64, record.previousHash2, true);
  view.setBigUint64(at + 72, record.previousHash3, true);
  view.setBigUint64(at + 80, record.hash0, true);
  view.setBigUint64(at + 88, record.hash1, true);
  view.setBigUint64(at + 96, record.hash2, true);
  view.setBigUint64(at + 104, record.hash3, true);
  view.setBigUint64(at + 112, record.stateHash0, true);
  view.setBigUint64(at + 120, record.stateHash1, true);
};

export interface CommandBatch {
  readonly ackLevel: number;
  readonly flags: number;
  readonly commandCount: number;
  readonly deadlineNanos: bigint;
}

/** Byte offsets inside the data section of CommandBatch. */
export const CommandBatchOffset = { ackLevel: 0, flags: 1, commandCount: 4, deadlineNanos: 8 } as const;
export const CommandBatchSize = { dataBytes: 16, pointers: 1 } as const;

export const decodeCommandBatch = (view: DataView, at: number): CommandBatch => ({
  ackLevel: view.getUint8(at + 0),
  flags: view.getUint8(at + 1),
  commandCount: view.getUint32(at + 4, true),
  deadlineNanos: view.getBigUint64(at + 8, true),
});

export const encodeCommandBatch = (view: DataView, at: number, record: CommandBatch): void => {
  view.setUint8(at + 0, record.ackLevel);
  view.setUint8(at + 1, record.flags);
  view.setUint32(at + 4, record.commandCount, true);
  view.setBigUint64(at + 8, record.deadlineNanos, true);
};

export interface CommandBatchAnswer {
  readonly code: number;
  readonly ackLevel: number;
  readonly shard: number;
  readonly epoch: bigint;
  readonly firstCommandNumber: bigint;
  readonly lastCommandNumber: bigint;
  readonly streamSequence: bigint;
  readonly retryAfterMs: number;
}

/** Byte offsets inside the data section of CommandBatchAnswer. */
export const CommandBatchAnswerOffset = { code: 0, ackLevel: 2, shard: 4, epoch: 8, firstCommandNumber: 16, lastCommandNumber: 24, streamSequence: 32, retryAfterMs: 40 } as const;
export const CommandBatchAnswerSize = { dataBytes: 48, pointers: 1 } as const;

export const decodeCommandBatchAnswer = (view: DataView, at: number): CommandBatchAnswer => ({
  code: view.getUint16(at + 0, true),
  ackLevel: view.getUint8(at + 2),
  shard: view.getUint16(at + 4, true),
  epoch: view.getBigUint64(at + 8, true),
  firstCommandNumber: view.getBigUint64(at + 16, true),
  lastCommandNumber: view.getBigUint64(at + 24, true),
  streamSequence: view.getBigUint64(at + 32, true),
  retryAfterMs: view.getUint32(at + 40, true),
});

export const encodeCommandBatchAnswer = (view: DataView, at: number, record: CommandBatchAnswer): void => {
  view.setUint16(at + 0, record.code, true);
  view.setUint8(at + 2, record.ackLevel);
  view.setUint16(at + 4, record.shard, true);
  view.setBigUint64(at + 8, record.epoch, true);
  view.setBigUint64(at + 16, record.firstCommandNumber, true);
  view.setBigUint64(at + 24, record.lastCommandNumber, true);
  view.setBigUint64(at + 32, record.streamSequence, true);
  view.setUint32(at + 40, record.retryAfterMs, true);
};
