import { describe, expect, it } from 'vitest';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { IntakeQueue, type QueuedBatch } from './intake-queue.js';

const batch = (commandCount: number, options: { bytes?: number; timeSupplied?: boolean } = {}): QueuedBatch => ({
  message: new Uint8Array(options.bytes ?? commandCount * 64),
  ackLevel: AckLevel.Durable,
  timeSupplied: options.timeSupplied ?? false,
  commandCount,
  deadlineNanos: 0n,
  reply: () => undefined,
});

const group = { commandsMax: 10, bytesMax: 1_000 };

describe('intake queue', () => {
  it('turns away what passes its bound on commands or bytes, and takes it again when there is room', () => {
    const queue = new IntakeQueue({ commandsMax: 10, bytesMax: 2_000 });
    expect(queue.offer(batch(6))).toBe(true);
    expect(queue.offer(batch(5))).toBe(false);
    expect(queue.offer(batch(1, { bytes: 1_900 }))).toBe(false);
    expect(queue.commandCount).toBe(6);
    queue.takeGroup(group);
    expect(queue.offer(batch(5))).toBe(true);
  });

  it('takes any batch when it is empty, so that none is unservable', () => {
    const queue = new IntakeQueue({ commandsMax: 1, bytesMax: 10 });
    expect(queue.offer(batch(500))).toBe(true);
    expect(queue.takeGroup(group)).toHaveLength(1);
  });

  it('groups batches from the front up to the bounds of a group, at least one', () => {
    const queue = new IntakeQueue({ commandsMax: 1_000, bytesMax: 1_000_000 });
    const batches = [batch(4), batch(4), batch(4), batch(50)];
    for (const one of batches) queue.offer(one);
    expect(queue.takeGroup(group)).toEqual(batches.slice(0, 2));
    expect(queue.takeGroup(group)).toEqual(batches.slice(2, 3));
    expect(queue.takeGroup(group)).toEqual(batches.slice(3));
    expect(queue.takeGroup(group)).toEqual([]);
    expect([queue.commandCount, queue.batchCount]).toEqual([0, 0]);
  });

  it('does not mix batches that carry their times with those that do not', () => {
    const queue = new IntakeQueue({ commandsMax: 1_000, bytesMax: 1_000_000 });
    const batches = [batch(1), batch(1, { timeSupplied: true }), batch(1, { timeSupplied: true }), batch(1)];
    for (const one of batches) queue.offer(one);
    expect([queue.takeGroup(group), queue.takeGroup(group), queue.takeGroup(group)].map((taken) => taken.length)).toEqual([1, 2, 1]);
  });

  it('gives a group that was put back again, in its order and before the others', () => {
    const queue = new IntakeQueue({ commandsMax: 1_000, bytesMax: 1_000_000 });
    const batches = [batch(4), batch(4), batch(4)];
    for (const one of batches) queue.offer(one);
    queue.putBack(queue.takeGroup(group).slice(1));
    expect(queue.commandCount).toBe(8);
    expect(queue.takeAll()).toEqual(batches.slice(1));
  });
});
