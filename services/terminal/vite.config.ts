import { gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Everything that the first page loads, compressed; the build fails above it, so that a heavy dependency is a decision. */
const firstLoadBytesMax = 200 * 1024;

const sizeBudget = (): Plugin => ({
  name: 'size-budget',
  apply: 'build',
  writeBundle(_options, bundle) {
    let total = 0;
    for (const output of Object.values(bundle)) total += gzipSync(output.type === 'chunk' ? output.code : output.source).byteLength;
    const line = `first load ${(total / 1024).toFixed(1)} KiB gzip of ${firstLoadBytesMax / 1024} KiB allowed`;
    if (total > firstLoadBytesMax) this.error(line);
    this.info(line);
  },
});

// The target of the development server's proxy; the gateway serves the built files itself.
const gateway = process.env['FULLTAPE_GATEWAY_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss(), sizeBudget()],
  // No inlined assets: the page must work under `default-src 'self'`, which forbids data: addresses.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { host: '127.0.0.1', proxy: { '/graphql': { target: gateway, ws: true }, '/api': { target: gateway } } },
});
