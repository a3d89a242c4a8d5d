import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fail, pass, warn, type Check } from './check.js';

/** The smallest machine on which the single-node profile is pleasant. */
export const machineMin = { cores: 2, memoryBytes: 4 * 1024 ** 3, freeDiskBytes: 5 * 1024 ** 3 } as const;

const gigabytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GB`;

export const checkNode = (version: string): Check => {
  const major = Number(version.split('.')[0]);
  return major >= 24 ? pass('node', version) : fail('node', version, 'node scripts/setup.mjs installs Node 24 into the clone');
};

export const checkCargo = (): Check => {
  try {
    return pass(
      'cargo',
      execFileSync('cargo', ['--version'], { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    );
  } catch {
    return warn('cargo', 'not found', 'install Rust from https://rustup.rs; it is needed when the engine is built, not to run it');
  }
};

export const checkMachine = (found: { readonly cores: number; readonly memoryBytes: number }): readonly Check[] => [
  found.cores >= machineMin.cores
    ? pass('cores', String(found.cores))
    : warn('cores', String(found.cores), `at least ${machineMin.cores} are advised`),
  found.memoryBytes >= machineMin.memoryBytes
    ? pass('memory', gigabytes(found.memoryBytes))
    : warn('memory', gigabytes(found.memoryBytes), `at least ${gigabytes(machineMin.memoryBytes)} are advised`),
];

export const thisMachine = (): { cores: number; memoryBytes: number } => ({ cores: availableParallelism(), memoryBytes: totalmem() });

/** The folder itself or its nearest ancestor that exists. */
const existing = (path: string): string => (existsSync(path) ? path : existing(dirname(path)));

export const checkDisk = (dataDir: string, bytesMin: number): Check => {
  const { bavail, bsize } = statfsSync(existing(dataDir));
  const free = bavail * bsize;
  const remedy = `free space on the file system of ${dataDir}, or choose another folder with --data`;
  if (free < bytesMin) return fail('free disk', gigabytes(free), remedy);
  return free < machineMin.freeDiskBytes ? warn('free disk', gigabytes(free), remedy) : pass('free disk', gigabytes(free));
};

const syncsMeasured = 50;

/** Median time of one small synced append where the tape will be: what bounds a durable order when the system is idle. */
export const checkDiskSync = (dataDir: string): Check => {
  const parent = existing(dataDir);
  let folder: string;
  try {
    folder = mkdtempSync(join(parent, '.doctor-'));
  } catch {
    return fail('disk sync', `${parent} cannot be written`, `make ${parent} writable or choose another folder with --data`);
  }
  try {
    mkdirSync(folder, { recursive: true });
    const descriptor = openSync(join(folder, 'sync'), 'w');
    const block = Buffer.alloc(4_096, 1);
    const times: number[] = [];
    for (let index = 0; index < syncsMeasured; index += 1) {
      const startedAt = performance.now();
      writeSync(descriptor, block);
      fdatasyncSync(descriptor);
      times.push(performance.now() - startedAt);
    }
    closeSync(descriptor);
    const sorted = times.sort((left, right) => left - right);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const worst = sorted.at(-1) ?? 0;
    const observed = `median ${median.toFixed(2)} ms, worst of ${syncsMeasured} ${worst.toFixed(2)} ms`;
    return median > 20
      ? warn('disk sync', observed, 'durable orders wait for this; put --data on a faster disk')
      : pass('disk sync', observed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The wall clock must be plausible and must not jump against the monotonic one. */
export const checkClock = async (): Promise<Check> => {
  const wall = Date.now();
  const monotonic = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const driftMs = Math.abs(Date.now() - wall - (performance.now() - monotonic));
  const observed = `${new Date().toISOString()}, ${driftMs.toFixed(1)} ms off the monotonic clock in 0.2 s`;
  const remedy = 'synchronise the clock (timedatectl set-ntp true)';
  if (wall < Date.UTC(2025, 0, 1)) return fail('clock', observed, remedy);
  return driftMs > 50 ? warn('clock', observed, remedy) : pass('clock', observed);
};
