/** The one source of wall-clock time. Cores take times as values; only shells hold a Clock. */
export interface Clock {
  /** UNIX time in nanoseconds. */
  nowNanos(): bigint;
}

const originNanos = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();

export const systemClock: Clock = {
  // Date.now() has millisecond steps; the monotonic clock fills them, re-anchored by process start.
  nowNanos: () => originNanos + process.hrtime.bigint(),
};

export const nanosToIso = (nanos: bigint): string => {
  const millis = Number(nanos / 1_000_000n);
  const rest = nanos % 1_000_000n;
  const iso = new Date(millis).toISOString();
  return rest === 0n ? iso : `${iso.slice(0, -1)}${rest.toString().padStart(6, '0')}Z`;
};
