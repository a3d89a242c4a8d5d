import type { NatsConnection } from '@nats-io/transport-node';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { BatchOutcome } from '#contracts/ports/command-gateway.js';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { FulltapeError, type Refusal } from '#contracts/result/result.js';
import { ordersStatusSubject } from '#contracts/subjects/registry.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { NatsCommandPort } from './nats-command-port.js';

export interface InOrderSenderOptions {
  readonly connection: NatsConnection;
  readonly port: NatsCommandPort;
  readonly shard?: number;
  readonly ackLevel: AckLevel;
  readonly timeSupplied?: boolean;
  /** Deadline of one attempt. Default 5,000 ms. */
  readonly timeoutMs?: number;
  /** How long the writer may stay away. Default 60,000 ms. */
  readonly giveUpMs?: number;
  readonly signal?: AbortSignal;
}

const statusTimeoutMs = 1_000;
const retryMs = 100;

/** Refusals after which the batch may come again, because a writer will be there again. */
const passing: ReadonlySet<string> = new Set([
  'BUSY',
  'NOT_LEADER',
  'FENCED',
  'SHUTTING_DOWN',
  'TIMED_OUT',
  'UNKNOWN_OUTCOME',
  'STORE_UNAVAILABLE',
  'ENGINE_POISONED',
]);
/** Refusals after which it may have been sequenced all the same. */
const uncertain: ReadonlySet<string> = new Set(['TIMED_OUT', 'UNKNOWN_OUTCOME', 'FENCED', 'STORE_UNAVAILABLE', 'ENGINE_POISONED']);

/**
 * Sends batches so that each command is sequenced exactly once, through restarts of writer and broker: an answer that got lost is found
 * out from the writer's next command number. That needs the shard to itself, as a replay has it; a repetition by client order id would
 * be harmless too, but take a command number and so give every later order another id.
 */
export class InOrderSender {
  readonly #options: InOrderSenderOptions;
  #next: bigint | null = null;

  constructor(options: InOrderSenderOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the batch is sequenced at the level asked for; null where its answer was lost.
   * @throws FulltapeError the refusal, where another attempt is pointless; STORE_UNAVAILABLE when no writer came back in time;
   * WRONG_EXPECTED_VERSION when somebody else sends to the shard.
   */
  async send(commands: readonly EngineCommand[]): Promise<BatchOutcome | null> {
    const { port, shard = 0, ackLevel, timeSupplied = false, timeoutMs = 5_000, giveUpMs = 60_000, signal } = this.#options;
    this.#next ??= BigInt((await this.#writer(giveUpMs)).nextCommandNumber);
    const giveUpAt = performance.now() + giveUpMs;
    for (;;) {
      signal?.throwIfAborted();
      const sentAt = performance.now();
      const result = await port.send(commands, { ackLevel, shard, timeSupplied, timeoutMs });
      if (result.ok) {
        this.#check(result.value.firstCommandNumber);
        this.#next = result.value.lastCommandNumber + 1n;
        return result.value;
      }
      this.#giveUp(result.problem, giveUpAt);
      // Until its deadline has passed the lost batch may still be taken from a queue.
      const waitMs = uncertain.has(result.problem.code) ? timeoutMs - (performance.now() - sentAt) + retryMs : retryMs;
      await new Promise((resolve) => setTimeout(resolve, Math.max(waitMs, retryMs)));
      if (!uncertain.has(result.problem.code)) continue;
      if (await this.#isSequenced(commands.length, giveUpAt - performance.now())) return null;
    }
  }

  #giveUp(problem: Refusal, giveUpAt: number): void {
    if (!passing.has(problem.code)) throw new FulltapeError(problem.code, problem.details);
    if (performance.now() > giveUpAt)
      throw new FulltapeError('STORE_UNAVAILABLE', { why: 'the writer did not come back', last: problem.code });
  }

  #check(firstCommandNumber: bigint): void {
    if (this.#next !== null && firstCommandNumber !== this.#next) {
      throw new FulltapeError('WRONG_EXPECTED_VERSION', { expected: String(this.#next), found: String(firstCommandNumber) });
    }
  }

  /** Whether the batch that was sent last is on the tape as a whole; nothing of it is otherwise. */
  async #isSequenced(commandCount: number, timeoutMs: number): Promise<boolean> {
    const expected = this.#next ?? 1n;
    const status = await this.#writer(timeoutMs);
    const found = BigInt(status.nextCommandNumber);
    if (found === expected) return false;
    if (found !== expected + BigInt(commandCount))
      throw new FulltapeError('WRONG_EXPECTED_VERSION', { expected: String(expected), found: String(found) });
    this.#next = found;
    return true;
  }

  /** The writer's status once it has come back; for DURABLE, once the broker has all that the writer has sequenced. */
  async #writer(timeoutMs: number): Promise<OrdersStatus> {
    const { connection, shard = 0, ackLevel, signal } = this.#options;
    let status: OrdersStatus | null = null;
    const isThere = async (): Promise<boolean> => {
      try {
        status = (await connection.request(ordersStatusSubject(shard), '{}', { timeout: statusTimeoutMs })).json<OrdersStatus>();
      } catch {
        return false; // nobody is there at this moment
      }
      return (
        status.role === 'writer' &&
        (ackLevel === AckLevel.Engine || BigInt(status.acknowledgedCommitNumber) >= BigInt(status.headCommitNumber))
      );
    };
    try {
      await waitUntil(isThere, {
        timeoutMs: Math.max(timeoutMs, retryMs),
        intervalMs: retryMs,
        what: 'the writer',
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw new FulltapeError('STORE_UNAVAILABLE', { why: 'no writer answers for the shard' }, { cause: error });
    }
    if (status === null) throw new FulltapeError('STORE_UNAVAILABLE', { why: 'no writer answers for the shard' });
    return status;
  }
}
