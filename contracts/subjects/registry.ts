/**
 * The one registry of streams, subjects and buckets. Streams and consumers are created from it, so a subject that is not
 * here has no publisher and no consumer.
 */
export interface StreamDefinition {
  readonly name: string;
  readonly subjects: readonly string[];
  /** What one message is. */
  readonly payload: string;
  readonly encoding: 'capnp' | 'json';
  readonly publishers: readonly string[];
  readonly consumers: readonly string[];
  /** 0 = kept for ever. */
  readonly maxAgeMs: number;
  /** Whether an acknowledgement means that the message is on disk (`sync_interval: always`), or may be `async` on a single node. */
  readonly persistence: 'durable' | 'recomputable';
  /** Window in which a repeated message id is dropped. Effects are idempotent without it. */
  readonly duplicateWindowMs: number;
}

/** Shards that this release runs; a shard is an underlying with all its derivatives. */
export const shardsMax = 64;

export const tapeStreamName = (shard: number): string => `TAPE_${shard}`;
export const tapeSubject = (shard: number): string => `tape.${shard}`;

export const tapeStream = (shard: number): StreamDefinition => ({
  name: tapeStreamName(shard),
  subjects: [tapeSubject(shard)],
  payload: 'Commit',
  encoding: 'capnp',
  publishers: ['orders'],
  consumers: ['orders (recovery, standby)', 'projections', 'gateway', 'replay', 'audit'],
  maxAgeMs: 0,
  persistence: 'durable',
  duplicateWindowMs: 120_000,
});

export const eventsStreamName = 'EVENTS';
export const eventsSubjectPrefix = 'events';

export const eventsStream: StreamDefinition = {
  name: eventsStreamName,
  subjects: [`${eventsSubjectPrefix}.>`],
  payload: 'one append: all its events and the resulting version',
  encoding: 'json',
  publishers: ['event store adapter'],
  consumers: ['projections', 'reactors'],
  maxAgeMs: 0,
  persistence: 'durable',
  duplicateWindowMs: 120_000,
};

export const deadLetterStreamName = 'DEAD_LETTERS';
export const deadLetterSubject = (consumer: string): string => `dead-letter.${consumer}`;

export const deadLetterStream: StreamDefinition = {
  name: deadLetterStreamName,
  subjects: ['dead-letter.>'],
  payload: 'the message that could not be applied, with source, sequence and error in headers',
  encoding: 'capnp',
  publishers: ['projections'],
  consumers: ['projections dead-letters command'],
  maxAgeMs: 0,
  persistence: 'durable',
  duplicateWindowMs: 120_000,
};

export const streamsOf = (shards: readonly number[]): readonly StreamDefinition[] => [
  ...shards.map(tapeStream),
  eventsStream,
  deadLetterStream,
];

/** Key-value buckets. */
export interface BucketDefinition {
  readonly name: string;
  readonly purpose: string;
  /** 0 = kept until deleted. */
  readonly ttlMs: number;
  readonly history: number;
}

/** Lease and epoch of each shard's writer: key `shard.<n>`. Freshness is in the value; a bucket TTL would depend on broker clocks. */
export const leaseBucket: BucketDefinition = {
  name: 'LEASES',
  purpose: 'lease and epoch of the writer of each shard',
  ttlMs: 0,
  history: 1,
};
/** Signed or plain heads of each tape: key `shard.<n>`. */
export const headBucket: BucketDefinition = {
  name: 'TAPE_HEADS',
  purpose: 'last head that the writer has seen acknowledged',
  ttlMs: 0,
  history: 1,
};
/** The cache port's NATS adapter. */
export const cacheBucket: BucketDefinition = {
  name: 'CACHE',
  purpose: 'cache of several processes without Dragonfly',
  ttlMs: 86_400_000,
  history: 1,
};

/** Notices of commands that were answered at level ENGINE and then lost: key `shard.<n>.<file>.<part>`, in parts of many commands. */
export const revokedBucket: BucketDefinition = {
  name: 'REVOKED',
  purpose: 'commands answered at level ENGINE and lost by a take-over, for the gateway to tell their clients',
  ttlMs: 86_400_000,
  history: 1,
};

export const buckets: readonly BucketDefinition[] = [leaseBucket, headBucket, cacheBucket, revokedBucket];

/** Core NATS request/reply and fan-out; nothing is stored. */
export interface SubjectDefinition {
  readonly subject: string;
  readonly payload: string;
  readonly encoding: 'capnp' | 'json';
  readonly publishers: readonly string[];
  readonly consumers: readonly string[];
}

/** Commands for the writer of a shard: `CommandBatch` in, `CommandBatchAnswer` out. */
export const commandSubject = (shard: number): string => `orders.command.${shard}`;
/** Questions to the writer of a shard: JSON `{}` in, JSON `OrdersStatus` out. */
export const ordersStatusSubject = (shard: number): string => `orders.inspect.${shard}`;

/** Order of an operator to the writer of a shard whose broker lost its tail: publish again from the journal. */
export const repairSubject = (shard: number): string => `orders.repair.${shard}`;

export const coreSubjects = (shards: readonly number[]): readonly SubjectDefinition[] =>
  shards.flatMap((shard) => [
    {
      subject: commandSubject(shard),
      payload: 'CommandBatch / CommandBatchAnswer',
      encoding: 'capnp' as const,
      publishers: ['gateway', 'reactors', 'simulation', 'replay'],
      consumers: ['orders'],
    },
    {
      subject: ordersStatusSubject(shard),
      payload: 'OrdersStatus',
      encoding: 'json' as const,
      publishers: ['cli', 'gateway'],
      consumers: ['orders'],
    },
    {
      subject: repairSubject(shard),
      payload: 'RepairAnswer',
      encoding: 'json' as const,
      publishers: ['cli'],
      consumers: ['orders'],
    },
  ]);
