import { z } from 'zod';
import { EventCodec, eventShape, type EventOf } from './event-catalog.js';

const seeded = z.object({ world: z.string().min(1) });

/** The demo world's cash and positions were given: never give them again, however long ago that was. */
export type DemoWorldSeeded = EventOf<'DemoWorldSeeded', z.output<typeof seeded>>;

export const seedingEventShapes = [eventShape({ type: 'DemoWorldSeeded', schemaVersion: 1, schema: seeded, upcasters: [] })] as const;

export const seedingEvents = new EventCodec<DemoWorldSeeded>(seedingEventShapes);

export const seedingStream = (world: string): string => `seeding-${world}`;
