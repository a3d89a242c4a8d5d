import { spawn } from 'node:child_process';
import { FulltapeError } from '../contracts/result/result.js';

const outputCharactersMax = 1_048_576;

/** Runs a program to its end and gives what it printed. @throws FulltapeError ENVIRONMENT_INCOMPLETE when it is not there */
export const runProgram = async (command: string, args: readonly string[], signal: AbortSignal): Promise<string> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-outputCharactersMax)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2_000)));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const status = await promise.catch((error: unknown) => {
    signal.throwIfAborted();
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: `${command}, to run a part of the benchmark` }, { cause: error });
  });
  if (status !== 0) throw new FulltapeError('INTERNAL', { reason: `${command} ${args.join(' ')} failed`, output: errors });
  return output;
};
