/**
 * Shapes of stored events by type and version. A shape that was ever written stays readable for ever: a new version gets its own
 * schema, and an upcaster from the version before it. Decimals are strings, never JSON numbers.
 */
import type { z } from 'zod';
import type { DomainEvent } from '../ports/event-store.js';
import { FulltapeError } from '../result/result.js';

type EventData = Readonly<Record<string, unknown>>;

/** Brings data of one version to the next. Pure, and total for every value that was valid in its version. */
export type Upcaster = (data: EventData) => EventData;

export interface EventShape<Data> {
  readonly type: string;
  /** Version that is written now. */
  readonly schemaVersion: number;
  readonly schema: z.ZodType<Data>;
  /** `upcasters[0]` makes version 2 of version 1, and so on: one fewer than `schemaVersion`. */
  readonly upcasters: readonly Upcaster[];
}

export const eventShape = <Data>(shape: EventShape<Data>): EventShape<Data> => {
  if (shape.upcasters.length !== shape.schemaVersion - 1) {
    throw new RangeError(`${shape.type} version ${shape.schemaVersion} has ${shape.upcasters.length} upcasters`);
  }
  return shape;
};

/**
 * Data of a stored event in its current version.
 * @throws FulltapeError UNKNOWN_EVENT_TYPE for a version of a later release, and for data that is not of its version.
 */
export const readEventData = <Data>(shape: EventShape<Data>, event: DomainEvent): Data => {
  if (event.type !== shape.type || event.schemaVersion < 1 || event.schemaVersion > shape.schemaVersion) {
    throw new FulltapeError('UNKNOWN_EVENT_TYPE', { type: event.type, schemaVersion: String(event.schemaVersion) });
  }
  const current = shape.upcasters.slice(event.schemaVersion - 1).reduce<EventData>((data, upcast) => upcast(data), event.data);
  const parsed = shape.schema.safeParse(current);
  if (parsed.success) return parsed.data;
  throw new FulltapeError('UNKNOWN_EVENT_TYPE', {
    type: event.type,
    schemaVersion: String(event.schemaVersion),
    field: parsed.error.issues[0]?.path.join('.') ?? '',
  });
};

/** An event as a decider makes it: its type and its data in the current version. */
export type EventOf<Type extends string, Data> = { readonly type: Type } & Data;

/** Shapes of one family of events, by type. */
export class EventCodec<Event extends { readonly type: string }> {
  private readonly shapes: ReadonlyMap<string, EventShape<object>>;

  constructor(shapes: readonly EventShape<object>[]) {
    this.shapes = new Map(shapes.map((shape) => [shape.type, shape]));
  }

  knows(type: string): boolean {
    return this.shapes.has(type);
  }

  /** @throws FulltapeError UNKNOWN_EVENT_TYPE */
  decode(event: DomainEvent): Event {
    const shape = this.shapes.get(event.type);
    if (shape === undefined) throw new FulltapeError('UNKNOWN_EVENT_TYPE', { type: event.type });
    return { type: event.type, ...readEventData(shape, event) } as unknown as Event;
  }

  encode({ type, ...data }: Event): DomainEvent {
    const shape = this.shapes.get(type);
    if (shape === undefined) throw new FulltapeError('UNKNOWN_EVENT_TYPE', { type });
    return { type, schemaVersion: shape.schemaVersion, data: shape.schema.parse(data) as EventData };
  }
}
