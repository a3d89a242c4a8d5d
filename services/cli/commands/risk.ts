import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { attachToRunning } from '#platform/config/runtime-file.js';
import { ReadSide, riskRulesView, type ReadSnapshot, type RiskRulesView, type RulesOf } from '#platform/read-side/index.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import type { CliContext } from '../context.js';

const outputVersion = 1;

const optionsSchema = z.object({
  account: z
    .string()
    .regex(/^[1-9][0-9]{0,9}$/, 'an account id')
    .transform(Number)
    .optional(),
});

/** `PascalCase` as words. */
const spaced = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

const targetText = (scope: string, targetId: number, symbol: string | null): string => {
  if (scope === 'Global') return symbol === null ? 'everybody' : `everybody in ${symbol}`;
  if (scope === 'Instrument') return `everybody in ${symbol ?? `#${targetId}`}`;
  return `${scope.toLowerCase()} ${targetId}${symbol === null ? '' : ` in ${symbol}`}`;
};

const limitText = ({ scope, targetId, symbol, version, setAt, ...bounds }: RiskRulesView['limits'][number]): string => {
  const set = Object.entries(bounds).flatMap(([name, value]) => (value === null ? [] : [`${spaced(name)} ${value}`]));
  return `  ${targetText(scope, targetId, symbol)}: ${set.join(', ')} (version ${version}, ${setAt})`;
};

const tripText = ({ scope, targetId, symbol, rule, threshold, windowMs, ...result }: RiskRulesView['tripRules'][number]): string => {
  const unit = rule === 'PriceMove' ? ' ppm' : '';
  const leads = result.resultingPhase ?? result.resultingState ?? '?';
  return `  ${targetText(scope, targetId, symbol)}: ${spaced(rule)} of ${threshold}${unit} within ${windowMs} ms leads to ${spaced(leads)}`;
};

const stateText = ({ scope, targetId, tradingState, stateReason, updatedAt }: RiskRulesView['states'][number]): string =>
  `  ${targetText(scope, targetId, null)}: ${spaced(tradingState)}${stateReason === null ? '' : ` (${spaced(stateReason)})`} since ${updatedAt}`;

const section = (title: string, lines: readonly string[]): readonly string[] => [title, ...(lines.length === 0 ? ['  none'] : lines)];

const linesOf = (view: RiskRulesView): readonly string[] => [
  ...section('limits', view.limits.map(limitText)),
  ...section(
    `restricted list, version ${view.restrictedListVersion}`,
    view.restrictions.map(
      ({ accountId, symbol, restriction, version }) =>
        `  ${accountId === null ? 'everybody' : `account ${accountId}`} in ${symbol}: ${spaced(restriction)} (version ${version})`,
    ),
  ),
  ...section('circuit breakers', view.tripRules.map(tripText)),
  ...section('states', view.states.map(stateText)),
  ...section(
    'stopped instruments',
    view.stoppedInstruments.map(
      ({ symbol, tradingState, stateReason }) =>
        `  ${symbol}: ${spaced(tradingState)}${stateReason === null ? '' : ` (${spaced(stateReason)})`}`,
    ),
  ),
];

const rulesOf = async ({ reference }: ReadSnapshot, accountId: number | undefined): Promise<RulesOf> => {
  if (accountId === undefined) return null;
  const [account] = await reference.accounts([accountId]);
  if (account === undefined) throw new FulltapeError('UNKNOWN_ACCOUNT', { accountId: String(accountId) });
  return { accountId, groupId: account.groupId };
};

const show = async (context: CliContext, command: Command): Promise<void> => {
  const globals = context.globals(command);
  setLogLevel(globals.logLevel ?? 'error');
  const parsed = optionsSchema.safeParse(command.opts());
  if (!parsed.success)
    throw new FulltapeError('INVALID_ARGUMENT', { argument: '--account', expected: parsed.error.issues[0]?.message ?? 'an account id' });
  const { config } = attachToRunning(globals.dataDir);
  const readSide = ReadSide.open({ postgres: { ...config.postgres, poolMax: 4 }, clickhouse: config.clickhouse });
  try {
    const snapshot = await readSide.snapshot();
    const view = await riskRulesView(snapshot, await rulesOf(snapshot, parsed.data.account));
    if (globals.json) {
      const stoppedInstruments = view.stoppedInstruments.map(({ symbol, tradingState, stateReason }) => ({
        symbol,
        tradingState,
        stateReason,
      }));
      context.printJson({ version: outputVersion, ...view, stoppedInstruments });
    } else for (const line of linesOf(view)) context.print(line);
  } finally {
    await readSide.close();
  }
};

export const register = (program: Command, context: CliContext): void => {
  program
    .command('risk')
    .description('show what is in force: limits, restricted list, circuit breakers, trading states and why')
    .option('--account <id>', 'what applies to one account')
    .addHelpText('after', '\nExample:\n  npx fulltape risk --account 1001')
    .action((_options: unknown, command: Command) => show(context, command));
};
