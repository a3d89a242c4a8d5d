import { spawn, type ChildProcess } from 'node:child_process';
import { logger } from '../telemetry/logger.js';
import type { WatchdogMessage, WatchedChild } from './watchdog.js';

/** The supervisor's side of the watchdog: tells it which children live, and replaces it when it dies itself. */
export class WatchdogLink {
  readonly #entry: string;
  readonly #children = new Map<number, WatchedChild>();
  #process: ChildProcess | undefined;
  #closed = false;

  constructor(entry: string) {
    this.#entry = entry;
    this.#start();
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  add(child: WatchedChild): void {
    this.#children.set(child.pid, child);
    this.#tell({ add: child });
  }

  remove(pid: number): void {
    this.#children.delete(pid);
    this.#tell({ remove: pid });
  }

  /** Lets the watchdog go without stopping anything: everything has stopped already. */
  close(): void {
    this.#closed = true;
    this.#tell({ farewell: true });
    this.#process?.stdin?.end();
  }

  #start(): void {
    const child = spawn(process.execPath, [this.#entry], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin.on('error', () => undefined); // it died: `exit` below replaces it
    child.on('error', (error) => logger.error({ err: error }, 'watchdog.failed'));
    child.once('exit', () => {
      if (this.#closed) return;
      logger.warn({ pid: child.pid }, 'watchdog.replaced');
      this.#start();
    });
    child.unref();
    this.#process = child;
    for (const watched of this.#children.values()) this.#tell({ add: watched });
  }

  #tell(message: WatchdogMessage): void {
    this.#process?.stdin?.write(`${JSON.stringify(message)}\n`);
  }
}
