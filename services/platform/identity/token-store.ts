/**
 * Bearer tokens of an installation, in DIR/tokens.json (owner alone may read it). They are made with the operating system's random
 * numbers at first start. The process keeps SHA-256 hashes; a presented token is compared with all of them in constant time.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { demoAccounts } from '#contracts/demo/demo-world.js';
import { FulltapeError } from '#contracts/result/result.js';
import { permissions, type Identity } from './identity.js';

const tokenSchema = z.strictObject({
  name: z.string().min(1),
  role: z.enum(['trader', 'simulation', 'operator']),
  accounts: z.union([z.literal('all'), z.array(z.number().int().min(1))]),
  permissions: z.array(z.enum(permissions)),
  token: z.string().min(32),
});
const fileSchema = z.strictObject({ version: z.literal(1), tokens: z.array(tokenSchema) });

/** One line of tokens.json. Secret: never log it. */
export type StoredToken = z.output<typeof tokenSchema>;

export const tokensFileOf = (dataDir: string): string => join(dataDir, 'tokens.json');

const newToken = (): string => `ft_${randomBytes(32).toString('base64url')}`;

const wantedTokens = (demo: boolean): Omit<StoredToken, 'token'>[] => {
  const operator = { name: 'operator', role: 'operator', accounts: 'all', permissions: ['read', 'trade', 'operate'] } as const;
  if (!demo) return [{ ...operator, permissions: [...operator.permissions] }];
  const traders = demoAccounts.filter(({ role }) => role === 'trader');
  const simulated = demoAccounts.filter(({ role }) => role !== 'trader');
  return [
    ...traders.map(({ id }) => ({
      name: `trader-${id}`,
      role: 'trader' as const,
      accounts: [id],
      permissions: ['read' as const, 'trade' as const],
    })),
    { name: 'simulation', role: 'simulation', accounts: simulated.map(({ id }) => id), permissions: ['read', 'trade'] },
    { ...operator, permissions: [...operator.permissions] },
  ];
};

const readTokensFile = (path: string): StoredToken[] => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FulltapeError('DATA_FOLDER_CORRUPT', { path, reason: 'the tokens cannot be read as JSON' }, { cause: error });
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success)
    throw new FulltapeError('DATA_FOLDER_CORRUPT', { path, reason: parsed.error.issues[0]?.message ?? 'not a tokens file' });
  return parsed.data.tokens;
};

/**
 * Tokens of the installation, made at first use. Two processes that start together agree: the file appears whole and once.
 * @throws FulltapeError DATA_FOLDER_CORRUPT when the file is there but is not ours; it is then left as it is.
 */
export const ensureTokens = (dataDir: string, options: { readonly demo: boolean }): readonly StoredToken[] => {
  const path = tokensFileOf(dataDir);
  const stored = existsSync(path) ? readTokensFile(path) : [];
  const missing = wantedTokens(options.demo).filter(({ name }) => !stored.some((token) => token.name === name));
  if (missing.length === 0) return stored;
  const tokens = [...stored, ...missing.map((wanted) => ({ ...wanted, token: newToken() }))];
  const next = `${path}.${process.pid}.new`;
  writeFileSync(next, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`, { mode: 0o600 });
  if (stored.length > 0) {
    renameSync(next, path);
    return tokens;
  }
  try {
    linkSync(next, path); // fails when another process was first, whose tokens then hold
    return tokens;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readTokensFile(path);
    throw error;
  } finally {
    rmSync(next, { force: true });
  }
};

const hashOf = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();

/** Tells who presents a token. */
export class TokenStore {
  readonly #entries: readonly { readonly hash: Buffer; readonly identity: Identity }[];

  constructor(tokens: readonly StoredToken[]) {
    this.#entries = tokens.map(({ token, name, accounts, permissions: granted }) => ({
      hash: hashOf(token),
      identity: { name, accounts: accounts === 'all' ? 'all' : new Set(accounts), permissions: new Set(granted) },
    }));
  }

  /** Null for a token that is not ours. Every entry is compared, so the time does not tell which one came close. */
  identify(token: string): Identity | null {
    const hash = hashOf(token);
    let found: Identity | null = null;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, hash)) found = entry.identity;
    return found;
  }
}

const bearerPattern = /^Bearer +([A-Za-z0-9_.~+/=-]{8,512})$/i;

/** The token of an `Authorization` header or connection parameter; null when it is not a bearer token. */
export const bearerTokenOf = (authorization: unknown): string | null =>
  typeof authorization === 'string' ? (bearerPattern.exec(authorization)?.[1] ?? null) : null;

/** Demo accounts with their tokens, as `fulltape start --json` prints them. */
export const demoCredentials = (tokens: readonly StoredToken[]): readonly { readonly id: string; readonly token: string }[] =>
  tokens
    .filter(({ role }) => role === 'trader')
    .flatMap(({ accounts, token }) => (accounts === 'all' ? [] : accounts.map((id) => ({ id: String(id), token }))));
