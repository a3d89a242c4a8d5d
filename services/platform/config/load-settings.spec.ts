import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, settingVariables, variableOf } from './load-settings.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'fulltape-settings-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const file = (content: unknown): void =>
  writeFileSync(join(dataDir, 'config.json'), typeof content === 'string' ? content : JSON.stringify(content));

describe('settings', () => {
  it('have the ports of the port map and loopback by default', () => {
    const settings = loadSettings({ dataDir, environment: {} });
    expect(settings.host).toBe('127.0.0.1');
    expect([
      settings.gateway.port,
      settings.nats.port,
      settings.nats.monitorPort,
      settings.postgres.port,
      settings.clickhouse.port,
    ]).toEqual([8080, 4222, 8222, 5432, 8123]);
  });

  it('take defaults below file below environment below flags, each by single value', () => {
    file({ gateway: { port: 1001 }, nats: { port: 1002 }, postgres: { port: 1003 } });
    const environment = { FULLTAPE_NATS_PORT: '2002', FULLTAPE_POSTGRES_PORT: '2003' };
    const settings = loadSettings({ dataDir, environment, flags: { postgres: { port: 3003 } } });
    expect([settings.clickhouse.port, settings.gateway.port, settings.nats.port, settings.postgres.port]).toEqual([8123, 1001, 2002, 3003]);
    expect(settings.nats.monitorPort).toBe(8222); // the neighbour of a value that was set keeps its default
  });

  it('reads every kind of value from variables', () => {
    const environment = {
      FULLTAPE_DEMO: 'false',
      FULLTAPE_ROLES: 'gateway, orders',
      FULLTAPE_SIMULATION_ORDERS_PER_SECOND: '12.5',
      FULLTAPE_LOG_LEVEL: 'debug',
    };
    const settings = loadSettings({ dataDir, environment });
    expect([settings.demo, settings.roles, settings.simulation.ordersPerSecond, settings.logLevel]).toEqual([
      false,
      ['gateway', 'orders'],
      12.5,
      'debug',
    ]);
  });

  it.each([
    [{ FULLTAPE_GATEWAY_PORT: 'eighty' }, 'FULLTAPE_GATEWAY_PORT'],
    [{ FULLTAPE_GATEWAY_PORT: '70000' }, 'FULLTAPE_GATEWAY_PORT'],
    [{ FULLTAPE_DEMO: 'maybe' }, 'FULLTAPE_DEMO'],
    [{ FULLTAPE_GATEWAY_PROT: '8080' }, 'FULLTAPE_GATEWAY_PROT'],
    [{ FULLTAPE_ROLES: 'gateway,accountant' }, 'roles'],
    [{ FULLTAPE_CACHE_URL: 'memcached://host' }, 'cache.url'],
  ])('refuses %j and names it', (environment, name) => {
    expect(() => loadSettings({ dataDir, environment })).toThrow(name);
  });

  it.each([
    ['{"gateway":', 'JSON'],
    ['[]', 'JSON object'],
    ['{"gatway":{}}', 'gatway'],
    ['{"gateway":{"port":"8080"}}', 'gateway.port'],
  ])('refuses the file %s and says why', (content, reason) => {
    file(content);
    expect(() => loadSettings({ dataDir, environment: {} })).toThrow(reason);
  });

  it.each(['memory', 'nats', 'redis://127.0.0.1:6379/1', 'rediss://user:pass@host:6380'])('takes %s for the cache', (url) => {
    expect(loadSettings({ dataDir, environment: { FULLTAPE_CACHE_URL: url } }).cache.url).toBe(url);
    expect(loadSettings({ dataDir, environment: {} }).cache.url).toBeUndefined();
  });

  it('has one variable for each setting, derived from its path', () => {
    expect(variableOf(['nats', 'monitorPort'])).toBe('FULLTAPE_NATS_MONITOR_PORT');
    const names = settingVariables();
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('FULLTAPE_ENGINE_JOURNAL_BYTES_MAX');
  });
});
