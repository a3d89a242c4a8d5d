/**
 * Short-lived copies of what can be read or computed again. Values are strings (JSON by the caller).
 * Every adapter passes the suite in `cache.contract.ts`.
 */
export interface Cache {
  get(key: string): Promise<string | null>;
  /** Stores for `ttlMs`; a later `set` replaces value and time to live. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Single flight: concurrent misses of one key run `load` once per process. A failed load is not kept. */
  getOrLoad(key: string, ttlMs: number, load: () => Promise<string>): Promise<string>;
  /** Called for each key that any process sets or deletes; how processes drop their own copies. */
  onInvalidate(listener: (key: string) => void): () => void;
  close(): Promise<void>;
}
