import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPosition, laterPosition, parsePosition, type Position } from './position.js';

const positions: fc.Arbitrary<Position> = fc
  .tuple(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: 0n, max: 2n ** 63n }), fc.integer({ min: 0, max: 9_999_999 })), {
      maxLength: 4,
    }),
    fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n })),
  )
  .map(([tape, events]) => ({
    tape: new Map(tape.map(([shard, commandNumber, recordIndex]) => [shard, { commandNumber, recordIndex }])),
    events,
  }));

describe('positions', () => {
  it('come back from text as they went', () => {
    fc.assert(
      fc.property(positions, (position) => void expect(parsePosition(formatPosition(position))).toEqual({ ok: true, value: position })),
    );
  });

  it.each([
    '',
    'x',
    '!!!',
    'MTo=',
    Buffer.from('2:t0.1.0').toString('base64url'),
    Buffer.from('1:t0.1').toString('base64url'),
    'a'.repeat(600),
  ])('%j is refused', (text) => {
    const parsed = parsePosition(text);
    expect(parsed).toMatchObject({ ok: false, problem: { code: 'MALFORMED_POSITION' } });
  });

  it('the later of two is later than both, source by source', () => {
    fc.assert(
      fc.property(positions, positions, (a, b) => {
        const later = laterPosition(a, b);
        expect(laterPosition(later, a)).toEqual(later);
        expect(laterPosition(later, b)).toEqual(later);
        for (const [shard, at] of later.tape) expect([a.tape.get(shard), b.tape.get(shard)]).toContainEqual(at);
      }),
    );
  });
});
