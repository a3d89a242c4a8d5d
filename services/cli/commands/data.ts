import type { Command } from 'commander';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { checkDataFolder, dataFolderAt, dataFolderHolder, openDataFolder } from '#platform/config/data-folder.js';
import { waitForPreviousRun } from '#platform/supervisor/previous-run.js';
import type { CliContext } from '../context.js';

const bytesOf = (path: string): number => {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
};

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`;

const parts = ['nats', 'postgres', 'clickhouse', 'journal', 'logs'] as const;

const info = (context: CliContext, command: Command): void => {
  const { dataDir, json } = context.globals(command);
  const folder = dataFolderAt(dataDir);
  const state = checkDataFolder(folder);
  const holder = dataFolderHolder(folder);
  const sizes = Object.fromEntries(parts.map((name) => [name, bytesOf(folder[name])]));
  if (json) {
    context.printJson({ version: 1, path: folder.path, state, holderPid: holder ?? null, bytes: sizes });
    return;
  }
  const rows = Object.entries(sizes).map(([name, bytes]) => `  ${name.padEnd(11)} ${megabytes(bytes)}`);
  const use = holder === undefined ? 'not in use' : `in use by process ${holder}`;
  context.print([`${folder.path}: ${state}, ${use}`, ...rows].join('\n'));
};

const resetOptionsSchema = z.object({ yes: z.boolean().default(false) });

/** Removes what the platform made and leaves config.json, which a person wrote. */
const reset = async (context: CliContext, command: Command): Promise<void> => {
  const { dataDir, json } = context.globals(command);
  const folder = dataFolderAt(dataDir);
  if (!resetOptionsSchema.parse(command.opts()).yes) {
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: '--yes',
      reason: `this deletes every order, event and read model in ${folder.path}; add --yes to do it`,
    });
  }
  if (checkDataFolder(folder) === 'present') {
    const held = openDataFolder(dataDir); // refuses a folder that is in use
    await waitForPreviousRun(folder);
    held.release();
    for (const name of readdirSync(folder.path)) {
      if (name !== 'config.json') rmSync(join(folder.path, name), { recursive: true, force: true });
    }
  }
  if (json) context.printJson({ version: 1, path: folder.path, reset: true });
  else context.print(`${folder.path} is empty; the next start makes a new tape`);
};

export const register = (program: Command, context: CliContext): void => {
  const data = program.command('data').description('the data folder: what is in it, and how to empty it');
  data
    .command('info')
    .description('state, holder and sizes of the data folder')
    .addHelpText('after', '\nExample:\n  npx fulltape data info --json\n')
    .action((_options: unknown, command: Command) => info(context, command));
  data
    .command('reset')
    .description('delete everything in the data folder but config.json')
    .option('--yes', 'really do it')
    .addHelpText('after', '\nExample:\n  npx fulltape data reset --yes --data .data\n')
    .action((_options: unknown, command: Command) => reset(context, command));
};
