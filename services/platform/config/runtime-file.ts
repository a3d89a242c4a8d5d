import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { isSameProcess } from '../processes/process-table.js';
import type { FulltapeConfig } from './config.js';
import { dataFolderAt, type DataFolder } from './data-folder.js';
import { loadConfig } from './load-config.js';

/** What a running platform says about itself in DIR/runtime.json: addresses and processes, no secrets. */
export const runtimeSchema = z.object({
  version: z.literal(1),
  pid: z.number().int(),
  startTime: z.string(),
  urls: z.record(z.string(), z.string()),
  ports: z.record(z.string(), z.number()),
  pids: z.record(z.string(), z.number()),
  /** Start time of each process of `pids`; with it a pid names one process for good. */
  startTimes: z.record(z.string(), z.string()),
  configFile: z.string(),
  secretsFile: z.string(),
});
export type Runtime = z.output<typeof runtimeSchema>;

export const writeRuntime = (folder: DataFolder, runtime: Runtime): void => {
  const next = `${folder.runtimeFile}.${process.pid}`;
  writeFileSync(next, JSON.stringify(runtime));
  renameSync(next, folder.runtimeFile);
};

export const removeRuntime = (folder: DataFolder): void => rmSync(folder.runtimeFile, { force: true });

/** What the last platform on this folder wrote, whether it still runs or was killed; a clean stop removes it. */
export const lastRuntime = (folder: DataFolder): Runtime | undefined => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(folder.runtimeFile, 'utf8'));
  } catch {
    return undefined;
  }
  const runtime = runtimeSchema.safeParse(content);
  return runtime.success ? runtime.data : undefined;
};

/** The platform that runs on this data folder, or undefined. */
export const readRuntime = (dataDir: string): Runtime | undefined => {
  const runtime = lastRuntime(dataFolderAt(dataDir));
  return runtime !== undefined && isSameProcess(runtime.pid, runtime.startTime) ? runtime : undefined;
};

/**
 * Configuration of the platform that runs on this data folder, for commands that talk to it.
 * @throws FulltapeError STORE_UNAVAILABLE when none runs there.
 */
export const attachToRunning = (dataDir: string): { readonly runtime: Runtime; readonly config: FulltapeConfig } => {
  const runtime = readRuntime(dataDir);
  if (runtime === undefined) {
    throw new FulltapeError('STORE_UNAVAILABLE', {
      dataDir,
      reason: 'no platform runs on this data folder; start it with: npx fulltape start',
    });
  }
  return { runtime, config: loadConfig(runtime.configFile) };
};
