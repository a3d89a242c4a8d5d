import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheContract } from '#contracts/ports/cache.contract.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { RedisCache } from './redis-cache.js';

const installed = spawnSync('redis-server', ['--version']).status === 0;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

// A machine without redis-server reports these as skipped, by name.
describe.skipIf(!installed)('with a real redis-server', () => {
  let folder: string;
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fulltape-redis-'));
    const port = await freePort();
    url = `redis://127.0.0.1:${port}/0`;
    server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    });
    await waitUntil(
      () =>
        RedisCache.open(url).then(
          (cache) => cache.close().then(() => true),
          () => false,
        ),
      { timeoutMs: 20_000, intervalMs: 100, what: 'redis-server to answer' },
    );
  });
  afterAll(async () => {
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  cacheContract('redis', async () => {
    const here = await RedisCache.open(url);
    const there = await RedisCache.open(url);
    return {
      here,
      there,
      close: async () => {
        await Promise.all([here.close(), there.close()]);
      },
    };
  });
});

it('says STORE_UNAVAILABLE when no server answers', async () => {
  await expect(RedisCache.open(`redis://127.0.0.1:${await freePort()}/0`)).rejects.toThrow(/STORE_UNAVAILABLE/);
});
