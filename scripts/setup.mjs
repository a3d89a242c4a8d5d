// Set-up: brings a clone into the state in which the product runs. Idempotent and under a second when nothing changed: packages by the
// lock, the engine library and the terminal by hashes of their sources, the services file by file. Plain Node >= 20, no dependencies.
// Exit status: 0 ready, 2 a step failed, 3 this machine lacks something (one line says what and how to get it).
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureEngine } from './setup/engine.mjs';
import { withLock } from './setup/lock.mjs';
import { ensureNatsServer } from './setup/nats-server.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { Missing, StepFailed, note } from './setup/report.mjs';
import { ensureTerminal } from './setup/terminal.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const statePath = join(root, '.cache', 'setup.json');
const majorMin = 20;

const readState = () => {
  try {
    return JSON.parse(readFileSync(statePath, 'utf8'));
  } catch {
    return {}; // absent or cut: everything is checked again
  }
};

const writeState = (state) => {
  mkdirSync(dirname(statePath), { recursive: true });
  writeFileSync(`${statePath}.${process.pid}`, JSON.stringify(state));
  renameSync(`${statePath}.${process.pid}`, statePath);
};

const compileServices = async () => {
  const { build } = await import('./build.mjs');
  const { compiled, errors } = await withLock(join(root, '.cache', 'build.lock'), () => build());
  if (compiled > 0) note(`compiled ${compiled} files`);
  if (errors.length > 0) throw new StepFailed(`the services do not compile:\n${errors.join('\n')}`);
};

const prepare = async () => {
  const state = readState();
  const save = async (work) => {
    const before = JSON.stringify(state);
    await work();
    if (JSON.stringify(state) !== before) writeState(state); // at once: a later step that fails must not repeat this one
  };
  await ensurePackages(root);
  await ensureNatsServer(root);
  await save(() => ensureEngine(root, state));
  await compileServices();
  await save(() => ensureTerminal(root, state));
};

/** Resolves with the exit status; what failed is said on standard error. */
export const setUp = async () => {
  if (Number.parseInt(process.versions.node, 10) < majorMin) {
    note(`missing: Node ${majorMin} or newer (this is ${process.versions.node}). Remedy: install it from https://nodejs.org`);
    return 3;
  }
  let waiting = false;
  const onWait = (holder) => {
    if (!waiting) note(`waiting for the set-up of process ${holder}`);
    waiting = true;
  };
  try {
    await withLock(join(root, '.cache', 'setup.lock'), prepare, { onWait });
    return 0;
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    if (!(error instanceof Missing) && !(error instanceof StepFailed)) process.stderr.write(`${error?.stack}\n`);
    return error instanceof Missing ? 3 : 2;
  }
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await setUp();
