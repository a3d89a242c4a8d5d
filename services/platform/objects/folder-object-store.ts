import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isObjectKey, type ObjectStore, type ObjectWriter, type StoredObject } from '#contracts/ports/object-store.js';
import { FulltapeError } from '#contracts/result/result.js';

/** Where objects lie while they are written: inside the folder, because a rename works within one file system alone. */
const incomingFolder = '.incoming';
/** What a writer that died has left there is removed after this time. */
const abandonedMs = 3_600_000;
const readPieceBytes = 256 * 1_024;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const unavailable = (what: string, error: unknown): FulltapeError =>
  new FulltapeError(
    codeOf(error) === 'ENOSPC' ? 'DISK_FULL' : 'STORE_UNAVAILABLE',
    { store: 'objects', what, cause: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );

const checkKey = (key: string): void => {
  if (!isObjectKey(key)) throw new FulltapeError('INVALID_ARGUMENT', { argument: 'key', value: key.slice(0, 64) });
};

/** A rename is durable once its folder is. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

class FolderObjectWriter implements ObjectWriter {
  readonly #key: string;
  readonly #path: string;
  readonly #temporary: string;
  #file: FileHandle | null;
  #bytes = 0;

  constructor(key: string, path: string, temporary: string, file: FileHandle) {
    this.#key = key;
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const file = this.#open();
    try {
      for (let at = 0; at < bytes.byteLength;) at += (await file.write(bytes, at)).bytesWritten;
      this.#bytes += bytes.byteLength;
    } catch (error) {
      throw unavailable(this.#key, error);
    }
  }

  async finish(): Promise<StoredObject> {
    const file = this.#open();
    try {
      await file.sync();
      await file.close();
      this.#file = null;
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await rename(this.#temporary, this.#path);
      await syncFolder(dirname(this.#path));
    } catch (error) {
      throw unavailable(this.#key, error);
    }
    return { key: this.#key, bytes: this.#bytes };
  }

  async abort(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    await file.close().catch(() => undefined);
    await rm(this.#temporary, { force: true }).catch(() => undefined); // swept later
  }

  #open(): FileHandle {
    if (this.#file === null) throw new FulltapeError('INVALID_ARGUMENT', { key: this.#key, why: 'the object is finished or given up' });
    return this.#file;
  }
}

/**
 * The object store in a local folder: a key is a path. An object is written beside the others, synced, and renamed, so a reader meets
 * it whole or not at all, whenever a process or the machine dies.
 */
export class FolderObjectStore implements ObjectStore {
  readonly #dir: string;
  #isSwept = false;

  /** `dir` is made when the first object comes. */
  constructor(dir: string) {
    this.#dir = dir;
  }

  async create(key: string): Promise<ObjectWriter> {
    checkKey(key);
    try {
      const folder = join(this.#dir, incomingFolder);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await this.#sweep(folder);
      const temporary = join(folder, randomUUID());
      return new FolderObjectWriter(key, join(this.#dir, key), temporary, await open(temporary, 'wx', 0o600));
    } catch (error) {
      throw unavailable(key, error);
    }
  }

  async *read(key: string): AsyncGenerator<Uint8Array> {
    checkKey(key);
    try {
      for await (const piece of createReadStream(join(this.#dir, key), { highWaterMark: readPieceBytes })) yield piece as Uint8Array;
    } catch (error) {
      throw unavailable(key, error);
    }
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const objects: StoredObject[] = [];
    try {
      const entries = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        const key = path.slice(this.#dir.length + 1).replaceAll('\\', '/');
        if (!entry.isFile() || !key.startsWith(prefix) || !isObjectKey(key)) continue;
        // Another process may have deleted it since.
        const found = await stat(path).catch(() => null);
        if (found !== null) objects.push({ key, bytes: found.size });
      }
    } catch (error) {
      throw unavailable(prefix, error);
    }
    return objects.sort((left, right) => (left.key < right.key ? -1 : 1));
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    try {
      await rm(join(this.#dir, key), { force: true });
    } catch (error) {
      throw unavailable(key, error);
    }
  }

  /** Once a process: what a dead writer left. */
  async #sweep(folder: string): Promise<void> {
    if (this.#isSwept) return;
    this.#isSwept = true;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > abandonedMs) await rm(path, { force: true });
    }
  }
}
