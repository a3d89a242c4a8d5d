import { ok, refuse, type Result } from '../result/result.js';

/**
 * How far a source has been read or written. The tape shards and the event store count apart, so a position is a vector
 * of source and sequence; clients get it as an opaque string and pass it on unchanged.
 */
export interface Position {
  /** Per tape shard: the last command number, and the report record inside its commit where one effect is meant (0 = all of it). */
  readonly tape: ReadonlyMap<number, { readonly commandNumber: bigint; readonly recordIndex: number }>;
  /** Event-store sequence, if any. */
  readonly events: bigint | null;
}

export const emptyPosition: Position = { tape: new Map(), events: null };

export const tapePosition = (shard: number, commandNumber: bigint, recordIndex = 0): Position => ({
  tape: new Map([[shard, { commandNumber, recordIndex }]]),
  events: null,
});

export const eventsPosition = (sequence: bigint): Position => ({ tape: new Map(), events: sequence });

export const formatPosition = (position: Position): string => {
  const parts = [...position.tape]
    .sort(([a], [b]) => a - b)
    .map(([shard, { commandNumber, recordIndex }]) => `t${shard}.${commandNumber.toString(36)}.${recordIndex.toString(36)}`);
  if (position.events !== null) parts.push(`e${position.events.toString(36)}`);
  return Buffer.from(`1:${parts.join('_')}`, 'latin1').toString('base64url');
};

const partPattern = /^(?:t(\d{1,5})\.([0-9a-z]{1,13})\.([0-9a-z]{1,7})|e([0-9a-z]{1,13}))$/;

const parseBase36 = (text: string): bigint => {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value;
};

export const parsePosition = (text: string): Result<Position> => {
  const invalid = refuse('MALFORMED_POSITION', { position: text.slice(0, 64) });
  if (!/^[A-Za-z0-9_-]{1,512}$/.test(text)) return invalid;
  const plain = Buffer.from(text, 'base64url').toString('latin1');
  if (!plain.startsWith('1:')) return invalid;
  const tape = new Map<number, { commandNumber: bigint; recordIndex: number }>();
  let events: bigint | null = null;
  const body = plain.slice(2);
  for (const part of body === '' ? [] : body.split('_')) {
    const match = partPattern.exec(part);
    if (match === null) return invalid;
    if (match[4] !== undefined) events = parseBase36(match[4]);
    else tape.set(Number(match[1]), { commandNumber: parseBase36(match[2] ?? '0'), recordIndex: Number.parseInt(match[3] ?? '0', 36) });
  }
  return ok({ tape, events });
};

/** The later of two positions, source by source. */
export const laterPosition = (a: Position, b: Position): Position => {
  const tape = new Map(a.tape);
  for (const [shard, there] of b.tape) {
    const here = tape.get(shard);
    if (
      here === undefined ||
      there.commandNumber > here.commandNumber ||
      (there.commandNumber === here.commandNumber && there.recordIndex > here.recordIndex)
    )
      tape.set(shard, there);
  }
  const events = a.events === null ? b.events : b.events === null ? a.events : a.events > b.events ? a.events : b.events;
  return { tape, events };
};
