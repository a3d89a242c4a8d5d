import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { FulltapeError } from '#contracts/result/result.js';
import { humanLine } from '../telemetry/human-line.js';
import { errorOfMessage } from './failed-message.js';
import { processStartTime } from './process-table.js';

/** How to run one program and how to know that it serves. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** A channel for messages, for Node programs. */
  readonly ipc?: boolean;
  /** Resolves when the program serves; rejects or is aborted when it does not. */
  readonly ready: (child: RunningChild, signal: AbortSignal) => Promise<void>;
  readonly readyTimeoutMs: number;
  /** Signal that asks for a clean stop. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** Called with each line of standard output and error. */
  readonly onLine: (line: string) => void;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningChild {
  readonly name: string;
  readonly pid: number;
  readonly startTime: string;
  readonly process: ChildProcess;
  readonly exited: Promise<ChildExit>;
  /** Last lines that it wrote, for messages about its failure. */
  lastLines(): readonly string[];
  /** Asks for a clean stop and kills when that takes too long. Resolves when the process is gone. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

const lastLinesMax = 12;

const forward = (stream: Readable | null, onLine: (line: string) => void): void => {
  if (stream === null) return;
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
};

const launch = (spec: ProcessSpec): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(spec.command, [...spec.args], {
      cwd: spec.cwd,
      env: spec.environment ?? process.env,
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
      // A group of its own: Ctrl-C reaches the supervisor alone, which then stops its children in order.
      detached: true,
      stdio: spec.ipc === true ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    child.once('spawn', () => resolve(child));
    child.once('error', (error) =>
      reject(new FulltapeError('ENVIRONMENT_INCOMPLETE', { program: spec.command, reason: error.message }, { cause: error })),
    );
  });

const within = async <Value>(work: Promise<Value>, timeoutMs: number): Promise<Value | undefined> => {
  const timer = Promise.withResolvers<undefined>();
  const handle = setTimeout(() => timer.resolve(undefined), timeoutMs);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
};

/** The end of what it wrote, short enough for one message. */
const outputOf = (lines: readonly string[]): string =>
  lines
    .slice(-3)
    .map((line) => humanLine(line).trim().slice(0, 240))
    .join(' | ');

/**
 * Starts a program and waits until it serves. `onSpawn` is called at once with its pid, before it is ready.
 * @throws FulltapeError the one that the program told of; else STORE_UNAVAILABLE with the last lines of its output when it ends or does
 * not get ready in time.
 */
export const startChild = async (spec: ProcessSpec, onSpawn?: (child: RunningChild) => void): Promise<RunningChild> => {
  const child = await launch(spec);
  const pid = child.pid ?? 0;
  const recent: string[] = [];
  const onLine = (line: string): void => {
    recent.push(line);
    if (recent.length > lastLinesMax) recent.shift();
    spec.onLine(line);
  };
  forward(child.stdout, onLine);
  forward(child.stderr, onLine);
  const exited = new Promise<ChildExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  child.on('error', (error) => onLine(`${spec.name}: ${error.message}`)); // a kill or a message that cannot be delivered
  const kill = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    kill(spec.stopSignal);
    if ((await within(exited, spec.stopTimeoutMs)) !== undefined) return;
    kill('SIGKILL');
    await exited;
  };
  const running: RunningChild = {
    name: spec.name,
    pid,
    startTime: processStartTime(pid) ?? '',
    process: child,
    exited,
    lastLines: () => recent,
    stop,
    kill,
  };
  onSpawn?.(running);
  const gaveUp = new AbortController();
  const timer = setTimeout(() => gaveUp.abort(new Error(`not ready after ${spec.readyTimeoutMs} ms`)), spec.readyTimeoutMs);
  try {
    await Promise.race([
      spec.ready(running, gaveUp.signal),
      exited.then((exit) => {
        throw new Error(`it ended with ${exit.signal ?? `status ${exit.code}`} before it was ready`);
      }),
    ]);
    return running;
  } catch (error) {
    gaveUp.abort();
    await stop();
    if (error instanceof FulltapeError) throw new FulltapeError(error.code, { process: spec.name, ...error.details }, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new FulltapeError('STORE_UNAVAILABLE', { process: spec.name, reason, output: outputOf(recent) }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
};

/** Waits for the message of type `ready` on the channel; a message of type `failed` rejects. */
export const readyMessage = (child: RunningChild, signal: AbortSignal): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    const finish = (): void => {
      child.process.off('message', onMessage);
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const onMessage = (message: unknown): void => {
      if (typeof message !== 'object' || message === null) return;
      const record = message as Record<string, unknown>;
      if (record['type'] === 'ready') {
        finish();
        resolve(record);
        return;
      }
      const failure = errorOfMessage(message);
      if (failure === undefined) return;
      finish();
      reject(failure);
    };
    child.process.on('message', onMessage);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
