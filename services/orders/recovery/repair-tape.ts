import { FulltapeError } from '#contracts/result/result.js';
import { logger } from '#platform/telemetry/logger.js';
import { rolledBackError, type HeadEvidence } from './rolled-back.js';
import { finishTape, type TakeOverOptions } from './take-over.js';
import type { TapeHeads } from './tape-heads.js';

/** What a repair has published again. Numbers are decimal strings, '0' where there was nothing. */
export interface RepairedTape {
  readonly lastSequence: bigint;
  readonly firstCommitNumber: string;
  readonly lastCommitNumber: string;
  readonly commits: number;
  readonly headHash: string;
  readonly stateHash: string;
}

/**
 * Publishes from the journal what the broker acknowledged and lost. The journal's groups are executed behind the tape's head and have to
 * give the very commits that the journal names, so what goes out is what was there.
 * @throws FulltapeError TAPE_ROLLED_BACK when the journal does not reach far enough (nothing was published), or what `finishTape` throws.
 */
export const repairTape = async (
  options: TakeOverOptions,
  heads: TapeHeads,
  witnesses: Pick<HeadEvidence, 'projected' | 'snapshot'>,
): Promise<RepairedTape> => {
  const { engine, shard } = options;
  const recorded = await heads.read();
  const { acknowledgedCommitNumber, lastCommitNumber } = engine.journal;
  const marks = [acknowledgedCommitNumber, recorded?.commitNumber ?? 0n, witnesses.snapshot];
  const wanted = marks.reduce((highest, mark) => (mark > highest ? mark : highest));
  if (lastCommitNumber < wanted) {
    const why = 'the journal does not hold what was lost';
    throw new FulltapeError('TAPE_ROLLED_BACK', {
      shard: String(shard),
      journalEnds: String(lastCommitNumber),
      acknowledged: String(wanted),
      why,
    });
  }
  const { republished, lastSequence } = await finishTape(options);
  const head = { commitNumber: engine.headCommitNumber, hash: engine.headHash, lastCommandNumber: engine.nextCommandNumber - 1n };
  const still = rolledBackError({ shard, head, journalAcknowledged: wanted, recorded, ...witnesses });
  if (still !== null) throw still;
  logger.warn({ shard, commits: republished.length, headCommitNumber: String(head.commitNumber) }, 'orders.tape-repaired');
  return {
    lastSequence,
    firstCommitNumber: String(republished[0]?.commitNumber ?? 0n),
    lastCommitNumber: String(republished.at(-1)?.commitNumber ?? 0n),
    commits: republished.length,
    headHash: head.hash,
    stateHash: engine.stateHash(),
  };
};
