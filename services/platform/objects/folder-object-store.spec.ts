import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectStoreContract } from '#contracts/ports/object-store.contract.js';
import { FolderObjectStore } from './folder-object-store.js';

const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'fulltape-objects-'));

objectStoreContract('folder', () => {
  const dir = freshFolder();
  return Promise.resolve({
    here: new FolderObjectStore(dir),
    there: new FolderObjectStore(dir),
    close: () => {
      rmSync(dir, { recursive: true });
      return Promise.resolve();
    },
  });
});

describe('a folder of objects', () => {
  it('is empty before there is a folder', async () => {
    const dir = join(freshFolder(), 'not-made-yet');
    expect(await new FolderObjectStore(dir).list('')).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  });

  it('removes what a writer that died has left, and not what another one writes now', async () => {
    const dir = freshFolder();
    const incoming = join(dir, '.incoming');
    await mkdir(incoming);
    for (const name of ['old', 'new']) writeFileSync(join(incoming, name), 'part');
    utimesSync(join(incoming, 'old'), new Date(0), new Date(0));
    const writer = await new FolderObjectStore(dir).create('key');
    expect(readdirSync(incoming)).not.toContain('old');
    expect(readdirSync(incoming)).toContain('new');
    await writer.abort();
    expect(readdirSync(incoming)).toEqual(['new']);
    rmSync(dir, { recursive: true });
  });
});
