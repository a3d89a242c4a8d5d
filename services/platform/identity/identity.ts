/** What a bearer of a token may do. `operate` reaches every account and the operator's commands. */
export const permissions = ['read', 'trade', 'operate'] as const;
export type Permission = (typeof permissions)[number];

/** Who sent a request. Holds no token. */
export interface Identity {
  /** Name in the log, such as `trader-1001`. */
  readonly name: string;
  readonly accounts: 'all' | ReadonlySet<number>;
  readonly permissions: ReadonlySet<Permission>;
}

export const mayUseAccount = (identity: Identity, accountId: number): boolean =>
  identity.accounts === 'all' || identity.accounts.has(accountId);
