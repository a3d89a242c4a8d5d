import { describe, expect, it } from 'vitest';
import { MemoryCache } from '#platform/cache/memory-cache.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import { instrumentRow } from '../testing/instrument-row.js';
import { InstrumentCatalogue } from './instrument-catalogue.js';

const row = (instrumentId: number, symbol: string): InstrumentRow =>
  instrumentRow({ instrumentId, symbol, name: symbol, lastCommand: 9_007_199_254_740_993n });

describe('InstrumentCatalogue', () => {
  it('reads once for many commands and gives 64-bit numbers back exactly', async () => {
    let loads = 0;
    const catalogue = new InstrumentCatalogue(new MemoryCache(), () => {
      loads += 1;
      return Promise.resolve([row(1, 'NOVA'), row(2, 'ATLAS')]);
    });
    const found = await Promise.all(Array.from({ length: 1_000 }, () => catalogue.bySymbol('NOVA')));
    expect(loads).toBe(1);
    expect(found[999]).toEqual(row(1, 'NOVA'));
    expect(await catalogue.byId(2)).toEqual(row(2, 'ATLAS'));
    expect((await catalogue.all()).map(({ symbol }) => symbol)).toEqual(['NOVA', 'ATLAS']);
    expect(loads).toBe(1);
  });

  it('looks an unknown symbol up afresh, because it may be new', async () => {
    const rows = [row(1, 'NOVA')];
    let now = 0;
    let loads = 0;
    const load = (): Promise<readonly InstrumentRow[]> => {
      loads += 1;
      return Promise.resolve(rows);
    };
    const catalogue = new InstrumentCatalogue(new MemoryCache(), load, () => now);
    expect(await catalogue.bySymbol('LATE')).toBeNull();
    rows.push(row(2, 'LATE'));
    now = 99;
    for (let nonsense = 0; nonsense < 50; nonsense += 1) expect(await catalogue.bySymbol(`X${nonsense}`)).toBeNull();
    expect(loads).toBe(2);
    now = 100;
    expect(await catalogue.bySymbol('LATE')).toEqual(row(2, 'LATE'));
  });

  it('reads the source while the cache is away', async () => {
    const away = (): Promise<never> => Promise.reject(new Error('the cache is away'));
    const cache = Object.assign(new MemoryCache(), { getOrLoad: away, delete: away });
    const catalogue = new InstrumentCatalogue(cache, () => Promise.resolve([row(1, 'NOVA')]));
    expect(await catalogue.bySymbol('NOVA')).toEqual(row(1, 'NOVA'));
    expect(await catalogue.bySymbol('NONE')).toBeNull();
  });

  it('passes a failed read on and recovers', async () => {
    let isDown = true;
    const catalogue = new InstrumentCatalogue(new MemoryCache(), () =>
      isDown ? Promise.reject(new Error('down')) : Promise.resolve([row(1, 'NOVA')]),
    );
    await expect(catalogue.bySymbol('NOVA')).rejects.toThrow('down');
    isDown = false;
    expect(await catalogue.bySymbol('NOVA')).not.toBeNull();
  });
});
