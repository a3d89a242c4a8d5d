import { FulltapeError } from '#contracts/result/result.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import type { InstrumentCatalogue } from './instrument-catalogue.js';

/** Most symbols that one argument may name. */
const symbolsMax = 500;

/** @throws FulltapeError UNKNOWN_INSTRUMENT */
export const instrumentNamed = async (catalogue: InstrumentCatalogue, symbol: string): Promise<InstrumentRow> => {
  const row = await catalogue.bySymbol(symbol);
  if (row === null) throw new FulltapeError('UNKNOWN_INSTRUMENT', { symbol: symbol.slice(0, 64) });
  return row;
};

/** The instruments of a list of symbols; all of them without one. @throws FulltapeError UNKNOWN_INSTRUMENT, INVALID_ARGUMENT */
export const requestedInstruments = async (
  catalogue: InstrumentCatalogue,
  symbols: readonly string[] | null | undefined,
): Promise<readonly InstrumentRow[]> => {
  if (symbols === null || symbols === undefined) return catalogue.all();
  if (symbols.length > symbolsMax)
    throw new FulltapeError('INVALID_ARGUMENT', { argument: 'symbols', value: String(symbols.length), limit: String(symbolsMax) });
  return Promise.all([...new Set(symbols)].map((symbol) => instrumentNamed(catalogue, symbol)));
};
