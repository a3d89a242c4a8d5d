import type { Cache } from '#contracts/ports/cache.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import { logger } from '#platform/telemetry/logger.js';

/** Terms change rarely; a copy may be this old before it is read again. */
const timeToLiveMs = 1_000;
/** Unknown symbols make it look again, but no more often than this: a client that asks for nonsense costs ten queries a second at most. */
const lookAgainMs = 100;
const cacheKey = 'gateway:instruments';

/** JSON has no bigint: it travels as `{"$n":"123"}`. */
const write = (rows: readonly InstrumentRow[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'bigint' ? { $n: value.toString() } : value));
const read = (text: string): InstrumentRow[] =>
  JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$n' in value ? BigInt(String(value.$n)) : value,
  ) as InstrumentRow[];

class Index {
  readonly bySymbol: ReadonlyMap<string, InstrumentRow>;
  readonly byId: ReadonlyMap<number, InstrumentRow>;

  constructor(
    readonly text: string,
    readonly rows: readonly InstrumentRow[],
  ) {
    this.bySymbol = new Map(rows.map((row) => [row.symbol, row]));
    this.byId = new Map(rows.map((row) => [row.instrumentId, row]));
  }
}

/** Instruments as commands and answers need them, held through the cache so that an order costs no query. */
export class InstrumentCatalogue {
  readonly #cache: Cache;
  readonly #load: () => Promise<readonly InstrumentRow[]>;
  readonly #nowMs: () => number;
  #index = new Index('', []);
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** `load` reads all instruments; their number is bounded by the engine's table. */
  constructor(cache: Cache, load: () => Promise<readonly InstrumentRow[]>, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#cache = cache;
    this.#load = load;
  }

  async all(): Promise<readonly InstrumentRow[]> {
    return (await this.#current()).rows;
  }

  /** Null for a symbol that the read models do not have, looked up afresh because it may be a new one. */
  async bySymbol(symbol: string): Promise<InstrumentRow | null> {
    return (await this.#current()).bySymbol.get(symbol) ?? (await this.#afresh()).bySymbol.get(symbol) ?? null;
  }

  async byId(instrumentId: number): Promise<InstrumentRow | null> {
    return (await this.#current()).byId.get(instrumentId) ?? (await this.#afresh()).byId.get(instrumentId) ?? null;
  }

  async #current(): Promise<Index> {
    const text = await this.#text();
    // The same text means the same rows, and comparing is far cheaper than parsing.
    if (text !== this.#index.text) this.#index = new Index(text, read(text));
    return this.#index;
  }

  /** A cache that is away costs a query, not the order that asks. What the read models throw is passed on. */
  async #text(): Promise<string> {
    let failure: { readonly error: unknown } | null = null;
    try {
      return await this.#cache.getOrLoad(cacheKey, timeToLiveMs, async () => {
        try {
          return write(await this.#load());
        } catch (error) {
          failure = { error };
          throw error;
        }
      });
    } catch (error) {
      if (failure !== null) throw error;
      logger.warn({ err: error }, 'gateway.instruments.cache-unavailable');
      return write(await this.#load());
    }
  }

  async #afresh(): Promise<Index> {
    if (this.#nowMs() - this.#lookedAtMs < lookAgainMs) return this.#current();
    this.#lookedAtMs = this.#nowMs();
    await this.#cache.delete(cacheKey).catch((error: unknown) => logger.warn({ err: error }, 'gateway.instruments.cache-unavailable'));
    return this.#current();
  }
}
