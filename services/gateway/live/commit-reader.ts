/**
 * One commit of the tape as the live feed needs it. Records are looked at through fixed offsets and only decoded where somebody
 * listens, because under load nearly all records are of orders that nobody watches.
 */
import { ReportFlag } from '#contracts/tape/codes.generated.js';
import {
  CommandRecordOffset,
  CommandRecordTag,
  decodeCommandRecord,
  decodeReportRecord,
  recordBytes,
  ReportRecordOffset,
  type CommandRecord,
  type ReportRecord,
} from '#contracts/tape/layout.generated.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { wordsToText } from '#contracts/tape/text-words.js';

/** A primary report, not yet decoded. */
export interface ReportView {
  readonly view: DataView;
  /** Byte offset of the record. */
  readonly at: number;
  /** Union tag, see ReportRecordTag. */
  readonly kind: number;
  readonly commandNumber: bigint;
  /** Index of the record among all records of its command's commits; orders the effects of one command. */
  readonly recordIndex: number;
  readonly timeNanos: bigint;
  decode(): ReportRecord | null;
  /** The first extension record behind it. */
  extension(): ReportRecord | null;
  /** Client order id of the command that caused it. */
  clientOrderId(): string | null;
  /** The command that caused it. */
  command(): CommandRecord | null;
  /** Extension records behind that command. */
  commandExtensions(): readonly CommandRecord[];
}

interface CommandPlaces {
  readonly view: DataView;
  readonly at: readonly number[];
}

const placesOf = (commit: CommitMessage): CommandPlaces => {
  const at: number[] = [];
  for (let index = 0; index < commit.commands.count;) {
    const place = commit.commands.at + index * recordBytes;
    at.push(place);
    index += 1 + commit.view.getUint8(place + CommandRecordOffset.extensionCount);
  }
  return { view: commit.view, at };
};

/** Reads commits in order; a command that spans commits keeps its number and time, and its records count on. */
export class CommitReader {
  #firstCommandNumber = 0n;
  #commandCount = 0;
  #recordsBefore = 0;
  #commands: CommandPlaces = { view: new DataView(new ArrayBuffer(0)), at: [] };
  #whole = 0n;

  /** Last command whose effects have all been read. */
  get wholeCommandNumber(): bigint {
    return this.#whole;
  }

  /** Last command of which anything has been read. */
  get seenCommandNumber(): bigint {
    const last = this.#firstCommandNumber + BigInt(this.#commandCount) - 1n;
    return last > this.#whole ? last : this.#whole;
  }

  /** Begins behind a command that was read elsewhere. */
  startBehind(commandNumber: bigint): void {
    this.#whole = commandNumber;
  }

  /** Commands of one kind in the commit, for what the reports do not say. */
  *commandsOf(kind: number): Generator<{ readonly record: CommandRecord; readonly extensions: readonly CommandRecord[] }> {
    const { view, at } = this.#commands;
    for (const place of at) {
      if (view.getUint16(place + CommandRecordOffset.kind, true) !== kind) continue;
      const record = decodeCommandRecord(view, place);
      if (record !== null) yield { record, extensions: extensionsAt(view, place) };
    }
  }

  /** Primary reports in order, without the repeated outcomes of duplicates. @throws FulltapeError MALFORMED_COMMAND_MESSAGE */
  *read(bytes: Uint8Array): Generator<ReportView> {
    const commit = openCommit(bytes);
    const { view, header, reports } = commit;
    // A command that spans commits stands in part 0 alone; an empty commit in between opens nothing.
    if (header.part === 0 && commit.commands.count > 0) {
      this.#firstCommandNumber = header.firstCommandNumber;
      this.#commandCount = header.commandCount;
      this.#recordsBefore = 0;
      this.#commands = placesOf(commit);
    }
    for (let index = 0; index < reports.count;) {
      const at = reports.at + index * recordBytes;
      const flags = view.getUint8(at + ReportRecordOffset.flags);
      if ((flags & ReportFlag.Duplicate) === 0) yield this.#viewOf(view, at, index);
      index += 1 + view.getUint8(at + ReportRecordOffset.extensionCount);
    }
    this.#recordsBefore += reports.count;
    if (header.lastPart === 1 && this.#commandCount > 0) this.#whole = this.#firstCommandNumber + BigInt(this.#commandCount) - 1n;
  }

  #viewOf(view: DataView, at: number, index: number): ReportView {
    const commandIndex = view.getUint32(at + ReportRecordOffset.commandIndex, true);
    const commands = this.#commands;
    const place = commands.at[commandIndex];
    const extensionCount = view.getUint8(at + ReportRecordOffset.extensionCount);
    return {
      view,
      at,
      kind: view.getUint16(at + ReportRecordOffset.kind, true),
      commandNumber: this.#firstCommandNumber + BigInt(commandIndex),
      recordIndex: this.#recordsBefore + index,
      timeNanos: place === undefined ? 0n : commands.view.getBigUint64(place + CommandRecordOffset.timeNanos, true),
      decode: () => decodeReportRecord(view, at),
      extension: () => (extensionCount === 0 ? null : decodeReportRecord(view, at + recordBytes)),
      clientOrderId: () => (place === undefined ? null : clientOrderIdAt(commands.view, place)),
      command: () => (place === undefined ? null : decodeCommandRecord(commands.view, place)),
      commandExtensions: () => (place === undefined ? [] : extensionsAt(commands.view, place)),
    };
  }
}

const extensionsAt = (view: DataView, place: number): CommandRecord[] =>
  Array.from({ length: view.getUint8(place + CommandRecordOffset.extensionCount) }, (_, index) =>
    decodeCommandRecord(view, place + (index + 1) * recordBytes),
  ).filter((entry) => entry !== null);

const clientOrderIdAt = (view: DataView, place: number): string | null => {
  const count = view.getUint8(place + CommandRecordOffset.extensionCount);
  for (let step = 1; step <= count; step += 1) {
    const at = place + step * recordBytes;
    if (view.getUint16(at + CommandRecordOffset.kind, true) !== CommandRecordTag.clientOrder) continue;
    const record = decodeCommandRecord(view, at);
    if (record?.type === 'clientOrder') return wordsToText([record.text0, record.text1, record.text2, record.text3, record.text4]);
  }
  return null;
};
