import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeCommands } from '#contracts/commands/order-commands.js';
import { recordBytes } from '#contracts/tape/layout.generated.js';
import { accountIds, flowOrder } from '../engine/testing/market.js';
import { crc32c } from './crc32c.js';
import { orphanFiles, parseOrphans, readOrphans } from './orphan-files.js';

const hashWord = 0x1234n;

/** One journal entry, written as docs/engine-abi.md says: commands `firstCommand`.. in commits of the given numbers of commands. */
const entryOf = (firstCommand: number, firstCommit: number, commandsOfCommits: readonly number[]): Buffer => {
  const count = commandsOfCommits.reduce((sum, one) => sum + one, 0);
  const orders = Array.from({ length: count }, (_, index) => flowOrder(firstCommand + index, 'o'));
  const { records } = encodeCommands(orders);
  const recordsPerCommand = records.byteLength / recordBytes / count;
  const words: bigint[] = [
    1n,
    7n,
    BigInt(firstCommand),
    0n,
    BigInt(commandsOfCommits.length),
    0n,
    BigInt(count * recordsPerCommand),
    0n,
    0n,
    0n,
    0n,
  ];
  let end = 0;
  for (const [index, commands] of commandsOfCommits.entries()) {
    end += commands;
    words.push(BigInt(firstCommit + index), hashWord, 0n, 0n, BigInt(firstCommit + index), BigInt(end * recordsPerCommand), 0n);
  }
  const payload = Buffer.concat([Buffer.from(BigUint64Array.from(words).buffer), records]);
  const entry = Buffer.alloc(40 + payload.byteLength);
  entry.writeUInt32LE(payload.byteLength + 1, 0);
  entry.writeBigUInt64LE(3n, 8);
  entry.writeBigUInt64LE(BigInt(firstCommit), 16);
  entry.writeBigUInt64LE(BigInt(firstCommit + commandsOfCommits.length - 1), 24);
  payload.copy(entry, 40);
  entry.writeUInt32LE(crc32c(entry.subarray(8), payload.byteLength + 1), 4);
  return entry;
};

describe('orphan files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fulltape-orphans-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const store = (...entries: Buffer[]): void => {
    mkdirSync(join(folder, 'orphans'), { recursive: true });
    writeFileSync(join(folder, 'orphans', 'commits-10-12-3-1'), Buffer.concat(entries));
  };
  const read = async (onTape: (commitNumber: bigint) => boolean): Promise<string[]> => {
    const [file] = orphanFiles(folder);
    if (file === undefined) throw new Error('no file');
    const commands = await readOrphans(file, ({ commitNumber }) => Promise.resolve(onTape(commitNumber)));
    return commands.map(({ commandNumber, clientOrderId }) => `${commandNumber} ${clientOrderId ?? ''}`);
  };

  it('are none where nothing was set aside', () => {
    expect(orphanFiles(folder)).toEqual([]);
    expect(orphanFiles(join(folder, 'missing'))).toEqual([]);
  });

  it('give every command with its number, account and client order id', () => {
    const [group] = parseOrphans(entryOf(40, 10, [2]));
    expect(group).toMatchObject({ epoch: 7n, firstCommit: 10n, lastCommit: 10n, commits: [{ commitNumber: 10n, commandsEnd: 2 }] });
    expect(group?.commands).toMatchObject([
      { commandNumber: 40n, accountId: accountIds[0], clientOrderId: 'o-40', origClientOrderId: null, record: { type: 'placeOrder' } },
      { commandNumber: 41n, accountId: accountIds[1], clientOrderId: 'o-41' },
    ]);
  });

  it('leave out the part of a group that reached the tape, and nothing behind the first commit that did not', async () => {
    store(entryOf(40, 10, [2, 1, 2]), entryOf(45, 13, [1]));
    expect(await read(() => false)).toEqual(['40 o-40', '41 o-41', '42 o-42', '43 o-43', '44 o-44', '45 o-45']);
    expect(await read((commit) => commit <= 10n)).toEqual(['42 o-42', '43 o-43', '44 o-44', '45 o-45']);
    // A commit that carries a number of the tape behind one that is not there is not there either.
    expect(await read((commit) => commit !== 11n)).toEqual(['42 o-42', '43 o-43', '44 o-44', '45 o-45']);
  });

  it.each([
    ['cut in the head', (bytes: Buffer) => bytes.subarray(0, 30)],
    ['cut in the payload', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 8)],
    ['with a flipped bit', (bytes: Buffer) => Buffer.from(bytes.map((byte, index) => (index === 60 ? byte ^ 1 : byte)))],
    ['followed by zeros', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(64)])],
  ])('%s are JOURNAL_CORRUPT', (_name, damage) => {
    expect(() => parseOrphans(damage(entryOf(40, 10, [2])))).toThrow(/JOURNAL_CORRUPT/);
  });
});
