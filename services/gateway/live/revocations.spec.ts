import { describe, expect, it } from 'vitest';
import type { NatsConnection } from '@nats-io/transport-node';
import type { RevocationNotice, RevokedCommand } from '#platform/tape/revocations.js';
import { Revocations, type Revocation } from './revocations.js';

const nowMs = Date.parse('2026-03-02T12:00:00Z');
const command = (clientOrderId: string, change: Partial<RevokedCommand> = {}): RevokedCommand => ({
  kind: 'placeOrder',
  accountId: 1001,
  instrumentId: 1,
  commandNumber: '7',
  clientOrderId,
  origClientOrderId: null,
  orderId: null,
  order: { side: 1, orderType: 2, timeInForce: 1, instructions: 0, quantityLots: '5', priceTicks: '100', timeNanos: '1' },
  ...change,
});
const notice = (commands: RevokedCommand[], revokedAt = '2026-03-02T11:00:00Z'): RevocationNotice => ({
  version: 1,
  shard: 0,
  revokedAt,
  commands,
});
const make = (): Revocations => new Revocations({} as NatsConnection, () => nowMs);

describe('remembered revocations', () => {
  it('are found by account and client order id, told to listeners of their account once, and left when the listener leaves', () => {
    const list = make();
    const heard: Revocation[] = [];
    const leave = list.listen(1001, (one) => heard.push(one));
    const stored = notice([command('a'), command('b', { accountId: 1002 })]);
    list.take(stored);
    list.take(stored); // a watch that began again
    expect(heard.map((one) => one.command.clientOrderId)).toEqual(['a']);
    expect(list.orderNamed(1001, 'a')?.revokedAt).toBe('2026-03-02T11:00:00Z');
    expect(list.orderNamed(1001, 'b')).toBeUndefined();
    expect(list.of(1002)).toHaveLength(1);
    leave();
    list.take(notice([command('c')]));
    expect(heard).toHaveLength(1);
    expect(list.of(1001).map((one) => one.command.clientOrderId)).toEqual(['a', 'c']);
  });

  it('are forgotten after 24 h, and a lost cancel is no lost order', () => {
    const list = make();
    list.take(notice([command('old')], '2026-03-01T11:59:59Z'));
    list.take(notice([command('cancel', { kind: 'cancelOrder', order: null, orderId: '3' })]));
    expect(list.orderNamed(1001, 'old')).toBeUndefined();
    expect(list.orderNamed(1001, 'cancel')).toBeUndefined();
    expect(list.of(1001).map((one) => one.command.kind)).toEqual(['cancelOrder']);
  });

  it('pass over what is no notice', () => {
    const list = make();
    list.take({ version: 2 });
    list.take('text');
    expect(list.of(1001)).toEqual([]);
  });
});
