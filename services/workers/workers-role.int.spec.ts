import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccounts, demoInstruments } from '#contracts/demo/demo-world.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { ReadSide } from '#platform/read-side/index.js';
import { startWorkers } from './start-workers.js';
import { startWorkersWorld, type WorkersWorld } from './testing/workers-world.js';

describe('workers role', () => {
  let world: WorkersWorld;
  let workers: RoleHandle;
  let readSide: ReadSide;

  beforeAll(async () => {
    world = await startWorkersWorld({ demo: true });
    const starting = startWorkers(world.config, new AbortController().signal);
    // The orders process comes later: the reactor must wait for it.
    await world.startOrders();
    workers = await starting;
    readSide = ReadSide.open({ postgres: world.config.postgres, clickhouse: world.config.clickhouse });
  });
  afterAll(async () => {
    await readSide.close();
    await workers.close();
    await world.close();
  });

  it('is ready with the demo world in every read model', async () => {
    const snapshot = await readSide.snapshot();
    const instruments = await snapshot.reference.instruments();
    expect(
      instruments.map(({ symbol, name, tickSize, tradingState, referencePrice }) => ({
        symbol,
        name,
        tickSize,
        tradingState,
        referencePrice,
      })),
    ).toEqual(
      [...demoInstruments]
        .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
        .map(({ symbol, name, tickSize, openingPrice }) => ({
          symbol,
          name,
          tickSize,
          tradingState: 'Active',
          referencePrice: openingPrice.replace(/0+$/, '').replace(/\.$/, ''),
        })),
    );
    const accounts = await snapshot.reference.accounts(demoAccounts.map(({ id }) => id));
    expect(accounts.map(({ accountId, name, permissions }) => ({ accountId, name, permissions }))).toEqual(
      demoAccounts.map(({ id, name, shortSale }) => ({ accountId: id, name, permissions: shortSale ? 1 : 0 })),
    );
    const paged: number[] = [];
    for (let hasNextPage = true; hasNextPage;) {
      const after = paged.at(-1);
      const page = await snapshot.reference.accountPage({ first: 2, ...(after === undefined ? {} : { after }) });
      expect(page.rows.length).toBeLessThanOrEqual(2);
      paged.push(...page.rows.map(({ accountId }) => accountId));
      ({ hasNextPage } = page);
    }
    expect(paged).toEqual(demoAccounts.map(({ id }) => id).sort((a, b) => a - b));
    const balances = await snapshot.trading.balances(demoAccounts.map(({ id }) => id));
    expect(balances.map(({ accountId, currency, total, available }) => ({ accountId, currency, total, available }))).toEqual(
      demoAccounts.map(({ id, depositUsd }) => ({ accountId: id, currency: 'USD', total: depositUsd, available: depositUsd })),
    );
    const positions = await snapshot.trading.positions([1001]);
    expect(positions.map(({ symbol, quantity, averageCost }) => ({ symbol, quantity, averageCost }))).toEqual([
      { symbol: 'NOVA', quantity: '1000', averageCost: '182.4' },
      { symbol: 'ATLAS', quantity: '1000', averageCost: '64.75' },
      { symbol: 'ORBIT', quantity: '1000', averageCost: '27.18' },
      { symbol: 'BTC-USD', quantity: '5', averageCost: '64250' },
      { symbol: 'ETH-USD', quantity: '5', averageCost: '3180' },
    ]);
    expect(await snapshot.reference.portfolios([1001])).toMatchObject([{ accountId: 1001, name: 'Demo account 1', archived: false }]);
    expect(positions[0]?.portfolioId).toBe((await snapshot.reference.portfolios([1001]))[0]?.id);
  });

  it('seeds once: a second start changes no balance and no position', async () => {
    const before = await readSide.snapshot();
    const [balances, positions] = [await before.trading.balances([1001, 2001]), await before.trading.positions([1001, 2001])];
    await workers.close();
    workers = await startWorkers(world.config, new AbortController().signal);
    const after = await readSide.snapshot();
    expect(await after.trading.balances([1001, 2001])).toEqual(balances);
    expect(await after.trading.positions([1001, 2001])).toEqual(positions);
  });
});
