import DataLoader from 'dataloader';
import { formatPosition, parsePosition } from '#contracts/position/position.js';
import { unwrap } from '#contracts/result/result.js';
import type {
  AccountRow,
  BalanceRow,
  ExecutionRow,
  Page,
  PositionRow,
  ReadModelName,
  ReadSide,
  ReadSnapshot,
} from '#platform/read-side/index.js';

/** How long `atLeast` waits before the answer is PROJECTION_LAG. */
export const atLeastTimeoutMs = 5_000;

/** Groups keys that ask for pages of different length, because one query has one length. */
const groupBy = <Key, Group>(keys: readonly Key[], groupOf: (key: Key) => Group): Map<Group, Key[]> => {
  const groups = new Map<Group, Key[]>();
  for (const key of keys) {
    const group = groupOf(key);
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [key]);
    else members.push(key);
  }
  return groups;
};

/** Batched reads of nested fields: one statement for a field, however many parents it has. */
export class SnapshotLoaders {
  readonly executionsOfOrder: DataLoader<{ readonly orderId: bigint; readonly first: number }, Page<ExecutionRow>, string>;
  readonly balancesOfAccount: DataLoader<number, readonly BalanceRow[]>;
  readonly positionsOfAccount: DataLoader<number, readonly PositionRow[]>;
  readonly account: DataLoader<number, AccountRow | null>;

  constructor(snapshot: ReadSnapshot) {
    this.executionsOfOrder = new DataLoader(
      async (keys) => {
        const found = new Map<string, Page<ExecutionRow>>();
        for (const [first, group] of groupBy(keys, (key) => key.first)) {
          const pages = await snapshot.trading.executionsByOrderIds(
            group.map(({ orderId }) => orderId),
            first,
          );
          for (const [orderId, page] of pages) found.set(`${orderId}:${first}`, page);
        }
        return keys.map(({ orderId, first }) => found.get(`${orderId}:${first}`) ?? { rows: [], hasNextPage: false });
      },
      { cacheKeyFn: ({ orderId, first }) => `${orderId}:${first}` },
    );
    const byAccount = async <Row extends { readonly accountId: number }>(
      ids: readonly number[],
      rows: Promise<readonly Row[]>,
    ): Promise<readonly Row[][]> => {
      const groups = groupBy(await rows, ({ accountId }) => accountId);
      return ids.map((id) => groups.get(id) ?? []);
    };
    this.balancesOfAccount = new DataLoader((ids) => byAccount(ids, snapshot.trading.balances(ids)));
    this.positionsOfAccount = new DataLoader((ids) => byAccount(ids, snapshot.trading.positions(ids)));
    this.account = new DataLoader(async (ids) => {
      const rows = new Map((await snapshot.reference.accounts(ids)).map((row) => [row.accountId, row]));
      return ids.map((id) => rows.get(id) ?? null);
    });
  }
}

/** One generation of the read models with the loaders of one operation on it. */
export interface ReadView {
  readonly snapshot: ReadSnapshot;
  readonly loaders: SnapshotLoaders;
  /** Position that answers from these models show at least, as clients get it. */
  positionOf(models: readonly ReadModelName[]): string;
}

/** Reads of one operation: its fields share one view of the read models per position that they ask for. */
export class RequestReads {
  readonly #readSide: ReadSide;
  readonly #views = new Map<string, Promise<ReadView>>();

  constructor(readSide: ReadSide) {
    this.#readSide = readSide;
  }

  /**
   * The view for a field. With `atLeast` it waits until every model that the field touches has reached the position.
   * @throws FulltapeError MALFORMED_POSITION, PROJECTION_LAG, STORE_UNAVAILABLE
   */
  at(atLeast: string | null | undefined, models: readonly ReadModelName[]): Promise<ReadView> {
    const key = atLeast === null || atLeast === undefined ? '' : `${atLeast}|${models.join()}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = this.#open(atLeast, models);
    this.#views.set(key, view);
    return view;
  }

  async #open(atLeast: string | null | undefined, models: readonly ReadModelName[]): Promise<ReadView> {
    if (atLeast !== null && atLeast !== undefined) {
      const position = unwrap(parsePosition(atLeast));
      unwrap(await this.#readSide.waitFor(position, models, atLeastTimeoutMs));
    }
    const snapshot = await this.#readSide.snapshot();
    return { snapshot, loaders: new SnapshotLoaders(snapshot), positionOf: (names) => formatPosition(snapshot.position(names)) };
  }
}
