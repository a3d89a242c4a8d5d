import { encodeCommands, type EngineCommand, type PlaceOrder } from '#contracts/commands/order-commands.js';
import { plainEquity } from '#contracts/commands/testing/plain-equity.js';
import { parseAccountId, parseClientOrderId, parseCurrencyId, parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import {
  AccountKind,
  AckLevel,
  BatchFlag,
  CashReason,
  OrderType,
  PositionReason,
  Side,
  TimeInForce,
  TradingState,
} from '#contracts/tape/codes.generated.js';
import { buildCommandBatch } from '#contracts/tape/message.js';

/** A market of one instrument and two rich accounts, for tests of everything around the engine. */
export const instrumentId = unwrap(parseInstrumentId(1));
export const currencyId = unwrap(parseCurrencyId(1));
export const accountIds = [unwrap(parseAccountId(101)), unwrap(parseAccountId(102))] as const;

/** UNIX time that the market begins at when times are supplied. */
export const marketOpenNanos = 1_750_000_000_000_000_000n;

const defineAccount = (accountId: (typeof accountIds)[number]): readonly EngineCommand[] => [
  { type: 'DefineAccount', accountId, groupId: 0, accountKind: AccountKind.Cash, initialState: TradingState.Active, permissions: 0 },
  { type: 'MoveCash', accountId, currencyId, reason: CashReason.Deposit, amountUnits: 1_000_000_000_000_000_000n },
  { type: 'MovePosition', accountId, instrumentId, quantityLots: 1_000_000_000n, costUnits: 0n, reason: PositionReason.Seed },
];

/** Defines the instrument and the accounts, and gives them cash and stock. */
export const openMarket: readonly EngineCommand[] = [
  plainEquity(instrumentId, 'TEST', { underlyingId: 1, currencyId }),
  ...accountIds.flatMap(defineAccount),
];

/** A good-till-cancel limit order of account 0 or 1. */
export const limitOrder = (order: {
  readonly account: 0 | 1;
  readonly side: Side;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly clientOrderId?: string;
  readonly timeNanos?: bigint;
}): PlaceOrder => ({
  type: 'PlaceOrder',
  accountId: accountIds[order.account],
  instrumentId,
  side: order.side,
  orderType: OrderType.Limit,
  timeInForce: TimeInForce.GoodTillCancel,
  priceTicks: order.priceTicks,
  quantityLots: order.quantityLots,
  ...(order.clientOrderId === undefined ? {} : { clientOrderId: unwrap(parseClientOrderId(order.clientOrderId)) }),
  ...(order.timeNanos === undefined ? {} : { timeNanos: order.timeNanos }),
});

/** The `index`-th order of an endless flow that trades now and then; the same index gives the same order, time included. */
export const flowOrder = (index: number, clientOrderPrefix: string): PlaceOrder => {
  const spread = (index * 7_919) % 40;
  return limitOrder({
    account: index % 2 === 0 ? 0 : 1,
    side: (index * 31) % 3 === 0 ? Side.Buy : Side.Sell,
    priceTicks: BigInt(10_000 + spread - 20),
    quantityLots: BigInt(1 + ((index * 13) % 50)),
    clientOrderId: `${clientOrderPrefix}-${index}`,
    timeNanos: marketOpenNanos + BigInt(index) * 1_000_000n,
  });
};

/** A `CommandBatch` message. */
export const batchOf = (
  commands: readonly EngineCommand[],
  options: { readonly ackLevel?: AckLevel; readonly timeSupplied?: boolean; readonly deadlineNanos?: bigint } = {},
): Uint8Array => {
  const { records, commandCount } = encodeCommands(commands);
  const flags = options.timeSupplied === true ? BatchFlag.TimeSupplied : 0;
  return buildCommandBatch(
    { ackLevel: options.ackLevel ?? AckLevel.Durable, flags, commandCount, deadlineNanos: options.deadlineNanos ?? 0n },
    records,
  );
};
