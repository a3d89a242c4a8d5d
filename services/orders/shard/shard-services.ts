import type { ShardService } from './shard-service.js';

/** The shards of this process by number. */
export type ShardServices = ReadonlyMap<number, ShardService>;

/** Injection token of `ShardServices`. */
export const shardServices = Symbol('shardServices');
