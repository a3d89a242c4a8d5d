import type { NatsConnection } from '@nats-io/transport-node';
import { encodeCommands, type EngineCommand } from '#contracts/commands/order-commands.js';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { FulltapeError, type Refusal } from '#contracts/result/result.js';
import { ordersStatusSubject } from '#contracts/subjects/registry.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import type { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { logger } from '#platform/telemetry/logger.js';
import type { ReplayTapeFollower } from './tape-follower.js';

export const replayShard = 0;

const sendTimeoutMs = 5_000;
/** The writer reads its clock later than this process has read its own. */
const deadlineSlackMs = 100;
const statusTimeoutMs = 1_000;
/** Longest time that the platform may be away (restart of the broker or the writer) before the replay gives up. */
const outageMsMax = 60_000;
const pollMs = 20;

/** Refusals that say for certain that nothing of the batch was sequenced. */
const isNotSequenced = (problem: Refusal): boolean =>
  problem.code === 'BUSY' || problem.code === 'NOT_LEADER' || problem.code === 'SHUTTING_DOWN';

const isOutage = (problem: Refusal): boolean =>
  problem.code === 'UNKNOWN_OUTCOME' ||
  problem.code === 'TIMED_OUT' ||
  problem.code === 'FENCED' ||
  problem.code === 'ENGINE_POISONED' ||
  problem.code === 'STORE_UNAVAILABLE';

/** What the writer of the replay's shard says of itself; null while none answers. */
export const askOrdersStatus = async (connection: NatsConnection): Promise<OrdersStatus | null> => {
  try {
    const reply = await connection.request(ordersStatusSubject(replayShard), '{}', { timeout: statusTimeoutMs });
    return reply.json<OrdersStatus>();
  } catch {
    return null;
  }
};

/**
 * Sends commands batch by batch, each once: one batch is under way at a time, so what the tape holds of it is a beginning of it. When an
 * answer is lost (the writer or the broker died), the tape tells how much was sequenced, and only the rest is sent again: the tape is
 * then the same as without the disturbance.
 */
export class CommandSender {
  readonly #connection: NatsConnection;
  readonly #port: NatsCommandPort;
  readonly #follower: ReplayTapeFollower;
  readonly #timeSupplied: boolean;
  readonly #signal: AbortSignal;
  #sent = 0;
  #resumed = 0;

  constructor(options: {
    readonly connection: NatsConnection;
    readonly port: NatsCommandPort;
    readonly follower: ReplayTapeFollower;
    readonly timeSupplied: boolean;
    readonly signal: AbortSignal;
  }) {
    this.#connection = options.connection;
    this.#port = options.port;
    this.#follower = options.follower;
    this.#timeSupplied = options.timeSupplied;
    this.#signal = options.signal;
  }

  /** Commands acknowledged as DURABLE. */
  get sent(): number {
    return this.#sent;
  }

  /** How often sending went on from what the tape held. */
  get resumed(): number {
    return this.#resumed;
  }

  /** @throws FulltapeError when the batch is refused for good or the platform stays away for a minute. */
  async send(commands: readonly EngineCommand[]): Promise<void> {
    this.#follower.expect(commands);
    const target = this.#sent + commands.length;
    let rest = commands;
    let giveUpAt = Date.now() + outageMsMax;
    while (rest.length > 0) {
      this.#signal.throwIfAborted();
      const { records, commandCount } = encodeCommands(rest);
      const deadlineAt = Date.now() + sendTimeoutMs + deadlineSlackMs;
      const result = await this.#port.sendRecords(records, commandCount, {
        ackLevel: AckLevel.Durable,
        shard: replayShard,
        timeoutMs: sendTimeoutMs,
        timeSupplied: this.#timeSupplied,
      });
      if (result.ok) break;
      const { problem } = result;
      if (Date.now() > giveUpAt || !(isNotSequenced(problem) || isOutage(problem))) throw new FulltapeError(problem.code, problem.details);
      if (isNotSequenced(problem)) {
        await this.#pause(Number(problem.details?.['retryAfterMs'] ?? pollMs));
        continue;
      }
      logger.warn({ code: problem.code, commandsSent: this.#sent }, 'replay.answer-lost');
      await this.#settle(deadlineAt);
      const sequenced = commands.length - (target - this.#follower.sequenced);
      if (sequenced > 0 || rest.length < commands.length) giveUpAt = Date.now() + outageMsMax;
      rest = commands.slice(sequenced);
      this.#resumed += 1;
    }
    this.#sent = target;
  }

  /**
   * Waits until the tape can hold no more of the batch than it shows: its deadline has passed (the writer drops what it takes up later),
   * a writer serves with all of its commits acknowledged, and the follower has read up to them.
   */
  async #settle(deadlineAt: number): Promise<void> {
    const giveUpAt = Date.now() + outageMsMax;
    for (;;) {
      this.#signal.throwIfAborted();
      if (Date.now() > giveUpAt) throw new FulltapeError('UNKNOWN_OUTCOME', { reason: 'no writer has served the shard for a minute' });
      const status = Date.now() < deadlineAt ? null : await askOrdersStatus(this.#connection);
      const isServing = status !== null && status.role === 'writer' && status.headCommitNumber === status.acknowledgedCommitNumber;
      if (isServing && this.#follower.lastStreamSequence >= BigInt(status.streamSequence)) return;
      await this.#pause(pollMs);
    }
  }

  async #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), delayMs);
    const onAbort = (): void => resolve(undefined);
    this.#signal.addEventListener('abort', onAbort, { once: true });
    await promise;
    clearTimeout(timer);
    this.#signal.removeEventListener('abort', onAbort);
  }
}
