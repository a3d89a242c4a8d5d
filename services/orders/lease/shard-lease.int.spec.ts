import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { connectNats } from '#platform/nats/connect.js';
import { startNats } from '#platform/testing/servers.js';
import { identityOfThisProcess, type ProcessIdentity } from './process-identity.js';
import { ShardLease } from './shard-lease.js';

let server: Awaited<ReturnType<typeof startNats>>;
let connection: NatsConnection;
let bucket: KV;
let nextShard = 0;

beforeAll(async () => {
  server = await startNats();
  connection = await connectNats(server.config, 'test');
  bucket = await new Kvm(connection).create('LEASES', { history: 1 });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** Two processes that live, on a clock that the test moves. */
const twoLeases = (change: Partial<ProcessIdentity> = {}) => {
  const shard = (nextShard += 1);
  const now = { ms: 0 };
  const make = (identity: ProcessIdentity): ShardLease =>
    new ShardLease({ bucket, shard, identity, times: { renewMs: 20, validMs: 3_000 }, monotonicMs: () => now.ms });
  return { shard, now, first: make({ ...identityOfThisProcess(), ...change }), second: make(identityOfThisProcess()) };
};

describe('lease of a shard', () => {
  it('is taken by one, with an epoch that grows, and handed over at once when it is released', async () => {
    const { first, second } = twoLeases();
    expect(await first.tryAcquire()).toBe('acquired');
    expect(await second.tryAcquire()).toBe('held');
    expect([first.epoch, first.isValid, second.isValid]).toEqual([1n, true, false]);
    await first.release();
    expect(first.isValid).toBe(false);
    expect(await second.tryAcquire()).toBe('acquired');
    expect([second.epoch, second.isValid]).toEqual([2n, true]);
  });

  it('is taken when it was not renewed for its time, no sooner, and its holder has stopped trusting it before', async () => {
    const { now, first, second } = twoLeases();
    await first.tryAcquire();
    expect(await second.tryAcquire()).toBe('held');
    now.ms = 2_900;
    expect(first.isValid).toBe(false);
    expect(await second.tryAcquire()).toBe('held');
    now.ms = 3_001;
    expect(await second.tryAcquire()).toBe('acquired');
    expect(second.epoch).toBe(2n);
    await expect(first.raiseEpoch()).rejects.toMatchObject({ code: 'FENCED' });
    expect(first.isHeld).toBe(false);
  });

  it('is not taken while it is renewed, and its loss is told to who renews', async () => {
    const { shard, now, first, second } = twoLeases();
    await first.tryAcquire();
    let lost: FulltapeError | null = null;
    first.startRenewing((error) => {
      lost = error;
    });
    await second.tryAcquire();
    const before = (await bucket.get(`shard.${shard}`))?.revision ?? 0;
    await waitUntil(async () => ((await bucket.get(`shard.${shard}`))?.revision ?? 0) > before, { timeoutMs: 5_000, what: 'a renewal' });
    now.ms = 3_500;
    expect(await second.tryAcquire()).toBe('held');
    const entry = await bucket.get(`shard.${shard}`);
    await bucket.put(`shard.${shard}`, entry?.string().replace(/"nodeId":"[^"]+"/, '"nodeId":"another"') ?? '');
    await waitUntil(() => lost !== null, { timeoutMs: 5_000, what: 'the loss' });
    expect(lost).toMatchObject({ code: 'FENCED' });
    expect(first.isValid).toBe(false);
  });

  it('of a process of this machine that is dead is free at once', async () => {
    const { first, second } = twoLeases({ startTime: 'before this boot' });
    await first.tryAcquire();
    expect(await second.tryAcquire()).toBe('acquired');
  });
});
