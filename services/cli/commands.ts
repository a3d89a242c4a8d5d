import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { CliContext } from './context.js';

/** A command file: `commands/<name>.ts` exports `register`, which adds the command and its action to the program. */
export interface CommandModule {
  register(program: Command, context: CliContext): void;
}

/** Every command of the program, in the order of the help. */
export const commandNames = ['start', 'doctor', 'data', 'replay', 'audit', 'projections', 'risk', 'bench', 'user'] as const;
export type CommandName = (typeof commandNames)[number];

const isCommandName = (text: string | undefined): text is CommandName => (commandNames as readonly (string | undefined)[]).includes(text);

const isPresent = (name: CommandName): boolean => existsSync(fileURLToPath(new URL(`./commands/${name}.js`, import.meta.url)));

/**
 * Loads the command that the line asks for, or all of them for the help. One at a time, because a command brings its drivers with it and
 * `fulltape --version` must not load them; and so that a command that cannot be loaded does not take the others with it.
 */
export const registerCommands = async (program: Command, context: CliContext, args: readonly string[]): Promise<void> => {
  const wanted = args.find((argument) => !argument.startsWith('-') && isCommandName(argument));
  const names = isCommandName(wanted) ? [wanted] : commandNames;
  for (const name of names) {
    if (!isPresent(name)) continue;
    try {
      const module = (await import(`./commands/${name}.js`)) as CommandModule;
      module.register(program, context);
    } catch (error) {
      if (names.length === 1) throw error;
      context.note(`fulltape ${name} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
};
