/** Snapshots that this process has taken of a shard as its writer. */
export interface SnapshotStatus {
  readonly taken: number;
  readonly failed: number;
  /** Longest time that one slice held up the writer. */
  readonly pauseMsMax: number;
  readonly last: { readonly commitNumber: string; readonly bytes: number; readonly durationMs: number; readonly takenAt: string } | null;
}

/** How the engine of a shard came to its state. */
export interface RecoveryStatus {
  /** Commit of the snapshot that it began with; '0' = the beginning of the tape. */
  readonly snapshotCommitNumber: string;
  /** Commits of the tape that were applied behind it. */
  readonly appliedCommits: number;
}

/** What the writer of a shard says of itself on `ordersStatusSubject`. Big numbers are decimal strings, hashes are hex. */
export interface OrdersStatus {
  readonly shard: number;
  readonly nodeId: string;
  readonly role: 'writer' | 'standby' | 'recovering' | 'fenced' | 'rolledBack';
  readonly epoch: string;
  readonly nextCommandNumber: string;
  readonly headCommitNumber: string;
  readonly headHash: string;
  readonly streamSequence: string;
  readonly acknowledgedCommitNumber: string;
  /** Hash of the whole engine state, 32 hex digits. */
  readonly stateHash: string;
  readonly engineTimeNanos: string;
  readonly openOrders: number;
  readonly trades: string;
  readonly queueDepth: number;
  readonly recovery: RecoveryStatus;
  /** null while this process does not write. */
  readonly snapshots: SnapshotStatus | null;
}
