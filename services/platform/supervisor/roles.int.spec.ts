import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { loadSettings } from '../config/load-settings.js';
import { readRuntime } from '../config/runtime-file.js';
import { isAlive } from '../processes/process-table.js';
import { builtFile } from '../testing/built.js';
import { temporaryDataFolder } from '../testing/instance.js';
import { startPlatform, type RunningPlatform } from './supervisor.js';

let dataDir: string;
let stop: AbortController;
let platform: RunningPlatform | undefined;

const start = async (options: { readonly fails?: string; readonly restartsPerMinuteMax?: number } = {}): Promise<RunningPlatform> => {
  const entry = await builtFile('services/platform/testing/fixture-role.js');
  await builtFile('services/platform/processes/watchdog.js');
  if (options.fails !== undefined) process.env['FIXTURE_ROLE_FAILS'] = options.fails;
  const settings = loadSettings({
    dataDir,
    environment: {},
    flags: {
      logLevel: 'silent',
      gateway: { port: 0 },
      nats: { port: 0, monitorPort: 0 },
      postgres: { port: 0 },
      clickhouse: { port: 0 },
      supervisor: { restartsPerMinuteMax: options.restartsPerMinuteMax ?? 5 },
    },
  });
  platform = await startPlatform({
    settings,
    dataDir,
    roleEntries: { orders: entry, workers: entry, gateway: entry, simulation: entry },
    hostEntry: entry,
    signal: stop.signal,
    onProgress: () => undefined,
  });
  return platform;
};

const recorded = (): string[] => readFileSync(join(dataDir, 'roles.txt'), 'utf8').trim().split('\n');

beforeEach(() => {
  dataDir = temporaryDataFolder();
  stop = new AbortController();
});
afterEach(async () => {
  delete process.env['FIXTURE_ROLE_FAILS'];
  await platform?.stop();
  platform = undefined;
  rmSync(dirname(dataDir), { recursive: true, force: true });
});

describe('roles under the supervisor', () => {
  it('start in order, tell their addresses and demo accounts, and stop in reverse', async () => {
    const { ready, stop: stopPlatform } = { ready: (await start()).ready, stop: () => platform?.stop() };
    expect(ready.urls).toMatchObject({ gateway: 'fixture://gateway', orders: 'fixture://orders' });
    expect(ready.urls.graphql).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/graphql$/);
    expect(ready.demo).toEqual({ accounts: [{ id: '1', token: 'demo-token' }] });
    expect(readRuntime(dataDir)?.pids).toMatchObject({ gateway: expect.any(Number), nats: expect.any(Number) });
    await stopPlatform();
    const roles = ['orders', 'workers', 'gateway', 'simulation'];
    expect(recorded()).toEqual([...roles.map((name) => `start ${name}`), ...[...roles].reverse().map((name) => `stop ${name}`)]);
    expect(readRuntime(dataDir)).toBeUndefined();
  });

  it('start again when they crash', async () => {
    await start({ fails: 'orders:once' });
    await waitUntil(() => recorded().filter((line) => line === 'start orders').length === 2, {
      timeoutMs: 20_000,
      what: 'orders to start again',
    });
    await waitUntil(() => isAlive(readRuntime(dataDir)?.pids['orders'] ?? 0), { timeoutMs: 20_000, what: 'orders to be recorded' });
  });

  it('are given up when they crash too often, and the platform says which one', async () => {
    const running = await start({ fails: 'workers:serve', restartsPerMinuteMax: 2 });
    const failure = await running.failed;
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { process: 'workers' } });
    expect(recorded().filter((line) => line === 'start workers').length).toBe(3);
  });

  it('that fail to start end the whole start, with the reason, and nothing stays', async () => {
    await expect(start({ fails: 'gateway:start' })).rejects.toMatchObject({
      details: { process: 'gateway', reason: 'the fixture fails to start' },
    });
    expect(recorded()).toEqual(['start orders', 'start workers', 'stop workers', 'stop orders']);
  });

  it('that refuse to start by a numbered error end it with that error', async () => {
    const refused = { code: 'ENGINE_VERSION_MISMATCH', details: { process: 'orders', engine: 'commit 1 is of engine version 1' } };
    await expect(start({ fails: 'orders:refuse' })).rejects.toMatchObject(refused);
  });

  it('that hang at their start can be stopped', async () => {
    const starting = start({ fails: 'gateway:hang' });
    await waitUntil(
      () => {
        try {
          return recorded().includes('start workers');
        } catch {
          return false; // nothing is recorded yet
        }
      },
      { timeoutMs: 30_000, what: 'the role before' },
    );
    stop.abort(new Error('stopped by the test'));
    await expect(starting).rejects.toThrow();
    expect(recorded().slice(-2)).toEqual(['stop workers', 'stop orders']);
  });
});
