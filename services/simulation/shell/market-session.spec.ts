import { describe, expect, it } from 'vitest';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { simulatedInstruments } from '../flow/demo-instruments.js';
import { OrderFlow } from '../flow/order-flow.js';
import { FakeGraphqlClient } from '../testing/fake-graphql-client.js';
import { intentsPerRequestMax, mutationFor } from './graphql-documents.js';
import { runMarketSession } from './market-session.js';

const accounts = ['2001', '2002', '2003', '3001', '3002'];

const start = () => {
  const instruments = simulatedInstruments();
  const scales = new Map(instruments.map(({ flow, scale }) => [flow.symbol, scale]));
  const client = new FakeGraphqlClient(scales);
  const flow = new OrderFlow({
    seed: 11,
    runId: 'test',
    instruments: instruments.map((item) => item.flow),
    makerAccounts: accounts.slice(0, 3),
    takerAccounts: accounts.slice(3),
    commandsPerSecond: 2_000,
  });
  const stopping = new AbortController();
  const run = runMarketSession({ client, flow, scales, accounts, commandsPerSecond: 2_000, signal: stopping.signal });
  return { client, flow, run, stop: () => stopping.abort() };
};

describe('a market session', () => {
  it('clears the accounts first, quotes and trades in small batches, and ends its subscriptions', async () => {
    const { client, run, stop, flow } = start();
    await waitUntil(() => client.venue.trades.length > 5, { timeoutMs: 20_000, what: 'trades' });
    stop();
    await run;
    expect(client.canceledAccounts).toEqual(accounts);
    expect(Math.max(...client.batchSizes)).toBeLessThanOrEqual(intentsPerRequestMax);
    expect(flow.openOrderCount).toBeGreaterThan(50);
    expect(client.openSubscriptions).toBe(0);
  });

  it('waits while the platform is busy and goes on afterwards', async () => {
    const { client, run, stop } = start();
    await waitUntil(() => client.batchSizes.length > 3, { timeoutMs: 20_000, what: 'orders' });
    client.refuseWith = 'BUSY';
    const sentBefore = client.batchSizes.length;
    await waitUntil(() => client.refusedRequests >= 2, { timeoutMs: 10_000, what: 'a second, later attempt' });
    expect(client.batchSizes.length).toBe(sentBefore);
    expect(client.refusedRequests).toBe(2); // one request an attempt: the rest of a refused step is not sent
    client.refuseWith = null;
    await waitUntil(() => client.batchSizes.length > sentBefore + 3, { timeoutMs: 20_000, what: 'orders again' });
    stop();
    await run;
  });

  it.each(['UNKNOWN_OUTCOME', 'UNAUTHENTICATED'] as const)('ends on %s, because its orders may not be what it believes', async (code) => {
    const { client, run } = start();
    await waitUntil(() => client.batchSizes.length > 1, { timeoutMs: 20_000, what: 'orders' });
    client.refuseWith = code;
    await expect(run).rejects.toThrow(FulltapeError);
    await expect(run).rejects.toThrow(code);
    expect(client.openSubscriptions).toBe(0);
  });

  it('ends when the connection breaks', async () => {
    const { client, run } = start();
    await waitUntil(() => client.batchSizes.length > 1, { timeoutMs: 20_000, what: 'orders' });
    client.drop();
    await expect(run).rejects.toThrow('connection closed');
  });

  it('names every intent of a batch in one mutation', () => {
    const document = mutationFor(['cancel', 'place']);
    expect(document).toContain('$v0: CancelOrderInput!, $v1: PlaceOrderInput!');
    expect(document).toMatch(/i0: cancelOrder\(input: \$v0\)[\s\S]*i1: placeOrder\(input: \$v1\)/);
  });
});
