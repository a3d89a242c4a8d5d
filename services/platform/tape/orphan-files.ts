/**
 * What a writer answered at level ENGINE and never got onto the tape, as the engine set it aside: files of journal entries in the folder
 * `orphans/` of a shard's journal. Format: docs/engine-abi.md, "Journal entries and orphans".
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { decodeCommandRecord, recordBytes, type CommandRecord } from '#contracts/tape/layout.generated.js';
import { viewOf } from '#contracts/tape/message.js';
import { wordsToText } from '#contracts/tape/text-words.js';
import { crc32c } from './crc32c.js';

const wordBytes = 8;
const headBytes = 40;
const payloadVersion = 1n;
const payloadHeadWords = 11;
const commitWords = 7;

/** One commit of a group that was set aside. */
export interface OrphanedCommit {
  readonly commitNumber: bigint;
  /** Lower-case hex of 64 digits. */
  readonly hash: string;
  /** Commands of the group up to the end of this commit. */
  readonly commandsEnd: number;
}

export interface OrphanedCommand {
  /** Number that it had in the journal; on the tape it belongs to another command. */
  readonly commandNumber: bigint;
  readonly record: CommandRecord;
  readonly extensions: readonly CommandRecord[];
  /** Null for commands that no account sends. */
  readonly accountId: number | null;
  readonly clientOrderId: string | null;
  /** The order that an amend or a cancel is about, if it was named so. */
  readonly origClientOrderId: string | null;
}

/** One journal entry: a group of commands that was executed in one step. */
export interface OrphanedGroup {
  readonly epoch: bigint;
  readonly firstCommit: bigint;
  readonly lastCommit: bigint;
  readonly commits: readonly OrphanedCommit[];
  readonly commands: readonly OrphanedCommand[];
}

export interface OrphanFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly setAsideAt: Date;
}

const corrupt = (at: number, why: string): FulltapeError => new FulltapeError('JOURNAL_CORRUPT', { byte: String(at), why });

const commandsOf = (
  view: DataView,
  at: number,
  records: number,
  firstCommandNumber: bigint,
): { commands: OrphanedCommand[]; ends: number[] } => {
  const commands: OrphanedCommand[] = [];
  /** Commands that begin before each record. */
  const ends: number[] = [];
  let number = firstCommandNumber;
  for (let index = 0; index < records;) {
    const extensionCount = view.getUint8(at + index * recordBytes);
    const decoded = Array.from({ length: Math.min(1 + extensionCount, records - index) }, (_, step) =>
      decodeCommandRecord(view, at + (index + step) * recordBytes),
    );
    for (let step = 0; step < decoded.length; step += 1) ends[index + step] = Number(number - firstCommandNumber);
    const [record = null, ...extensions] = decoded;
    const textOf = (type: 'clientOrder' | 'originalClientOrder'): string | null => {
      const found = extensions.find((extension) => extension?.type === type);
      return found?.type === type ? wordsToText([found.text0, found.text1, found.text2, found.text3, found.text4]) || null : null;
    };
    if (record !== null) {
      commands.push({
        commandNumber: number,
        record,
        extensions: extensions.filter((extension) => extension !== null),
        accountId: 'accountId' in record ? record.accountId : null,
        clientOrderId: textOf('clientOrder'),
        origClientOrderId: textOf('originalClientOrder'),
      });
    }
    number += 1n;
    index += 1 + extensionCount;
  }
  ends[records] = Number(number - firstCommandNumber);
  return { commands, ends };
};

const groupOf = (view: DataView, at: number, payloadBytes: number): Pick<OrphanedGroup, 'epoch' | 'commits' | 'commands'> => {
  const word = (index: number): bigint => view.getBigUint64(at + index * wordBytes, true);
  if (payloadBytes < payloadHeadWords * wordBytes || word(0) !== payloadVersion) throw corrupt(at, 'a payload of another version');
  const [commitCount, refusedCount, recordCount] = [Number(word(4)), Number(word(5)), Number(word(6))];
  const recordsWord = payloadHeadWords + commitCount * commitWords + refusedCount;
  if (payloadBytes !== recordsWord * wordBytes + recordCount * recordBytes) throw corrupt(at, 'the payload does not hold what it counts');
  const { commands, ends } = commandsOf(view, at + recordsWord * wordBytes, recordCount, word(2));
  const commits = Array.from({ length: commitCount }, (_, index): OrphanedCommit => {
    const from = payloadHeadWords + index * commitWords;
    const hash = [1, 2, 3, 4]
      .map((step) =>
        word(from + step)
          .toString(16)
          .padStart(16, '0'),
      )
      .join('');
    return { commitNumber: word(from), hash, commandsEnd: ends[Number(word(from + 5))] ?? 0 };
  });
  return { epoch: word(1), commits, commands };
};

/** Groups of one file in their order. @throws FulltapeError JOURNAL_CORRUPT when an entry is cut or its checksum differs. */
export const parseOrphans = (bytes: Uint8Array): readonly OrphanedGroup[] => {
  const view = viewOf(bytes);
  const groups: OrphanedGroup[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    if (at + headBytes > bytes.byteLength) throw corrupt(at, 'the entry is cut');
    const length = view.getUint32(at, true);
    const payloadBytes = length - 1;
    const end = at + Math.ceil((headBytes + payloadBytes) / wordBytes) * wordBytes;
    if (length === 0 || end > bytes.byteLength) throw corrupt(at, 'the entry is cut');
    if (crc32c(bytes.subarray(at + wordBytes, end), length) !== view.getUint32(at + 4, true)) throw corrupt(at, 'the checksum differs');
    groups.push({
      firstCommit: view.getBigUint64(at + 16, true),
      lastCommit: view.getBigUint64(at + 24, true),
      ...groupOf(view, at + headBytes, payloadBytes),
    });
    at = end;
  }
  return groups;
};

/** Files in a shard's journal folder that its engine has set aside, by name; none where there is no such folder. */
export const orphanFiles = (journalDir: string): readonly OrphanFile[] => {
  const folder = join(journalDir, 'orphans');
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names.map((name) => {
    const path = join(folder, name);
    const { size, mtime } = statSync(path);
    return { name, path, bytes: size, setAsideAt: mtime };
  });
};

/** Whether the tape has this commit. */
export type IsOnTape = (commit: Pick<OrphanedCommit, 'commitNumber' | 'hash'>) => Promise<boolean>;

/**
 * Commands of a file that are not on the tape. A group may have reached it in part; because a commit's hash covers the one before, the
 * first commit that the tape does not have ends what it has.
 * @throws FulltapeError JOURNAL_CORRUPT
 */
export const readOrphans = async (file: OrphanFile, isOnTape: IsOnTape): Promise<readonly OrphanedCommand[]> => {
  const orphaned: OrphanedCommand[] = [];
  let isAttached = true;
  for (const { commits, commands } of parseOrphans(readFileSync(file.path))) {
    let kept = 0;
    for (const commit of commits) {
      isAttached = isAttached && (await isOnTape(commit));
      if (!isAttached) break;
      kept = commit.commandsEnd;
    }
    orphaned.push(...commands.slice(kept));
  }
  return orphaned;
};
