/**
 * Cancel on disconnect. While a connection that declared a client session is open, the gateway sets the session's dead-man switch anew
 * again and again; when the connection ends it cancels the session's orders at once. Should the gateway die with the connection, or the
 * cancel not get through, the switch fires by engine time.
 */
import type { CommandPort } from '#contracts/ports/command-gateway.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { systemClock, type Clock } from '#contracts/time/clock.js';
import { logger } from '#platform/telemetry/logger.js';
import type { ClientSession } from '../graphql/request-context.js';

export interface SessionGuard {
  /** Ends the guard and cancels the session's orders. Never rejects. */
  release(): Promise<void>;
}

/** Silence after which the switch fires. */
export const defaultWithinMs = 10_000;
export const withinMsLeast = 1_000;
export const withinMsMost = 600_000;
/** The switch is set this often in the time in which it would fire. */
const renewalsPerSpan = 3;
const commandTimeoutMs = 5_000;

export const guardSession = (
  commands: CommandPort,
  session: ClientSession,
  options: { readonly withinMs: number; readonly clock?: Clock },
): SessionGuard => {
  const { accountId, sessionId } = session;
  const clock = options.clock ?? systemClock;
  const send = async (what: 'renew' | 'cancel', command: Parameters<CommandPort['send']>[0][number]): Promise<void> => {
    try {
      const sent = await commands.send([command], { ackLevel: AckLevel.Engine, timeoutMs: commandTimeoutMs });
      const code = sent.ok ? sent.value.answers[0]?.code : sent.problem.code;
      if (code !== 0) logger.warn({ accountId, sessionId, what, code }, 'gateway.session.refused');
    } catch (error) {
      logger.warn({ err: error, accountId, sessionId, what }, 'gateway.session.fault');
    }
  };
  let isReleased = false;
  let renewing: Promise<void> = Promise.resolve();
  const renew = (): void => {
    const deadlineNanos = clock.nowNanos() + BigInt(options.withinMs) * 1_000_000n;
    renewing = send('renew', { type: 'KeepAlive', accountId, sessionId, deadlineNanos });
  };
  renew();
  const timer = setInterval(renew, options.withinMs / renewalsPerSpan);
  return {
    release: async () => {
      if (isReleased) return;
      isReleased = true;
      clearInterval(timer);
      await renewing; // a renewal that overtook the cancel would only be idle, but the log would say it the wrong way round
      await send('cancel', { type: 'CancelAllOrders', accountId, instrumentId: 0, side: 0, sessionFilter: sessionId });
      logger.info({ accountId, sessionId }, 'gateway.session.ended');
    },
  };
};
