import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataFolderAt } from '#platform/config/data-folder.js';
import { writeConfig } from '#platform/config/load-config.js';
import { writeRuntime } from '#platform/config/runtime-file.js';
import { processStartTime } from '#platform/processes/process-table.js';
import { ReadSide } from '#platform/read-side/index.js';
import { startWorkersWorld, type WorkersWorld } from '../../workers/testing/workers-world.js';
import { startWorkers } from '../../workers/start-workers.js';
import type { RoleHandle } from '#platform/processes/role.js';
import pg from 'pg';
import { CliContext } from '../context.js';
import { register } from './projections.js';

class CapturingContext extends CliContext {
  readonly lines: string[] = [];
  readonly documents: unknown[] = [];
  override print(text: string): void {
    this.lines.push(text);
  }
  override printJson(document: unknown): void {
    this.documents.push(document);
  }
  override note(): void {
    // progress is for people
  }
}

describe('fulltape projections', () => {
  let world: WorkersWorld;
  let workers: RoleHandle;
  const dataDir = mkdtempSync(join(tmpdir(), 'fulltape-projections-'));

  const run = async (...args: string[]): Promise<CapturingContext> => {
    const context = new CapturingContext(new AbortController().signal);
    const program = new Command().option('--data <folder>').option('--json').option('--log-level <level>').exitOverride();
    register(program, context);
    await program.parseAsync(['--data', dataDir, 'projections', ...args], { from: 'user' });
    return context;
  };
  const sql = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: world.config.postgres.url });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    world = await startWorkersWorld({ demo: true });
    await world.startOrders();
    workers = await startWorkers(world.config, new AbortController().signal);
    const folder = dataFolderAt(dataDir);
    mkdirSync(folder.run, { recursive: true });
    writeConfig(folder.configFile, world.config);
    writeRuntime(folder, {
      version: 1,
      pid: process.pid,
      startTime: processStartTime(process.pid) ?? '',
      urls: {},
      ports: {},
      pids: {},
      startTimes: {},
      configFile: folder.configFile,
      secretsFile: folder.secretsFile,
    });
  });
  afterAll(async () => {
    await workers.close();
    await world.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('lists every read model with position, lag and rows', async () => {
    const { documents, exitCode } = await run('list', '--json');
    expect(exitCode).toBe(0);
    expect(documents).toMatchObject([
      {
        version: 1,
        readModels: expect.arrayContaining([
          expect.objectContaining({ name: 'instruments', state: 'live', lag: '0', rows: { instruments: 5 } }),
        ]),
      },
    ]);
    expect((await run('list')).lines[0]).toMatch(/^NAME +VERSION GENERATION/);
  });

  it('rebuilds one, and all after their tables were dropped by hand', async () => {
    expect(await run('rebuild', 'positions', '--json')).toMatchObject({ exitCode: 0, documents: [{ switched: true, differences: [] }] });
    await sql('DROP SCHEMA read_models CASCADE');
    expect((await run('list', '--json')).exitCode).toBe(1);
    expect(await run('rebuild', '--all', '--json')).toMatchObject({ exitCode: 0, documents: [{ switched: true }] });
    expect((await run('list')).exitCode).toBe(0);
    const readSide = ReadSide.open({ postgres: world.config.postgres, clickhouse: world.config.clickhouse });
    expect((await (await readSide.snapshot()).reference.instruments()).length).toBe(5);
    await readSide.close();
  });

  it('says which rows differ and ends with 1, unless they are accepted', async () => {
    const readSide = ReadSide.open({ postgres: world.config.postgres, clickhouse: world.config.clickhouse });
    const table = (await readSide.snapshot()).table('balances');
    await readSide.close();
    await sql(`UPDATE ${table} SET reserved = 1 WHERE account_id = 1001`);
    const refused = await run('rebuild', 'balances');
    expect(refused.exitCode).toBe(1);
    expect(refused.lines.join('\n')).toContain(
      'DIFFERENT balances.balances: 9 rows live, 9 rebuilt, 1 only in the live one, 1 only in the rebuilt one',
    );
    expect((await run('rebuild', 'balances', '--accept')).exitCode).toBe(0);
    expect((await run('rebuild', 'balances')).exitCode).toBe(0);
  });

  it('refuses names that it does not know, and a rebuild of nothing', async () => {
    await expect(run('rebuild', 'nonsense')).rejects.toMatchObject({ code: 'UNKNOWN_READ_MODEL' });
    await expect(run('rebuild')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(run('rebuild', 'orders', '--all')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('shows messages that were set aside', async () => {
    expect(await run('dead-letters')).toMatchObject({ exitCode: 0, lines: ['No message was set aside.'] });
    await sql(
      "INSERT INTO control.dead_letters (group_name, source, stream_sequence, code, error) VALUES ('postgres-tape', 'tape.0', 99, 'DEAD_LETTERED', 'why')",
    );
    const shown = await run('dead-letters', '--json');
    expect(shown.exitCode).toBe(1);
    expect(shown.documents).toMatchObject([{ deadLetters: [{ group: 'postgres-tape', streamSequence: 99n, error: 'why' }] }]);
  });
});
