import pg from 'pg';
import type { FulltapeConfig } from '../config/config.js';
import { logger } from '../telemetry/logger.js';

/** Connections to the read models' PostgreSQL. A query that takes longer than 60 s is ended by the server. The caller ends the pool. */
export const postgresPool = (config: FulltapeConfig['postgres'], application: string): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.poolMax,
    application_name: `fulltape-${application}`,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 60_000,
    keepAlive: true,
  });
  // An idle connection that the server ends is replaced by the pool; without a listener it would end the process.
  pool.on('error', (error) => logger.warn({ application, reason: error.message }, 'postgres.connection-lost'));
  return pool;
};
