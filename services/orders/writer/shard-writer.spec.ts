import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import { AckLevel } from '#contracts/tape/codes.generated.js';
import { openCommandBatchAnswer, type CommandBatchAnswerMessage } from '#contracts/tape/message.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { batchOf, flowOrder, openMarket } from '#platform/engine/testing/market.js';
import { FakeCommitPublisher } from '../testing/fake-commit-publisher.js';
import { ShardWriter, type ShardWriterOptions } from './shard-writer.js';
import { WriterClock } from './writer-clock.js';
import { defaultWriterLimits, type WriterLimits } from './writer-limits.js';

const second = 1_000_000_000n;
const engineConfig = { shard: 0, maxOrders: 4_096, maxAccounts: 64, maxInstruments: 16 };

let engine: EngineShard;
let publisher: FakeCommitPublisher;
let writer: ShardWriter;
let now: { wall: bigint; monotonic: bigint };
let state: { isLeaseValid: boolean; isDiskLow: boolean; ended: FulltapeError | null };

const open = (limits: Partial<WriterLimits> = {}, change: Partial<ShardWriterOptions> = {}): void => {
  now = { wall: 1_800_000_000n * second, monotonic: 0n };
  state = { isLeaseValid: true, isDiskLow: false, ended: null };
  engine = EngineShard.open(engineConfig);
  engine.startEpoch(1n);
  engine.enqueue(batchOf(openMarket));
  engine.execute(now.wall, { timesSupplied: false });
  writer = new ShardWriter({
    shard: 0,
    epoch: 1n,
    engine,
    clockMode: 'wall',
    clock: new WriterClock({ wallNanos: () => now.wall, monotonicNanos: () => now.monotonic }),
    limits: { ...defaultWriterLimits, idleAdvanceMs: 1_000_000, ...limits },
    startPublisher: (callbacks) => (publisher = new FakeCommitPublisher(callbacks)),
    isLeaseValid: () => state.isLeaseValid,
    isDiskLow: () => state.isDiskLow,
    onAcknowledged: () => undefined,
    rebuildEngine: () => Promise.reject(new FulltapeError('INTERNAL')),
    onEnded: (error) => {
      state.ended = error;
    },
    ...change,
  });
};

beforeEach(() => open());
afterEach(async () => {
  publisher.acknowledgeAll();
  await writer.close(0);
  engine.close();
});

const flow = (from: number, count: number) => Array.from({ length: count }, (_, index) => flowOrder(from + index, 'w'));
const submit = async (message: Uint8Array): Promise<CommandBatchAnswerMessage> => openCommandBatchAnswer(await writer.submit(message));
const codeOf = async (answer: Promise<CommandBatchAnswerMessage>): Promise<number> => (await answer).header.code;
/** Lets the writer take its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
/** Whether it is settled by now. */
const isAnswered = async (answer: Promise<unknown>): Promise<boolean> => {
  await turn();
  await turn();
  return Promise.race([answer.then(() => true), turn().then(() => false)]);
};

describe('answers of the writer', () => {
  it('at level ENGINE do not wait for the broker, at level DURABLE they do', async () => {
    const engineAnswer = submit(batchOf(flow(0, 2), { ackLevel: AckLevel.Engine }));
    const durableAnswer = submit(batchOf(flow(2, 2), { ackLevel: AckLevel.Durable }));
    expect((await engineAnswer).header).toMatchObject({ code: 0, ackLevel: AckLevel.Engine, epoch: 1n });
    expect(await isAnswered(durableAnswer)).toBe(false);
    publisher.acknowledgeAll();
    expect((await durableAnswer).header).toMatchObject({ code: 0, ackLevel: AckLevel.Durable, streamSequence: 1n });
    expect((await durableAnswer).answers.map(({ commandIndex }) => commandIndex)).toEqual([0, 1]);
  });

  it('at level ENGINE wait for the broker too when the lease is not valid', async () => {
    state.isLeaseValid = false;
    const answer = submit(batchOf(flow(0, 1), { ackLevel: AckLevel.Engine }));
    expect(await isAnswered(answer)).toBe(false);
    publisher.acknowledgeAll();
    expect((await answer).header.ackLevel).toBe(AckLevel.Durable);
  });

  it('and commits stand in memory that is given back when the broker has the commit, unless it was sent again', async () => {
    const lengths: number[] = [];
    for (const attempts of [1, 2]) {
      publisher.attempts = attempts;
      const answer = submit(batchOf(flow(attempts * 10, 200), { ackLevel: AckLevel.Durable }));
      expect(await isAnswered(answer)).toBe(false);
      const commit = publisher.commits.at(-1);
      expect(commit?.bytes.byteLength).toBeGreaterThan(200 * 64);
      publisher.acknowledgeAll();
      expect((await answer).answers).toHaveLength(200);
      lengths.push(commit?.bytes.byteLength ?? 0);
    }
    expect(lengths[0]).toBe(0);
    expect(lengths[1]).toBeGreaterThan(200 * 64);
  });

  it('batches what arrives in one turn into one commit', async () => {
    const answers = Array.from({ length: 50 }, (_, index) => submit(batchOf(flow(index, 1), { ackLevel: AckLevel.Engine })));
    await Promise.all(answers);
    expect(publisher.commits).toHaveLength(1);
  });

  it('of a message that the engine cannot read goes to its sender alone', async () => {
    const bad = batchOf(flow(1, 1));
    bad[48] = 4; // extension records that are not there
    const answers = [
      submit(batchOf(flow(0, 1), { ackLevel: AckLevel.Engine })),
      submit(bad),
      submit(batchOf(flow(2, 1), { ackLevel: AckLevel.Engine })),
    ];
    expect(await Promise.all(answers.map(codeOf))).toEqual([0, 1011, 0]);
  });

  it('says TIMED_OUT for what is behind its deadline, unsequenced', async () => {
    const before = engine.nextCommandNumber;
    expect(await codeOf(submit(batchOf(flow(0, 1), { deadlineNanos: now.wall - 1n })))).toBe(9009);
    expect(await codeOf(submit(batchOf(flow(0, 1), { deadlineNanos: now.wall + second, ackLevel: AckLevel.Engine })))).toBe(0);
    expect(engine.nextCommandNumber).toBe(before + 1n);
  });
});

describe('admission', () => {
  it('turns away with BUSY what passes the queue, and takes it again afterwards', async () => {
    await writer.close(0);
    engine.close();
    open({ queueCommandsMax: 10, inFlightCommitsMax: 1 });
    const first = submit(batchOf(flow(0, 1))); // fills the window: nothing more is executed until the broker answers
    await turn();
    const queued = submit(batchOf(flow(1, 10)));
    const refused = await submit(batchOf(flow(11, 1)));
    expect(refused.header).toMatchObject({ code: 9002, retryAfterMs: 100 });
    publisher.acknowledgeAll();
    await turn();
    publisher.acknowledgeAll();
    expect([await codeOf(first), await codeOf(queued)]).toEqual([0, 0]);
    expect(await codeOf(submit(batchOf(flow(11, 1), { ackLevel: AckLevel.Engine })))).toBe(0);
  });

  it('turns away with BUSY while the broker lags or the disk is nearly full', async () => {
    publisher.lagMs = defaultWriterLimits.lagMsMax + 1;
    expect(await codeOf(submit(batchOf(flow(0, 1))))).toBe(9002);
    publisher.lagMs = 0;
    state.isDiskLow = true;
    expect(await codeOf(submit(batchOf(flow(0, 1))))).toBe(9002);
    state.isDiskLow = false;
    expect(await codeOf(submit(batchOf(flow(0, 1), { ackLevel: AckLevel.Engine })))).toBe(0);
  });

  it('refuses times from outside under the wall clock', async () => {
    expect(await codeOf(submit(batchOf(flow(0, 1), { timeSupplied: true })))).toBe(4002);
  });
});

describe('a wall clock that jumps ahead', () => {
  it('stops writing until an operator confirms it', async () => {
    now.wall += 3_600n * second;
    const before = engine.nextCommandNumber;
    expect(await codeOf(submit(batchOf(flow(0, 1))))).toBe(3014);
    expect(await codeOf(submit(batchOf([{ type: 'AdvanceTime', confirmJump: false }])))).toBe(3014);
    expect(engine.nextCommandNumber).toBe(before);
    expect(await codeOf(submit(batchOf([{ type: 'AdvanceTime', confirmJump: true }], { ackLevel: AckLevel.Engine })))).toBe(0);
    expect(await codeOf(submit(batchOf(flow(1, 1), { ackLevel: AckLevel.Engine })))).toBe(0);
    expect(engine.engineTimeNanos).toBe(now.wall);
  });
});

describe('an end of writing', () => {
  it.each([
    ['UNKNOWN_OUTCOME', 9003, 9002],
    ['TAPE_ROLLED_BACK', 9003, 9002],
    ['FENCED', 9007, 9006],
  ] as const)('by %s answers those in flight and those in the queue', async (code, inFlightCode, queuedCode) => {
    await writer.close(0);
    engine.close();
    open({ inFlightCommitsMax: 1 });
    const inFlight = submit(batchOf(flow(0, 1)));
    await turn();
    const queued = submit(batchOf(flow(1, 1)));
    await turn();
    publisher.fail(new FulltapeError(code));
    expect([await codeOf(inFlight), await codeOf(queued)]).toEqual([inFlightCode, queuedCode]);
    expect(state.ended?.code).toBe(code);
    expect(await codeOf(submit(batchOf(flow(2, 1))))).toBe(9010);
  });

  it('by request drains what is in flight and turns the rest away', async () => {
    await writer.close(0);
    engine.close();
    open({ inFlightCommitsMax: 1 });
    const inFlight = submit(batchOf(flow(0, 1)));
    await turn();
    const queued = submit(batchOf(flow(1, 1)));
    const closing = writer.close(5_000);
    expect(await codeOf(queued)).toBe(9010);
    publisher.acknowledgeAll();
    await closing;
    expect(await codeOf(inFlight)).toBe(0);
    expect(state.ended).toBeNull();
  });

  it('by a lost lease executes nothing more and waits for what is in flight', async () => {
    const inFlight = submit(batchOf(flow(0, 1)));
    await turn();
    const fencing = writer.fence(new FulltapeError('FENCED'));
    expect(await codeOf(submit(batchOf(flow(1, 1))))).toBe(9006);
    publisher.acknowledgeAll();
    await fencing;
    expect(await codeOf(inFlight)).toBe(0);
    expect(state.ended?.code).toBe('FENCED');
  });
});
