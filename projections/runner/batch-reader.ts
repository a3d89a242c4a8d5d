import type { Source, SourceMessage } from './source.js';

export interface BatchLimits {
  /** Messages in one batch. */
  readonly messagesMax: number;
  /** Content bytes in one batch; a single unit may pass it. */
  readonly bytesMax: number;
  /**
   * Least time between the beginnings of two batches, unless there is enough for a full one. The first batch after a quiet time is not
   * held up at all, and a steady trickle makes at most 1000 / spacingMs small batches a second. 0 always takes what has queued.
   */
  readonly spacingMs: number;
}

/**
 * Collects a source into batches of whole units (a command that spans commits is one unit). Reads ahead by at most two batches and
 * then blocks the source; a unit that is larger than that is read whole, because half of it cannot be applied.
 */
export class BatchReader<Content> {
  private readonly buffer: SourceMessage<Content>[] = [];
  private bufferedBytes = 0;
  private bufferedUnits = 0;
  private ended = false;
  private failure: { readonly error: unknown } | null = null;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  private wake: () => void = () => undefined;
  private resume: () => void = () => undefined;

  constructor(
    private readonly source: Source<Content>,
    messages: AsyncIterable<SourceMessage<Content>>,
    private readonly limits: BatchLimits,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    void this.pump(messages);
  }

  private async pump(messages: AsyncIterable<SourceMessage<Content>>): Promise<void> {
    try {
      for await (const message of messages) {
        while (this.isFull() && !this.ended) await new Promise<void>((resolve) => (this.resume = resolve));
        if (this.ended) return;
        this.buffer.push(message);
        this.bufferedBytes += this.source.bytesOf(message.content).byteLength;
        if (this.source.endsUnit(message.content)) this.bufferedUnits += 1;
        this.wake();
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.ended = true;
      this.wake();
    }
  }

  private isFull(): boolean {
    return this.bufferedUnits > 0 && (this.bufferedBytes >= this.limits.bytesMax * 2 || this.buffer.length >= this.limits.messagesMax * 2);
  }

  private isRich(): boolean {
    return this.ended || this.bufferedBytes >= this.limits.bytesMax || this.buffer.length >= this.limits.messagesMax;
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  /** The next batch, or null when the source has ended. @throws what the source threw, once what it gave before is used up. */
  async next(): Promise<readonly SourceMessage<Content>[] | null> {
    while (this.bufferedUnits === 0) {
      if (this.failure !== null) throw this.failure.error;
      if (this.ended) return null;
      await this.changed();
    }
    await this.keepDistance();
    this.begunAtMs = this.nowMs();
    return this.take();
  }

  private async keepDistance(): Promise<void> {
    const leftMs = this.begunAtMs + this.limits.spacingMs - this.nowMs();
    if (leftMs <= 0 || this.isRich()) return;
    const over = Promise.withResolvers<'over'>();
    const timer = setTimeout(() => over.resolve('over'), leftMs);
    while (!this.isRich() && (await Promise.race([this.changed(), over.promise])) !== 'over');
    clearTimeout(timer);
  }

  private take(): readonly SourceMessage<Content>[] {
    let count = 0;
    let bytes = 0;
    let whole = 0;
    for (const message of this.buffer) {
      if (whole > 0 && (count >= this.limits.messagesMax || bytes >= this.limits.bytesMax)) break;
      count += 1;
      bytes += this.source.bytesOf(message.content).byteLength;
      if (this.source.endsUnit(message.content)) whole = count;
    }
    const taken = this.buffer.splice(0, whole);
    for (const message of taken) {
      this.bufferedBytes -= this.source.bytesOf(message.content).byteLength;
      if (this.source.endsUnit(message.content)) this.bufferedUnits -= 1;
    }
    this.resume();
    return taken;
  }

  /** Stops reading ahead. The source ends by its own signal. */
  close(): void {
    this.ended = true;
    this.resume();
    this.wake();
  }
}

/** Cuts a batch into its units. */
export const unitsOf = <Content>(source: Source<Content>, messages: readonly SourceMessage<Content>[]): SourceMessage<Content>[][] => {
  const units: SourceMessage<Content>[][] = [];
  let open: SourceMessage<Content>[] = [];
  for (const message of messages) {
    open.push(message);
    if (!source.endsUnit(message.content)) continue;
    units.push(open);
    open = [];
  }
  if (open.length > 0) units.push(open);
  return units;
};
