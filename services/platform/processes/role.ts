import type { FulltapeConfig } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { logger, setLogLevel } from '../telemetry/logger.js';
import { failedMessage } from './failed-message.js';

/** What a role tells the supervisor when it serves. */
export interface RoleReady {
  readonly urls?: Readonly<Record<string, string>>;
  readonly demo?: { readonly accounts: readonly { readonly id: string; readonly token: string }[] };
}

/** A started role. `close` stops intake, drains, stores checkpoints and closes; it is called once. */
export interface RoleHandle {
  readonly ready: RoleReady;
  close(): Promise<void>;
}

/** Starts a role; the signal aborts when the process is asked to stop while it is still starting. */
export type StartRole = (config: FulltapeConfig, signal: AbortSignal) => Promise<RoleHandle>;

/** Takes the roles that are imported into this process instead of letting each run the process. */
export type RoleHost = (name: string, start: StartRole) => void;

let host: RoleHost | undefined;

/** Several roles in one process: set a host, then import their main files; each `runRole` registers with it. */
export const hostRoles = (next: RoleHost | undefined): void => {
  host = next;
};

/** Longest time that a role may take to drain before the process leaves without it. */
const closeTimeoutMs = 7_000;

const closeWithin = async (name: string, close: () => Promise<void>): Promise<boolean> => {
  const timeout = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => timeout.resolve(false), closeTimeoutMs);
  try {
    return await Promise.race([close().then(() => true), timeout.promise]);
  } catch (error) {
    logger.error({ role: name, err: error }, 'role.close-failed');
    return false;
  } finally {
    clearTimeout(timer);
  }
};

/** Tells the parent process; resolves when the message is out, at once where there is no parent to tell. */
const tellParent = async (message: object): Promise<void> => {
  if (process.send === undefined || !process.connected) return;
  await new Promise<void>((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
};

/**
 * The life of a role process: start, say ready to the supervisor by IPC, serve, and on SIGTERM, SIGINT or the death of the supervisor
 * drain and leave. Exit status: 0 after a clean stop, 1 after a failure; a failure is logged with its cause.
 */
export const runRole = async (name: string, start: StartRole): Promise<void> => {
  if (host !== undefined) {
    host(name, start);
    return;
  }
  const stopping = new AbortController();
  const stopRequest = Promise.withResolvers<string>();
  const requestStop = (reason: string): void => {
    if (stopping.signal.aborted) {
      process.exit(1); // asked twice: leave at once
    }
    stopping.abort(new Error(`stop requested by ${reason}`));
    stopRequest.resolve(reason);
  };
  process.on('SIGTERM', () => requestStop('SIGTERM'));
  process.on('SIGINT', () => requestStop('SIGINT'));
  if (process.connected) process.on('disconnect', () => stopping.signal.aborted || requestStop('disconnect'));
  const fail = (error: unknown): void => {
    logger.fatal({ role: name, err: error }, 'role.failed');
    void tellParent(failedMessage(error)).finally(() => process.exit(1));
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  let handle: RoleHandle;
  try {
    const config = loadConfig();
    setLogLevel(config.logLevel);
    handle = await start(config, stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    fail(error);
    return;
  }
  await tellParent({ type: 'ready', ...handle.ready });
  logger.info({ role: name }, 'role.ready');
  const reason = await stopRequest.promise;
  logger.info({ role: name, reason }, 'role.stopping');
  const clean = await closeWithin(name, () => handle.close());
  process.exit(clean ? 0 : 1);
};
