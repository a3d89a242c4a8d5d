import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '../../contracts/result/result.js';
import { figureOf, type BenchEnvironment, type Benchmark, type BenchReport } from '../benchmark.js';

/** What the Rust example prints; further fields of a shape are passed over. */
const outputSchema = z.looseObject({
  shapes: z.array(z.looseObject({ name: z.string(), commandsPerSecond: z.array(z.number()).min(1) })).min(1),
  commandMix: z.string().optional(),
  warmUp: z.string().optional(),
});

const runCargo = async ({ rootDir, signal }: BenchEnvironment): Promise<string> => {
  const args = [
    'run',
    '--quiet',
    '--release',
    '--manifest-path',
    join(rootDir, 'native', 'Cargo.toml'),
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
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  let status: number | null;
  try {
    status = await promise;
  } catch (error) {
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: 'cargo (Rust), to build and run the engine benchmark' }, { cause: error });
  }
  if (status !== 0) throw new FulltapeError('INTERNAL', { reason: 'the engine benchmark failed', output: errors });
  return output;
};

export const engineBenchmark: Benchmark = {
  name: 'engine',
  question: 'How many commands a second does the engine execute on one core?',
  run: async (environment): Promise<BenchReport> => {
    const output = outputSchema.parse(JSON.parse(await runCargo(environment)));
    const worst = output.shapes.reduce((a, b) =>
      figureOf(a.name, '', a.commandsPerSecond).median <= figureOf(b.name, '', b.commandsPerSecond).median ? a : b,
    );
    return {
      name: 'engine',
      question: engineBenchmark.question,
      boundary: 'Rust alone: command records in memory to reports in memory, one core, no FFI, no hash chain, no journal',
      commandMix: output.commandMix ?? 'as the example states',
      warmUp: output.warmUp ?? 'one run that is not counted',
      figures: [
        figureOf(`worst shape (${worst.name})`, 'commands/s', worst.commandsPerSecond, {
          text: '8 M/s with risk and reports',
          value: 8_000_000,
          better: 'more',
        }),
        ...output.shapes.filter((shape) => shape !== worst).map((shape) => figureOf(shape.name, 'commands/s', shape.commandsPerSecond)),
      ],
    };
  },
};
