import { describe, expect, it } from 'vitest';
import { rolledBackError, type HeadEvidence } from './rolled-back.js';

const hash = 'ab'.repeat(32);
const evidence = (change: Partial<HeadEvidence>): HeadEvidence => ({
  shard: 0,
  head: { commitNumber: 10n, hash, lastCommandNumber: 40n },
  journalAcknowledged: 10n,
  recorded: { commitNumber: 10n, streamSequence: 10n, hash },
  projected: 40n,
  snapshot: 7n,
  ...change,
});

describe('a tape that lost its end', () => {
  it.each([
    ['the tape holds all that is known', {}, null],
    ['nothing is known', { journalAcknowledged: 0n, recorded: null, projected: null, snapshot: 0n }, null],
    ['there is a snapshot of its last commit', { snapshot: 10n }, null],
    [
      'there is a snapshot of a later commit',
      { journalAcknowledged: 0n, recorded: null, projected: null, snapshot: 11n },
      'TAPE_ROLLED_BACK',
    ],
    [
      'the witnesses are behind',
      { journalAcknowledged: 8n, recorded: { commitNumber: 9n, streamSequence: 9n, hash: 'cd'.repeat(32) } },
      null,
    ],
    ['a read model has applied more', { projected: 41n }, 'TAPE_ROLLED_BACK'],
    ['the journal saw more acknowledged', { journalAcknowledged: 11n }, 'TAPE_ROLLED_BACK'],
    ['the recorded head is further', { recorded: { commitNumber: 11n, streamSequence: 11n, hash } }, 'TAPE_ROLLED_BACK'],
    ['the head is another one', { recorded: { commitNumber: 10n, streamSequence: 10n, hash: 'cd'.repeat(32) } }, 'TAPE_CORRUPT'],
    [
      'the tape is empty',
      { head: { commitNumber: 0n, hash: '00'.repeat(32), lastCommandNumber: 0n }, journalAcknowledged: 0n, projected: null },
      'TAPE_ROLLED_BACK',
    ],
  ])('%s', (_name, change, code) => {
    expect(rolledBackError(evidence(change))?.code ?? null).toBe(code);
  });
});
