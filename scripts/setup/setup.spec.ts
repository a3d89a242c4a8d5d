import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkBenchEngine } from '../test/bench-engine.mjs';
import { countCargo, countVitest, failedTests } from '../test/report-counts.mjs';
import { withLock } from './lock.mjs';
import { isNewEnough } from './nats-server.mjs';
import { staleLockEntries } from './packages.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fulltape-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the set-up lock', () => {
  it('lets one in at a time', async () => {
    const path = join(folder, 'lock');
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 4 }, () => withLock(path, work)));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a process that died', async () => {
    const path = join(folder, 'lock');
    const { pid } = spawnSync('true');
    writeFileSync(path, String(pid));
    expect(await withLock(path, () => 'in', { timeoutMs: 5_000 })).toBe('in');
  });

  it('is given back when the work fails, and not stolen from a live process', async () => {
    const path = join(folder, 'lock');
    await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    writeFileSync(path, String(process.pid));
    await expect(withLock(path, () => 'in', { timeoutMs: 300 })).rejects.toThrow(`process ${process.pid}`);
  });
});

describe('set-up', () => {
  it.each([
    ['2.14.4', true],
    ['2.14.10', true],
    ['2.15.0', true],
    ['3.0.0', true],
    ['2.14.3', false],
    ['2.9.99', false],
  ])('nats-server %s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  it('finds packages that are absent or of another version, but not those of other systems', () => {
    const locked = {
      '': { version: '1.0.0' },
      'node_modules/same': { version: '1.0.0' },
      'node_modules/old': { version: '2.0.0' },
      'node_modules/absent': { version: '1.0.0' },
      'node_modules/optional': { version: '1.0.0', optional: true },
      'node_modules/elsewhere': { version: '1.0.0', os: ['aix'] },
      'node_modules/workspace': { link: true, resolved: 'bench' },
    };
    const installed = { 'node_modules/same': { version: '1.0.0' }, 'node_modules/old': { version: '1.9.0' } };
    expect(staleLockEntries(locked, installed)).toEqual(['node_modules/old', 'node_modules/absent']);
  });
});

describe('test counts', () => {
  it('sums the programs of cargo test', () => {
    const output =
      'test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured\nx\ntest result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured\n';
    expect(countCargo(output)).toEqual({ passed: 5, failed: 4, skipped: 1 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 1,
      numTodoTests: 0,
      testResults: [
        { name: 'a', status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
        { name: 'b', status: 'failed', assertionResults: [] },
      ],
    };
    expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });

  it('names a failed test with all that it said before its stack, on one line', () => {
    const failureMessages = ['ZodError: [\n  {\n    "code": "invalid_value"\n  }\n]\n    at parse (/a/b.ts:1:2)'];
    const report = {
      testResults: [{ name: 'a', status: 'failed', assertionResults: [{ status: 'failed', fullName: 't', failureMessages }] }],
    };
    expect(failedTests(report)).toEqual(['a: t: ZodError: [ { "code": "invalid_value" } ]']);
  });
});

describe("the check of the engine's bench", () => {
  const absent = 'error: no matching package named `orderbook-rs` found (offline)';
  const answers = (fetched, clippy = 0) => {
    const ran = [];
    const run = async (command, args) => {
      ran.push([command, ...args].join(' '));
      if (command === 'rustc') return { status: 0, output: 'release: 1.95.0\nhost: x86_64-unknown-linux-gnu\n', timedOut: false };
      if (args.includes('fetch') && args.includes('--offline')) return { status: 101, output: absent, timedOut: false };
      if (args.includes('fetch')) return { timedOut: false, ...fetched };
      return { status: args.includes('clippy') ? clippy : 0, output: '', timedOut: false };
    };
    return { ran, result: () => checkBenchEngine(folder, run) };
  };

  it.each([
    ['Caused by: [6] Could not resolve host: index.crates.io', false],
    ['warning: spurious network error (1 try remaining): [28] Timeout was reached', false],
    ['', true],
  ])('is skipped, and says so, where the registry does not answer: %s', async (output, timedOut) => {
    const { ran, result } = answers({ status: 101, output, timedOut });
    expect(await result()).toMatchObject({
      ok: true,
      counts: { passed: 0, failed: 0, skipped: 1 },
      remark: expect.stringContaining('skipped'),
    });
    expect(ran.some((line) => line.includes('clippy'))).toBe(false);
  });

  it('fails for any other reason', async () => {
    const locked = answers({ status: 101, output: 'error: the lock file needs to be updated but --locked was passed' });
    expect(await locked.result()).toMatchObject({ ok: false, counts: { failed: 1 } });
    expect(await answers({ status: 0, output: '' }, 101).result()).toMatchObject({ ok: false, counts: { failed: 1 } });
    expect(await answers({ status: 0, output: '' }).result()).toMatchObject({ ok: true, counts: { passed: 1, skipped: 0 } });
  });
});
