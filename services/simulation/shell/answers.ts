import { z } from 'zod';

const decimal = z.string();

/** Shapes of what the public API answers, as far as the flow reads them. */
export const orderAckSchema = z.object({
  orderId: z.string().nullable(),
  orderStatus: z.string().nullable(),
  leavesQuantity: decimal.nullable(),
  cumQuantity: decimal.nullable(),
  refusal: z.object({ code: z.string() }).nullable(),
});
export type OrderAckAnswer = z.output<typeof orderAckSchema>;

export const cancelAllSchema = z.object({ cancelAllOrders: z.object({ refusal: z.object({ code: z.string() }).nullable() }) });

export const quoteSchema = z.object({
  quotes: z.object({ symbol: z.string(), bidPrice: decimal.nullable(), askPrice: decimal.nullable(), lastPrice: decimal.nullable() }),
});

export const orderUpdateSchema = z.object({
  orderUpdates: z.object({
    order: z.object({
      orderId: z.string(),
      clientOrderId: z.string().nullable(),
      leavesQuantity: decimal,
      cumQuantity: decimal,
      orderStatus: z.string(),
      instrument: z.object({ symbol: z.string() }),
    }),
  }),
});

export const graphqlResponseSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() })).optional(),
});

const openStatuses = new Set(['NEW', 'PARTIALLY_FILLED', 'PENDING_NEW', 'PENDING_CANCEL', 'PENDING_REPLACE', 'SUSPENDED']);
export const isOpenStatus = (orderStatus: string): boolean => openStatuses.has(orderStatus);
