import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { errorTable, type ErrorCode } from '#contracts/tape/codes.generated.js';

const isCode = (value: unknown): value is ErrorCode => typeof value === 'string' && Object.hasOwn(errorTable, value);

/** An error of the table as processes tell each other. */
export const toldErrorSchema = z.strictObject({ code: z.custom<ErrorCode>(isCode), details: z.record(z.string(), z.string()) });

const schema = z.strictObject({ type: z.literal('failed'), message: z.string(), error: toldErrorSchema.optional() });

/** What a child tells its parent when it cannot start. */
export type FailedMessage = z.infer<typeof schema>;

export const failedMessage = (error: unknown): FailedMessage => ({
  type: 'failed',
  message: error instanceof Error ? error.message : String(error),
  ...(error instanceof FulltapeError ? { error: { code: error.code, details: { ...error.details } } } : {}),
});

/** The error that a child told of: with its own code where it has one. Undefined for any other message. */
export const errorOfMessage = (message: unknown): Error | undefined => {
  const parsed = schema.safeParse(message);
  if (!parsed.success) return undefined;
  const { error } = parsed.data;
  return error === undefined ? new Error(parsed.data.message) : new FulltapeError(error.code, error.details);
};
