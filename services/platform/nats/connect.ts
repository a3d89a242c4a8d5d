import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { FulltapeConfig } from '../config/config.js';
import { logger } from '../telemetry/logger.js';

const connectTimeoutMs = 10_000;

const logStatus = async (connection: NatsConnection, name: string): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'ping' || status.type === 'close') continue;
    const isTrouble =
      status.type === 'disconnect' || status.type === 'error' || status.type === 'staleConnection' || status.type === 'slowConsumer';
    logger[isTrouble ? 'warn' : 'info']({ connection: name, status: status.type }, 'nats.status');
  }
};

/**
 * A connection that comes back by itself for as long as it is open. `name` shows in the server's monitoring. The caller closes it
 * (`drain()` where messages are in flight).
 */
export const connectNats = async (config: FulltapeConfig['nats'], name: string): Promise<NatsConnection> => {
  const connection = await connect({
    servers: config.url,
    name: `fulltape-${name}`,
    ...(config.token === undefined ? {} : { token: config.token }),
    timeout: connectTimeoutMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    reconnectDelayHandler: () => 150,
    pingInterval: 5_000,
    maxPingOut: 3,
  });
  void logStatus(connection, name);
  return connection;
};
