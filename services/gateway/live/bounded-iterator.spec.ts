import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConflatingQueue, LosslessQueue } from './bounded-iterator.js';

const item = (value: number): { readonly value: number } => ({ value });

describe('LosslessQueue', () => {
  it('gives every item in order, whether the reader waits or not', async () => {
    const queue = new LosslessQueue<{ value: number }>({ capacity: 5_000 });
    const waiting = queue.next();
    queue.push(item(0));
    for (let value = 1; value <= 3_000; value += 1) queue.push(item(value));
    expect(await waiting).toEqual({ done: false, value: item(0) });
    for (let value = 1; value <= 3_000; value += 1) expect((await queue.next()).value).toEqual(item(value));
    expect(queue.length).toBe(0);
  });

  it('fails with BUSY at its bound, drops what was queued and tells the fan-out once', async () => {
    const onEnd = vi.fn();
    const queue = new LosslessQueue<{ value: number }>({ capacity: 2, onEnd });
    queue.push(item(1));
    queue.push(item(2));
    queue.push(item(3));
    queue.push(item(4));
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(queue.length).toBe(0);
    await expect(queue.next()).rejects.toMatchObject({ code: 'BUSY' });
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('wakes a waiting reader with the failure', async () => {
    const queue = new LosslessQueue<{ value: number }>({ capacity: 2 });
    const waiting = queue.next();
    queue.fail(new Error('the feed was lost'));
    await expect(waiting).rejects.toThrow('the feed was lost');
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });

  it('ends when the reader leaves, and takes nothing afterwards', async () => {
    const onEnd = vi.fn();
    const queue = new LosslessQueue<{ value: number }>({ capacity: 2, onEnd });
    for await (const read of (queue.push(item(1)), queue)) {
      expect(read).toEqual(item(1));
      break;
    }
    queue.push(item(2));
    expect(queue.length).toBe(0);
    expect(onEnd).toHaveBeenCalledTimes(1);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});

describe('ConflatingQueue', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('keeps one entry per key and reads it as late as possible', async () => {
    const values = new Map([
      ['a', 1],
      ['b', 10],
    ]);
    const queue = new ConflatingQueue<string, { key: string; value: number | undefined }>({
      read: (key) => ({ key, value: values.get(key) }),
    });
    for (let step = 0; step < 10_000; step += 1) {
      values.set('a', step);
      queue.mark('a');
    }
    queue.mark('b');
    expect(queue.length).toBe(2);
    expect((await queue.next()).value).toEqual({ key: 'a', value: 9_999 });
    expect((await queue.next()).value).toEqual({ key: 'b', value: 10 });
    expect(queue.length).toBe(0);
  });

  it('passes over keys that have nothing to say', async () => {
    const queue = new ConflatingQueue<string, { key: string }>({ read: (key) => (key === 'silent' ? undefined : { key }) });
    queue.mark('silent');
    queue.mark('loud');
    expect((await queue.next()).value).toEqual({ key: 'loud' });
  });

  it('gives one key no more often than its interval, and other keys in between', async () => {
    const queue = new ConflatingQueue<string, { key: string }>({ read: (key) => ({ key }), intervalMs: 100, nowMs: () => Date.now() });
    queue.mark('a');
    expect((await queue.next()).value).toEqual({ key: 'a' });
    queue.mark('a');
    queue.mark('b');
    expect((await queue.next()).value).toEqual({ key: 'b' });
    let late: unknown;
    void queue.next().then((result) => (late = result.value));
    await vi.advanceTimersByTimeAsync(98);
    expect(late).toBeUndefined();
    await vi.advanceTimersByTimeAsync(4);
    expect(late).toEqual({ key: 'a' });
  });

  it('leaves no timer behind when the reader leaves', async () => {
    const queue = new ConflatingQueue<string, { key: string }>({ read: (key) => ({ key }), intervalMs: 100, nowMs: () => Date.now() });
    queue.mark('a');
    await queue.next();
    queue.mark('a');
    const waiting = queue.next();
    expect(vi.getTimerCount()).toBe(1);
    await queue.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);
  });
});
