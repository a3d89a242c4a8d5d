import { Module, type DynamicModule } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { EventStore } from '#contracts/ports/event-store.js';
import { eventStoreToken } from '#platform/event-store/tokens.js';
import { InstrumentCommandHandler } from '../market-data/instruments/instrument-command.handler.js';
import { AccountCommandHandler } from '../portfolio/accounts/account-command.handler.js';
import { PortfolioCommandHandler } from '../portfolio/portfolios/portfolio-command.handler.js';

/** Command bus of ordinary aggregates: a thin shell around their deciders. */
@Module({})
export class WorkersModule {
  static register(store: EventStore): DynamicModule {
    return {
      module: WorkersModule,
      imports: [CqrsModule.forRoot()],
      providers: [{ provide: eventStoreToken, useValue: store }, InstrumentCommandHandler, AccountCommandHandler, PortfolioCommandHandler],
    };
  }
}
