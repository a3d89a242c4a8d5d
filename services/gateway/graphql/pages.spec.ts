import { describe, expect, it } from 'vitest';
import { connectionOf, executionCursor, orderCursor, pageSizeOf, symbolCursor, tradeCursor } from './pages.js';

describe('cursors', () => {
  it('give their key back', () => {
    expect(orderCursor.decode(orderCursor.encode(123_456_789_012n))).toBe(123_456_789_012n);
    expect(executionCursor.decode(executionCursor.encode({ tradeId: 7n, maker: true }))).toEqual({ tradeId: 7n, maker: true });
    expect(symbolCursor.decode(symbolCursor.encode('BTC-USD'))).toBe('BTC-USD');
  });

  it.each(['', 'x', '12', '!!', 'o:12', 'x'.repeat(500)])('refuse %j', (cursor) => {
    expect(() => orderCursor.decode(cursor)).toThrow(/INVALID_PAGE/);
  });

  it('refuse a cursor of other rows, and keys that no row has', () => {
    expect(() => orderCursor.decode(tradeCursor.encode(12n))).toThrow(/INVALID_PAGE/);
    expect(() => orderCursor.decode(Buffer.from('o:1;DROP', 'utf8').toString('base64url'))).toThrow(/INVALID_PAGE/);
  });
});

it.each([
  [undefined, 50],
  [null, 50],
  [1, 1],
  [500, 500],
])('a page of %j rows is %i', (first, size) => expect(pageSizeOf(first, 50)).toBe(size));

it.each([0, -1, 501])('a page of %i rows is refused', (first) => expect(() => pageSizeOf(first, 50)).toThrow(/INVALID_PAGE/));

it('a connection names its first and last row', () => {
  const connection = connectionOf({
    rows: [3n, 2n],
    hasNextPage: true,
    hasPreviousPage: false,
    position: 'p',
    cursor: orderCursor.encode,
    node: String,
  });
  expect(connection.edges.map(({ node }) => node)).toEqual(['3', '2']);
  expect(connection.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: orderCursor.encode(3n),
    endCursor: orderCursor.encode(2n),
  });
  const empty = connectionOf<bigint, string>({
    rows: [],
    hasNextPage: false,
    hasPreviousPage: true,
    position: 'p',
    cursor: orderCursor.encode,
    node: String,
  });
  expect(empty.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null });
});
