/** Outside data is unknown until a decoder has checked it: a few combinators, because a schema library would be a third of the page. */
export type Decoder<Value> = (value: unknown, path: string) => Value;
export type Decoded<D> = D extends Decoder<infer Value> ? Value : never;

export class DecodeError extends Error {
  constructor(path: string, expected: string) {
    super(`the answer has no ${expected} at ${path}`);
    this.name = 'DecodeError';
  }
}

export const text: Decoder<string> = (value, path) => {
  if (typeof value !== 'string') throw new DecodeError(path, 'text');
  return value;
};

export const integer: Decoder<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new DecodeError(path, 'whole number');
  return value;
};

export const flag: Decoder<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new DecodeError(path, 'true or false');
  return value;
};

export const nullable =
  <Value>(decoder: Decoder<Value>): Decoder<Value | null> =>
  (value, path) =>
    value === null || value === undefined ? null : decoder(value, path);

export const list =
  <Value>(decoder: Decoder<Value>): Decoder<readonly Value[]> =>
  (value, path) => {
    if (!Array.isArray(value)) throw new DecodeError(path, 'list');
    return value.map((item: unknown, index) => decoder(item, `${path}[${index}]`));
  };

export const oneOf =
  <const Name extends string>(...names: readonly Name[]): Decoder<Name> =>
  (value, path) => {
    const found = names.find((name) => name === value);
    if (found === undefined) throw new DecodeError(path, names.join(' or '));
    return found;
  };

type Shape = Readonly<Record<string, Decoder<unknown>>>;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const object =
  <S extends Shape>(shape: S): Decoder<{ readonly [Name in keyof S]: Decoded<S[Name]> }> =>
  (value, path) => {
    if (!isRecord(value)) throw new DecodeError(path, 'object');
    const entries = Object.entries(shape).map(([name, decoder]) => [name, decoder(value[name], `${path}.${name}`)]);
    return Object.fromEntries(entries) as { readonly [Name in keyof S]: Decoded<S[Name]> };
  };

/** A Relay connection, as its nodes. */
export const nodes = <Value>(decoder: Decoder<Value>): Decoder<readonly Value[]> => {
  const connection = object({ edges: list(object({ node: decoder })) });
  return (value, path) => connection(value, path).edges.map(({ node }) => node);
};
