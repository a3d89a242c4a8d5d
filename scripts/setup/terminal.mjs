// The web terminal: built by Vite when its sources differ from those of the last build.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashFiles } from './engine.mjs';
import { findNode } from './node-runtime.mjs';
import { StepFailed, run, step } from './report.mjs';

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => !['node_modules', 'dist'].includes(entry.name) && !entry.name.endsWith('.spec.ts') && !entry.name.endsWith('.spec.tsx'),
    )
    .flatMap((entry) => (entry.isDirectory() ? sources(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();

export const ensureTerminal = async (root, state) => {
  const folder = join(root, 'services', 'terminal');
  if (!existsSync(join(folder, 'index.html'))) return;
  const hash = hashFiles([...sources(folder), join(root, 'schemas', 'schema.graphql')]);
  if (state.terminal === hash && existsSync(join(folder, 'dist', 'index.html'))) return;
  const vite = [join(folder, 'node_modules'), join(root, 'node_modules')]
    .map((one) => join(one, 'vite', 'bin', 'vite.js'))
    .find(existsSync);
  if (vite === undefined) throw new StepFailed('vite is missing in node_modules; run: npm ci');
  const result = await step('web terminal (vite build)', () => run(findNode(root), [vite, 'build', '--logLevel', 'warn'], { cwd: folder }));
  if (result.status !== 0) {
    process.stderr.write(`${result.tail}\n`);
    throw new StepFailed('the web terminal does not build; the last lines of vite are above');
  }
  state.terminal = hash;
};
