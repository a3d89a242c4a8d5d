import { errorTable, type AckLevel, type ErrorCode } from '#contracts/tape/codes.generated.js';
import { AnswerFlag } from '#contracts/tape/codes.generated.js';
import { AnswerRecordOffset, recordBytes } from '#contracts/tape/layout.generated.js';
import { buildCommandBatchAnswer, viewOf } from '#contracts/tape/message.js';

/** A batch that was turned away whole. `retryAfterMs` goes with BUSY. */
export const refusalAnswer = (
  shard: number,
  code: ErrorCode,
  options: { readonly epoch?: bigint; readonly retryAfterMs?: number } = {},
): Uint8Array =>
  buildCommandBatchAnswer(
    {
      code: errorTable[code].number,
      ackLevel: 0,
      shard,
      epoch: options.epoch ?? 0n,
      firstCommandNumber: 0n,
      lastCommandNumber: 0n,
      streamSequence: 0n,
      retryAfterMs: options.retryAfterMs ?? 0,
    },
    new Uint8Array(0),
  );

/** The answers of one batch inside the answers of its group. */
export interface BatchAnswers {
  /** 64-byte `AnswerRecord`s, `commandIndex` counting inside the batch. */
  readonly records: Uint8Array;
  readonly firstCommandNumber: bigint;
  readonly lastCommandNumber: bigint;
  /** Some command repeats an earlier one: its answer is the original's. */
  readonly hasDuplicate: boolean;
}

/** Cuts a group's answers into those of its batches, in the order of the queue. */
export const answersByBatch = (answers: Uint8Array, commandCounts: readonly number[]): readonly BatchAnswers[] => {
  let from = 0;
  return commandCounts.map((count) => {
    const records = answers.subarray(from * recordBytes, (from + count) * recordBytes);
    if (count === 0 || records.byteLength !== count * recordBytes)
      throw new RangeError(`the group answered ${answers.byteLength / recordBytes} commands, more were queued`);
    from += count;
    const view = viewOf(records);
    let hasDuplicate = false;
    for (let index = 0; index < count; index += 1) {
      view.setUint16(index * recordBytes + AnswerRecordOffset.commandIndex, index, true);
      if ((view.getUint8(index * recordBytes + AnswerRecordOffset.flags) & AnswerFlag.Duplicate) !== 0) hasDuplicate = true;
    }
    return {
      records,
      firstCommandNumber: view.getBigUint64(AnswerRecordOffset.commandNumber, true),
      lastCommandNumber: view.getBigUint64((count - 1) * recordBytes + AnswerRecordOffset.commandNumber, true),
      hasDuplicate,
    };
  });
};

/** The answer to a batch that was executed. */
export const batchAnswer = (
  answers: BatchAnswers,
  at: { readonly shard: number; readonly epoch: bigint; readonly streamSequence: bigint; readonly ackLevel: AckLevel },
): Uint8Array =>
  buildCommandBatchAnswer(
    {
      code: 0,
      ackLevel: at.ackLevel,
      shard: at.shard,
      epoch: at.epoch,
      firstCommandNumber: answers.firstCommandNumber,
      lastCommandNumber: answers.lastCommandNumber,
      streamSequence: at.streamSequence,
      retryAfterMs: 0,
    },
    answers.records,
  );
