import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { clickHouseClient } from '../clickhouse/client.js';
import { connectNats } from '../nats/connect.js';
import { postgresPool } from '../postgres/pool.js';
import { isSameProcess, processStartTime } from '../processes/process-table.js';
import { builtFile } from '../testing/built.js';
import { startInstance, temporaryDataFolder, type TestInstance } from '../testing/instance.js';

// No roles are needed to test the supervisor itself; `simulation` alone is the smallest set and is skipped by --no-demo.
const bare = { roles: ['simulation'], args: ['--no-demo'] } as const;
const cleanUp: (() => Promise<unknown> | void)[] = [];

const start = async (options: Parameters<typeof startInstance>[0] = {}): Promise<TestInstance> => {
  const instance = await startInstance({ ...bare, ...options });
  cleanUp.push(() => instance.stop());
  return instance;
};

const cli = async (
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  const main = await builtFile('services/cli/main.js');
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
};

const treeOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => `${String(name)} ${statSync(join(folder, String(name))).mtimeMs}`)
    .sort();

afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

describe('the supervisor', () => {
  it('serves all three stores, keeps what they hold over a restart, and stops with status 130 and no process left', async () => {
    const dataDir = temporaryDataFolder();
    cleanUp.push(() => rmSync(dirname(dataDir), { recursive: true, force: true }));
    const first = await startInstance({ ...bare, dataDir });
    const { config } = first;
    const pool = postgresPool(config.postgres, 'test');
    await pool.query('CREATE TABLE kept AS SELECT 1 AS n');
    await pool.end();
    const clickhouse = clickHouseClient(config.clickhouse, 'test');
    await clickhouse.command({ query: 'CREATE TABLE kept ENGINE = MergeTree ORDER BY n AS SELECT 1 AS n' });
    await clickhouse.close();
    expect(await first.stop()).toBe(130);

    const second = await start({ dataDir });
    const again = postgresPool(second.config.postgres, 'test');
    expect((await again.query('SELECT n FROM kept')).rows).toEqual([{ n: 1 }]);
    await again.end();
    const client = clickHouseClient(second.config.clickhouse, 'test');
    expect(await (await client.query({ query: 'SELECT n FROM kept', format: 'JSONEachRow' })).json()).toEqual([{ n: 1 }]);
    await client.close();
    const connection = await connectNats(second.config.nats, 'test');
    await connection.close();
  });

  it('leaves no process behind when it is killed with -9', async () => {
    const instance = await startInstance({ ...bare });
    cleanUp.push(() => rmSync(dirname(instance.dataDir), { recursive: true, force: true }));
    const pids = Object.values(instance.runtime().pids).map((pid) => ({ pid, startTime: processStartTime(pid) ?? '' }));
    expect(pids.length).toBe(5); // supervisor, watchdog, nats, postgres, clickhouse
    process.kill(instance.pid, 'SIGKILL');
    await waitUntil(() => pids.every(({ pid, startTime }) => !isSameProcess(pid, startTime)), {
      timeoutMs: 30_000,
      what: 'every process to end',
    });
    const after = await start({ dataDir: instance.dataDir }); // and the folder can be used again at once
    expect(after.runtime().pids['nats']).toBeGreaterThan(0);
  });

  it('starts at once on the folder of a run that was killed with its watchdog, after stopping what that left', async () => {
    const instance = await startInstance({ ...bare });
    cleanUp.push(() => rmSync(dirname(instance.dataDir), { recursive: true, force: true }));
    const { pids } = instance.runtime();
    const servers = ['nats', 'postgres', 'clickhouse'].map((name) => ({
      pid: pids[name] ?? 0,
      startTime: processStartTime(pids[name] ?? 0) ?? '',
    }));
    process.kill(instance.pid, 'SIGSTOP'); // so that it cannot replace its watchdog
    instance.kill('watchdog');
    process.kill(instance.pid, 'SIGKILL');
    const after = await start({ dataDir: instance.dataDir });
    expect(servers.filter(({ pid, startTime }) => isSameProcess(pid, startTime))).toEqual([]);
    expect(after.runtime().pids['postgres']).not.toBe(pids['postgres']);
  });

  it('starts each server again when it is killed', async () => {
    const instance = await start();
    for (const name of ['nats', 'postgres', 'clickhouse']) {
      const previous = instance.runtime().pids[name] ?? 0;
      instance.kill(name);
      await instance.restarted(name, previous);
    }
    const pool = postgresPool(instance.config.postgres, 'test');
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
    const client = clickHouseClient(instance.config.clickhouse, 'test');
    expect(await client.ping()).toEqual({ success: true });
    await client.close();
  });

  it('replaces a watchdog that is killed, and the new one still does its work', async () => {
    const instance = await startInstance({ ...bare });
    cleanUp.push(() => rmSync(dirname(instance.dataDir), { recursive: true, force: true }));
    const servers = ['nats', 'postgres', 'clickhouse']
      .map((name) => instance.runtime().pids[name] ?? 0)
      .map((pid) => ({ pid, startTime: processStartTime(pid) ?? '' }));
    instance.kill('watchdog');
    await waitUntil(() => instance.stderr().includes('watchdog.replaced'), { timeoutMs: 10_000, what: 'another watchdog' });
    process.kill(instance.pid, 'SIGKILL');
    await waitUntil(() => servers.every(({ pid, startTime }) => !isSameProcess(pid, startTime)), {
      timeoutMs: 30_000,
      what: 'the servers to end',
    });
  });

  it('runs two instances side by side and refuses a second one on the same folder, naming the first', async () => {
    const first = await start();
    const other = await start();
    expect(other.urls.graphql).not.toBe(first.urls.graphql);
    const second = await cli(['start', '--json', '--port', '0', '--data', first.dataDir]);
    expect(second.code).toBe(2);
    expect(second.stderr).toContain(`process ${first.pid}`);
    expect(JSON.parse(second.stdout)).toMatchObject({ error: { code: 'INVALID_ARGUMENT' } });
    expect(first.runtime().pid).toBe(first.pid);
  });

  it('refuses a folder that is not ours or is damaged with DATA_FOLDER_CORRUPT and touches nothing', async () => {
    const made = await startInstance({ ...bare });
    await made.stop({ keepData: true });
    const parent = dirname(made.dataDir);
    cleanUp.push(() => rmSync(parent, { recursive: true, force: true }));
    const cases: readonly (readonly [string, (folder: string) => void])[] = [
      [
        'stranger',
        (folder) => (rmSync(folder, { recursive: true }), mkdirSync(folder), writeFileSync(join(folder, 'thesis.tex'), 'years of work')),
      ],
      ['cut-marker', (folder) => writeFileSync(join(folder, 'fulltape.json'), '{"prod')],
      ['other-format', (folder) => writeFileSync(join(folder, 'fulltape.json'), '{"product":"fulltape","format":99}')],
      ['no-secrets', (folder) => rmSync(join(folder, 'secrets.json'))],
      [
        'cut-secrets',
        (folder) => writeFileSync(join(folder, 'secrets.json'), readFileSync(join(folder, 'secrets.json'), 'utf8').slice(0, 20)),
      ],
    ];
    for (const [name, damage] of cases) {
      const folder = join(parent, name);
      cpSync(made.dataDir, folder, { recursive: true });
      damage(folder);
      const before = treeOf(folder);
      const result = await cli(['start', '--json', '--port', '0', '--data', folder]);
      expect([name, result.code, JSON.parse(result.stdout).error.code]).toEqual([name, 2, 'DATA_FOLDER_CORRUPT']);
      expect(treeOf(folder)).toEqual(before);
    }
  });

  it('names the port, the setting and the process that holds it, and ends with status 3', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => new Promise<void>((resolve) => blocker.close(() => resolve())));
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const dataDir = temporaryDataFolder();
    cleanUp.push(() => rmSync(dirname(dataDir), { recursive: true, force: true }));
    const taken = await cli(['start', '--json', '--port', String(port), '--data', dataDir]);
    expect(taken.code).toBe(3);
    expect(JSON.parse(taken.stdout)).toMatchObject({
      error: { code: 'PORT_TAKEN', details: { port: String(port), setting: 'gateway.port' } },
    });
    expect(taken.stderr).toContain(`pid ${process.pid}`);
  });

  it('keeps secrets out of the log and readable by the owner alone', async () => {
    const instance = await start();
    const { secrets } = instance.config;
    for (const path of [instance.runtime().secretsFile, instance.runtime().configFile]) expect(statSync(path).mode & 0o077).toBe(0);
    const logs = readdirSync(join(instance.dataDir, 'logs')).map((name) => readFileSync(join(instance.dataDir, 'logs', name), 'utf8'));
    const arguments_ = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    for (const secret of Object.values(secrets)) {
      for (const text of [...logs, instance.stderr(), readFileSync(join(instance.dataDir, 'runtime.json'), 'utf8'), arguments_])
        expect(text).not.toContain(secret);
    }
  });
});
