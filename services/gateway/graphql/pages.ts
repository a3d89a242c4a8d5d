import { ok, refuse, unwrap, type Result } from '#contracts/result/result.js';
import type { PageInfo } from '../graphql.generated.js';

/** Longest page of any connection. */
export const pageRowsMax = 500;

/** The page size that a client asked for. @throws FulltapeError INVALID_PAGE outside 1 .. 500. */
export const pageSizeOf = (first: number | null | undefined, byDefault: number): number => {
  const size = first ?? byDefault;
  return unwrap(
    size >= 1 && size <= pageRowsMax ? ok(size) : refuse('INVALID_PAGE', { first: String(size), limit: `1 .. ${pageRowsMax}` }),
  );
};

const encode = (kind: string, key: string): string => Buffer.from(`${kind}:${key}`, 'utf8').toString('base64url');

const decode = (kind: string, cursor: string): Result<string> => {
  const plain = /^[A-Za-z0-9_-]{1,200}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString('utf8') : '';
  return plain.startsWith(`${kind}:`) ? ok(plain.slice(kind.length + 1)) : refuse('INVALID_PAGE', { cursor: cursor.slice(0, 64) });
};

/** Opaque cursors of one kind of row. */
export interface CursorCodec<Key> {
  encode(key: Key): string;
  /** @throws FulltapeError INVALID_PAGE for a cursor that this platform did not make for such rows. */
  decode(cursor: string): Key;
}

const codec = <Key>(kind: string, write: (key: Key) => string, pattern: RegExp, read: (text: string) => Key): CursorCodec<Key> => ({
  encode: (key) => encode(kind, write(key)),
  decode: (cursor) => {
    const text = unwrap(decode(kind, cursor));
    return unwrap(pattern.test(text) ? ok(read(text)) : refuse('INVALID_PAGE', { cursor: cursor.slice(0, 64) }));
  },
});

const idPattern = /^[0-9]{1,19}$/;
export const orderCursor = codec<bigint>('o', String, idPattern, BigInt);
export const tradeCursor = codec<bigint>('t', String, idPattern, BigInt);
export const executionCursor = codec<{ readonly tradeId: bigint; readonly maker: boolean }>(
  'x',
  ({ tradeId, maker }) => `${tradeId}-${maker ? 'M' : 'T'}`,
  /^[0-9]{1,19}-[MT]$/,
  (text) => ({ tradeId: BigInt(text.slice(0, -2)), maker: text.endsWith('M') }),
);
export const cashEntryCursor = codec<{ readonly commandNumber: bigint; readonly recordIndex: number }>(
  'm',
  ({ commandNumber, recordIndex }) => `${commandNumber}.${recordIndex}`,
  /^[0-9]{1,18}\.[0-9]{1,9}$/,
  (text) => ({ commandNumber: BigInt(text.split('.')[0] ?? '0'), recordIndex: Number(text.split('.')[1]) }),
);
export const symbolCursor = codec<string>('i', String, /^.{1,32}$/, String);
export const timeCursor = codec<string>('c', String, /^[0-9TZ:.-]{20,30}$/, String);

export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: PageInfo;
  readonly position: string;
}

/** Relay's connection around the rows of one page. */
export const connectionOf = <Row, Node>(options: {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly position: string;
  readonly cursor: (row: Row) => string;
  readonly node: (row: Row) => Node;
}): Connection<Node> => {
  const edges = options.rows.map((row) => ({ cursor: options.cursor(row), node: options.node(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: options.hasNextPage,
      hasPreviousPage: options.hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    position: options.position,
  };
};
