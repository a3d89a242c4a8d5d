import { describe, expect, it } from 'vitest';
import { blake3 } from '@noble/hashes/blake3.js';
import { computeCommitHash, extendChain, genesis, type ChainHead } from './tape-chain.js';
import { emptyCommitMessage } from './testing/empty-commit.js';

const input = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 251);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('BLAKE3', () => {
  // test_vectors.json of the reference implementation: input bytes 0, 1, ... 250, 0, ...; first 32 bytes of the hash.
  it.each([
    [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
    [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
    [1023, '10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11'],
    [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
    [1025, 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
    [2048, 'e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a'],
    [3072, 'b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2'],
  ])('of %i bytes', (length, expected) => {
    expect(hex(blake3(input(length)))).toBe(expected);
  });
});

/** A commit without records behind `head`. */
const follow = (head: ChainHead): Uint8Array => {
  const [previousHash0, previousHash1, previousHash2, previousHash3] = head.hash;
  const commit = { commitNumber: head.commitNumber + 1n, previousHash0, previousHash1, previousHash2, previousHash3 };
  const [hash0, hash1, hash2, hash3] = computeCommitHash(emptyCommitMessage(commit));
  return emptyCommitMessage({ ...commit, hash0, hash1, hash2, hash3 });
};

const accepted = (head: ChainHead, bytes: Uint8Array): ChainHead => {
  const result = extendChain(head, bytes);
  if (!result.ok) throw new Error(JSON.stringify(result.problem));
  return result.value.head;
};

describe('hash chain of the tape', () => {
  it('goes on with each commit that names the one before', () => {
    const first = accepted(genesis, follow(genesis));
    expect(accepted(first, follow(first)).commitNumber).toBe(2n);
  });

  it('breaks at any flipped bit of a commit', () => {
    const good = follow(genesis);
    for (let at = 16; at < good.byteLength - 24; at += 1) {
      const bytes = good.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(extendChain(genesis, bytes)).toMatchObject({ ok: false, problem: { code: 'TAPE_CORRUPT' } });
    }
  });

  it('breaks at a commit that is missing, repeated, cut or of another chain', () => {
    const first = accepted(genesis, follow(genesis));
    const second = accepted(first, follow(first));
    for (const [head, bytes] of [
      [genesis, follow(first)],
      [first, follow(genesis)],
      [first, follow(second)],
      [first, follow(first).subarray(0, 40)],
      [first, new Uint8Array(0)],
    ] as const) {
      expect(extendChain(head, bytes).ok).toBe(false);
    }
    expect(extendChain({ ...first, hash: [1n, 0n, 0n, 0n] }, follow(first)).ok).toBe(false);
  });
});
