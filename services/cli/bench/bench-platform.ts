import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '#platform/config/load-settings.js';
import { connectNats } from '#platform/nats/connect.js';
import { startPlatform } from '#platform/supervisor/supervisor.js';
import type { BenchPlatform } from '../../../bench/benchmark.js';
import { hostEntry, roleEntries } from '../role-entries.js';

/**
 * Starts the platform without the simulated market in a temporary folder; `close` stops it and removes the folder. `isWhole: false` leaves
 * gateway and read models out as well, which is what the path of an order is measured on.
 */
export const startBenchPlatform = async (options: {
  readonly isWhole: boolean;
  readonly logLevel: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (step: string) => void;
}): Promise<{ readonly platform: BenchPlatform; readonly close: () => Promise<void> }> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'fulltape-bench-'));
  chmodSync(dataDir, 0o711); // PostgreSQL runs as another user when this program runs as root
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  try {
    const settings = loadSettings({
      dataDir,
      environment: Object.fromEntries(['FULLTAPE_NATS_SERVER', 'FULLTAPE_ENGINE_LIBRARY'].map((name) => [name, process.env[name]])),
      flags: {
        logLevel: options.logLevel ?? 'error',
        gateway: { port: 0 },
        nats: { port: 0, monitorPort: 0 },
        postgres: { port: 0 },
        clickhouse: { port: 0 },
      },
    });
    // Demo accounts have the tokens that the GraphQL part needs; the market that trades beside them would be measured too.
    const running = await startPlatform({
      settings,
      dataDir,
      roleEntries: { ...roleEntries, simulation: '', ...(options.isWhole ? {} : { gateway: '', workers: '' }) },
      hostEntry,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    const connection = await connectNats(running.config.nats, 'bench').catch(async (error: unknown) => {
      await running.stop();
      throw error;
    });
    return {
      platform: { config: running.config, connection, graphqlUrl: running.ready.urls.graphql, demoAccounts: running.ready.demo.accounts },
      close: async () => {
        await connection.close();
        await running.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
};
