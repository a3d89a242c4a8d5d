import { errorCodeOf, type ErrorCode } from '#contracts/tape/codes.generated.js';

/**
 * What the engine notes while it executes a command that it was asked to explain (docs/engine-abi.md, "Notes"). Prices in ticks,
 * quantities in lots, amounts in money units, rates in parts per million, carries in millionths of a unit; 0n = none where an id or a price
 * may lack.
 */
export type ExplanationNote =
  | { readonly type: 'command'; readonly commandNumber: bigint; readonly commandKind: number; readonly timeNanos: bigint }
  | {
      readonly type: 'order';
      readonly orderId: bigint;
      readonly step: 'placed' | 'amended' | 'triggered' | 'entered';
      readonly side: number;
      readonly orderType: number;
      readonly priceTicks: bigint;
      readonly leavesLots: bigint;
      readonly stopTicks: bigint;
    }
  | {
      readonly type: 'check';
      /** The error that it refuses with names the check. */
      readonly check: ErrorCode | `CODE_${number}`;
      readonly passed: boolean;
      readonly relation: 'atMost' | 'atLeast' | 'holds' | 'refused';
      readonly observed: bigint;
      readonly limit: bigint;
    }
  | {
      readonly type: 'cost';
      readonly notionalUnits: bigint;
      readonly ratePpm: bigint;
      readonly carry: bigint;
      readonly neededUnits: bigint;
    }
  | {
      readonly type: 'margin';
      readonly beforeUnits: bigint;
      readonly afterUnits: bigint;
      readonly feeUnits: bigint;
      readonly givenUnits: bigint;
    }
  | {
      readonly type: 'match';
      readonly takerOrderId: bigint;
      readonly makerOrderId: bigint;
      readonly priceTicks: bigint;
      readonly lots: bigint;
      readonly makerPlace: bigint;
      readonly nextPlace: bigint;
      readonly nextPriceTicks: bigint;
    }
  | {
      readonly type: 'auctioned';
      readonly buyOrderId: bigint;
      readonly sellOrderId: bigint;
      readonly priceTicks: bigint;
      readonly lots: bigint;
      readonly buyPriceTicks: bigint;
      readonly sellPriceTicks: bigint;
    }
  | {
      readonly type: 'fee';
      readonly orderId: bigint;
      readonly maker: boolean;
      readonly notionalUnits: bigint;
      readonly ratePpm: bigint;
      readonly carryBefore: bigint;
      readonly feeUnits: bigint;
      readonly carryAfter: bigint;
    }
  | {
      readonly type: 'rested';
      readonly orderId: bigint;
      readonly priceTicks: bigint;
      readonly leavesLots: bigint;
      readonly ordersAhead: bigint;
      readonly lotsAhead: bigint;
      readonly betterLots: bigint;
      readonly reservedUnits: bigint;
    }
  | {
      /** Of `rested`, what everybody sees: without hidden orders and the hidden parts of icebergs. */
      readonly type: 'shown';
      readonly orderId: bigint;
      readonly ordersAhead: bigint;
      readonly lotsAhead: bigint;
      readonly betterLots: bigint;
    }
  | {
      readonly type: 'waits';
      readonly orderId: bigint;
      readonly triggerSource: number;
      readonly stopTicks: bigint;
      readonly priceTicks: bigint;
      readonly reservedUnits: bigint;
    }
  | {
      readonly type: 'triggered';
      readonly orderId: bigint;
      readonly triggerSource: number;
      readonly rise: boolean;
      readonly stopTicks: bigint;
      readonly priceTicks: bigint;
    }
  | {
      readonly type: 'trailed';
      readonly orderId: bigint;
      readonly beforeTicks: bigint;
      readonly stopTicks: bigint;
      readonly priceTicks: bigint;
    }
  | {
      readonly type: 'prevented';
      readonly takerOrderId: bigint;
      readonly makerOrderId: bigint;
      readonly mode: number;
      readonly takerLeavesLots: bigint;
      readonly makerLeavesLots: bigint;
    }
  | {
      readonly type: 'repriced';
      readonly orderId: bigint;
      readonly askedTicks: bigint;
      readonly priceTicks: bigint;
      readonly bestTicks: bigint;
    }
  | { readonly type: 'refreshed'; readonly orderId: bigint; readonly shownLots: bigint; readonly leavesLots: bigint }
  | { readonly type: 'sized'; readonly orderId: bigint; readonly leavesLots: bigint }
  | { readonly type: 'carried'; readonly orderId: bigint; readonly carry: bigint }
  | { readonly type: 'lowered'; readonly orderId: bigint; readonly reason: number; readonly byLots: bigint; readonly leavesLots: bigint }
  | { readonly type: 'ended'; readonly orderId: bigint; readonly reason: number; readonly leavesLots: bigint; readonly cumLots: bigint }
  | { readonly type: 'repeats'; readonly commandNumber: bigint };

export const noteBytes = 64;

const steps = ['placed', 'amended', 'triggered', 'entered'] as const;
const relations = ['atMost', 'atLeast', 'holds', 'refused'] as const;

/** The note at byte `at`; null for a kind of a later release. */
export const decodeNote = (view: DataView, at: number): ExplanationNote | null => {
  const code = view.getUint16(at + 2, true);
  const [a, b, c] = [view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6)];
  const id = view.getBigUint64(at + 8, true);
  const [v2, v3, v4, v5, v6, v7] = [16, 24, 32, 40, 48, 56].map((offset) => view.getBigInt64(at + offset, true)) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  switch (view.getUint16(at, true)) {
    case 1:
      return { type: 'command', commandNumber: id, commandKind: code, timeNanos: BigInt.asUintN(64, v2) };
    case 2: {
      const step = steps[a - 1];
      if (step === undefined) return null;
      return { type: 'order', orderId: id, step, side: b, orderType: c, priceTicks: v2, leavesLots: v3, stopTicks: v4 };
    }
    case 3: {
      const relation = relations[a - 1];
      if (relation === undefined) return null;
      const check = errorCodeOf[code] ?? `CODE_${code}`;
      return { type: 'check', check, passed: relation !== 'refused', relation, observed: v2, limit: v3 };
    }
    case 4:
      return { type: 'cost', notionalUnits: v2, ratePpm: v3, carry: v4, neededUnits: v5 };
    case 5:
      return {
        type: 'match',
        takerOrderId: id,
        makerOrderId: BigInt.asUintN(64, v2),
        priceTicks: v3,
        lots: v4,
        makerPlace: v5,
        nextPlace: v6,
        nextPriceTicks: v7,
      };
    case 6:
      return {
        type: 'fee',
        orderId: id,
        maker: a === 1,
        notionalUnits: v2,
        ratePpm: v3,
        carryBefore: v4,
        feeUnits: v5,
        carryAfter: v6,
      };
    case 7:
      return {
        type: 'rested',
        orderId: id,
        priceTicks: v2,
        leavesLots: v3,
        ordersAhead: v4,
        lotsAhead: v5,
        betterLots: v6,
        reservedUnits: v7,
      };
    case 8:
      return { type: 'waits', orderId: id, triggerSource: a, stopTicks: v2, priceTicks: v3, reservedUnits: v4 };
    case 9:
      return { type: 'triggered', orderId: id, triggerSource: a, rise: b === 1, stopTicks: v2, priceTicks: v3 };
    case 10:
      return { type: 'trailed', orderId: id, beforeTicks: v2, stopTicks: v3, priceTicks: v4 };
    case 11: {
      const makerOrderId = BigInt.asUintN(64, v2);
      return { type: 'prevented', takerOrderId: id, makerOrderId, mode: a, takerLeavesLots: v3, makerLeavesLots: v4 };
    }
    case 12:
      return { type: 'repriced', orderId: id, askedTicks: v2, priceTicks: v3, bestTicks: v4 };
    case 13:
      return { type: 'refreshed', orderId: id, shownLots: v2, leavesLots: v3 };
    case 14:
      return { type: 'lowered', orderId: id, reason: code, byLots: v2, leavesLots: v3 };
    case 15:
      return { type: 'ended', orderId: id, reason: code, leavesLots: v2, cumLots: v3 };
    case 16:
      return { type: 'repeats', commandNumber: id };
    case 17:
      return { type: 'margin', beforeUnits: v2, afterUnits: v3, feeUnits: v4, givenUnits: v5 };
    case 18:
      return {
        type: 'auctioned',
        buyOrderId: id,
        sellOrderId: BigInt.asUintN(64, v2),
        priceTicks: v3,
        lots: v4,
        buyPriceTicks: v5,
        sellPriceTicks: v6,
      };
    case 19:
      return { type: 'sized', orderId: id, leavesLots: v2 };
    case 20:
      return { type: 'carried', orderId: id, carry: v2 };
    case 21:
      return { type: 'shown', orderId: id, ordersAhead: v2, lotsAhead: v3, betterLots: v4 };
    default:
      return null;
  }
};
