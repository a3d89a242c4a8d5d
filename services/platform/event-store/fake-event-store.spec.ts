import { eventStoreContract } from '#contracts/ports/event-store.contract.js';
import { FakeEventStore } from './testing/fake-event-store.js';

eventStoreContract('in memory', async () => {
  const store = new FakeEventStore();
  return { here: store, there: store, close: () => store.close() };
});
