import type { CommandRecord, Commit, ReportRecord } from '#contracts/tape/layout.generated.js';
import { CommitSize, encodeCommandRecord, encodeCommit, encodeReportRecord, recordBytes } from '#contracts/tape/layout.generated.js';
import { viewOf } from '#contracts/tape/message.js';
import { emptyCommit } from '#platform/tape/testing/empty-commit.js';

const wordBytes = 8;
const recordWords = recordBytes / wordBytes;
const dataAt = 16;

/** A message of the tape around records that a test names; hashes are left empty, because readers of the live feed do not check them. */
export const buildCommit = (header: Partial<Commit>, commands: readonly CommandRecord[], reports: readonly ReportRecord[]): Uint8Array => {
  const pointersAt = dataAt + CommitSize.dataBytes;
  const listsAt = pointersAt + CommitSize.pointers * wordBytes;
  const lists = [commands.length, reports.length].map((count) => wordBytes + count * recordBytes);
  const bytes = new Uint8Array(listsAt + lists.reduce((sum, size) => sum + size, 0));
  const view = viewOf(bytes);
  view.setUint32(4, bytes.byteLength / wordBytes - 1, true);
  view.setUint16(12, CommitSize.dataBytes / wordBytes, true);
  view.setUint16(14, CommitSize.pointers, true);
  encodeCommit(view, dataAt, { ...emptyCommit, commandCount: commands.filter(({ type }) => type !== 'clientOrder').length, ...header });
  const openList = (index: number, at: number, count: number): number => {
    const pointerAt = pointersAt + index * wordBytes;
    view.setInt32(pointerAt, ((at - pointerAt - wordBytes) / wordBytes) * 4 + 1, true);
    view.setUint32(pointerAt + 4, ((count * recordWords) << 3) | 7, true);
    view.setUint32(at, count << 2, true);
    view.setUint16(at + 4, recordWords, true);
    return at + wordBytes;
  };
  const commandsAt = openList(0, listsAt, commands.length);
  const reportsAt = openList(1, listsAt + (lists[0] ?? 0), reports.length);
  commands.forEach((record, index) => encodeCommandRecord(view, commandsAt + index * recordBytes, record));
  reports.forEach((record, index) => encodeReportRecord(view, reportsAt + index * recordBytes, record));
  return bytes;
};
