import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { accountEvents } from '#contracts/events/account-events.js';
import { defaultPortfolioId, portfolioEvents } from '#contracts/events/portfolio-events.js';
import { instrumentEvents } from '#contracts/events/instrument-events.js';
import { liveDataSource, type LiveEntityName } from '#platform/read-side/index.js';
import { positions } from '../read-models/positions/positions.js';
import { readModels } from '../read-models/read-models.js';
import { flowStartNanos, openingCommands, orderFlow } from '../testing/order-flow.js';
import { startProjectionWorld, type ProjectionWorld } from '../testing/projection-world.js';
import { insertBlock } from './group.js';
import type { ReadModelRunner } from './read-model-runner.js';

const all = readModels.map(({ name }) => name);
const never = new AbortController().signal;

describe('rebuilding read models', () => {
  let world: ProjectionWorld;
  let runner: ReadModelRunner | null = null;
  let timeNanos = flowStartNanos;
  let flows = 0;

  const start = async (models = readModels): Promise<ReadModelRunner> => {
    const started = world.runner({ models });
    await started.prepare(never);
    started.start();
    runner = started;
    return started;
  };
  const stop = async (): Promise<void> => {
    await runner?.close();
    runner = null;
  };
  const caughtUp = (started: ReadModelRunner): Promise<void> => started.caughtUp({ timeoutMs: 60_000, signal: never });
  const flow = async (count: number): Promise<void> => {
    const commands = orderFlow({ count, seed: 77 + flows, prefix: `r${(flows += 1)}`, fromNanos: timeNanos });
    timeNanos = commands.at(-1)?.timeNanos ?? timeNanos;
    await world.write(commands, 50);
  };

  beforeAll(async () => {
    world = await startProjectionWorld();
    const listed = instrumentEvents.encode({
      type: 'InstrumentListed',
      instrumentId: 1,
      symbol: 'ALPHA',
      name: 'Alpha (test)',
      kind: 'Equity',
      sector: 'Technology',
      currency: 'USD',
      tickSize: '0.01',
      lotSize: '1',
      maxQuantity: '0',
      minNotional: '0',
      makerFeePpm: 0,
      takerFeePpm: 0,
      collarPpm: 0,
      openingPrice: '182.40',
    });
    await world.events.append('instrument-1', [listed], { expected: 'noStream' });
    const portfolioId = defaultPortfolioId(11);
    await world.events.append(
      'account-11',
      [
        accountEvents.encode({ type: 'AccountOpened', accountId: 11, name: 'Eleven', kind: 'Cash', groupId: 0, permissions: [] }),
        accountEvents.encode({ type: 'AccountRenamed', accountId: 11, name: 'Account eleven' }),
      ],
      { expected: 'noStream' },
    );
    await world.events.append(
      `portfolio-${portfolioId}`,
      [
        portfolioEvents.encode({ type: 'PortfolioCreated', portfolioId, accountId: 11, userId: null, name: 'Main' }),
        portfolioEvents.encode({ type: 'PortfolioDescribed', portfolioId, description: 'all of it' }),
      ],
      { expected: 'noStream' },
    );
    await world.write(openingCommands());
    await flow(1_500);
  });
  afterEach(stop);
  afterAll(async () => {
    await world.close();
  });

  it('gives identical tables after all of them were dropped by hand, while the runner is up', async () => {
    const live = await start();
    await caughtUp(live);
    const before = await world.dump();
    for (const rows of Object.values(before)) expect(rows.length).toBeGreaterThan(0);
    const { live: tables } = await world.readSide.snapshot();
    await world.pool.query('DROP SCHEMA read_models CASCADE');
    for (const { store, tables: physical } of tables.models.values()) {
      if (store === 'clickhouse')
        for (const name of Object.values(physical)) await world.clickhouse.command({ query: `DROP TABLE ${name} SYNC` });
    }
    await flow(30); // the runner cannot store these now
    const report = await world.rebuild(all);
    expect(report).toMatchObject({ switched: true, differences: [] });
    expect(report.models.map(({ name }) => name)).toEqual(all);
    expect(report.models.every(({ compared }) => !compared)).toBe(true);
    await caughtUp(live);
    // The same tape up to the same place: what was written after the drop is taken off by building it once more from the start.
    const again = await world.rebuild(all);
    expect(again).toMatchObject({ switched: true, differences: [] });
    expect(again.models.every(({ compared }) => compared)).toBe(true);
    const after = await world.dump();
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const table of ['listings', 'account_profiles', 'portfolios']) expect(after[table]).toEqual(before[table]);
    for (const table of ['executions', 'trades', 'order_events'])
      expect(after[table]).toEqual(expect.arrayContaining([...(before[table] ?? [])]));
  });

  it('gives byte-identical content when nothing was written in between', async () => {
    const live = await start();
    await caughtUp(live);
    const before = await world.dump();
    await stop();
    const { live: tables } = await world.readSide.snapshot();
    await world.pool.query('DROP SCHEMA read_models CASCADE');
    for (const { store, tables: physical } of tables.models.values()) {
      if (store === 'clickhouse')
        for (const name of Object.values(physical)) await world.clickhouse.command({ query: `DROP TABLE ${name} SYNC` });
    }
    const report = await world.rebuild(all);
    expect(report.switched).toBe(true);
    expect(await world.dump()).toEqual(before);
  });

  it('rebuilds beside live traffic, and readers of the old generation go on', async () => {
    const live = await start();
    await caughtUp(live);
    const old = await world.readSide.snapshot();
    const writing = (async () => {
      for (let round = 0; round < 10; round += 1) await flow(60);
    })();
    const report = await world.rebuild(all);
    await writing;
    expect(report).toMatchObject({ switched: true, differences: [] });
    await caughtUp(live);
    const next = await world.readSide.snapshot();
    expect(next.generation).toBe(old.generation + 1n);
    expect((await old.trading.orders(11, {}, { first: 5 })).rows).toHaveLength(5);
    expect((await world.rebuild(all)).differences).toEqual([]);
  });

  it('has the columns that the column contract of the core tables names, and entities over the live tables', async () => {
    await start();
    const snapshot = await world.readSide.snapshot();
    const columnsOf = async (table: string): Promise<Record<string, string>> => {
      const [schema, name] = table.split('.');
      const result = await world.pool.query<{ column: string; type: string }>(
        `SELECT column_name AS column, data_type || coalesce('(' || character_maximum_length || ')', CASE WHEN data_type = 'numeric'
           THEN '(' || numeric_precision || ',' || numeric_scale || ')' ELSE '' END) AS type
           FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2`,
        [schema, name],
      );
      return Object.fromEntries(result.rows.map(({ column, type }) => [column, type]));
    };
    expect(await columnsOf(snapshot.table('positions'))).toMatchObject({
      id: 'uuid',
      portfolio_id: 'uuid',
      symbol: 'character varying(32)',
      quantity: 'numeric(38,18)',
      average_cost: 'numeric(38,18)',
      created_at: 'timestamp with time zone',
      updated_at: 'timestamp with time zone',
    });
    expect(await columnsOf(snapshot.table('portfolios'))).toMatchObject({
      id: 'uuid',
      user_id: 'uuid',
      name: 'character varying(255)',
      description: 'text',
      created_at: 'timestamp with time zone',
    });
    const dataSource = await liveDataSource(world.postgresUrl, snapshot.live).initialize();
    try {
      const names: readonly LiveEntityName[] = ['Order', 'Execution', 'Position', 'Balance', 'Instrument', 'Portfolio'];
      for (const name of names) expect(await dataSource.getRepository(name).count()).toBeGreaterThan(0);
      const [instrument] = await dataSource.getRepository('Instrument').find({ where: { symbol: 'ALPHA' } });
      expect(instrument).toMatchObject({ instrumentId: '1', symbol: 'ALPHA', tradingState: expect.any(String) });
    } finally {
      await dataSource.destroy();
    }
  });

  it('finds a changed row in either store, and switches only when that is accepted', async () => {
    const live = await start();
    await caughtUp(live);
    const snapshot = await world.readSide.snapshot();
    await world.pool.query(`UPDATE ${snapshot.table('balances')} SET total = total + 1 WHERE account_id = 12`);
    await world.clickhouse.command({
      query: `INSERT INTO ${snapshot.table('candles')} SELECT * FROM ${snapshot.table('candles')} LIMIT 1 SETTINGS insert_deduplicate = 0`,
    });
    const refused = await world.rebuild(['balances', 'candles']);
    expect(refused.switched).toBe(false);
    expect(refused.differences.map(({ model }) => model)).toEqual(['balances', 'candles']);
    expect(refused.differences[0]).toMatchObject({ onlyLive: 1, onlyCandidate: 1 });
    expect(refused.differences[0]?.samples).toHaveLength(2);
    expect((await world.readSide.snapshot()).generation).toBe(snapshot.generation);
    const accepted = await world.rebuild(['balances', 'candles'], { accept: true });
    expect(accepted.switched).toBe(true);
    expect((await world.rebuild(['balances', 'candles'])).differences).toEqual([]);
  });

  it('builds a raised version at start, beside the old one, without losing a row', async () => {
    await start();
    await stop();
    await flow(100);
    const { version } = positions;
    const raised = readModels.map((model) => (model.name === positions.name ? { ...model, version: version + 1 } : model));
    const live = await start(raised);
    await caughtUp(live);
    const snapshot = await world.readSide.snapshot();
    expect(snapshot.table('positions')).toContain(`positions_v${version + 1}_`);
    const rows = await snapshot.trading.positions([11]);
    expect(rows.length).toBeGreaterThan(0);
    await stop();
    await start(); // back to the version of this release: built again
    expect((await world.readSide.snapshot()).table('positions')).toContain(`positions_v${version}_`);
  });

  it('leaves nothing behind when it is canceled, and refuses unknown names and a second rebuild', async () => {
    const live = await start();
    await caughtUp(live);
    const { generation } = await world.readSide.snapshot();
    const cancel = new AbortController();
    const canceled = world.rebuild(all, { signal: cancel.signal, onProgress: () => cancel.abort(new Error('canceled')) });
    await expect(canceled).rejects.toThrow('canceled');
    const left = await world.pool.query(`SELECT model FROM control.read_model_checkpoints WHERE state = 'candidate'`);
    expect(left.rows).toEqual([]);
    expect((await world.readSide.snapshot()).generation).toBe(generation);
    await expect(world.rebuild(['nonsense'])).rejects.toMatchObject({ code: 'UNKNOWN_READ_MODEL' });
    const both = await Promise.allSettled([world.rebuild(all), world.rebuild(all)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'REBUILD_RUNNING' } });
  });

  it('must double a range that is inserted under two tokens: what the one token per range prevents', async () => {
    const table = `${world.database}.token_probe`;
    await world.clickhouse.command({
      query: `CREATE TABLE ${table} (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000`,
    });
    const bytes = new Uint8Array(new BigUint64Array([1n, 2n, 3n]).buffer);
    const block = { table, columns: ['id'], rows: 3, bytes };
    const count = async (): Promise<string | undefined> => {
      const result = await world.clickhouse.query({ query: `SELECT toString(count()) AS rows FROM ${table}`, format: 'JSONEachRow' });
      return (await result.json<{ rows: string }>())[0]?.rows;
    };
    await insertBlock(world.clickhouse, block, 'probe:1:0-3');
    await insertBlock(world.clickhouse, block, 'probe:1:0-3');
    expect(await count()).toBe('3');
    await insertBlock(world.clickhouse, block, 'probe:1:0-2');
    expect(await count()).toBe('6');
  });
});
