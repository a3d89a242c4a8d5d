import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { rootDir } from '#platform/config/root-dir.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import { isMet, type BenchEnvironment, type BenchReport, type Figure } from '../../../bench/benchmark.js';
import { benchmarks } from '../../../bench/benchmarks.js';
import { describeMachine, type Machine } from '../../../bench/machine.js';
import { startBenchPlatform } from '../bench/bench-platform.js';
import type { CliContext } from '../context.js';

const optionsSchema = z.object({ only: z.string().optional() });

const chosen = (only: string | undefined) => {
  const names = only?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !benchmarks.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: '--only',
      value: unknown,
      expected: benchmarks.map(({ name }) => name).join(', '),
    });
  return benchmarks.filter(({ name }) => names === undefined || names.includes(name));
};

/** Large values as whole numbers, small ones with three digits. */
const plain = (value: number): string => (value >= 1_000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

const figureLine = (figure: Figure): string => {
  const spread =
    figure.runs === 1
      ? `${plain(figure.median)} ${figure.unit}`
      : `${plain(figure.median)} ${figure.unit} (${plain(figure.min)} to ${plain(figure.max)}, ${figure.runs} runs)`;
  const verdict = figure.target === null ? '' : `  target ${figure.target.text}: ${isMet(figure) === true ? 'met' : 'MISSED'}`;
  return `  ${figure.name}: ${spread}${verdict}`;
};

const describe = (report: BenchReport): string =>
  [
    report.question,
    `  boundary: ${report.boundary}`,
    `  mix: ${report.commandMix}; warm-up: ${report.warmUp}`,
    ...report.figures.map(figureLine),
  ].join('\n');

const describeOn = (machine: Machine): string =>
  `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.kernel}, Node ${machine.node}, ${machine.rustc}`;

/** A benchmark that could not run; its reason takes the place of figures and the others go on. */
interface FailedBench {
  readonly name: string;
  readonly error: string;
}

const run = async (context: CliContext, command: Command): Promise<void> => {
  const globals = context.globals(command);
  const { only } = optionsSchema.parse(command.opts());
  const wanted = chosen(only);
  setLogLevel(globals.logLevel ?? 'warn');
  const start = (isWhole: boolean): ReturnType<typeof startBenchPlatform> =>
    startBenchPlatform({
      isWhole,
      logLevel: globals.logLevel,
      signal: context.signal,
      onProgress: (step) => context.note(`starting ${step} …`),
    });
  let started: ReturnType<typeof startBenchPlatform> | undefined;
  const environment: BenchEnvironment = {
    rootDir,
    signal: context.signal,
    note: (text) => context.note(text),
    platform: async () => {
      started ??= start(true);
      return (await started).platform;
    },
    withOrdersAlone: async (work) => {
      const { platform, close } = await start(false);
      try {
        return await work(platform);
      } finally {
        await close();
      }
    },
  };
  const machine = describeMachine();
  const reports: BenchReport[] = [];
  const failed: FailedBench[] = [];
  if (!globals.json) context.print(describeOn(machine));
  try {
    for (const benchmark of wanted) {
      context.signal.throwIfAborted();
      context.note(`${benchmark.name} …`);
      try {
        const report = await benchmark.run(environment);
        reports.push(report);
        if (!globals.json) context.print(`\n${describe(report)}`);
      } catch (error) {
        context.signal.throwIfAborted();
        failed.push({ name: benchmark.name, error: error instanceof Error ? error.message : String(error) });
        if (!globals.json)
          context.print(`\n${benchmark.question}\n  could not run: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    const running = await started?.catch(() => undefined);
    await running?.close();
  }
  if (failed.length > 0) context.exitCode = 2;
  if (globals.json)
    context.printJson({
      machine,
      benchmarks: reports.map((report) => ({ ...report, figures: report.figures.map((figure) => ({ ...figure, met: isMet(figure) })) })),
      failed,
    });
};

export const register = (program: Command, context: CliContext): void => {
  program
    .command('bench')
    .description('measure this machine: each figure with its boundary, beside its target')
    .option('--only <names>', `comma-separated: ${benchmarks.map(({ name }) => name).join(', ')}`)
    .addHelpText(
      'after',
      '\nExample:\n  npx fulltape bench --only ffi,order-ack\n\nA missed target is printed, not an error. Exit status 2 when a benchmark could not run.\n',
    )
    .action((_options: unknown, command: Command) => run(context, command));
};
