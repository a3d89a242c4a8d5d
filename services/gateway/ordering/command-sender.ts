import { Inject, Injectable } from '@nestjs/common';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import { parseInstrumentId, parseSymbol, type ClientOrderId } from '#contracts/ids/ids.js';
import type { BatchOutcome, CommandPort } from '#contracts/ports/command-gateway.js';
import { refuse, ok, unwrap, type Result } from '#contracts/result/result.js';
import { AckLevel as TapeAckLevel } from '#contracts/tape/codes.generated.js';
import { logger } from '#platform/telemetry/logger.js';
import { commandPort, instrumentCatalogue, liveFeed } from '../gateway-ports.js';
import type { AckLevel } from '../graphql.generated.js';
import type { InstrumentCatalogue } from '../instruments/instrument-catalogue.js';
import type { LiveFeed } from '../live/live-feed.js';
import { clientOrderIdOf, type InstrumentTerms } from './order-input.js';
import { generateClientOrderId } from './generate-client-order-id.js';
import type { AckFrame, AnswerTerms } from './order-answer.js';

/** How long a command may take from here to the writer and back. */
const answerTimeoutMs = 5_000;

export interface InstrumentOfCommand extends InstrumentTerms, AnswerTerms {
  readonly shard: number;
  /** What settles it: prices of an option's settlement are those of its underlying. */
  readonly settlementScale: InstrumentScale;
  /** A future or an option. */
  readonly isDerivative: boolean;
}

/** What the command handlers share: resolving symbols, client order ids, and sending one command to its shard. */
@Injectable()
export class CommandSender {
  constructor(
    @Inject(commandPort) private readonly commands: CommandPort,
    @Inject(instrumentCatalogue) private readonly catalogue: InstrumentCatalogue,
    @Inject(liveFeed) private readonly feed: LiveFeed,
  ) {}

  async instrument(symbol: string): Promise<Result<InstrumentOfCommand>> {
    const parsed = parseSymbol(symbol);
    if (!parsed.ok) return parsed;
    const row = await this.catalogue.bySymbol(parsed.value);
    if (row === null) return refuse('UNKNOWN_INSTRUMENT', { symbol: parsed.value });
    const underlying = row.kind === 'Option' && row.underlyingId !== 0 ? await this.catalogue.byId(row.underlyingId) : null;
    return ok({
      instrumentId: unwrap(parseInstrumentId(row.instrumentId)),
      scale: row.scale,
      unitsPerTickLot: row.unitsPerTickLot,
      shard: 0,
      settlementScale: underlying?.scale ?? row.scale,
      isDerivative: row.kind === 'Future' || row.kind === 'Option',
    });
  }

  clientOrderId(given: string | null | undefined): Result<ClientOrderId> {
    return clientOrderIdOf(given, generateClientOrderId);
  }

  /** What an acknowledgement says when the command was not sequenced. */
  frame(clientOrderId: string | null | undefined, ackLevel: AckLevel | null | undefined): AckFrame {
    return { clientOrderId: clientOrderId ?? null, ackLevel: ackLevel ?? 'DURABLE', position: this.feed.position() };
  }

  send(command: EngineCommand, frame: AckFrame, shard = 0): Promise<Result<BatchOutcome>> {
    return this.sendAll([command], frame, shard);
  }

  /** Commands that stand behind each other on the tape, in one batch. */
  async sendAll(commands: readonly EngineCommand[], frame: AckFrame, shard = 0): Promise<Result<BatchOutcome>> {
    const ackLevel = frame.ackLevel === 'ENGINE' ? TapeAckLevel.Engine : TapeAckLevel.Durable;
    try {
      return await this.commands.send(commands, { ackLevel, shard, timeoutMs: answerTimeoutMs });
    } catch (error) {
      // The request may have left before the fault: the outcome is open, not a failure.
      logger.error({ err: error, commands: commands.map(({ type }) => type) }, 'gateway.command.fault');
      return refuse('UNKNOWN_OUTCOME', { cause: 'the gateway lost the answer' });
    }
  }
}
