import { describe, expect, it } from 'vitest';
import { recordsOf } from '#contracts/commands/order-commands.js';
import { parseAccountId, parseClientOrderId, parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import { ReportFlag } from '#contracts/tape/codes.generated.js';
import { ReportRecordTag, type CommandRecord, type ReportRecord } from '#contracts/tape/layout.generated.js';
import { buildCommit } from '../testing/build-commit.js';
import { CommitReader } from './commit-reader.js';

const entry = (clientOrderId: string | null, timeNanos: bigint): CommandRecord[] =>
  recordsOf({
    type: 'PlaceOrder',
    accountId: unwrap(parseAccountId(1001)),
    instrumentId: unwrap(parseInstrumentId(1)),
    side: 1,
    orderType: 2,
    timeInForce: 1,
    priceTicks: 100n,
    quantityLots: 5n,
    timeNanos,
    ...(clientOrderId === null ? {} : { clientOrderId: unwrap(parseClientOrderId(clientOrderId)) }),
  });

const done = (commandIndex: number, change: Partial<Pick<ReportRecord, 'flags' | 'extensionCount'>> = {}): ReportRecord => ({
  type: 'done',
  flags: 0,
  extensionCount: 0,
  commandIndex,
  commandKind: 1,
  targetId: 0n,
  affectedCount: 0n,
  ...change,
});
const detail: ReportRecord = {
  type: 'tradeDetail',
  flags: 0,
  extensionCount: 0,
  commandIndex: 0,
  makerLeavesLots: 0n,
  takerLeavesLots: 0n,
  makerCumLots: 0n,
  takerCumLots: 0n,
  makerFeeUnits: 0n,
  takerFeeUnits: 0n,
  notionalUnits: 7n,
};

describe('CommitReader', () => {
  it('gives each report its command, time, client order id and place', () => {
    const reader = new CommitReader();
    const bytes = buildCommit(
      { firstCommandNumber: 41n },
      [...entry('first', 1_000n), ...entry(null, 2_000n)],
      [done(0), { ...done(0), extensionCount: 1 }, detail, done(1)],
    );
    const reports = [...reader.read(bytes)];
    expect(reports.map(({ commandNumber, recordIndex, timeNanos }) => [commandNumber, recordIndex, timeNanos])).toEqual([
      [41n, 0, 1_000n],
      [41n, 1, 1_000n],
      [42n, 3, 2_000n],
    ]);
    expect(reports.map((report) => report.clientOrderId())).toEqual(['first', 'first', null]);
    expect(reports[1]?.extension()).toMatchObject({ type: 'tradeDetail', notionalUnits: 7n });
    expect(reports[0]?.extension()).toBeNull();
    expect(reports[0]?.kind).toBe(ReportRecordTag.done);
    expect(reports[2]?.command()).toMatchObject({ type: 'placeOrder', priceTicks: 100n });
    expect([reader.wholeCommandNumber, reader.seenCommandNumber]).toEqual([42n, 42n]);
  });

  it('keeps number, time and count of a command that spans commits, and calls it whole with its last part', () => {
    const reader = new CommitReader();
    const part0 = [...reader.read(buildCommit({ firstCommandNumber: 7n, lastPart: 0 }, entry('sweep', 5n), [done(0), done(0)]))];
    expect([reader.wholeCommandNumber, reader.seenCommandNumber]).toEqual([0n, 7n]);
    const part1 = [...reader.read(buildCommit({ firstCommandNumber: 8n, part: 1, lastPart: 0 }, [], [done(0)]))];
    // A new epoch begins with an empty commit; it must not end the command in between.
    expect([...reader.read(buildCommit({ firstCommandNumber: 8n, lastPart: 0 }, [], []))]).toEqual([]);
    const part2 = [...reader.read(buildCommit({ firstCommandNumber: 8n, part: 2 }, [], [done(0)]))];
    const places = [...part0, ...part1, ...part2].map(({ commandNumber, recordIndex, timeNanos }) => [
      commandNumber,
      recordIndex,
      timeNanos,
    ]);
    expect(places).toEqual([
      [7n, 0, 5n],
      [7n, 1, 5n],
      [7n, 2, 5n],
      [7n, 3, 5n],
    ]);
    expect(part2[0]?.clientOrderId()).toBe('sweep');
    expect([reader.wholeCommandNumber, reader.seenCommandNumber]).toEqual([7n, 7n]);
  });

  it('passes over outcomes that only repeat an earlier answer', () => {
    const reader = new CommitReader();
    const reports = [
      ...reader.read(buildCommit({}, entry('again', 1n), [done(0, { flags: ReportFlag.Duplicate | ReportFlag.Outcome }), done(0)])),
    ];
    expect(reports.map(({ recordIndex }) => recordIndex)).toEqual([1]);
  });

  it('begins behind what was read elsewhere, and refuses bytes that are no commit', () => {
    const reader = new CommitReader();
    reader.startBehind(99n);
    expect([reader.wholeCommandNumber, reader.seenCommandNumber]).toEqual([99n, 99n]);
    const bytes = buildCommit({}, entry(null, 1n), [done(0)]);
    expect(() => [...reader.read(bytes.subarray(0, bytes.byteLength - 8))]).toThrow(/MALFORMED_COMMAND_MESSAGE/);
  });
});
