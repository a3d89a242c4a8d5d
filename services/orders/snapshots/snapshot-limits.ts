/** When snapshots are taken, and how much of the event loop they may have. */
export interface SnapshotLimits {
  /** A snapshot begins when this many commands were executed since the last one … */
  readonly everyCommands: number;
  /** … or this long after it, when there was a command at all. */
  readonly everyMs: number;
  /** Newest snapshots that are kept; older ones are what is left when one is damaged. */
  readonly kept: number;
  /** Entities copied in one slice. Between two slices the writer executes what has come. */
  readonly entitiesPerSlice: number;
  /** How long a stop waits for its snapshot. */
  readonly stopTimeoutMs: number;
}

/**
 * A replay executes a million commands in about a second, so a snapshot each five million bounds a recovery to seconds. A slice of 512
 * entities takes some 0.1 ms.
 */
export const defaultSnapshotLimits: SnapshotLimits = {
  everyCommands: 5_000_000,
  everyMs: 600_000,
  kept: 3,
  entitiesPerSlice: 512,
  stopTimeoutMs: 3_000,
};
