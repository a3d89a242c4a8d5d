/**
 * Cap'n Proto framing of the tape's messages: one segment, the root struct first, composite lists of 64-byte records.
 * Readers follow the pointers (so any correct encoder is understood) and check every bound before they trust it.
 */
import { FulltapeError } from '../result/result.js';
import {
  AnswerRecordSize,
  CommandBatchAnswerOffset,
  CommandBatchAnswerSize,
  CommandBatchOffset,
  CommandBatchSize,
  CommitOffset,
  CommitSize,
  decodeAnswerRecord,
  decodeCommandBatch,
  decodeCommandBatchAnswer,
  decodeCommit,
  encodeCommandBatch,
  encodeCommandBatchAnswer,
  recordBytes,
  type AnswerRecord,
  type CommandBatch,
  type CommandBatchAnswer,
  type Commit,
} from './layout.generated.js';

const wordBytes = 8;
const recordWords = recordBytes / wordBytes;

const malformed = (why: string): never => {
  throw new FulltapeError('MALFORMED_COMMAND_MESSAGE', { why });
};

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface Root {
  readonly dataAt: number;
  readonly pointersAt: number;
  readonly pointerCount: number;
}

/** A flat array of records inside a message: byte offset of the first, and how many. */
export interface RecordList {
  readonly at: number;
  readonly count: number;
}

const openRoot = (view: DataView, dataBytes: number): Root => {
  if (view.byteLength < 16) malformed('shorter than a header');
  if (view.getUint32(0, true) !== 0) malformed('more than one segment');
  const segmentWords = view.getUint32(4, true);
  if (8 + segmentWords * wordBytes > view.byteLength) malformed('the segment is cut');
  const low = view.getUint32(8, true);
  if ((low & 3) !== 0) malformed('the root is not a struct');
  const dataAt = 16 + (view.getInt32(8, true) >> 2) * wordBytes;
  const dataWords = view.getUint16(12, true);
  const pointerCount = view.getUint16(14, true);
  if (dataAt < 16 || dataWords * wordBytes < dataBytes) malformed('the root is of an older schema');
  const pointersAt = dataAt + dataWords * wordBytes;
  if (pointersAt + pointerCount * wordBytes > view.byteLength) malformed('the root leaves the segment');
  return { dataAt, pointersAt, pointerCount };
};

const openRecords = (view: DataView, root: Root, index: number): RecordList => {
  if (index >= root.pointerCount) return { at: 0, count: 0 };
  const pointerAt = root.pointersAt + index * wordBytes;
  const low = view.getInt32(pointerAt, true);
  const high = view.getUint32(pointerAt + 4, true);
  if (low === 0 && high === 0) return { at: 0, count: 0 };
  if ((low & 3) !== 1 || (high & 7) !== 7) malformed('a record list is not a composite list');
  const tagAt = pointerAt + wordBytes + (low >> 2) * wordBytes;
  const words = high >>> 3;
  if (tagAt < 16 || tagAt + wordBytes + words * wordBytes > view.byteLength) malformed('a record list leaves the segment');
  const count = view.getUint32(tagAt, true) >>> 2;
  if (view.getUint16(tagAt + 4, true) !== recordWords || view.getUint16(tagAt + 6, true) !== 0) malformed('a record is not 64 bytes');
  if (count * recordWords > words) malformed('a record list is longer than its words');
  return { at: tagAt + wordBytes, count };
};

/** A commit of the tape, opened without decoding its records. */
export interface CommitMessage {
  readonly view: DataView;
  readonly header: Commit;
  readonly commands: RecordList;
  readonly reports: RecordList;
}

/** @throws FulltapeError MALFORMED_COMMAND_MESSAGE when the bytes are not a whole commit. */
export const openCommit = (bytes: Uint8Array): CommitMessage => {
  const view = viewOf(bytes);
  const root = openRoot(view, CommitSize.dataBytes);
  return { view, header: decodeCommit(view, root.dataAt), commands: openRecords(view, root, 0), reports: openRecords(view, root, 1) };
};

/** The 32-byte hash of a commit as lower-case hex, for logs and comparison. */
export const commitHash = ({ header }: CommitMessage): string =>
  [header.hash0, header.hash1, header.hash2, header.hash3].map((word) => word.toString(16).padStart(16, '0')).join('');

export interface CommandBatchMessage {
  readonly view: DataView;
  readonly header: CommandBatch;
  readonly commands: RecordList;
}

/** @throws FulltapeError MALFORMED_COMMAND_MESSAGE */
export const openCommandBatch = (bytes: Uint8Array): CommandBatchMessage => {
  const view = viewOf(bytes);
  const root = openRoot(view, CommandBatchSize.dataBytes);
  return { view, header: decodeCommandBatch(view, root.dataAt), commands: openRecords(view, root, 0) };
};

const newMessage = (dataBytes: number, recordCount: number): { bytes: Uint8Array; view: DataView; recordsAt: number } => {
  const dataWords = dataBytes / wordBytes;
  const segmentWords = 1 + dataWords + 1 + 1 + recordCount * recordWords;
  const bytes = new Uint8Array(8 + segmentWords * wordBytes);
  const view = viewOf(bytes);
  view.setUint32(4, segmentWords, true);
  view.setUint16(12, dataWords, true);
  view.setUint16(14, 1, true);
  const pointerAt = 16 + dataBytes;
  view.setUint32(pointerAt, 1, true);
  view.setUint32(pointerAt + 4, (((recordCount * recordWords) << 3) | 7) >>> 0, true);
  view.setUint32(pointerAt + 8, recordCount << 2, true);
  view.setUint16(pointerAt + 12, recordWords, true);
  return { bytes, view, recordsAt: pointerAt + 16 };
};

/** Builds a `CommandBatch` around records that are already encoded (a whole number of 64-byte records). */
export const buildCommandBatch = (header: CommandBatch, records: Uint8Array): Uint8Array => {
  if (records.byteLength % recordBytes !== 0) throw new RangeError('records are 64 bytes each');
  const message = newMessage(CommandBatchSize.dataBytes, records.byteLength / recordBytes);
  encodeCommandBatch(message.view, 16, header);
  message.bytes.set(records, message.recordsAt);
  return message.bytes;
};

/** Builds a `CommandBatchAnswer` around encoded answer records; none when the batch was turned away. */
export const buildCommandBatchAnswer = (header: CommandBatchAnswer, answers: Uint8Array): Uint8Array => {
  if (answers.byteLength % recordBytes !== 0) throw new RangeError('records are 64 bytes each');
  const message = newMessage(CommandBatchAnswerSize.dataBytes, answers.byteLength / recordBytes);
  encodeCommandBatchAnswer(message.view, 16, header);
  message.bytes.set(answers, message.recordsAt);
  return message.bytes;
};

export interface CommandBatchAnswerMessage {
  readonly header: CommandBatchAnswer;
  readonly answers: readonly AnswerRecord[];
}

/** @throws FulltapeError MALFORMED_COMMAND_MESSAGE */
export const openCommandBatchAnswer = (bytes: Uint8Array): CommandBatchAnswerMessage => {
  const view = viewOf(bytes);
  const root = openRoot(view, CommandBatchAnswerSize.dataBytes);
  const list = openRecords(view, root, 0);
  return {
    header: decodeCommandBatchAnswer(view, root.dataAt),
    answers: Array.from({ length: list.count }, (_, index) => decodeAnswerRecord(view, list.at + index * recordBytes)),
  };
};

/** Where the fixed fields lie in messages that this platform writes (root struct directly behind its pointer). */
export const messageDataAt = 16;
export const fixedOffsets = {
  Commit: CommitOffset,
  CommandBatch: CommandBatchOffset,
  CommandBatchAnswer: CommandBatchAnswerOffset,
  AnswerRecord: AnswerRecordSize,
} as const;
