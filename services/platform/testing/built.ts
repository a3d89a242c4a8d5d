import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rootDir } from '../config/root-dir.js';

const execute = promisify(execFile);
let building: Promise<void> | undefined;

/**
 * Path of a compiled file, after bringing dist/ up to date once per test process: child processes run what the product runs.
 * A file of somebody else that does not compile does not matter here; the one that is asked for does.
 */
export const builtFile = async (path: string): Promise<string> => {
  building ??= execute(process.execPath, [join(rootDir, 'scripts', 'build.mjs'), '--quiet'], { timeout: 120_000 }).then(
    () => undefined,
    () => undefined,
  );
  await building;
  const file = join(rootDir, 'dist', path);
  if (!existsSync(file)) throw new Error(`${file} is missing: it does not compile`);
  return file;
};
