import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '#contracts/time/wait-until.js';
import { connectNats } from '../nats/connect.js';
import { postgresPool } from '../postgres/pool.js';
import { isAlive } from '../processes/process-table.js';
import { startNats, startPostgres } from './servers.js';

describe('servers for tests', () => {
  it('starts nats-server with durable JetStream, which keeps a message through kill -9', async () => {
    const server = await startNats();
    const connection = await connectNats(server.config, 'test');
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept'] });
    await manager.jetstream().publish('kept', 'one');
    const before = server.pid;
    await server.kill();
    await server.restart();
    expect(server.pid).not.toBe(before);
    const kept = async (): Promise<boolean> => {
      try {
        return (await manager.streams.info('KEPT')).state.messages === 1;
      } catch {
        return false; // the connection is still coming back
      }
    };
    await waitUntil(kept, { timeoutMs: 10_000, what: 'the message after the restart' });
    await connection.close();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  it('starts PostgreSQL with checksums, UTF-8 and a password, which keeps a row through kill -9', async () => {
    const server = await startPostgres();
    const pool = postgresPool(server.config, 'test');
    await pool.query('CREATE TABLE kept (text text)');
    await pool.query("INSERT INTO kept VALUES ('ü')");
    const shown = await pool.query<{ checksums: string; fsync: string }>(
      "SELECT current_setting('data_checksums') AS checksums, current_setting('fsync') AS fsync",
    );
    expect(shown.rows).toEqual([{ checksums: 'on', fsync: 'on' }]);
    await server.kill();
    await server.restart();
    const rows = await pool.query('SELECT text FROM kept');
    expect(rows.rows).toEqual([{ text: 'ü' }]);
    const stranger = postgresPool({ url: server.url.replace(/:[^:@]+@/, ':wrong@'), poolMax: 1 }, 'stranger');
    await expect(stranger.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await stranger.end();
    await pool.end();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });
});
