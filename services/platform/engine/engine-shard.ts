import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { recordBytes } from '#contracts/tape/layout.generated.js';
import { decodeNote, noteBytes, type ExplanationNote } from './explanation.js';
import { loadEngineLibrary, textOf, type EngineLibrary } from './engine-library.js';
import { LentStep, OutputPool } from './output-pool.js';

/** How a shard is opened; the names are those of the engine's configuration (docs/engine-abi.md). */
export interface EngineShardConfig {
  readonly shard: number;
  /** Absolute path of the journal folder; without one nothing is journaled. */
  readonly journalDir?: string;
  readonly journalBytesMax?: number;
  readonly maxOrders?: number;
  readonly maxAccounts?: number;
  readonly maxInstruments?: number;
  readonly commitBytesMax?: number;
  readonly stateHashEveryCommits?: number;
  /** Core that the calling thread is bound to; all calls of the shard come from it. */
  readonly core?: number;
  readonly hugePages?: boolean;
  readonly numaNode?: number;
  /** Test support: a placeOrder with this client order id panics inside the engine. */
  readonly faultClientOrderId?: string;
}

/** What one group gave. All bytes are copies: the engine's own buffer is written again by the next call. */
export interface EngineStep {
  readonly commits: readonly Uint8Array[];
  /** One 64-byte `AnswerRecord` per command, in the order of the queue. */
  readonly answers: Uint8Array;
  readonly answerCount: number;
}

/** What the last `enqueue` accepted. */
export interface EnqueuedBatch {
  readonly commandCount: number;
  readonly recordCount: number;
}

export interface BookLevel {
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly orderCount: number;
}

/** Whether a wish holds, and what holds or why it does not. */
export interface PlacementStanding {
  readonly inForce: boolean;
  readonly details: string;
}

export interface EnginePlacement {
  readonly core: PlacementStanding;
  readonly hugePages: PlacementStanding;
  readonly numa: PlacementStanding;
}

const standingSchema = z.object({ inForce: z.boolean(), details: z.string() });
const placementSchema = z.object({ core: standingSchema, hugePages: standingSchema, numa: standingSchema });

export interface JournalExtent {
  /** Commit numbers; 0n = none. */
  readonly firstCommitNumber: bigint;
  readonly lastCommitNumber: bigint;
  readonly acknowledgedCommitNumber: bigint;
}

/** Words of the status block, by number (docs/engine-abi.md). */
const word = {
  outputAddress: 0,
  outputBytes: 1,
  commitCount: 2,
  answersAt: 3,
  answerCount: 4,
  nextCommandNumber: 5,
  headCommitNumber: 6,
  engineTimeNanos: 7,
  epoch: 8,
  headHash: 9,
  trades: 13,
  openOrders: 14,
  waitingRecords: 15,
  batchCommands: 18,
  batchRecords: 20,
  quarantinedCommands: 21,
  bookTriples: 22,
  journalFirst: 23,
  journalLast: 24,
  journalAcknowledged: 25,
  faultedCommands: 26,
  culprit: 27,
  snapshotState: 28,
  snapshotBytes: 29,
  snapshotCommit: 30,
  journalDiffers: 31,
  notesAddress: 32,
  notes: 33,
  notesDropped: 34,
  tableAt: 35,
  outputIsLent: 36,
} as const;
const statusWords = 64;
const uint64Max = 0xffff_ffff_ffff_ffffn;
const timesSuppliedFlag = 1;
const bookTriplesMax = 4_096;
const placementBytesMax = 4_096;
const messageBytesMax = 64 * 1_024 * 1_024;
/** What one `snapshotTake` gives at most. */
const snapshotPieceBytes = 256 * 1_024;
const snapshotStates = ['none', 'copying', 'copied', 'restoring'] as const;

/** What a wrong value was, for the error: an object is only named, because turning it into text can itself fail. */
const textOfValue = (value: unknown): string =>
  (typeof value === 'object' || typeof value === 'function' ? Object.prototype.toString.call(value) : String(value)).slice(0, 64);

const invalid = (argument: string, value: unknown, expected: string): never => {
  throw new FulltapeError('INVALID_ARGUMENT', { argument, value: textOfValue(value), expected });
};

const checkUint64 = (value: bigint, argument: string): bigint =>
  typeof value === 'bigint' && value >= 0n && value <= uint64Max ? value : invalid(argument, value, 'a bigint of 0 .. 2^64-1');

const checkInteger = (value: number, max: number, argument: string): number =>
  Number.isInteger(value) && value >= 0 && value <= max ? value : invalid(argument, value, `an integer of 0 .. ${max}`);

const checkBytes = (value: Uint8Array, argument: string): Uint8Array => {
  // What only looks like one (a proxy, an heir of its prototype) has no memory to read.
  if (!ArrayBuffer.isView(value) || !(value instanceof Uint8Array)) return invalid(argument, value, 'a Uint8Array');
  if (value.byteLength === 0) throw new FulltapeError('MALFORMED_COMMAND_MESSAGE', { why: 'empty' });
  if (value.byteLength > messageBytesMax)
    throw new FulltapeError('BATCH_TOO_LARGE', { bytes: String(value.byteLength), bytesMax: String(messageBytesMax) });
  return value;
};

const executeFlags = (nowNanos: bigint, options: { readonly timesSupplied: boolean }): number => {
  checkUint64(nowNanos, 'nowNanos');
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || typeof options.timesSupplied !== 'boolean')
    return invalid('options', given, 'an object with a boolean timesSupplied');
  return options.timesSupplied ? timesSuppliedFlag : 0;
};

/** The configuration as the engine reads it. JSON alone would leave out, round or unwrap what is not sound. */
const configText = (config: EngineShardConfig): Uint8Array => {
  const given: unknown = config;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return invalid('config', given, 'an object');
  for (const [field, value] of Object.entries(given)) {
    const isSound = ['undefined', 'string', 'boolean'].includes(typeof value) || (typeof value === 'number' && Number.isSafeInteger(value));
    if (!isSound) invalid(field, value, 'an integer, a text or a boolean');
  }
  checkInteger(config.shard, 0xffff, 'shard');
  return new TextEncoder().encode(JSON.stringify(config));
};

/**
 * One shard of the native engine: state, journal and buffers. Calls are synchronous and belong to one thread. One call per batch; the
 * status block is viewed once and read without a call. Every method throws FulltapeError with the engine's code; after `close` it is
 * FFI_BAD_HANDLE.
 */
export class EngineShard {
  readonly #library: EngineLibrary;
  readonly #status: BigUint64Array;
  /** Low and high half of each status word: numbers are read several times faster than bigints. */
  readonly #statusHalves: Uint32Array;
  readonly #outputs = new OutputPool();
  readonly #bookWords = new BigUint64Array(bookTriplesMax * 3);
  #handle: bigint | null;
  #output: Uint8Array = new Uint8Array(0);
  #outputAddress = 0n;
  #snapshotPiece: Uint8Array | null = null;

  private constructor(library: EngineLibrary, handle: bigint, status: BigUint64Array) {
    this.#library = library;
    this.#handle = handle;
    this.#status = status;
    this.#statusHalves = new Uint32Array(status.buffer, status.byteOffset, status.length * 2);
  }

  /** @throws FulltapeError ENVIRONMENT_INCOMPLETE, FFI_VERSION_MISMATCH, FFI_BAD_CONFIG, JOURNAL_CORRUPT, DISK_FULL */
  static open(config: EngineShardConfig, library: EngineLibrary = loadEngineLibrary()): EngineShard {
    const text = configText(config);
    const handleOut = new BigUint64Array(1);
    library.check(library.functions.shardOpen(text, text.byteLength, handleOut), 'ft_shard_open');
    const handle = handleOut[0] ?? 0n;
    const address = new BigUint64Array(1);
    library.check(library.functions.shardStatus(handle, address), 'ft_shard_status');
    const status = new BigUint64Array(library.viewMemory(address[0] ?? 0n, statusWords * 8), 0, statusWords);
    return new EngineShard(library, handle, status);
  }

  get isOpen(): boolean {
    return this.#handle !== null;
  }

  /** Frees the engine; the journal stays on disk. A second call does nothing. */
  close(): void {
    if (this.#handle === null) return;
    const handle = this.#handle;
    this.#handle = null;
    this.#output = new Uint8Array(0);
    this.#library.check(this.#library.functions.shardClose(handle), 'ft_shard_close');
  }

  /** Adds one `CommandBatch` message to the next group. A refused message leaves the group as it was. */
  enqueue(message: Uint8Array): EnqueuedBatch {
    const handle = this.#open();
    checkBytes(message, 'message');
    this.#library.check(this.#library.functions.shardEnqueue(handle, message, message.byteLength), 'ft_shard_enqueue');
    return { commandCount: this.#count(word.batchCommands), recordCount: this.#count(word.batchRecords) };
  }

  /** Executes what is queued as one group. `nowNanos` is UNIX time, unused when the records supply their times. */
  execute(nowNanos: bigint, options: { readonly timesSupplied: boolean }): EngineStep {
    const handle = this.#open();
    const flags = executeFlags(nowNanos, options);
    this.#library.check(this.#library.functions.shardExecute(handle, nowNanos, flags), 'ft_shard_execute');
    const copy = this.#copyOutput();
    const answerCount = this.#count(word.answerCount);
    return { commits: this.#commitsIn(copy), answers: this.#answersIn(copy, answerCount), answerCount };
  }

  /** As `execute`; the output is not copied: the engine writes it to memory that is the caller's until its `release`. */
  executeLent(nowNanos: bigint, options: { readonly timesSupplied: boolean }): LentStep {
    return this.#lend(this.#open(), null, nowNanos, executeFlags(nowNanos, options));
  }

  /**
   * `enqueue` and `executeLent` in one call of the library. A message that is refused executes nothing; when the group is refused
   * (JOURNAL_FULL), it waits in the queue.
   */
  submitLent(message: Uint8Array, nowNanos: bigint, options: { readonly timesSupplied: boolean }): LentStep {
    const handle = this.#open();
    checkBytes(message, 'message');
    return this.#lend(handle, message, nowNanos, executeFlags(nowNanos, options));
  }

  #lend(handle: bigint, message: Uint8Array | null, nowNanos: bigint, flags: number): LentStep {
    const memory = this.#outputs.take();
    const status = this.#library.functions.shardExecuteInto(
      handle,
      message,
      message === null ? 0 : message.byteLength,
      nowNanos,
      flags,
      new Uint8Array(memory),
      memory.byteLength,
    );
    if (status !== 0) {
      this.#outputs.giveBack(memory);
      this.#library.check(status, 'ft_shard_execute_into');
    }
    const isLent = this.#count(word.outputIsLent) === 1;
    const output = isLent ? memory : this.#copyOutput();
    if (!isLent) {
      this.#outputs.giveBack(memory);
      this.#outputs.grow(output.byteLength);
    }
    const answerCount = this.#count(word.answerCount);
    return new LentStep(this.#outputs, output, this.#commitsIn(output), this.#answersIn(output, answerCount), answerCount);
  }

  /** The commit that opens an epoch; later commits carry it. */
  startEpoch(epoch: bigint): readonly Uint8Array[] {
    const handle = this.#open();
    checkUint64(epoch, 'epoch');
    this.#library.check(this.#library.functions.shardStartEpoch(handle, epoch), 'ft_shard_start_epoch');
    return this.#commits();
  }

  /** Follows the tape by one stored commit. @throws FulltapeError TAPE_CORRUPT, REPLAY_DIVERGED, ENGINE_VERSION_MISMATCH */
  apply(message: Uint8Array): void {
    const handle = this.#open();
    checkBytes(message, 'message');
    this.#library.check(this.#library.functions.shardApply(handle, message, message.byteLength), 'ft_shard_apply');
  }

  /** Parts of the last applied group that were not applied; empty when it is whole. */
  pending(): readonly Uint8Array[] {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardPending(handle), 'ft_shard_pending');
    return this.#commits();
  }

  /** The command at this index of the next group is refused as REJECTED_ENGINE_FAULT without being executed. */
  refuseNext(index: number): void {
    const handle = this.#open();
    checkInteger(index, 0xffff_ffff, 'index');
    this.#library.check(this.#library.functions.shardRefuseNext(handle, BigInt(index)), 'ft_shard_refuse_next');
  }

  /** Commits of the journal's next group behind the head, executed; empty when there is none. @throws FulltapeError REVOKED */
  journalNext(): readonly Uint8Array[] {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardJournalNext(handle), 'ft_shard_journal_next');
    return this.#commits();
  }

  /** Moves all journal groups behind the head to `orphans/`; returns how many commands they hold. */
  journalQuarantine(): number {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardJournalQuarantine(handle), 'ft_shard_journal_quarantine');
    return this.#count(word.quarantinedCommands);
  }

  /** Marks commits up to this one as acknowledged by the broker. */
  journalAcknowledge(commitNumber: bigint): void {
    const handle = this.#open();
    checkUint64(commitNumber, 'commitNumber');
    this.#library.check(this.#library.functions.shardJournalAcknowledge(handle, commitNumber), 'ft_shard_journal_acknowledge');
  }

  /** Lets the journal forget commits up to this one. */
  journalTrim(commitNumber: bigint): void {
    const handle = this.#open();
    checkUint64(commitNumber, 'commitNumber');
    this.#library.check(this.#library.functions.shardJournalTrim(handle, commitNumber), 'ft_shard_journal_trim');
  }

  /** Whether the journal holds another commit under this number than the tape, whose hash is given as 64 hex digits. */
  journalDiffers(commitNumber: bigint, hash: string): boolean {
    const handle = this.#open();
    checkUint64(commitNumber, 'commitNumber');
    if (!/^[0-9a-f]{64}$/.test(hash)) return invalid('hash', hash, '64 hex digits');
    const words = BigUint64Array.from({ length: 4 }, (_, index) => BigInt(`0x${hash.slice(index * 16, index * 16 + 16)}`));
    const bytes = new Uint8Array(words.buffer);
    this.#library.check(this.#library.functions.shardJournalCompare(handle, commitNumber, bytes), 'ft_shard_journal_compare');
    return this.#count(word.journalDiffers) === 1;
  }

  /** Hash of the whole state, 32 hex digits; independent of epochs and commit boundaries. */
  stateHash(): string {
    const handle = this.#open();
    const out = new Uint8Array(16);
    this.#library.check(this.#library.functions.shardStateHash(handle, out), 'ft_shard_state_hash');
    return Buffer.from(out.buffer).toString('hex');
  }

  /** Fixes the state at the head for a snapshot. @throws FulltapeError INVALID_ARGUMENT while one runs */
  snapshotBegin(): void {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardSnapshotBegin(handle), 'ft_shard_snapshot_begin');
  }

  /** Copies up to `budget` entities of the state as it was at the beginning; commands may run between two calls. */
  snapshotAdvance(budget: number): void {
    const handle = this.#open();
    checkInteger(budget, 0xffff_ffff, 'budget');
    this.#library.check(this.#library.functions.shardSnapshotAdvance(handle, budget), 'ft_shard_snapshot_advance');
  }

  /** The next finished bytes, a copy of at most 256 KiB; null when none are ready. After the last ones `snapshotState` is 'none'. */
  snapshotTake(): Uint8Array | null {
    const handle = this.#open();
    this.#snapshotPiece ??= new Uint8Array(snapshotPieceBytes);
    const piece = this.#snapshotPiece;
    this.#library.check(this.#library.functions.shardSnapshotTake(handle, piece, piece.byteLength), 'ft_shard_snapshot_take');
    const length = this.#count(word.snapshotBytes);
    return length === 0 ? null : piece.slice(0, length);
  }

  /** Gives a running snapshot up. */
  snapshotCancel(): void {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardSnapshotCancel(handle), 'ft_shard_snapshot_cancel');
  }

  get snapshotState(): (typeof snapshotStates)[number] {
    return snapshotStates[this.#count(word.snapshotState)] ?? 'none';
  }

  /** Commit at which the last snapshot began, or at which the shard was restored; 0n = none. */
  get snapshotCommitNumber(): bigint {
    return this.#word(word.snapshotCommit);
  }

  /**
   * Takes the next bytes of a snapshot in; only before the first commit.
   * @throws FulltapeError SNAPSHOT_CORRUPT, SNAPSHOT_VERSION_MISMATCH: the shard is as new and takes another snapshot
   */
  restore(bytes: Uint8Array): void {
    const handle = this.#open();
    checkBytes(bytes, 'bytes');
    this.#library.check(this.#library.functions.shardRestore(handle, bytes, bytes.byteLength), 'ft_shard_restore');
  }

  /**
   * Makes up to `budget` orders or remembered commands of the state that was taken in. Answers whether all of it is made.
   * @throws FulltapeError as `restore`
   */
  restoreAdvance(budget: number): boolean {
    const handle = this.#open();
    checkInteger(budget, 0xffff_ffff, 'budget');
    this.#library.check(this.#library.functions.shardRestoreAdvance(handle, budget), 'ft_shard_restore_advance');
    return this.snapshotState !== 'restoring';
  }

  /** Goes on behind the commit of the snapshot that was taken in, and makes what is left of it. @throws FulltapeError as `restore` */
  restoreFinish(): void {
    const handle = this.#open();
    this.#library.check(this.#library.functions.shardRestoreFinish(handle), 'ft_shard_restore_finish');
  }

  /** Visible levels of one side, best first, at most 4,096. `side` is Side.Buy or Side.Sell. */
  book(instrumentId: number, side: number): readonly BookLevel[] {
    const handle = this.#open();
    checkInteger(instrumentId, 0xffff_ffff, 'instrumentId');
    checkInteger(side, 0xff, 'side');
    this.#library.check(
      this.#library.functions.shardBook(handle, instrumentId, side, this.#bookWords, this.#bookWords.length),
      'ft_shard_book',
    );
    return Array.from({ length: this.#count(word.bookTriples) }, (_, index) => ({
      priceTicks: BigInt.asIntN(64, this.#bookWords[index * 3] ?? 0n),
      quantityLots: BigInt.asIntN(64, this.#bookWords[index * 3 + 1] ?? 0n),
      orderCount: Number(this.#bookWords[index * 3 + 2] ?? 0n),
    }));
  }

  /**
   * Explains the commands numbered `first` to `last` when a later call executes them, as far as they concern one order (0n = all of
   * them). `first` 0n ends it. What is executed stays the same.
   */
  explain(first: bigint, last: bigint, orderId: bigint): void {
    const handle = this.#open();
    checkUint64(first, 'first');
    checkUint64(last, 'last');
    checkUint64(orderId, 'orderId');
    this.#library.check(this.#library.functions.shardExplain(handle, first, last, orderId), 'ft_shard_explain');
  }

  /** Notes of what the last call executed. */
  explanation(): { readonly notes: readonly ExplanationNote[]; readonly droppedCount: number } {
    const count = this.#count(word.notes);
    const droppedCount = this.#count(word.notesDropped);
    if (count === 0) return { notes: [], droppedCount };
    const view = new DataView(this.#library.viewMemory(this.#word(word.notesAddress), count * noteBytes));
    const notes: ExplanationNote[] = [];
    for (let index = 0; index < count; index += 1) {
      const note = decodeNote(view, index * noteBytes);
      if (note !== null) notes.push(note);
    }
    return { notes, droppedCount };
  }

  /** What of the placement that was asked for is in force. */
  placement(): EnginePlacement {
    const handle = this.#open();
    const out = new Uint8Array(placementBytesMax);
    this.#library.check(this.#library.functions.shardPlacement(handle, out, out.byteLength), 'ft_shard_placement');
    return placementSchema.parse(JSON.parse(textOf(out)));
  }

  get nextCommandNumber(): bigint {
    return this.#word(word.nextCommandNumber);
  }

  get headCommitNumber(): bigint {
    return this.#word(word.headCommitNumber);
  }

  /** 64 hex digits, as `commitHash` of the tape writes them; zeros before the first commit. */
  get headHash(): string {
    let text = '';
    for (let index = 0; index < 4; index += 1)
      text += this.#word(word.headHash + index)
        .toString(16)
        .padStart(16, '0');
    return text;
  }

  get engineTimeNanos(): bigint {
    return this.#word(word.engineTimeNanos);
  }

  get epoch(): bigint {
    return this.#word(word.epoch);
  }

  get trades(): bigint {
    return this.#word(word.trades);
  }

  get openOrders(): number {
    return this.#count(word.openOrders);
  }

  /** Records of accepted messages that the next `execute` takes. */
  get waitingRecords(): number {
    return this.#count(word.waitingRecords);
  }

  /** Commands refused as REJECTED_ENGINE_FAULT since the shard was opened. */
  get faultedCommands(): bigint {
    return this.#word(word.faultedCommands);
  }

  /** After ENGINE_POISONED: index in the group of the command that did it. */
  get culpritIndex(): number {
    return this.#count(word.culprit);
  }

  get journal(): JournalExtent {
    return {
      firstCommitNumber: this.#word(word.journalFirst),
      lastCommitNumber: this.#word(word.journalLast),
      acknowledgedCommitNumber: this.#word(word.journalAcknowledged),
    };
  }

  #open(): bigint {
    if (this.#handle === null) throw new FulltapeError('FFI_BAD_HANDLE', { why: 'the shard is closed' });
    return this.#handle;
  }

  #word(index: number): bigint {
    this.#open(); // the block is freed with the shard: reading it later would read foreign memory
    return this.#status[index] ?? 0n;
  }

  #count(index: number): number {
    this.#open();
    return (this.#statusHalves[index * 2] ?? 0) + (this.#statusHalves[index * 2 + 1] ?? 0) * 0x1_0000_0000;
  }

  #commits(): readonly Uint8Array[] {
    return this.#commitsIn(this.#copyOutput());
  }

  /** Commits of the last call, by the table behind them. */
  #commitsIn(output: ArrayBuffer): readonly Uint8Array[] {
    const count = this.#count(word.commitCount);
    // Two words a commit, each with its low half first; no output is as long as 4 GiB.
    const table = new Uint32Array(output, this.#count(word.tableAt), count * 4);
    const commits: Uint8Array[] = [];
    for (let index = 0; index < count; index += 1) commits.push(new Uint8Array(output, table[index * 4] ?? 0, table[index * 4 + 2] ?? 0));
    return commits;
  }

  #answersIn(output: ArrayBuffer, count: number): Uint8Array {
    return new Uint8Array(output, this.#count(word.answersAt), count * recordBytes);
  }

  /** Copies the engine's own output, which may have moved since the last call, to memory that is not zeroed first. */
  #copyOutput(): ArrayBuffer {
    const address = this.#word(word.outputAddress);
    const byteLength = this.#count(word.outputBytes);
    if (address !== this.#outputAddress || byteLength > this.#output.byteLength) {
      this.#output = new Uint8Array(byteLength === 0 ? new ArrayBuffer(0) : this.#library.viewMemory(address, byteLength));
      this.#outputAddress = address;
    }
    const copy = Buffer.allocUnsafeSlow(byteLength).buffer;
    new Uint8Array(copy).set(this.#output.subarray(0, byteLength));
    return copy;
  }
}
