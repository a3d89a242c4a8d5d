import 'reflect-metadata';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { FulltapeError } from '#contracts/result/result.js';
import { headBucket, leaseBucket, revokedBucket, shardsMax, type BucketDefinition } from '#contracts/subjects/registry.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { loadEngineLibrary } from '#platform/engine/engine-library.js';
import { connectNats } from '#platform/nats/connect.js';
import { FolderObjectStore } from '#platform/objects/folder-object-store.js';
import { reconcileStreams } from '#platform/nats/streams.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { TapeHeadKey } from '#platform/tape/tape-head.js';
import { readProjectedMark } from './recovery/projected-mark.js';
import { ShardResponder } from './handlers/shard-responder.js';
import { identityOfThisProcess } from './lease/process-identity.js';
import { OrdersModule } from './orders.module.js';
import { ShardService } from './shard/shard-service.js';
import { defaultSnapshotLimits } from './snapshots/snapshot-limits.js';
import { SnapshotStore } from '#platform/snapshots/snapshot-store.js';
import { defaultWriterLimits } from './writer/writer-limits.js';

const openBucket = (connection: NatsConnection, bucket: BucketDefinition): Promise<KV> => new Kvm(connection).open(bucket.name);

/**
 * The orders process: one `ShardService` per shard behind the buses of @nestjs/cqrs. `onFatal` is called when a shard cannot go on; the
 * process then ends, and the supervisor starts it again as a standby.
 */
export const startOrders = async (
  config: FulltapeConfig,
  onFatal: (error: FulltapeError) => void,
  signal?: AbortSignal,
): Promise<RoleHandle> => {
  // First, because without it there is no point in taking anything else.
  const library = loadEngineLibrary(config.engine.library);
  const connection = await connectNats(config.nats, 'orders');
  const shardCount = Math.min(config.engine.shards, shardsMax);
  await reconcileStreams(connection, { shards: shardCount, replicas: config.nats.replicas });
  const leases = await openBucket(connection, leaseBucket);
  const heads = await openBucket(connection, headBucket);
  const revoked = await openBucket(connection, revokedBucket);
  const headKey = new TapeHeadKey(config.secrets.tapeSigningSeed);
  const identity = identityOfThisProcess();
  const objects = new FolderObjectStore(join(config.dataDir, 'objects'));
  const { snapshotEveryCommands, snapshotEveryMs, snapshotsKept } = config.orders ?? {};
  const snapshotLimits = {
    ...defaultSnapshotLimits,
    ...(snapshotEveryCommands === undefined ? {} : { everyCommands: snapshotEveryCommands }),
    ...(snapshotEveryMs === undefined ? {} : { everyMs: snapshotEveryMs }),
    ...(snapshotsKept === undefined ? {} : { kept: snapshotsKept }),
  };
  const services = new Map<number, ShardService>();
  const responders = new Map<number, ShardResponder>();
  const { maxOrders, maxAccounts, maxInstruments, journalBytesMax, journalDir, cores, hugePages, numaNode, faultClientOrderId } =
    config.engine;
  for (let shard = 0; shard < shardCount; shard += 1) {
    const service = new ShardService({
      connection,
      shard,
      identity,
      library,
      engine: {
        shard,
        journalDir: join(journalDir, `shard-${shard}`),
        journalBytesMax,
        maxOrders,
        maxAccounts,
        maxInstruments,
        ...(cores?.[shard] === undefined ? {} : { core: cores[shard] }),
        ...(hugePages === undefined ? {} : { hugePages }),
        ...(numaNode === undefined ? {} : { numaNode }),
        ...(faultClientOrderId === undefined ? {} : { faultClientOrderId }),
      },
      leaseBucket: leases,
      headBucket: heads,
      headKey,
      // The read models follow the first shard alone.
      projectedMark: () => (shard === 0 ? readProjectedMark(config.postgres.url) : Promise.resolve(null)),
      revokedBucket: revoked,
      limits: {
        ...defaultWriterLimits,
        freeDiskBytesMin: config.engine.freeDiskBytesMin,
        journalKeepBytes: Math.floor(journalBytesMax / 2),
      },
      snapshots: new SnapshotStore(objects, shard),
      snapshotLimits,
      clockMode: config.orders?.clock ?? 'wall',
      onFatal,
      onRole: (role) => responders.get(shard)?.onRole(role),
    });
    services.set(shard, service);
  }
  const context = await NestFactory.createApplicationContext(OrdersModule.register(services), { logger: false, abortOnError: false });
  const buses = { commands: context.get(CommandBus), queries: context.get(QueryBus) };
  for (const shard of services.keys()) {
    const responder = new ShardResponder({ connection, shard, ...buses });
    responders.set(shard, responder);
    responder.open();
  }
  // Asked to stop while a shard still waits for its lease or its broker: its start then returns.
  signal?.addEventListener('abort', () => void Promise.all([...services.values()].map((service) => service.close())), { once: true });
  await Promise.all([...services.values()].map((service) => service.start()));
  await connection.flush(); // the broker knows the subscriptions before anybody is told that this process is ready
  return {
    ready: {},
    close: async () => {
      await Promise.all([...services.values()].map((service) => service.close()));
      for (const responder of responders.values()) responder.close();
      await context.close();
      await connection.drain();
    },
  };
};
