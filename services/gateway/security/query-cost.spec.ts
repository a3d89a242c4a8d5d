import { readFileSync } from 'node:fs';
import { buildSchema, getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkQueryCost, isIntrospectionOnly } from './query-cost.js';

const schema = buildSchema(readFileSync('schemas/schema.graphql', 'utf8'));

const costOf = (query: string, variables: Record<string, unknown> = {}): ReturnType<typeof checkQueryCost> => {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (operation === null || operation === undefined) throw new Error('no operation');
  return checkQueryCost(schema, document, operation, variables);
};

describe('checkQueryCost', () => {
  it('lets a page of orders with executions and instruments pass', () => {
    const query = `{ orders(accountId: "1", first: 100) { edges { node { orderId instrument { symbol quote { lastPrice } } executions(first: 20) { edges { node { lastPrice } } } } } pageInfo { endCursor } } }`;
    expect(costOf(query)).toMatchObject({ ok: true, value: { depth: 7 } });
  });

  it('lets introspection pass', () => expect(costOf(getIntrospectionQuery()).ok).toBe(true));

  it('counts page sizes, from literals, variables and defaults', () => {
    const page = (first: string): string => `query Q($n: Int) { orders(accountId: "1"${first}) { edges { node { orderId } } } }`;
    const fields = (query: string, variables = {}): number => {
      const cost = costOf(query, variables);
      return cost.ok ? cost.value.fields : Number.NaN;
    };
    expect(fields(page(', first: 10'))).toBeLessThan(fields(page('')));
    expect(fields(page(', first: $n'), { n: 500 })).toBe(fields(page(', first: 500')));
  });

  it('refuses an answer that could have too many fields', () => {
    const nested = `{ orders(accountId: "1", first: 500) { edges { node { executions(first: 500) { edges { node { lastPrice } } } } } } }`;
    expect(costOf(nested)).toMatchObject({ ok: false, problem: { code: 'QUERY_TOO_COMPLEX' } });
    const aliases = Array.from(
      { length: 300 },
      (_, index) => `a${index}: orders(accountId: "1", first: 500) { edges { node { orderId price } } }`,
    ).join(' ');
    expect(costOf(`{ ${aliases} }`)).toMatchObject({ ok: false, problem: { code: 'QUERY_TOO_COMPLEX' } });
  });

  it('counts fragments where they are spread', () => {
    const query = `fragment E on ExecutionConnection { edges { node { lastPrice fee } } } { orders(accountId: "1", first: 500) { edges { node { executions(first: 500) { ...E } } } } }`;
    expect(costOf(query)).toMatchObject({ ok: false, problem: { code: 'QUERY_TOO_COMPLEX' } });
  });

  it('refuses introspection that goes round in circles', () => {
    const circle = 'type { fields { '.repeat(15);
    expect(costOf(`{ __schema { types { fields { ${circle} name ${'} }'.repeat(15)} } } } }`)).toMatchObject({
      problem: { code: 'QUERY_TOO_COMPLEX' },
    });
  });
});

it.each([
  ['{ __schema { types { name } } }', true],
  ['{ __typename }', true],
  ['{ __typename servedPosition }', false],
  ['{ ... on Query { servedPosition } }', false],
])('isIntrospectionOnly of %s is %s', (query, expected) => {
  const operation = getOperationAST(parse(query));
  expect(operation !== null && operation !== undefined && isIntrospectionOnly(operation)).toBe(expected);
});
