import { startChild, type ProcessSpec, type RunningChild } from '../processes/child.js';
import type { WatchdogLink } from '../processes/watchdog-link.js';
import { logger } from '../telemetry/logger.js';

const backOffMsMin = 100;
const backOffMsMax = 5_000;
/** A process that lived this long before it died starts again without delay. */
const healthyMs = 60_000;

export interface SupervisedOptions {
  readonly watchdog: WatchdogLink;
  /** Stopped in falling order. */
  readonly tier: number;
  readonly restartsPerMinuteMax: number;
  /** Called when the process has died too often to go on. */
  readonly onGivenUp: (name: string, lastLines: readonly string[]) => void;
  readonly onRestarted?: (child: RunningChild) => void;
}

/** Keeps one process running: starts it again with growing delays when it dies, until it is stopped or dies too often. */
export class Supervised {
  readonly #spec: ProcessSpec;
  readonly #options: SupervisedOptions;
  #child: RunningChild | undefined;
  #stopping = false;
  #deaths: number[] = [];
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(spec: ProcessSpec, options: SupervisedOptions) {
    this.#spec = spec;
    this.#options = options;
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it and resolves when it serves. The first start is not repeated: its failure is the caller's to report. */
  async start(): Promise<void> {
    this.#child = await this.#launch();
    this.#loop = this.#watch(this.#child);
  }

  /** Stops it for good. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    const child = this.#child;
    if (child !== undefined) await child.stop();
    await this.#loop;
  }

  /** Leaves no time to drain; for a second Ctrl-C. */
  kill(): void {
    this.#stopping = true;
    this.#wake?.();
    this.#child?.kill('SIGKILL');
  }

  async #launch(): Promise<RunningChild> {
    let spawned: RunningChild | undefined;
    try {
      return await startChild(this.#spec, (child) => {
        spawned = child;
        this.#child = child; // so that a stop during a slow start reaches it
        this.#options.watchdog.add({
          pid: child.pid,
          startTime: child.startTime,
          signal: this.#spec.stopSignal === 'SIGINT' ? 'SIGINT' : 'SIGTERM',
          tier: this.#options.tier,
        });
      });
    } catch (error) {
      if (spawned !== undefined) this.#options.watchdog.remove(spawned.pid);
      throw error;
    }
  }

  async #watch(first: RunningChild): Promise<void> {
    let child: RunningChild | undefined = first;
    while (child !== undefined) {
      const since = performance.now();
      const exit = await child.exited;
      this.#options.watchdog.remove(child.pid);
      if (this.#stopping) return;
      logger.error(
        { child: this.name, pid: child.pid, status: exit.code, signal: exit.signal, remedy: 'it is started again' },
        'process.died',
      );
      if (performance.now() - since > healthyMs) this.#deaths = [];
      child = await this.#restart(child.lastLines());
    }
  }

  async #restart(lastLines: readonly string[]): Promise<RunningChild | undefined> {
    let lines = lastLines;
    for (;;) {
      const now = performance.now();
      this.#deaths = [...this.#deaths.filter((at) => now - at < 60_000), now];
      if (this.#deaths.length > this.#options.restartsPerMinuteMax) {
        logger.fatal(
          { child: this.name, deaths: this.#deaths.length, remedy: 'fulltape doctor; its log is in DIR/logs' },
          'process.given-up',
        );
        this.#options.onGivenUp(this.name, lines);
        return undefined;
      }
      // The first death costs nothing: recovery time is what users see.
      const delayMs = this.#deaths.length === 1 ? 0 : Math.min(backOffMsMin * 2 ** (this.#deaths.length - 2), backOffMsMax);
      await this.#sleep(delayMs);
      if (this.#stopping) return undefined;
      try {
        const child = await this.#launch();
        logger.info({ child: this.name, pid: child.pid }, 'process.restarted');
        this.#options.onRestarted?.(child);
        return child;
      } catch (error) {
        if (this.#stopping) return undefined;
        const reason = error instanceof Error ? error.message : String(error);
        lines = [reason];
        logger.error({ child: this.name, reason }, 'process.restart-failed');
      }
    }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
