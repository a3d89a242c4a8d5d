import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buckets, streamsOf } from '#contracts/subjects/registry.js';
import { startNats } from '../testing/servers.js';
import { connectNats } from './connect.js';
import { reconcileStreams, streamConfigOf } from './streams.js';

let server: Awaited<ReturnType<typeof startNats>>;
let connection: NatsConnection;

beforeAll(async () => {
  server = await startNats();
  connection = await connectNats(server.config, 'test');
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const options = { shards: 2, replicas: 1 };

describe('streams from the registry', () => {
  it('are made once, whoever makes them and however often', async () => {
    await Promise.all([reconcileStreams(connection, options), reconcileStreams(connection, options)]);
    await reconcileStreams(connection, options);
    const manager = await jetstreamManager(connection);
    const names = (await manager.streams.list().next()).map((stream) => stream.config.name).sort();
    const wanted = [...streamsOf([0, 1]).map((stream) => stream.name), ...buckets.map((bucket) => `KV_${bucket.name}`)].sort();
    expect(names).toEqual(wanted);
  });

  it('keep their messages and get back the configuration of the registry when it was changed', async () => {
    const manager = await jetstreamManager(connection);
    await manager.jetstream().publish('tape.0', 'commit');
    await manager.streams.update('TAPE_0', { duplicate_window: 1_000_000_000 });
    await reconcileStreams(connection, options);
    const { config, state } = await manager.streams.info('TAPE_0');
    expect([config.duplicate_window, state.messages]).toEqual([120_000_000_000, 1]);
  });

  it('leave what is in the buckets', async () => {
    const bucket = await new Kvm(connection).open('LEASES');
    await bucket.put('shard.0', 'held');
    await reconcileStreams(connection, options);
    expect((await bucket.get('shard.0'))?.string()).toBe('held');
  });

  it('are exempt from one sync per message only where their content can be computed again', () => {
    const [tape] = streamsOf([0]);
    if (tape === undefined) throw new Error('the registry has no tape');
    expect(streamConfigOf(tape, 1)).not.toHaveProperty('persist_mode');
    expect(streamConfigOf({ ...tape, persistence: 'recomputable' }, 1)).toMatchObject({ persist_mode: 'async', discard: 'old' });
    expect(streamConfigOf({ ...tape, persistence: 'recomputable' }, 3)).not.toHaveProperty('persist_mode');
  });
});
