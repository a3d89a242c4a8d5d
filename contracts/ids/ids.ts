import { ok, refuse, type Result } from '../result/result.js';

declare const brand: unique symbol;
/** A value that only its parser can make. */
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };

/** Account on the tape: 1 .. 2^32-1. */
export type AccountId = Branded<number, 'AccountId'>;
/** Instrument on the tape: 1 .. 2^32-1. */
export type InstrumentId = Branded<number, 'InstrumentId'>;
/** Settlement currency on the tape: 1 .. 65535. */
export type CurrencyId = Branded<number, 'CurrencyId'>;
/** Command number of the order's placing; unique per shard. */
export type OrderId = Branded<bigint, 'OrderId'>;
/** Text that the client chose for an order: 1 to 36 characters of A-Z a-z 0-9 . _ : - (FIX tag 11). */
export type ClientOrderId = Branded<string, 'ClientOrderId'>;
/** Market symbol: 1 to 32 characters of A-Z 0-9 . _ / - and blank for option roots. */
export type Symbol = Branded<string, 'Symbol'>;

const clientOrderIdPattern = /^[A-Za-z0-9._:-]{1,36}$/;
const symbolPattern = /^[A-Z0-9][A-Z0-9 ._/=-]{0,31}$/;

export const parseClientOrderId = (text: string): Result<ClientOrderId> =>
  clientOrderIdPattern.test(text) ? ok(text as ClientOrderId) : refuse('INVALID_CLIENT_ORDER_ID', { value: text.slice(0, 64) });

export const parseSymbol = (text: string): Result<Symbol> =>
  symbolPattern.test(text) ? ok(text as Symbol) : refuse('UNKNOWN_INSTRUMENT', { symbol: text.slice(0, 64) });

const parseCount = <Id>(value: number, max: number, name: string): Result<Id> =>
  Number.isInteger(value) && value >= 1 && value <= max
    ? ok(value as Id)
    : refuse('INVALID_ARGUMENT', { argument: name, value: String(value) });

export const parseAccountId = (value: number): Result<AccountId> => parseCount<AccountId>(value, 0xffff_ffff, 'accountId');
export const parseInstrumentId = (value: number): Result<InstrumentId> => parseCount<InstrumentId>(value, 0xffff_ffff, 'instrumentId');
export const parseCurrencyId = (value: number): Result<CurrencyId> => parseCount<CurrencyId>(value, 0xffff, 'currencyId');

/** Order ids travel as decimal strings outside. */
export const parseOrderId = (text: string): Result<OrderId> => {
  if (!/^[1-9][0-9]{0,19}$/.test(text)) return refuse('UNKNOWN_ORDER', { orderId: text.slice(0, 32) });
  const value = BigInt(text);
  return value <= 0xffff_ffff_ffff_ffffn ? ok(value as OrderId) : refuse('UNKNOWN_ORDER', { orderId: text });
};
