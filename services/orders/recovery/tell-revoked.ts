import type { KV } from '@nats-io/kv';
import { extensionOf } from '#contracts/tape/walk.js';
import { orphanFiles, readOrphans, type IsOnTape, type OrphanedCommand, type OrphanFile } from '#platform/tape/orphan-files.js';
import { revocationMemoryMs, revokedTermsOf, type RevocationNotice, type RevokedCommand } from '#platform/tape/revocations.js';
import { logger } from '#platform/telemetry/logger.js';

/** Commands in one notice: about 400 KB of JSON, far below a message's bound. */
const commandsPerNoticeMax = 500;
/** Commands of one file that clients are told of; all of them are listed by `fulltape audit orphans`. */
const commandsPerFileMax = 20_000;

/** What a client was answered by client order id; null for commands that nobody waits for by such an id. */
const revokedCommandOf = ({
  record,
  extensions,
  commandNumber,
  accountId,
  clientOrderId,
  origClientOrderId,
}: OrphanedCommand): RevokedCommand | null => {
  if (accountId === null || clientOrderId === null) return null;
  const named = { accountId, clientOrderId, origClientOrderId, commandNumber: String(commandNumber) };
  switch (record.type) {
    case 'placeOrder': {
      const { instrumentId, side, orderType, timeInForce, instructions } = record;
      const amounts = {
        quantityLots: String(record.quantityLots),
        priceTicks: String(record.priceTicks),
        timeNanos: String(record.timeNanos),
      };
      const terms = extensionOf(extensions, 'orderTerms');
      const link = extensionOf(extensions, 'listLink');
      const asked = { placed: record, ...(terms === undefined ? {} : { terms }), ...(link === undefined ? {} : { link }) };
      return {
        kind: record.type,
        ...named,
        instrumentId,
        orderId: null,
        order: { side, orderType, timeInForce, instructions, ...amounts, terms: revokedTermsOf(asked) },
      };
    }
    case 'amendOrder':
    case 'cancelOrder':
      return {
        kind: record.type,
        ...named,
        instrumentId: record.instrumentId,
        orderId: record.orderId === 0n ? null : String(record.orderId),
        order: null,
      };
    default:
      return null;
  }
};

const tellFile = async (bucket: KV, shard: number, file: OrphanFile, isOnTape: IsOnTape): Promise<void> => {
  const keyOf = (part: number): string => `shard.${shard}.${file.name}.${part}`;
  // The first part is written last: when it is there, all are, whenever a process died in between.
  if ((await bucket.get(keyOf(0))) !== null) return;
  const all = (await readOrphans(file, isOnTape)).flatMap((command) => revokedCommandOf(command) ?? []);
  const told = all.slice(0, commandsPerFileMax);
  if (told.length < all.length) logger.warn({ shard, file: file.name, untold: all.length - told.length }, 'orders.revocations-cut');
  const parts = Math.max(1, Math.ceil(told.length / commandsPerNoticeMax));
  for (let part = parts - 1; part >= 0; part -= 1) {
    const commands = told.slice(part * commandsPerNoticeMax, (part + 1) * commandsPerNoticeMax);
    const notice: RevocationNotice = { version: 1, shard, revokedAt: file.setAsideAt.toISOString(), commands };
    await bucket.put(keyOf(part), JSON.stringify(notice));
  }
  logger.warn({ shard, file: file.name, commands: told.length, code: 'REVOKED' }, 'orders.revocations-told');
};

/**
 * Tells clients of every command that was set aside within the last 24 h and is not told yet. Called at each take-over, so a process that
 * dies between setting aside and telling leaves nothing untold. A notice that cannot be stored does not keep the shard from writing.
 */
export const tellRevoked = async (options: {
  readonly bucket: KV;
  readonly journalDir: string;
  readonly shard: number;
  readonly isOnTape: IsOnTape;
  readonly nowMs: number;
}): Promise<void> => {
  const { bucket, journalDir, shard, isOnTape, nowMs } = options;
  for (const file of orphanFiles(journalDir)) {
    if (nowMs - file.setAsideAt.getTime() > revocationMemoryMs) continue;
    try {
      await tellFile(bucket, shard, file, isOnTape);
    } catch (error) {
      logger.error({ shard, file: file.path, err: error, remedy: 'fulltape audit orphans lists them' }, 'orders.revocations-not-told');
    }
  }
};
