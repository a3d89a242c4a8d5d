import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { instrumentEvents, instrumentStream } from '#contracts/events/instrument-events.js';
import type { EventMetadata, EventStore } from '#contracts/ports/event-store.js';
import type { Result } from '#contracts/result/result.js';
import { handleCommand, type CommandReceipt } from '#platform/event-store/handle-command.js';
import { eventStoreToken } from '#platform/event-store/tokens.js';
import { instrumentDecider, type InstrumentCommand } from './instrument-decider.js';

/** An instrument command on the command bus. */
export class ExecuteInstrumentCommand extends Command<Result<CommandReceipt>> {
  constructor(
    readonly command: InstrumentCommand,
    readonly metadata: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ExecuteInstrumentCommand)
export class InstrumentCommandHandler implements ICommandHandler<ExecuteInstrumentCommand> {
  constructor(@Inject(eventStoreToken) private readonly store: EventStore) {}

  execute({ command, metadata }: ExecuteInstrumentCommand): Promise<Result<CommandReceipt>> {
    const parts = { store: this.store, decider: instrumentDecider, codec: instrumentEvents };
    return handleCommand(parts, instrumentStream(command.instrumentId), command, metadata);
  }
}
