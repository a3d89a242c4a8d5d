import { accountEvents, type AccountEvent } from '#contracts/events/account-events.js';
import { assertNever } from '#contracts/result/result.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { PostgresEventModel, Statement } from '../../runner/read-model.js';

const statementOf = (event: AccountEvent, at: string, physical: string): Statement => {
  switch (event.type) {
    case 'AccountOpened':
      return {
        text: `INSERT INTO ${physical} (account_id, name, kind, opened_at) VALUES ($1, $2, $3, $4)`,
        values: [event.accountId, event.name, event.kind, at],
      };
    case 'AccountRenamed':
      return { text: `UPDATE ${physical} SET name = $2 WHERE account_id = $1`, values: [event.accountId, event.name] };
    case 'AccountClosed':
      return { text: `UPDATE ${physical} SET closed_at = $2 WHERE account_id = $1`, values: [event.accountId, at] };
    default:
      return assertNever(event);
  }
};

/** Names of accounts and whether they are open, from the event store. */
export const accountProfiles: PostgresEventModel = {
  name: 'account-profiles',
  version: 1,
  store: 'postgres',
  source: 'events',
  tables: [
    {
      name: 'account_profiles',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           account_id bigint PRIMARY KEY,
           name varchar(255) NOT NULL,
           kind text NOT NULL,
           opened_at timestamptz NOT NULL,
           closed_at timestamptz
         )`,
      ],
    },
  ],
  apply: ({ appends }, table) =>
    appends
      .flat()
      .filter((recorded) => accountEvents.knows(recorded.type))
      .map((recorded) => statementOf(accountEvents.decode(recorded), nanosToIso(recorded.recordedAtNanos), table('account_profiles'))),
};
