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
}
