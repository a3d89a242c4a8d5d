import { z } from 'zod';
import { EventCodec, eventShape, type EventOf } from './event-catalog.js';
import { nameText, tapeId } from './event-fields.js';

const portfolioId = z.uuid();
const created = z.object({ portfolioId, accountId: tapeId, userId: z.uuid().nullable(), name: nameText });
const renamed = z.object({ portfolioId, name: nameText });
const described = z.object({ portfolioId, description: z.string().max(4_096) });
const archived = z.object({ portfolioId });

export type PortfolioCreated = EventOf<'PortfolioCreated', z.output<typeof created>>;
export type PortfolioRenamed = EventOf<'PortfolioRenamed', z.output<typeof renamed>>;
export type PortfolioDescribed = EventOf<'PortfolioDescribed', z.output<typeof described>>;
export type PortfolioArchived = EventOf<'PortfolioArchived', z.output<typeof archived>>;
export type PortfolioEvent = PortfolioCreated | PortfolioRenamed | PortfolioDescribed | PortfolioArchived;

export const portfolioEventShapes = [
  eventShape({ type: 'PortfolioCreated', schemaVersion: 1, schema: created, upcasters: [] }),
  eventShape({ type: 'PortfolioRenamed', schemaVersion: 1, schema: renamed, upcasters: [] }),
  eventShape({ type: 'PortfolioDescribed', schemaVersion: 1, schema: described, upcasters: [] }),
  eventShape({ type: 'PortfolioArchived', schemaVersion: 1, schema: archived, upcasters: [] }),
] as const;

export const portfolioEvents = new EventCodec<PortfolioEvent>(portfolioEventShapes);

export const portfolioStream = (portfolioId: string): string => `portfolio-${portfolioId}`;

/** Portfolio that an account's positions belong to until they are assigned to another: a UUID (version 8) made of its number. */
export const defaultPortfolioId = (accountId: number): string => `${accountId.toString(16).padStart(8, '0')}-0002-8000-8000-000000000000`;
