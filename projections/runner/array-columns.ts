import type { Statement } from './read-model.js';

export type ArrayType = 'int8' | 'int4' | 'text' | 'jsonb' | 'numeric' | 'timestamptz' | 'bool' | 'uuid' | 'int2';
export type ArrayValue = string | number | bigint | boolean | null;

const quoted = (text: string): string =>
  text.includes('"') || text.includes('\\') ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`;

const quotedTypes: ReadonlySet<ArrayType> = new Set(['text', 'jsonb']);

interface Putting<Name> {
  /** Columns that stay as they were first written. */
  readonly once?: readonly Name[];
  /** Further columns, by expressions over the row. */
  readonly computed?: Readonly<Record<string, string>>;
}

/**
 * Rows for one statement as PostgreSQL array literals, one array per column, so that any number of rows is one parameter list:
 * `INSERT ... SELECT * FROM unnest($1::int8[], $2::text[] ...)`. Values must be plain (numbers, decimals, ISO times) except in text
 * and jsonb columns, which are quoted.
 */
export class ArrayColumns<Name extends string> {
  private readonly names: readonly Name[];
  private readonly parts: string[][];
  private count = 0;

  constructor(private readonly types: Readonly<Record<Name, ArrayType>>) {
    this.names = Object.keys(types) as Name[];
    this.parts = this.names.map(() => []);
  }

  get size(): number {
    return this.count;
  }

  add(row: Readonly<Record<Name, ArrayValue>>): void {
    this.names.forEach((name, index) => {
      const value = row[name];
      this.parts[index]?.push(value === null ? 'NULL' : quotedTypes.has(this.types[name]) ? quoted(String(value)) : String(value));
    });
    this.count += 1;
  }

  /** `unnest($1::..[], ...) AS i(name, ...)` for a FROM clause. */
  get source(): string {
    return `unnest(${this.names.map((name, index) => `$${index + 1}::${this.types[name]}[]`).join(', ')}) AS i(${this.names.join(', ')})`;
  }

  /** Adds the rows. */
  insert(physical: string): Statement {
    const list = this.names.join(', ');
    return { text: `INSERT INTO ${physical} (${list}) SELECT ${list} FROM ${this.source}`, values: this.values };
  }

  /** Writes the rows over those with their keys. */
  put(physical: string, keys: readonly Name[], { once = [], computed = {} }: Putting<Name> = {}): Statement {
    const names = [...this.names, ...Object.keys(computed)];
    const fixed = new Set<string>([...keys, ...once]);
    const updates = names.filter((name) => !fixed.has(name)).map((name) => `${name} = EXCLUDED.${name}`);
    return {
      text: `INSERT INTO ${physical} (${names.join(', ')}) SELECT ${[...this.names, ...Object.values(computed)].join(', ')} FROM ${this.source}
             ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${updates.join(', ')}`,
      values: this.values,
    };
  }

  get values(): string[] {
    return this.parts.map((part) => `{${part.join(',')}}`);
  }
}
