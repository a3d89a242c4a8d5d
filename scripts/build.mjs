// Compiles the TypeScript of the services to dist/ with SWC, file by file and only what changed, and copies the files that
// they read at run time. Types are checked by `npm run typecheck`, not here: a start must not wait for the type checker.
// Usage: node scripts/build.mjs [--quiet]. Exit status 1 when a file cannot be compiled; the others are compiled all the same.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withLock } from './setup/lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceFolders = ['contracts', 'services', 'projections', 'bench', 'test'];
const assetFolders = [...sourceFolders, 'schemas'];
const assetPattern = /\.(graphql|sql|json)$/;
const skippedFolders = new Set(['node_modules', 'dist']);
/** The terminal is Vite's. A package.json in dist/ would cut what is below it off from the imports of the root's. */
const skippedPaths = new Set(['services/terminal']);
const skippedAssets = new Set(['package.json', 'tsconfig.json']);

const isSource = (name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.e2e.ts');

const walk = (folder, files = []) => {
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name) && !skippedPaths.has(relative(root, path).split(sep).join('/'))) walk(path, files);
    } else files.push(path);
  }
  return files;
};

const hashOf = (text) => createHash('sha256').update(text).digest('hex').slice(0, 32);

const writeAtomically = (path, content) => {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, content);
  renameSync(next, path);
};

const readState = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // absent or cut: everything is compiled again
  }
};

/** Compiles what changed. Returns counts and the files that could not be compiled. */
export const build = async () => {
  // Loaded at the first file that needs it: a build with nothing to do must cost nothing.
  let loaded;
  const transform = async (...args) => (await (loaded ??= import('@swc/core'))).transformFile(...args);
  const statePath = join(root, '.cache', 'build.json');
  const options = readFileSync(join(root, '.swcrc'), 'utf8');
  const compiler = hashOf(options + readFileSync(join(root, 'node_modules', '@swc', 'core', 'package.json'), 'utf8'));
  const previous = readState(statePath);
  const known = previous?.compiler === compiler ? previous.files : {};
  const files = {};
  const errors = [];
  let compiled = 0;
  const wanted = new Set();
  const inputs = assetFolders.flatMap((folder) => walk(join(root, folder)));
  for (const input of inputs) {
    const name = relative(root, input).split(sep).join('/');
    const source = isSource(name);
    if (!source && !assetPattern.test(name)) continue;
    if ((source && name.startsWith('schemas/')) || skippedAssets.has(basename(name))) continue;
    const output = join(root, 'dist', source ? name.replace(/\.ts$/, '.js') : name);
    wanted.add(output);
    const { mtimeMs, size } = statSync(input);
    const before = known[name];
    if (before !== undefined && before.mtimeMs === mtimeMs && before.size === size && existsSync(output)) {
      files[name] = before;
      continue;
    }
    const content = readFileSync(input);
    const hash = hashOf(content);
    if (before === undefined || before.hash !== hash || !existsSync(output)) {
      try {
        if (source) {
          const { code, map } = await transform(input, { cwd: root, sourceMaps: true, sourceFileName: pathToFileURL(input).href });
          writeAtomically(`${output}.map`, map ?? '{}');
          writeAtomically(output, `${code}\n//# sourceMappingURL=${output.split(sep).at(-1)}.map\n`);
        } else writeAtomically(output, content);
        compiled += 1;
      } catch (error) {
        errors.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        continue;
      }
    }
    files[name] = { mtimeMs, size, hash };
  }
  // A module whose source is gone must not stay importable.
  for (const output of walk(join(root, 'dist'))) {
    const original = output.replace(/\.map$/, '');
    if (!wanted.has(original)) rmSync(output, { force: true });
  }
  writeAtomically(statePath, JSON.stringify({ compiler, files }));
  return { compiled, total: wanted.size, errors };
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await withLock(join(root, '.cache', 'build.lock'), () => build());
  for (const error of result.errors) process.stderr.write(`${error}\n`);
  if (!process.argv.includes('--quiet')) process.stderr.write(`compiled ${result.compiled} of ${result.total} files\n`);
  process.exitCode = result.errors.length === 0 ? 0 : 1;
}
