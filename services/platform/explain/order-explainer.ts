import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { rootDir } from '../config/root-dir.js';
import { logger } from '../telemetry/logger.js';
import { explainAnswerSchema, type ExplainTask } from './explain-protocol.js';
import type { OrderExplanation } from './explain-order.js';

/** What bounds explanations: each costs a process, an engine and a reading of the tape. */
export interface ExplainLimits {
  /** From the start of the process to its answer. */
  readonly timeoutMs: number;
  /** Requests that wait for the one that runs; one more is BUSY. */
  readonly waitingMax: number;
  /** Explanations that are kept for the next who asks: some 20 KB each. */
  readonly keptMax: number;
}

export const defaultExplainLimits: ExplainLimits = { timeoutMs: 20_000, waitingMax: 8, keptMax: 64 };

/** Runs a task to its answer. @throws FulltapeError of the task; TIMED_OUT, and what the signal gives as its reason */
export type RunTask = (task: ExplainTask, timeoutMs: number, signal: AbortSignal) => Promise<OrderExplanation>;

const entry = join(rootDir, 'dist', 'services', 'platform', 'explain', 'explain-process.js');

const timedOut = ({ orderId }: ExplainTask, timeoutMs: number): FulltapeError =>
  new FulltapeError('TIMED_OUT', { orderId: String(orderId), timeoutMs: String(timeoutMs), instead: `fulltape audit explain ${orderId}` });

/** The child's answer, or why there is none. */
const answerOf = (child: ChildProcess, task: ExplainTask): Promise<OrderExplanation> =>
  new Promise((resolve, reject) => {
    child.once('message', (message: unknown) => {
      const answer = explainAnswerSchema.safeParse(message);
      if (!answer.success) reject(new FulltapeError('INTERNAL', { process: 'explain' }, { cause: answer.error }));
      else if (answer.data.type === 'explained') resolve(answer.data.explanation);
      else reject(new FulltapeError(answer.data.code, answer.data.details));
    });
    child.once('error', (error) => reject(new FulltapeError('ENVIRONMENT_INCOMPLETE', { program: entry }, { cause: error })));
    child.once('exit', (status) => reject(new FulltapeError('INTERNAL', { process: 'explain', status: String(status) })));
    child.send(task);
  });

/** In a process of its own. */
const runInChild: RunTask = async (task, timeoutMs, signal) => {
  const child = fork(entry, [], {
    serialization: 'advanced',
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, FULLTAPE_PROCESS: 'explain' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = Promise.withResolvers<never>();
  const timer = setTimeout(() => ended.reject(timedOut(task, timeoutMs)), timeoutMs);
  const stop = (): void => ended.reject(new FulltapeError('SHUTTING_DOWN'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([answerOf(child, task), ended.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    child.kill('SIGKILL'); // it only reads
  }
};

/** Explains orders one after another, in the order in which they are asked for. Bounded in time, in waiting requests and in memory. */
export class OrderExplainer {
  readonly #configFile: string | null;
  readonly #limits: ExplainLimits;
  readonly #run: RunTask;
  readonly #stopping = new AbortController();
  /** By order and by its last command: an order that went on is another question. Oldest first. */
  readonly #kept = new Map<string, Promise<OrderExplanation>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `configFile`: of the running platform; without one nothing can be explained. */
  constructor(configFile: string | null, limits: ExplainLimits = defaultExplainLimits, run: RunTask = runInChild) {
    this.#configFile = configFile;
    this.#limits = limits;
    this.#run = run;
  }

  /**
   * `lastCommand`: the last command that changed the order as far as the caller knows; `isOpen`: it may go on, so the tape is read to its end.
   * @throws FulltapeError BUSY, TIMED_OUT, SHUTTING_DOWN, UNKNOWN_ORDER, TAPE_NOT_KEPT, STORE_UNAVAILABLE
   */
  explain(order: {
    readonly shard: number;
    readonly orderId: bigint;
    readonly lastCommand: bigint;
    readonly isOpen: boolean;
  }): Promise<OrderExplanation> {
    const { shard, orderId, lastCommand, isOpen } = order;
    const key = `${shard} ${orderId} ${lastCommand}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    if (this.#stopping.signal.aborted) return Promise.reject(new FulltapeError('SHUTTING_DOWN'));
    if (this.#waiting > this.#limits.waitingMax) {
      return Promise.reject(new FulltapeError('BUSY', { queue: 'explanations', limit: String(this.#limits.waitingMax) }));
    }
    const configFile = this.#configFile;
    if (configFile === null) return Promise.reject(new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: 'FULLTAPE_CONFIG_JSON' }));
    const task = { configFile, shard, orderId, ...(isOpen ? {} : { untilCommand: lastCommand }) };
    this.#waiting += 1;
    const explanation = this.#last.then(() => this.#explainNow(task)).finally(() => (this.#waiting -= 1));
    this.#last = explanation.catch(() => undefined);
    this.#keep(key, explanation, isOpen);
    return explanation;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#last;
  }

  async #explainNow(task: ExplainTask): Promise<OrderExplanation> {
    if (this.#stopping.signal.aborted) throw new FulltapeError('SHUTTING_DOWN');
    const startedMs = performance.now();
    const explanation = await this.#run(task, this.#limits.timeoutMs, this.#stopping.signal);
    logger.info({ orderId: String(task.orderId), milliseconds: Math.round(performance.now() - startedMs) }, 'explain.done');
    return explanation;
  }

  /** An open order may have gone on by the next time; those who ask meanwhile share its answer. */
  #keep(key: string, explanation: Promise<OrderExplanation>, isOpen: boolean): void {
    this.#kept.set(key, explanation);
    const forget = (): boolean => this.#kept.delete(key);
    explanation.then(() => isOpen && forget(), forget);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > this.#limits.keptMax && oldest !== undefined) this.#kept.delete(oldest);
  }
}
