import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, isInputObjectType } from 'graphql';
import { expect, it } from 'vitest';
import { generatedTypesName, generateTypes } from './generate-types.js';

// Layout is the formatter's business: the committed file is formatted, the generator's output is not.
const tokens = (text: string): string => text.replace(/[\s;,|"']+/g, ' ').trim();

it('the schema says which sign the offset of a peg has on each side', () => {
  const schema = buildSchema(readFileSync('schemas/schema.graphql', 'utf8'));
  for (const name of ['PlaceOrderInput', 'OrderLegInput']) {
    const input = schema.getType(name);
    const description = isInputObjectType(input) ? input.getFields()['pegOffset']?.description : undefined;
    expect(description, name).toContain('zero or negative of a BUY, zero or positive of a SELL');
  }
});

it('the committed types are those of the schema', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fulltape-graphql-types-'));
  try {
    const target = join(folder, 'graphql.generated.ts');
    await generateTypes(process.cwd(), target);
    expect(tokens(readFileSync(generatedTypesName, 'utf8'))).toBe(tokens(readFileSync(target, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
