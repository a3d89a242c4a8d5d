import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '#contracts/time/wait-until.js';
import { tapeExtent } from '#platform/tape/tape-reader.js';
import type { OrdersWorld } from './orders-world.js';

/** Newest block file of a shard's tape in the folder of a stopped broker. */
const newestBlock = (natsDir: string, shard: number): string => {
  const folder = join(natsDir, 'store', 'jetstream', '$G', 'streams', `TAPE_${shard}`, 'msgs');
  const blocks = readdirSync(folder).filter((name) => name.endsWith('.blk'));
  const newest = blocks.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).at(-1);
  if (newest === undefined) throw new Error(`${folder} holds no block file`);
  return join(folder, newest);
};

/** Flips one bit of the newest block file, `fraction` of the way into it; the broker must not run. */
const flipBitOfTape = (natsDir: string, fraction: number, shard = 0): void => {
  const file = newestBlock(natsDir, shard);
  const at = Math.floor(statSync(file).size * fraction);
  const descriptor = openSync(file, 'r+');
  const byte = new Uint8Array(1);
  readSync(descriptor, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(descriptor, byte, 0, 1, at);
  closeSync(descriptor);
};

/** Kills the broker, damages the tape and starts the broker again, which keeps what was in front of the damage. */
export const loseEndOfTape = async ({ nats, connection }: Pick<OrdersWorld, 'nats' | 'connection'>, fraction: number): Promise<void> => {
  await nats.kill();
  flipBitOfTape(nats.dir, fraction);
  await nats.restart();
  const isThere = (): Promise<boolean> =>
    tapeExtent(connection, 0).then(
      () => true,
      () => false,
    );
  await waitUntil(isThere, { timeoutMs: 10_000, what: 'the broker' });
};
