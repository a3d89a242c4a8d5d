import { jetstreamManager } from '@nats-io/jetstream';
import { clickHouseClient } from '../clickhouse/client.js';
import type { FulltapeConfig } from '../config/config.js';
import { connectNats } from '../nats/connect.js';
import { postgresPool } from '../postgres/pool.js';
import { fail, messageOf, pass, type Check } from './check.js';

const restart = 'stop the platform and start it again; its logs are in DIR/logs';

const probe = async (name: string, ask: () => Promise<string>): Promise<Check> => {
  const startedAt = performance.now();
  try {
    const observed = await ask();
    return pass(name, `${observed}, ${(performance.now() - startedAt).toFixed(0)} ms`);
  } catch (error) {
    return fail(name, messageOf(error), restart);
  }
};

/** What only a running platform can tell: that each store answers, and the gateway. */
export const checkRunning = (config: FulltapeConfig): Promise<readonly Check[]> =>
  Promise.all([
    probe('nats answers', async () => {
      const connection = await connectNats(config.nats, 'doctor');
      try {
        const account = await (await jetstreamManager(connection)).getAccountInfo();
        return `${connection.info?.version ?? ''}, ${account.streams} streams, ${account.storage} bytes`;
      } finally {
        await connection.close();
      }
    }),
    probe('postgres answers', async () => {
      const pool = postgresPool({ ...config.postgres, poolMax: 1 }, 'doctor');
      try {
        const result = await pool.query<{ version: string }>("SELECT current_setting('server_version') AS version");
        return result.rows[0]?.version ?? '';
      } finally {
        await pool.end();
      }
    }),
    probe('clickhouse answers', async () => {
      const client = clickHouseClient(config.clickhouse, 'doctor');
      try {
        const result = await client.query({ query: 'SELECT version() AS version', format: 'JSONEachRow' });
        return (await result.json<{ version: string }>())[0]?.version ?? '';
      } finally {
        await client.close();
      }
    }),
    probe('gateway answers', async () => {
      const response = await fetch(config.urls.terminal, { signal: AbortSignal.timeout(5_000) });
      await response.arrayBuffer();
      return `HTTP ${response.status}`;
    }),
  ]);
