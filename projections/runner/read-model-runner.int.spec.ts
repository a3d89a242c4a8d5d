import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { jetstreamManager } from '@nats-io/jetstream';
import { parseAccountId } from '#contracts/ids/ids.js';
import { OrderType, Side, StateReason, StateScope, TimeInForce, TradingState } from '#contracts/tape/codes.generated.js';
import { noChangingTerms } from '#contracts/tape/order-terms.js';
import { deadLetterStreamName } from '#contracts/subjects/registry.js';
import { tapePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import { flowInstruments, flowStartNanos, openingCommands, orderFlow } from '../testing/order-flow.js';
import { runRunnerProcess } from '../testing/runner-process.js';
import { startProjectionWorld, type ProjectionWorld } from '../testing/projection-world.js';
import type { ReadModelRunner } from './read-model-runner.js';

const caughtUp = (runner: ReadModelRunner): Promise<void> => runner.caughtUp({ timeoutMs: 60_000, signal: new AbortController().signal });

describe('read models over a real tape', () => {
  let world: ProjectionWorld;
  let runner: ReadModelRunner | null = null;
  let nextPrefix = 0;
  let timeNanos = flowStartNanos;

  const start = async (change: Parameters<ProjectionWorld['runner']>[0] = {}): Promise<ReadModelRunner> => {
    const started = world.runner(change);
    await started.prepare(new AbortController().signal);
    started.start();
    runner = started;
    return started;
  };
  const flow = async (count: number, seed: number): Promise<void> => {
    const commands = orderFlow({ count, seed, prefix: `f${(nextPrefix += 1)}`, fromNanos: timeNanos });
    timeNanos = commands.at(-1)?.timeNanos ?? timeNanos;
    await world.write(commands, 37);
  };

  beforeAll(async () => {
    world = await startProjectionWorld();
    await world.write(openingCommands());
  });
  afterEach(async () => {
    await runner?.close();
    runner = null;
  });
  afterAll(async () => {
    await world.close();
  });

  it('shows the books that the engine has, and orders, executions, positions and balances that agree with each other', async () => {
    const live = await start();
    await flow(3_000, 20_260_105);
    await caughtUp(live);
    const snapshot = await world.readSide.snapshot();
    const { books } = await snapshot.allBooks();
    expect(books.map(({ instrumentId }) => instrumentId)).toEqual(flowInstruments.map(({ id }) => id));
    for (const book of books) {
      const plain = (levels: typeof book.bids): object[] =>
        levels.map(({ priceTicks, quantityLots, orderCount }) => ({ priceTicks, quantityLots, orderCount }));
      expect(plain(book.bids)).toEqual(world.engine.book(book.instrumentId, Side.Buy));
      expect(plain(book.asks)).toEqual(world.engine.book(book.instrumentId, Side.Sell));
      expect(book.bids.length + book.asks.length).toBeGreaterThan(0);
    }
    const [orders, executions, positions] = [snapshot.table('orders'), snapshot.table('executions'), snapshot.table('positions')];
    const differing = await world.pool.query(
      `SELECT o.order_id FROM ${orders} o LEFT JOIN (SELECT order_id, sum(last_quantity) AS quantity, sum(last_quantity * last_price) AS notional
         FROM ${executions} GROUP BY order_id) e USING (order_id)
        WHERE o.cum_quantity <> coalesce(e.quantity, 0) OR o.cum_notional <> coalesce(e.notional, 0)`,
    );
    expect(differing.rows).toEqual([]);
    const sums = await world.pool.query<{ orders: bigint; rejected: bigint; trades: bigint; sides: bigint; open: bigint }>(
      `SELECT (SELECT count(*) FROM ${orders}) AS orders, (SELECT count(*) FROM ${orders} WHERE order_status = 'Rejected') AS rejected,
              (SELECT count(DISTINCT trade_id) FROM ${executions}) AS trades, (SELECT count(*) FROM ${executions}) AS sides,
              (SELECT count(*) FROM ${orders} WHERE order_status IN ('New', 'PartiallyFilled')) AS open`,
    );
    const counts = sums.rows[0];
    expect(counts?.trades).toBeGreaterThan(500n);
    expect(counts?.sides).toBe((counts?.trades ?? 0n) * 2n);
    expect(counts?.rejected).toBeGreaterThan(10n);
    expect(counts?.open).toBe(BigInt(world.engine.openOrders));
    // Quantity is only moved between accounts: what was brought in is what is there.
    const held = await world.pool.query<{ symbol: string; quantity: string }>(
      `SELECT symbol, sum(quantity) AS quantity FROM ${positions} GROUP BY symbol ORDER BY symbol`,
    );
    expect(held.rows).toEqual([
      { symbol: 'ALPHA', quantity: '50000000' },
      { symbol: 'BETA-USD', quantity: '5000' },
    ]);
    // Products are exact here, quotients are not: the average is the decimal of 18 places that is nearest to cost over quantity.
    const averages = await world.pool.query<{ open: bigint; endless: bigint; inexact: bigint }>(
      `SELECT count(*) AS open, count(*) FILTER (WHERE average_cost * quantity <> cost) AS endless,
              count(*) FILTER (WHERE 2 * abs(average_cost * quantity - cost) > 1e-18 * abs(quantity)) AS inexact
         FROM ${positions} WHERE quantity <> 0`,
    );
    expect(averages.rows[0]).toMatchObject({ inexact: 0n });
    expect(averages.rows[0]?.endless).toBeGreaterThan(3n);
  });

  it('gives ClickHouse the same trades, and candles that are those of the trades, first and last by time and trade id', async () => {
    const live = await start();
    await caughtUp(live);
    const snapshot = await world.readSide.snapshot();
    for (const instrument of flowInstruments) {
      const all = await snapshot.history.trades({ instrumentId: instrument.id, first: 100_000 });
      const inPostgres = await world.pool.query<{ trades: bigint; quantity: string }>(
        `SELECT count(*) AS trades, sum(last_quantity) AS quantity FROM ${snapshot.table('executions')} WHERE maker AND instrument_id = $1`,
        [instrument.id],
      );
      expect(BigInt(all.rows.length)).toBe(inPostgres.rows[0]?.trades);
      const ascending = [...all.rows].reverse();
      for (const [timeframe, seconds] of [
        ['1m', 60],
        ['1h', 3_600],
      ] as const) {
        const expected = new Map<number, { open: string; close: string; high: number; low: number; count: number }>();
        for (const trade of ascending) {
          const at = Math.floor(Date.parse(trade.tradeTime) / 1_000);
          const opened = at - (at % seconds);
          const candle = expected.get(opened) ?? { open: trade.price, close: trade.price, high: -Infinity, low: Infinity, count: 0 };
          expected.set(opened, {
            open: candle.open,
            close: trade.price,
            high: Math.max(candle.high, Number(trade.price)),
            low: Math.min(candle.low, Number(trade.price)),
            count: candle.count + 1,
          });
        }
        const candles = await snapshot.history.candles({ instrumentId: instrument.id, timeframe, limit: 10_000 });
        expect(
          candles.map(({ openTime, open, close, high, low, tradeCount }) => [
            Date.parse(openTime) / 1_000,
            open,
            close,
            Number(high),
            Number(low),
            Number(tradeCount),
          ]),
        ).toEqual([...expected].map(([opened, { open, close, high, low, count }]) => [opened, open, close, high, low, count]));
        expect(candles.length).toBeGreaterThan(0);
      }
    }
  });

  it('pages newest first without a gap, and answers batched queries', async () => {
    const live = await start();
    await caughtUp(live);
    const { trading } = await world.readSide.snapshot();
    const seen: bigint[] = [];
    for (let after: bigint | undefined; ;) {
      const page = await trading.orders(11, {}, { first: 50, ...(after === undefined ? {} : { after }) });
      seen.push(...page.rows.map(({ orderId }) => orderId));
      after = page.rows.at(-1)?.orderId;
      if (!page.hasNextPage) break;
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => (a > b ? -1 : 1)));
    const executionIds: string[] = [];
    for (let after: { tradeId: bigint; maker: boolean } | undefined; ;) {
      const page = await trading.executions({ accountId: 12 }, { first: 33, ...(after === undefined ? {} : { after }) });
      executionIds.push(...page.rows.map(({ executionId }) => executionId));
      const last = page.rows.at(-1);
      after = last === undefined ? undefined : { tradeId: last.tradeId, maker: last.maker };
      if (!page.hasNextPage) break;
    }
    const total = await world.pool.query<{ total: bigint }>(
      `SELECT count(*) AS total FROM ${(await world.readSide.snapshot()).table('executions')} WHERE account_id = 12`,
    );
    expect(new Set(executionIds).size).toBe(executionIds.length);
    expect(BigInt(executionIds.length)).toBe(total.rows[0]?.total);
    const filled = (await trading.orders(11, { statuses: ['Filled'] }, { first: 3 })).rows;
    const byOrder = await trading.executionsByOrderIds(
      filled.map(({ orderId }) => orderId),
      2,
    );
    expect([...byOrder.keys()]).toEqual(filled.map(({ orderId }) => orderId));
    for (const page of byOrder.values()) expect(page.rows.length).toBeGreaterThan(0);
    const open = await trading.orders(11, { open: true }, { first: 5 });
    expect(open.rows.every(({ leavesQuantity }) => leavesQuantity !== '0')).toBe(true);
    const one = open.rows[0];
    if (one?.clientOrderId === null || one === undefined) throw new Error('an open order with a client order id was expected');
    expect(await trading.order({ accountId: 11, clientOrderId: one.clientOrderId })).toEqual(one);
    expect(await trading.order({ accountId: 12, orderId: one.orderId })).toBeNull();
  });

  it('replays the order events of an account behind a position, in order, up to the rows of now', async () => {
    const live = await start();
    await caughtUp(live);
    const snapshot = await world.readSide.snapshot();
    const events = await snapshot.history.orderEventsAfter(11, { commandNumber: 0n, recordIndex: 0 }, 1_000_000);
    const last = new Map(events.map((event) => [event.orderId, event]));
    const rows = await snapshot.trading.ordersByIds([...last.keys()]);
    expect(rows.size).toBe(last.size);
    const told = new Map(events.flatMap((event) => (event.terms === null ? [] : [[event.orderId, event.terms] as const])));
    const triggers = new Map(
      events.flatMap(({ execType, orderId, commandNumber, recordIndex }) =>
        execType === 'Triggered' ? [[orderId, { commandNumber, recordIndex }] as const] : [],
      ),
    );
    for (const [orderId, event] of last) {
      const { orderStatus, execType, reason, refused, leavesQuantity, cumQuantity, commandNumber } = event;
      expect(rows.get(orderId)).toMatchObject({
        ...{ orderStatus, execType, reason, refused, leavesQuantity, cumQuantity, lastCommand: commandNumber },
        ...(told.get(orderId) ?? noChangingTerms),
        triggeredAt: triggers.get(orderId) ?? null,
      });
    }
    // The flow must have met what the columns are for.
    expect(triggers.size).toBeGreaterThan(10);
    expect(new Set(events.map(({ execType }) => execType))).toEqual(
      new Set(['New', 'Trade', 'Canceled', 'Replaced', 'Rejected', 'Expired', 'Triggered', 'Restated']),
    );
    const sent = [...rows.values()];
    for (const term of ['stopPrice', 'displayQuantity', 'minimumQuantity', 'expireTime', 'trailingOffset', 'triggerSource'] as const)
      expect(
        sent.some((row) => row[term] !== null),
        term,
      ).toBe(true);
    const middle = events[Math.floor(events.length / 2)];
    if (middle === undefined) throw new Error('no events');
    const rest = await snapshot.history.orderEventsAfter(11, middle, 1_000_000);
    expect(rest).toEqual(
      events.filter(
        (event) =>
          event.commandNumber > middle.commandNumber ||
          (event.commandNumber === middle.commandNumber && event.recordIndex > middle.recordIndex),
      ),
    );
  });

  it('gives the same tables whatever the batch sizes and however often it is restarted', async () => {
    for (const [messagesMax, seed] of [
      [1, 1],
      [7, 2],
      [300, 3],
    ] as const) {
      await start({ limits: { messagesMax, bytesMax: 1_000_000, spacingMs: 0 } });
      await flow(400, seed);
      await runner?.close(); // in the middle of whatever it is doing
    }
    const live = await start();
    await caughtUp(live);
    const report = await world.rebuild(['orders', 'positions', 'balances', 'book', 'order-events', 'trades', 'candles', 'executions']);
    expect(report.differences).toEqual([]);
    expect(report.switched).toBe(true);
    expect(report.models.every(({ compared }) => compared)).toBe(true);
  });

  /** Tables of the models as they are, and as a build from the whole tape in one undisturbed run makes them. */
  const liveAndRebuilt = async (tables: readonly string[], models: readonly string[]) => {
    const rowsOf = async (): Promise<Record<string, readonly string[] | undefined>> => {
      const content = await world.dump();
      return Object.fromEntries(tables.map((table) => [table, content[table]]));
    };
    const disturbed = await rowsOf();
    const report = await world.rebuild(models);
    expect(report.differences).toEqual([]);
    expect(report.switched).toBe(true);
    return { disturbed, undisturbed: await rowsOf() };
  };

  it('never counts a range twice when it is killed between insert and checkpoint and goes on with another batch size', async () => {
    await flow(600, 4);
    const { servers } = world;
    const pending = async () => {
      const found = await world.pool.query<{ at: bigint; pending: bigint | null }>(
        `SELECT stream_sequence AS at, pending_to - stream_sequence AS pending
           FROM control.read_model_checkpoints WHERE state = 'live' AND model = 'trades'`,
      );
      return found.rows[0];
    };
    // The second insert of its life is stored, its checkpoint is not.
    const limits = { messagesMax: 5, bytesMax: 1_000_000, spacingMs: 0 };
    expect(await runRunnerProcess({ servers, limits, death: { at: 'inserted', visit: 2 } })).toMatchObject({ ended: 'SIGKILL' });
    const killed = await pending();
    expect(killed?.pending).toBeGreaterThan(0n);
    // The repetition of exactly that range is killed in the same place.
    expect(await runRunnerProcess({ servers, limits: { ...limits, messagesMax: 3 }, death: { at: 'inserted', visit: 1 } })).toMatchObject({
      ended: 'SIGKILL',
    });
    expect(await pending()).toEqual(killed);
    expect(await runRunnerProcess({ servers, limits: { ...limits, messagesMax: 64 } })).toMatchObject({ ended: 0 });
    expect((await pending())?.pending).toBeNull();
    const tables = ['order_events', 'trades', 'candles'];
    const { disturbed, undisturbed } = await liveAndRebuilt(tables, ['order-events', 'trades', 'candles']);
    for (const table of tables) expect(disturbed[table]?.length, table).toBeGreaterThan(0);
    expect(disturbed).toEqual(undisturbed);
  });

  it('leaves Postgres as it was when it is killed before the commit, and applies the same messages in batches of another size', async () => {
    await flow(600, 6);
    const { servers } = world;
    const tables = ['orders', 'executions', 'positions', 'balances'];
    const stored = async () => {
      const content = await world.dump();
      const checkpoints = await world.pool.query(
        `SELECT model, stream_sequence, command_number FROM control.read_model_checkpoints
          WHERE state = 'live' AND model = ANY($1) ORDER BY model`,
        [tables],
      );
      return { rows: tables.map((table) => content[table]), checkpoints: checkpoints.rows };
    };
    const limits = { messagesMax: 5, bytesMax: 1_000_000, spacingMs: 0 };
    const death = { at: 'uncommitted', visit: 1 } as const;
    const before = await stored();
    expect(await runRunnerProcess({ servers, limits, death })).toMatchObject({ ended: 'SIGKILL' });
    expect(await stored()).toEqual(before);
    expect(await runRunnerProcess({ servers, limits: { ...limits, messagesMax: 64 } })).toMatchObject({ ended: 0 });
    expect(await stored()).not.toEqual(before);
    const { disturbed, undisturbed } = await liveAndRebuilt(tables, tables);
    for (const table of tables) expect(disturbed[table]?.length, table).toBeGreaterThan(0);
    expect(disturbed).toEqual(undisturbed);
  });

  it('sets a poison message aside and goes on', async () => {
    const live = await start();
    await world.writeRaw(new TextEncoder().encode('this is not a commit'));
    await flow(50, 5);
    await caughtUp(live);
    const letters = await world.pool.query<{ group: string; code: string }>(
      'SELECT group_name AS "group", code FROM control.dead_letters ORDER BY group_name',
    );
    expect(letters.rows).toEqual([
      { group: 'clickhouse-tape', code: 'MALFORMED_COMMAND_MESSAGE' },
      { group: 'postgres-tape', code: 'MALFORMED_COMMAND_MESSAGE' },
    ]);
    const manager = await jetstreamManager(world.connection);
    expect((await manager.streams.info(deadLetterStreamName)).state.messages).toBe(2);
    const parked = await manager.streams.getMessage(deadLetterStreamName, { seq: 1 });
    expect(new TextDecoder().decode(parked?.data)).toBe('this is not a commit');
    expect(parked?.header.get('Fulltape-Source')).toBe('tape.0');
    const books = (await (await world.readSide.snapshot()).allBooks()).books;
    for (const { instrumentId, bids } of books) {
      expect(bids.map(({ priceTicks, quantityLots, orderCount }) => ({ priceTicks, quantityLots, orderCount }))).toEqual(
        world.engine.book(instrumentId, Side.Buy),
      );
    }
  });

  it('reaches a command that spans commits with its last part alone', async () => {
    const live = await start();
    const [instrument] = flowInstruments;
    if (instrument === undefined) throw new Error('the flow has instruments');
    await world.write([
      {
        type: 'SetTradingState',
        scope: StateScope.Instrument,
        state: TradingState.Active,
        reason: StateReason.Operator,
        targetId: instrument.id,
        timeNanos,
      },
    ]);
    await world.write(
      Array.from({ length: 1_500 }, (_, index) => ({
        type: 'PlaceOrder' as const,
        accountId: unwrap(parseAccountId(11)),
        instrumentId: instrument.id,
        side: Side.Buy,
        orderType: OrderType.Limit,
        timeInForce: TimeInForce.GoodTillCancel,
        priceTicks: BigInt(1_000 + index),
        quantityLots: 1n,
        timeNanos,
      })),
    );
    expect(world.engine.openOrders).toBeGreaterThanOrEqual(1_500);
    const commits = await world.write([{ type: 'CancelAllOrders', accountId: 0, instrumentId: 0, side: 0, timeNanos }]);
    expect(commits).toBeGreaterThan(1);
    await caughtUp(live);
    expect(world.engine.openOrders).toBe(0);
    const snapshot = await world.readSide.snapshot();
    const last = world.engine.nextCommandNumber - 1n;
    expect(snapshot.position(['orders', 'book', 'trades']).tape.get(0)?.commandNumber).toBe(last);
    const open = await world.pool.query(
      `SELECT 1 FROM ${snapshot.table('orders')} WHERE leaves_quantity > 0 AND order_status IN ('New', 'PartiallyFilled')`,
    );
    expect(open.rows).toEqual([]);
    expect((await snapshot.allBooks()).books.every(({ bids, asks }) => bids.length + asks.length === 0)).toBe(true);
    const events = await snapshot.history.orderEventsAfter(11, { commandNumber: last - 1n, recordIndex: 2 ** 31 }, 100_000);
    expect(new Set(events.map(({ recordIndex }) => recordIndex)).size).toBe(events.length);
  });

  it('waits for a position, and says PROJECTION_LAG when it is not reached in time', async () => {
    const live = await start();
    await caughtUp(live);
    const next = world.engine.nextCommandNumber;
    const late = await world.readSide.waitFor(tapePosition(0, next), ['orders', 'trades'], 50);
    expect(late).toMatchObject({ ok: false, problem: { code: 'PROJECTION_LAG' } });
    const waiting = world.readSide.waitFor(tapePosition(0, next), ['orders', 'trades'], 20_000);
    await flow(1, 7);
    expect(unwrap(await waiting).tape.get(0)?.commandNumber).toBeGreaterThanOrEqual(next);
  });
});
