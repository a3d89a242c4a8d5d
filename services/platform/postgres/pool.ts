import type pg from 'pg';
import type { FulltapeConfig } from '../config/config.js';
import { openPostgresPool } from '../read-side/postgres-pool.js';

/** Connections to the read models' PostgreSQL, from the configuration. The caller ends the pool. */
export const postgresPool = (config: FulltapeConfig['postgres'], application: string): pg.Pool =>
  openPostgresPool({ url: config.url, poolMax: config.poolMax, applicationName: `fulltape-${application}` });
