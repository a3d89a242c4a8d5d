import { describe, expect, it } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import { Side } from '#contracts/tape/codes.generated.js';
import { decodeAnswerRecord, recordBytes } from '#contracts/tape/layout.generated.js';
import { commitHash, openCommit, viewOf } from '#contracts/tape/message.js';
import { EngineShard } from './engine-shard.js';
import { loadEngineLibrary } from './engine-library.js';
import { batchOf, flowOrder, instrumentId, limitOrder, marketOpenNanos, openMarket } from './testing/market.js';

const config = { shard: 0, maxOrders: 65_536, maxAccounts: 64, maxInstruments: 16 };
const seed = 20_260_101;

const withShard = <Value>(use: (shard: EngineShard) => Value, extra: object = {}): Value => {
  const shard = EngineShard.open({ ...config, ...extra });
  try {
    return use(shard);
  } finally {
    shard.close();
  }
};

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof FulltapeError ? error.code : `not a FulltapeError: ${String(error)}`;
  }
  return 'accepted';
};

const flow = (from: number, count: number) => Array.from({ length: count }, (_, index) => flowOrder(from + index, 'flow'));

const step = (shard: EngineShard, message: Uint8Array) => {
  shard.enqueue(message);
  return shard.execute(marketOpenNanos, { timesSupplied: true });
};

const answersOf = (answers: Uint8Array) =>
  Array.from({ length: answers.byteLength / recordBytes }, (_, index) => decodeAnswerRecord(viewOf(answers), index * recordBytes));

/** Small deterministic generator; the seed is in the name of the test that uses it. */
const randomOf = (start: number) => {
  let state = start >>> 0;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
};

describe('engine shard', () => {
  it('executes a batch, answers each command and emits one commit', () =>
    withShard((shard) => {
      shard.startEpoch(1n);
      step(shard, batchOf(openMarket));
      const { commits, answers, answerCount } = step(
        shard,
        batchOf([
          limitOrder({ account: 0, side: Side.Sell, priceTicks: 10_000n, quantityLots: 5n }),
          limitOrder({ account: 1, side: Side.Buy, priceTicks: 10_001n, quantityLots: 2n }),
        ]),
      );
      expect(answerCount).toBe(2);
      const [resting, taking] = answersOf(answers);
      expect(resting).toMatchObject({ code: 0, leavesQuantityLots: 5n, cumQuantityLots: 0n });
      expect(taking).toMatchObject({ code: 0, leavesQuantityLots: 0n, cumQuantityLots: 2n });
      expect(commits).toHaveLength(1);
      const [bytes] = commits;
      if (bytes === undefined) throw new Error('no commit');
      const commit = openCommit(bytes);
      expect(commit.header).toMatchObject({ commitNumber: 3n, epoch: 1n, commandCount: 2, lastPart: 1 });
      expect(shard.headHash).toBe(commitHash(commit));
      expect([shard.headCommitNumber, shard.trades, shard.openOrders]).toEqual([3n, 1n, 1]);
      expect(shard.book(instrumentId, Side.Sell)).toEqual([{ priceTicks: 10_000n, quantityLots: 3n, orderCount: 1 }]);
      expect(shard.book(instrumentId, Side.Buy)).toEqual([]);
    }));

  it('gives the same state however the commands are cut into batches, and follows its own tape', () => {
    const commits: Uint8Array[] = [];
    const hashOf = (size: number, keep: boolean): string =>
      withShard((shard) => {
        for (const bytes of shard.startEpoch(1n)) if (keep) commits.push(bytes);
        for (const message of [
          batchOf(openMarket),
          ...Array.from({ length: 600 / size }, (_, index) => batchOf(flow(index * size, size))),
        ]) {
          for (const bytes of step(shard, message).commits) if (keep) commits.push(bytes);
        }
        expect(shard.trades).toBeGreaterThan(10n);
        return shard.stateHash();
      });
    const hash = hashOf(1, false);
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(hashOf(200, true)).toBe(hash);
    expect(hashOf(50, false)).toBe(hash);
    withShard((follower) => {
      for (const bytes of commits) follower.apply(bytes);
      expect(follower.stateHash()).toBe(hash);
      expect(follower.pending()).toEqual([]);
      expect(codeOf(() => follower.apply(commits[0] ?? new Uint8Array(0)))).toBe('TAPE_CORRUPT');
    });
  });

  it.each([
    ['one commit a group', {}, 200],
    ['several commits a group', { commitBytesMax: 4_096 }, 200],
    ['more than the memory holds at first', {}, 6_000],
  ])('lends the same bytes that it copies: %s', (_, extra, count) =>
    withShard(
      (copying) =>
        withShard((lending) => {
          const options = { timesSupplied: true };
          for (let round = 0; round < 12; round += 1) {
            const message = batchOf(round === 0 ? openMarket : flow(round * 10_000, round % 3 === 0 ? 1 : count));
            const copied = step(copying, message);
            if (round % 2 === 0) lending.enqueue(message);
            const lent =
              round % 2 === 0 ? lending.executeLent(marketOpenNanos, options) : lending.submitLent(message, marketOpenNanos, options);
            expect(lent.answerCount).toBe(copied.answerCount);
            expect(Buffer.compare(lent.answers, copied.answers)).toBe(0);
            expect(lent.commits.map((bytes) => Buffer.from(bytes).toString('base64'))).toEqual(
              copied.commits.map((bytes) => Buffer.from(bytes).toString('base64')),
            );
            lent.release();
          }
          expect(lending.trades).toBeGreaterThan(10n);
          expect([lending.stateHash(), lending.headHash]).toEqual([copying.stateHash(), copying.headHash]);
        }, extra),
      extra,
    ),
  );

  it('writes to no lent memory before its release, and leaves no view of it behind', () =>
    withShard((shard) => {
      const submit = (message: Uint8Array) => shard.submitLent(message, marketOpenNanos, { timesSupplied: true });
      submit(batchOf(openMarket)).release();
      const kept = submit(batchOf(flow(0, 200)));
      const before = [...kept.commits.map((bytes) => bytes.slice()), kept.answers.slice()];
      const others = Array.from({ length: 40 }, (_, round) => submit(batchOf(flow((round + 1) * 1_000, 100))));
      expect(new Set([kept, ...others].map(({ answers }) => answers.buffer)).size).toBe(41);
      for (const other of others) other.release();
      for (let round = 50; round < 90; round += 1) submit(batchOf(flow(round * 1_000, 100))).release();
      expect([...kept.commits, kept.answers]).toEqual(before);
      const [commit] = kept.commits;
      kept.release();
      expect([commit?.byteLength, commit?.[0], kept.answers.byteLength]).toEqual([0, undefined, 0]);
      expect(codeOf(() => kept.release())).toBe('INVALID_ARGUMENT');
    }));

  it('keeps what was lent behind its own end', () => {
    const kept = withShard((shard) => shard.submitLent(batchOf(openMarket), marketOpenNanos, { timesSupplied: true }));
    const [commit] = kept.commits;
    if (commit === undefined) throw new Error('no commit');
    expect(openCommit(commit).header.commandCount).toBe(openMarket.length);
    kept.release();
    expect(commit.byteLength).toBe(0);
  });

  it('copies what it gives out: later calls do not change it', () =>
    withShard((shard) => {
      shard.startEpoch(1n);
      step(shard, batchOf(openMarket));
      const { commits, answers } = step(shard, batchOf(flow(0, 200)));
      const before = [...commits.map((bytes) => bytes.slice()), answers.slice()];
      for (let round = 1; round < 20; round += 1) step(shard, batchOf(flow(round * 1_000, 900)));
      expect([...commits, answers]).toEqual(before);
    }));

  it('splits a command whose effects pass one commit into parts, which a follower finishes', () => {
    const small = { commitBytesMax: 4_096 };
    withShard((shard) => {
      const tape = [...shard.startEpoch(1n), ...step(shard, batchOf(openMarket)).commits];
      const orders = Array.from({ length: 200 }, (_, index) =>
        limitOrder({ account: 0, side: Side.Sell, priceTicks: BigInt(10_000 + index), quantityLots: 1n }),
      );
      tape.push(...step(shard, batchOf(orders)).commits);
      const { commits } = step(shard, batchOf([limitOrder({ account: 1, side: Side.Buy, priceTicks: 11_000n, quantityLots: 200n })]));
      expect(commits.length).toBeGreaterThan(3);
      expect(commits.map((bytes) => openCommit(bytes).header.part)).toEqual(commits.map((_, part) => part));
      withShard((follower) => {
        for (const bytes of [...tape, ...commits.slice(0, 2)]) follower.apply(bytes);
        expect(follower.pending()).toEqual(commits.slice(2));
        expect([follower.headHash, follower.stateHash()]).toEqual([shard.headHash, shard.stateHash()]);
      }, small);
    }, small);
  });

  it('refuses a command that makes the engine fail, once its index is known, and goes on', () => {
    const fault = { faultClientOrderId: 'boom' };
    const group = [
      flowOrder(0, 'a'),
      limitOrder({ account: 0, side: Side.Buy, priceTicks: 1n, quantityLots: 1n, clientOrderId: 'boom' }),
      flowOrder(2, 'a'),
    ];
    withShard((shard) => {
      shard.startEpoch(1n);
      step(shard, batchOf(openMarket));
      const tape = shard.headHash;
      expect(codeOf(() => step(shard, batchOf(group)))).toBe('ENGINE_POISONED');
      expect(shard.culpritIndex).toBe(1);
      expect(codeOf(() => step(shard, batchOf(group)))).toBe('ENGINE_POISONED');
      withShard((rebuilt) => {
        rebuilt.startEpoch(1n);
        step(rebuilt, batchOf(openMarket));
        expect(rebuilt.headHash).toBe(tape);
        rebuilt.refuseNext(1);
        expect(answersOf(step(rebuilt, batchOf(group)).answers).map(({ code }) => code)).toEqual([0, 9005, 0]);
        expect(rebuilt.faultedCommands).toBe(1n);
      }, fault);
    }, fault);
  });
});

describe('arguments of the engine shard', () => {
  it.each([
    ['negative time', (shard: EngineShard) => shard.execute(-1n, { timesSupplied: false }), 'INVALID_ARGUMENT'],
    ['time above 2^64-1', (shard: EngineShard) => shard.execute(1n << 64n, { timesSupplied: false }), 'INVALID_ARGUMENT'],
    [
      'time as a number',
      (shard: EngineShard) => shard.execute(Number.NaN as unknown as bigint, { timesSupplied: false }),
      'INVALID_ARGUMENT',
    ],
    ['epoch as null', (shard: EngineShard) => shard.startEpoch(null as unknown as bigint), 'INVALID_ARGUMENT'],
    ['epoch that does not grow', (shard: EngineShard) => shard.startEpoch(0n), 'INVALID_ARGUMENT'],
    ['message as null', (shard: EngineShard) => shard.enqueue(null as unknown as Uint8Array), 'INVALID_ARGUMENT'],
    ['message as a text', (shard: EngineShard) => shard.enqueue('batch' as unknown as Uint8Array), 'INVALID_ARGUMENT'],
    ['empty message', (shard: EngineShard) => shard.enqueue(new Uint8Array(0)), 'MALFORMED_COMMAND_MESSAGE'],
    ['zeros', (shard: EngineShard) => shard.enqueue(new Uint8Array(1_024)), 'MALFORMED_COMMAND_MESSAGE'],
    ['odd length', (shard: EngineShard) => shard.enqueue(new Uint8Array(77)), 'MALFORMED_COMMAND_MESSAGE'],
    ['huge message', (shard: EngineShard) => shard.enqueue(new Uint8Array(80 * 1_024 * 1_024)), 'BATCH_TOO_LARGE'],
    ['commit of zeros', (shard: EngineShard) => shard.apply(new Uint8Array(512)), 'TAPE_CORRUPT'],
    ['side 1.5', (shard: EngineShard) => shard.book(1, 1.5), 'INVALID_ARGUMENT'],
    ['instrument -1', (shard: EngineShard) => shard.book(-1, 1), 'INVALID_ARGUMENT'],
    ['instrument NaN', (shard: EngineShard) => shard.book(Number.NaN, 1), 'INVALID_ARGUMENT'],
    ['index 2^32', (shard: EngineShard) => shard.refuseNext(2 ** 32), 'INVALID_ARGUMENT'],
    ['acknowledged -1', (shard: EngineShard) => shard.journalAcknowledge(-1n), 'INVALID_ARGUMENT'],
  ])('%s', (_name, run, code) =>
    withShard((shard) => {
      const before = shard.stateHash();
      expect(codeOf(() => run(shard))).toBe(code);
      expect(shard.stateHash()).toBe(before);
    }),
  );

  it('closes once; everything after is FFI_BAD_HANDLE, status reads too', () => {
    const shard = EngineShard.open(config);
    shard.close();
    shard.close();
    expect(shard.isOpen).toBe(false);
    for (const run of [
      () => shard.stateHash(),
      () => shard.headCommitNumber,
      () => shard.journal,
      () => shard.enqueue(batchOf(openMarket)),
      () => shard.execute(0n, { timesSupplied: false }),
    ]) {
      expect(codeOf(run)).toBe('FFI_BAD_HANDLE');
    }
  });

  it('refuses a configuration that is not valid', () => {
    for (const bad of [
      { shard: -1 },
      { shard: 65_536 },
      { ...config, maxOrders: 0 },
      { ...config, maxOrders: 1.5 },
      { ...config, commitBytesMax: 1 },
      { ...config, unknownField: 1 },
    ]) {
      expect(['INVALID_ARGUMENT', 'FFI_BAD_CONFIG']).toContain(codeOf(() => EngineShard.open(bad)));
    }
  });

  it('says what is missing when the library is not there or is none', () => {
    expect(codeOf(() => loadEngineLibrary('/nonexistent/libfulltape_ffi.so'))).toBe('ENVIRONMENT_INCOMPLETE');
    expect(codeOf(() => loadEngineLibrary(process.execPath))).toBe('ENVIRONMENT_INCOMPLETE');
  });

  it(`survives cut, flipped and random messages with a typed error and unchanged state (seed ${seed})`, () =>
    withShard((shard) => {
      const random = randomOf(seed);
      shard.startEpoch(1n);
      step(shard, batchOf(openMarket));
      const before = shard.stateHash();
      const good = batchOf(flow(0, 20));
      const tally = new Map<string, number>();
      for (let round = 0; round < 4_000; round += 1) {
        const bytes = round % 3 === 0 ? good.slice(0, random(good.byteLength)) : good.slice();
        // Framing and pointers only: a flipped amount is a valid other command.
        if (round % 3 === 1) for (let flips = 1 + random(3); flips > 0; flips -= 1) bytes[random(56)] = random(256);
        if (round % 3 === 2) for (let index = 0; index < bytes.byteLength; index += 1) bytes[index] = random(256);
        const code = codeOf(() => shard.enqueue(bytes));
        tally.set(code, (tally.get(code) ?? 0) + 1);
        expect(['MALFORMED_COMMAND_MESSAGE', 'UNKNOWN_COMMAND_KIND', 'BATCH_TOO_LARGE', 'accepted']).toContain(code);
      }
      expect(tally.get('MALFORMED_COMMAND_MESSAGE')).toBeGreaterThan(1_000);
      expect(shard.stateHash()).toBe(before);
    }));
});
