import { createRequire } from 'node:module';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { sqlLiteral, type InsertHead } from './statement.js';

/** What the native addon returns for a statement. */
export interface EngineResult {
  readonly bytes: Uint8Array;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

interface RawResult {
  readonly bytes?: Uint8Array;
  readonly rowsRead?: number;
  readonly bytesRead?: number;
  readonly rowsWritten?: number;
  readonly bytesWritten?: number;
}

type Handle = object;

interface Addon {
  EngineVersion(): string;
  CreateConnection(path: string, args: readonly string[]): Handle | null;
  CloseConnection(connection: Handle): void;
  QueryAsyncConnection(connection: Handle, sql: string, format: string): Promise<RawResult>;
  InsertRawAsyncConnection(connection: Handle, prefix: string, data: Uint8Array, countLines: boolean): Promise<RawResult>;
}

const addonPackages: Readonly<Record<string, string>> = {
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'darwin-arm64': '@chdb/lib-darwin-arm64',
};

/**
 * The addon below the `chdb` package: its JavaScript layer has no entry that inserts raw bytes with settings of the caller's choice.
 * @throws FulltapeError ENVIRONMENT_INCOMPLETE where the engine has no build for this machine.
 */
export const loadAddon = (): Addon => {
  const platform = `${process.platform}-${process.arch}`;
  const name = addonPackages[platform];
  try {
    if (name === undefined) throw new Error(`no build for ${platform}`);
    return createRequire(import.meta.url)(name) as Addon;
  } catch (error) {
    throw new FulltapeError(
      'ENVIRONMENT_INCOMPLETE',
      {
        missing: `the ClickHouse engine (npm package chdb) for ${platform}`,
        reason: error instanceof Error ? error.message.slice(0, 200) : String(error),
        get: 'npm ci --include=optional, or set FULLTAPE_CLICKHOUSE_URL to a ClickHouse server',
      },
      { cause: error },
    );
  }
};

/** Every inserted part is on disk before it is acknowledged, as the checkpoint that follows it is. */
const engineConfig = (memoryBytesMax: number): string => `<clickhouse>
  <merge_tree><fsync_after_insert>1</fsync_after_insert><fsync_part_directory>1</fsync_part_directory></merge_tree>
  <max_server_memory_usage>${memoryBytesMax}</max_server_memory_usage>
</clickhouse>
`;

/** A connection and what has been SET on it, so that an equal request can go on without setting it again. */
interface Connection {
  readonly handle: Handle;
  key: string;
  busy: boolean;
  usedAt: number;
}

export interface EngineRequest {
  readonly database: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
}

const connectionsMax = 8;
/** Formats that the engine takes inside the statement; a line break inside their data is data. Others go through a file. */
const inlineFormats =
  /^(JSONEachRow|JSONStringsEachRow|JSONCompactEachRow|JSONCompactStringsEachRow|JSONCompactEachRowWithNames|JSONCompactEachRowWithNamesAndTypes|JSONLines|NDJSON|CSV|CSVWithNames|CSVWithNamesAndTypes|TSV|TabSeparated|TSVWithNames|TabSeparatedWithNames|TSVRaw|TabSeparatedRaw|Values)$/;
/** Differs with every insert, so it is set before each one instead of keying a connection. */
const tokenSetting = 'insert_deduplication_token';

const toResult = (raw: RawResult): EngineResult => ({
  bytes: raw.bytes ?? new Uint8Array(),
  rowsRead: raw.rowsRead ?? 0,
  bytesRead: raw.bytesRead ?? 0,
  rowsWritten: raw.rowsWritten ?? 0,
  bytesWritten: raw.bytesWritten ?? 0,
});

/**
 * ClickHouse's engine inside this process on one data folder. Connections share the data and keep settings apart; a connection that
 * saw an error is thrown away, because an interrupted insert leaves it out of step with the engine. Calls run on libuv's thread pool:
 * the event loop stays free. The caller bounds how many run at once.
 */
export class ChdbEngine {
  readonly version: string;
  readonly #addon: Addon;
  readonly #path: string;
  readonly #configFile: string;
  readonly #insertDir: string;
  readonly #connections = new Set<Connection>();
  #fileNumber = 0;

  constructor(options: { readonly dir: string; readonly memoryBytesMax: number }) {
    this.#addon = loadAddon();
    this.version = this.#addon.EngineVersion();
    this.#path = resolve(options.dir, 'store');
    this.#insertDir = resolve(options.dir, 'inserts');
    rmSync(this.#insertDir, { recursive: true, force: true }); // left by a death in the middle of an insert
    mkdirSync(this.#insertDir, { recursive: true, mode: 0o700 });
    this.#configFile = join(dirname(this.#insertDir), 'engine.xml');
    writeFileSync(this.#configFile, engineConfig(options.memoryBytesMax), { mode: 0o600 });
    // Held for the life of the process: the engine closes its store with the last connection.
    this.#open('keep').busy = true;
  }

  /** Runs one statement without inserted data; the answer is in `format` unless the statement names one. */
  async run(request: EngineRequest, sql: string, format: string): Promise<EngineResult> {
    return this.#with(request, async (connection) => toResult(await this.#addon.QueryAsyncConnection(connection.handle, sql, format)));
  }

  /** Inserts rows that are already in the format that the statement names. */
  async insert(request: EngineRequest, head: InsertHead, data: Uint8Array): Promise<EngineResult> {
    if (data.length === 0) return toResult({});
    return this.#with(request, async (connection) => {
      const token = request.settings.get(tokenSetting) ?? '';
      await this.#addon.QueryAsyncConnection(connection.handle, `SET ${tokenSetting} = ${sqlLiteral(token)}`, 'Null');
      if (inlineFormats.test(head.format)) {
        const prefix = `${head.target} ${head.settings} FORMAT ${head.format}`; // the addon adds the line break
        return toResult(await this.#addon.InsertRawAsyncConnection(connection.handle, prefix, data, false));
      }
      this.#fileNumber += 1;
      const path = join(this.#insertDir, `${process.pid}-${this.#fileNumber}`);
      writeFileSync(path, data, { mode: 0o600 });
      try {
        const sql = `${head.target} FROM INFILE ${sqlLiteral(path)} COMPRESSION 'none' ${head.settings} FORMAT ${head.format}`;
        const raw = await this.#addon.QueryAsyncConnection(connection.handle, sql, 'Null');
        return toResult({
          ...raw,
          rowsWritten: raw.rowsWritten ?? raw.rowsRead ?? 0,
          bytesWritten: raw.bytesWritten ?? raw.bytesRead ?? 0,
        });
      } finally {
        rmSync(path, { force: true });
      }
    });
  }

  /** Closes every connection, and with the last one the store. Nothing may be running. */
  close(): void {
    for (const connection of this.#connections) this.#drop(connection);
  }

  async #with<Value>(request: EngineRequest, work: (connection: Connection) => Promise<Value>): Promise<Value> {
    const settings = [...request.settings].filter(([name]) => name !== tokenSetting).sort(([left], [right]) => (left < right ? -1 : 1));
    const assignments = settings.map(([name, value]) => `${name} = ${sqlLiteral(value)}`);
    const key = `${request.database}\n${assignments.join(',')}`;
    const connection = this.#take(key);
    try {
      const prelude: string[] = [];
      if (connection.key !== key) {
        prelude.push(`USE \`${request.database.replaceAll('`', '``')}\``);
        if (assignments.length > 0) prelude.push(`SET ${assignments.join(', ')}`);
      }
      for (const [name, value] of request.parameters) prelude.push(`SET param_${name} = ${sqlLiteral(value)}`);
      for (const sql of prelude) await this.#addon.QueryAsyncConnection(connection.handle, sql, 'Null');
      connection.key = key;
      const value = await work(connection);
      connection.busy = false;
      return value;
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  #take(key: string): Connection {
    const idle = [...this.#connections].filter((connection) => !connection.busy);
    const same = idle.find((connection) => connection.key === key);
    if (same === undefined && this.#connections.size >= connectionsMax) {
      const oldest = idle.reduce<Connection | undefined>(
        (least, one) => (least === undefined || one.usedAt < least.usedAt ? one : least),
        undefined,
      );
      if (oldest !== undefined) this.#drop(oldest);
    }
    const connection = same ?? this.#open('');
    connection.busy = true;
    connection.usedAt = performance.now();
    return connection;
  }

  #open(key: string): Connection {
    const handle = this.#addon.CreateConnection(this.#path, [`--config-file=${this.#configFile}`]);
    if (handle === null) throw new FulltapeError('STORE_UNAVAILABLE', { process: 'clickhouse', reason: 'the engine refused a connection' });
    const connection: Connection = { handle, key, busy: false, usedAt: performance.now() };
    this.#connections.add(connection);
    return connection;
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection);
    this.#addon.CloseConnection(connection.handle);
  }
}
