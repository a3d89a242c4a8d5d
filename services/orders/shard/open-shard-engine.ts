import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { FulltapeError } from '#contracts/result/result.js';
import type { EngineLibrary } from '#platform/engine/engine-library.js';
import { EngineShard, type EngineShardConfig } from '#platform/engine/engine-shard.js';
import { logger } from '#platform/telemetry/logger.js';

/**
 * Opens the engine of a shard on its journal. A journal that is damaged is set aside and an empty one begun: the tape is complete without
 * it, only what was answered at level ENGINE and never reached the broker is lost, and the folder stays for a look.
 */
export const openShardEngine = (config: EngineShardConfig & { readonly journalDir: string }, library: EngineLibrary): EngineShard => {
  mkdirSync(config.journalDir, { recursive: true, mode: 0o700 });
  try {
    return EngineShard.open(config, library);
  } catch (error) {
    if (!(error instanceof FulltapeError) || error.code !== 'JOURNAL_CORRUPT') throw error;
    let kept = `${config.journalDir}.corrupt`;
    for (let attempt = 1; existsSync(kept); attempt += 1) kept = `${config.journalDir}.corrupt-${attempt}`;
    renameSync(config.journalDir, kept);
    logger.error(
      { shard: config.shard, kept, err: error, remedy: 'the tape is complete; look into the folder, then remove it' },
      'orders.journal-set-aside',
    );
    mkdirSync(config.journalDir, { recursive: true, mode: 0o700 });
    return EngineShard.open(config, library);
  }
};
