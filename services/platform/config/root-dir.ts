import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const findRoot = (): string => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    // dist/ has no package.json of its own, so source and compiled code find the same root.
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error('no package.json above this file: the installation is incomplete');
  }
};

/** Folder of the installation: the one with package.json. */
export const rootDir = findRoot();
