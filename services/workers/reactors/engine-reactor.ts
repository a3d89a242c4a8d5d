import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { accountEvents } from '#contracts/events/account-events.js';
import { stateAfter } from '#contracts/events/decider.js';
import { instrumentEvents } from '#contracts/events/instrument-events.js';
import { parseClientOrderId } from '#contracts/ids/ids.js';
import type { CommandPort } from '#contracts/ports/command-gateway.js';
import type { EventStore, RecordedEvent } from '#contracts/ports/event-store.js';
import { ok, unwrap, type Result } from '#contracts/result/result.js';
import { errorCodeOf } from '#contracts/tape/codes.generated.js';
import { pause } from '#contracts/time/pause.js';
import { logger } from '#platform/telemetry/logger.js';
import { instrumentDecider } from '../../market-data/instruments/instrument-decider.js';
import { instrumentReactions } from '../../market-data/instruments/instrument-reactions.js';
import { accountReactions } from '../../portfolio/accounts/account-reactions.js';
import { sendUntilAnswered } from './send-until-answered.js';

const reactorName = 'engine';
const defaultRetryDelayMs = 1_000;

/** Where reactors stand in the event store; 0n for one that has never run. */
export interface ReactorPosition {
  load(reactor: string): Promise<bigint>;
  store(reactor: string, position: bigint): Promise<void>;
}

export interface EngineReactorOptions {
  readonly store: EventStore;
  readonly commands: CommandPort;
  readonly checkpoints: ReactorPosition;
  /** After a failure of a store. */
  readonly retryDelayMs?: number;
}

/**
 * Brings instruments and accounts of the event store to the engine, in order. A command's client order id names the event that caused it, so
 * a redelivered event has no second effect. The checkpoint moves when the answer is DURABLE. A command that the engine refuses is logged
 * with its code and passed: the event stands, and another event (new terms) corrects it.
 */
export class EngineReactor {
  private position = 0n;
  private running: Promise<void> | null = null;
  private readonly stopping = new AbortController();

  constructor(private readonly options: EngineReactorOptions) {}

  /** Position of the last append whose effects are on the tape. */
  get reactedTo(): bigint {
    return this.position;
  }

  async start(): Promise<void> {
    this.position = await this.options.checkpoints.load(reactorName);
    this.running = this.run(this.stopping.signal);
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const append of this.options.store.subscribe({ after: this.position, signal })) await this.react(append, signal);
      } catch (error) {
        if (signal.aborted) return;
        logger.error({ reactor: reactorName, globalPosition: String(this.position), err: error }, 'reactor.failed');
        await pause(this.options.retryDelayMs ?? defaultRetryDelayMs, signal);
      }
    }
  }

  private async react(append: readonly RecordedEvent[], signal: AbortSignal): Promise<void> {
    for (const recorded of append) {
      const reactions = await this.reactionsTo(recorded);
      if (!reactions.ok) {
        logger.error(
          { reactor: reactorName, eventType: recorded.type, streamName: recorded.streamName, code: reactions.problem.code },
          'reactor.refused',
        );
        continue;
      }
      const commands = reactions.value.map((command, index): EngineCommand => ({
        ...command,
        clientOrderId: unwrap(parseClientOrderId(`event.${recorded.globalPosition}.${recorded.indexInAppend}.${index}`)),
      }));
      if (commands.length > 0) await this.send(recorded, commands, signal);
    }
    const last = append.at(-1);
    if (last === undefined) return;
    await this.options.checkpoints.store(reactorName, last.globalPosition);
    this.position = last.globalPosition;
  }

  private async reactionsTo(recorded: RecordedEvent): Promise<Result<readonly EngineCommand[]>> {
    if (accountEvents.knows(recorded.type)) return accountReactions(accountEvents.decode(recorded));
    if (!instrumentEvents.knows(recorded.type)) return ok([]);
    const history = await this.options.store.readStream(recorded.streamName);
    const upToHere = history
      .filter(({ streamVersion }) => streamVersion <= recorded.streamVersion)
      .map((event) => instrumentEvents.decode(event));
    return instrumentReactions(instrumentEvents.decode(recorded), stateAfter(instrumentDecider, upToHere), recorded.recordedAtNanos);
  }

  private async send(recorded: RecordedEvent, commands: readonly EngineCommand[], signal: AbortSignal): Promise<void> {
    const outcome = await sendUntilAnswered(this.options.commands, commands, signal);
    for (const answer of outcome.answers) {
      if (answer.code === 0) continue;
      const code = errorCodeOf[answer.code] ?? `#${answer.code}`;
      logger.error({ reactor: reactorName, eventType: recorded.type, streamName: recorded.streamName, code }, 'reactor.engine-refused');
    }
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}
