import type { KV } from '@nats-io/kv';
import { unwrap } from '#contracts/result/result.js';
import type { RecordedHead, TapeHeadKey } from '#platform/tape/tape-head.js';
import { logger } from '#platform/telemetry/logger.js';

const key = (shard: number): string => `shard.${shard}`;
const recordEveryMs = 1_000;

/**
 * The last acknowledged head of a tape, kept beside the stream: a broker that lost the end of the tape still has this, in another
 * stream and other files, and nobody without the installation's key can change it. Written at most once a second; being behind is harmless, being ahead of the tape proves a loss.
 */
export class TapeHeads {
  readonly #bucket: KV;
  readonly #shard: number;
  readonly #signingKey: TapeHeadKey;
  #latest: RecordedHead | null = null;
  #written = 0n;
  #timer: NodeJS.Timeout | null = null;

  constructor(bucket: KV, shard: number, signingKey: TapeHeadKey) {
    this.#bucket = bucket;
    this.#shard = shard;
    this.#signingKey = signingKey;
  }

  /** @throws FulltapeError TAPE_CORRUPT when the entry is damaged or not signed by this installation. */
  async read(): Promise<RecordedHead | null> {
    const entry = await this.#bucket.get(key(this.#shard));
    if (entry === null || entry.operation !== 'PUT') return null;
    return unwrap(this.#signingKey.read(this.#shard, entry.string()));
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
    await this.#bucket.put(key(this.#shard), this.#signingKey.record(this.#shard, head));
    this.#written = head.commitNumber;
  }

  /** Forgets what is not written. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest = null;
  }
}
