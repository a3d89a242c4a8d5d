// Spec files on disk, by the kind of test that they are; the run is compared with them so that no suite rots unseen.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const skipped = new Set(['node_modules', 'dist', 'target', '.cache', '.data', '.git']);

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walk(path);
    return /\.(spec|test)\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  });

const kindOf = (path) => (/\.int\.spec\.\w+$/.test(path) ? 'int' : /\.e2e\.spec\.\w+$/.test(path) ? 'e2e' : 'unit');

/** Map from kind (unit, int, e2e) to the absolute paths of its spec files. */
export const specFiles = (root) => {
  const groups = new Map();
  for (const path of walk(root)) groups.set(kindOf(path), [...(groups.get(kindOf(path)) ?? []), path]);
  return groups;
};
