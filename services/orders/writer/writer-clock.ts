/** Readings of the wall clock and of a monotonic clock, in nanoseconds. */
export interface ClockSources {
  readonly wallNanos: () => bigint;
  readonly monotonicNanos: () => bigint;
}

export const processClocks: ClockSources = {
  wallNanos: () => BigInt(Date.now()) * 1_000_000n,
  monotonicNanos: () => process.hrtime.bigint(),
};

/** Forward jump of the wall clock against the monotonic one that stops writing. */
const jumpNanosMax = 5_000_000_000n;

export interface ClockReading {
  readonly nowNanos: bigint;
  /** How far the wall clock ran ahead of the monotonic one since the last reading that was believed; 0n while it is believed. */
  readonly jumpNanos: bigint;
}

/**
 * The time that the writer stamps. A wall clock that jumps more than 5 s ahead would expire orders that should live, so it is not
 * believed until an operator confirms it; steps back are harmless (the engine takes the later of last and now).
 */
export class WriterClock {
  readonly #sources: ClockSources;
  #wall: bigint;
  #monotonic: bigint;

  constructor(sources: ClockSources = processClocks) {
    this.#sources = sources;
    this.#wall = sources.wallNanos();
    this.#monotonic = sources.monotonicNanos();
  }

  read(): ClockReading {
    const nowNanos = this.#sources.wallNanos();
    const monotonic = this.#sources.monotonicNanos();
    const jump = nowNanos - this.#wall - (monotonic - this.#monotonic);
    if (jump > jumpNanosMax) return { nowNanos, jumpNanos: jump };
    this.#wall = nowNanos;
    this.#monotonic = monotonic;
    return { nowNanos, jumpNanos: 0n };
  }

  /** Believes the wall clock as it is now. */
  confirm(): void {
    this.#wall = this.#sources.wallNanos();
    this.#monotonic = this.#sources.monotonicNanos();
  }
}
