// npm packages: installed when node_modules does not hold what package-lock.json asks for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNode } from './node-runtime.mjs';
import { Missing, StepFailed, run, step } from './report.mjs';

const readPackages = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
};

const libc = () =>
  process.platform === 'linux' && process.report?.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
const allows = (list, value) =>
  list === undefined || (list.includes(`!${value}`) ? false : list.every((one) => one.startsWith('!')) || list.includes(value));

/** Whether a package of the lock belongs on this machine; optional ones for other systems are left out by npm. */
const belongsHere = (entry) => allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && allows(entry.libc, libc());

/** Names of packages of the lock that are absent or of another version. */
export const staleLockEntries = (locked, installed) =>
  Object.entries(locked)
    .filter(([path, entry]) => path.includes('node_modules/') && entry.link !== true && !entry.inBundle && !entry.peer)
    .filter(([path, entry]) => {
      const present = installed[path];
      if (present === undefined) return !(entry.optional === true || entry.devOptional === true) && belongsHere(entry);
      return present.version !== entry.version;
    })
    .map(([path]) => path);

const npm = (args, root) => {
  // Under `npm start` the running npm is named; elsewhere the one on PATH is taken.
  const own = process.env.npm_execpath;
  const isNpm = own !== undefined && /npm-cli\.js$/.test(own);
  return isNpm ? run(process.execPath, [own, ...args], { cwd: root }) : run('npm', args, { cwd: root });
};

export const ensurePackages = async (root) => {
  const locked = readPackages(join(root, 'package-lock.json'));
  if (locked === undefined) throw new StepFailed('package-lock.json is missing or is not JSON; the clone is incomplete');
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const stale = installed === undefined ? undefined : staleLockEntries(locked, installed);
  if (stale === undefined || stale.length > 0) {
    const flags = ['--no-audit', '--no-fund', '--loglevel=error'];
    // A folder that is there is brought up to date in place: an instance may be running from it.
    const args = stale === undefined ? ['ci', ...flags] : ['install', '--no-save', ...flags];
    const what = stale === undefined ? 'npm packages' : `npm packages (${stale.length} changed, such as ${stale[0]})`;
    const result = await step(what, async () => {
      const clean = await npm(args, root);
      // npm ci refuses a lock that lacks entries for another system; npm install takes what it has and leaves the lock as it is.
      return /npm error code EUSAGE/.test(clean.output) ? npm(['install', '--no-save', ...flags], root) : clean;
    });
    if (result.status === undefined) throw new Missing('npm', 'install Node.js 20 or newer together with npm');
    if (result.status !== 0) {
      process.stderr.write(`${result.tail}\n`);
      if (/ENOSPC/.test(result.output))
        throw new Missing('free disk space for the npm packages (about 2 GB)', 'free disk space and start again');
      if (/ENOTFOUND|ETIMEDOUT|ECONNREFUSED|EAI_AGAIN/.test(result.output))
        throw new Missing('the npm registry (no answer)', 'check the network or the registry in ~/.npmrc');
      throw new StepFailed(`npm ${args[0]} failed with status ${result.status}; its last lines are above`);
    }
  }
  const node = findNode(root);
  if (node === undefined)
    throw new Missing('Node 24 (the install script of the npm package `node` did not run)', 'npm rebuild node, or install Node 24');
};
