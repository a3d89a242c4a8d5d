import { join } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';
import { roleNames, type RoleName } from '#platform/config/config.js';
import { rootDir } from '#platform/config/root-dir.js';

const dist = join(rootDir, 'dist');

/** Compiled main file of each role. */
export const roleEntries: Readonly<Record<RoleName, string>> = {
  orders: join(dist, 'services', 'orders', 'main.js'),
  workers: join(dist, 'services', 'workers', 'main.js'),
  gateway: join(dist, 'services', 'gateway', 'main.js'),
  simulation: join(dist, 'services', 'simulation', 'main.js'),
};

/** Compiled main file that runs several roles in one process. */
export const hostEntry = join(dist, 'services', 'cli', 'roles-main.js');

/** @throws FulltapeError INVALID_ARGUMENT that lists the roles. */
export const roleNameOf = (text: string): RoleName => {
  const name = roleNames.find((one) => one === text);
  if (name === undefined) throw new FulltapeError('INVALID_ARGUMENT', { argument: 'roles', value: text, expected: roleNames.join(', ') });
  return name;
};
