// Runs a program line by line, keeps the end of what it says, and stops it with this process.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const tailLines = 40;
const running = new Set();

/** Resolves with `{ status, tail }` when the program has ended. */
export const runProgram = (command, args, { cwd, env, onLine = () => undefined }) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const tail = [];
    const take = (line) => {
      onLine(line);
      if (/^(agrees: |test result: ok)/.test(line)) return;
      tail.push(line.slice(0, 2_000));
      if (tail.length > tailLines) tail.shift();
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', take);
    child.on('error', (error) => {
      running.delete(child);
      resolve({ status: 1, tail: [error.message] });
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      if (signal !== null) tail.push(`ended by ${signal}`);
      resolve({ status: code ?? 1, tail });
    });
  });

/** Ends what runs. */
export const stopPrograms = () => {
  for (const child of running) child.kill('SIGTERM');
};
