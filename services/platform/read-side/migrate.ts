import { DataSource } from 'typeorm';
import type { Pool } from 'pg';
import { controlEntities, controlMigrations } from './control-tables.js';

/** TypeORM over the control tables. The caller initialises and destroys it. */
export const controlDataSource = (url: string): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    schema: 'control',
    applicationName: 'fulltape-control',
    poolSize: 2,
    entities: controlEntities,
    migrations: controlMigrations,
    migrationsTableName: 'migrations',
    synchronize: false,
    logging: false,
  });

/** Brings the control tables to this release. One process at a time: the workers role runs it before anything reads them. */
export const migrateControlTables = async (pool: Pool, url: string): Promise<void> => {
  await pool.query('CREATE SCHEMA IF NOT EXISTS control; CREATE SCHEMA IF NOT EXISTS read_models');
  const dataSource = await controlDataSource(url).initialize();
  try {
    await dataSource.runMigrations({ transaction: 'all' });
  } finally {
    await dataSource.destroy();
  }
};
