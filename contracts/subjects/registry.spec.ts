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

  it('is what docs/subjects.md tabulates (`npx vitest run --project unit contracts/subjects -u` writes it)', async () => {
    const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const lines = [
      '# Streams, subjects and buckets',
      '',
      'Made from `contracts/subjects/registry.ts`; shard 0 stands for each shard.',
      '',
      row(['stream', 'subjects', 'one message', 'encoding', 'publishers', 'consumers', 'kept', 'persistence']),
      row(Array<string>(8).fill('---')),
      ...streamsOf([0]).map((s) =>
        row([
          s.name,
          s.subjects.map((subject) => `\`${subject}\``).join(', '),
          s.payload,
          s.encoding,
          s.publishers.join(', '),
          s.consumers.join(', '),
          s.maxAgeMs === 0 ? 'for ever' : `${s.maxAgeMs} ms`,
          s.persistence,
        ]),
      ),
      '',
      row(['request subject', 'payload', 'encoding', 'asked by', 'answered by']),
      row(Array<string>(5).fill('---')),
      ...coreSubjects([0]).map((s) => row([`\`${s.subject}\``, s.payload, s.encoding, s.publishers.join(', '), s.consumers.join(', ')])),
      '',
      row(['bucket', 'purpose', 'time to live', 'history']),
      row(Array<string>(4).fill('---')),
      ...buckets.map((b) => row([b.name, b.purpose, b.ttlMs === 0 ? 'none' : `${b.ttlMs} ms`, String(b.history)])),
      '',
    ];
    await expect(lines.join('\n')).toMatchFileSnapshot('../../docs/subjects.md');
  });
});
