/** CRC-32C (Castagnoli), reflected polynomial 0x82F63B78, as the journal's entries carry it. One table look-up a byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ 0x82f6_3b78;
  return value;
});

/** Goes on from the checksum `seed` of what came before; 0 begins. */
export const crc32c = (bytes: Uint8Array, seed = 0): number => {
  let value = ~seed;
  for (const byte of bytes) value = (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return ~value >>> 0;
};
