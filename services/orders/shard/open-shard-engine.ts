import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { FulltapeError } from '#contracts/result/result.js';
import type { EngineLibrary } from '#platform/engine/engine-library.js';
import { EngineShard, type EngineShardConfig } from '#platform/engine/engine-shard.js';
import { logger } from '#platform/telemetry/logger.js';

export type JournaledShardConfig = EngineShardConfig & { readonly journalDir: string };

/**
 * Keeps a damaged journal under another name, so that the next engine begins an empty one: the tape is complete without it. What was
 * answered at level ENGINE and never reached the broker is lost with it, and the folder stays for a look.
 */
export const setAsideJournal = ({ shard, journalDir }: JournaledShardConfig, error: FulltapeError): void => {
  let kept = `${journalDir}.corrupt`;
  for (let attempt = 1; existsSync(kept); attempt += 1) kept = `${journalDir}.corrupt-${attempt}`;
  renameSync(journalDir, kept);
  logger.error(
    { shard, kept, err: error, remedy: 'the tape is complete; look into the folder, then remove it' },
    'orders.journal-set-aside',
  );
};

/** Says what of the placement that was asked for is in force: an engine runs without it, but not silently. */
const logPlacement = (config: JournaledShardConfig, engine: EngineShard): EngineShard => {
  const { core, hugePages, numa } = engine.placement();
  const wanted = [
    { wish: config.core !== undefined, standing: core },
    { wish: config.hugePages === true, standing: hugePages },
    // On a machine with one node there is nothing to have.
    { wish: config.numaNode !== undefined && !numa.details.startsWith('one node'), standing: numa },
  ];
  const level = wanted.some(({ wish, standing }) => wish && !standing.inForce) ? 'warn' : 'info';
  logger[level]({ shard: config.shard, core, hugePages, numa }, 'orders.engine-placed');
  return engine;
};

/** Opens the engine of a shard on its journal; a damaged one is set aside. @throws FulltapeError as `EngineShard.open` */
export const openShardEngine = (config: JournaledShardConfig, library: EngineLibrary): EngineShard => {
  mkdirSync(config.journalDir, { recursive: true, mode: 0o700 });
  try {
    return logPlacement(config, EngineShard.open(config, library));
  } catch (error) {
    if (!(error instanceof FulltapeError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    setAsideJournal(config, error);
    mkdirSync(config.journalDir, { recursive: true, mode: 0o700 });
    return logPlacement(config, EngineShard.open(config, library));
  }
};
