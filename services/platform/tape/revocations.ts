/**
 * How clients learn that an answer of level ENGINE was lost: the writer that sets journal groups aside stores notices in the bucket
 * REVOKED, and the gateway watches it. Notices outlive both processes and expire after 24 h, as client order ids do.
 */
import { z } from 'zod';
import type { AskedTerms } from '#contracts/tape/order-terms.js';

const whole = z.string().regex(/^-?[0-9]+$/);

/** Terms beyond type, price and quantity, as they stand in the records of the order (`AskedTerms`). */
const revokedTermsSchema = z.strictObject({
  stopPriceTicks: whole,
  displayQuantityLots: whole,
  triggerSource: z.number(),
  pegKind: z.number(),
  selfTradePrevention: z.number(),
  /** Null for an order without such a record. */
  special: z
    .strictObject({
      expireTimeNanos: whole,
      minimumQuantityLots: whole,
      trailingOffset: whole,
      trailingUnit: z.number(),
      limitOffsetTicks: whole,
      pegOffsetTicks: whole,
    })
    .nullable(),
  link: z
    .strictObject({ listId: whole, contingency: z.number(), legRole: z.number(), legIndex: z.number(), legCount: z.number() })
    .nullable(),
});

export const revokedCommandSchema = z.strictObject({
  kind: z.enum(['placeOrder', 'amendOrder', 'cancelOrder']),
  accountId: z.number(),
  instrumentId: z.number(),
  /** Number that the command had in the lost journal; the tape has another command under it. */
  commandNumber: whole,
  clientOrderId: z.string(),
  /** The order that an amend or a cancel was about. */
  origClientOrderId: z.string().nullable(),
  orderId: whole.nullable(),
  /** Terms of an order; null for the others. */
  order: z
    .strictObject({
      side: z.number(),
      orderType: z.number(),
      timeInForce: z.number(),
      instructions: z.number(),
      quantityLots: whole,
      priceTicks: whole,
      timeNanos: whole,
      /** Absent in notices of a release that did not tell them. */
      terms: revokedTermsSchema.optional(),
    })
    .nullable(),
});
export type RevokedTerms = z.output<typeof revokedTermsSchema>;
export type RevokedCommand = z.output<typeof revokedCommandSchema>;

export const revocationNoticeSchema = z.strictObject({
  version: z.literal(1),
  shard: z.number(),
  /** ISO 8601; when the commands were set aside. */
  revokedAt: z.string(),
  commands: z.array(revokedCommandSchema),
});
export type RevocationNotice = z.output<typeof revocationNoticeSchema>;

/** How long clients are told. */
export const revocationMemoryMs = 86_400_000;

/** The type of the order stands beside them in the notice. */
export const revokedTermsOf = ({ placed, terms, link }: AskedTerms): RevokedTerms => ({
  stopPriceTicks: String(placed.stopPriceTicks),
  displayQuantityLots: String(placed.displayQuantityLots),
  triggerSource: placed.triggerSource,
  pegKind: placed.pegKind,
  selfTradePrevention: placed.selfTradePrevention,
  special:
    terms === undefined
      ? null
      : {
          expireTimeNanos: String(terms.expireTimeNanos),
          minimumQuantityLots: String(terms.minimumQuantityLots),
          trailingOffset: String(terms.trailingOffset),
          trailingUnit: terms.trailingUnit,
          limitOffsetTicks: String(terms.limitOffsetTicks),
          pegOffsetTicks: String(terms.pegOffsetTicks),
        },
  link:
    link === undefined
      ? null
      : {
          listId: String(link.listId),
          contingency: link.contingency,
          legRole: link.legRole,
          legIndex: link.legIndex,
          legCount: link.legCount,
        },
});

export const askedTermsOfRevoked = (orderType: number, { special, link, ...placed }: RevokedTerms): AskedTerms => ({
  placed: { ...placed, orderType, stopPriceTicks: BigInt(placed.stopPriceTicks), displayQuantityLots: BigInt(placed.displayQuantityLots) },
  ...(special === null
    ? {}
    : {
        terms: {
          expireTimeNanos: BigInt(special.expireTimeNanos),
          minimumQuantityLots: BigInt(special.minimumQuantityLots),
          trailingOffset: BigInt(special.trailingOffset),
          trailingUnit: special.trailingUnit,
          limitOffsetTicks: BigInt(special.limitOffsetTicks),
          pegOffsetTicks: BigInt(special.pegOffsetTicks),
        },
      }),
  ...(link === null ? {} : { link: { ...link, listId: BigInt(link.listId) } }),
});
