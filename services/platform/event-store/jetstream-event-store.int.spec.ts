import { eventStoreContract } from '#contracts/ports/event-store.contract.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { connectNats } from '../nats/connect.js';
import { reconcileStreams } from '../nats/streams.js';
import { startNats } from '../testing/servers.js';
import { JetStreamEventStore } from './jetstream-event-store.js';

eventStoreContract('JetStream', async () => {
  const server = await startNats();
  const connections = [await connectNats(server.config, 'here'), await connectNats(server.config, 'there')] as const;
  await reconcileStreams(connections[0], { shards: 1, replicas: 1 });
  const [here, there] = [new JetStreamEventStore(connections[0]), new JetStreamEventStore(connections[1])];
  const serves = async (): Promise<boolean> => {
    try {
      await Promise.all([here.headPosition(), there.headPosition()]);
      return true;
    } catch {
      return false;
    }
  };
  return {
    here,
    there,
    restart: async () => {
      await server.kill();
      await server.restart();
      await waitUntil(serves, { timeoutMs: 20_000, what: 'the broker after its restart' });
    },
    close: async () => {
      await Promise.all([here.close(), there.close()]);
      await Promise.all(connections.map((connection) => connection.close()));
      await server.stop();
    },
  };
});
