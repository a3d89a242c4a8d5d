import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mayUseAccount } from './identity.js';
import { bearerTokenOf, demoCredentials, ensureTokens, TokenStore, tokensFileOf } from './token-store.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'fulltape-tokens-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('tokens of an installation', () => {
  it('are made once, unlike each other, and readable by their owner alone', () => {
    const first = ensureTokens(dataDir, { demo: true });
    expect(ensureTokens(dataDir, { demo: true })).toEqual(first);
    expect(new Set(first.map(({ token }) => token)).size).toBe(first.length);
    expect(statSync(tokensFileOf(dataDir)).mode & 0o777).toBe(0o600);
    expect(first.map(({ name }) => name)).toEqual(['trader-1001', 'trader-1002', 'simulation', 'operator']);
  });

  it('without the demo are the operator alone, and demo tokens join later without changing his', () => {
    const operator = ensureTokens(dataDir, { demo: false });
    expect(operator.map(({ role }) => role)).toEqual(['operator']);
    const all = ensureTokens(dataDir, { demo: true });
    expect(all.find(({ role }) => role === 'operator')).toEqual(operator[0]);
    expect(demoCredentials(all).map(({ id }) => id)).toEqual(['1001', '1002']);
  });

  it('identify their bearer and nobody else', () => {
    const tokens = ensureTokens(dataDir, { demo: true });
    const store = new TokenStore(tokens);
    const trader = store.identify(tokens[0]?.token ?? '');
    expect(trader?.name).toBe('trader-1001');
    expect(trader !== null && mayUseAccount(trader, 1001)).toBe(true);
    expect(trader !== null && mayUseAccount(trader, 1002)).toBe(false);
    const operator = store.identify(tokens.at(-1)?.token ?? '');
    expect(operator !== null && mayUseAccount(operator, 4_000_000_000)).toBe(true);
    expect(store.identify(`${tokens[0]?.token ?? ''}x`)).toBeNull();
    expect(store.identify('')).toBeNull();
  });

  it('in a damaged file are refused and the file is left as it is', () => {
    writeFileSync(tokensFileOf(dataDir), '{"version":1,"tokens":[{"name":');
    expect(() => ensureTokens(dataDir, { demo: true })).toThrow(/DATA_FOLDER_CORRUPT/);
    expect(readFileSync(tokensFileOf(dataDir), 'utf8')).toBe('{"version":1,"tokens":[{"name":');
  });
});

describe('bearerTokenOf', () => {
  it.each([
    ['Bearer ft_abcdefgh', 'ft_abcdefgh'],
    ['bearer ft_abcdefgh', 'ft_abcdefgh'],
    ['Basic ft_abcdefgh', null],
    ['Bearer ', null],
    ['Bearer a b', null],
    [undefined, null],
    [['Bearer ft_abcdefgh'], null],
  ])('%j gives %j', (header, token) => expect(bearerTokenOf(header)).toBe(token));
});
