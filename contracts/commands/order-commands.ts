/**
 * Commands of the engine, and their encoding as records of the wire: the primary record, then its extensions.
 * `encodeCommands` gives the records of a batch; `message.ts` puts them into a message.
 */
import { AmendFlag, StateFlag } from '../tape/codes.generated.js';
import { encodeCommandRecord, recordBytes, type CommandRecord } from '../tape/layout.generated.js';
import { viewOf } from '../tape/message.js';
import { textToWords } from '../tape/text-words.js';
import { isOperatorCommand, operatorRecordOf } from './operator-records.js';
import type { OperatorCommand } from './operator-commands.js';
import type { AmendOrder, EngineCommand, OrderTarget, PlaceOrder, TickBand } from './engine-commands.js';

export type * from './engine-commands.js';
export type * from './operator-commands.js';

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
  const primary = isOperatorCommand(command) ? operatorRecordOf(command, extensions) : primaryOf(command, targetId, extensions);
  return [
    { ...primary, extensionCount: extensions.length, sessionId: command.sessionId ?? 0, timeNanos: command.timeNanos ?? 0n },
    ...extensions,
  ];
};

const extensionsOfOrder = ({ terms, list }: PlaceOrder): CommandRecord[] => {
  const extensions: CommandRecord[] = [];
  if (terms !== undefined) {
    extensions.push({
      ...emptyHead,
      type: 'orderTerms',
      expireTimeNanos: terms.expireTimeNanos ?? 0n,
      minimumQuantityLots: terms.minimumQuantityLots ?? 0n,
      trailingOffset: terms.trailingOffset ?? 0n,
      pegOffsetTicks: terms.pegOffsetTicks ?? 0n,
      limitOffsetTicks: terms.limitOffsetTicks ?? 0n,
      trailingUnit: terms.trailingUnit ?? 0,
    });
  }
  if (list !== undefined) extensions.push({ ...emptyHead, type: 'listLink', ...list });
  return extensions;
};

/** Two bands to a record; a second one that is not there is zero. */
const bandsOf = (bands: readonly TickBand[]): CommandRecord[] => {
  const records: CommandRecord[] = [];
  for (let at = 0; at < bands.length; at += 2) {
    const [first, second] = bands.slice(at, at + 2);
    records.push({
      ...emptyHead,
      type: 'tickBand',
      fromPriceTicks0: first?.fromPriceTicks ?? 0n,
      fromPriceTicks1: second?.fromPriceTicks ?? 0n,
      stepTicks0: first?.stepTicks ?? 0,
      stepTicks1: second?.stepTicks ?? 0,
    });
  }
  return records;
};

const amendFlagsOf = (command: AmendOrder): number =>
  (command.priceTicks === undefined ? 0 : AmendFlag.Price) |
  (command.quantityLots === undefined ? 0 : AmendFlag.Quantity) |
  (command.stopPriceTicks === undefined ? 0 : AmendFlag.StopPrice) |
  (command.displayQuantityLots === undefined ? 0 : AmendFlag.DisplayQuantity);

const primaryOf = (
  command: Exclude<EngineCommand, OperatorCommand>,
  targetId: (target: OrderTarget) => bigint,
  extensions: CommandRecord[],
): CommandRecord => {
  switch (command.type) {
    case 'PlaceOrder':
      extensions.push(...extensionsOfOrder(command));
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
        selfTradePrevention: command.selfTradePrevention ?? 0,
        instructions: command.instructions ?? 0,
        triggerSource: command.triggerSource ?? 0,
        pegKind: command.pegKind ?? 0,
        stopPriceTicks: command.stopPriceTicks ?? 0n,
        displayQuantityLots: command.displayQuantityLots ?? 0n,
      };
    case 'AmendOrder':
      return {
        ...emptyHead,
        type: 'amendOrder',
        accountId: command.accountId,
        instrumentId: command.instrumentId,
        orderId: targetId(command.target),
        flags: amendFlagsOf(command),
        priceTicks: command.priceTicks ?? 0n,
        quantityLots: command.quantityLots ?? 0n,
        stopPriceTicks: command.stopPriceTicks ?? 0n,
        displayQuantityLots: command.displayQuantityLots ?? 0n,
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
        sessionFilter: command.sessionFilter ?? 0,
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
        calendarId: command.calendarId ?? 0,
      });
      if (command.derivative !== undefined) extensions.push({ ...emptyHead, type: 'derivativeTerms', ...command.derivative });
      extensions.push(...bandsOf(command.tickBands ?? []));
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
        flags: command.cancelOrders === true ? StateFlag.CancelOrders : 0,
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
