import type { KV } from '@nats-io/kv';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '#platform/telemetry/logger.js';

const headSchema = z.object({
  commitNumber: z.string().regex(/^[0-9]+$/),
  streamSequence: z.string().regex(/^[0-9]+$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A head that the broker has acknowledged. */
export interface RecordedHead {
  readonly commitNumber: bigint;
  readonly streamSequence: bigint;
  readonly hash: string;
}

const key = (shard: number): string => `shard.${shard}`;
const recordEveryMs = 1_000;

/**
 * The last acknowledged head of a tape, kept beside the stream: a broker that lost the end of the tape still has this, in another
 * stream and other files. Written at most once a second; being behind is harmless, being ahead of the tape proves a loss.
 */
export class TapeHeads {
  readonly #bucket: KV;
  readonly #shard: number;
  #latest: RecordedHead | null = null;
  #written = 0n;
  #timer: NodeJS.Timeout | null = null;

  constructor(bucket: KV, shard: number) {
    this.#bucket = bucket;
    this.#shard = shard;
  }

  /** @throws FulltapeError STORE_UNAVAILABLE when the entry is not readable. */
  async read(): Promise<RecordedHead | null> {
    const entry = await this.#bucket.get(key(this.#shard));
    if (entry === null || entry.operation !== 'PUT') return null;
    try {
      const { commitNumber, streamSequence, hash } = headSchema.parse(entry.json());
      return { commitNumber: BigInt(commitNumber), streamSequence: BigInt(streamSequence), hash };
    } catch (error) {
      throw new FulltapeError('STORE_UNAVAILABLE', { key: key(this.#shard), why: 'the recorded head is not readable' }, { cause: error });
    }
  }

  /** Notes a head; it is written within a second. */
  note(head: RecordedHead): void {
    this.#latest = head;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.flush().catch((error: unknown) => logger.warn({ shard: this.#shard, err: error }, 'orders.head-not-recorded'));
    }, recordEveryMs);
  }

  async flush(): Promise<void> {
    const head = this.#latest;
    if (head === null || head.commitNumber <= this.#written) return;
    await this.#bucket.put(
      key(this.#shard),
      JSON.stringify({ commitNumber: String(head.commitNumber), streamSequence: String(head.streamSequence), hash: head.hash }),
    );
    this.#written = head.commitNumber;
  }

  /** Forgets what is not written. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest = null;
  }
}
