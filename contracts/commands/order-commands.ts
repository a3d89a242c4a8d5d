/**
 * Commands of the engine as values, and their encoding as records. Amounts are integers: ticks, lots, money units.
 * `encodeCommands` gives the records of a batch; `message.ts` puts them into a message.
 */
import type { AccountId, ClientOrderId, CurrencyId, InstrumentId, OrderId } from '../ids/ids.js';
import { encodeCommandRecord, recordBytes, type CommandRecord } from '../tape/layout.generated.js';
import { viewOf } from '../tape/message.js';
import { textToWords } from '../tape/text-words.js';
import type {
  AccountKind,
  CashReason,
  InstrumentKind,
  OrderType,
  PositionReason,
  PricePurpose,
  PriceSource,
  Side,
  StateReason,
  StateScope,
  TimeInForce,
  TradingState,
} from '../tape/codes.generated.js';

/** Fields that any command may carry. */
interface CommandBase {
  /** Makes the command idempotent per account: the same id and content gets the original answer. */
  readonly clientOrderId?: ClientOrderId;
  readonly correlationId?: bigint;
  readonly sessionId?: number;
  /** UNIX nanoseconds; counts only in batches with flag TimeSupplied. */
  readonly timeNanos?: bigint;
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
  | AdvanceTime;

const amendPrice = 1;
const amendQuantity = 2;

const words5 = (text: string): { text0: bigint; text1: bigint; text2: bigint; text3: bigint; text4: bigint } => {
  const [text0 = 0n, text1 = 0n, text2 = 0n, text3 = 0n, text4 = 0n] = textToWords(text, 5);
  return { text0, text1, text2, text3, text4 };
};

const emptyHead = { extensionCount: 0, flags: 0, sessionId: 0, timeNanos: 0n } as const;

/** The primary record and its extensions, in wire order. */
export const recordsOf = (command: EngineCommand): CommandRecord[] => {
  const extensions: CommandRecord[] = [];
  if (command.clientOrderId !== undefined) {
    extensions.push({ ...emptyHead, type: 'clientOrder', ...words5(command.clientOrderId), correlationId: command.correlationId ?? 0n });
  }
  const targetId = (target: OrderTarget): bigint => {
    if ('orderId' in target) return target.orderId;
    extensions.push({ ...emptyHead, type: 'originalClientOrder', ...words5(target.origClientOrderId) });
    return 0n;
  };
  const primary = primaryOf(command, targetId, extensions);
  return [
    { ...primary, extensionCount: extensions.length, sessionId: command.sessionId ?? 0, timeNanos: command.timeNanos ?? 0n },
    ...extensions,
  ];
};

const primaryOf = (command: EngineCommand, targetId: (target: OrderTarget) => bigint, extensions: CommandRecord[]): CommandRecord => {
  switch (command.type) {
    case 'PlaceOrder':
      return {
        ...emptyHead,
        type: 'placeOrder',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        priceTicks: command.priceTicks,
        quantityLots: command.quantityLots,
        side: command.side,
        orderType: command.orderType,
        timeInForce: command.timeInForce,
        selfTradePrevention: 0,
        instructions: command.instructions ?? 0,
        triggerSource: 0,
        pegKind: 0,
        stopPriceTicks: 0n,
        displayQuantityLots: 0n,
      };
    case 'AmendOrder':
      return {
        ...emptyHead,
        type: 'amendOrder',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        orderId: targetId(command.target),
        flags: (command.priceTicks === undefined ? 0 : amendPrice) | (command.quantityLots === undefined ? 0 : amendQuantity),
        priceTicks: command.priceTicks ?? 0n,
        quantityLots: command.quantityLots ?? 0n,
        stopPriceTicks: 0n,
        displayQuantityLots: 0n,
      };
    case 'CancelOrder':
      return {
        ...emptyHead,
        type: 'cancelOrder',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        orderId: targetId(command.target),
      };
    case 'CancelAllOrders':
      return {
        ...emptyHead,
        type: 'cancelAllOrders',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        side: command.side,
        sessionFilter: 0,
      };
    case 'MoveCash':
      return {
        ...emptyHead,
        type: 'moveCash',
        accountId: command.accountId,
        currencyId: command.currencyId,
        reason: command.reason,
        amountUnits: command.amountUnits,
        referenceId: 0n,
      };
    case 'MovePosition':
      return {
        ...emptyHead,
        type: 'movePosition',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        quantityLots: command.quantityLots,
        costUnits: command.costUnits,
        reason: command.reason,
      };
    case 'DefineInstrument': {
      const [text0 = 0n, text1 = 0n, text2 = 0n, text3 = 0n] = textToWords(command.symbol, 4);
      extensions.push({
        ...emptyHead,
        type: 'instrumentSymbol',
        tickMantissa: command.tickMantissa,
        lotMantissa: command.lotMantissa,
        tickExponent: command.tickExponent,
        lotExponent: command.lotExponent,
        moneyExponent: command.moneyExponent,
        text0,
        text1,
        text2,
        text3,
        calendarId: 0,
      });
      return {
        ...emptyHead,
        type: 'defineInstrument',
        instrumentId: command.instrumentId,
        underlyingId: command.underlyingId,
        unitsPerTickLot: command.unitsPerTickLot,
        maxQuantityLots: command.maxQuantityLots,
        minNotionalUnits: command.minNotionalUnits,
        instrumentKind: command.instrumentKind,
        initialState: command.initialState,
        currencyId: command.currencyId,
        makerFeePpm: command.makerFeePpm,
        takerFeePpm: command.takerFeePpm,
        collarPpm: command.collarPpm,
      };
    }
    case 'DefineAccount':
      return {
        ...emptyHead,
        type: 'defineAccount',
        accountId: command.accountId,
        groupId: command.groupId,
        accountKind: command.accountKind,
        initialState: command.initialState,
        permissions: command.permissions,
        feeSchedule: 0,
      };
    case 'SetTradingState':
      return {
        ...emptyHead,
        type: 'setTradingState',
        scope: command.scope,
        state: command.state,
        reason: command.reason,
        targetId: command.targetId,
      };
    case 'SetReferencePrice':
      return {
        ...emptyHead,
        type: 'setReferencePrice',
        instrumentId: command.instrumentId,
        source: command.source,
        purpose: command.purpose,
        priceTicks: command.priceTicks,
        sourceTimeNanos: command.sourceTimeNanos,
      };
    case 'AdvanceTime':
      return { ...emptyHead, type: 'advanceTime', confirmJump: command.confirmJump ? 1 : 0 };
  }
};

/** Encodes commands as one run of 64-byte records; `commandCount` counts the primary ones. */
export const encodeCommands = (commands: readonly EngineCommand[]): { readonly records: Uint8Array; readonly commandCount: number } => {
  const all = commands.flatMap(recordsOf);
  const records = new Uint8Array(all.length * recordBytes);
  const view = viewOf(records);
  all.forEach((record, index) => encodeCommandRecord(view, index * recordBytes, record));
  return { records, commandCount: commands.length };
};
