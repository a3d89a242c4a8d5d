import { describe, expect, it } from 'vitest';
import { JournalKeeper } from './journal-keeper.js';

describe('journal keeper', () => {
  it('lets go of the oldest only when more than the bound stays, and never of the newest', () => {
    const keeper = new JournalKeeper(64_000, 0);
    const trims: bigint[] = [];
    for (let number = 1n; number <= 200n; number += 1n) {
      const trimTo = keeper.acknowledged(number, 1_000);
      if (trimTo !== null) trims.push(trimTo);
      // What stays is at least the bound and at most the bound and one mark.
      const kept = number - (trims.at(-1) ?? 0n);
      if (number > 66n) expect(kept >= 64n && kept <= 66n).toBe(true);
    }
    expect(trims.length).toBeGreaterThan(100);
  });

  it('counts what the journal held before', () => {
    const keeper = new JournalKeeper(10_000, 9_500);
    expect(keeper.acknowledged(41n, 400)).toBeNull();
    expect([42n, 43n, 44n].map((number) => keeper.acknowledged(number, 9_000))).toContain(41n);
  });
});
