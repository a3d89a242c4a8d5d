import type { Cache } from '#contracts/ports/cache.js';
import { SingleFlight } from './single-flight.js';

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
}

/**
 * Cache of one process. Holds at most `entriesMax` values of together `bytesMax` characters; the least recently used one leaves first,
 * and a value above the whole bound is not kept at all.
 */
export class MemoryCache implements Cache {
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new SingleFlight();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #entriesMax: number;
  readonly #charactersMax: number;
  readonly #nowMs: () => number;
  #characters = 0;

  constructor(options: { readonly entriesMax?: number; readonly charactersMax?: number; readonly nowMs?: () => number } = {}) {
    this.#entriesMax = options.entriesMax ?? 10_000;
    this.#charactersMax = options.charactersMax ?? 64 * 1024 * 1024;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Promise<string | null> {
    return Promise.resolve(this.#read(key));
  }

  set(key: string, value: string, ttlMs: number): Promise<void> {
    this.#drop(key);
    if (ttlMs > 0 && value.length <= this.#charactersMax) {
      this.#entries.set(key, { value, expiresAtMs: this.#nowMs() + ttlMs });
      this.#characters += value.length;
      this.#evict();
    }
    this.#announce(key);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#drop(key);
    this.#announce(key);
    return Promise.resolve();
  }

  async getOrLoad(key: string, ttlMs: number, load: () => Promise<string>): Promise<string> {
    const held = this.#read(key);
    if (held !== null) return held;
    return this.#flights.run(key, async () => {
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
    this.#entries.clear();
    this.#listeners.clear();
    this.#characters = 0;
    return Promise.resolve();
  }

  #read(key: string): string | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAtMs <= this.#nowMs()) {
      this.#drop(key);
      return null;
    }
    // A Map iterates in insertion order, so moving a key to the end makes the first key the least recently used one.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#characters -= entry.value.length;
  }

  #evict(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax && this.#characters <= this.#charactersMax) return;
      this.#drop(key);
    }
  }

  #announce(key: string): void {
    for (const listener of this.#listeners) listener(key);
  }
}
