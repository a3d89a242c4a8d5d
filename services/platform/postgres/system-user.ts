import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { FulltapeError } from '#contracts/result/result.js';

export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const ownUser = 'fulltape';

const lookUp = (name: string): SystemUser | undefined => {
  try {
    const read = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', timeout: 5_000, stdio: ['ignore', 'pipe', 'ignore'] }));
    const [uid, gid] = [read('-u'), read('-g')];
    return Number.isInteger(uid) && Number.isInteger(gid) ? { name, uid, gid } : undefined;
  } catch {
    return undefined;
  }
};

const create = (): SystemUser | undefined => {
  const attempts: readonly (readonly [string, readonly string[]])[] = [
    ['useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', ownUser]],
    ['adduser', ['-S', '-D', '-H', '-s', '/sbin/nologin', ownUser]], // busybox
  ];
  for (const [command, args] of attempts) {
    try {
      execFileSync(command, [...args], { timeout: 10_000, stdio: 'ignore' });
      return lookUp(ownUser);
    } catch {
      continue;
    }
  }
  return undefined;
};

/**
 * PostgreSQL refuses to run as root. As root this is the user that it runs as: `fulltape`, made at first use, else an existing
 * unprivileged one. Undefined for everybody else: they run it as themselves.
 */
export const postgresUser = (): SystemUser | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const user = lookUp(ownUser) ?? create() ?? lookUp('postgres') ?? lookUp('nobody');
  if (user !== undefined) return user;
  throw new FulltapeError('ENVIRONMENT_INCOMPLETE', {
    missing: 'a user that is not root, for PostgreSQL',
    get: 'useradd --system fulltape, or run as an ordinary user',
  });
};

/** First folder on the way to `path` that the user cannot enter, or undefined. */
export const blockedAncestor = (path: string, user: SystemUser): string | undefined => {
  let blocked: string | undefined;
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { mode, uid, gid } = statSync(folder);
      const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) blocked = folder;
    }
    if (folder === dirname(folder)) return blocked;
  }
};

/** Path of setpriv (util-linux), which can keep one capability while it gives up root. */
export const setprivPath = (): string | undefined => ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
