import { decodeCommandRecord, decodeReportRecord, recordBytes, type CommandRecord, type ReportRecord } from './layout.generated.js';
import type { CommitMessage } from './message.js';

/** A primary command with the extension records behind it. */
export interface TapeCommand {
  readonly commandNumber: bigint;
  readonly record: CommandRecord;
  readonly extensions: readonly CommandRecord[];
}

/** A primary report with the extension records behind it. */
export interface TapeReport {
  readonly commandNumber: bigint;
  /** Index of the primary record among the commit's report records; orders effects inside one commit. */
  readonly recordIndex: number;
  readonly record: ReportRecord;
  readonly extensions: readonly ReportRecord[];
}

/** Primary commands of a commit in order. Kinds of a later release are passed over together with their extensions. */
export function* walkCommands(commit: CommitMessage): Generator<TapeCommand> {
  let number = commit.header.firstCommandNumber;
  for (let index = 0; index < commit.commands.count;) {
    const at = commit.commands.at + index * recordBytes;
    const record = decodeCommandRecord(commit.view, at);
    const extensionCount = commit.view.getUint8(at);
    const extensions: CommandRecord[] = [];
    for (let step = 1; step <= extensionCount; step += 1) {
      const extension = decodeCommandRecord(commit.view, at + step * recordBytes);
      if (extension !== null) extensions.push(extension);
    }
    if (record !== null) yield { commandNumber: number, record, extensions };
    number += 1n;
    index += 1 + extensionCount;
  }
}

/** Primary reports of a commit in order. */
export function* walkReports(commit: CommitMessage): Generator<TapeReport> {
  for (let index = 0; index < commit.reports.count;) {
    const at = commit.reports.at + index * recordBytes;
    const record = decodeReportRecord(commit.view, at);
    const extensionCount = commit.view.getUint8(at + 1);
    const extensions: ReportRecord[] = [];
    for (let step = 1; step <= extensionCount; step += 1) {
      const extension = decodeReportRecord(commit.view, at + step * recordBytes);
      if (extension !== null) extensions.push(extension);
    }
    if (record !== null)
      yield { commandNumber: commit.header.firstCommandNumber + BigInt(record.commandIndex), recordIndex: index, record, extensions };
    index += 1 + extensionCount;
  }
}

/** The extension of one kind, if it is there. */
export const extensionOf = <Kind extends CommandRecord['type'] | ReportRecord['type'], Entry extends { readonly type: string }>(
  extensions: readonly Entry[],
  type: Kind,
): Extract<Entry, { readonly type: Kind }> | undefined => {
  for (const extension of extensions) if (extension.type === type) return extension as Extract<Entry, { readonly type: Kind }>;
  return undefined;
};

/** Signed 128-bit value from its two words. */
export const wideOf = (low: bigint, high: bigint): bigint => (high << 64n) | low;
