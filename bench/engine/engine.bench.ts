import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '../../contracts/result/result.js';
import { figureOf, type BenchEnvironment, type Benchmark, type BenchReport } from '../benchmark.js';

const rate = z.object({ wall: z.number(), cpu: z.number() });

/** What the Rust example prints: medians of its own runs. */
const outputSchema = z.looseObject({
  commands: z.number(),
  runs: z.number(),
  mix: z.record(z.string(), z.number()),
  commandsPerSecond: z.object({ engine: rate, engineHashed: rate, shard: rate }),
  boundary: z.object({ engine: z.string(), engineHashed: z.string(), shard: z.string() }),
  journalAppendNanos: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }),
  journalBoundary: z.string(),
});
type EngineOutput = z.output<typeof outputSchema>;

const repeats = 3;
const outputBytesMax = 65_536;

const runExample = async ({ rootDir, signal }: BenchEnvironment): Promise<EngineOutput> => {
  const manifest = join(rootDir, 'native', 'Cargo.toml');
  const args = [
    'run',
    '--quiet',
    '--release',
    '--manifest-path',
    manifest,
    '-p',
    'fulltape-sim',
    '--example',
    'engine_bench',
    '--',
    '--json',
  ];
  const child = spawn('cargo', args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-outputBytesMax)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const status = await promise.catch((error: unknown) => {
    signal.throwIfAborted();
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: 'cargo (Rust), to build and run the engine benchmark' }, { cause: error });
  });
  if (status !== 0) throw new FulltapeError('INTERNAL', { reason: 'the engine benchmark failed', output: errors });
  return outputSchema.parse(JSON.parse(output));
};

const mixOf = ({ mix, commands }: EngineOutput): string =>
  `${Object.entries(mix)
    .map(([kind, count]) => `${((100 * count) / commands).toFixed(0)} % ${kind}`)
    .join(', ')} of ${commands} commands`;

const riskTarget = { text: '8 M/s with everything on', value: 8_000_000, better: 'more' } as const;

const reportOf = (outputs: readonly EngineOutput[], first: EngineOutput): BenchReport => {
  const { boundary } = first;
  const values = (of: (output: EngineOutput) => number): readonly number[] => outputs.map(of);
  return {
    name: 'engine',
    question: engineBenchmark.question,
    boundary: `Rust alone, one thread. Engine: ${boundary.engine}. Hashed: ${boundary.engineHashed}. Shard: ${boundary.shard}. Journal: ${first.journalBoundary}`,
    commandMix: mixOf(first),
    warmUp: `none; each value is the median of ${first.runs} runs of a fresh engine`,
    figures: [
      figureOf(
        'engine',
        'commands/s',
        values((output) => output.commandsPerSecond.engine.wall),
        riskTarget,
      ),
      figureOf(
        'engine, for a second of its own CPU time',
        'commands/s',
        values((output) => output.commandsPerSecond.engine.cpu),
      ),
      figureOf(
        'hashed',
        'commands/s',
        values((output) => output.commandsPerSecond.engineHashed.wall),
      ),
      figureOf(
        'shard with commits, hash chain and journal',
        'commands/s',
        values((output) => output.commandsPerSecond.shard.wall),
      ),
      figureOf(
        'journal append p50',
        'ns',
        values((output) => output.journalAppendNanos.p50),
        { text: '20 ns', value: 20, better: 'less' },
      ),
      figureOf(
        'journal append p95',
        'ns',
        values((output) => output.journalAppendNanos.p95),
        { text: '50 ns', value: 50, better: 'less' },
      ),
      figureOf(
        'journal append p99',
        'ns',
        values((output) => output.journalAppendNanos.p99),
        { text: '100 ns', value: 100, better: 'less' },
      ),
    ],
  };
};

export const engineBenchmark: Benchmark = {
  name: 'engine',
  question: 'How many commands a second does the engine execute on one core?',
  run: async (environment): Promise<BenchReport> => {
    const first = await runExample(environment);
    const outputs = [first];
    while (outputs.length < repeats) outputs.push(await runExample(environment));
    return reportOf(outputs, first);
  },
};
