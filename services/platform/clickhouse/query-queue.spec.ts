import { describe, expect, it } from 'vitest';
import { QueryQueue } from './query-queue.js';

describe('the query queue', () => {
  it('runs writes one after another in order and reads beside them up to their bound', async () => {
    const queue = new QueryQueue({ readersMax: 2, waitingMax: 100 });
    const running = { read: 0, write: 0 };
    const most = { read: 0, write: 0 };
    const order: number[] = [];
    const work = (kind: 'read' | 'write', index: number) => async (): Promise<number> => {
      running[kind] += 1;
      most[kind] = Math.max(most[kind], running[kind]);
      await new Promise((resolve) => setImmediate(resolve));
      running[kind] -= 1;
      if (kind === 'write') order.push(index);
      return index;
    };
    const results = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        queue.run(index % 2 === 0 ? 'write' : 'read', work(index % 2 === 0 ? 'write' : 'read', index)),
      ),
    );
    expect(results).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(most).toEqual({ read: 2, write: 1 });
    expect(order).toEqual([...order].sort((left, right) => left - right));
  });

  it('refuses when too many wait, and goes on after a failure', async () => {
    const queue = new QueryQueue({ readersMax: 1, waitingMax: 1 });
    const gate = Promise.withResolvers<undefined>();
    const first = queue.run('write', () => gate.promise);
    const second = queue.run('write', () => Promise.reject(new Error('bad')));
    expect(queue.run('write', () => Promise.resolve(undefined))).toBeUndefined();
    gate.resolve(undefined);
    await first;
    await expect(second).rejects.toThrow('bad');
    expect(await queue.run('write', () => Promise.resolve('again'))).toBe('again');
  });
});
