// Builds the test programs of the long proof, in the Cargo profile `prove`.
import { basename, dirname } from 'node:path';
import { runProgram } from './run-program.mjs';

/** Package, test and folder of each program. */
export const programs = {
  differential: { package: 'fulltape-sim', test: 'differential', folder: 'sim' },
  commands: { package: 'fulltape-sim', test: 'fuzz', folder: 'sim' },
  journal: { package: 'fulltape-journal', test: 'fuzz', folder: 'journal' },
  foreignInterface: { package: 'fulltape-ffi', test: 'robustness', folder: 'ffi' },
};

/** Where each program is, from the messages of Cargo. */
export const executablesOf = (lines) => {
  const artifacts = lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact' && typeof message.executable === 'string');
  return Object.fromEntries(
    Object.entries(programs).map(([name, { test, folder }]) => {
      const artifact = artifacts.find(({ target, manifest_path: path }) => target.name === test && basename(dirname(path)) === folder);
      return [name, artifact?.executable];
    }),
  );
};

/** Resolves with the path of each program. Throws with the last lines of Cargo when one does not compile. */
export const buildPrograms = async (native) => {
  const packages = ['fulltape-sim', 'fulltape-journal', 'fulltape-ffi'].flatMap((name) => ['-p', name]);
  const tests = ['differential', 'fuzz', 'robustness'].flatMap((name) => ['--test', name]);
  const args = ['test', '--profile', 'prove', ...packages, ...tests, '--no-run', '--message-format=json-render-diagnostics'];
  process.stderr.write('building the test programs\n');
  const lines = [];
  const { status, tail } = await runProgram('cargo', args, { cwd: native, env: {}, onLine: (line) => lines.push(line) });
  const executables = status === 0 ? executablesOf(lines) : {};
  const complete = Object.keys(programs).every((name) => executables[name] !== undefined);
  if (!complete) throw new Error(`the test programs do not compile:\n${tail.filter((line) => !line.startsWith('{')).join('\n')}`);
  return executables;
};
