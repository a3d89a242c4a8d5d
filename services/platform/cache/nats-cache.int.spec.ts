import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll } from 'vitest';
import { cacheContract } from '#contracts/ports/cache.contract.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { findNatsServer } from '../nats/server.js';
import { NatsCache } from './nats-cache.js';

let folder: string;
let server: ChildProcess;
let url: string;
const connections: NatsConnection[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fulltape-cache-nats-'));
  const { path } = findNatsServer({ rootDir: process.cwd() });
  server = spawn(path, ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', folder, '--ports_file_dir', folder], { stdio: 'ignore' });
  // The file is named after the executable and the process.
  const portsName = (): string | undefined => {
    const name = readdirSync(folder).find((entry) => entry.endsWith(`_${server.pid}.ports`));
    try {
      return name === undefined ? undefined : (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { nats: string[] }).nats[0];
    } catch {
      return undefined; // still being written
    }
  };
  await waitUntil(() => portsName() !== undefined, { timeoutMs: 20_000, what: 'nats-server to say its port' });
  url = portsName() ?? '';
});
afterAll(async () => {
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGKILL');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

cacheContract('nats key-value', async () => {
  const open = async (): Promise<NatsCache> => {
    const connection = await connect({ servers: url });
    connections.push(connection);
    return NatsCache.open(connection);
  };
  const here = await open();
  const there = await open();
  return {
    here,
    there,
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
});
