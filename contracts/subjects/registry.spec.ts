import { describe, expect, it } from 'vitest';
import { buckets, coreSubjects, shardsMax, streamsOf } from './registry.js';

/** Whether one subject could match both patterns. */
const overlap = (a: string, b: string): boolean => {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; ; index += 1) {
    const [x, y] = [left[index], right[index]];
    if (x === '>' || y === '>') return true;
    if (x === undefined || y === undefined) return x === y;
    if (x !== y && x !== '*' && y !== '*') return false;
  }
};

describe('the registry of subjects', () => {
  const streams = streamsOf(Array.from({ length: shardsMax }, (_, shard) => shard));

  it('has no two streams that overlap, and no request subject inside a stream', () => {
    const subjects = streams.flatMap((stream) => stream.subjects.map((subject) => ({ owner: stream.name, subject })));
    for (const core of coreSubjects([0, 1])) subjects.push({ owner: core.subject, subject: core.subject });
    const clashes = subjects.flatMap((a, index) =>
      subjects
        .slice(index + 1)
        .flatMap((b) => (a.owner !== b.owner && overlap(a.subject, b.subject) ? [`${a.subject} and ${b.subject}`] : [])),
    );
    expect(clashes).toEqual([]);
  });

  it('names publisher and consumer of each stream, and each name once', () => {
    for (const stream of streams)
      expect([stream.name, stream.publishers.length > 0, stream.consumers.length > 0]).toEqual([stream.name, true, true]);
    const names = [...streams.map((stream) => stream.name), ...buckets.map((bucket) => `KV_${bucket.name}`)];
    expect(new Set(names).size).toBe(names.length);
  });
});
