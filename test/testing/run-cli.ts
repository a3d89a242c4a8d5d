import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { builtFile } from '#platform/testing/built.js';

const execute = promisify(execFile);
const timeoutMs = 60_000;

/** What a command of the CLI prints about the platform on a data folder. */
export const runCli = async (dataDir: string, ...args: readonly string[]): Promise<string> => {
  const entry = await builtFile('services/cli/main.js');
  return (await execute(process.execPath, [entry, ...args, '--data', dataDir], { timeout: timeoutMs })).stdout;
};
