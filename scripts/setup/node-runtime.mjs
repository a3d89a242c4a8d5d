// The Node that the product runs on: version 24 or newer, from the `node` package of the clone or the one that runs this.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const majorMin = 24;

/** Path of a Node >= 24, or undefined before the packages are installed. */
export const findNode = (root) => {
  const installed = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(installed)) return installed;
  return Number.parseInt(process.versions.node, 10) >= majorMin ? process.execPath : undefined;
};
