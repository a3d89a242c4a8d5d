import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logger } from '#platform/telemetry/logger.js';

const checkEveryMs = 1_000;

/** Watches the free space below a folder, so that admission need not ask for every batch. */
export class FreeDisk {
  readonly #folder: string;
  readonly #bytesMin: number;
  readonly #timer: NodeJS.Timeout;
  #isLow = false;

  constructor(folder: string, bytesMin: number) {
    this.#folder = folder;
    this.#bytesMin = bytesMin;
    this.#timer = setInterval(() => void this.check(), checkEveryMs);
    this.#timer.unref();
  }

  get isLow(): boolean {
    return this.#isLow;
  }

  async check(): Promise<void> {
    if (this.#bytesMin === 0) return;
    let folder = this.#folder;
    while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
    try {
      const { bavail, bsize } = await statfs(folder);
      const isLow = bavail * bsize < this.#bytesMin;
      if (isLow !== this.#isLow)
        logger[isLow ? 'error' : 'info'](
          { folder, freeBytes: bavail * bsize, bytesMin: this.#bytesMin },
          isLow ? 'orders.disk-low' : 'orders.disk-free',
        );
      this.#isLow = isLow;
    } catch (error) {
      logger.warn({ folder, err: error }, 'orders.disk-unknown');
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
