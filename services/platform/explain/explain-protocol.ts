/** What the gateway and its explaining child say to each other over IPC (structured clone, so 64-bit numbers travel as they are). */
import { z } from 'zod';
import { toldErrorSchema } from '../processes/failed-message.js';
import type { OrderExplanation } from './explain-order.js';

export const explainTaskSchema = z.strictObject({
  configFile: z.string().min(1),
  shard: z.number().int().min(0),
  orderId: z.bigint(),
  /** Last command that had to do with the order; without it the tape is read to its end. */
  untilCommand: z.bigint().optional(),
});
export type ExplainTask = z.output<typeof explainTaskSchema>;

export const explainAnswerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('explained'),
    explanation: z.custom<OrderExplanation>((value) => typeof value === 'object' && value !== null && 'commands' in value),
  }),
  toldErrorSchema.extend({ type: z.literal('failed') }),
]);
export type ExplainAnswer = z.output<typeof explainAnswerSchema>;
