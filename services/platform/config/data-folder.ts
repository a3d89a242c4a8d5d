import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { isSameProcess, processStartTime } from '../processes/process-table.js';
import { secretsSchema, type Secrets } from './config.js';

/** Raised when the layout of the folder changes so that older programs must not touch it. */
const folderFormat = 1;
const markerName = 'fulltape.json';
const markerSchema = z.object({ product: z.literal('fulltape'), format: z.number().int() });
const lockSchema = z.object({ pid: z.number().int(), startTime: z.string() });

/** Where each part of the platform keeps its state. */
export interface DataFolder {
  readonly path: string;
  readonly nats: string;
  readonly postgres: string;
  readonly clickhouse: string;
  readonly journal: string;
  readonly logs: string;
  readonly run: string;
  readonly secretsFile: string;
  readonly configFile: string;
  readonly runtimeFile: string;
}

export const dataFolderAt = (dataDir: string): DataFolder => {
  const path = resolve(dataDir);
  return {
    path,
    nats: join(path, 'nats'),
    postgres: join(path, 'postgres'),
    clickhouse: join(path, 'clickhouse'),
    journal: join(path, 'journal'),
    logs: join(path, 'logs'),
    run: join(path, 'run'),
    secretsFile: join(path, 'secrets.json'),
    configFile: join(path, 'run', 'config.json'),
    runtimeFile: join(path, 'runtime.json'),
  };
};

const corrupt = (path: string, reason: string): FulltapeError => new FulltapeError('DATA_FOLDER_CORRUPT', { path, reason });

const readJson = (path: string, what: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FulltapeError('DATA_FOLDER_CORRUPT', { path, reason: `${what} cannot be read as JSON` }, { cause: error });
  }
};

/**
 * Checks that the folder is absent, empty or one of ours, without changing anything.
 * @throws FulltapeError DATA_FOLDER_CORRUPT with the file and the reason.
 */
export const checkDataFolder = (folder: DataFolder): 'absent' | 'present' => {
  if (!existsSync(folder.path)) return 'absent';
  let entries: string[];
  try {
    entries = readdirSync(folder.path);
  } catch (error) {
    throw new FulltapeError('DATA_FOLDER_CORRUPT', { path: folder.path, reason: 'it is not a folder that can be read' }, { cause: error });
  }
  const foreign = entries.filter((name) => name !== 'config.json' && name !== 'lock.json');
  if (foreign.length === 0) return 'absent';
  const markerPath = join(folder.path, markerName);
  if (!existsSync(markerPath)) throw corrupt(folder.path, `it holds files but no ${markerName}`);
  const marker = markerSchema.safeParse(readJson(markerPath, 'the format marker'));
  if (!marker.success) throw corrupt(markerPath, 'it is not a format marker of this platform');
  if (marker.data.format !== folderFormat) throw corrupt(markerPath, `format ${marker.data.format}, this program reads ${folderFormat}`);
  if (!secretsSchema.safeParse(readJson(folder.secretsFile, 'the secrets')).success)
    throw corrupt(folder.secretsFile, 'secrets are missing');
  return 'present';
};

const newSecrets = (): Secrets => {
  const random = (bytes: number): string => randomBytes(bytes).toString('base64url');
  return {
    natsToken: random(24),
    postgresPassword: random(24),
    clickhousePassword: random(24),
    tokenKey: random(32),
    tapeSigningSeed: random(32),
  };
};

const readSecrets = (folder: DataFolder): Secrets => secretsSchema.parse(readJson(folder.secretsFile, 'the secrets'));

export interface HeldDataFolder {
  readonly folder: DataFolder;
  readonly secrets: Secrets;
  /** Gives the folder back. */
  release(): void;
}

const lockPath = (folder: DataFolder): string => join(folder.path, 'lock.json');

/** Process that holds the folder, or undefined. A lock whose process is gone does not count. */
export const dataFolderHolder = (folder: DataFolder): number | undefined => {
  if (!existsSync(lockPath(folder))) return undefined;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(lockPath(folder), 'utf8'));
  } catch {
    return undefined; // cut while it was written: its writer died
  }
  const lock = lockSchema.safeParse(content);
  return lock.success && isSameProcess(lock.data.pid, lock.data.startTime) ? lock.data.pid : undefined;
};

const takeLock = (folder: DataFolder): void => {
  const content = JSON.stringify({ pid: process.pid, startTime: processStartTime(process.pid) });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(lockPath(folder), content, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = dataFolderHolder(folder);
      if (holder !== undefined) {
        throw new FulltapeError('INVALID_ARGUMENT', {
          argument: '--data',
          path: folder.path,
          reason: `the data folder is in use by process ${holder}; stop it, or give another folder`,
        });
      }
      rmSync(lockPath(folder), { force: true });
    }
  }
  throw corrupt(lockPath(folder), 'the lock cannot be taken');
};

/**
 * Takes the data folder for this process, making it at first use.
 * @throws FulltapeError DATA_FOLDER_CORRUPT (nothing was touched) or INVALID_ARGUMENT when another process holds it.
 */
export const openDataFolder = (dataDir: string): HeldDataFolder => {
  const folder = dataFolderAt(dataDir);
  const state = checkDataFolder(folder);
  mkdirSync(folder.path, { recursive: true, mode: 0o711 });
  takeLock(folder);
  const release = (): void => rmSync(lockPath(folder), { force: true });
  try {
    if (state === 'absent') {
      writeFileSync(folder.secretsFile, JSON.stringify(newSecrets()), { mode: 0o600 });
      // Last, so that a start that died before this point leaves no folder that looks complete.
      writeFileSync(
        join(folder.path, markerName),
        JSON.stringify({ product: 'fulltape', format: folderFormat, createdBy: 'fulltape start' }),
      );
    }
    for (const path of [folder.logs, folder.run, folder.journal]) mkdirSync(path, { recursive: true, mode: 0o700 });
    return { folder, secrets: readSecrets(folder), release };
  } catch (error) {
    release();
    throw error;
  }
};
