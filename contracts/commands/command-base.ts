import type { ClientOrderId } from '../ids/ids.js';

/** Fields that any command may carry. */
export interface CommandBase {
  /** Makes the command idempotent per account: the same id and content gets the original answer. */
  readonly clientOrderId?: ClientOrderId;
  readonly correlationId?: bigint;
  readonly sessionId?: number;
  /** UNIX nanoseconds; counts only in batches with flag TimeSupplied. */
  readonly timeNanos?: bigint;
}
