import { logger } from '#platform/telemetry/logger.js';
import { readLiveTables } from '#platform/read-side/live-tables.js';
import { openPostgresPool } from '#platform/read-side/postgres-pool.js';

const deadlineMs = 2_000;

/**
 * Highest command number that a read model has applied, or null when Postgres does not answer in time or holds none. The read models
 * follow what the broker had stored, on disks of their own: when they are ahead of the tape, the broker has lost its end.
 */
export const readProjectedMark = async (postgresUrl: string): Promise<bigint | null> => {
  const pool = openPostgresPool({ url: postgresUrl, poolMax: 1, applicationName: 'fulltape-orders', statementTimeoutMs: deadlineMs });
  pool.on('error', () => undefined); // an idle connection that is cut; the query has its own error
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  try {
    const { checkpoints } = await Promise.race([readLiveTables(pool), late.promise]);
    let mark: bigint | null = null;
    for (const { source, commandNumber } of checkpoints.values()) {
      if (source === 'tape' && (mark === null || commandNumber > mark)) mark = commandNumber;
    }
    return mark;
  } catch (error) {
    logger.info({ err: error }, 'orders.read-models-not-consulted');
    return null;
  } finally {
    clearTimeout(timer);
    void pool.end().catch(() => undefined);
  }
};
