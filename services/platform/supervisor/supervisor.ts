import { join } from 'node:path';
import { z } from 'zod';
import { FulltapeError } from '#contracts/result/result.js';
import type { FulltapeConfig, RoleName, Settings } from '../config/config.js';
import { roleNames } from '../config/config.js';
import { openDataFolder, type HeldDataFolder } from '../config/data-folder.js';
import { writeConfig } from '../config/load-config.js';
import { rootDir } from '../config/root-dir.js';
import { removeRuntime, writeRuntime } from '../config/runtime-file.js';
import { connectNats } from '../nats/connect.js';
import { reconcileStreams } from '../nats/streams.js';
import { LogFile } from '../processes/log-file.js';
import { processStartTime } from '../processes/process-table.js';
import { WatchdogLink } from '../processes/watchdog-link.js';
import { logLineLevel } from '../telemetry/human-line.js';
import { echoLine, logger } from '../telemetry/logger.js';
import { checkFreeDisk, choosePorts, resolveConfig, type ChosenPorts } from './plan.js';
import { waitForPreviousRun } from './previous-run.js';
import { entryExists, roleSpec, serverSpecs, type SpecContext } from './specs.js';
import { Supervised } from './supervised.js';

const warnLevel = 40;
const serverTier = 0;

const roleReadySchema = z.object({
  urls: z.record(z.string(), z.string()).optional(),
  demo: z.object({ accounts: z.array(z.object({ id: z.string(), token: z.string() })) }).optional(),
});

export interface PlatformReady {
  readonly urls: FulltapeConfig['urls'] & Readonly<Record<string, string>>;
  readonly demo: { readonly accounts: readonly { readonly id: string; readonly token: string }[] };
}

export interface RunningPlatform {
  readonly ready: PlatformReady;
  readonly config: FulltapeConfig;
  readonly pids: Readonly<Record<string, number>>;
  /** Resolves with the reason when a process has died too often to go on. */
  readonly failed: Promise<FulltapeError>;
  /** Stops roles, then servers, and gives the data folder back. */
  stop(): Promise<void>;
  /** Kills everything at once. */
  kill(): void;
}

export interface StartOptions {
  readonly settings: Settings;
  readonly dataDir: string;
  /** Compiled main file of each role; an empty path leaves the role out. */
  readonly roleEntries: Readonly<Record<RoleName, string>>;
  /** Compiled main file that runs several roles in one process, with their names as arguments. */
  readonly hostEntry: string;
  /** Aborts a start that is still going on. */
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
}

/**
 * Starts the platform on one data folder: servers beside each other, then streams, then roles in their order, each when the one before
 * it serves. Whatever fails, everything that was started is stopped before the error leaves.
 */
export const startPlatform = async (options: StartOptions): Promise<RunningPlatform> => {
  const held = openDataFolder(options.dataDir);
  const platform = new Platform(options, held);
  const onAbort = (): void => void platform.stop();
  options.signal.addEventListener('abort', onAbort, { once: true });
  try {
    options.signal.throwIfAborted();
    await platform.start();
    options.signal.throwIfAborted();
    return platform;
  } catch (error) {
    await platform.stop();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', onAbort);
  }
};

/** A process that repeats its trouble many times a second must not bury the others' lines; its log file has them all. */
class EchoLimiter {
  readonly #linesPerWindow = 10;
  readonly #windowMs = 5_000;
  #windowStart = 0;
  #lines = 0;

  allows(): boolean {
    const now = performance.now();
    if (now - this.#windowStart > this.#windowMs) {
      this.#windowStart = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    return this.#lines <= this.#linesPerWindow;
  }
}

class Platform implements RunningPlatform {
  readonly #options: StartOptions;
  readonly #held: HeldDataFolder;
  readonly #watchdog: WatchdogLink;
  readonly #logs = new Map<string, LogFile>();
  readonly #failed = Promise.withResolvers<FulltapeError>();
  readonly #servers: Supervised[] = [];
  readonly #roles: Supervised[] = [];
  #ports: ChosenPorts | undefined;
  #config: FulltapeConfig | undefined;
  #urls: Record<string, string> = {};
  #demo: PlatformReady['demo'] = { accounts: [] };
  #stopped: Promise<void> | undefined;

  constructor(options: StartOptions, held: HeldDataFolder) {
    this.#options = options;
    this.#held = held;
    this.#watchdog = new WatchdogLink(join(rootDir, 'dist', 'services', 'platform', 'processes', 'watchdog.js'));
  }

  get failed(): Promise<FulltapeError> {
    return this.#failed.promise;
  }

  get config(): FulltapeConfig {
    if (this.#config === undefined) throw new FulltapeError('INTERNAL', { reason: 'the platform has not started' });
    return this.#config;
  }

  get ready(): PlatformReady {
    return { urls: { ...this.config.urls, ...this.#urls }, demo: this.#demo };
  }

  get pids(): Readonly<Record<string, number>> {
    const processes = [...this.#servers, ...this.#roles].map((one) => [one.name, one.pid] as const);
    return Object.fromEntries([['supervisor', process.pid], ['watchdog', this.#watchdog.pid], ...processes]);
  }

  async start(): Promise<void> {
    const { settings, onProgress } = this.#options;
    const { folder, secrets } = this.#held;
    await waitForPreviousRun(folder);
    checkFreeDisk(folder.path, settings.engine.freeDiskBytesMin);
    this.#ports = await choosePorts(settings);
    this.#config = resolveConfig({ settings, ports: this.#ports, folder, secrets });
    writeConfig(folder.configFile, this.#config);
    const context: SpecContext = { settings, config: this.#config, folder, ports: this.#ports, onLine: (name) => this.#lineSink(name) };
    onProgress('servers');
    for (const spec of await serverSpecs(context)) this.#servers.push(this.#supervise(spec, serverTier));
    await Promise.all(this.#servers.map((server) => server.start()));
    this.#options.signal.throwIfAborted();
    this.#writeRuntime(); // already now: a kill during the start of the roles leaves servers that the next start must know
    onProgress('streams');
    await this.#makeStreams();
    await this.#startRoles(context);
    this.#writeRuntime();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  kill(): void {
    for (const one of [...this.#roles, ...this.#servers]) one.kill();
  }

  #supervise(spec: ConstructorParameters<typeof Supervised>[0], tier: number): Supervised {
    return new Supervised(spec, {
      watchdog: this.#watchdog,
      tier,
      restartsPerMinuteMax: this.#options.settings.supervisor.restartsPerMinuteMax,
      onGivenUp: (name, lastLines) =>
        this.#failed.resolve(
          new FulltapeError('STORE_UNAVAILABLE', { process: name, reason: 'it died too often', output: lastLines.slice(-3).join(' | ') }),
        ),
      onRestarted: () => this.#writeRuntime(),
    });
  }

  async #makeStreams(): Promise<void> {
    const connection = await connectNats(this.config.nats, 'supervisor');
    try {
      await reconcileStreams(connection, { shards: this.config.engine.shards, replicas: this.config.nats.replicas });
    } finally {
      await connection.close();
    }
  }

  async #startRoles(context: SpecContext): Promise<void> {
    const { settings, roleEntries, hostEntry, onProgress, signal } = this.#options;
    const wanted = roleNames.filter(
      (name) => (settings.roles ?? roleNames).includes(name) && (name !== 'simulation' || (settings.demo && settings.simulation.enabled)),
    );
    const present = wanted.filter((name) => {
      if (roleEntries[name] === '') return false; // left out by the caller
      if (entryExists(roleEntries[name])) return true;
      logger.warn({ role: name, entry: roleEntries[name], remedy: 'node scripts/build.mjs' }, 'role.skipped-not-built');
      return false;
    });
    const onReady = (message: Record<string, unknown>): void => this.#mergeReady(message);
    const processes =
      settings.roles === undefined
        ? present.map((name) => roleSpec(context, { name, entry: roleEntries[name], onReady }))
        : present.length === 0
          ? []
          : [roleSpec(context, { name: 'roles', entry: hostEntry, args: present, onReady })];
    for (const [index, spec] of processes.entries()) {
      onProgress(spec.name);
      // A higher tier for a later role: stopped first, so that orders drains when nobody sends any more.
      const role = this.#supervise(spec, serverTier + 1 + index);
      this.#roles.push(role);
      await role.start();
      signal.throwIfAborted();
    }
  }

  #mergeReady(message: Record<string, unknown>): void {
    const parsed = roleReadySchema.safeParse(message);
    if (!parsed.success) return;
    this.#urls = { ...this.#urls, ...parsed.data.urls };
    if (parsed.data.demo !== undefined) this.#demo = parsed.data.demo;
  }

  #writeRuntime(): void {
    if (this.#stopped !== undefined || this.#ports === undefined) return;
    const { pids } = this;
    const startTimes = Object.entries(pids).map(([name, pid]) => [name, processStartTime(pid) ?? ''] as const);
    writeRuntime(this.#held.folder, {
      version: 1,
      pid: process.pid,
      startTime: processStartTime(process.pid) ?? '',
      urls: { ...this.ready.urls },
      ports: { ...this.#ports },
      pids: { ...pids },
      startTimes: Object.fromEntries(startTimes),
      configFile: this.#held.folder.configFile,
      secretsFile: this.#held.folder.secretsFile,
    });
  }

  #lineSink(name: string): (line: string) => void {
    const path = join(this.#held.folder.logs, `${name}.log`);
    const file = this.#logs.get(name) ?? new LogFile(path);
    this.#logs.set(name, file);
    const echo = new EchoLimiter();
    return (line) => {
      file.write(line);
      if ((logLineLevel(line) ?? 0) >= warnLevel && echo.allows()) echoLine(line);
    };
  }

  async #stop(): Promise<void> {
    removeRuntime(this.#held.folder);
    for (const role of [...this.#roles].reverse()) await role.stop();
    await Promise.all(this.#servers.map((server) => server.stop()));
    this.#watchdog.close();
    for (const file of this.#logs.values()) file.close();
    this.#held.release();
  }
}
