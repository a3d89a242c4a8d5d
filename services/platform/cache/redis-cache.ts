import { Redis } from 'ioredis';
import type { Cache } from '#contracts/ports/cache.js';
import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '../telemetry/logger.js';
import { SingleFlight } from './single-flight.js';

/** A cache answers quickly or not at all: callers then read the source. */
const commandTimeoutMs = 2_000;

/** Cache in Dragonfly or any server that speaks Redis' protocol. Keys get `prefix`; changes are announced on the channel `<prefix>changed`. */
export class RedisCache implements Cache {
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #prefix: string;
  readonly #flights = new SingleFlight();
  readonly #listeners = new Set<(key: string) => void>();

  private constructor(client: Redis, subscriber: Redis, prefix: string) {
    this.#client = client;
    this.#subscriber = subscriber;
    this.#prefix = prefix;
    subscriber.on('message', (_channel: string, key: string) => {
      for (const listener of this.#listeners) listener(key);
    });
  }

  /** @throws FulltapeError STORE_UNAVAILABLE when the server does not answer. */
  static async open(url: string, options: { readonly prefix?: string } = {}): Promise<RedisCache> {
    const prefix = options.prefix ?? 'fulltape:cache:';
    const settings = {
      lazyConnect: true,
      commandTimeout: commandTimeoutMs,
      connectTimeout: commandTimeoutMs,
      maxRetriesPerRequest: 1,
    } as const;
    const client = new Redis(url, settings);
    const subscriber = new Redis(url, settings);
    for (const connection of [client, subscriber]) connection.on('error', (error) => logger.warn({ err: error }, 'cache.redis.error'));
    try {
      await Promise.all([client.connect(), subscriber.connect()]);
      await subscriber.subscribe(`${prefix}changed`);
    } catch (error) {
      client.disconnect();
      subscriber.disconnect();
      throw new FulltapeError('STORE_UNAVAILABLE', { store: 'redis' }, { cause: error });
    }
    return new RedisCache(client, subscriber, prefix);
  }

  get(key: string): Promise<string | null> {
    return this.#client.get(this.#prefix + key);
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    if (ttlMs <= 0) return this.delete(key);
    await this.#client.set(this.#prefix + key, value, 'PX', Math.ceil(ttlMs));
    await this.#announce(key);
  }

  async delete(key: string): Promise<void> {
    await this.#client.del(this.#prefix + key);
    await this.#announce(key);
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

  close(): Promise<void> {
    this.#listeners.clear();
    this.#client.disconnect();
    this.#subscriber.disconnect();
    return Promise.resolve();
  }

  async #announce(key: string): Promise<void> {
    await this.#client.publish(`${this.#prefix}changed`, key);
  }
}
