/**
 * Rows for one statement as PostgreSQL array literals, one array per column, so that any number of rows is one parameter list:
 * `INSERT ... SELECT * FROM unnest($1::int8[], $2::text[] ...)`. Values must be plain (numbers, decimals, ISO times) except in
 * text columns, which are quoted.
 */
export type ArrayType = 'int8' | 'int4' | 'text' | 'numeric' | 'timestamptz' | 'bool' | 'uuid' | 'int2';
export type ArrayValue = string | number | bigint | boolean | null;

const quoted = (text: string): string =>
  text.includes('"') || text.includes('\\') ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : `"${text}"`;

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
      this.parts[index]?.push(value === null ? 'NULL' : this.types[name] === 'text' ? quoted(String(value)) : String(value));
    });
    this.count += 1;
  }

  /** `unnest($1::..[], ...) AS i(name, ...)` for a FROM clause. */
  get source(): string {
    return `unnest(${this.names.map((name, index) => `$${index + 1}::${this.types[name]}[]`).join(', ')}) AS i(${this.names.join(', ')})`;
  }

  /** `name, name ...` */
  get list(): string {
    return this.names.join(', ');
  }

  get values(): string[] {
    return this.parts.map((part) => `{${part.join(',')}}`);
  }
}
