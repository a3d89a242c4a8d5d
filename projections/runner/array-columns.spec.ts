import { describe, expect, it } from 'vitest';
import { ArrayColumns } from './array-columns.js';
import { priceLiteral, scaledLiteral, timeLiteral } from './sql-literals.js';

describe('array columns', () => {
  it('quote text so that nothing in it ends it, and tell null from the text NULL', () => {
    const rows = new ArrayColumns({ id: 'int8', note: 'text' });
    rows.add({ id: 1n, note: 'a "b" \\ {c},d' });
    rows.add({ id: 2, note: 'NULL' });
    rows.add({ id: 3, note: null });
    rows.add({ id: 4, note: '' });
    expect(rows.values).toEqual(['{1,2,3,4}', '{"a \\"b\\" \\\\ {c},d","NULL",NULL,""}']);
    expect(rows.source).toBe('unnest($1::int8[], $2::text[]) AS i(id, note)');
    expect(rows.size).toBe(4);
  });

  it('write rows over those with their keys, and leave what was written once', () => {
    const rows = new ArrayColumns({ id: 'int8', made_at: 'timestamptz', terms: 'jsonb' });
    rows.add({ id: 1n, made_at: '2026-01-01T00:00:00Z', terms: '{"a":1}' });
    const { text, values } = rows.put('t', ['id'], { once: ['made_at'], computed: { twice: 'id * 2' } });
    expect(text.replaceAll(/\s+/g, ' ')).toBe(
      'INSERT INTO t (id, made_at, terms, twice) SELECT id, made_at, terms, id * 2 FROM unnest($1::int8[], $2::timestamptz[], $3::jsonb[]) AS i(id, made_at, terms) ON CONFLICT (id) DO UPDATE SET terms = EXCLUDED.terms, twice = EXCLUDED.twice',
    );
    expect(values).toEqual(['{1}', '{2026-01-01T00:00:00Z}', '{"{\\"a\\":1}"}']);
    expect(rows.insert('t').text).toBe('INSERT INTO t (id, made_at, terms) SELECT id, made_at, terms FROM ' + rows.source);
  });

  it('write amounts exactly and times to the nanosecond', () => {
    expect(scaledLiteral(-12_345n, 8)).toBe('-12345e-8');
    expect(scaledLiteral(0n, 8)).toBe('0');
    expect(priceLiteral(128_501n, { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 })).toBe(
      '642505e-1',
    );
    expect(timeLiteral(1_767_225_600_000_000_001n)).toBe('2026-01-01T00:00:00.000000001Z');
    expect(timeLiteral(1_767_225_600_000_000_001n)).toBe('2026-01-01T00:00:00.000000001Z');
  });
});
