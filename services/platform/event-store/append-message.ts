/** One append as the message of the EVENTS stream: all of its events and the version of the stream after them. */
import { z } from 'zod';
import type { DomainEvent, EventMetadata, RecordedEvent } from '#contracts/ports/event-store.js';
import { FulltapeError } from '#contracts/result/result.js';
import { eventsSubjectPrefix } from '#contracts/subjects/registry.js';

const metadataSchema = z.object({
  correlationId: z.string().exactOptional(),
  causationId: z.string().exactOptional(),
  authorityId: z.string().exactOptional(),
});

const messageSchema = z.object({
  format: z.literal(1),
  appendId: z.string(),
  /** Version of the stream after the last event. */
  streamVersion: z.string().regex(/^[1-9][0-9]{0,18}$/),
  recordedAtNanos: z.string().regex(/^[0-9]{1,20}$/),
  metadata: metadataSchema,
  events: z
    .array(z.object({ type: z.string().min(1), schemaVersion: z.number().int().min(1), data: z.record(z.string(), z.unknown()) }))
    .min(1),
});
export type AppendMessage = z.output<typeof messageSchema>;

const streamNamePattern = /^([a-z][a-z0-9]*)-([A-Za-z0-9_-]{1,64})$/;

/** `category-id` as `events.<category>.<id>`. @throws FulltapeError INVALID_ARGUMENT for a name that is not of that form. */
export const subjectOf = (streamName: string): string => {
  const match = streamNamePattern.exec(streamName);
  if (match === null)
    throw new FulltapeError('INVALID_ARGUMENT', { argument: 'streamName', value: streamName.slice(0, 80), expected: 'category-id' });
  return `${eventsSubjectPrefix}.${match[1]}.${match[2]}`;
};

export const streamNameOf = (subject: string): string => {
  const [, category = '', id = ''] = subject.split('.');
  return `${category}-${id}`;
};

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export const encodeAppend = (message: {
  readonly appendId: string;
  readonly streamVersion: bigint;
  readonly recordedAtNanos: bigint;
  readonly metadata: EventMetadata;
  readonly events: readonly DomainEvent[];
}): Uint8Array =>
  encoder.encode(
    JSON.stringify({
      format: 1,
      appendId: message.appendId,
      streamVersion: String(message.streamVersion),
      recordedAtNanos: String(message.recordedAtNanos),
      metadata: message.metadata,
      events: message.events.map(({ type, schemaVersion, data }) => ({ type, schemaVersion, data })),
    }),
  );

/** @throws FulltapeError UNKNOWN_EVENT_TYPE when the bytes are not an append of this format. */
export const decodeAppend = (bytes: Uint8Array): AppendMessage => {
  let content: unknown;
  try {
    content = JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new FulltapeError('UNKNOWN_EVENT_TYPE', { reason: 'an append is not JSON' }, { cause: error });
  }
  const parsed = messageSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new FulltapeError('UNKNOWN_EVENT_TYPE', { reason: `an append of another format: ${parsed.error.issues[0]?.path.join('.') ?? ''}` });
};

/** The events of an append as they are read. */
export const recordedEvents = (streamName: string, globalPosition: bigint, message: AppendMessage): RecordedEvent[] => {
  const firstVersion = BigInt(message.streamVersion) - BigInt(message.events.length) + 1n;
  return message.events.map((event, index) => ({
    ...event,
    eventId: `${message.appendId}.${index}`,
    streamName,
    streamVersion: firstVersion + BigInt(index),
    globalPosition,
    indexInAppend: index,
    recordedAtNanos: BigInt(message.recordedAtNanos),
    metadata: message.metadata,
  }));
};
