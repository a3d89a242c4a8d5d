import { join } from 'node:path';
import { z } from 'zod';
import { figureOf, type BenchEnvironment, type Figure } from '../benchmark.js';
import { runProgram } from '../run-program.js';

const nanos = z.looseObject({ p50: z.number(), p95: z.number(), p99: z.number() });
const outputSchema = z.looseObject({ nanoseconds: z.array(z.looseObject({ payloadBytes: z.number(), single: nanos })) });

const repeats = 3;
const targets = { p50: 20, p95: 50, p99: 100 } as const;

/** Nanoseconds of one append of 64 bytes: memory-mapped, next segment prepared between appends, no fsync; each append timed alone. */
export const journalAppendFigures = async ({ rootDir, signal }: BenchEnvironment): Promise<readonly Figure[]> => {
  const manifest = join(rootDir, 'native', 'Cargo.toml');
  const cargo = ['run', '--quiet', '--release', '--manifest-path', manifest, '-p', 'fulltape-journal', '--example', 'append_bench'];
  const smallest: z.output<typeof nanos>[] = [];
  for (let run = 0; run < repeats; run += 1) {
    const { nanoseconds } = outputSchema.parse(JSON.parse(await runProgram('cargo', [...cargo, '--', '--json', '--prepare'], signal)));
    const single = nanoseconds.find(({ payloadBytes }) => payloadBytes === 64)?.single;
    if (single !== undefined) smallest.push(single);
  }
  return (['p50', 'p95', 'p99'] as const).map((name) =>
    figureOf(
      `journal append of 64 bytes, ${name}`,
      'ns',
      smallest.map((single) => single[name]),
      { text: `${targets[name]} ns`, value: targets[name], better: 'less' },
    ),
  );
};
