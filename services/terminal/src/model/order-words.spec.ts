import { describe, expect, it } from 'vitest';
import type { OrderRow } from '../store/blotter.js';
import { listWords, statusWords, termsWords, triggerWords } from './order-words.js';
import { instrumentOf, priceTicks, quantityLots } from './values.js';

const nova = instrumentOf({
  symbol: 'NOVA',
  name: 'Nova',
  kind: 'EQUITY',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minNotional: null,
  makerFeePpm: 0,
  takerFeePpm: 300,
  tradingState: 'ACTIVE',
  multiplier: '1',
});
const plain: OrderRow = {
  orderId: '1',
  symbol: 'NOVA',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  instructions: [],
  quantityLots: quantityLots(10n),
  leavesLots: quantityLots(10n),
  cumLots: quantityLots(0n),
  priceTicks: priceTicks(10_000n),
  stopTicks: null,
  triggerSource: null,
  triggered: null,
  trailing: null,
  peg: null,
  displayLots: null,
  minimumLots: null,
  list: null,
  averageUnits: null,
  orderStatus: 'NEW',
  reason: null,
  reasonText: null,
  createdAt: '',
  updatedAt: '',
};
const order = (change: Partial<OrderRow>): OrderRow => ({ ...plain, ...change });
const stop = { orderType: 'STOP', stopTicks: priceTicks(10_200n), triggerSource: 'LAST', triggered: false } as const;

describe('an order in plain words', () => {
  it.each<[Partial<OrderRow>, string]>([
    [{}, 'Limit · GTC'],
    [{ orderType: 'STOP_LIMIT', timeInForce: 'DAY' }, 'Stop limit · Day'],
    [{ instructions: ['POST_ONLY', 'HIDDEN'] }, 'Limit · GTC · post only · hidden'],
    [{ displayLots: quantityLots(5n), minimumLots: quantityLots(2n) }, 'Limit · GTC · shows 5 · at least 2'],
  ])('terms %#: $1', (change, words) => expect(termsWords(order(change), nova)).toBe(words));

  it.each<[Partial<OrderRow>, string | null]>([
    [{}, null],
    [stop, 'last ≥ 102.00'],
    [{ ...stop, side: 'SELL' }, 'last ≤ 102.00'],
    [{ ...stop, orderType: 'LIMIT_IF_TOUCHED', triggerSource: 'MARK' }, 'mark ≤ 102.00'],
    [{ ...stop, trailing: '1.50%' }, 'last ≥ 102.00, trails 1.50%'],
    [{ ...stop, stopTicks: null, trailing: '1.50%' }, 'last, trails 1.50%'],
    [{ ...stop, triggered: true }, 'triggered 102.00'],
  ])('trigger %#: $1', (change, words) => expect(triggerWords(order(change), nova)).toBe(words));

  it('lists by name and place', () => {
    expect(listWords(order({}))).toBeNull();
    expect(listWords(order({ list: { listId: '1', contingency: 'BRACKET', role: 'STOP_LOSS', index: 2, count: 3 } }))).toBe(
      'Bracket stop loss',
    );
    expect(listWords(order({ list: { listId: '1', contingency: 'ONE_CANCELS_OTHER', role: 'SIBLING', index: 0, count: 2 } }))).toBe(
      'OCO 1/2',
    );
  });

  it('waiting is a state of its own', () => {
    expect(statusWords(order(stop))).toBe('Waiting');
    expect(statusWords(order({ ...stop, triggered: true }))).toBe('New');
    expect(statusWords(order({ orderType: 'PEGGED', priceTicks: null }))).toBe('Outside the book');
    expect(statusWords(order({ orderType: 'PEGGED' }))).toBe('New');
    expect(statusWords(order({ orderStatus: 'PARTIALLY_FILLED' }))).toBe('Partially filled');
    const exit = { listId: '1', contingency: 'BRACKET', role: 'STOP_LOSS', index: 2, count: 3 };
    expect(statusWords(order({ ...stop, orderStatus: 'PENDING_NEW', list: exit }))).toBe('Awaits its entry');
  });
});
