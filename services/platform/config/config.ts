import { z } from 'zod';

const port = z.number().int().min(0).max(65_535);
const milliseconds = z.number().int().min(1);
/** Number of a core; a variable brings it as text. */
const core = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^[0-9]{1,4}$/, 'the number of a core')
      .transform(Number),
  ])
  .pipe(z.number().int().min(0).max(4_095));

/** Names of the processes that make up the platform, in the order in which they start. */
export const roleNames = ['orders', 'workers', 'gateway', 'simulation'] as const;
export type RoleName = (typeof roleNames)[number];

/** From everything to nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * What a person can set: in DIR/config.json, by FULLTAPE_* variables (`gateway.port` is FULLTAPE_GATEWAY_PORT) or by flags.
 * Ports are the one port map of the platform (docs/decisions); 0 asks the operating system for a free one.
 * A `url` points to a server that runs elsewhere; without one the supervisor starts its own.
 */
export const settingsSchema = z.strictObject({
  logLevel: z.enum(logLevels).default('info'),
  /** Address that the gateway listens on; the stores are always on loopback. Anything but loopback must be set on purpose. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Processes to run; without it every role has its own process. */
  roles: z.array(z.enum(roleNames)).min(1).optional(),
  /** Instruments and accounts to begin with, with tokens; without them an installation begins empty. */
  demo: z.boolean().default(true),
  gateway: z.strictObject({ port: port.default(8080) }).prefault({}),
  nats: z
    .strictObject({
      url: z.string().min(1).optional(),
      token: z.string().min(1).optional(),
      /** Path of a nats-server executable of version 2.14.4 or newer. */
      server: z.string().min(1).optional(),
      port: port.default(4222),
      monitorPort: port.default(8222),
      /** Copies of each stream; 3 in a cluster. */
      replicas: z.number().int().min(1).max(5).default(1),
    })
    .prefault({}),
  postgres: z
    .strictObject({ url: z.string().min(1).optional(), port: port.default(5432), poolMax: z.number().int().min(1).max(200).default(16) })
    .prefault({}),
  clickhouse: z
    .strictObject({
      url: z.string().min(1).optional(),
      username: z.string().min(1).optional(),
      password: z.string().optional(),
      database: z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/)
        .default('fulltape'),
      port: port.default(8123),
    })
    .prefault({}),
  cache: z
    .strictObject({
      /** `memory` (the default; one gateway), `nats` (several processes), or the redis:// address of Dragonfly or another such server. */
      url: z
        .string()
        .regex(/^(memory|nats|rediss?:\/\/\S+)$/, 'memory, nats, or an address that begins with redis:// or rediss://')
        .optional(),
    })
    .prefault({}),
  engine: z
    .strictObject({
      /** Path of the engine library; without it the one that set-up built. */
      library: z.string().min(1).optional(),
      shards: z.number().int().min(1).max(64).default(1),
      maxOrders: z.number().int().min(1024).default(1_048_576),
      maxAccounts: z.number().int().min(16).default(65_536),
      maxInstruments: z.number().int().min(16).default(4_096),
      journalBytesMax: z.number().int().min(1_048_576).default(1_073_741_824),
      /** Below this much free disk, orders are answered BUSY. */
      freeDiskBytesMin: z.number().int().min(0).default(536_870_912),
      /**
       * Core that the thread of each shard's engine is bound to, by shard number; a shard moves by another number here and a restart.
       * What the system refuses is logged, and the shard runs unbound.
       */
      cores: z.array(core).max(64).optional(),
      /** Asks for 2 MiB pages under the engine's tables. */
      hugePages: z.boolean().default(false),
      /** NUMA node that the engine's tables are bound to; means nothing on a machine with one node. */
      numaNode: z.number().int().min(0).max(63).optional(),
      /** Test support: a placeOrder with this client order id panics inside the engine. */
      faultClientOrderId: z.string().min(1).max(36).optional(),
    })
    .prefault({}),
  orders: z
    .strictObject({
      /** `supplied` lets batches carry their own times, for replays of recorded days; a live market must not. */
      clock: z.enum(['wall', 'supplied']).default('wall'),
      /** A snapshot of the engine begins after this many commands, or after this time when there was one; the newest ones are kept. */
      snapshotEveryCommands: z.number().int().min(1).default(5_000_000),
      snapshotEveryMs: z.number().int().min(1_000).default(600_000),
      snapshotsKept: z.number().int().min(1).max(1_000).default(3),
    })
    .prefault({}),
  simulation: z
    .strictObject({
      /** Whether makers and takers trade by themselves; only a demo installation has accounts for them. */
      enabled: z.boolean().default(true),
      seed: z.number().int().min(0).default(20_260_101),
      /** Orders per second that the generator aims at over all instruments. */
      ordersPerSecond: z.number().min(0).max(1_000_000).default(40),
    })
    .prefault({}),
  supervisor: z
    .strictObject({
      readyTimeoutMs: milliseconds.default(60_000),
      stopTimeoutMs: milliseconds.default(8_000),
      /** A role that dies this often within a minute is given up, and the whole start with it. */
      restartsPerMinuteMax: z.number().int().min(1).default(10),
    })
    .prefault({}),
});
export type Settings = z.output<typeof settingsSchema>;

/** Random values of one data folder. They are written once, never logged, and never leave the machine. */
export const secretsSchema = z.strictObject({
  natsToken: z.string().min(16),
  postgresPassword: z.string().min(16),
  clickhousePassword: z.string().min(16),
  /** HMAC key of bearer tokens. */
  tokenKey: z.string().min(16),
  /** Seed of the Ed25519 key that signs tape heads, 32 bytes in base64url. */
  tapeSigningSeed: z.string().min(43),
});
export type Secrets = z.output<typeof secretsSchema>;

/** What a process of the platform gets: settings with every address and secret filled in. Holds secrets: never log it. */
export const configSchema = z.strictObject({
  /** Absolute path of the data folder. */
  dataDir: z.string().min(1),
  /** Absolute path of the installation (the folder of package.json). */
  rootDir: z.string().min(1),
  logLevel: settingsSchema.shape.logLevel,
  host: z.string(),
  demo: z.boolean(),
  gateway: z.strictObject({ port }),
  nats: z.strictObject({ url: z.string(), token: z.string().optional(), monitorUrl: z.string().optional(), replicas: z.number() }),
  postgres: z.strictObject({ url: z.string(), poolMax: z.number() }),
  clickhouse: z.strictObject({ url: z.string(), username: z.string(), password: z.string(), database: z.string() }),
  /** Without it the cache is in the process. */
  cache: z.strictObject({ url: z.string().optional() }).optional(),
  engine: z.strictObject({
    library: z.string(),
    shards: z.number(),
    maxOrders: z.number(),
    maxAccounts: z.number(),
    maxInstruments: z.number(),
    journalBytesMax: z.number(),
    /** Absolute path of the folder that holds one journal folder per shard. */
    journalDir: z.string(),
    freeDiskBytesMin: z.number(),
    cores: z.array(z.number()).optional(),
    hugePages: z.boolean().optional(),
    numaNode: z.number().optional(),
    faultClientOrderId: z.string().optional(),
  }),
  /** Without it orders run on the wall clock. */
  orders: z
    .strictObject({
      clock: z.enum(['wall', 'supplied']),
      snapshotEveryCommands: z.number().optional(),
      snapshotEveryMs: z.number().optional(),
      snapshotsKept: z.number().optional(),
    })
    .optional(),
  simulation: z.strictObject({ seed: z.number(), ordersPerSecond: z.number() }),
  secrets: secretsSchema,
  /** Addresses for people and clients, known once the gateway's port is chosen. */
  urls: z.strictObject({ graphql: z.string(), rest: z.string(), ws: z.string(), terminal: z.string() }),
});
export type FulltapeConfig = z.output<typeof configSchema>;
