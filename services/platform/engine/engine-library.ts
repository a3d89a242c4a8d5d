import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { FulltapeError } from '#contracts/result/result.js';
import { errorCodeOf } from '#contracts/tape/codes.generated.js';

/** Version of the C interface that this program was written for (docs/engine-abi.md). */
const abiVersion = 2;
const errorBytesMax = 1_024;

/** Memory that a call reads or fills; its address is passed on as it is. */
type Memory = Uint8Array | BigUint64Array;

/**
 * The functions of the engine library. koffi coerces silently (-1 becomes 4294967295, 1.5 becomes 1, null a null pointer), so no caller
 * outside this folder gets at them: `EngineShard` checks every argument first.
 */
export interface EngineFunctions {
  readonly shardOpen: (config: Uint8Array, length: number, handle: BigUint64Array) => number;
  readonly shardClose: (handle: bigint) => number;
  readonly shardStatus: (handle: bigint, words: BigUint64Array) => number;
  readonly shardEnqueue: (handle: bigint, message: Memory, length: number) => number;
  readonly shardExecute: (handle: bigint, nowNanos: bigint, flags: number) => number;
  /** The message may be null, with length 0. */
  readonly shardExecuteInto: (
    handle: bigint,
    message: Memory | null,
    messageLength: number,
    nowNanos: bigint,
    flags: number,
    out: Memory,
    outLength: number,
  ) => number;
  readonly shardStartEpoch: (handle: bigint, epoch: bigint) => number;
  readonly shardApply: (handle: bigint, message: Memory, length: number) => number;
  readonly shardPending: (handle: bigint) => number;
  readonly shardRefuseNext: (handle: bigint, index: bigint) => number;
  readonly shardJournalNext: (handle: bigint) => number;
  readonly shardJournalQuarantine: (handle: bigint) => number;
  readonly shardJournalAcknowledge: (handle: bigint, commitNumber: bigint) => number;
  readonly shardJournalTrim: (handle: bigint, commitNumber: bigint) => number;
  readonly shardJournalCompare: (handle: bigint, commitNumber: bigint, hash: Uint8Array) => number;
  readonly shardStateHash: (handle: bigint, out: Uint8Array) => number;
  readonly shardBook: (handle: bigint, instrumentId: number, side: number, out: BigUint64Array, words: number) => number;
  readonly shardSnapshotBegin: (handle: bigint) => number;
  readonly shardSnapshotAdvance: (handle: bigint, budget: number) => number;
  readonly shardSnapshotTake: (handle: bigint, out: Uint8Array, length: number) => number;
  readonly shardSnapshotCancel: (handle: bigint) => number;
  readonly shardRestore: (handle: bigint, bytes: Memory, length: number) => number;
  readonly shardRestoreAdvance: (handle: bigint, budget: number) => number;
  readonly shardRestoreFinish: (handle: bigint) => number;
  readonly shardExplain: (handle: bigint, first: bigint, last: bigint, orderId: bigint) => number;
  readonly shardPlacement: (handle: bigint, out: Uint8Array, length: number) => number;
  readonly lastError: (out: Uint8Array, length: number) => number;
}

export interface EngineLibrary {
  readonly path: string;
  readonly functions: EngineFunctions;
  /** Views memory of the library; valid as long as the library keeps it there. */
  viewMemory(address: bigint, byteLength: number): ArrayBuffer;
  /** Turns a status into the error of that number with the library's own words; 0 passes. @throws FulltapeError */
  check(status: number, call: string): void;
}

const fileName = { linux: 'libfulltape_ffi.so', darwin: 'libfulltape_ffi.dylib', win32: 'fulltape_ffi.dll' } as const;

/** The package root: the first folder above this file that holds package.json; the same from the sources and from dist/. */
const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: 'package.json above the program' });
    folder = parent;
  }
  return folder;
};

/** Where the engine library is expected: FULLTAPE_ENGINE_LIBRARY, else what set-up built. */
export const engineLibraryPath = (environment: NodeJS.ProcessEnv = process.env): string => {
  const named = environment['FULLTAPE_ENGINE_LIBRARY'];
  if (named !== undefined && named !== '') return named;
  const name = process.platform === 'darwin' ? fileName.darwin : process.platform === 'win32' ? fileName.win32 : fileName.linux;
  return join(packageRoot(), 'native', 'target', 'release', name);
};

/** Text that ends with a zero byte. */
export const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
};

const bind = (library: ReturnType<typeof koffi.load>): EngineFunctions => ({
  shardOpen: library.func('int32_t ft_shard_open(const uint8_t *config, size_t length, void *handle)'),
  shardClose: library.func('int32_t ft_shard_close(uint64_t handle)'),
  shardStatus: library.func('int32_t ft_shard_status(uint64_t handle, void *words)'),
  shardEnqueue: library.func('int32_t ft_shard_enqueue(uint64_t handle, const uint8_t *message, size_t length)'),
  shardExecute: library.func('int32_t ft_shard_execute(uint64_t handle, uint64_t nowNanos, uint32_t flags)'),
  shardExecuteInto: library.func(
    'int32_t ft_shard_execute_into(uint64_t handle, const uint8_t *message, size_t length, uint64_t nowNanos, uint32_t flags, void *out, size_t outLength)',
  ),
  shardStartEpoch: library.func('int32_t ft_shard_start_epoch(uint64_t handle, uint64_t epoch)'),
  shardApply: library.func('int32_t ft_shard_apply(uint64_t handle, const uint8_t *message, size_t length)'),
  shardPending: library.func('int32_t ft_shard_pending(uint64_t handle)'),
  shardRefuseNext: library.func('int32_t ft_shard_refuse_next(uint64_t handle, uint64_t index)'),
  shardJournalNext: library.func('int32_t ft_shard_journal_next(uint64_t handle)'),
  shardJournalQuarantine: library.func('int32_t ft_shard_journal_quarantine(uint64_t handle)'),
  shardJournalAcknowledge: library.func('int32_t ft_shard_journal_acknowledge(uint64_t handle, uint64_t commitNumber)'),
  shardJournalTrim: library.func('int32_t ft_shard_journal_trim(uint64_t handle, uint64_t commitNumber)'),
  shardJournalCompare: library.func('int32_t ft_shard_journal_compare(uint64_t handle, uint64_t commitNumber, const uint8_t *hash)'),
  shardStateHash: library.func('int32_t ft_shard_state_hash(uint64_t handle, uint8_t *out)'),
  shardBook: library.func('int32_t ft_shard_book(uint64_t handle, uint32_t instrumentId, uint8_t side, void *out, size_t words)'),
  shardSnapshotBegin: library.func('int32_t ft_shard_snapshot_begin(uint64_t handle)'),
  shardSnapshotAdvance: library.func('int32_t ft_shard_snapshot_advance(uint64_t handle, uint32_t budget)'),
  shardSnapshotTake: library.func('int32_t ft_shard_snapshot_take(uint64_t handle, uint8_t *out, size_t length)'),
  shardSnapshotCancel: library.func('int32_t ft_shard_snapshot_cancel(uint64_t handle)'),
  shardRestore: library.func('int32_t ft_shard_restore(uint64_t handle, const uint8_t *bytes, size_t length)'),
  shardRestoreAdvance: library.func('int32_t ft_shard_restore_advance(uint64_t handle, uint32_t budget)'),
  shardRestoreFinish: library.func('int32_t ft_shard_restore_finish(uint64_t handle)'),
  shardExplain: library.func('int32_t ft_shard_explain(uint64_t handle, uint64_t first, uint64_t last, uint64_t orderId)'),
  shardPlacement: library.func('int32_t ft_shard_placement(uint64_t handle, uint8_t *out, size_t length)'),
  lastError: library.func('int32_t ft_last_error(uint8_t *out, size_t length)'),
});

const loaded = new Map<string, EngineLibrary>();

/**
 * Loads the engine library, once per path and process.
 * @throws FulltapeError ENVIRONMENT_INCOMPLETE when it is not there or cannot be loaded, FFI_VERSION_MISMATCH for another interface.
 */
export const loadEngineLibrary = (path: string = engineLibraryPath()): EngineLibrary => {
  const known = loaded.get(path);
  if (known !== undefined) return known;
  if (!existsSync(path)) {
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', {
      missing: `engine library ${path}`,
      fix: 'cargo build --release in native/ (needs Rust), or run set-up',
    });
  }
  let library: ReturnType<typeof koffi.load>;
  let version: number;
  let functions: EngineFunctions;
  try {
    library = koffi.load(path);
    version = Number(library.func('uint32_t ft_abi_version()')());
  } catch (error) {
    throw new FulltapeError('ENVIRONMENT_INCOMPLETE', { missing: `a loadable engine library at ${path}` }, { cause: error });
  }
  if (version !== abiVersion)
    throw new FulltapeError('FFI_VERSION_MISMATCH', { library: String(version), program: String(abiVersion), path });
  try {
    functions = bind(library);
  } catch (error) {
    throw new FulltapeError('FFI_VERSION_MISMATCH', { path, why: 'a function is missing' }, { cause: error });
  }
  const check = (status: number, call: string): void => {
    if (status === 0) return;
    const buffer = new Uint8Array(errorBytesMax);
    functions.lastError(buffer, buffer.byteLength);
    throw new FulltapeError(errorCodeOf[status] ?? 'INTERNAL', { call, status: String(status), engine: textOf(buffer) });
  };
  const result: EngineLibrary = { path, functions, check, viewMemory: (address, byteLength) => koffi.view(address, byteLength) };
  loaded.set(path, result);
  return result;
};
