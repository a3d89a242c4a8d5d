import { join } from 'node:path';
import { z } from 'zod';
import { figureOf, type BenchEnvironment, type Benchmark, type BenchReport, type Figure } from '../benchmark.js';
import { journalAppendFigures } from './journal-append.js';
import { nodePeerFigures } from './node-peer.js';
import { runProgram } from '../run-program.js';

const figureSchema = z.object({
  name: z.string(),
  unit: z.string(),
  values: z.array(z.number()),
  target: z.object({ text: z.string(), value: z.number(), better: z.enum(['more', 'less']) }).nullable(),
});

/** What the Rust program of this folder prints. */
const outputSchema = z.looseObject({
  seed: z.number(),
  messages: z.number(),
  mix: z.string(),
  figures: z.array(figureSchema),
  notes: z.array(z.string()),
});

const boundary =
  'Rust alone, one thread, batches of 256 commands that were made before the clock starts. Bare: risk off, reports counted and dropped. ' +
  'Cash: cash accounts with fees and reservations, collar, limits of the instrument, self-trade prevention, reports written to memory, state ' +
  'hash after every 64 batches, as a shard takes it. Everything on: also every limit of accounts, desks, instrument and all, rate buckets, restricted list, circuit ' +
  'breakers. Commits: behind a shard that checks each message and packs commits with their BLAKE3 chain; journal: memory-mapped, no ' +
  'fsync. Peers: the same messages, nothing of theirs on but a listener of trades';

/** Arguments of `cargo` that run the program of this folder. */
const program = (rootDir: string): readonly string[] => [
  'run',
  '--quiet',
  '--release',
  '--manifest-path',
  join(rootDir, 'bench', 'engine', 'Cargo.toml'),
  '--',
];

const run = async (environment: BenchEnvironment): Promise<BenchReport> => {
  const { rootDir, signal, note } = environment;
  const recorded = join(rootDir, '..', 'shared', 'data', 'lobster');
  const output = await runProgram('cargo', [...program(rootDir), '--json', '--lobster', recorded], signal);
  const { seed, messages, mix, figures, notes } = outputSchema.parse(JSON.parse(output));
  notes.forEach(note);
  const measured: readonly Figure[] = figures.map(({ name, unit, values, target }) => figureOf(name, unit, values, target));
  const peer = await nodePeerFigures(program(rootDir), environment);
  const journal = await journalAppendFigures(environment);
  return {
    name: 'engine',
    question: engineBenchmark.question,
    boundary,
    commandMix: `${messages} messages a shape, seed ${seed}: ${mix}`,
    warmUp: 'none; every run has a fresh engine, and the rows take turns',
    figures: [...measured, ...peer, ...journal],
  };
};

export const engineBenchmark: Benchmark = {
  name: 'engine',
  question: 'How many commands a second does the engine execute on one core, beside its peers?',
  run,
};
