import { describe, expect, it } from 'vitest';
import { executablesOf } from './build-programs.mjs';
import { progressLine, startProgress } from './progress.mjs';
import { parseProveArguments, seedOf } from './prove-arguments.mjs';
import { runProgram } from './run-program.mjs';

const now = new Date('2026-11-20T22:00:00Z');

describe('the arguments of the long proof', () => {
  it('give ten million commands and a seed of the date where nothing is said', () => {
    expect(parseProveArguments([], now)).toEqual({
      commands: 10_000_000,
      seed: 20_261_120_000_000,
      fuzzSeconds: 120,
      only: undefined,
      json: false,
    });
    // More seeds between two nights than runs in one.
    expect(seedOf(new Date('2026-11-21T00:00:00Z')) - seedOf(now)).toBe(1_000_000);
  });

  it('are taken as they are said', () => {
    const args = ['--json', '--commands', '5000', '--seed', '7', '--fuzz-seconds', '1', '--only', 'fuzz,node'];
    expect(parseProveArguments(args, now)).toEqual({ commands: 5_000, seed: 7, fuzzSeconds: 1, only: ['fuzz', 'node'], json: true });
  });

  it.each([['--commands'], ['--commands', '0'], ['--commands', '1e6'], ['--seed', '-1'], ['--only', 'all'], ['--toString', '1'], ['x']])(
    'are refused where they make no sense: %s %s',
    (...args) => {
      expect(parseProveArguments(args, now)).toBeUndefined();
    },
  );
});

describe('its progress', () => {
  it('shows the rate and what is left', () => {
    expect(progressLine('differential', 2_500, 10_000, 'commands', 2_000)).toBe(
      'differential [######..................] 25 % 2500 of 10000 commands, 1250/s, 6 s left',
    );
    expect(progressLine('fuzz', 30, 120, 's', 30_000)).toBe('fuzz [######..................] 25 % 90 s left');
    expect(progressLine('differential', 0, 10, 'commands', 0)).toContain(' 0 % 0 of 10 commands, 0/s');
  });

  it('is a line now and then where there is no terminal', () => {
    const lines = [];
    let at = 0;
    const progress = startProgress('x', 100, 'commands', { isTTY: false, write: (line) => lines.push(line) }, () => at);
    for (at = 1_000; at <= 65_000; at += 1_000) progress.update(1);
    progress.end();
    expect(lines).toHaveLength(2);
  });
});

describe('its programs', () => {
  it('are found by their test and folder, not by their name', () => {
    const artifact = (folder, name) =>
      JSON.stringify({
        reason: 'compiler-artifact',
        manifest_path: `/x/native/${folder}/Cargo.toml`,
        target: { name },
        executable: `/x/${folder}-${name}`,
      });
    const library = JSON.stringify({
      reason: 'compiler-artifact',
      manifest_path: '/x/native/sim/Cargo.toml',
      target: { name: 'fuzz' },
      executable: null,
    });
    const lines = ['   Compiling', library, artifact('journal', 'fuzz'), artifact('sim', 'fuzz'), artifact('sim', 'differential')];
    expect(executablesOf(lines)).toEqual({
      differential: '/x/sim-differential',
      commands: '/x/sim-fuzz',
      journal: '/x/journal-fuzz',
      foreignInterface: undefined,
    });
  });

  it('are read line by line; what they say last is kept', async () => {
    const lines = [];
    const script = 'console.log("agrees: 7"); console.log("disagrees: FULLTAPE_SEED=8 FULLTAPE_CHUNKS=1"); process.exit(3)';
    const result = await runProgram(process.execPath, ['-e', script], { cwd: '.', env: {}, onLine: (line) => lines.push(line) });
    expect(result).toEqual({ status: 3, tail: ['disagrees: FULLTAPE_SEED=8 FULLTAPE_CHUNKS=1'] });
    expect(lines).toHaveLength(2);
    expect((await runProgram('/does/not/exist', [], { cwd: '.', env: {} })).status).toBe(1);
  });
});
