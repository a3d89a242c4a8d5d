import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '#contracts/time/wait-until.js';
import { choosePort } from '../../processes/ports.js';
import { RedisCache } from '../redis-cache.js';

/** A real redis-server on a free port with a folder of its own. */
export const startRedis = async (): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), 'fulltape-redis-'));
  const port = await choosePort({ host: '127.0.0.1', port: 0, setting: 'cache.url' });
  const url = `redis://127.0.0.1:${port}/0`;
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  const answers = (): Promise<boolean> =>
    RedisCache.open(url).then(
      (cache) => cache.close().then(() => true),
      () => false,
    );
  await waitUntil(answers, { timeoutMs: 20_000, intervalMs: 100, what: 'redis-server to answer' });
  return {
    url,
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
