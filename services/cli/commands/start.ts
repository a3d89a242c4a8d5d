import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import type { SettingsOverride } from '#platform/config/load-settings.js';
import { startPlatform, type RunningPlatform } from '#platform/supervisor/supervisor.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import type { CliContext } from '../context.js';
import { hostEntry, roleEntries, roleNameOf } from '../role-entries.js';

const optionsSchema = z.object({
  port: z
    .string()
    .regex(/^[0-9]{1,5}$/, 'a port from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= 65_535, 'a port from 0 to 65535')
    .optional(),
  host: z.string().optional(),
  roles: z.string().optional(),
  demo: z.boolean(),
  empty: z.boolean().optional(),
});
type StartFlags = z.output<typeof optionsSchema>;

/** `--port 0` asks for free ports everywhere; any other number is the gateway's. */
const flagsToSettings = (flags: StartFlags): SettingsOverride => ({
  ...(flags.host === undefined ? {} : { host: flags.host }),
  ...(flags.roles === undefined ? {} : { roles: flags.roles.split(',').map((name) => roleNameOf(name.trim())) }),
  ...(flags.demo ? {} : { simulation: { enabled: false } }),
  ...(flags.empty === true ? { demo: false } : {}),
  ...(flags.port === undefined ? {} : { gateway: { port: flags.port } }),
  ...(flags.port === 0 ? { nats: { port: 0, monitorPort: 0 }, postgres: { port: 0 }, clickhouse: { port: 0 } } : {}),
});

const printReady = (context: CliContext, platform: RunningPlatform, startedAt: number): void => {
  const { urls, demo } = platform.ready;
  if (context.json) {
    context.printJson({ ready: true, urls, demo });
    return;
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const rows = Object.entries(urls).map(([name, url]) => `  ${name.padEnd(10)} ${url}`);
  const accounts = demo.accounts.map(({ id, token }) => `  account ${id.padEnd(6)} token ${token}`);
  context.print(
    [`Fulltape is ready after ${seconds} s (data folder ${platform.config.dataDir})`, ...rows, ...accounts, 'Ctrl-C stops it.'].join('\n'),
  );
};

const run = async (context: CliContext, command: Command): Promise<void> => {
  const startedAt = performance.now();
  const globals = context.globals(command);
  const parsed = optionsSchema.safeParse(command.opts());
  if (!parsed.success)
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: `--${parsed.error.issues[0]?.path.join('.') ?? ''}`,
      expected: parsed.error.issues[0]?.message ?? '',
    });
  const settings = context.settings(globals, flagsToSettings(parsed.data));
  setLogLevel(settings.logLevel);
  const platform = await startPlatform({
    settings,
    dataDir: globals.dataDir,
    roleEntries,
    hostEntry,
    signal: context.signal,
    onProgress: (step) => {
      if (!globals.json) context.note(`starting ${step} …`);
    },
  });
  printReady(context, platform, startedAt);
  const stopAsked = Promise.withResolvers<undefined>();
  context.signal.addEventListener('abort', () => stopAsked.resolve(undefined), { once: true });
  if (context.signal.aborted) stopAsked.resolve(undefined);
  const failure = await Promise.race([platform.failed, stopAsked.promise]);
  if (!globals.json) context.note('stopping …');
  await platform.stop();
  if (failure !== undefined) throw failure;
  if (!globals.json) context.note('stopped; starting again on the same data folder goes on from here');
};

export const register = (program: Command, context: CliContext): void => {
  program
    .command('start')
    .description('start the platform: servers, order engine, read models, gateway and the simulated market')
    .option('--port <port>', 'port of the gateway; 0 picks free ports for everything, so that instances run side by side')
    .option('--host <address>', 'address that the gateway listens on (default 127.0.0.1); the stores stay on loopback')
    .option('--roles <names>', 'run only these roles, together in one process: orders,workers,gateway,simulation')
    .option('--no-demo', 'without the simulated market; instruments and demo accounts stay, and nobody else trades')
    .option('--empty', 'an installation without demo instruments and accounts')
    .addHelpText('after', '\nExample:\n  npx fulltape start --port 0 --json\n')
    .action((_options: unknown, command: Command) => run(context, command));
};
