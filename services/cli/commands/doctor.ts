import type { Command } from 'commander';
import { attachToRunning, readRuntime } from '#platform/config/runtime-file.js';
import { examine } from '#platform/doctor/doctor.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import type { CliContext } from '../context.js';

const run = async (context: CliContext, command: Command): Promise<void> => {
  const globals = context.globals(command);
  const settings = context.settings(globals);
  setLogLevel('silent'); // a store that does not answer is a line of the report
  const running = readRuntime(globals.dataDir) === undefined ? undefined : attachToRunning(globals.dataDir);
  const checks = (await examine({ settings, dataDir: globals.dataDir, running })).map((check, index) => ({ number: index + 1, ...check }));
  const failed = checks.filter((check) => check.verdict === 'fail').length;
  if (failed > 0) context.exitCode = 1;
  if (globals.json) {
    context.printJson({ version: 1, running: running !== undefined, failed, checks });
    return;
  }
  for (const { number, name, verdict, observed, remedy } of checks) {
    context.print(
      `${String(number).padStart(2)} ${verdict.padEnd(4)} ${name.padEnd(22)} ${observed}${remedy === undefined ? '' : `\n        -> ${remedy}`}`,
    );
  }
  context.print(failed === 0 ? 'Everything that a start needs is here.' : `${failed} of ${checks.length} checks failed.`);
};

export const register = (program: Command, context: CliContext): void => {
  program
    .command('doctor')
    .description('check versions, servers, ports, disk, clock and data folder, each with its remedy; exit status 1 when one fails')
    .addHelpText('after', '\nExample:\n  npx fulltape doctor --json\n')
    .action((_options: unknown, command: Command) => run(context, command));
};
