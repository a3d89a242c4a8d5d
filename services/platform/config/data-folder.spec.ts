import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDataFolder, dataFolderAt, dataFolderHolder, openDataFolder } from './data-folder.js';

let parent: string;
let dataDir: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'fulltape-folder-'));
  dataDir = join(parent, 'data');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made with secrets that only the owner can read, and opened again with the same', () => {
    const first = openDataFolder(dataDir);
    expect(statSync(first.folder.secretsFile).mode & 0o077).toBe(0);
    first.release();
    const second = openDataFolder(dataDir);
    expect(second.secrets).toEqual(first.secrets);
    expect(new Set(Object.values(second.secrets)).size).toBe(Object.keys(second.secrets).length);
    second.release();
  });

  it('is held by one process at a time', () => {
    const held = openDataFolder(dataDir);
    expect(dataFolderHolder(held.folder)).toBe(process.pid);
    expect(() => openDataFolder(dataDir)).toThrow(`process ${process.pid}`);
    held.release();
    openDataFolder(dataDir).release();
  });

  it('is taken over from a process that is gone, even when its pid is in use again', () => {
    openDataFolder(dataDir).release();
    const lock = join(dataDir, 'lock.json');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, startTime: 'another life' }));
    openDataFolder(dataDir).release();
    writeFileSync(lock, '{"pi'); // cut by the death of its writer
    openDataFolder(dataDir).release();
    expect(existsSync(lock)).toBe(false);
  });

  it('may hold config.json before the first start', () => {
    const made = openDataFolder(dataDir);
    made.release();
    rmSync(dataDir, { recursive: true });
    const folder = dataFolderAt(dataDir);
    expect(checkDataFolder(folder)).toBe('absent');
  });

  it.each([
    ['a marker that is cut', 'fulltape.json', '{"product":"full'],
    ['a marker of another product', 'fulltape.json', '{"product":"other","format":1}'],
    ['a newer format', 'fulltape.json', '{"product":"fulltape","format":2}'],
    ['secrets that are cut', 'secrets.json', '{"natsToken":"x'],
    ['secrets that lack one', 'secrets.json', '{"natsToken":"0123456789abcdef"}'],
  ])('is refused with %s, unchanged', (_what, name, content) => {
    openDataFolder(dataDir).release();
    writeFileSync(join(dataDir, name), content);
    expect(() => openDataFolder(dataDir)).toThrow('DATA_FOLDER_CORRUPT');
    expect(readFileSync(join(dataDir, name), 'utf8')).toBe(content);
    expect(existsSync(join(dataDir, 'lock.json'))).toBe(false);
  });

  it('is refused when it is a file', () => {
    writeFileSync(dataDir, 'not a folder');
    expect(() => openDataFolder(dataDir)).toThrow('DATA_FOLDER_CORRUPT');
  });
});
