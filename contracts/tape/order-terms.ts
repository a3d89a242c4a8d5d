/**
 * Terms of an order beyond type, price and quantity. Reports repeat only those that may change, in the `orderDetail` behind an order's
 * state; the others stand in the command that placed it, which is on the tape too.
 */
import { formatPrice, formatQuantity, type InstrumentScale } from '../money/instrument-scale.js';
import { nanosToIso } from '../time/clock.js';
import {
  Contingency,
  ContingencyName,
  LegRoleName,
  OffsetUnit,
  OffsetUnitName,
  OrderInstruction,
  OrderType,
  PegKindName,
  SelfTradePreventionName,
  TriggerSource,
  TriggerSourceName,
} from './codes.generated.js';
import type {
  CommandRecord,
  CommandRecordListLink,
  CommandRecordOrderTerms,
  CommandRecordPlaceOrder,
  ReportRecord,
  ReportRecordOrderDetail,
  ReportRecordOrderState,
} from './layout.generated.js';
import { extensionOf } from './walk.js';

/** Terms that may change while the order is open, as decimals; null = the order has none. */
export interface ChangingTerms {
  /** Of order types with a trigger alone. */
  readonly stopPrice: string | null;
  readonly displayQuantity: string | null;
  readonly minimumQuantity: string | null;
  /** ISO 8601; of dated orders alone. */
  readonly expireTime: string | null;
}

/** Terms that an order keeps, as decimals; null = the order has none. */
export interface PlacedTerms {
  readonly triggerSource: Exclude<TriggerSourceName, 'None'> | null;
  /** A price, or basis points, by `trailingUnit`. */
  readonly trailingOffset: string | null;
  readonly trailingUnit: Exclude<OffsetUnitName, 'None'> | null;
  readonly limitOffset: string | null;
  readonly pegKind: Exclude<PegKindName, 'None'> | null;
  readonly pegOffset: string | null;
  readonly selfTradePrevention: SelfTradePreventionName;
  /** Whole number as text. */
  readonly listId: string | null;
  readonly contingency: Exclude<ContingencyName, 'None'> | null;
  readonly legRole: Exclude<LegRoleName, 'None'> | null;
  readonly legIndex: number | null;
  readonly legCount: number | null;
}

export interface OrderTermsText extends ChangingTerms, PlacedTerms {}

export const noChangingTerms: ChangingTerms = { stopPrice: null, displayQuantity: null, minimumQuantity: null, expireTime: null };

export const noTerms: OrderTermsText = {
  ...noChangingTerms,
  triggerSource: null,
  trailingOffset: null,
  trailingUnit: null,
  limitOffset: null,
  pegKind: null,
  pegOffset: null,
  selfTradePrevention: 'Off',
  listId: null,
  contingency: null,
  legRole: null,
  legIndex: null,
  legCount: null,
};

const priceOf = (ticks: bigint, scale: InstrumentScale): string | null => (ticks === 0n ? null : formatPrice(ticks, scale));
const quantityOf = (lots: bigint, scale: InstrumentScale): string | null => (lots === 0n ? null : formatQuantity(lots, scale));

/** Name of a value, null for 0 and for one that this release does not know. */
const named = <Name extends string>(names: Readonly<Record<number, Name>>, value: number): Exclude<Name, 'None'> | null => {
  const name = names[value];
  return value === 0 || name === undefined ? null : (name as Exclude<Name, 'None'>);
};

const typesWithTrigger: ReadonlySet<number> = new Set([
  OrderType.Stop,
  OrderType.StopLimit,
  OrderType.TrailingStop,
  OrderType.TrailingStopLimit,
  OrderType.MarketIfTouched,
  OrderType.LimitIfTouched,
]);

/** Whether orders of the type wait for a trigger price before they trade. */
export const isTypeWithTrigger = (orderType: number): boolean => typesWithTrigger.has(orderType);

/**
 * What the record behind an order's state says. In the field of the stop price the engine keeps as well what a market order that waits for
 * its auction costs at most, which is no term of the order.
 */
export const changingTermsOf = (
  orderType: number,
  detail: Pick<ReportRecordOrderDetail, 'stopPriceTicks' | 'displayQuantityLots' | 'minimumQuantityLots' | 'expireTimeNanos'>,
  scale: InstrumentScale,
): ChangingTerms => ({
  stopPrice: isTypeWithTrigger(orderType) ? priceOf(detail.stopPriceTicks, scale) : null,
  displayQuantity: quantityOf(detail.displayQuantityLots, scale),
  minimumQuantity: quantityOf(detail.minimumQuantityLots, scale),
  expireTime: detail.expireTimeNanos === 0n ? null : nanosToIso(detail.expireTimeNanos),
});

/** The terms that an `orderState` report carries; null when it carries none, which leaves them as they were. */
export const reportedTermsOf = (
  { orderType }: Pick<ReportRecordOrderState, 'orderType'>,
  extensions: readonly ReportRecord[],
  scale: InstrumentScale,
): ChangingTerms | null => {
  const detail = extensionOf(extensions, 'orderDetail');
  return detail === undefined ? null : changingTermsOf(orderType, detail, scale);
};

/** What an order's records ask for beyond type, price and quantity, in engine integers and wire numbers. */
export interface AskedTerms {
  readonly placed: Pick<
    CommandRecordPlaceOrder,
    'orderType' | 'stopPriceTicks' | 'displayQuantityLots' | 'triggerSource' | 'pegKind' | 'selfTradePrevention'
  >;
  readonly terms?: Pick<
    CommandRecordOrderTerms,
    'expireTimeNanos' | 'minimumQuantityLots' | 'trailingOffset' | 'trailingUnit' | 'limitOffsetTicks' | 'pegOffsetTicks'
  >;
  readonly link?: Pick<CommandRecordListLink, 'listId' | 'contingency' | 'legRole' | 'legIndex' | 'legCount'>;
}

/** Terms as decimals and names. */
export const askedTermsOf = ({ placed, terms, link }: AskedTerms, scale: InstrumentScale): OrderTermsText => {
  const trailingOffset = terms?.trailingOffset ?? 0n;
  const isLinked = link !== undefined && link.contingency !== Contingency.None;
  return {
    ...changingTermsOf(
      placed.orderType,
      {
        stopPriceTicks: placed.stopPriceTicks,
        displayQuantityLots: placed.displayQuantityLots,
        minimumQuantityLots: terms?.minimumQuantityLots ?? 0n,
        expireTimeNanos: terms?.expireTimeNanos ?? 0n,
      },
      scale,
    ),
    triggerSource: named(TriggerSourceName, placed.triggerSource),
    trailingOffset:
      trailingOffset === 0n
        ? null
        : terms?.trailingUnit === OffsetUnit.BasisPoints
          ? trailingOffset.toString()
          : formatPrice(trailingOffset, scale),
    trailingUnit: named(OffsetUnitName, terms?.trailingUnit ?? 0),
    limitOffset: trailingOffset === 0n ? null : priceOf(terms?.limitOffsetTicks ?? 0n, scale),
    pegKind: named(PegKindName, placed.pegKind),
    pegOffset: placed.pegKind === 0 ? null : formatPrice(terms?.pegOffsetTicks ?? 0n, scale),
    selfTradePrevention: SelfTradePreventionName[placed.selfTradePrevention] ?? 'Off',
    listId: isLinked ? link.listId.toString() : null,
    contingency: isLinked ? named(ContingencyName, link.contingency) : null,
    legRole: isLinked ? named(LegRoleName, link.legRole) : null,
    legIndex: isLinked ? link.legIndex : null,
    legCount: isLinked ? link.legCount : null,
  };
};

/** An order's terms as its command asks for them. */
export const placedTermsOf = (
  placed: CommandRecordPlaceOrder,
  extensions: readonly CommandRecord[],
  scale: InstrumentScale,
): OrderTermsText => {
  const terms = extensionOf(extensions, 'orderTerms');
  const link = extensionOf(extensions, 'listLink');
  return askedTermsOf({ placed, ...(terms === undefined ? {} : { terms }), ...(link === undefined ? {} : { link }) }, scale);
};

/** Whether the order waits for a trigger price before it trades. */
export const hasTrigger = ({ triggerSource }: { readonly triggerSource: TriggerSourceName | null }): boolean =>
  triggerSource !== null && TriggerSource[triggerSource] !== 0;

export type OrderInstructionName = keyof typeof OrderInstruction;

/** Names of the bits of `instructions`. */
export const instructionNamesOf = (instructions: number): OrderInstructionName[] =>
  (Object.keys(OrderInstruction) as OrderInstructionName[]).filter((name) => (instructions & OrderInstruction[name]) !== 0);
