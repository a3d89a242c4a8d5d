import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NatsConnection } from '@nats-io/transport-node';
import { waitUntil } from '#contracts/time/wait-until.js';
import { loadConfig } from '#platform/config/load-config.js';
import { readRuntime, type Runtime } from '#platform/config/runtime-file.js';
import { connectNats } from '#platform/nats/connect.js';
import { builtFile } from '../services/platform/testing/built.js';
import { askOrdersStatus } from '../services/simulation/lobster/command-sender.js';
import type { DayFiles } from '../services/simulation/lobster/day-files.js';
import { withDayFiles } from '../services/simulation/lobster/testing/dry-run.js';
import { generateDay } from '../services/simulation/lobster/testing/generate-day.js';
import { recordedDays } from '../services/simulation/lobster/testing/recorded-days.js';

let main: string;
let dir: string;

beforeAll(async () => {
  main = await builtFile('services/cli/main.js');
  dir = mkdtempSync(join(tmpdir(), 'fulltape-e2e-'));
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface RunningReplay {
  readonly child: ChildProcess;
  readonly report: Promise<Record<string, unknown>>;
  /** The platform that the replay has started, as it is now. */
  readonly runtime: () => Runtime | undefined;
}

const startReplay = (files: DayFiles): RunningReplay => {
  const before = new Set(readdirSync(dir));
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', main, 'replay', 'lobster', '--messages', files.messages, '--orderbook', files.orderbook, '--json'],
    {
      env: { ...process.env, TMPDIR: dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4_000)));
  const report = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('close', (status) => {
      if (stdout === '') reject(new Error(`the replay ended with status ${status} and no report: ${stderr}`));
      else resolve(JSON.parse(stdout) as Record<string, unknown>);
    });
  });
  report.catch(() => undefined); // awaited by the test, perhaps after other waits have failed
  const runtime = (): Runtime | undefined => {
    const folder = readdirSync(dir).find((name) => name.startsWith('fulltape-replay-') && !before.has(name));
    return folder === undefined ? undefined : readRuntime(join(dir, folder));
  };
  return { child, report, runtime };
};

const processOf = (replay: RunningReplay, name: string): number => replay.runtime()?.pids[name] ?? 0;

/**
 * Kills a process of the replay's platform once the tape has this many commands, and waits until another one has taken its place. The
 * replay has to be under way: whether it loses an answer depends on the moment, that it has more to send does not.
 */
const killAt = async (replay: RunningReplay, connection: NatsConnection, name: string, commands: number, ofAll: number): Promise<void> => {
  let sequenced = 0;
  await waitUntil(
    async () => {
      const status = await askOrdersStatus(connection);
      sequenced = Number(status?.nextCommandNumber ?? 0);
      return sequenced > commands;
    },
    { timeoutMs: 60_000, intervalMs: 5, what: `command ${commands}` },
  );
  const pid = processOf(replay, name);
  expect(pid).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  expect(sequenced).toBeLessThan(ofAll);
  await waitUntil(() => ![0, pid].includes(processOf(replay, name)), { timeoutMs: 60_000, what: `a new ${name} process` });
};

const undisturbed = (files: DayFiles): Promise<Record<string, unknown>> => startReplay(files).report;

const withKills = async (files: DayFiles, commands: number): Promise<Record<string, unknown>> => {
  const replay = startReplay(files);
  try {
    await waitUntil(() => replay.runtime() !== undefined || replay.child.exitCode !== null, {
      timeoutMs: 60_000,
      what: 'the platform of the replay',
    });
    const connection = await connectNats(loadConfig(replay.runtime()?.configFile).nats, 'crash-test');
    try {
      await killAt(replay, connection, 'orders', commands / 4, commands);
      await killAt(replay, connection, 'nats', commands / 2, commands);
    } finally {
      await connection.close();
    }
    return await replay.report;
  } finally {
    if (replay.child.exitCode === null) replay.child.kill('SIGTERM');
  }
};

const compare = async (files: DayFiles): Promise<void> => {
  const calm = await undisturbed(files);
  expect(calm).toMatchObject({ ok: true, resumed: 0 });
  const disturbed = await withKills(files, Number(calm['commands']));
  expect(disturbed).toMatchObject({
    ok: true,
    stateHash: calm['stateHash'],
    commands: calm['commands'],
    executions: calm['executions'],
    tapePosition: calm['tapePosition'],
  });
};

describe('kill -9 of the orders process and of nats-server during a replay', () => {
  test('ends in the state of an undisturbed replay, with every row equal and nothing lost', async () => {
    await withDayFiles(generateDay({ seed: 41, rows: 40_000, depth: 3, priceStep: 100n }), compare);
  });

  const goog = recordedDays.find(({ symbol }) => symbol === 'GOOG');
  const isPresent = goog?.isPresent === true;
  test.skipIf(!isPresent)(`the recorded day of GOOG${isPresent ? '' : ' (skipped: ../shared/data/lobster is not there)'}`, async () => {
    if (goog === undefined) throw new Error('GOOG is not among the recorded days');
    await compare(goog.files);
  });
});
