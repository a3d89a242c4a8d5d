// The long proof of the engine, for a night: millions of random commands through the engine and through the naive reference, then fuzzing of
// commands, messages, commits, the journal's files and the C interface for a bounded time. Everything is built as for a release, with every
// assertion on. What fails is printed with the one command that repeats it.
//
//   npm run prove -- [--commands 10000000] [--seed N] [--fuzz-seconds 120] [--only differential,fuzz,node] [--json]
//
// Without a seed the date gives one, so that every night has its own. Exit status: 0 nothing was found, 1 a finding, 2 usage or a build that
// fails, 3 this machine lacks something, 130 interrupted.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms, programs } from './prove/build-programs.mjs';
import { startProgress } from './prove/progress.mjs';
import { parseProveArguments, usage } from './prove/prove-arguments.mjs';
import { runProgram, stopPrograms } from './prove/run-program.mjs';
import { setUp } from './setup.mjs';
import { findNode } from './setup/node-runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, 'native');
/** Commands of one run of the differential test, which prints `agrees: SEED` behind each. */
const commandsOfRun = 4_100;

const note = (text) => process.stderr.write(`${text}\n`);
const seconds = (startedAt) => (Date.now() - startedAt) / 1_000;
const repeat = (environment, { package: name, test }) =>
  `(cd native && ${environment} cargo test --profile prove -p ${name} --test ${test} -- --nocapture)`;

const differential = async (options, executable) => {
  const runs = Math.max(1, Math.ceil(options.commands / commandsOfRun));
  const commands = runs * commandsOfRun;
  const progress = startProgress('differential', commands, 'commands');
  let agreed = 0;
  const repeats = [];
  const startedAt = Date.now();
  const { status, tail } = await runProgram(executable, ['--nocapture'], {
    cwd: join(native, 'sim'),
    env: { FULLTAPE_SEED: String(options.seed), FULLTAPE_CHUNKS: String(runs), FULLTAPE_PROGRESS: '1' },
    onLine: (line) => {
      const failed = /^disagrees: (FULLTAPE_SEED=\d+ FULLTAPE_CHUNKS=1)$/.exec(line)?.[1];
      if (failed !== undefined) repeats.push(repeat(failed, programs.differential));
      if (!line.startsWith('agrees: ')) return;
      agreed += 1;
      progress.update(agreed * commandsOfRun);
    },
  });
  progress.end();
  const took = seconds(startedAt);
  const commandsAgreed = agreed * commandsOfRun;
  const environment = `FULLTAPE_SEED=${options.seed} FULLTAPE_CHUNKS=${runs}`;
  if (status !== 0 && repeats.length === 0) repeats.push(repeat(environment, programs.differential));
  return {
    name: 'differential',
    ok: status === 0,
    seconds: took,
    commands: commandsAgreed,
    commandsPerSecond: Math.round(commandsAgreed / took),
    repeats,
    tail: status === 0 ? [] : tail,
  };
};

/** A test that bounds itself, with a seed. */
const fuzz = async (options, name, program, executable, bounds) => {
  const environment = { FULLTAPE_SEED: String(options.seed), ...bounds };
  const progress = startProgress(name, options.fuzzSeconds, 's');
  const startedAt = Date.now();
  const clock = setInterval(() => progress.update(Math.min(seconds(startedAt), options.fuzzSeconds)), 1_000);
  let failed;
  const { status, tail } = await runProgram(executable, ['--nocapture'], {
    cwd: join(native, program.folder),
    env: environment,
    onLine: (line) => {
      failed ??= /(FULLTAPE_SEED=\d+)(?: fails| \(round)/.exec(line)?.[1];
    },
  });
  clearInterval(clock);
  progress.end();
  const again = [failed ?? `FULLTAPE_SEED=${options.seed}`, ...Object.entries(bounds).map(([key, value]) => `${key}=${value}`)].join(' ');
  const ok = status === 0;
  return { name, ok, seconds: seconds(startedAt), repeats: ok ? [] : [repeat(again, program)], tail: ok ? [] : tail };
};

/** The C interface under mutated messages: 3,000 of them a round, other ones each round; a failure shows the smallest that fails. */
const foreignInterface = async (options, executable) => {
  const name = 'fuzz of the C interface';
  const progress = startProgress(name, options.fuzzSeconds, 's');
  const startedAt = Date.now();
  let rounds = 0;
  let last;
  do {
    last = await runProgram(executable, [], { cwd: join(native, 'ffi'), env: {} });
    rounds += 1;
    progress.update(Math.min(seconds(startedAt), options.fuzzSeconds));
  } while (last.status === 0 && seconds(startedAt) < options.fuzzSeconds);
  progress.end();
  const ok = last.status === 0;
  const repeats = ok ? [] : [repeat('PROPTEST_VERBOSE=1', programs.foreignInterface)];
  return { name, ok, seconds: seconds(startedAt), rounds, repeats, tail: ok ? [] : last.tail };
};

/** The binding under everything that JavaScript can hand over. */
const fromNode = async () => {
  const name = 'fuzz of the binding from Node';
  const startedAt = Date.now();
  const node = findNode(root);
  const spec = 'services/platform/engine/engine-shard-fuzz.spec.ts';
  const args = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'unit', spec];
  const { status, tail } = await runProgram(node, args, { cwd: root, env: { CI: '1' } });
  const ok = status === 0;
  const repeats = ok ? [] : [`npx vitest run --project unit ${spec}`];
  return { name, ok, seconds: seconds(startedAt), repeats, tail: ok ? [] : tail };
};

const prove = async (options) => {
  const wanted = (part) => options.only === undefined || options.only.includes(part);
  const steps = [];
  const step = async (work) => {
    const result = await work();
    steps.push(result);
    note(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name}: ${result.seconds.toFixed(1)} s`);
    for (const line of result.tail) note(`     ${line}`);
    for (const command of result.repeats) note(`     again: ${command}`);
  };
  const built = wanted('differential') || wanted('fuzz') ? await buildPrograms(native) : {};
  if (wanted('differential')) await step(() => differential(options, built.differential));
  if (wanted('fuzz')) {
    const commands = { FULLTAPE_FUZZ_SECONDS: String(options.fuzzSeconds) };
    await step(() => fuzz(options, 'fuzz of commands, messages and commits', programs.commands, built.commands, commands));
    const journal = { FULLTAPE_FUZZ_MILLIS: String(options.fuzzSeconds * 1_000) };
    await step(() => fuzz(options, 'fuzz of the journal', programs.journal, built.journal, journal));
    await step(() => foreignInterface(options, built.foreignInterface));
  }
  if (wanted('node')) await step(fromNode);
  return steps;
};

const main = async () => {
  const options = parseProveArguments(process.argv.slice(2), new Date());
  if (options === undefined) {
    note(usage);
    return 2;
  }
  const wantsNode = options.only === undefined || options.only.includes('node');
  if (wantsNode && process.env.FULLTAPE_NO_SETUP !== '1') {
    const status = await setUp();
    if (status !== 0) return status;
  }
  if (!existsSync(join(native, 'Cargo.toml'))) {
    note('native/Cargo.toml is missing; the clone is incomplete');
    return 3;
  }
  note(`seed ${options.seed}, ${options.commands} commands, ${options.fuzzSeconds} s for each fuzz`);
  const startedAt = Date.now();
  const steps = await prove(options);
  const ok = steps.every((step) => step.ok);
  const summary = { ok, seed: options.seed, seconds: seconds(startedAt), steps };
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else process.stdout.write(`${ok ? 'nothing was found' : 'FINDINGS, see above'}: seed ${options.seed}, ${summary.seconds.toFixed(0)} s\n`);
  return ok ? 0 : 1;
};

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopPrograms();
    process.exit(130);
  });
}
try {
  process.exitCode = await main();
} catch (error) {
  note(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
