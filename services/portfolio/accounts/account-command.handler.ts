import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { accountEvents, accountStream } from '#contracts/events/account-events.js';
import type { EventMetadata, EventStore } from '#contracts/ports/event-store.js';
import type { Result } from '#contracts/result/result.js';
import { handleCommand, type CommandReceipt } from '#platform/event-store/handle-command.js';
import { eventStoreToken } from '#platform/event-store/tokens.js';
import { accountDecider, type AccountCommand } from './account-decider.js';

/** An account command on the command bus. */
export class ExecuteAccountCommand extends Command<Result<CommandReceipt>> {
  constructor(
    readonly command: AccountCommand,
    readonly metadata: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ExecuteAccountCommand)
export class AccountCommandHandler implements ICommandHandler<ExecuteAccountCommand> {
  constructor(@Inject(eventStoreToken) private readonly store: EventStore) {}

  execute({ command, metadata }: ExecuteAccountCommand): Promise<Result<CommandReceipt>> {
    return handleCommand(
      { store: this.store, decider: accountDecider, codec: accountEvents },
      accountStream(command.accountId),
      command,
      metadata,
    );
  }
}
