import type { CommandBus } from '@nestjs/cqrs';
import { demoAccounts, demoInstruments } from '#contracts/demo/demo-world.js';
import { seedingEvents, seedingStream } from '#contracts/events/seeding-events.js';
import type { CommandPort } from '#contracts/ports/command-gateway.js';
import type { EventStore } from '#contracts/ports/event-store.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import { errorCodeOf } from '#contracts/tape/codes.generated.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { logger } from '#platform/telemetry/logger.js';
import { ExecuteInstrumentCommand } from '../../market-data/instruments/instrument-command.handler.js';
import { ExecuteAccountCommand } from '../../portfolio/accounts/account-command.handler.js';
import { ExecutePortfolioCommand } from '../../portfolio/portfolios/portfolio-command.handler.js';
import type { EngineReactor } from '../reactors/engine-reactor.js';
import { sendUntilAnswered } from '../reactors/send-until-answered.js';
import { endowmentOf, listingOf, openingOf, portfolioOf } from './demo-seed.js';

const worldName = 'demo';
const metadata = { authorityId: 'service:seeding' };
const definedTimeoutMs = 50_000;

export interface SeedingParts {
  readonly bus: CommandBus;
  readonly store: EventStore;
  readonly commands: CommandPort;
  readonly reactor: EngineReactor;
}

/**
 * Lists the demo instruments, opens the demo accounts and gives them cash and positions, once in the life of an installation. A start that
 * dies in the middle is finished by the next one: every step is idempotent, and the last one is an event that says it is done.
 */
export const seedDemoWorld = async ({ bus, store, commands, reactor }: SeedingParts, signal: AbortSignal): Promise<void> => {
  if ((await store.readStream(seedingStream(worldName))).length > 0) return;
  for (const instrument of demoInstruments) unwrap(await bus.execute(new ExecuteInstrumentCommand(listingOf(instrument), metadata)));
  for (const account of demoAccounts) {
    unwrap(await bus.execute(new ExecuteAccountCommand(openingOf(account), metadata)));
    unwrap(await bus.execute(new ExecutePortfolioCommand(portfolioOf(account), metadata)));
  }
  const head = await store.headPosition();
  await waitUntil(() => reactor.reactedTo >= head, { timeoutMs: definedTimeoutMs, what: 'the engine to define the demo world', signal });
  for (const account of demoAccounts) {
    const outcome = await sendUntilAnswered(commands, endowmentOf(account, demoInstruments), signal);
    const refused = outcome.answers.find(({ code }) => code !== 0);
    if (refused !== undefined) {
      throw new FulltapeError(errorCodeOf[refused.code] ?? 'INTERNAL', { seeding: 'demo', accountId: String(account.id) });
    }
  }
  unwrap(
    await store.append(seedingStream(worldName), [seedingEvents.encode({ type: 'DemoWorldSeeded', world: worldName })], {
      expected: 'noStream',
      appendId: 'demo-world-seeded',
      metadata,
    }),
  );
  logger.info({ instruments: demoInstruments.length, accounts: demoAccounts.length }, 'seeding.done');
};
