/**
 * ClickHouse's RowBinary: columns of a row one after another, little endian, without separators. Several times cheaper to write and to
 * read than JSON, and it carries 64- and 128-bit integers exactly.
 */
import { viewOf } from '#contracts/tape/message.js';

const initialBytes = 65_536;
const decimalScale = 18;
const low64 = 0xffff_ffff_ffff_ffffn;

export class RowBinaryWriter {
  private buffer = Buffer.allocUnsafe(initialBytes);
  // Several times faster than the Buffer's own methods for 64-bit values.
  private view = viewOf(this.buffer);
  private at = 0;
  private count = 0;

  get rows(): number {
    return this.count;
  }

  /** Bytes written so far; valid until the next write. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  /** Counts a finished row. */
  endRow(): void {
    this.count += 1;
  }

  private room(bytes: number): void {
    if (this.at + bytes <= this.buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.byteLength * 2, this.at + bytes));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
    this.view = viewOf(larger);
  }

  uint8(value: number): this {
    this.room(1);
    this.view.setUint8(this.at, value);
    this.at += 1;
    return this;
  }

  uint16(value: number): this {
    this.room(2);
    this.view.setUint16(this.at, value, true);
    this.at += 2;
    return this;
  }

  uint32(value: number): this {
    this.room(4);
    this.view.setUint32(this.at, value, true);
    this.at += 4;
    return this;
  }

  uint64(value: bigint): this {
    this.room(8);
    this.view.setBigUint64(this.at, value, true);
    this.at += 8;
    return this;
  }

  int64(value: bigint): this {
    this.room(8);
    this.view.setBigInt64(this.at, value, true);
    this.at += 8;
    return this;
  }

  /** Decimal(38, 18) of `value * 10^-exponent`. @throws RangeError for more than 18 decimals, which it could not hold exactly. */
  decimal(value: bigint, exponent: number): this {
    if (exponent > decimalScale) throw new RangeError(`a decimal of ${exponent} places does not fit ${decimalScale}`);
    const scaled = BigInt.asUintN(128, value * 10n ** BigInt(decimalScale - exponent));
    return this.uint64(scaled & low64).uint64(scaled >> 64n);
  }

  /** DateTime64(9): nanoseconds since 1970. */
  dateTime64(nanos: bigint): this {
    return this.int64(nanos);
  }

  /** ASCII text of at most 127 bytes. */
  text(value: string): this {
    if (value.length > 127) throw new RangeError(`a text of ${value.length} bytes is longer than 127`);
    this.room(1 + value.length);
    this.buffer[this.at] = value.length;
    this.at += 1 + this.buffer.write(value, this.at + 1, 'latin1');
    return this;
  }
}
