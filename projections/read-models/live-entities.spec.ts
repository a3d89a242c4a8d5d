import { describe, expect, it } from 'vitest';
import { liveEntityColumns } from '#platform/read-side/index.js';
import { readModels } from './read-models.js';

/** Columns as a table is created with them: name, and whether it may be null. */
const createdColumns = (statement: string): Map<string, boolean> => {
  const body = statement.slice(statement.indexOf('(') + 1);
  const lines = body.split('\n').map((line) => line.trim());
  return new Map(
    lines.flatMap((line): [string, boolean][] => {
      const [, name, rest] = /^([a-z_]+) ([a-z].*)$/.exec(line) ?? [];
      return name === undefined || rest === undefined ? [] : [[name, !/NOT NULL|PRIMARY KEY/.test(rest)]];
    }),
  );
};

describe('entities over the live read models', () => {
  it.each(liveEntityColumns.map(({ model, columns }) => [model, columns] as const))(
    '%s: has every column of the table, and no other',
    (name, columns) => {
      const model = readModels.find((one) => one.name === name);
      const table = model?.store === 'postgres' ? model.tables.find((one) => one.name === name) : undefined;
      const created = createdColumns(table?.create('t')[0] ?? '');
      expect(created.size).toBeGreaterThan(5);
      const keys = new Set(columns.filter(({ primary }) => primary === true).map((column) => column.name));
      const mapped = new Map(columns.map((column) => [column.name, column.nullable === true]));
      expect(new Map([...mapped].sort())).toEqual(
        new Map([...created].map(([key, isNull]) => [key, isNull && !keys.has(key)] as const).sort()),
      );
    },
  );
});
