/**
 * Writes graphql.generated.ts from schemas/schema.graphql, which is the source of the API.
 * Run by `npm run schemas`, or alone: node dist/services/gateway/generate-types.js [target file]
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GraphQLDefinitionsFactory } from '@nestjs/graphql';

export const generatedTypesName = 'services/gateway/graphql.generated.ts';

/** Generates the types of the schema of the installation at `rootDir` into `target`. */
export const generateTypes = async (rootDir: string, target: string): Promise<void> => {
  await new GraphQLDefinitionsFactory().generate({
    typePaths: [join(rootDir, 'schemas', 'schema.graphql')],
    path: target,
    outputAs: 'interface',
    enumsAsTypes: true,
    skipResolverArgs: true,
    debug: false,
    defaultScalarType: 'string',
    customScalarTypeMapping: { Decimal: 'string', DateTime: 'string', Long: 'string', Position: 'string' },
    additionalHeader: '// Generated from schemas/schema.graphql by services/gateway/generate-types.ts. Do not edit.',
  });
};

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await generateTypes(process.cwd(), process.argv[2] ?? join(process.cwd(), generatedTypesName));
}
