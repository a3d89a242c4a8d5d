import type { Result } from '../result/result.js';

/** A domain event before it is stored. `data` is JSON; 64-bit numbers are decimal strings. */
export interface DomainEvent {
  readonly type: string;
  /** Version of the shape of `data`; an upcaster brings old ones forward when they are read. */
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventMetadata {
  readonly correlationId?: string;
  readonly causationId?: string;
  /** Who gave the command: user, key or service, never personal data. */
  readonly authorityId?: string;
}

export interface RecordedEvent extends DomainEvent {
  readonly eventId: string;
  readonly streamName: string;
  /** Version of the stream after this event; counts from 1. */
  readonly streamVersion: bigint;
  /** Position of the append among all streams; ascending, shared by the events of one append. */
  readonly globalPosition: bigint;
  /** Index inside its append. */
  readonly indexInAppend: number;
  readonly recordedAtNanos: bigint;
  readonly metadata: EventMetadata;
}

export type ExpectedVersion = 'any' | 'noStream' | { readonly version: bigint };

export interface AppendResult {
  readonly streamVersion: bigint;
  readonly globalPosition: bigint;
}

/**
 * Where ordinary aggregates keep their events. One append is atomic: all of its events or none.
 * Every adapter passes the suite in `event-store.contract.ts`.
 */
export interface EventStore {
  /** Refused with WRONG_EXPECTED_VERSION when the stream is not at the expected version; nothing is stored then. */
  append(
    streamName: string,
    events: readonly DomainEvent[],
    options: { readonly expected: ExpectedVersion; readonly metadata?: EventMetadata; readonly appendId?: string },
  ): Promise<Result<AppendResult>>;
  /** Events of one stream in order; empty for a stream that does not exist. */
  readStream(streamName: string, options?: { readonly fromVersion?: bigint }): Promise<readonly RecordedEvent[]>;
  /** All appends behind `after` in order, then live ones, until the signal aborts. Each item is one append. */
  subscribe(options: { readonly after: bigint; readonly signal: AbortSignal }): AsyncIterable<readonly RecordedEvent[]>;
  /** Position of the last append; 0n when there is none. */
  headPosition(): Promise<bigint>;
  close(): Promise<void>;
}
