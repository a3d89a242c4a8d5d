import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatement, sqlLiteral } from './statement.js';

describe('a statement', () => {
  it.each([
    ['SELECT 1', { kind: 'read', format: undefined }],
    ['  -- a remark; with a semicolon\n/* ; */ select 1 format JSONEachRow;', { kind: 'read', format: 'JSONEachRow' }],
    ["SELECT 'FORMAT CSV'", { kind: 'read', format: undefined }],
    ['SELECT (SELECT 1 FORMAT x)', { kind: 'read', format: undefined }],
    ["SELECT ';' AS `a;b`, \"c;d\", 'it\\'s;', 'it''s;'", { kind: 'read', format: undefined }],
    ['WITH 1 AS x SELECT x', { kind: 'read', format: undefined }],
    ['WITH 1 AS x INSERT INTO t SELECT x', { kind: 'write' }],
    ['INSERT INTO t SELECT 1', { kind: 'write' }],
    ["INSERT INTO t FROM INFILE 'x' FORMAT CSV", { kind: 'write' }],
    ["CREATE TABLE t (a String DEFAULT ';') ENGINE = Memory", { kind: 'write' }],
    ['', { kind: 'empty' }],
    [' ; ', { kind: 'empty' }],
    ['-- only a remark', { kind: 'empty' }],
    ['SELECT 1; SELECT 2', { kind: 'several' }],
    ['SELECT 1;; DROP TABLE t', { kind: 'several' }],
  ])('%s', (text, expected) => {
    expect(parseStatement(text)).toEqual(expected);
  });

  it.each([
    ['INSERT INTO t FORMAT JSONEachRow\n{"a":1}', 'INSERT INTO t', '', 'JSONEachRow', '{"a":1}'],
    ['INSERT INTO `t` (a, `FORMAT`) FORMAT CSV 1,2', 'INSERT INTO `t` (a, `FORMAT`)', '', 'CSV', '1,2'],
    [
      "insert into db.t settings async_insert = 0, x = 'FORMAT' format RowBinary\r\n\n\0",
      'insert into db.t',
      "settings async_insert = 0, x = 'FORMAT'",
      'RowBinary',
      '\n\0',
    ],
    ["INSERT INTO t (a) VALUES (1), (';')", 'INSERT INTO t (a)', '', 'Values', " (1), (';')"],
    ['INSERT INTO t FORMAT CSV', 'INSERT INTO t', '', 'CSV', ''],
  ])('%s', (text, target, settings, format, data) => {
    const statement = parseStatement(text);
    expect(statement.kind).toBe('insert');
    if (statement.kind !== 'insert') return;
    const { head } = statement;
    expect([head.target, head.settings, head.format, text.slice(head.dataStart)]).toEqual([target, settings, format, data]);
  });

  it('never takes anything inside a literal for a part of the statement', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(parseStatement(`SELECT ${sqlLiteral(text)} FORMAT CSV`)).toEqual({ kind: 'read', format: 'CSV' });
      }),
      { verbose: true },
    );
  });
});
