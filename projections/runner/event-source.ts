import type { EventStore } from '#contracts/ports/event-store.js';
import type { EventContent, Source, SourceMessage } from './source.js';

const encoder = new TextEncoder();
const text = (content: EventContent): string =>
  JSON.stringify(content, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));

/** The event store as a source: one message is one append. */
export const eventSource = (store: EventStore): Source<EventContent> => ({
  name: 'events',
  async *read(after: bigint, signal: AbortSignal): AsyncGenerator<SourceMessage<EventContent>> {
    for await (const append of store.subscribe({ after, signal })) {
      const first = append[0];
      if (first !== undefined) yield { streamSequence: first.globalPosition, content: append };
    }
  },
  head: () => store.headPosition(),
  endsUnit: () => true,
  bytesOf: (content) => encoder.encode(text(content)),
});
