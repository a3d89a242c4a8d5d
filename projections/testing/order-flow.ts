/** A seeded flow of engine commands of every kind that changes a read model: deterministic, with refusals and repetitions. */
import type { EngineCommand, PlaceOrder } from '#contracts/commands/order-commands.js';
import { parseAccountId, parseClientOrderId, parseInstrumentId, type AccountId, type InstrumentId } from '#contracts/ids/ids.js';
import { currencyIdOf } from '#contracts/money/currencies.js';
import { unitsPerTickLot, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { unwrap } from '#contracts/result/result.js';
import {
  AccountKind,
  AccountPermission,
  CashReason,
  InstrumentKind,
  LimitScope,
  OffsetUnit,
  OrderInstruction,
  OrderType,
  PositionReason,
  PricePurpose,
  PriceSource,
  Restriction,
  SelfTradePrevention,
  Side,
  StateReason,
  StateScope,
  TimeInForce,
  TradingState,
  TriggerSource,
  TripRule,
} from '#contracts/tape/codes.generated.js';

/** 2026-01-05 14:30:00 UTC. */
export const flowStartNanos = 1_767_623_400_000_000_000n;

export interface FlowInstrument {
  readonly id: InstrumentId;
  readonly symbol: string;
  readonly scale: InstrumentScale;
  readonly middleTicks: bigint;
}

export const flowInstruments: readonly FlowInstrument[] = [
  {
    id: unwrap(parseInstrumentId(1)),
    symbol: 'ALPHA',
    scale: { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 0, moneyExponent: 8 },
    middleTicks: 18_240n,
  },
  {
    id: unwrap(parseInstrumentId(2)),
    symbol: 'BETA-USD',
    scale: { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 },
    middleTicks: 128_500n,
  },
];

export const flowAccounts: readonly AccountId[] = [11, 12, 13, 14, 15].map((id) => unwrap(parseAccountId(id)));

/** Rules that are in force from the beginning on, and that nothing of the flow breaks. */
const flowRules: readonly EngineCommand[] = flowAccounts.flatMap((accountId): EngineCommand[] => [
  {
    type: 'SetRiskLimits',
    scope: LimitScope.Account,
    targetId: accountId,
    instrumentId: flowInstruments[0]?.id ?? 0,
    version: 1,
    bounds: { maxOrderQuantityLots: 1_000_000n, ordersPerSecond: 1_000_000, burstOrders: 1_000_000 },
  },
  ...flowInstruments.map(({ id }): EngineCommand => ({
    type: 'SetRestriction',
    accountId,
    instrumentId: id,
    restriction: Restriction.NoShortSale,
    version: 2,
  })),
  {
    type: 'SetTripRule',
    scope: StateScope.Account,
    targetId: accountId,
    rule: TripRule.RejectRate,
    threshold: 1_000_000n,
    windowNanos: 1_000_000_000n,
    resultingState: TradingState.ReduceOnly,
  },
]);

/** Small, fast, good enough to spread a test's choices: xorshift32. */
export const randomOf = (seed: number): ((bound: number) => number) => {
  let state = seed >>> 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % bound;
  };
};

/** Instruments, accounts, cash, positions and reference prices. */
export const openingCommands = (): EngineCommand[] => [
  ...flowInstruments.flatMap(({ id, symbol, scale, middleTicks }): EngineCommand[] => [
    {
      type: 'DefineInstrument',
      instrumentId: id,
      underlyingId: id,
      symbol,
      instrumentKind: scale.lotExponent === 0 ? InstrumentKind.Equity : InstrumentKind.CryptoSpot,
      currencyId: currencyIdOf('USD'),
      unitsPerTickLot: unwrap(unitsPerTickLot(scale)),
      tickMantissa: Number(scale.tickMantissa),
      tickExponent: scale.tickExponent,
      lotMantissa: Number(scale.lotMantissa),
      lotExponent: scale.lotExponent,
      moneyExponent: scale.moneyExponent,
      maxQuantityLots: 1_000_000n,
      minNotionalUnits: 0n,
      makerFeePpm: -50,
      takerFeePpm: 300,
      collarPpm: 0,
      initialState: TradingState.Active,
    },
    {
      type: 'SetReferencePrice',
      instrumentId: id,
      source: PriceSource.Definition,
      purpose: PricePurpose.Both,
      priceTicks: middleTicks,
      sourceTimeNanos: flowStartNanos,
    },
  ]),
  ...flowAccounts.flatMap((accountId): EngineCommand[] => [
    {
      type: 'DefineAccount',
      accountId,
      groupId: 0,
      accountKind: AccountKind.Cash,
      initialState: TradingState.Active,
      permissions: AccountPermission.ShortSale,
    },
    { type: 'MoveCash', accountId, currencyId: currencyIdOf('USD'), reason: CashReason.Deposit, amountUnits: 900_000_000_000_000_000n },
    ...flowInstruments.map(({ id }): EngineCommand => ({
      type: 'MovePosition',
      accountId,
      instrumentId: id,
      quantityLots: 10_000_000n,
      costUnits: 1_000_000n,
      reason: PositionReason.Seed,
    })),
  ]),
  ...flowRules,
];

const timesInForce = [
  TimeInForce.GoodTillCancel,
  TimeInForce.GoodTillCancel,
  TimeInForce.Day,
  TimeInForce.ImmediateOrCancel,
  TimeInForce.FillOrKill,
] as const;

/** Terms beside price and quantity that a limit order of the flow has: mostly none. */
const specialOf = (random: (below: number) => number, priceTicks: bigint, timeNanos: bigint): Partial<PlaceOrder> => {
  const near = (): bigint => priceTicks + BigInt(random(21) - 10);
  switch (random(30)) {
    case 0:
    case 1:
      return { instructions: OrderInstruction.PostOnly };
    case 2:
      return { displayQuantityLots: BigInt(1 + random(40)), timeInForce: TimeInForce.GoodTillCancel };
    case 3:
      return { orderType: OrderType.Stop, priceTicks: 0n, stopPriceTicks: near(), triggerSource: TriggerSource.Last };
    case 4:
      return { orderType: OrderType.StopLimit, stopPriceTicks: near(), triggerSource: TriggerSource.BidAsk };
    case 5:
      return {
        orderType: OrderType.TrailingStop,
        priceTicks: 0n,
        triggerSource: TriggerSource.Last,
        terms: { trailingOffset: BigInt(1 + random(12)), trailingUnit: random(2) === 0 ? OffsetUnit.Ticks : OffsetUnit.BasisPoints },
      };
    case 6:
      return {
        timeInForce: TimeInForce.GoodTillDate,
        terms: { expireTimeNanos: timeNanos + BigInt(random(2_000_000_000)), minimumQuantityLots: random(4) === 0 ? 1n : 0n },
      };
    case 7:
      return { instructions: OrderInstruction.Hidden, timeInForce: TimeInForce.GoodTillCancel };
    case 8:
      return { selfTradePrevention: random(2) === 0 ? SelfTradePrevention.CancelOldest : SelfTradePrevention.DecrementAndCancel };
    case 9:
      return { orderType: OrderType.LimitIfTouched, stopPriceTicks: near(), triggerSource: TriggerSource.Last };
    default:
      return {};
  }
};

/** `count` commands; the same seed and prefix give the same ones. Times advance by up to 40 ms a command, so minutes pass. */
export const orderFlow = (options: {
  readonly count: number;
  readonly seed: number;
  readonly prefix: string;
  readonly fromNanos?: bigint;
}): EngineCommand[] => {
  const random = randomOf(options.seed);
  const commands: EngineCommand[] = [];
  const placed: { readonly id: string; readonly accountId: AccountId; readonly instrumentId: InstrumentId; readonly priceTicks: bigint }[] =
    [];
  let timeNanos = options.fromNanos ?? flowStartNanos;
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[random(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  for (let index = 0; index < options.count; index += 1) {
    timeNanos += BigInt(random(40_000_000));
    const clientOrderId = unwrap(parseClientOrderId(`${options.prefix}-${index}`));
    const base = { clientOrderId, timeNanos };
    const target = placed.length === 0 ? undefined : placed[Math.max(0, placed.length - 1 - random(60))];
    const kind = random(100);
    if (kind < 14 && target !== undefined) {
      const { accountId, instrumentId } = target;
      commands.push({
        ...base,
        type: 'CancelOrder',
        accountId,
        instrumentId,
        target: { origClientOrderId: unwrap(parseClientOrderId(target.id)) },
      });
    } else if (kind < 24 && target !== undefined) {
      const { accountId, instrumentId, priceTicks } = target;
      commands.push({
        ...base,
        type: 'AmendOrder',
        accountId,
        instrumentId,
        target: { origClientOrderId: unwrap(parseClientOrderId(target.id)) },
        ...(random(8) === 0 ? { displayQuantityLots: BigInt(random(30)) } : { priceTicks: priceTicks + BigInt(random(9) - 4) }),
        quantityLots: BigInt(1 + random(400)),
      });
    } else if (kind === 24) {
      commands.push({ ...base, type: 'CancelAllOrders', accountId: pick(flowAccounts), instrumentId: 0, side: 0 });
    } else if (kind === 25) {
      const accountId = pick(flowAccounts);
      commands.push({
        ...base,
        type: 'MoveCash',
        accountId,
        currencyId: currencyIdOf('USD'),
        reason: CashReason.Deposit,
        amountUnits: BigInt(1 + random(1_000_000)),
      });
    } else if (kind === 26) {
      const instrument = pick(flowInstruments);
      const state = random(3) === 0 ? TradingState.Halted : TradingState.Active;
      commands.push({
        ...base,
        type: 'SetTradingState',
        scope: StateScope.Instrument,
        state,
        reason: StateReason.Operator,
        targetId: instrument.id,
      });
    } else if (kind === 28) {
      const target = pick(flowAccounts);
      const bounds = random(3) === 0 ? {} : { maxOpenOrders: 10_000 + random(100), maxOrderNotionalUnits: 8_000_000_000_000_000_000n };
      commands.push({
        ...base,
        type: 'SetRiskLimits',
        scope: LimitScope.Account,
        targetId: target,
        instrumentId: 0,
        version: index + 1,
        bounds,
      });
    } else if (kind === 27 && commands.length > 0) {
      const again = commands[Math.max(0, commands.length - 1 - random(20))]; // sent twice: the first answer again, no new effect
      if (again !== undefined) commands.push({ ...again, timeNanos });
    } else {
      const instrument = pick(flowInstruments);
      const market = random(20) === 0;
      const priceTicks = instrument.middleTicks + BigInt(random(60) - 30);
      const accountId = random(200) === 0 ? unwrap(parseAccountId(99)) : pick(flowAccounts); // 99 does not exist: refused
      commands.push({
        ...base,
        type: 'PlaceOrder',
        accountId,
        instrumentId: instrument.id,
        side: random(2) === 0 ? Side.Buy : Side.Sell,
        orderType: market ? OrderType.Market : OrderType.Limit,
        timeInForce: market ? TimeInForce.ImmediateOrCancel : pick(timesInForce),
        priceTicks: market ? 0n : priceTicks,
        quantityLots: BigInt(1 + random(300)),
        ...(market ? {} : specialOf(random, priceTicks, timeNanos)),
      });
      placed.push({ id: clientOrderId, accountId, instrumentId: instrument.id, priceTicks });
    }
  }
  return commands;
};
