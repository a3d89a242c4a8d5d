import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { builtFile } from '../services/platform/testing/built.js';
import { withDayFiles } from '../services/simulation/lobster/testing/dry-run.js';
import { generateDay } from '../services/simulation/lobster/testing/generate-day.js';
import { recordedDays } from '../services/simulation/lobster/testing/recorded-days.js';
import type { DayFiles } from '../services/simulation/lobster/day-files.js';

interface CliOutcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let main: string;
let dir: string;

beforeAll(async () => {
  main = await builtFile('services/cli/main.js');
  dir = mkdtempSync(join(tmpdir(), 'fulltape-e2e-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Runs the program with its temporary files in this test's folder. */
const fulltape = (args: readonly string[]): Promise<CliOutcome> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--enable-source-maps', main, ...args],
      { env: { ...process.env, TMPDIR: dir }, timeout: 180_000, maxBuffer: 64 << 20 },
      (_error, stdout, stderr) => {
        resolve({ status: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });

const replay = (files: DayFiles): Promise<CliOutcome> =>
  fulltape(['replay', 'lobster', '--messages', files.messages, '--orderbook', files.orderbook, '--json']);

const onlyJson = (outcome: CliOutcome): Record<string, unknown> => {
  expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(outcome.stdout) as Record<string, unknown>;
};

describe('fulltape replay lobster', () => {
  test('a generated day comes out right in the book, in Postgres and in ClickHouse, and nothing is left behind', async () => {
    const day = generateDay({ seed: 31, rows: 5_000, depth: 4, priceStep: 100n, reuseIds: true });
    const outcome = await withDayFiles(day, replay);
    expect(outcome.stderr).not.toContain('FulltapeError');
    expect(onlyJson(outcome)).toMatchObject({
      ok: true,
      symbol: 'TEST',
      messages: day.rows,
      rowsCompared: day.rows - 1,
      rowsEqual: day.rows - 1,
      executions: day.executions,
      executedShares: Number(day.executedQuantity),
      tradesInPostgres: day.executions,
      sharesInClickHouse: Number(day.executedQuantity),
      firstDifference: null,
    });
    expect(outcome.status).toBe(0);
    expect(readdirSync(dir).filter((name) => name.startsWith('fulltape-replay-'))).toEqual([]);
  });

  for (const { symbol, files, isPresent, rows, executions, executedShares } of recordedDays) {
    test.skipIf(!isPresent)(
      `the recorded day of ${symbol}${isPresent ? '' : ' (skipped: ../shared/data/lobster is not there)'}`,
      async () => {
        const outcome = await replay(files);
        expect(onlyJson(outcome)).toMatchObject({
          ok: true,
          symbol,
          rowsCompared: rows,
          rowsEqual: rows,
          executions,
          executedShares,
          tradesInPostgres: executions,
          sharesInClickHouse: executedShares,
        });
        expect(outcome.status).toBe(0);
      },
    );
  }

  test('Ctrl-C stops it, says where, and leaves nothing behind', async () => {
    const day = generateDay({ seed: 33, rows: 12_000, depth: 2, priceStep: 100n });
    const outcome = await withDayFiles(day, async (files) => {
      const child = spawn(process.execPath, [main, 'replay', 'lobster', '--messages', files.messages, '--orderbook', files.orderbook], {
        env: { ...process.env, TMPDIR: dir },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
      await waitUntil(() => stderr.includes('replaying') || child.exitCode !== null, { timeoutMs: 120_000, what: 'the replay to begin' });
      child.kill('SIGINT');
      return { status: await ended, stderr };
    });
    expect(outcome.status).toBe(130);
    expect(outcome.stderr).toMatch(/stopped after \d+ of 12\d\d\d rows/);
    expect(readdirSync(dir).filter((name) => name.startsWith('fulltape-replay-'))).toEqual([]);
  });

  test('a row that differs ends with status 1 and is shown', async () => {
    const day = generateDay({ seed: 32, rows: 300, depth: 2, priceStep: 100n });
    const rows = day.orderbook.trimEnd().split('\n');
    rows[200] = (rows[199] ?? '').replace(/^(\d+),(\d+),/, (_all, price: string, size: string) => `${price},${Number(size) + 7},`);
    const outcome = await withDayFiles({ messages: day.messages, orderbook: rows.join('\n') }, replay);
    expect(outcome.status).toBe(1);
    expect(onlyJson(outcome)).toMatchObject({ ok: false, firstDifference: { line: 201, what: 'row' } });
  });

  test.each([
    ['an empty file', { messages: '', orderbook: '' }, 'REPLAY_FILE_INVALID'],
    ['a cut line', { messages: '34200.1,1,7,100,1000', orderbook: '1,1,1,1' }, 'REPLAY_FILE_INVALID'],
    [
      'files of two days',
      { messages: '34200.1,1,7,100,1000000,1\n34200.2,5,0,1,1,1\n', orderbook: '1000200,50,1000000,300\n' },
      'REPLAY_FILES_DIFFER',
    ],
  ])('%s is refused before anything is started', async (_name, day, code) => {
    const outcome = await withDayFiles(day, replay);
    expect(outcome.status).toBe(2);
    expect(onlyJson(outcome)).toMatchObject({ error: { code } });
    expect(outcome.stderr).not.toContain('starting');
  });
});
