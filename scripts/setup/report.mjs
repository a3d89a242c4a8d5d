// How set-up talks: steps with their time on standard error, and what is missing as one clear line. Nothing on standard output.
import { spawn } from 'node:child_process';

const heartbeatMs = 10_000;

/** Something that this machine lacks; set-up ends with status 3 and this one line. */
export class Missing extends Error {
  constructor(what, remedy) {
    super(`missing: ${what}. Remedy: ${remedy}`);
  }
}

/** A step that was tried and failed; set-up ends with status 2. */
export class StepFailed extends Error {}

export const note = (text) => process.stderr.write(`set-up: ${text}\n`);

/** Runs a step that has something to do, with a line when it starts, now and then while it runs, and when it is done. */
export const step = async (name, work) => {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1_000).toFixed(1);
  note(`${name} …`);
  const timer = setInterval(() => note(`${name} … ${seconds()} s`), heartbeatMs);
  try {
    const result = await work();
    const failed = typeof result === 'object' && 'status' in result && result.status !== 0;
    note(`${name}: ${failed ? 'failed after' : 'done in'} ${seconds()} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
};

const tailMax = 40;

/**
 * Runs a program with its output kept and, when it fails, shown. Resolves with { status, output }; status is undefined when the
 * program is not there.
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const lines = [];
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let rest = '';
    const take = (chunk) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      if (lines.length > 2_000) lines.splice(0, 1_000);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const stop = () => child.kill('SIGTERM');
    process.once('exit', stop);
    const finish = (status) => {
      process.off('exit', stop);
      const all = rest === '' ? lines : [...lines, rest];
      resolve({ status, output: all.join('\n'), tail: all.slice(-tailMax).join('\n') });
    };
    child.on('error', () => finish(undefined));
    child.on('close', (code, signal) => finish(signal === null ? code : 1));
  });
