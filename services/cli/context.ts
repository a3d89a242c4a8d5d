import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import { loadSettings, type SettingsOverride } from '#platform/config/load-settings.js';
import type { Settings } from '#platform/config/config.js';
import { rootDir } from '#platform/config/root-dir.js';

/** 0 done, 1 what was checked does not hold, 2 usage or failure, 3 the environment lacks something, 130 after Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

const globalOptionsSchema = z.object({ data: z.string().optional(), json: z.boolean().default(false), logLevel: z.string().optional() });

/** Options that every command takes. */
export interface GlobalOptions {
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** One JSON document on standard output and nothing else there. */
  readonly json: boolean;
  readonly logLevel: string | undefined;
}

/** What a command works with: output by the conventions, the signal of Ctrl-C, and its exit status. */
export class CliContext {
  /** Aborts at the first Ctrl-C (or SIGTERM): stop intake, drain, say where it stopped. A second one ends the process. */
  readonly signal: AbortSignal;
  exitCode: ExitCode = 0;
  #json = false;
  #printedJson = false;

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** True on a terminal, where a progress bar may be drawn (on standard error). */
  get interactive(): boolean {
    return process.stderr.isTTY;
  }

  /** Whether the command that runs was asked for JSON; its error is then JSON as well. */
  get json(): boolean {
    return this.#json;
  }

  get printedJson(): boolean {
    return this.#printedJson;
  }

  /** Reads the options that every command takes, from wherever on the line they stand. */
  globals(command: Command): GlobalOptions {
    const options = globalOptionsSchema.parse(command.optsWithGlobals());
    this.#json = options.json;
    const data = options.data ?? process.env['FULLTAPE_DATA'];
    return { dataDir: data === undefined ? resolve(rootDir, '.data') : resolve(data), json: options.json, logLevel: options.logLevel };
  }

  /** Settings of the data folder with the command's flags above file and environment. */
  settings(globals: GlobalOptions, flags: SettingsOverride = {}): Settings {
    return loadSettings({ dataDir: globals.dataDir, flags: { logLevel: globals.logLevel, ...flags } });
  }

  /** Data for people or programs, on standard output. */
  print(text: string): void {
    write(1, `${text}\n`);
  }

  /** The one JSON document of a command with --json. */
  printJson(document: unknown): void {
    if (this.#printedJson) throw new FulltapeError('INTERNAL', { reason: 'a command prints one JSON document' });
    this.#printedJson = true;
    write(1, `${JSON.stringify(document, bigintAsText)}\n`);
  }

  /** Everything else: progress, remarks, errors; on standard error. */
  note(text: string): void {
    write(2, `${text}\n`);
  }
}

const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Synchronous, so that nothing is lost when the process exits; a reader that has gone ends the program quietly. */
const write = (descriptor: 1 | 2, text: string): void => {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a pipe whose reader is slow
        continue;
      }
      if (code === 'EPIPE') {
        if (descriptor === 1) process.exit(0);
        return;
      }
      throw error;
    }
  }
};

/** Exit status that an error stands for. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (!(error instanceof FulltapeError)) return 2;
  return error.code === 'ENVIRONMENT_INCOMPLETE' || error.code === 'PORT_TAKEN' || error.code === 'DISK_FULL' ? 3 : 2;
};

/** An error as the JSON that every command prints for it. */
export const errorDocument = (
  error: unknown,
): { error: { code: string; number: number; message: string; details: Readonly<Record<string, string>> } } => {
  if (error instanceof FulltapeError) {
    return { error: { code: error.code, number: error.number, message: error.message, details: error.details } };
  }
  return { error: { code: 'INTERNAL', number: 9001, message: error instanceof Error ? error.message : String(error), details: {} } };
};
