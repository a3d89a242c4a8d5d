import type { GraphQLError } from 'graphql';
import { type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Identity } from '#platform/identity/identity.js';
import { checkQueryCost, isIntrospectionOnly } from '../security/query-cost.js';
import { numberedError } from './numbered-error.js';

/** Checks of a validated operation before anything of it runs, the same over HTTP and WebSocket; null when it may run. */
export const refuseOperation = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  request: { readonly identity: Identity | null; readonly variables: Readonly<Record<string, unknown>> },
): GraphQLError | null => {
  if (request.identity === null && !isIntrospectionOnly(operation)) return numberedError({ code: 'UNAUTHENTICATED' });
  const cost = checkQueryCost(schema, document, operation, request.variables);
  return cost.ok ? null : numberedError(cost.problem);
};
