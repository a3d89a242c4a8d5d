import type { NatsConnection } from '@nats-io/transport-node';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { formatPosition, tapePosition } from '#contracts/position/position.js';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { readTape, tapeExtent } from '#platform/tape/tape-reader.js';
import { askOrdersStatus, CommandSender, replayShard } from './command-sender.js';
import { readDay, type DayFiles, type DaySurvey } from './day-files.js';
import { OrderDesk, type ReplayParties } from './order-desk.js';
import { DayPlan, type PlannedRow } from './plan-day.js';
import { profileCommands } from './replay-profile.js';
import { RowChecker, type ReplayTotals } from './row-checker.js';
import { ReplayTapeFollower } from './tape-follower.js';

/** Commands in one message: about 170 bytes each, so a batch is a fifth of the broker's largest message. */
const batchCommandsMax = 1_000;
/** Rows that may wait for the tape's reports before sending pauses. */
const rowsWaitingMax = 20_000;
/** The tape may be this long behind the last acknowledgement. */
const tapeLagMsMax = 60_000;

export interface ReplayProgress {
  readonly linesDone: number;
  readonly lines: number;
  readonly commandsSent: number;
}

export interface ReplayOutcome {
  readonly totals: ReplayTotals;
  readonly commands: number;
  /** From the first batch sent to the last one acknowledged as DURABLE. */
  readonly sendMs: number;
  /** How often sending went on after a lost answer. */
  readonly resumed: number;
  readonly tapePosition: string;
  readonly lastCommandNumber: bigint;
  /** Hash of the engine's whole state at the end. */
  readonly stateHash: string;
}

export interface ReplayOptions {
  readonly connection: NatsConnection;
  readonly files: DayFiles;
  readonly survey: DaySurvey;
  readonly parties: ReplayParties;
  readonly symbol: string;
  readonly midnightNanos: bigint;
  /** Whether the writer takes the times of the records (`orders.clock` is 'supplied'). */
  readonly timeSupplied: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/** The definitions of the replay as a row before the first, so that they are counted and followed like all commands. */
export const profileRow = (commands: readonly EngineCommand[]): PlannedRow => ({
  line: 0,
  commands,
  rows: null,
  execution: null,
  reconciliation: { levelsSeeded: 0, quantitySeeded: 0n, levelsTrimmed: 0, quantityTrimmed: 0n },
  leftOut: new Set(),
});

/**
 * Sends one recorded day through a running platform and checks what its tape reports, both at the same time.
 * @throws FulltapeError for files that changed while they were read, a platform that stays away, or a tape that does not hold together.
 * A book that differs is an outcome, not an error.
 */
export const replayDay = async (options: ReplayOptions): Promise<ReplayOutcome> => {
  const { connection, survey, parties } = options;
  const checker = new RowChecker(survey.priceUnit);
  const follower = new ReplayTapeFollower(parties, checker);
  const following = new AbortController();
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const { lastSequence } = await tapeExtent(connection, replayShard);
  const follow = async (): Promise<void> => {
    try {
      for await (const entry of readTape(connection, replayShard, { fromStreamSequence: lastSequence + 1n, signal: following.signal })) {
        follower.read(entry);
      }
    } catch (error) {
      stop.abort(error); // nothing that is sent from here on could be checked
      throw error;
    }
  };
  const followed = follow();
  followed.catch(() => undefined); // it is awaited below; until then it must not count as unhandled
  try {
    const sender = new CommandSender({
      connection,
      port: new NatsCommandPort(connection),
      follower,
      timeSupplied: options.timeSupplied,
      signal,
    });
    const sendMs = await sendDay(options, { checker, sender, signal });
    await waitUntil(() => follower.done >= sender.sent, {
      timeoutMs: tapeLagMsMax,
      intervalMs: 5,
      signal,
      what: 'the reports of the last command',
    });
    const status = await askOrdersStatus(connection);
    if (status === null) throw new FulltapeError('STORE_UNAVAILABLE', { reason: 'the writer does not answer' });
    return {
      totals: checker.totals,
      commands: sender.sent,
      sendMs,
      resumed: sender.resumed,
      tapePosition: formatPosition(tapePosition(replayShard, follower.lastCommandNumber)),
      lastCommandNumber: follower.lastCommandNumber,
      stateHash: status.stateHash,
    };
  } finally {
    following.abort();
    await followed;
  }
};

interface SendingParts {
  readonly checker: RowChecker;
  readonly sender: CommandSender;
  readonly signal: AbortSignal;
}

const sendDay = async (options: ReplayOptions, { checker, sender, signal }: SendingParts): Promise<number> => {
  const { files, survey, parties, midnightNanos } = options;
  const plan = new DayPlan(new OrderDesk(parties, survey.priceUnit), survey.ahead, midnightNanos);
  const startedAt = performance.now();
  let batch: EngineCommand[] = [];
  let underWay: Promise<void> = Promise.resolve();
  const send = async (commands: readonly EngineCommand[]): Promise<void> => {
    for (let at = 0; at < commands.length; at += batchCommandsMax) await sender.send(commands.slice(at, at + batchCommandsMax));
  };
  /** Hands the batch over when the one before it is acknowledged, so that planning goes on while one is under way. */
  const flush = async (): Promise<void> => {
    await underWay;
    underWay = send(batch);
    underWay.catch(() => undefined); // the next flush throws it
    batch = [];
    options.onProgress?.({ linesDone: checker.linesDone, lines: survey.messages, commandsSent: sender.sent });
    if (checker.rowsWaiting > rowsWaitingMax) {
      await waitUntil(() => checker.rowsWaiting <= rowsWaitingMax / 2, {
        timeoutMs: tapeLagMsMax,
        intervalMs: 5,
        signal,
        what: 'the tape to catch up',
      });
    }
  };
  const add = (row: PlannedRow): void => {
    checker.expect(row);
    batch.push(...row.commands);
  };
  let isFirst = true;
  for await (const block of readDay(files)) {
    for (const { message, row } of block) {
      if (isFirst) {
        const timeNanos = midnightNanos + message.timeNanos;
        add(profileRow(profileCommands(parties, { symbol: options.symbol, priceUnit: survey.priceUnit, timeNanos })));
        isFirst = false;
      }
      add(plan.next(message, row));
      if (batch.length >= batchCommandsMax) await flush();
    }
  }
  await flush();
  await underWay;
  return performance.now() - startedAt;
};
