#!/usr/bin/env node
// The program: brings the clone up to date (scripts/setup.mjs, under a second when nothing changed), then runs the compiled command line
// under Node 24, passing arguments, signals and the exit status through. Plain Node >= 20, no dependencies.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';
import { findNode } from './setup/node-runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

if (process.env.FULLTAPE_NO_SETUP !== '1') {
  const status = await setUp();
  if (status !== 0) {
    if (args.includes('--json')) {
      const error = {
        code: 'ENVIRONMENT_INCOMPLETE',
        number: 9011,
        message: 'Set-up failed; standard error says what is missing and how to get it.',
        details: {},
      };
      process.stdout.write(`${JSON.stringify({ error })}\n`);
    }
    process.exit(status);
  }
}
const node = findNode(root);
const main = join(root, 'dist', 'services', 'cli', 'main.js');
if (node === undefined || !existsSync(main)) {
  process.stderr.write(`fulltape: ${node === undefined ? 'Node >= 24' : main} is missing; run: node scripts/setup.mjs\n`);
  process.exit(3);
}
// The channel tells the program when this launcher dies, so that it never outlives it.
// Compiled code is kept between starts: most of a start is loading modules.
const environment = { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.cache', 'compiled') };
const child = spawn(node, ['--enable-source-maps', main, ...args], { env: environment, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`fulltape: ${node} cannot be run: ${error.message}\n`);
  process.exit(3);
});
child.on('exit', (code, signal) => {
  if (signal === 'SIGINT') process.exit(130);
  process.exit(code ?? 1);
});
