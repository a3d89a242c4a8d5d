import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/** Size at which a log file becomes FILE.1 and a new one begins: at most twice this on disk per process. */
const bytesMax = 20 * 1024 * 1024;

/** Lines of one child process in a file of bounded size. Synchronous: volumes are small and order matters more than speed. */
export class LogFile {
  #descriptor: number;
  #bytes: number;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#bytes = statSync(path).size;
  }

  write(line: string): void {
    if (this.#descriptor < 0) return;
    if (this.#bytes > bytesMax) this.#rotate();
    try {
      this.#bytes += writeSync(this.#descriptor, `${line}\n`);
    } catch (error) {
      // A full disk must not stop the platform for the sake of its log.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  close(): void {
    if (this.#descriptor < 0) return;
    closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  #rotate(): void {
    closeSync(this.#descriptor);
    renameSync(this.#path, `${this.#path}.1`);
    this.#descriptor = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
  }
}
