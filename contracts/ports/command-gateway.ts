import type { EngineCommand } from '../commands/order-commands.js';
import type { AckLevel } from '../tape/codes.generated.js';
import type { AnswerRecord } from '../tape/layout.generated.js';
import type { Result } from '../result/result.js';

/** Answers to one batch, in its order. */
export interface BatchOutcome {
  readonly shard: number;
  readonly epoch: bigint;
  readonly firstCommandNumber: bigint;
  readonly lastCommandNumber: bigint;
  /** Level that was reached. */
  readonly ackLevel: number;
  readonly answers: readonly AnswerRecord[];
}

/**
 * Sends commands to the writer of a shard. A refused batch (BUSY, NOT_LEADER, MALFORMED_COMMAND_MESSAGE ...) was not sequenced;
 * UNKNOWN_OUTCOME and TIMED_OUT may have been. A single refused command is an answer with its code, not a refused batch.
 */
export interface CommandPort {
  send(
    commands: readonly EngineCommand[],
    options: { readonly ackLevel: AckLevel; readonly shard?: number; readonly timeoutMs?: number; readonly timeSupplied?: boolean },
  ): Promise<Result<BatchOutcome>>;
}
