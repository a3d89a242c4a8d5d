import { GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import { numberedError } from './numbered-error.js';

/**
 * Scalars that travel as strings. The scalar refuses every other JSON type, because a number would already have passed through a
 * float; what the string says is checked by the command or query that takes it, which knows the instrument's steps and the limits.
 */
const stringScalar = (name: string, code: ErrorCode): GraphQLScalarType<string, string> => {
  const refuseOther = (given: string): never => {
    throw numberedError({ code, details: { scalar: name, given: given.slice(0, 64), expected: 'a string' } });
  };
  const parse = (value: unknown): string => (typeof value === 'string' ? value : refuseOther(String(value)));
  return new GraphQLScalarType<string, string>({
    name,
    serialize: (value) => {
      if (typeof value !== 'string') throw new TypeError(`${name} left the gateway as ${typeof value}`);
      return value;
    },
    parseValue: parse,
    parseLiteral: (node: ValueNode) =>
      node.kind === Kind.STRING ? node.value : refuseOther('value' in node ? String(node.value) : node.kind),
  });
};

export const scalars = {
  Decimal: stringScalar('Decimal', 'MALFORMED_DECIMAL'),
  DateTime: stringScalar('DateTime', 'INVALID_ARGUMENT'),
  Long: stringScalar('Long', 'INVALID_ARGUMENT'),
  Position: stringScalar('Position', 'MALFORMED_POSITION'),
} as const;
