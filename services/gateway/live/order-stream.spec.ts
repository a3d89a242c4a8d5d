import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition, tapePosition } from '#contracts/position/position.js';
import { refuse, unwrap } from '#contracts/result/result.js';
import { ExecType, OrderStatus } from '#contracts/tape/codes.generated.js';
import { instrumentRow } from '../testing/instrument-row.js';
import type { AccountEvent } from './account-event.js';
import { balanceStream } from './account-streams.js';
import type { AccountListener } from './live-feed.js';
import { orderStream, type OrderUpdatePorts } from './order-stream.js';
import type { Revocation, RevocationListener } from './revocations.js';

const instrument = instrumentRow();

/** The live feed as a stream sees it: who listens, and what it told last. */
class FakeFeed {
  readonly listeners = new Set<AccountListener>();
  seenCommandNumber = 100n;
  readonly revocationListeners = new Set<RevocationListener>();

  of(): readonly Revocation[] {
    return [];
  }

  listen(_accountId: number, listener: RevocationListener): () => void {
    this.revocationListeners.add(listener);
    return () => this.revocationListeners.delete(listener);
  }

  listenToAccount(_accountId: number, listener: AccountListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(event: AccountEvent): void {
    this.seenCommandNumber = event.commandNumber;
    for (const listener of [...this.listeners]) listener.onEvent(event);
  }
}

const portsOf = (feed: FakeFeed): OrderUpdatePorts => ({
  feed,
  revocations: feed,
  readSide: {
    waitFor: () => Promise.resolve(refuse('PROJECTION_LAG')),
    snapshot: () => Promise.reject(new Error('no history in this test')),
  },
  catalogue: { byId: () => Promise.resolve(instrument) },
});

const entered = (commandNumber: bigint): AccountEvent => ({
  accountId: 1001,
  commandNumber,
  recordIndex: 0,
  timeNanos: commandNumber,
  extension: null,
  maker: null,
  placed: null,
  clientOrderId: `c${commandNumber}`,
  report: {
    type: 'orderState',
    flags: 1,
    extensionCount: 0,
    commandIndex: 0,
    orderId: commandNumber,
    accountId: 1001,
    instrumentId: 1,
    quantityLots: 5n,
    leavesQuantityLots: 5n,
    cumQuantityLots: 0n,
    priceTicks: 100n,
    execType: ExecType.New,
    orderStatus: OrderStatus.New,
    side: 1,
    orderType: 2,
    timeInForce: 1,
    reason: 0,
    instructions: 0,
  },
});

describe('orderStream', () => {
  it('begins behind what the feed had told before, and tells the rest once and in order', async () => {
    const feed = new FakeFeed();
    const stream = orderStream(portsOf(feed), 1001, null);
    for (const number of [99n, 100n, 101n, 102n]) feed.tell(entered(number));
    const updates = [await stream.next(), await stream.next()].map(({ value }) => value);
    expect(updates.map((update) => update?.order.orderId)).toEqual(['101', '102']);
    expect(unwrap(parsePosition(updates[0]?.position ?? '')).tape.get(0)).toEqual({ commandNumber: 101n, recordIndex: 1 });
    await stream.return?.();
  });

  it('goes on behind a position that lies ahead of the feed', async () => {
    const feed = new FakeFeed();
    const ahead = unwrap(parsePosition(formatPosition(tapePosition(0, 102n))));
    const stream = orderStream(portsOf(feed), 1001, ahead);
    for (const number of [101n, 102n, 103n]) feed.tell(entered(number));
    expect((await stream.next()).value?.order.orderId).toBe('103');
    await stream.return?.();
  });

  it('leaves the feed at once when its reader leaves, though nothing has happened', async () => {
    const feed = new FakeFeed();
    const stream = orderStream(portsOf(feed), 1001, null);
    const waiting = stream.next();
    expect(feed.listeners.size).toBe(1);
    await stream.return?.();
    expect(feed.listeners.size + feed.revocationListeners.size).toBe(0);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('ends with BUSY when the feed may have missed something, and when the reader is too slow', async () => {
    const feed = new FakeFeed();
    const gapped = orderStream(portsOf(feed), 1001, null);
    for (const listener of [...feed.listeners]) listener.onGap();
    await expect(gapped.next()).rejects.toMatchObject({ code: 'BUSY' });
    const slow = orderStream(portsOf(feed), 1001, null);
    for (let number = 200n; number < 10_300n; number += 1n) feed.tell(entered(number));
    await expect(slow.next()).rejects.toMatchObject({ code: 'BUSY' });
    expect(feed.listeners.size).toBe(0);
  });

  it('says PROJECTION_LAG when the history is not there in time, and leaves the feed', async () => {
    const feed = new FakeFeed();
    const stream = orderStream(portsOf(feed), 1001, tapePosition(0, 5n));
    await expect(stream.next()).rejects.toMatchObject({ code: 'PROJECTION_LAG' });
    expect(feed.listeners.size).toBe(0);
  });
});

it('a stream of balances leaves the feed with its reader', async () => {
  const feed = new FakeFeed();
  const stream = balanceStream(feed, 1001);
  const waiting = stream.next();
  expect(feed.listeners.size).toBe(1);
  await stream.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(feed.listeners.size).toBe(0);
});
