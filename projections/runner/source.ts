import type { RecordedEvent } from '#contracts/ports/event-store.js';

/** One message of a source: a commit of the tape, or one append of the event store. */
export interface SourceMessage<Content> {
  readonly streamSequence: bigint;
  readonly content: Content;
}

export type TapeContent = Uint8Array;
export type EventContent = readonly RecordedEvent[];

/** What read models are built from. Sequences ascend; a sequence is delivered once per reading. */
export interface Source<Content> {
  /** `tape.<shard>` or `events`. */
  readonly name: string;
  /** Messages behind `after`, then live ones, until the signal aborts. */
  read(after: bigint, signal: AbortSignal): AsyncIterable<SourceMessage<Content>>;
  /** Sequence of the newest message; 0n for an empty source. */
  head(): Promise<bigint>;
  /** Whether no effect of the message goes on in the next one. */
  endsUnit(content: Content): boolean;
  bytesOf(content: Content): Uint8Array;
}

/** Messages behind `after` up to and including `to`. */
export async function* readRange<Content>(
  source: Source<Content>,
  after: bigint,
  to: bigint,
  signal: AbortSignal,
): AsyncGenerator<SourceMessage<Content>> {
  if (after >= to) return;
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    for await (const message of source.read(after, either)) {
      if (message.streamSequence > to) return;
      yield message;
      if (message.streamSequence >= to) return;
    }
  } finally {
    stop.abort();
  }
}
