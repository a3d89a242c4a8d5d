import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Newest block file of a shard's tape in the folder of a stopped broker. */
const newestBlock = (natsDir: string, shard: number): string => {
  const folder = join(natsDir, 'store', 'jetstream', '$G', 'streams', `TAPE_${shard}`, 'msgs');
  const blocks = readdirSync(folder).filter((name) => name.endsWith('.blk'));
  const newest = blocks.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1);
  if (newest === undefined) throw new Error(`${folder} holds no block file`);
  return join(folder, newest);
};

/** Flips one bit of the newest block file, `fraction` of the way into it; the broker must not run. */
export const flipBitOfTape = (natsDir: string, fraction: number, shard = 0): void => {
  const file = newestBlock(natsDir, shard);
  const at = Math.floor(statSync(file).size * fraction);
  const descriptor = openSync(file, 'r+');
  const byte = new Uint8Array(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
};
