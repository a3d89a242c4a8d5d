import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowBinaryWriter } from './row-binary.js';

const readDecimal = (bytes: Uint8Array): bigint => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (view.getBigInt64(8, true) << 64n) | view.getBigUint64(0, true);
};

describe('RowBinary', () => {
  it('writes the bytes that ClickHouse documents', () => {
    const writer = new RowBinaryWriter();
    writer
      .uint8(7)
      .uint16(0x0102)
      .uint32(0x01020304)
      .uint64(2n ** 64n - 1n)
      .int64(-2n)
      .text('AB')
      .endRow();
    expect([...writer.bytes]).toEqual([
      7,
      2,
      1,
      4,
      3,
      2,
      1,
      ...Array.from({ length: 8 }, () => 255),
      254,
      ...Array.from({ length: 7 }, () => 255),
      2,
      65,
      66,
    ]);
    expect(writer.rows).toBe(1);
  });

  it('scales every decimal to 18 places exactly, negative ones too', () => {
    const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 18 }), (mantissa, exponent) => {
        const bytes = new RowBinaryWriter().decimal(mantissa, exponent).bytes;
        expect(readDecimal(bytes)).toBe(mantissa * 10n ** BigInt(18 - exponent));
      }),
    );
  });

  it('refuses what it could not write exactly', () => {
    expect(() => new RowBinaryWriter().decimal(1n, 19)).toThrow(RangeError);
    expect(() => new RowBinaryWriter().text('x'.repeat(128))).toThrow(RangeError);
  });

  it('keeps what it wrote when it grows', () => {
    const writer = new RowBinaryWriter();
    for (let index = 0n; index < 20_000n; index += 1n) writer.uint64(index).endRow();
    const words = new BigUint64Array(new Uint8Array(writer.bytes).buffer);
    expect(words.length).toBe(20_000);
    expect(words.every((word, index) => word === BigInt(index))).toBe(true);
  });
});
