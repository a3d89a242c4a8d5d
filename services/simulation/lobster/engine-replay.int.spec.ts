import { describe, expect, test } from 'vitest';
import { encodeCommands, type EngineCommand } from '#contracts/commands/order-commands.js';
import { AckLevel, BatchFlag } from '#contracts/tape/codes.generated.js';
import { buildCommandBatch } from '#contracts/tape/message.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { readDay, surveyDay, type DayFiles } from './day-files.js';
import { OrderDesk } from './order-desk.js';
import { DayPlan } from './plan-day.js';
import { profileRow } from './replay-day.js';
import { partiesOf, profileCommands } from './replay-profile.js';
import { RowChecker, type ReplayTotals } from './row-checker.js';
import { ReplayTapeFollower } from './tape-follower.js';
import { withDayFiles } from './testing/dry-run.js';
import { generateDay } from './testing/generate-day.js';
import { recordedDays } from './testing/recorded-days.js';

interface EngineReplay {
  readonly totals: ReplayTotals;
  readonly commands: number;
  readonly done: number;
  readonly stateHash: string;
}

/** The whole day through the native engine in this process: the replay without broker and stores. */
const replayThroughEngine = async (files: DayFiles, batchCommands: number): Promise<EngineReplay> => {
  const survey = await surveyDay(files);
  const parties = partiesOf(0n);
  const checker = new RowChecker(survey.priceUnit);
  const follower = new ReplayTapeFollower(parties, checker);
  const plan = new DayPlan(new OrderDesk(parties, survey.priceUnit), survey.ahead, 0n);
  const shard = EngineShard.open({ shard: 0 });
  let commands = 0;
  let streamSequence = 0n;
  let batch: EngineCommand[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    const { records, commandCount } = encodeCommands(batch);
    follower.expect(batch);
    shard.enqueue(
      buildCommandBatch({ ackLevel: AckLevel.Engine, flags: BatchFlag.TimeSupplied, commandCount, deadlineNanos: 0n }, records),
    );
    for (const bytes of shard.execute(0n, { timesSupplied: true }).commits)
      follower.read({ streamSequence: (streamSequence += 1n), bytes });
    commands += commandCount;
    batch = [];
  };
  const send = (sent: readonly EngineCommand[]): void => {
    for (const command of sent) {
      batch.push(command);
      if (batch.length === batchCommands) flush();
    }
  };
  try {
    const profile = profileRow(profileCommands(parties, { symbol: 'TEST', priceUnit: survey.priceUnit, timeNanos: 0n }));
    checker.expect(profile);
    send(profile.commands);
    for await (const block of readDay(files)) {
      for (const { message, row } of block) {
        const planned = plan.next(message, row);
        checker.expect(planned);
        send(planned.commands);
      }
    }
    flush();
    return { totals: checker.totals, commands, done: follower.done, stateHash: shard.stateHash() };
  } finally {
    shard.close();
  }
};

describe('the native engine', () => {
  test('gives a generated day back row by row, and the same state however it is cut into batches', async () => {
    const day = generateDay({ seed: 21, rows: 6_000, depth: 5, priceStep: 100n, reuseIds: true });
    const outcomes = await withDayFiles(day, async (files) => [
      await replayThroughEngine(files, 1_000),
      await replayThroughEngine(files, 7),
    ]);
    for (const { totals, commands, done } of outcomes) {
      expect(totals).toMatchObject({
        firstDifference: null,
        rowsEqual: day.rows - 1,
        executions: day.executions,
        executedQuantity: day.executedQuantity,
      });
      expect(done).toBe(commands);
    }
    expect(outcomes[1]?.stateHash).toBe(outcomes[0]?.stateHash);
  });

  for (const { symbol, files, isPresent, rows, executions, executedShares } of recordedDays) {
    test.skipIf(!isPresent)(
      `gives the recorded day of ${symbol} back row by row${isPresent ? '' : ' (skipped: ../shared/data/lobster is not there)'}`,
      async () => {
        const { totals, commands, done } = await replayThroughEngine(files, 1_000);
        expect(totals).toMatchObject({ firstDifference: null, rowsCompared: rows, rowsEqual: rows, commandsRefused: 0 });
        expect(totals).toMatchObject({ executions, trades: executions, executedQuantity: BigInt(executedShares) });
        expect(done).toBe(commands);
      },
    );
  }
});
