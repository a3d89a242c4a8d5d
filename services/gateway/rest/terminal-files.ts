import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Built files carry a hash of their content in the name (Vite's `assets/`), so a browser may keep them for ever. */
const cacheControlOf = (path: string): string => (/[/\\]assets[/\\]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');

const notBuilt =
  '<!doctype html><title>Fulltape</title><p>The terminal is not built. Run <code>node scripts/setup.mjs</code>; the API is at <a href="/graphql">/graphql</a>.';

/** Serves the built terminal at `/`. Paths that no file has go on to the 404 of the API. */
export const serveTerminal = async (server: FastifyInstance, root: string): Promise<void> => {
  if (!existsSync(join(root, 'index.html'))) {
    server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(notBuilt));
    return;
  }
  await server.register(fastifyStatic, {
    root,
    index: 'index.html',
    cacheControl: false,
    wildcard: false, // the list of files is read once, so no path of a request ever reaches the disk
    setHeaders: (reply, path) => {
      reply.header('cache-control', cacheControlOf(path));
    },
  });
};
