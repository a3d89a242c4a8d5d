import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const hasCompiler = spawnSync('capnp', ['--version']).status === 0;

describe('what is generated from schemas/', () => {
  // Regenerating needs Cap'n Proto's own compiler, which users have no need for; the codecs are proven without it in contracts/tape.
  it.skipIf(!hasCompiler)(
    'is what the schemas say (skipped without the capnp compiler)',
    () => {
      execFileSync(process.execPath, ['scripts/schemas.mjs', '--check'], { cwd: root, stdio: 'inherit' });
    },
    600_000,
  );
});
