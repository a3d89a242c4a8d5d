import { EngineShard } from '#platform/engine/engine-shard.js';
import { batchOf, flowOrder, openMarket } from '#platform/engine/testing/market.js';

/** Orders of the flow that the restart tests send. */
export const flow = (from: number, count: number) => Array.from({ length: count }, (_, index) => flowOrder(from + index, 'f'));

/** What the first `count` orders of the flow leave behind where nothing goes wrong: the engine alone, in one piece. */
export const undisturbed = (count: number): { stateHash: string; trades: string } => {
  const shard = EngineShard.open({ shard: 0, maxOrders: 262_144, maxAccounts: 1_024, maxInstruments: 64 });
  try {
    shard.enqueue(batchOf(openMarket, { timeSupplied: true }));
    for (let from = 0; from < count; from += 500) {
      shard.enqueue(batchOf(flow(from, Math.min(500, count - from)), { timeSupplied: true }));
      shard.execute(0n, { timesSupplied: true });
    }
    return { stateHash: shard.stateHash(), trades: String(shard.trades) };
  } finally {
    shard.close();
  }
};
