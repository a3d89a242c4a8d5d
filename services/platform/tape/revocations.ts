/**
 * How clients learn that an answer of level ENGINE was lost: the writer that sets journal groups aside stores notices in the bucket
 * REVOKED, and the gateway watches it. Notices outlive both processes and expire after 24 h, as client order ids do.
 */
import { z } from 'zod';

const whole = z.string().regex(/^-?[0-9]+$/);

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
    })
    .nullable(),
});
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
