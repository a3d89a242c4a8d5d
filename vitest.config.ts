import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

// Three projects because they cost differently: `unit` is pure, `int` starts real servers, `e2e` starts the product.
const test = (name: string, include: string[], timeoutMs: number) => ({
  plugins: [swc.vite({ module: { type: 'es6' } })],
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  oxc: false as const,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', '**/dist/**'],
    environment: 'node' as const,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    fileParallelism: name === 'unit',
  },
});

export default defineConfig({
  test: {
    projects: [
      test('unit', ['**/*.spec.ts', '!**/*.int.spec.ts', '!**/*.e2e.spec.ts'], 60_000),
      test('int', ['**/*.int.spec.ts'], 180_000),
      test('e2e', ['**/*.e2e.spec.ts'], 600_000),
    ],
  },
});
