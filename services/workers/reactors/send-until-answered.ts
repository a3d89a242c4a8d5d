import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { BatchOutcome, CommandPort } from '#contracts/ports/command-gateway.js';
import { FulltapeError } from '#contracts/result/result.js';
import { AckLevel, errorTable } from '#contracts/tape/codes.generated.js';
import { pause } from '#contracts/time/pause.js';
import { logger } from '#platform/telemetry/logger.js';

const sendTimeoutMs = 5_000;
const delayMsMin = 50;
const delayMsMax = 2_000;

/**
 * Sends a batch until the writer of the shard answers it DURABLE. Every command carries a client order id made of what caused it, so a batch
 * whose answer was lost is answered like the first time and takes effect once.
 * @throws the signal's reason, or FulltapeError for a refusal that sending again cannot change.
 */
export const sendUntilAnswered = async (
  port: CommandPort,
  commands: readonly EngineCommand[],
  signal: AbortSignal,
): Promise<BatchOutcome> => {
  for (let delayMs = delayMsMin; ; delayMs = Math.min(delayMs * 2, delayMsMax)) {
    signal.throwIfAborted();
    const outcome = await port.send(commands, { ackLevel: AckLevel.Durable, timeoutMs: sendTimeoutMs });
    if (outcome.ok) return outcome.value;
    const { code, details } = outcome.problem;
    if (!errorTable[code].retryable) throw new FulltapeError(code, details);
    logger.debug({ code }, 'reactor.waiting-for-orders');
    await pause(delayMs, signal);
  }
};
