/** Short ASCII text in record words: zero padded, little endian, as `clientOrder` and `instrumentSymbol` hold it. */
export const textToWords = (text: string, words: number): bigint[] => {
  if (text.length > words * 8) throw new RangeError(`text of ${text.length} bytes does not fit ${words} words`);
  const result: bigint[] = [];
  for (let word = 0; word < words; word += 1) {
    let value = 0n;
    for (let byte = 7; byte >= 0; byte -= 1) {
      const code = text.charCodeAt(word * 8 + byte);
      value = (value << 8n) | BigInt(Number.isNaN(code) ? 0 : code);
    }
    result.push(value);
  }
  return result;
};

/** Reads zero-padded ASCII of at most `bytes` bytes at `at`. */
export const readText = (view: DataView, at: number, bytes: number): string => {
  let text = '';
  for (let index = 0; index < bytes; index += 1) {
    const code = view.getUint8(at + index);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
};

/** Text of decoded words, the inverse of `textToWords`. */
export const wordsToText = (words: readonly bigint[]): string => {
  let text = '';
  for (const word of words) {
    for (let byte = 0n; byte < 8n; byte += 1n) {
      const code = Number((word >> (byte * 8n)) & 0xffn);
      if (code === 0) return text;
      text += String.fromCharCode(code);
    }
  }
  return text;
};
