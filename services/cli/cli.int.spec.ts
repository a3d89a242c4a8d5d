import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataFolder } from '#platform/config/data-folder.js';
import { readRuntime } from '#platform/config/runtime-file.js';
import { rootDir } from '#platform/config/root-dir.js';
import { isSameProcess, processStartTime } from '#platform/processes/process-table.js';
import { builtFile } from '#platform/testing/built.js';
import { temporaryDataFolder } from '#platform/testing/instance.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { commandNames } from './commands.js';

let main: string;
let dataDir: string;

const environment = { ...process.env, FULLTAPE_NO_SETUP: '1' };

const run = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  const child = spawn(process.execPath, [main, ...args], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
};

beforeAll(async () => {
  main = await builtFile('services/cli/main.js');
  dataDir = temporaryDataFolder();
});
afterAll(() => rmSync(dirname(dataDir), { recursive: true, force: true }));

const present = commandNames.filter((name) => existsSync(join(dirname(fileURLToPath(import.meta.url)), 'commands', `${name}.ts`)));

describe('the command line', () => {
  it('knows every command file', () => {
    const files = readdirSync(join(dirname(fileURLToPath(import.meta.url)), 'commands')).filter((name) => !name.includes('.spec.'));
    expect(files.map((name) => name.replace(/\.ts$/, '')).filter((name) => !(commandNames as readonly string[]).includes(name))).toEqual(
      [],
    );
  });

  it.each(present)('%s --help shows an example and the options of every command', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('--json');
    expect(stdout).toContain('--data');
    // A group of commands shows its examples one level below.
    if (!/^Commands:/m.test(stdout)) expect(stdout).toContain('Example');
  });

  it.each([
    [['nonsense'], 2, 'unknown command'],
    [['start', '--nonsense'], 2, 'unknown option'],
    [['start', '--port', '65536'], 2, '65535'],
    [['start', '--port', '-1'], 2, ''],
    [['start', '--roles', 'accountant'], 2, 'orders, workers, gateway, simulation'],
    [['data', 'reset'], 2, '--yes'],
    [['audit', '--data', '/nonexistent/fulltape'], 2, ''],
  ])('%j ends with status %i and says why on standard error', async (args, status, reason) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([status, '']);
    expect(stderr).toContain(reason);
  });

  it.each([
    [['start', '--nonsense'], "unknown option '--nonsense'"],
    [['dat'], "unknown command 'dat' (Did you mean data?)"],
    [['risk', '--log-level', 'bogus'], 'Allowed choices are trace, debug, info, warn, error, silent.'],
    [['--log-level', 'bogus', 'doctor'], 'Allowed choices are trace, debug, info, warn, error, silent.'],
    [['start', '--port'], "option '--port <port>' argument missing"],
    [['data'], 'a command is missing'],
    [['replay', 'lobster'], ''],
  ])('%j is a usage error with a number, what is wrong and what to do, as text and as JSON', async (args, reason) => {
    const text = await run(...args);
    expect([text.code, text.stdout]).toEqual([2, '']);
    expect(text.stderr).toMatch(
      /INVALID_ARGUMENT \(1002\): An argument is not valid\. \[.*\] Correct the argument that the details name\.\n$/,
    );
    expect(text.stderr).toContain(reason);
    expect(text.stderr).not.toMatch(/^error:/m);
    const json = await run(...args, '--json');
    expect(json.code).toBe(2);
    const { error } = JSON.parse(json.stdout) as { error: { message: string } };
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', number: 1002 });
    expect(error.message).toContain(reason);
  });

  it('shows the help where nothing is asked for, and misses the command where only JSON is', async () => {
    const { code, stderr } = await run();
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Usage: fulltape/);
    expect(stderr).not.toContain('INVALID_ARGUMENT');
    const json = await run('--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'INVALID_ARGUMENT', number: 1002, details: { reason: 'a command is missing' } },
    });
  });

  it('says in doctor what holds, numbered, as JSON and as text', async () => {
    const { stdout } = await run('doctor', '--json', '--data', dataDir);
    const report = JSON.parse(stdout) as { checks: { number: number; name: string; verdict: string; remedy?: string }[]; failed: number };
    expect(report.checks.map((check) => check.number)).toEqual(report.checks.map((_, index) => index + 1));
    expect(report.failed).toBe(report.checks.filter((check) => check.verdict === 'fail').length);
    for (const check of report.checks) if (check.verdict !== 'ok') expect(check.remedy).toBeTruthy();
    const byName = new Map(report.checks.map((check) => [check.name, check.verdict]));
    for (const name of ['node', 'nats-server', 'postgres', 'clickhouse', 'data folder', 'clock'])
      expect([name, byName.get(name)]).toEqual([name, 'ok']);
    const text = await run('doctor', '--data', dataDir);
    expect(text.stdout).toMatch(/^ 1 ok {3}node/);
  });

  it('ends quietly when the reader of its output goes away', async () => {
    const child = spawn(process.execPath, [main, 'doctor', '--data', dataDir], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect([code, stderr]).toEqual([0, '']);
  });

  it('shows and empties the data folder, and leaves what a person wrote and what others hold', async () => {
    const absent = join(dirname(dataDir), 'absent');
    expect(JSON.parse((await run('data', 'info', '--json', '--data', absent)).stdout)).toMatchObject({ state: 'absent' });
    expect((await run('data', 'info', '--data', absent)).stdout).toContain(`${absent}: absent, not in use\n`);
    const held = openDataFolder(dataDir);
    writeFileSync(join(dataDir, 'config.json'), '{}');
    expect((await run('data', 'reset', '--yes', '--data', dataDir)).code).toBe(2);
    const info = await run('data', 'info', '--json', '--data', dataDir);
    expect(JSON.parse(info.stdout)).toMatchObject({ state: 'present', holderPid: process.pid });
    expect((await run('data', 'info', '--data', dataDir)).stdout).toContain(`${dataDir}: present, in use by process ${process.pid}\n`);
    held.release();
    expect((await run('data', 'reset', '--yes', '--data', dataDir)).code).toBe(0);
    expect(readdirSync(dataDir)).toEqual(['config.json']);
    const stranger = join(dirname(dataDir), 'stranger');
    const made = openDataFolder(stranger);
    made.release();
    rmSync(join(stranger, 'fulltape.json'));
    expect((await run('data', 'reset', '--yes', '--data', stranger)).code).toBe(2);
    expect(existsSync(join(stranger, 'secrets.json'))).toBe(true);
  });
});

describe('the launcher', () => {
  const launch = (folder: string) =>
    spawn(
      'node',
      [join(rootDir, 'scripts', 'fulltape.mjs'), 'start', '--json', '--port', '0', '--no-demo', '--roles', 'simulation', '--data', folder],
      {
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
  const everyProcess = (folder: string) =>
    Object.values(readRuntime(folder)?.pids ?? {}).map((pid) => ({ pid, startTime: processStartTime(pid) ?? '' }));

  it.each([
    ['SIGINT', 130, 'to the whole group, as Ctrl-C does'],
    ['SIGTERM', 0, 'to the launcher alone'],
  ] as const)('passes %s on and ends with %i (%s)', async (signal, status, _whom) => {
    const folder = join(dirname(dataDir), `launch-${signal}`);
    const child = launch(folder);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    expect(JSON.parse(line)).toMatchObject({ ready: true, demo: { accounts: [] } });
    const processes = everyProcess(folder);
    expect(processes.length).toBe(5);
    process.kill(signal === 'SIGINT' ? -(child.pid ?? 0) : (child.pid ?? 0), signal);
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(status);
    await waitUntil(() => processes.every(({ pid, startTime }) => !isSameProcess(pid, startTime)), {
      timeoutMs: 10_000,
      what: 'every process to end',
    });
  });

  it('takes everything with it when it is killed with -9', async () => {
    const folder = join(dirname(dataDir), 'launch-kill');
    const child = launch(folder);
    await once(createInterface({ input: child.stdout }), 'line');
    const processes = everyProcess(folder);
    expect(processes.length).toBe(5);
    child.kill('SIGKILL');
    await waitUntil(() => processes.every(({ pid, startTime }) => !isSameProcess(pid, startTime)), {
      timeoutMs: 30_000,
      what: 'every process to end',
    });
  });
});
