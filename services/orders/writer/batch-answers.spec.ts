import { describe, expect, it } from 'vitest';
import { AckLevel, AnswerFlag } from '#contracts/tape/codes.generated.js';
import { encodeAnswerRecord, recordBytes, type AnswerRecord } from '#contracts/tape/layout.generated.js';
import { openCommandBatchAnswer, viewOf } from '#contracts/tape/message.js';
import { answersByBatch, batchAnswer, refusalAnswer } from './batch-answers.js';

const answer = (commandNumber: bigint, flags = 0): AnswerRecord => ({
  commandNumber,
  orderId: commandNumber,
  leavesQuantityLots: 5n,
  cumQuantityLots: 0n,
  cumNotionalUnits: 0n,
  observed: 0n,
  limit: 0n,
  code: 0,
  orderStatus: 1,
  execType: 1,
  flags,
  commandKind: 1,
  commandIndex: 999,
});

const encode = (records: readonly AnswerRecord[]): Uint8Array => {
  const bytes = new Uint8Array(records.length * recordBytes);
  records.forEach((record, index) => encodeAnswerRecord(viewOf(bytes), index * recordBytes, record));
  return bytes;
};

describe('answers of a group', () => {
  it('are cut by batch, each counting its commands from 0', () => {
    const [first, second] = answersByBatch(encode([answer(10n), answer(11n), answer(12n, AnswerFlag.Duplicate)]), [2, 1]);
    expect(first).toMatchObject({ firstCommandNumber: 10n, lastCommandNumber: 11n, hasDuplicate: false });
    expect(second).toMatchObject({ firstCommandNumber: 12n, lastCommandNumber: 12n, hasDuplicate: true });
    if (first === undefined) throw new Error('no first batch');
    const { header, answers } = openCommandBatchAnswer(
      batchAnswer(first, { shard: 3, epoch: 4n, streamSequence: 5n, ackLevel: AckLevel.Engine }),
    );
    expect(header).toEqual({
      code: 0,
      ackLevel: AckLevel.Engine,
      shard: 3,
      epoch: 4n,
      firstCommandNumber: 10n,
      lastCommandNumber: 11n,
      streamSequence: 5n,
      retryAfterMs: 0,
    });
    expect(answers.map(({ commandIndex, commandNumber }) => [commandIndex, commandNumber])).toEqual([
      [0, 10n],
      [1, 11n],
    ]);
  });

  it('must be as many as were queued', () => {
    expect(() => answersByBatch(encode([answer(10n)]), [2])).toThrow(RangeError);
  });

  it('of a refused batch carry the number of the error and when to come again', () => {
    const { header, answers } = openCommandBatchAnswer(refusalAnswer(2, 'BUSY', { epoch: 7n, retryAfterMs: 100 }));
    expect(header).toMatchObject({ code: 9002, shard: 2, epoch: 7n, retryAfterMs: 100, ackLevel: 0 });
    expect(answers).toEqual([]);
  });
});
