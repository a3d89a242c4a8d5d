import { type KV, type KvEntry } from '@nats-io/kv';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '#platform/telemetry/logger.js';
import { isKnownDead, processIdentitySchema, type ProcessIdentity } from './process-identity.js';

const leaseSchema = z.object({
  holder: processIdentitySchema,
  /** Decimal; grows with every acquisition. */
  epoch: z.string().regex(/^[0-9]+$/),
  /** Grows with every renewal, so that each is a new revision. */
  renewal: z.number().int(),
  released: z.boolean(),
});
type LeaseRecord = z.output<typeof leaseSchema>;

export interface LeaseTimes {
  readonly renewMs: number;
  /** A lease that was not renewed for this long is free; its holder trusts it a little shorter. */
  readonly validMs: number;
}

export const defaultLeaseTimes: LeaseTimes = { renewMs: 1_000, validMs: 3_000 };

/** How much sooner the holder stops trusting the lease than others take it. */
const holderMarginMs = 200;

const writeTimeoutMs = 2_000;

const leaseKey = (shard: number): string => `shard.${shard}`;

/**
 * The writer's lease on a shard in key-value, taken and renewed by compare-and-set. No clock of another machine matters: who waits for
 * a lease measures on the own monotonic clock for how long its revision has not changed, who holds it counts from before its last
 * renewal was sent. The lease keeps ENGINE answers honest; what keeps the tape safe is the expected sequence.
 */
export class ShardLease {
  readonly #bucket: KV;
  readonly #shard: number;
  readonly #identity: ProcessIdentity;
  readonly #times: LeaseTimes;
  readonly #monotonicMs: () => number;
  #revision = 0;
  #epoch = 0n;
  #renewal = 0;
  #validUntilMs = 0;
  #timer: NodeJS.Timeout | null = null;
  #seen: { readonly revision: number; readonly atMs: number } | null = null;
  #isHeld = false;
  #isRenewing = false;

  constructor(options: {
    readonly bucket: KV;
    readonly shard: number;
    readonly identity: ProcessIdentity;
    readonly times?: LeaseTimes;
    readonly monotonicMs?: () => number;
  }) {
    this.#bucket = options.bucket;
    this.#shard = options.shard;
    this.#identity = options.identity;
    this.#times = options.times ?? defaultLeaseTimes;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  get epoch(): bigint {
    return this.#epoch;
  }

  /** Whether this process may still answer for the shard without asking the broker. */
  get isValid(): boolean {
    return this.#isHeld && this.#monotonicMs() < this.#validUntilMs;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** One attempt. 'held' means that somebody else has it; ask again later. */
  async tryAcquire(): Promise<'acquired' | 'held'> {
    const entry = await this.#bucket.get(leaseKey(this.#shard));
    const previous = this.#parse(entry);
    if (entry !== null && previous !== null && !this.#isFree(entry, previous)) return 'held';
    return (await this.#write({ epoch: BigInt(previous?.epoch ?? '0') + 1n, released: false, revision: entry?.revision ?? 0 }))
      ? 'acquired'
      : 'held';
  }

  /** A new epoch of the lease that is held, above the given one (the tape's may be ahead of a bucket that was lost). @throws FulltapeError FENCED when it is held no more. */
  async raiseEpoch(above = this.#epoch): Promise<bigint> {
    if (!(await this.#write({ epoch: above + 1n, released: false, revision: this.#revision }))) throw this.#lost();
    return this.#epoch;
  }

  /** Renews until `stop` or `release`; `onLost` is called once when somebody else has taken the lease. */
  startRenewing(onLost: (error: FulltapeError) => void): void {
    this.#timer ??= setInterval(() => {
      if (!this.#isHeld || this.#isRenewing) return;
      this.#isRenewing = true;
      this.#write({ epoch: this.#epoch, released: false, revision: this.#revision })
        .then(
          (isOurs) => {
            if (!isOurs && this.#isHeld) {
              this.stop();
              onLost(this.#lost());
            }
          },
          // Without the broker there is nothing to renew; the validity runs out by itself.
          (error: unknown) => logger.warn({ shard: this.#shard, err: error }, 'orders.lease-not-renewed'),
        )
        .finally(() => {
          this.#isRenewing = false;
        });
    }, this.#times.renewMs);
  }

  /** Stops renewing without giving the lease back. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#isHeld = false;
  }

  /** Gives the lease back, so that the next one need not wait for it to run out. */
  async release(): Promise<void> {
    const wasHeld = this.#isHeld;
    this.stop();
    if (wasHeld) await this.#write({ epoch: this.#epoch, released: true, revision: this.#revision });
    this.#isHeld = false;
  }

  #lost(): FulltapeError {
    this.stop();
    return new FulltapeError('FENCED', { shard: String(this.#shard), epoch: String(this.#epoch), why: 'another process holds the lease' });
  }

  #parse(entry: KvEntry | null): LeaseRecord | null {
    if (entry === null || entry.operation !== 'PUT') return null;
    try {
      return leaseSchema.parse(entry.json());
    } catch (error) {
      throw new FulltapeError('STORE_UNAVAILABLE', { key: leaseKey(this.#shard), why: 'the lease is not readable' }, { cause: error });
    }
  }

  #isFree(entry: KvEntry, record: LeaseRecord): boolean {
    if (record.released || record.holder.nodeId === this.#identity.nodeId || isKnownDead(record.holder)) return true;
    const nowMs = this.#monotonicMs();
    if (this.#seen?.revision !== entry.revision) {
      this.#seen = { revision: entry.revision, atMs: nowMs };
      return false;
    }
    return nowMs - this.#seen.atMs >= this.#times.validMs;
  }

  /** False when the entry has moved on. */
  async #write(next: { readonly epoch: bigint; readonly released: boolean; readonly revision: number }): Promise<boolean> {
    const sentAtMs = this.#monotonicMs();
    this.#renewal += 1;
    const record: LeaseRecord = { holder: this.#identity, epoch: String(next.epoch), renewal: this.#renewal, released: next.released };
    try {
      const text = JSON.stringify(record);
      // `update` refuses revision 0, which is what the first lease of a shard replaces.
      this.#revision =
        next.revision === 0
          ? await this.#bucket.put(leaseKey(this.#shard), text, { previousSeq: 0 })
          : await this.#bucket.update(leaseKey(this.#shard), text, next.revision, writeTimeoutMs);
    } catch (error) {
      if (await this.#isOurs(record)) return this.#hold(next, sentAtMs);
      const entry = await this.#bucket.get(leaseKey(this.#shard));
      if ((entry?.revision ?? 0) === next.revision) throw error; // not refused: the broker did not answer
      return false;
    }
    return this.#hold(next, sentAtMs);
  }

  #hold(next: { readonly epoch: bigint; readonly released: boolean }, sentAtMs: number): boolean {
    this.#epoch = next.epoch;
    this.#isHeld = !next.released;
    this.#validUntilMs = sentAtMs + this.#times.validMs - holderMarginMs;
    return true;
  }

  /** An update whose answer was lost may have been stored all the same. */
  async #isOurs(record: LeaseRecord): Promise<boolean> {
    const entry = await this.#bucket.get(leaseKey(this.#shard));
    const stored = this.#parse(entry);
    if (entry === null || stored?.holder.nodeId !== record.holder.nodeId || stored.renewal !== record.renewal) return false;
    this.#revision = entry.revision;
    return true;
  }
}
