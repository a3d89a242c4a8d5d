import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { portfolioEvents, portfolioStream } from '#contracts/events/portfolio-events.js';
import type { EventMetadata, EventStore } from '#contracts/ports/event-store.js';
import type { Result } from '#contracts/result/result.js';
import { handleCommand, type CommandReceipt } from '#platform/event-store/handle-command.js';
import { eventStoreToken } from '#platform/event-store/tokens.js';
import { portfolioDecider, type PortfolioCommand } from './portfolio-decider.js';

/** A portfolio command on the command bus. */
export class ExecutePortfolioCommand extends Command<Result<CommandReceipt>> {
  constructor(
    readonly command: PortfolioCommand,
    readonly metadata: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ExecutePortfolioCommand)
export class PortfolioCommandHandler implements ICommandHandler<ExecutePortfolioCommand> {
  constructor(@Inject(eventStoreToken) private readonly store: EventStore) {}

  execute({ command, metadata }: ExecutePortfolioCommand): Promise<Result<CommandReceipt>> {
    const parts = { store: this.store, decider: portfolioDecider, codec: portfolioEvents };
    return handleCommand(parts, portfolioStream(command.portfolioId), command, metadata);
  }
}
