// nats-server >= 2.14.4: FULLTAPE_NATS_SERVER, then PATH, then .cache/bin, else the official release with its published checksum, else Go.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Missing, note, run, step } from './report.mjs';

export const wantedVersion = '2.14.4';
const downloadTimeoutMs = 120_000;
const probeTimeoutMs = 4_000;

export const isNewEnough = (version, least = wantedVersion) => {
  const parts = version.split('.').map(Number);
  for (const [index, minimum] of least.split('.').map(Number).entries()) {
    if ((parts[index] ?? 0) !== minimum) return (parts[index] ?? 0) > minimum;
  }
  return true;
};

const versionOf = (path) => {
  try {
    return /v([0-9]+\.[0-9]+\.[0-9]+)/.exec(
      execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] }),
    )?.[1];
  } catch {
    return undefined;
  }
};

const usable = (path) => {
  const version = versionOf(path);
  return version !== undefined && isNewEnough(version);
};

const executable = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

const onPath = () =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, executable))
    .filter((path) => existsSync(path));

const cached = (cacheBin) =>
  existsSync(cacheBin)
    ? readdirSync(cacheBin)
        .filter((name) => name.startsWith('nats-server'))
        .sort()
        .reverse()
        .map((name) => join(cacheBin, name))
    : [];

const get = async (url, timeoutMs) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'follow' });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
};

const assetName = () => {
  const cpu = { x64: 'amd64', arm64: 'arm64', arm: 'arm7' }[process.arch];
  const system = { linux: 'linux', darwin: 'darwin' }[process.platform];
  return cpu === undefined || system === undefined ? undefined : `nats-server-v${wantedVersion}-${system}-${cpu}`;
};

/** Puts a finished binary in place in one step, so that a set-up that dies half-way leaves none that is cut. */
const install = (source, cacheBin) => {
  const target = join(cacheBin, `nats-server-${wantedVersion}`);
  chmodSync(source, 0o755);
  renameSync(source, target);
  return target;
};

/** SHA-256 of the release archives, as the official container image of this version pins them. */
const pinnedChecksums = {
  'linux-amd64': '20f9d6a199560f243610908bcccea2e27e9f47213242d1c609ca46d1d73e91ea',
  'linux-arm64': '2143f4317ac8e1dd42793c912fa09b405c7036ba181b2a3002b74501d13562b0',
  'linux-arm7': '52b6039d5652264d1d528650a8feded0a61ad92c5bc2a8cd25e95d6e2606d0e2',
};

/** The checksum of an archive: pinned here, else the one that the release publishes. Undefined when the release cannot be reached. */
const checksumOf = async (name, base) => {
  let sums;
  try {
    sums = (await get(`${base}/SHA256SUMS`, probeTimeoutMs)).toString('utf8');
  } catch {
    note('the official release of nats-server cannot be reached; trying Go');
    return undefined;
  }
  const platform = name.slice(`nats-server-v${wantedVersion}-`.length);
  return (
    pinnedChecksums[platform] ??
    sums
      .split('\n')
      .find((line) => line.endsWith(`${name}.tar.gz`))
      ?.slice(0, 64)
  );
};

/** The official release; undefined when it cannot be reached. A checksum that differs is an error, never a fallback. */
const download = async (cacheBin) => {
  const name = assetName();
  if (name === undefined) return undefined;
  const base = `https://github.com/nats-io/nats-server/releases/download/v${wantedVersion}`;
  const expected = await checksumOf(name, base);
  if (expected === undefined) return undefined;
  return step(`nats-server ${wantedVersion} (official release)`, async () => {
    const archive = await get(`${base}/${name}.tar.gz`, downloadTimeoutMs);
    const actual = createHash('sha256').update(archive).digest('hex');
    if (actual !== expected)
      throw new Missing(
        `an intact nats-server release (checksum ${actual}, expected ${expected})`,
        'start again, or set FULLTAPE_NATS_SERVER to a nats-server >= 2.14.4',
      );
    const folder = mkdtempSync(join(cacheBin, 'unpack-'));
    try {
      writeFileSync(join(folder, 'release.tar.gz'), archive);
      execFileSync('tar', ['-xzf', 'release.tar.gz'], { cwd: folder, timeout: 60_000 });
      return install(join(folder, name, 'nats-server'), cacheBin);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
};

const buildWithGo = async (cacheBin) => {
  const probe = await run('go', ['version']);
  if (probe.status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'fulltape-go-'));
  try {
    const result = await step(`nats-server ${wantedVersion} (go install)`, () =>
      run('go', ['install', `github.com/nats-io/nats-server/v2@v${wantedVersion}`], {
        cwd: folder,
        env: { ...process.env, GOBIN: folder, GOFLAGS: '', GOTOOLCHAIN: process.env.GOTOOLCHAIN ?? 'auto' },
      }),
    );
    if (result.status !== 0) {
      process.stderr.write(`${result.tail}\n`);
      return undefined;
    }
    // The temporary folder may be on another file system than the cache.
    const staged = join(cacheBin, `.nats-server-${process.pid}`);
    execFileSync('cp', [join(folder, executable), staged]);
    return install(staged, cacheBin);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const ensureNatsServer = async (root) => {
  const configured = process.env.FULLTAPE_NATS_SERVER;
  if (configured !== undefined) {
    if (usable(configured)) return configured;
    throw new Missing(`a nats-server >= ${wantedVersion} at FULLTAPE_NATS_SERVER=${configured}`, 'point the variable to one, or unset it');
  }
  if (process.env.FULLTAPE_NATS_URL !== undefined) return undefined; // a server elsewhere is used
  const cacheBin = join(root, '.cache', 'bin');
  mkdirSync(cacheBin, { recursive: true });
  const found = [...onPath(), ...cached(cacheBin)].find(usable);
  if (found !== undefined) return found;
  const made = (await download(cacheBin)) ?? (await buildWithGo(cacheBin));
  if (made !== undefined && usable(made)) return made;
  throw new Missing(
    `nats-server >= ${wantedVersion}`,
    'install it from https://github.com/nats-io/nats-server/releases on PATH or name it in FULLTAPE_NATS_SERVER, or install Go, which then builds it',
  );
};
