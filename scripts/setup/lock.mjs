// A lock file with the holder's pid: set-ups that run at the same time in one clone take turns; a lock whose holder died is taken over.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const holderOf = (path) => {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
};

const tryTake = (path) => {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  }
};

/**
 * Removes a lock that its holder left. Two processes may find it at once: the rename lets one of them have it, and a lock that somebody
 * has taken in between is put back.
 */
const removeStale = (path, holder) => {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
    if (holderOf(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
};

/** Runs `work` while holding the lock; waits up to `timeoutMs` for another holder. */
export const withLock = async (path, work, options = {}) => {
  const timeoutMs = options.timeoutMs ?? 1_800_000;
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + timeoutMs;
  let unreadableSince;
  while (!tryTake(path)) {
    const holder = holderOf(path);
    // An empty file is one that its holder has just made; only one that stays empty was left by a death.
    if (holder === undefined) unreadableSince ??= Date.now();
    else unreadableSince = undefined;
    if ((holder !== undefined && !isAlive(holder)) || (unreadableSince !== undefined && Date.now() - unreadableSince > 2_000)) {
      removeStale(path, holder);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`${path} is held by process ${holder} for more than ${timeoutMs} ms`);
    options.onWait?.(holder);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
};
