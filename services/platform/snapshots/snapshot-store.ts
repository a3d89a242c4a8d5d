import type { ObjectStore, ObjectWriter, StoredObject } from '#contracts/ports/object-store.js';
import { logger } from '#platform/telemetry/logger.js';

/** A stored snapshot: the commit at which it was taken, and the hash of that commit. */
export interface SnapshotName {
  readonly commitNumber: bigint;
  readonly commitHash: string;
}

export interface StoredSnapshot extends SnapshotName {
  readonly key: string;
  readonly bytes: number;
}

const namePattern = /^(\d{20})-([0-9a-f]{64})\.snapshot$/;

/** Snapshots of one shard among the objects, named so that the order of keys is the order of commits. */
export class SnapshotStore {
  readonly #objects: ObjectStore;
  readonly #prefix: string;

  constructor(objects: ObjectStore, shard: number) {
    this.#objects = objects;
    this.#prefix = `snapshots/shard-${shard}/`;
  }

  create({ commitNumber, commitHash }: SnapshotName): Promise<ObjectWriter> {
    return this.#objects.create(`${this.#prefix}${String(commitNumber).padStart(20, '0')}-${commitHash}.snapshot`);
  }

  /** Whole snapshots, newest first. @throws FulltapeError STORE_UNAVAILABLE */
  async list(): Promise<readonly StoredSnapshot[]> {
    const stored = await this.#objects.list(this.#prefix);
    return stored.flatMap((object) => this.#named(object) ?? []).reverse();
  }

  read({ key }: StoredSnapshot): AsyncGenerator<Uint8Array> {
    return this.#objects.read(key);
  }

  /** Deletes all but the newest ones. What cannot be deleted stays until the next time. */
  async keepNewest(count: number): Promise<void> {
    try {
      for (const old of (await this.list()).slice(count)) await this.#objects.delete(old.key);
    } catch (error) {
      logger.warn({ prefix: this.#prefix, err: error }, 'orders.old-snapshots-kept');
    }
  }

  #named({ key, bytes }: StoredObject): StoredSnapshot | null {
    const [, number, commitHash] = namePattern.exec(key.slice(this.#prefix.length)) ?? [];
    return number === undefined || commitHash === undefined ? null : { key, bytes, commitNumber: BigInt(number), commitHash };
  }
}
