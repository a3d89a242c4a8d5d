import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import type { FulltapeConfig } from '../config/config.js';

/** A client of the read models' ClickHouse; the caller closes it. */
export const clickHouseClient = (config: FulltapeConfig['clickhouse'], application: string): ClickHouseClient =>
  createClient({
    url: config.url,
    username: config.username,
    password: config.password,
    database: config.database,
    application,
    log: { level: ClickHouseLogLevel.OFF }, // an error is thrown to the caller, who logs it
    request_timeout: 60_000,
    max_open_connections: 16,
    compression: { request: false, response: false }, // loopback: compressing costs more than it saves
    keep_alive: { enabled: true, idle_socket_ttl: 30_000 },
  });
