import { describe, expect, it } from 'vitest';
import type { ExplanationAnswer } from '../api/answers.js';
import { stepsOf } from './explanation-words.js';

type Note = ExplanationAnswer['commands'][number]['notes'][number];

const note = (kind: string, text: string): Note => ({ kind, text, check: null, queue: null, match: null });
const check = (text: string, change: Partial<NonNullable<Note['check']>> = {}): Note => ({
  ...note('CHECK', text),
  check: { code: 'MAX_ORDER_QUANTITY', name: 'order quantity', passed: true, relation: 'AT_MOST', observed: '10', limit: '50', ...change },
});
const steps = (command: string, ...notes: readonly Note[]) =>
  stepsOf({
    ...{ symbol: 'NOVA', filledQuantity: '0', fees: '0', droppedNotes: 0 },
    commands: [{ commandNumber: '7', command, executedAt: '2026-01-01T00:00:00Z', notes: [...notes] }],
  });

describe('an explanation as the page lays it out', () => {
  it('a step says what came in, what was checked and what happened', () => {
    const [step] = steps(
      'PlaceOrder',
      check('passed order quantity: 10 is at most 50'),
      note('ORDER', 'placed buy 10 at 99'),
      check('passed trading is not halted', {
        code: 'GLOBAL_HALT',
        name: 'trading is not halted',
        relation: 'HOLDS',
        observed: null,
        limit: null,
      }),
      note('MATCH', 'trade 4 at 99 with an order that rested'),
      note('SHOWN', 'queue behind 1 order (3) at its price'),
      note('PREVENTED', 'no trade with an order of its own: cancel newest'),
    );
    expect(step).toMatchObject({ key: '7', title: 'The order came in', order: 'buy 10 at 99' });
    expect(step?.checks.map(({ name, numbers, passed }) => [name, numbers, passed])).toEqual([
      ['order quantity', '10 ≤ 50', true],
      ['trading is not halted', null, true],
    ]);
    expect(step?.events.map(({ text }) => text)).toEqual([
      'Traded 4 at 99 with an order that rested',
      'Behind 1 order (3) at its price',
      'No trade with an order of its own: cancel newest',
    ]);
  });

  it('a refusal keeps its sentence, and what other commands did has their name', () => {
    const refused = check('REFUSED POSITION_LIMIT: The order could take the position beyond its limit. 10 against 9.', {
      ...{ code: 'POSITION_LIMIT', passed: false, relation: 'REFUSED', observed: '10', limit: '9' },
    });
    expect(steps('PlaceOrder', refused)[0]).toMatchObject({
      ...{ title: 'An order came in', order: null },
      checks: [{ passed: false, numbers: '10 against 9', text: 'The order could take the position beyond its limit. 10 against 9.' }],
    });
    const closed = check('REFUSED MARKET_CLOSED: The instrument is not in a phase that takes this order. It is CLOSED.', {
      ...{ code: 'MARKET_CLOSED', passed: false, relation: 'REFUSED', observed: 'CLOSED', limit: null },
    });
    expect(steps('PlaceOrder', closed)[0]?.checks[0]?.numbers).toBe('CLOSED');
    expect(steps('AdvanceTime', note('ENDED', 'ended 6 open, 4 filled: Its time in force has ended.'))[0]).toMatchObject({
      title: 'Time went on',
      events: [{ text: 'Ended with 6 open, 4 filled: Its time in force has ended.' }],
    });
    expect(steps('SettleInstrument')[0]?.title).toBe('Settle Instrument');
  });
});
