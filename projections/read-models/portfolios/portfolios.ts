import { portfolioEvents, type PortfolioEvent } from '#contracts/events/portfolio-events.js';
import { assertNever } from '#contracts/result/result.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { PostgresEventModel, Statement } from '../../runner/read-model.js';

const statementOf = (event: PortfolioEvent, at: string, physical: string): Statement => {
  switch (event.type) {
    case 'PortfolioCreated':
      return {
        text: `INSERT INTO ${physical} (id, user_id, account_id, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)`,
        values: [event.portfolioId, event.userId, event.accountId, event.name, at],
      };
    case 'PortfolioRenamed':
      return { text: `UPDATE ${physical} SET name = $2, updated_at = $3 WHERE id = $1`, values: [event.portfolioId, event.name, at] };
    case 'PortfolioDescribed':
      return {
        text: `UPDATE ${physical} SET description = $2, updated_at = $3 WHERE id = $1`,
        values: [event.portfolioId, event.description, at],
      };
    case 'PortfolioArchived':
      return { text: `UPDATE ${physical} SET archived = true, updated_at = $2 WHERE id = $1`, values: [event.portfolioId, at] };
    default:
      return assertNever(event);
  }
};

/** Portfolios in their current state. `user_id` gets its foreign key when users have a table. */
export const portfolios: PostgresEventModel = {
  name: 'portfolios',
  version: 1,
  store: 'postgres',
  source: 'events',
  tables: [
    {
      name: 'portfolios',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           id uuid PRIMARY KEY,
           user_id uuid,
           account_id bigint NOT NULL,
           name varchar(255) NOT NULL,
           description text,
           archived boolean NOT NULL DEFAULT false,
           created_at timestamptz NOT NULL,
           updated_at timestamptz NOT NULL
         )`,
        `CREATE INDEX ON ${physical} (account_id)`,
      ],
    },
  ],
  apply: ({ appends }, table) =>
    appends
      .flat()
      .filter((recorded) => portfolioEvents.knows(recorded.type))
      .map((recorded) => statementOf(portfolioEvents.decode(recorded), nanosToIso(recorded.recordedAtNanos), table('portfolios'))),
};
