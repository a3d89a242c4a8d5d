import { Command, CommanderError, Option } from 'commander';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { logLevels } from '#platform/config/config.js';
import { rootDir } from '#platform/config/root-dir.js';
import { registerCommands } from './commands.js';
import { CliContext, errorDocument, exitCodeOf } from './context.js';
import { listenForStop } from './stop-signals.js';

const packageSchema = z.object({ version: z.string() });

const buildProgram = (): Command =>
  new Command('fulltape')
    .description('An open trading platform on one verifiable tape.')
    .version(packageSchema.parse(JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8'))).version)
    .option('--data <dir>', 'data folder (default: .data in the clone, or FULLTAPE_DATA)')
    .option('--json', 'print exactly one JSON document on standard output')
    .addOption(new Option('--log-level <level>', 'least severe entries of the log').choices(logLevels))
    .configureHelp({ showGlobalOptions: true })
    // Usage errors have the form of all others, which `main` gives them.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit status: 0 done, 1 what was checked does not hold, 2 usage or failure, 3 something is missing on this machine, 130 after Ctrl-C.',
    );

/** What commander says of a line, as an error of the table. It calls a line without a command a wish for help. */
const usageErrorOf = (error: CommanderError, args: readonly string[]): FulltapeError => {
  const said = error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
  return new FulltapeError('INVALID_ARGUMENT', {
    argument: ['fulltape', ...args].join(' '),
    reason: error.code === 'commander.help' ? 'a command is missing' : said,
  });
};

const main = async (args: readonly string[]): Promise<number> => {
  const stop = listenForStop();
  const context = new CliContext(stop.signal);
  // Before any option is parsed: a usage error of a command with --json is JSON too.
  const wantsJson = args.includes('--json');
  const program = buildProgram();
  try {
    await registerCommands(program, context, args);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed help on the right stream by itself.
      if (error.exitCode === 0 || args.length === 0) return 0;
      const usage = usageErrorOf(error, args);
      if (wantsJson && !context.printedJson) context.printJson(errorDocument(usage));
      context.note(usage.message);
      return 2;
    }
    if (stop.signal.aborted) return stop.exitCode();
    if ((wantsJson || context.json) && !context.printedJson) context.printJson(errorDocument(error));
    context.note(error instanceof Error ? error.message : String(error));
    if (process.env['FULLTAPE_LOG_LEVEL'] === 'debug' && error instanceof Error) context.note(error.stack ?? '');
    return exitCodeOf(error);
  }
  return stop.signal.aborted && context.exitCode === 0 ? stop.exitCode() : context.exitCode;
};

process.exit(await main(process.argv.slice(2)));
