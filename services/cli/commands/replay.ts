import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import { askOrdersStatus } from '../../simulation/lobster/command-sender.js';
import { surveyDay, type DaySurvey } from '../../simulation/lobster/day-files.js';
import { defaultDay, midnightNanos, parseDayName } from '../../simulation/lobster/file-name.js';
import { countInReadModels } from '../../simulation/lobster/read-model-counts.js';
import { replayDay, type ReplayProgress } from '../../simulation/lobster/replay-day.js';
import { partiesOf, replaySymbol } from '../../simulation/lobster/replay-profile.js';
import type { CliContext, GlobalOptions } from '../context.js';
import { attachPlatform, startOwnPlatform, type ReplayPlatform } from '../replay/replay-platform.js';
import { replayProgress } from '../replay/replay-progress.js';
import { describeReplay, replayReport, type ReplayReport } from '../replay/replay-report.js';

const optionsSchema = z.object({
  messages: z.string().min(1),
  orderbook: z.string().min(1),
  symbol: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/=-]{0,15}$/, 'a symbol of at most 16 characters')
    .optional(),
  url: z.string().min(1).optional(),
  token: z.string().min(1).optional(),
});
type ReplayFlags = z.output<typeof optionsSchema>;

const parseFlags = (command: Command): ReplayFlags => {
  const parsed = optionsSchema.safeParse(command.opts());
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FulltapeError('INVALID_ARGUMENT', { argument: `--${issue?.path.join('.') ?? ''}`, expected: issue?.message ?? '' });
};

const openPlatform = (
  context: CliContext,
  globals: GlobalOptions,
  flags: ReplayFlags,
  failing: AbortController,
): Promise<ReplayPlatform> =>
  flags.url === undefined
    ? startOwnPlatform({
        logLevel: globals.logLevel,
        signal: context.signal,
        onProgress: (step) => context.note(`starting ${step} …`),
        onFailed: (error) => failing.abort(error),
      })
    : attachPlatform({ url: flags.url, token: flags.token ?? process.env['FULLTAPE_TOKEN'], dataDir: globals.dataDir, context });

/** Replays whose ids are in use elsewhere on the tape would be refused, so a tape of others gives the number of its next command. */
const serialOn = async (platform: ReplayPlatform): Promise<bigint> => {
  if (platform.isOwn) return 0n;
  const status = await askOrdersStatus(platform.connection);
  if (status === null) throw new FulltapeError('STORE_UNAVAILABLE', { reason: 'no writer serves the tape; is the platform running?' });
  return BigInt(status.nextCommandNumber);
};

const replayThrough = async (
  context: CliContext,
  platform: ReplayPlatform,
  day: { readonly flags: ReplayFlags; readonly survey: DaySurvey; readonly signal: AbortSignal },
): Promise<ReplayReport> => {
  const { flags, survey, signal } = day;
  const name = parseDayName(flags.messages);
  const serial = await serialOn(platform);
  const parties = partiesOf(serial);
  const symbol = replaySymbol(flags.symbol ?? name.symbol ?? 'LOBSTER', serial);
  const progress = replayProgress(context, survey.messages);
  let at: ReplayProgress = { linesDone: 0, lines: survey.messages, commandsSent: 0 };
  try {
    const outcome = await replayDay({
      connection: platform.connection,
      files: flags,
      survey,
      parties,
      symbol,
      midnightNanos: midnightNanos(name.day ?? parseDayName(flags.orderbook).day ?? defaultDay),
      timeSupplied: platform.timeSupplied,
      signal,
      onProgress: (next) => {
        at = next;
        progress.update(next);
      },
    });
    const counts =
      platform.stores === null
        ? null
        : await countInReadModels(platform.stores, {
            instrumentId: parties.instrumentId,
            lastCommandNumber: outcome.lastCommandNumber,
            signal,
          });
    return replayReport({ symbol, survey, outcome, counts });
  } finally {
    progress.end();
    if (context.signal.aborted) context.note(`stopped after ${at.linesDone} of ${at.lines} rows, ${at.commandsSent} commands acknowledged`);
  }
};

const run = async (context: CliContext, command: Command): Promise<void> => {
  const globals = context.globals(command);
  const flags = parseFlags(command);
  setLogLevel(globals.logLevel ?? 'warn');
  // Both files are read to their ends first: nothing is started for a file that cannot be replayed.
  const survey = await surveyDay(flags);
  const failing = new AbortController();
  const platform = await openPlatform(context, globals, flags, failing);
  try {
    const report = await replayThrough(context, platform, { flags, survey, signal: AbortSignal.any([context.signal, failing.signal]) });
    if (!report.ok) context.exitCode = 1;
    if (globals.json) context.printJson(report);
    else context.print(describeReplay(report));
  } finally {
    await platform.close();
  }
};

export const register = (program: Command, context: CliContext): void => {
  program
    .command('replay')
    .description('send recorded order flow through the platform and check what comes out')
    .command('lobster')
    .description('a LOBSTER day: message and order-book file, plain or gzip, any number of levels')
    .requiredOption('--messages <file>', 'message file')
    .requiredOption('--orderbook <file>', 'order-book file of the same day')
    .option('--symbol <symbol>', 'symbol of the instrument (default: from the name of the message file)')
    .option(
      '--url <url>',
      'a running platform, nats://host:port or the base URL of its gateway (default: an instance of its own in a temporary folder)',
    )
    .option('--token <token>', 'token of the broker, or of an operator with the URL of a gateway (default: FULLTAPE_TOKEN)')
    .addHelpText(
      'after',
      '\nExample:\n  npx fulltape replay lobster --messages GOOG_2012-06-21_34200000_57600000_message_5.csv --orderbook GOOG_2012-06-21_34200000_57600000_orderbook_5.csv\n\nExit status 1 when a row differs; the first differing row is shown.\n',
    )
    .action((_options: unknown, command: Command) => run(context, command));
};
