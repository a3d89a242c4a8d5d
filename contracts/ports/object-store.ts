/** One object as a listing shows it. */
export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
}

/** An object that is being written. Nobody sees it before `finish`, and nothing is left of it after `abort`. */
export interface ObjectWriter {
  /** Appends. Resolves when the store has taken the bytes, so a slow store holds its writer up. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the object durable and visible under its key, whole; one that stood there is replaced. */
  finish(): Promise<StoredObject>;
  /** Forgets what was written. After `finish` it does nothing. */
  abort(): Promise<void>;
}

/**
 * Large immutable values by key: snapshots, archives, exported reports. Keys are segments of letters, digits, `.`, `_` and `-` that do not
 * begin with a dot, joined by `/`; others are refused as INVALID_ARGUMENT. Every adapter passes the suite in `object-store.contract.ts`.
 * All functions throw FulltapeError STORE_UNAVAILABLE when the store does not work.
 */
export interface ObjectStore {
  create(key: string): Promise<ObjectWriter>;
  /** The bytes in pieces of any size. Throws STORE_UNAVAILABLE when the object is not there. */
  read(key: string): AsyncGenerator<Uint8Array>;
  /** Objects whose key begins with the prefix, in order of keys. */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
}

const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Whether a store takes this key. */
export const isObjectKey = (key: string): boolean => key.length <= 512 && keyPattern.test(key);
