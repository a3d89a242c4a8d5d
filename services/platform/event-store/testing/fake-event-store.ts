import type { AppendResult, DomainEvent, EventMetadata, EventStore, ExpectedVersion, RecordedEvent } from '#contracts/ports/event-store.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import { decodeAppend, encodeAppend, recordedEvents, subjectOf } from '../append-message.js';

interface StoredAppend {
  readonly streamName: string;
  readonly bytes: Uint8Array;
}

/** An event store in this process's memory. It passes the contract suite; its figures say nothing about the real one. */
export class FakeEventStore implements EventStore {
  private readonly appends: StoredAppend[] = [];
  private readonly closing = new AbortController();
  private readonly waiting = new Set<() => void>();
  private clockNanos = 1_767_225_600_000_000_000n;

  async append(
    streamName: string,
    events: readonly DomainEvent[],
    options: { readonly expected: ExpectedVersion; readonly metadata?: EventMetadata; readonly appendId?: string },
  ): Promise<Result<AppendResult>> {
    if (events.length === 0) return refuse('INVALID_ARGUMENT', { argument: 'events', expected: 'at least one' });
    subjectOf(streamName); // refuses the names that the real store refuses
    const own = this.appends
      .map((append, index) => ({ append, position: BigInt(index + 1) }))
      .filter(({ append }) => append.streamName === streamName);
    const decoded = own.map(({ append, position }) => ({ position, message: decodeAppend(append.bytes) }));
    const same = decoded.find(({ message }) => message.appendId === options.appendId);
    if (same !== undefined) return ok({ streamVersion: BigInt(same.message.streamVersion), globalPosition: same.position });
    const version = BigInt(decoded.at(-1)?.message.streamVersion ?? '0');
    const { expected } = options;
    if (expected === 'noStream' ? version !== 0n : expected !== 'any' && expected.version !== version) {
      return refuse('WRONG_EXPECTED_VERSION', { streamName, version: String(version) });
    }
    this.clockNanos += 1_000n;
    const streamVersion = version + BigInt(events.length);
    const appendId = options.appendId ?? `append-${this.appends.length + 1}`;
    const bytes = encodeAppend({ appendId, streamVersion, recordedAtNanos: this.clockNanos, metadata: options.metadata ?? {}, events });
    this.appends.push({ streamName, bytes });
    for (const wake of this.waiting) wake();
    return ok({ streamVersion, globalPosition: BigInt(this.appends.length) });
  }

  private at(position: bigint): readonly RecordedEvent[] | undefined {
    const stored = this.appends[Number(position) - 1];
    return stored === undefined ? undefined : recordedEvents(stored.streamName, position, decodeAppend(stored.bytes));
  }

  async readStream(streamName: string, options: { readonly fromVersion?: bigint } = {}): Promise<readonly RecordedEvent[]> {
    const all = this.appends.flatMap((_append, index) => this.at(BigInt(index + 1)) ?? []);
    return all.filter((event) => event.streamName === streamName && event.streamVersion >= (options.fromVersion ?? 1n));
  }

  async *subscribe({ after, signal }: { readonly after: bigint; readonly signal: AbortSignal }): AsyncGenerator<readonly RecordedEvent[]> {
    const stop = AbortSignal.any([signal, this.closing.signal]);
    for (let next = after + 1n; !stop.aborted;) {
      const append = this.at(next);
      if (append !== undefined) {
        next += 1n;
        yield append;
        continue;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.waiting.delete(wake);
          stop.removeEventListener('abort', wake);
          resolve();
        };
        this.waiting.add(wake);
        stop.addEventListener('abort', wake, { once: true });
      });
    }
  }

  async headPosition(): Promise<bigint> {
    return BigInt(this.appends.length);
  }

  async close(): Promise<void> {
    this.closing.abort();
  }
}
