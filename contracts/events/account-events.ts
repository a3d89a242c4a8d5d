import { z } from 'zod';
import { EventCodec, eventShape, type EventOf } from './event-catalog.js';
import { nameText, tapeId } from './event-fields.js';

const opened = z.object({
  accountId: tapeId,
  name: nameText,
  kind: z.enum(['Cash', 'Margin']),
  /** Desk; 0 = none. */
  groupId: z.number().int().min(0).max(0xffff_ffff),
  permissions: z.array(z.enum(['ShortSale'])),
});
const renamed = z.object({ accountId: tapeId, name: nameText });
const closed = z.object({ accountId: tapeId, reason: z.string().min(1).max(255) });

export type AccountOpened = EventOf<'AccountOpened', z.output<typeof opened>>;
export type AccountRenamed = EventOf<'AccountRenamed', z.output<typeof renamed>>;
export type AccountClosed = EventOf<'AccountClosed', z.output<typeof closed>>;
export type AccountEvent = AccountOpened | AccountRenamed | AccountClosed;

export const accountEventShapes = [
  eventShape({ type: 'AccountOpened', schemaVersion: 1, schema: opened, upcasters: [] }),
  eventShape({ type: 'AccountRenamed', schemaVersion: 1, schema: renamed, upcasters: [] }),
  eventShape({ type: 'AccountClosed', schemaVersion: 1, schema: closed, upcasters: [] }),
] as const;

export const accountEvents = new EventCodec<AccountEvent>(accountEventShapes);

export const accountStream = (accountId: number): string => `account-${accountId}`;
