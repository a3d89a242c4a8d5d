import { Kvm, KvWatchInclude, type KV, type KvWatchEntry } from '@nats-io/kv';
import type { QueuedIterator } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Cache } from '#contracts/ports/cache.js';
import { FulltapeError } from '#contracts/result/result.js';
import { cacheBucket } from '#contracts/subjects/registry.js';
import { logger } from '../telemetry/logger.js';
import { SingleFlight } from './single-flight.js';

/** Keys of a bucket may hold few characters, keys of a cache any: they travel as base64url. */
const encodeKey = (key: string): string => `k.${Buffer.from(key, 'utf8').toString('base64url')}`;
const decodeKey = (name: string): string => Buffer.from(name.slice(2), 'base64url').toString('utf8');

const separator = '\n';

/**
 * Cache of several processes in a NATS key-value bucket. A value carries its own end (wall clock, so processes agree to within their
 * clocks); the bucket's age limit clears what nobody reads again.
 */
export class NatsCache implements Cache {
  readonly #bucket: KV;
  readonly #watch: QueuedIterator<KvWatchEntry>;
  readonly #flights = new SingleFlight();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #watching: Promise<void>;

  private constructor(bucket: KV, watch: QueuedIterator<KvWatchEntry>) {
    this.#bucket = bucket;
    this.#watch = watch;
    this.#watching = this.#announceChanges();
  }

  /** @throws FulltapeError STORE_UNAVAILABLE when the bucket cannot be opened. */
  static async open(
    connection: NatsConnection,
    options: { readonly bucket?: string; readonly replicas?: number } = {},
  ): Promise<NatsCache> {
    try {
      const bucket = await new Kvm(connection).create(options.bucket ?? cacheBucket.name, {
        history: cacheBucket.history,
        ttl: cacheBucket.ttlMs,
        replicas: options.replicas ?? 1,
      });
      return new NatsCache(bucket, await bucket.watch({ include: KvWatchInclude.UpdatesOnly }));
    } catch (error) {
      throw new FulltapeError('STORE_UNAVAILABLE', { store: 'nats key-value' }, { cause: error });
    }
  }

  async get(key: string): Promise<string | null> {
    const entry = await this.#bucket.get(encodeKey(key));
    if (entry === null || entry.operation !== 'PUT') return null;
    const text = entry.string();
    const end = text.indexOf(separator);
    return end > 0 && Number(text.slice(0, end)) > Date.now() ? text.slice(end + 1) : null;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    if (ttlMs <= 0) return this.delete(key);
    await this.#bucket.put(encodeKey(key), `${Date.now() + Math.ceil(ttlMs)}${separator}${value}`);
  }

  async delete(key: string): Promise<void> {
    await this.#bucket.delete(encodeKey(key));
  }

  async getOrLoad(key: string, ttlMs: number, load: () => Promise<string>): Promise<string> {
    return this.#flights.run(key, async () => {
      const held = await this.get(key);
      if (held !== null) return held;
      const value = await load();
      await this.set(key, value, ttlMs);
      return value;
    });
  }

  onInvalidate(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#watch.stop();
    await this.#watching;
  }

  async #announceChanges(): Promise<void> {
    try {
      for await (const entry of this.#watch) {
        const key = decodeKey(entry.key);
        for (const listener of this.#listeners) listener(key);
      }
    } catch (error) {
      // Without announcements copies live until their time to live ends, so this costs freshness, not correctness.
      logger.warn({ err: error }, 'cache.nats.watch-ended');
    }
  }
}
