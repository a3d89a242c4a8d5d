import { describe, expect, it } from 'vitest';
import { WriterClock } from './writer-clock.js';

const second = 1_000_000_000n;

const clockAt = () => {
  const now = { wall: 1_000_000n * second, monotonic: 5n * second };
  return { now, clock: new WriterClock({ wallNanos: () => now.wall, monotonicNanos: () => now.monotonic }) };
};

describe('writer clock', () => {
  it('believes time that passes on both clocks, however much', () => {
    const { now, clock } = clockAt();
    now.wall += 86_400n * second;
    now.monotonic += 86_400n * second;
    expect(clock.read()).toEqual({ nowNanos: now.wall, jumpNanos: 0n });
  });

  it('does not believe a wall clock that runs more than 5 s ahead until it is confirmed', () => {
    const { now, clock } = clockAt();
    now.wall += 6n * second;
    expect(clock.read().jumpNanos).toBe(6n * second);
    now.wall += second;
    now.monotonic += second;
    expect(clock.read().jumpNanos).toBe(6n * second);
    clock.confirm();
    expect(clock.read().jumpNanos).toBe(0n);
  });

  it('believes a step of 5 s, a step back, and a clock that is corrected again', () => {
    const { now, clock } = clockAt();
    now.wall += 5n * second;
    expect(clock.read().jumpNanos).toBe(0n);
    now.wall -= 60n * second;
    expect(clock.read().jumpNanos).toBe(0n);
    now.wall += 3_600n * second;
    expect(clock.read().jumpNanos).toBe(3_600n * second);
    now.wall -= 3_600n * second;
    expect(clock.read().jumpNanos).toBe(0n);
  });
});
