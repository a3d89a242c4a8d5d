// Every test of the project after set-up: format, lint, types, Rust, then TypeScript unit, integration (real servers) and end to end.
// A step that fails does not stop the others. The last line is `N passed, N failed, N skipped`; exit status 1 when anything failed.
// Usage: node scripts/test.mjs [--only lint|rust|unit|int|e2e]... Plain Node >= 20, no dependencies.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { findNode } from './setup/node-runtime.mjs';
import { checkBenchEngine } from './test/bench-engine.mjs';
import { add, countCargo, countVitest, failedCargoTests, failedTests, nothing, skippedTests } from './test/report-counts.mjs';
import { specFiles } from './test/spec-files.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kinds = ['lint', 'rust', 'unit', 'int', 'e2e'];
const reportFolder = join(root, '.cache', 'test');

const parseOnly = (args) => {
  const only = [];
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] !== '--only' || !kinds.includes(args[index + 1])) {
      process.stderr.write(`usage: node scripts/test.mjs [--only ${kinds.join('|')}]...\n`);
      process.exit(2);
    }
    index += 1;
    only.push(args[index]);
  }
  return only.length === 0 ? kinds : only;
};

const wanted = parseOnly(process.argv.slice(2));

/** Runs a program, shows its output (unless `quiet`) and keeps it. */
const run = (command, args, { quiet = false, ...options } = {}) =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const take = (stream) => (chunk) => {
      output += chunk.toString();
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.on('error', (error) => resolve({ status: 1, output: `${output}\n${error.message}`, timedOut: false }));
    child.on('close', (code, signal) => resolve({ status: code ?? 1, output, timedOut: options.timeout !== undefined && signal !== null }));
  });

const results = [];
let total = nothing;

const step = async (name, work) => {
  process.stdout.write(`\n=== ${name}\n`);
  const startedAt = Date.now();
  const { ok, counts = nothing, remark = '', failures = [] } = await work();
  results.push({ name, ok, counts, remark, failures, seconds: (Date.now() - startedAt) / 1_000 });
  total = add(total, counts);
};

/** A check that is no test of its own counts as one: passed or failed. */
const gate = (name, command, args, options) =>
  step(name, async () => {
    const { status } = await run(command, args, options);
    return { ok: status === 0, counts: { ...nothing, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1 } };
  });

const native = join(root, 'native');
const cargo = { cwd: native };

const rustTests = async () => {
  const { status, output } = await run('cargo', ['test', '--workspace', '--no-fail-fast'], cargo);
  const counts = countCargo(output);
  // A test program that does not compile or crashes prints no result line.
  const failed = status !== 0 && counts.failed === 0 ? 1 : counts.failed;
  const remark = status === 0 ? '' : 'cargo test failed';
  return { ok: status === 0, counts: { ...counts, failed }, remark, failures: failedCargoTests(output) };
};

const vitest = (kind, node) => async () => {
  const onDisk = specFiles(root).get(kind) ?? [];
  if (onDisk.length === 0) return { ok: true, remark: 'no spec files' };
  const reportPath = join(reportFolder, `${kind}.json`);
  rmSync(reportPath, { force: true });
  const args = [
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--project',
    kind,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportPath}`,
  ];
  // Tests start children as `node`: those must be of the product's version too.
  const environment = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`, CI: '1' };
  const { status } = await run(node, args, { env: environment });
  if (!existsSync(reportPath)) return { ok: false, counts: { ...nothing, failed: 1 }, remark: 'vitest wrote no report' };
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  const counts = countVitest(report);
  const ran = new Set(report.testResults.map((file) => file.name));
  const missed = onDisk.filter((path) => !ran.has(path)).map((path) => relative(root, path));
  for (const path of missed) process.stdout.write(`did not run: ${path}\n`);
  for (const name of skippedTests(report)) process.stdout.write(`skipped: ${name}\n`);
  const errors = status !== 0 && counts.failed === 0 && missed.length === 0 ? 1 : 0; // an unhandled error outside any test
  const remark = [missed.length > 0 ? `${missed.length} spec files did not run` : '', errors > 0 ? 'error outside a test' : '']
    .filter(Boolean)
    .join(', ');
  const failed = counts.failed + missed.length + errors;
  const failures = failedTests(report).map((name) => name.replace(`${root}/`, ''));
  return { ok: status === 0 && missed.length === 0, counts: { ...counts, failed }, remark, failures };
};

const lint = async (node) => {
  const bin = (...path) => join(root, 'node_modules', ...path);
  await gate('prettier', node, [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.']);
  await gate('eslint', node, [bin('eslint', 'bin', 'eslint.js'), '.']);
  const folders = ['contracts', 'services', 'projections', 'test', 'bench'].filter((folder) => existsSync(join(root, folder)));
  await gate('dependency direction', node, [
    bin('dependency-cruiser', 'bin', 'dependency-cruiser.mjs'),
    '--config',
    '.dependency-cruiser.cjs',
    ...folders,
  ]);
  const tsc = bin('typescript', 'bin', 'tsc');
  await gate('types', node, [tsc, '--noEmit', '-p', 'tsconfig.json']);
  if (existsSync(join(root, 'services', 'terminal', 'tsconfig.json')))
    await gate('types of the terminal', node, [tsc, '--noEmit', '-p', join('services', 'terminal')]);
  await gate('cargo fmt', 'cargo', ['fmt', '--all', '--check'], cargo);
  await gate('cargo clippy', 'cargo', ['clippy', '--workspace', '--all-targets', '--quiet', '--', '-D', 'warnings'], cargo);
  const docs = { ...cargo, env: { ...process.env, RUSTDOCFLAGS: '-D warnings' } };
  await gate('cargo doc', 'cargo', ['doc', '--workspace', '--no-deps', '--quiet'], docs);
  await step('bench of the engine', () => checkBenchEngine(root, run));
  await gate('engine as a library', 'cargo', ['run', '--quiet', '--package', 'fulltape-engine', '--example', 'two_traders'], cargo);
};

const printSummary = () => {
  process.stdout.write('\n');
  // Once more at the end, where they are looked for.
  for (const { failures } of results) for (const failure of failures) process.stdout.write(`failed: ${failure}\n`);
  for (const { name, ok, counts, remark, seconds } of results) {
    const figures = `${String(counts.passed).padStart(6)} passed ${String(counts.failed).padStart(4)} failed ${String(counts.skipped).padStart(4)} skipped`;
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s ${figures}${remark === '' ? '' : `  (${remark})`}\n`,
    );
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
};

const main = async () => {
  const status = process.env.FULLTAPE_NO_SETUP === '1' ? 0 : await setUp();
  if (status !== 0) {
    process.stdout.write('0 passed, 1 failed, 0 skipped\n');
    return status;
  }
  mkdirSync(reportFolder, { recursive: true });
  const node = findNode(root);
  if (wanted.includes('lint')) await lint(node);
  if (wanted.includes('rust')) await step('rust', rustTests);
  for (const kind of ['unit', 'int', 'e2e']) if (wanted.includes(kind)) await step(`typescript ${kind}`, vitest(kind, node));
  printSummary();
  return results.every((result) => result.ok) && total.failed === 0 ? 0 : 1;
};

process.exitCode = await main();
