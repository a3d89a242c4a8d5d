import {
  getNamedType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ok, refuse, type Result } from '#contracts/result/result.js';

export const queryLimits = {
  /** Deepest useful query: orders > edges > node > executions > edges > node > instrument > quote > field. */
  depthMax: 12,
  /** Introspection of a type behind its wrappers. */
  introspectionDepthMax: 20,
  /** Fields that an answer may have, lists counted by their page size. About 10 MB of JSON. */
  fieldsMax: 200_000,
  /** Syntax tokens of a document, which bounds what parsing and validating it cost. */
  tokensMax: 5_000,
} as const;

/** Assumed length of a list that no argument bounds: accounts, positions, balances. */
const openListLength = 10;

interface Walk {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

const isList = (type: GraphQLOutputType): boolean => isListType(isNonNullType(type) ? type.ofType : type);

const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(1, value) : undefined;

const argumentCount = (walk: Walk, node: FieldNode, argument: GraphQLArgument): number | undefined => {
  const given = node.arguments?.find(({ name }) => name.value === argument.name)?.value;
  if (given?.kind === Kind.INT) return countOf(Number(given.value));
  if (given?.kind === Kind.VARIABLE) return countOf(walk.variables[given.name.value]) ?? countOf(argument.defaultValue);
  return countOf(argument.defaultValue);
};

/** How many values one field yields: its page size, an assumed length for an unbounded list, else 1. */
const multiplierOf = (
  walk: Walk,
  node: FieldNode,
  type: GraphQLOutputType,
  args: readonly GraphQLArgument[],
  parent: GraphQLNamedType,
): number => {
  const sizing = args.find(({ name }) => name === 'first' || name === 'depth');
  if (sizing !== undefined) return argumentCount(walk, node, sizing) ?? openListLength;
  if (!isList(type)) return 1;
  const sizedByParent = parent.name.endsWith('Connection') || parent.name === 'Book' || parent.name === 'BookUpdate';
  return sizedByParent ? 1 : openListLength;
};

interface Cost {
  readonly depth: number;
  readonly fields: number;
  readonly introspects: boolean;
}

const leaf: Cost = { depth: 0, fields: 0, introspects: false };

const selectionCost = (walk: Walk, selections: SelectionSetNode, parent: GraphQLNamedType): Cost => {
  let total = leaf;
  for (const selection of selections.selections) {
    const cost = ((): Cost => {
      switch (selection.kind) {
        case Kind.FIELD:
          return fieldCost(walk, selection, parent);
        case Kind.INLINE_FRAGMENT: {
          const type = selection.typeCondition === undefined ? parent : walk.schema.getType(selection.typeCondition.name.value);
          return type === undefined ? leaf : selectionCost(walk, selection.selectionSet, type);
        }
        case Kind.FRAGMENT_SPREAD: {
          const fragment = walk.fragments.get(selection.name.value);
          const type = fragment === undefined ? undefined : walk.schema.getType(fragment.typeCondition.name.value);
          return fragment === undefined || type === undefined ? leaf : selectionCost(walk, fragment.selectionSet, type);
        }
      }
    })();
    total = {
      depth: Math.max(total.depth, cost.depth),
      fields: total.fields + cost.fields,
      introspects: total.introspects || cost.introspects,
    };
    if (total.fields > queryLimits.fieldsMax * 10) return total; // far beyond: stop counting
  }
  return total;
};

const fieldCost = (walk: Walk, node: FieldNode, parent: GraphQLNamedType): Cost => {
  const name = node.name.value;
  if (name === '__schema' || name === '__type') return { depth: syntacticDepth(walk, node.selectionSet), fields: 100, introspects: true };
  const field = isCompositeType(parent) && 'getFields' in parent ? parent.getFields()[name] : undefined;
  if (field === undefined) return { depth: 1, fields: 1, introspects: false };
  const count = multiplierOf(walk, node, field.type, field.args, parent);
  if (node.selectionSet === undefined) return { depth: 1, fields: count, introspects: false };
  const inner = selectionCost(walk, node.selectionSet, getNamedType(field.type));
  return { depth: inner.depth + 1, fields: 1 + count * Math.max(1, inner.fields), introspects: inner.introspects };
};

const syntacticDepth = (walk: Walk, selections: SelectionSetNode | undefined): number => {
  let depth = 0;
  for (const selection of selections?.selections ?? []) {
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? syntacticDepth(walk, walk.fragments.get(selection.name.value)?.selectionSet)
        : syntacticDepth(walk, selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
    depth = Math.max(depth, inner);
  }
  return depth;
};

/**
 * Refuses a validated operation that is too deep or whose answer could be too large. Validation has to come first: it guarantees
 * that fragments do not contain each other.
 */
export const checkQueryCost = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Result<{ readonly depth: number; readonly fields: number }> => {
  const fragments = new Map(
    document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION).map((node) => [node.name.value, node]),
  );
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return ok({ depth: 0, fields: 0 });
  const { depth, fields, introspects } = selectionCost({ schema, fragments, variables }, operation.selectionSet, root);
  const depthMax = introspects ? queryLimits.introspectionDepthMax : queryLimits.depthMax;
  if (depth > depthMax) return refuse('QUERY_TOO_COMPLEX', { depth: String(depth), limit: String(depthMax) });
  if (fields > queryLimits.fieldsMax) return refuse('QUERY_TOO_COMPLEX', { fields: String(fields), limit: String(queryLimits.fieldsMax) });
  return ok({ depth, fields });
};

/** Whether an operation asks for the schema alone, which needs no token. */
export const isIntrospectionOnly = (operation: OperationDefinitionNode): boolean =>
  operation.selectionSet.selections.every(
    (selection) => selection.kind === Kind.FIELD && ['__schema', '__type', '__typename'].includes(selection.name.value),
  );
