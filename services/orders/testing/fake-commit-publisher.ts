import type { FulltapeError } from '#contracts/result/result.js';
import type { CommitPublisher, OutgoingCommit, PublisherOptions } from '../writer/tape-publisher.js';

type Callbacks = Pick<PublisherOptions, 'onAcknowledged' | 'onFailed'>;

/** Keeps commits in memory and acknowledges them when the test says so. The real one is tested against a real broker. */
export class FakeCommitPublisher implements CommitPublisher {
  readonly #callbacks: Callbacks;
  readonly commits: OutgoingCommit[] = [];
  acknowledgedSequence = 0n;
  lagMs = 0;
  isStopped = false;
  /** How many times the commits were sent until they were acknowledged. */
  attempts = 1;
  #idleWaiters: (() => void)[] = [];

  constructor(callbacks: Callbacks) {
    this.#callbacks = callbacks;
  }

  get inFlight(): number {
    return this.commits.length - Number(this.acknowledgedSequence);
  }

  get bytesInFlight(): number {
    return this.commits.slice(Number(this.acknowledgedSequence)).reduce((sum, commit) => sum + commit.bytes.byteLength, 0);
  }

  append(commit: OutgoingCommit): bigint {
    this.commits.push(commit);
    return BigInt(this.commits.length);
  }

  async idle(): Promise<void> {
    if (this.inFlight > 0 && !this.isStopped) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  stop(): void {
    this.isStopped = true;
    this.#wake();
  }

  acknowledgeAll(): void {
    while (this.inFlight > 0) {
      const commit = this.commits[Number(this.acknowledgedSequence)];
      if (commit === undefined) return;
      this.acknowledgedSequence += 1n;
      this.#callbacks.onAcknowledged(commit, this.acknowledgedSequence, this.attempts);
    }
    this.#wake();
  }

  fail(error: FulltapeError): void {
    this.stop();
    this.#callbacks.onFailed(error);
  }

  #wake(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }
}
