import { expect, test } from 'vitest';
import { midnightNanos, parseDayName } from './file-name.js';
import { partiesOf, replaySymbol } from './replay-profile.js';

test.each([
  ['/data/GOOG_2012-06-21_34200000_57600000_message_5.csv.gz', 'GOOG', '2012-06-21'],
  ['C:\\days\\BRK.B_2020-01-02_34200000_57600000_orderbook_10.csv', 'BRK.B', '2020-01-02'],
  ['messages.csv', null, null],
  ['AAPL_2012-13-45_message.csv', 'AAPL', null],
])('%s', (path, symbol, day) => {
  expect(parseDayName(path)).toEqual({ symbol, day });
});

test('midnight is the one of New York, in summer, in winter and on days when the clock changes', () => {
  expect(midnightNanos('2012-06-21')).toBe(BigInt(Date.UTC(2012, 5, 21, 4)) * 1_000_000n);
  expect(midnightNanos('2020-01-02')).toBe(BigInt(Date.UTC(2020, 0, 2, 5)) * 1_000_000n);
  expect(midnightNanos('2024-03-10')).toBe(BigInt(Date.UTC(2024, 2, 10, 5)) * 1_000_000n);
  expect(midnightNanos('2024-11-03')).toBe(BigInt(Date.UTC(2024, 10, 3, 4)) * 1_000_000n);
});

test('replays of one tape have ids, symbols and client order ids of their own', () => {
  const [first, second] = [partiesOf(0n), partiesOf(4_711n)];
  const ids = [first, second].flatMap(({ makerAccountId, takerAccountId }) => [makerAccountId, takerAccountId]);
  expect(new Set(ids).size).toBe(4);
  expect(first.instrumentId).not.toBe(second.instrumentId);
  expect(first.run).not.toBe(second.run);
  expect(replaySymbol('goog', 0n)).toBe('GOOG');
  expect(replaySymbol('goog', 4_711n)).toBe('GOOG.R3MV');
});
