import { expect, it } from 'vitest';
import { crc32c } from './crc32c.js';

it('gives the checksums of the standard, in one piece or in several', () => {
  const digits = new TextEncoder().encode('123456789');
  expect(crc32c(digits)).toBe(0xe306_9283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa); // RFC 3720 B.4
  expect(crc32c(digits.subarray(4), crc32c(digits.subarray(0, 4)))).toBe(0xe306_9283);
});
