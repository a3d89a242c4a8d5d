import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch: string[] = [];

afterEach(() => {
  for (const folder of scratch.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs the direction rules over a small tree of the given files; returns the names of the rules that were broken. */
const brokenRules = (files: Readonly<Record<string, string>>): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'fulltape-direction-'));
  scratch.push(folder);
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  const run = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      ...tops,
    ],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const report = JSON.parse(run.stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(report.summary.violations.map((violation) => violation.rule.name))].sort();
};

const empty = 'export const value = 1;\n';

describe('dependency direction', () => {
  it('accepts the right direction', () => {
    expect(
      brokenRules({
        'contracts/ids/a.ts': empty,
        'services/platform/nats/b.ts': `import { value } from '#contracts/ids/a.js';\nexport const b = value;\n`,
        'services/orders/c.ts': `import { b } from '#platform/nats/b.js';\nexport const c = b;\n`,
      }),
    ).toEqual([]);
  });

  it.each([
    [
      'contracts-know-nobody',
      {
        'services/orders/a.ts': empty,
        'contracts/ids/b.ts': `import { value } from '../../services/orders/a.js';\nexport const b = value;\n`,
      },
    ],
    ['contracts-do-no-io', { 'contracts/ids/b.ts': `import { readFileSync } from 'node:fs';\nexport const b = readFileSync;\n` }],
    [
      'platform-knows-no-service',
      {
        'services/orders/a.ts': empty,
        'services/platform/nats/b.ts': `import { value } from '../../orders/a.js';\nexport const b = value;\n`,
      },
    ],
    [
      'services-do-not-import-each-other',
      { 'services/orders/a.ts': empty, 'services/gateway/b.ts': `import { value } from '../orders/a.js';\nexport const b = value;\n` },
    ],
    [
      'projections-know-no-service',
      { 'services/orders/a.ts': empty, 'projections/b.ts': `import { value } from '../services/orders/a.js';\nexport const b = value;\n` },
    ],
    [
      'no-cycles',
      {
        'contracts/a.ts': `import { b } from './b.js';\nexport const a = (): unknown => b;\n`,
        'contracts/b.ts': `import { a } from './a.js';\nexport const b = (): unknown => a;\n`,
      },
    ],
    ['no-unresolvable', { 'contracts/a.ts': `import { b } from './nowhere.js';\nexport const a = b;\n` }],
  ])('refuses what %s forbids', (rule, files) => {
    expect(brokenRules(files)).toEqual([rule]);
  });
});
