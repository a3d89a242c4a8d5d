import { describe, expect, test } from 'vitest';
import { dryRun, withDayFiles } from './testing/dry-run.js';
import { FakeVenue } from './testing/fake-venue.js';
import { generateDay } from './testing/generate-day.js';

const none = 9_999_999_999;
/** One-level rows: ask price, ask size, bid price, bid size. */
const row = (ask: number | null, askSize: number, bid: number | null, bidSize: number): string =>
  `${ask ?? none},${askSize},${bid ?? -none},${bidSize}`;

const replay = (lines: readonly (readonly [message: string, row: string])[]) =>
  withDayFiles({ messages: lines.map(([message]) => message).join('\n'), orderbook: lines.map(([, book]) => book).join('\n') }, (files) =>
    dryRun(files),
  );

describe('a generated day', () => {
  for (const options of [
    { seed: 11, rows: 4_000, depth: 1, priceStep: 100n },
    { seed: 12, rows: 4_000, depth: 5, priceStep: 100n },
    { seed: 13, rows: 2_500, depth: 10, priceStep: 1n },
    { seed: 14, rows: 3_000, depth: 3, priceStep: 100n, reuseIds: true },
  ]) {
    test(`seed ${options.seed}, ${options.depth} levels${options.reuseIds === true ? ', ids used again' : ''}: every row, share and trade`, async () => {
      const day = generateDay(options);
      const { totals, survey } = await withDayFiles(day, dryRun);
      expect(totals.firstDifference).toBeNull();
      expect(totals).toMatchObject({ rowsCompared: day.rows - 1, rowsEqual: day.rows - 1, commandsRefused: 0 });
      expect(totals).toMatchObject({ executions: day.executions, executedQuantity: day.executedQuantity, trades: day.executions });
      expect(survey).toMatchObject({ executions: day.executions, executedQuantity: day.executedQuantity, priceUnit: options.priceStep });
      expect(totals.executionsOnNamedOrder).toBeGreaterThan(day.executions * 0.97);
    });
  }

  test('is the same for the same seed', () => {
    const options = { seed: 5, rows: 200, depth: 2, priceStep: 100n };
    expect(generateDay(options)).toEqual(generateDay(options));
  });
});

describe('what a row must show', () => {
  test('a level that is not as recorded is a difference, with line, recorded row and own row', async () => {
    const { totals } = await replay([
      ['34200.1,1,7,100,1000000,1', row(1_000_200, 50, 1_000_000, 300)],
      ['34200.2,2,7,40,1000000,1', row(1_000_200, 50, 1_000_000, 260)],
      ['34200.3,5,0,10,1000100,1', row(1_000_200, 50, 1_000_000, 261)],
    ]);
    expect(totals).toMatchObject({ rowsCompared: 2, rowsEqual: 1, levelsCompared: 4, levelsEqual: 3 });
    expect(totals.firstDifference).toMatchObject({ line: 3, what: 'row', actual: '1000200,50,1000000,260' });
    expect(totals.firstDifference?.expected).toContain('1000200,50,1000000,261');
  });

  test('a venue that does not keep time priority is found out by its trades', async () => {
    const day = generateDay({ seed: 12, rows: 800, depth: 5, priceStep: 100n });
    const { totals } = await withDayFiles(day, (files) => dryRun(files, new FakeVenue({ breakPriority: true })));
    expect(totals.firstDifference).toMatchObject({ what: 'trade' });
    expect(totals.executionsOnNamedOrder).toBeLessThan(day.executions);
  });

  test('a level of the book that the row does not list is a difference', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_300, 50, 1_000_000, 300)],
      ['34200.2,1,8,25,1000200,-1', row(1_000_300, 50, 1_000_000, 300)],
    ]);
    expect(totals.rowsEqual).toBe(0);
    expect(totals.firstDifference?.expected).toContain('ask 1000200 x 0');
  });
});

describe('quantity from before the file', () => {
  test('unknown orders act on the seeded quantity of their level', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 1_000_000, 300)],
      ['34200.2,4,91,100,1000000,1', row(1_000_200, 50, 1_000_000, 200)],
      ['34200.3,2,92,60,1000000,1', row(1_000_200, 50, 1_000_000, 140)],
      ['34200.4,3,93,40,1000000,1', row(1_000_200, 50, 1_000_000, 100)],
      ['34200.5,4,94,100,1000000,1', row(1_000_200, 50, null, 0)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, rowsEqual: 4, executions: 2, executionsOnNamedOrder: 2, executedQuantity: 200n });
  });

  test('a named order that is executed before the seed proves that the seed is behind it', async () => {
    const { totals } = await replay([
      ['34200.1,1,7,100,1000000,1', row(1_000_200, 50, 1_000_000, 300)],
      ['34200.2,4,7,30,1000000,1', row(1_000_200, 50, 1_000_000, 270)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, executions: 1, executionsOnNamedOrder: 1, trades: 1 });
  });

  test('named orders keep their order: an execution of the second is not counted as on the named order', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 999_000, 10)],
      ['34200.2,1,7,100,1000000,1', row(1_000_200, 50, 1_000_000, 100)],
      ['34200.3,1,8,100,1000000,1', row(1_000_200, 50, 1_000_000, 200)],
      ['34200.4,4,8,100,1000000,1', row(1_000_200, 50, 1_000_000, 100)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, executions: 1, executionsOnNamedOrder: 0, trades: 1 });
  });

  test('a deletion larger than the known order takes the rest from the level', async () => {
    const { totals } = await replay([
      ['34200.1,1,7,100,1000000,1', row(1_000_200, 50, 1_000_000, 300)],
      ['34200.2,3,7,150,1000000,1', row(1_000_200, 50, 1_000_000, 150)],
    ]);
    expect(totals.firstDifference).toBeNull();
  });

  test('an execution of more than the level holds is seeded first and counted', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 1_000_000, 30)],
      ['34200.2,4,7,45,1000000,1', row(1_000_200, 50, null, 0)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, executions: 1, executedQuantity: 45n, quantitySeeded: 15n });
  });
});

describe('files that no continuous book allows', () => {
  test('an execution behind the best price leaves the better orders as they were', async () => {
    const { totals } = await withDayFiles(
      {
        messages: '34200.1,5,0,1,1000100,1\n34200.2,4,70,20,999900,1\n34200.3,4,71,10,1000000,1\n',
        orderbook:
          '1000200,50,1000000,30,1000300,5,999900,60\n1000200,50,1000000,30,1000300,5,999900,40\n1000200,50,1000000,20,1000300,5,999900,40\n',
      },
      dryRun,
    );
    expect(totals).toMatchObject({ firstDifference: null, executions: 2, executedQuantity: 30n, trades: 2 });
  });

  test('an order that crosses the book is held back and rests as soon as it no longer crosses', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 1_000_000, 30)],
      ['34200.2,1,7,10,1000300,1', row(1_000_200, 50, 1_000_300, 10)],
      ['34200.3,3,99,50,1000200,-1', row(1_000_400, 80, 1_000_300, 10)],
      ['34200.4,2,7,4,1000300,1', row(1_000_400, 80, 1_000_300, 6)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, rowsEqual: 3, rowsWithHeldOrders: 1, trades: 0 });
  });

  test('a held order that is executed trades, and the orders that it crossed come back', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 1_000_000, 30)],
      ['34200.2,1,7,10,1000200,1', row(1_000_200, 50, 1_000_200, 10)],
      ['34200.3,4,7,10,1000200,1', row(1_000_200, 50, 1_000_000, 30)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, executions: 1, executedQuantity: 10n, trades: 1 });
  });
});

describe('messages that do not touch the book', () => {
  test('hidden executions, cross trades and halts', async () => {
    const book = row(1_000_200, 50, 1_000_000, 30);
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', book],
      ['34200.2,6,-1,5000,1000100,-1', book],
      ['34200.3,7,0,0,-1,-1', book],
      ['34200.4,3,5,10,1000000,1', row(1_000_200, 50, 1_000_000, 20)],
      ['34200.5,7,0,0,0,-1', row(1_000_200, 50, 1_000_000, 20)],
      ['34200.6,7,0,0,1,-1', row(1_000_200, 50, 1_000_000, 20)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, rowsEqual: 5, commandsRefused: 0 });
  });

  test('an order entered during a halt shows that the halt is over', async () => {
    const { totals } = await replay([
      ['34200.1,5,0,1,1000100,1', row(1_000_200, 50, 1_000_000, 30)],
      ['34200.2,7,0,0,-1,-1', row(1_000_200, 50, 1_000_000, 30)],
      ['34200.3,1,8,5,1000100,1', row(1_000_200, 50, 1_000_100, 5)],
    ]);
    expect(totals).toMatchObject({ firstDifference: null, commandsRefused: 0 });
  });
});
