import { instrumentEvents } from '#contracts/events/instrument-events.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { PostgresEventModel } from '../../runner/read-model.js';

/** Names and sectors of listed instruments, from the event store. */
export const listings: PostgresEventModel = {
  name: 'listings',
  version: 1,
  store: 'postgres',
  source: 'events',
  tables: [
    {
      name: 'listings',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           instrument_id bigint PRIMARY KEY,
           symbol varchar(32) NOT NULL,
           name varchar(255) NOT NULL,
           kind text NOT NULL,
           sector text NOT NULL,
           currency text NOT NULL,
           listed_at timestamptz NOT NULL
         )`,
        `CREATE INDEX ON ${physical} (symbol)`,
      ],
    },
  ],
  apply: ({ appends }, table) =>
    appends.flat().flatMap((recorded) => {
      if (recorded.type !== 'InstrumentListed') return [];
      const event = instrumentEvents.decode(recorded);
      if (event.type !== 'InstrumentListed') return [];
      return [
        {
          text: `INSERT INTO ${table('listings')} (instrument_id, symbol, name, kind, sector, currency, listed_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)`,
          values: [
            event.instrumentId,
            event.symbol,
            event.name,
            event.kind,
            event.sector,
            event.currency,
            nanosToIso(recorded.recordedAtNanos),
          ],
        },
      ];
    }),
};
