import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { figureOf, type BenchEnvironment, type Figure } from '../benchmark.js';
import { runProgram } from '../run-program.js';

const outputSchema = z.object({ messages: z.number(), seconds: z.number(), trades: z.number(), errors: z.number() });

const runs = 3;
/** It executes some ten thousand messages a second: the beginning of each flow is enough. */
const messagesMax = 200_000;

/** The npm package nodejs-order-book on the first messages of the same flows; nothing, and a note, where it is not installed. */
export const nodePeerFigures = async (engine: readonly string[], environment: BenchEnvironment): Promise<readonly Figure[]> => {
  const { rootDir, signal, note } = environment;
  const peers = join(rootDir, 'bench', 'engine', 'peers');
  if (!existsSync(join(peers, 'node_modules', 'nodejs-order-book'))) {
    note('nodejs-order-book is not installed and is left out: npm ci --prefix bench/engine/peers');
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), 'fulltape-flows-'));
  try {
    await runProgram('cargo', [...engine, '--export', folder], signal);
    const figures: Figure[] = [];
    for (const file of (await readdir(folder)).sort()) {
      const rates: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const args = [join(peers, 'node-order-book.mjs'), join(folder, file), String(messagesMax)];
        const { messages, seconds, trades, errors } = outputSchema.parse(JSON.parse(await runProgram(process.execPath, args, signal)));
        rates.push(Math.round(messages / seconds));
        if (run === 0) note(`nodejs-order-book 10.1.1, ${basename(file, '.flow')}: ${trades} trades, ${errors} errors answered`);
      }
      figures.push(
        figureOf(`peer nodejs-order-book 10.1.1, ${basename(file, '.flow')}, first ${messagesMax} messages`, 'commands/s', rates),
      );
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
