import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { ok, refuse, type Result } from '#contracts/result/result.js';

/** A head of a tape that the broker has acknowledged. */
export interface RecordedHead {
  readonly commitNumber: bigint;
  readonly streamSequence: bigint;
  /** Hash of the commit, 64 hex digits. */
  readonly hash: string;
}

const recordSchema = z.object({
  commitNumber: z.string().regex(/^[0-9]+$/),
  streamSequence: z.string().regex(/^[0-9]+$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Ed25519 over `signedText`, base64url. */
  signature: z.string().min(1),
});

/** PKCS #8 frame of a raw Ed25519 seed (RFC 8410). */
const privateKeyFrame = Buffer.from('302e020100300506032b657004220420', 'hex');

const signedText = (shard: number, head: RecordedHead): Buffer =>
  Buffer.from(`fulltape-head:1:${shard}:${head.commitNumber}:${head.streamSequence}:${head.hash}`, 'utf8');

/**
 * Signs heads with the installation's key and believes only its own signatures, so that whoever can write to the broker cannot shorten
 * the tape and the record of its head together. Every machine that may write a shard has the same seed.
 */
export class TapeHeadKey {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  /** `seed`: 32 bytes in base64url. @throws RangeError for another length. */
  constructor(seed: string) {
    const bytes = Buffer.from(seed, 'base64url');
    if (bytes.byteLength !== 32) throw new RangeError('the seed of the signing key has 32 bytes');
    this.#privateKey = createPrivateKey({ key: Buffer.concat([privateKeyFrame, bytes]), format: 'der', type: 'pkcs8' });
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  /** The record of a head as it is stored. */
  record(shard: number, head: RecordedHead): string {
    return JSON.stringify({
      commitNumber: String(head.commitNumber),
      streamSequence: String(head.streamSequence),
      hash: head.hash,
      signature: sign(null, signedText(shard, head), this.#privateKey).toString('base64url'),
    });
  }

  /** Refused with TAPE_CORRUPT when the record is damaged or was not signed by this key for this shard. */
  read(shard: number, record: string): Result<RecordedHead> {
    let content: unknown;
    try {
      content = JSON.parse(record);
    } catch {
      content = null;
    }
    const parsed = recordSchema.safeParse(content);
    if (!parsed.success) return refuse('TAPE_CORRUPT', { shard: String(shard), why: 'the recorded head is not readable' });
    const { commitNumber, streamSequence, hash, signature } = parsed.data;
    const head = { commitNumber: BigInt(commitNumber), streamSequence: BigInt(streamSequence), hash };
    if (!verify(null, signedText(shard, head), this.#publicKey, Buffer.from(signature, 'base64url')))
      return refuse('TAPE_CORRUPT', { shard: String(shard), commitNumber, why: 'the recorded head is not signed by this installation' });
    return ok(head);
  }
}
