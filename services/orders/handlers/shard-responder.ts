import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { commandSubject, ordersStatusSubject, repairSubject } from '#contracts/subjects/registry.js';
import type { OrdersStatus } from '#contracts/ports/orders-status.js';
import { logger } from '#platform/telemetry/logger.js';
import { refusalAnswer } from '../writer/batch-answers.js';
import { DescribeShard } from './describe-shard.js';
import { ExecuteCommandBatch } from './execute-command-batch.js';
import { RepairTape } from './repair-tape.js';

/** The writer's word comes first: others answer questions this much later, so that they are heard only where there is no writer. */
const standbyAnswerDelayMs = 75;

/** Serves the subjects of one shard. Commands are taken only while the process writes the shard, or refuses to. */
export class ShardResponder {
  readonly #connection: NatsConnection;
  readonly #shard: number;
  readonly #commands: CommandBus;
  readonly #queries: QueryBus;
  #role: OrdersStatus['role'] = 'recovering';
  #intake: Subscription | null = null;
  #inspect: Subscription | null = null;
  #repairs: Subscription | null = null;

  constructor(options: {
    readonly connection: NatsConnection;
    readonly shard: number;
    readonly commands: CommandBus;
    readonly queries: QueryBus;
  }) {
    this.#connection = options.connection;
    this.#shard = options.shard;
    this.#commands = options.commands;
    this.#queries = options.queries;
  }

  /** Questions are answered in every state. */
  open(): void {
    this.#inspect = this.#connection.subscribe(ordersStatusSubject(this.#shard), {
      callback: (error, message) => this.#question(error, message),
    });
  }

  /** Takes or leaves the command subject as the state asks for. */
  onRole(role: OrdersStatus['role']): void {
    this.#role = role;
    const serves = role === 'writer' || role === 'rolledBack';
    if (serves)
      this.#intake ??= this.#connection.subscribe(commandSubject(this.#shard), {
        callback: (error, message) => this.#command(error, message),
      });
    // Only who refuses to write can repair; anybody else must not be asked.
    if (role === 'rolledBack')
      this.#repairs ??= this.#connection.subscribe(repairSubject(this.#shard), {
        callback: (error, message) => this.#repair(error, message),
      });
    else this.#leaveRepairs();
    // While the engine is rebuilt this process still is the writer: it answers BUSY rather than not at all.
    if (role === 'standby' || role === 'fenced') this.#leave();
  }

  close(): void {
    this.#leave();
    this.#leaveRepairs();
    this.#inspect?.unsubscribe();
    this.#inspect = null;
  }

  #leaveRepairs(): void {
    this.#repairs?.unsubscribe();
    this.#repairs = null;
  }

  #leave(): void {
    this.#intake?.unsubscribe();
    this.#intake = null;
  }

  #command(error: Error | null, message: Msg): void {
    if (error !== null) {
      logger.error({ shard: this.#shard, err: error }, 'orders.intake-failed');
      return;
    }
    this.#commands.execute(new ExecuteCommandBatch(this.#shard, message.data)).then(
      (answer) => this.#respond(message, answer),
      (cause: unknown) => {
        logger.error({ shard: this.#shard, err: cause }, 'orders.command-failed');
        this.#respond(message, refusalAnswer(this.#shard, 'INTERNAL'));
      },
    );
  }

  #question(error: Error | null, message: Msg): void {
    if (error !== null) return;
    const answer = (): void => {
      this.#queries.execute(new DescribeShard(this.#shard)).then(
        (status) => {
          if (status !== null) this.#respond(message, JSON.stringify(status));
        },
        (cause: unknown) => logger.error({ shard: this.#shard, err: cause }, 'orders.question-failed'),
      );
    };
    if (this.#role === 'writer') answer();
    else setTimeout(answer, standbyAnswerDelayMs);
  }

  #repair(error: Error | null, message: Msg): void {
    if (error !== null) return;
    this.#commands.execute(new RepairTape(this.#shard)).then(
      (answer) => {
        if (answer !== null) this.#respond(message, JSON.stringify(answer));
      },
      (cause: unknown) => logger.error({ shard: this.#shard, err: cause }, 'orders.repair-failed'),
    );
  }

  #respond(message: Msg, answer: Uint8Array | string): void {
    if (this.#connection.isClosed()) return;
    message.respond(answer);
  }
}
