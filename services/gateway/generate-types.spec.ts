import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { generatedTypesName, generateTypes } from './generate-types.js';

// Layout is the formatter's business: the committed file is formatted, the generator's output is not.
const tokens = (text: string): string => text.replace(/[\s;,|"']+/g, ' ').trim();

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
