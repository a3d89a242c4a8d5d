import type { ApolloServerPlugin } from '@apollo/server';
import { formatNumbered } from './numbered-error.js';
import { refuseOperation } from './operation-guard.js';
import type { RequestContext } from './request-context.js';
import { logger } from '#platform/telemetry/logger.js';

/** Guards operations over HTTP and gives every error its request id. */
export const gatewayPlugin: ApolloServerPlugin<RequestContext> = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, operation, request, contextValue }) => {
        if (operation === undefined) return Promise.resolve(); // Apollo itself refuses a document without it
        const refused = refuseOperation(schema, document, operation, {
          identity: contextValue.identity,
          variables: request.variables ?? {},
        });
        if (refused !== null) throw refused;
        return Promise.resolve();
      },
      willSendResponse: ({ response, errors, contextValue }) => {
        if (response.body.kind !== 'single') return Promise.resolve();
        const { singleResult } = response.body;
        // Apollo keeps the order of the errors, so the original behind each formatted one is at the same index.
        const numbered = singleResult.errors?.map((formatted, index) =>
          formatNumbered(formatted, errors?.[index], {
            requestId: contextValue.requestId,
            onFault: (fault) => logger.error({ err: fault, requestId: contextValue.requestId }, 'gateway.graphql.fault'),
          }),
        );
        if (numbered !== undefined) response.body = { kind: 'single', singleResult: { ...singleResult, errors: numbered } };
        return Promise.resolve();
      },
    }),
};
