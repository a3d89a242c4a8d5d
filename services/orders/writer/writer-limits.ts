/** Bounds of the writer; beyond those of admission a batch is answered BUSY. */
export interface WriterLimits {
  /** Commands and bytes that may wait for the engine: about half a second of work, so that BUSY comes before time-outs do. */
  readonly queueCommandsMax: number;
  readonly queueBytesMax: number;
  /** What one group takes. A commit of about 256 KB is where an fsync per message costs little per command. */
  readonly groupCommandsMax: number;
  readonly groupBytesMax: number;
  /** Commits on their way to the broker. More would not raise throughput (it stores one at a time), only the loss of a crash. */
  readonly inFlightCommitsMax: number;
  readonly inFlightBytesMax: number;
  /** Age of the oldest unacknowledged commit beyond which nothing more is admitted. */
  readonly lagMsMax: number;
  readonly freeDiskBytesMin: number;
  readonly ackTimeoutMs: number;
  readonly giveUpMs: number;
  /** An idle engine gets the time this often. */
  readonly idleAdvanceMs: number;
  /** Bytes of acknowledged commits that the journal keeps for a repair of the tape. */
  readonly journalKeepBytes: number;
}

export const defaultWriterLimits: WriterLimits = {
  queueCommandsMax: 65_536,
  queueBytesMax: 32 * 1_024 * 1_024,
  groupCommandsMax: 1_000,
  groupBytesMax: 262_144,
  inFlightCommitsMax: 32,
  inFlightBytesMax: 64 * 1_024 * 1_024,
  lagMsMax: 5_000,
  freeDiskBytesMin: 536_870_912,
  ackTimeoutMs: 3_000,
  giveUpMs: 30_000,
  idleAdvanceMs: 1_000,
  journalKeepBytes: 512 * 1_024 * 1_024,
};
