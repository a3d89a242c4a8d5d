import { parseCurrencyId, type CurrencyId } from '../ids/ids.js';
import { refuse, ok, unwrap, type Result } from '../result/result.js';

/** Settlement currencies. Ids are on the tape and never change; every currency has money units of 10^-8. */
const table = { USD: 840, EUR: 978, GBP: 826, JPY: 392, PKR: 586, CHF: 756, USDT: 10_001, USDC: 10_002 } as const;

export type CurrencyCode = keyof typeof table;

const codeById = new Map<number, CurrencyCode>(Object.entries(table).map(([code, id]) => [id, code as CurrencyCode]));

export const parseCurrency = (code: string): Result<CurrencyId> =>
  Object.hasOwn(table, code) ? parseCurrencyId(table[code as CurrencyCode]) : refuse('UNKNOWN_CURRENCY', { currency: code.slice(0, 16) });

export const currencyIdOf = (code: CurrencyCode): CurrencyId => unwrap(parseCurrency(code));

/** The code of a currency id; `#<id>` for one that this release does not know. */
export const currencyCodeOf = (id: number): string => codeById.get(id) ?? `#${id}`;

export const currencyOf = (id: number): Result<CurrencyCode> => {
  const code = codeById.get(id);
  return code === undefined ? refuse('UNKNOWN_CURRENCY', { currencyId: String(id) }) : ok(code);
};
