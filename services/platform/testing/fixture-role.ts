// A role for the tests of the supervisor: says ready with its name, writes when it starts and stops to the file that its configuration's
// data folder holds, and fails as FIXTURE_ROLE_FAILS asks: `start` before it is ready, `refuse` so by
// an error of the table, `serve` as soon as it is, `once` in its first life.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { runRole } from '../processes/role.js';

const name = process.env['FULLTAPE_PROCESS'] ?? 'fixture';

await runRole(name, async (config, signal) => {
  const record = (event: string): void => appendFileSync(join(config.dataDir, 'roles.txt'), `${event} ${name}\n`);
  const failing = (process.env['FIXTURE_ROLE_FAILS'] ?? '').split(':');
  const mode = failing[0] === name ? failing[1] : undefined;
  const marker = join(config.dataDir, `${name}.failed`);
  if (mode === 'start') throw new Error('the fixture fails to start');
  if (mode === 'refuse') throw new FulltapeError('ENGINE_VERSION_MISMATCH', { engine: 'commit 1 is of engine version 1' });
  if (mode === 'hang') {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }));
  }
  record('start');
  const timer = setInterval(() => undefined, 1_000);
  if (mode === 'serve' || (mode === 'once' && !existsSync(marker))) {
    writeFileSync(marker, '');
    setTimeout(() => {
      throw new Error('the fixture crashes');
    }, 50);
  }
  return {
    ready: {
      urls: { [name]: `fixture://${name}` },
      ...(name === 'gateway' ? { demo: { accounts: [{ id: '1', token: 'demo-token' }] } } : {}),
    },
    close: async () => {
      clearInterval(timer);
      record('stop');
      await Promise.resolve();
    },
  };
});
