/** Commands of the engine as values. Amounts are integers: ticks, lots, money units. `order-commands.ts` encodes them. */
import type { CommandBase } from './command-base.js';
import type { OperatorCommand } from './operator-commands.js';
import type { AccountId, ClientOrderId, CurrencyId, InstrumentId, OrderId } from '../ids/ids.js';
import type {
  AccountKind,
  CashReason,
  Contingency,
  ExerciseStyle,
  InstrumentKind,
  LegRole,
  OffsetUnit,
  OptionKind,
  OrderType,
  PegKind,
  PositionReason,
  PricePurpose,
  PriceSource,
  SelfTradePrevention,
  Side,
  StateReason,
  StateScope,
  TimeInForce,
  TradingState,
  TriggerSource,
} from '../tape/codes.generated.js';

/** Terms that few orders have. Absent = the order has none. */
export interface OrderTerms {
  /** GTD: engine time at which the order expires. */
  readonly expireTimeNanos?: bigint;
  readonly minimumQuantityLots?: bigint;
  /** Distance of a trailing trigger: ticks or basis points, by `trailingUnit`. */
  readonly trailingOffset?: bigint;
  readonly trailingUnit?: OffsetUnit;
  /** Trailing stop-limit: limit behind the trigger. */
  readonly limitOffsetTicks?: bigint;
  /** Signed distance from the price that a pegged order follows. */
  readonly pegOffsetTicks?: bigint;
}

/** Place of an order in its list. */
export interface ListLink {
  /** Unique per account. */
  readonly listId: bigint;
  readonly contingency: Contingency;
  readonly legRole: LegRole;
  readonly legCount: number;
  readonly legIndex: number;
}

export interface PlaceOrder extends CommandBase {
  readonly type: 'PlaceOrder';
  readonly accountId: AccountId;
  readonly instrumentId: InstrumentId;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  /** 0n for order types without a limit price. */
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  /** OrderInstruction bits. */
  readonly instructions?: number;
  readonly selfTradePrevention?: SelfTradePrevention;
  readonly triggerSource?: TriggerSource;
  readonly stopPriceTicks?: bigint;
  /** Largest visible part; absent = all of it. */
  readonly displayQuantityLots?: bigint;
  readonly pegKind?: PegKind;
  readonly terms?: OrderTerms;
  readonly list?: ListLink;
}

/** An order is named by its id, or by the client order id it was placed with. */
export type OrderTarget = { readonly orderId: OrderId } | { readonly origClientOrderId: ClientOrderId };

export interface AmendOrder extends CommandBase {
  readonly type: 'AmendOrder';
  readonly accountId: AccountId;
  readonly instrumentId: InstrumentId;
  readonly target: OrderTarget;
  readonly priceTicks?: bigint;
  /** New total quantity (FIX OrderQty). */
  readonly quantityLots?: bigint;
  readonly stopPriceTicks?: bigint;
  readonly displayQuantityLots?: bigint;
}

export interface CancelOrder extends CommandBase {
  readonly type: 'CancelOrder';
  readonly accountId: AccountId;
  readonly instrumentId: InstrumentId;
  readonly target: OrderTarget;
}

export interface CancelAllOrders extends CommandBase {
  readonly type: 'CancelAllOrders';
  /** 0 = every account. */
  readonly accountId: AccountId | 0;
  readonly instrumentId: InstrumentId | 0;
  readonly side: Side | 0;
  /** Orders of one client session alone; absent = of every session. */
  readonly sessionFilter?: number;
}

export interface MoveCash extends CommandBase {
  readonly type: 'MoveCash';
  readonly accountId: AccountId;
  readonly currencyId: CurrencyId;
  readonly reason: CashReason;
  /** > 0 deposit, < 0 withdrawal. */
  readonly amountUnits: bigint;
}

export interface MovePosition extends CommandBase {
  readonly type: 'MovePosition';
  readonly accountId: AccountId;
  readonly instrumentId: InstrumentId;
  readonly quantityLots: bigint;
  readonly costUnits: bigint;
  readonly reason: PositionReason;
}

/** What a future or an option is beside its market. */
export interface DerivativeTerms {
  readonly expiryNanos: bigint;
  /** 0n for a future. */
  readonly strikeTicks: bigint;
  readonly multiplier: bigint;
  readonly initialMarginPpm: number;
  readonly maintenanceMarginPpm: number;
  readonly optionKind: OptionKind;
  readonly exerciseStyle: ExerciseStyle;
}

/** From this price on, prices are multiples of `stepTicks` base ticks. */
export interface TickBand {
  readonly fromPriceTicks: bigint;
  readonly stepTicks: number;
}

export interface DefineInstrument extends CommandBase {
  readonly type: 'DefineInstrument';
  readonly instrumentId: InstrumentId;
  readonly underlyingId: number;
  readonly symbol: string;
  readonly instrumentKind: InstrumentKind;
  readonly currencyId: CurrencyId;
  readonly unitsPerTickLot: bigint;
  readonly tickMantissa: number;
  readonly tickExponent: number;
  readonly lotMantissa: number;
  readonly lotExponent: number;
  readonly moneyExponent: number;
  /** 0n = no limit. */
  readonly maxQuantityLots: bigint;
  readonly minNotionalUnits: bigint;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly collarPpm: number;
  readonly initialState: TradingState;
  /** Calendar whose sessions the instrument follows; absent = none. */
  readonly calendarId?: number;
  readonly derivative?: DerivativeTerms;
  /** Ascending; absent = one tick everywhere. */
  readonly tickBands?: readonly TickBand[];
}

export interface DefineAccount extends CommandBase {
  readonly type: 'DefineAccount';
  readonly accountId: AccountId;
  readonly groupId: number;
  readonly accountKind: AccountKind;
  readonly initialState: TradingState;
  /** AccountPermission bits. */
  readonly permissions: number;
}

export interface SetTradingState extends CommandBase {
  readonly type: 'SetTradingState';
  readonly scope: StateScope;
  readonly state: TradingState;
  readonly reason: StateReason;
  readonly targetId: number;
  /** Cancels the open orders of the target too. */
  readonly cancelOrders?: boolean;
}

export interface SetReferencePrice extends CommandBase {
  readonly type: 'SetReferencePrice';
  readonly instrumentId: InstrumentId;
  readonly source: PriceSource;
  readonly purpose: PricePurpose;
  readonly priceTicks: bigint;
  readonly sourceTimeNanos: bigint;
}

export interface AdvanceTime extends CommandBase {
  readonly type: 'AdvanceTime';
  readonly confirmJump: boolean;
}

export type EngineCommand =
  | PlaceOrder
  | AmendOrder
  | CancelOrder
  | CancelAllOrders
  | MoveCash
  | MovePosition
  | DefineInstrument
  | DefineAccount
  | SetTradingState
  | SetReferencePrice
  | AdvanceTime
  | OperatorCommand;
