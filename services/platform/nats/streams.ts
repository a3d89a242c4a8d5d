import {
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiCodes,
  JetStreamApiError,
  PersistMode,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { buckets, streamsOf, type StreamDefinition } from '#contracts/subjects/registry.js';
import { logger } from '../telemetry/logger.js';

const nanosPerMs = 1_000_000;

/** JetStream configuration of a stream of the registry. */
export const streamConfigOf = (definition: StreamDefinition, replicas: number): Partial<StreamConfig> & { name: string } => ({
  name: definition.name,
  description: definition.payload,
  subjects: [...definition.subjects],
  storage: StorageType.File,
  retention: RetentionPolicy.Limits,
  // A durable stream refuses what it cannot keep; one that can be computed again forgets its oldest.
  discard: definition.persistence === 'durable' ? DiscardPolicy.New : DiscardPolicy.Old,
  max_age: definition.maxAgeMs * nanosPerMs,
  duplicate_window: definition.duplicateWindowMs * nanosPerMs,
  num_replicas: replicas,
  allow_direct: true,
  // With sync_interval: always this is what exempts a stream from one fsync per message; a cluster keeps copies instead.
  ...(definition.persistence === 'recomputable' && replicas === 1 ? { persist_mode: PersistMode.Async } : {}),
});

const isNotFound = (error: unknown): boolean => error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;

const reconcile = async (manager: JetStreamManager, definition: StreamDefinition, replicas: number): Promise<void> => {
  const wanted = streamConfigOf(definition, replicas);
  try {
    await manager.streams.info(definition.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await manager.streams.add(wanted);
    logger.info({ streamName: definition.name }, 'nats.stream-created');
    return;
  }
  const { persist_mode: _fixedAtCreation, ...changeable } = wanted;
  await manager.streams.update(definition.name, changeable);
};

/**
 * Makes every stream and key-value bucket of the registry, and brings those that exist to its configuration. Idempotent; several
 * processes may do it at once.
 */
export const reconcileStreams = async (
  connection: NatsConnection,
  options: { readonly shards: number; readonly replicas: number },
): Promise<void> => {
  const manager = await jetstreamManager(connection);
  const shards = Array.from({ length: options.shards }, (_, shard) => shard);
  for (const definition of streamsOf(shards)) await reconcile(manager, definition, options.replicas);
  const kvm = new Kvm(connection);
  for (const bucket of buckets) {
    await kvm.create(bucket.name, {
      description: bucket.purpose,
      history: bucket.history,
      ttl: bucket.ttlMs,
      replicas: options.replicas,
      storage: StorageType.File,
    });
  }
};
