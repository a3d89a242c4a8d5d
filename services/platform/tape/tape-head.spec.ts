import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TapeHeadKey, type RecordedHead } from './tape-head.js';

const key = new TapeHeadKey(randomBytes(32).toString('base64url'));
const head: RecordedHead = { commitNumber: 7n, streamSequence: 9n, hash: 'ab'.repeat(32) };
const corrupt = { ok: false, problem: { code: 'TAPE_CORRUPT' } };

describe('the signed head of a tape', () => {
  it('comes back as it was recorded', () => {
    expect(key.read(3, key.record(3, head))).toEqual({ ok: true, value: head });
  });

  it.each<[string, (record: string) => string]>([
    ['an earlier commit', (record) => record.replace('"7"', '"6"')],
    ['another sequence', (record) => record.replace('"9"', '"8"')],
    ['another hash', (record) => record.replace('abab', 'abac')],
    ['no signature', (record) => record.replace(/,"signature":"[^"]*"/, '')],
    ['text that is no record', () => 'head'],
  ])('is not believed with %s', (_what, damage) => {
    const record = key.record(3, head);
    expect(damage(record)).not.toBe(record);
    expect(key.read(3, damage(record))).toMatchObject(corrupt);
  });

  it('is not believed for another shard or from another key', () => {
    expect(key.read(4, key.record(3, head))).toMatchObject(corrupt);
    expect(new TapeHeadKey(randomBytes(32).toString('base64url')).read(3, key.record(3, head))).toMatchObject(corrupt);
  });

  it('needs a whole seed', () => {
    expect(() => new TapeHeadKey('short')).toThrow(RangeError);
  });
});
