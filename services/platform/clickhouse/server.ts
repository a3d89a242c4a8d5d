// The ClickHouse child process: the real engine (chDB) on one data folder behind ClickHouse's HTTP interface. Its options come in the
// file that FULLTAPE_CLICKHOUSE_OPTIONS names; it says { type: 'ready', port } to its parent and stops with it.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { failedMessage } from '../processes/failed-message.js';
import { logger } from '../telemetry/logger.js';
import { ChdbEngine } from './chdb-engine.js';
import { serveClickHouseHttp } from './http-server.js';

export const clickHouseServerOptionsSchema = z.strictObject({
  dir: z.string(),
  host: z.string(),
  port: z.number().int(),
  username: z.string(),
  password: z.string(),
  database: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/),
  memoryBytesMax: z.number().int(),
});
export type ClickHouseServerOptions = z.output<typeof clickHouseServerOptionsSchema>;

const main = async (): Promise<void> => {
  const path = process.env['FULLTAPE_CLICKHOUSE_OPTIONS'];
  if (path === undefined) throw new Error('FULLTAPE_CLICKHOUSE_OPTIONS must name the file with the options');
  const options = clickHouseServerOptionsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const engine = new ChdbEngine({ dir: options.dir, memoryBytesMax: options.memoryBytesMax });
  const request = { database: 'default', settings: new Map<string, string>(), parameters: new Map<string, string>() };
  await engine.run(request, `CREATE DATABASE IF NOT EXISTS ${options.database}`, 'Null');
  const server = await serveClickHouseHttp({ ...options, engine });
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ reason }, 'clickhouse.stopping');
    void server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'clickhouse.stop-failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('disconnect'));
  logger.info({ port: server.port, engine: engine.version }, 'clickhouse.ready');
  process.send?.({ type: 'ready', port: server.port });
};

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    logger.fatal({ err: error }, 'clickhouse.failed');
    process.send?.(failedMessage(error));
    process.exitCode = 1;
    process.disconnect?.();
  }
}
