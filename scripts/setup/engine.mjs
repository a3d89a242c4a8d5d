// The engine: a Rust library that is built when its sources differ from those of the last build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Missing, StepFailed, run, step } from './report.mjs';

const sourcePattern = /\.(rs|toml|lock|capnp)$/;

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'target')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return sourcePattern.test(entry.name) ? [path] : [];
    })
    .sort();

/** Hash over names and contents of files. */
export const hashFiles = (paths) => {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
};

export const libraryPath = (root) => {
  const name = { darwin: 'libfulltape_ffi.dylib', win32: 'fulltape_ffi.dll' }[process.platform] ?? 'libfulltape_ffi.so';
  return join(root, 'native', 'target', 'release', name);
};

export const ensureEngine = async (root, state) => {
  const folder = join(root, 'native');
  if (!existsSync(join(folder, 'ffi', 'Cargo.toml'))) throw new StepFailed('native/ffi is missing; the clone is incomplete');
  const hash = hashFiles(sources(folder));
  if (state.engine === hash && existsSync(libraryPath(root))) return;
  const version = await run('cargo', ['--version'], { cwd: folder });
  if (version.status !== 0)
    throw new Missing('cargo (Rust), which builds the engine', 'install Rust from https://rustup.rs and start again');
  const result = await step('engine (cargo build --release)', () =>
    run('cargo', ['build', '--release', '-p', 'fulltape-ffi'], { cwd: folder }),
  );
  if (result.status !== 0) {
    process.stderr.write(`${result.tail}\n`);
    if (/linker `?cc`? not found/.test(result.output))
      throw new Missing('a C linker (cc)', 'install gcc or clang, on Debian: apt-get install gcc');
    if (/No space left on device/.test(result.output))
      throw new Missing('free disk space for the build (about 1 GB)', 'free disk space and start again');
    if (/rustc [0-9.]+ is not supported|requires rustc/.test(result.output)) throw new Missing('a newer Rust', 'rustup update stable');
    throw new StepFailed('the engine does not compile; the last lines of cargo are above');
  }
  state.engine = hash;
};
