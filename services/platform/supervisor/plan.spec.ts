import { describe, expect, it } from 'vitest';
import type { Secrets } from '../config/config.js';
import { dataFolderAt } from '../config/data-folder.js';
import { loadSettings } from '../config/load-settings.js';
import { checkFreeDisk, publicUrls, resolveConfig } from './plan.js';

const secrets: Secrets = {
  natsToken: 'n'.repeat(20),
  postgresPassword: 'p@ss:word/'.repeat(2),
  clickhousePassword: 'c'.repeat(20),
  tokenKey: 'k'.repeat(20),
  tapeSigningSeed: 's'.repeat(43),
};
const folder = dataFolderAt('/data');
const ports = { gateway: 1, nats: 2, natsMonitor: 3, postgres: 4, clickhouse: 5 };
const settings = (flags: Record<string, unknown> = {}) => loadSettings({ dataDir: '/nowhere', environment: {}, flags });

describe('the plan of a start', () => {
  it('gives every process addresses and secrets of the servers that run here', () => {
    const config = resolveConfig({ settings: settings(), ports, folder, secrets });
    expect(config.nats).toEqual({ url: 'nats://127.0.0.1:2', token: secrets.natsToken, monitorUrl: 'http://127.0.0.1:3', replicas: 1 });
    expect(config.postgres.url).toBe(`postgresql://fulltape:${encodeURIComponent(secrets.postgresPassword)}@127.0.0.1:4/fulltape`);
    expect(config.clickhouse).toEqual({
      url: 'http://127.0.0.1:5',
      username: 'fulltape',
      password: secrets.clickhousePassword,
      database: 'fulltape',
    });
    expect(config.engine.journalDir).toBe('/data/journal');
  });

  it('sends nobody our secrets for servers that run elsewhere', () => {
    const elsewhere = settings({
      nats: { url: 'nats://nats:4222' },
      postgres: { url: 'postgresql://u:p@db/x' },
      clickhouse: { url: 'http://ch:8123' },
    });
    const config = resolveConfig({ settings: elsewhere, ports: { gateway: 1 }, folder, secrets });
    const { secrets: _own, ...rest } = config;
    for (const secret of Object.values(secrets)) expect(JSON.stringify(rest)).not.toContain(secret);
    expect([config.nats.url, config.postgres.url, config.clickhouse.url]).toEqual([
      'nats://nats:4222',
      'postgresql://u:p@db/x',
      'http://ch:8123',
    ]);
  });

  it('keeps the stores on loopback when the gateway is opened', () => {
    const config = resolveConfig({ settings: settings({ host: '0.0.0.0' }), ports, folder, secrets });
    expect(config.host).toBe('0.0.0.0');
    for (const url of [config.nats.url, config.clickhouse.url, config.postgres.url]) expect(url).toContain('127.0.0.1');
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:80/graphql'],
    ['0.0.0.0', 'http://127.0.0.1:80/graphql'],
    ['::1', 'http://[::1]:80/graphql'],
    ['trade.example', 'http://trade.example:80/graphql'],
  ])('tells people to go to a name that they can reach for %s', (host, url) => {
    expect(publicUrls(host, 80).graphql).toBe(url);
  });

  it('refuses a full disk before anything starts', () => {
    expect(() => checkFreeDisk('/', Number.MAX_SAFE_INTEGER)).toThrow('DISK_FULL');
    expect(() => checkFreeDisk('/', 0)).not.toThrow();
  });
});
