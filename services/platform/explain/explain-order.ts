import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { CommandKindName } from '#contracts/tape/codes.generated.js';
import type { CommandRecordPlaceOrder } from '#contracts/tape/layout.generated.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { walkCommands, walkReports } from '#contracts/tape/walk.js';
import type { EngineShard } from '../engine/engine-shard.js';
import type { ExplanationNote } from '../engine/explanation.js';
import { readTape, tapeExtent } from '../tape/tape-reader.js';
import { definitionsOf, type DefinedInstrument } from './defined-instruments.js';

/** One command that the order had to do with, and what the engine noted about the order in it. */
export interface ExplainedCommand {
  readonly commandNumber: bigint;
  readonly command: string;
  readonly timeNanos: bigint;
  readonly notes: readonly ExplanationNote[];
}

export interface OrderExplanation {
  readonly orderId: bigint;
  /** Wire number of the type that it was placed as; null where the reading began behind its placing. */
  readonly orderType: number | null;
  /** Instrument of the order as the tape defined it; null where the reading began behind its definition. */
  readonly instrument: DefinedInstrument | null;
  readonly commands: readonly ExplainedCommand[];
  /** The order's own sums over all notes. */
  readonly filledLots: bigint;
  readonly feeUnits: bigint;
  /** Notes that found no room: the explanation is not whole. */
  readonly droppedNotes: number;
}

/** What a commit has to do with an order. */
interface Concern {
  /** Commands that were sent about it: its placing, its amends and cancels. */
  readonly sent: ReadonlySet<bigint>;
  /** These, and those whose reports name it. */
  readonly numbers: ReadonlySet<bigint>;
  /** Effects may stand in later parts, unseen from here. */
  readonly isOpen: boolean;
}

const concerned = (commit: CommitMessage, orderId: bigint): Concern => {
  const sent = new Set<bigint>();
  for (const { commandNumber, record } of walkCommands(commit)) {
    if (commandNumber === orderId || ('orderId' in record && record.orderId === orderId)) sent.add(commandNumber);
  }
  const numbers = new Set(sent);
  for (const { commandNumber, record } of walkReports(commit)) {
    const isNamed =
      ('orderId' in record && record.orderId === orderId) ||
      (record.type === 'trade' && (record.makerOrderId === orderId || record.takerOrderId === orderId));
    if (isNamed) numbers.add(commandNumber);
  }
  return { sent, numbers, isOpen: commit.header.part === 0 && commit.header.lastPart !== 1 };
};

/** A commit that the order has nothing to do with. */
const nobody: Concern = { sent: new Set(), numbers: new Set(), isOpen: false };

const ordersOf = (note: ExplanationNote): readonly bigint[] => {
  switch (note.type) {
    case 'match':
    case 'prevented':
      return [note.takerOrderId, note.makerOrderId];
    case 'auctioned':
      return [note.buyOrderId, note.sellOrderId];
    default:
      return 'orderId' in note ? [note.orderId] : [];
  }
};

/** Whether an order can be named by a commit: none is before the command that placed it. */
const mayConcern = ({ firstCommandNumber, commandCount }: CommitMessage['header'], orderId: bigint): boolean =>
  firstCommandNumber + BigInt(Math.max(1, commandCount)) > orderId;

const placingOf = (commit: CommitMessage, orderId: bigint): CommandRecordPlaceOrder | null => {
  for (const { commandNumber, record } of walkCommands(commit))
    if (commandNumber === orderId && record.type === 'placeOrder') return record;
  return null;
};

/** Splits the notes of a commit by command. Checks before an order is known belong to the command, so to whoever sent it. */
const sectionsOf = (notes: readonly ExplanationNote[], orderId: bigint, sent: ReadonlySet<bigint>): ExplainedCommand[] => {
  const sections: { commandNumber: bigint; command: string; timeNanos: bigint; notes: ExplanationNote[] }[] = [];
  let isOrderKnown = false;
  for (const note of notes) {
    const open = sections.at(-1);
    if (note.type === 'command') {
      isOrderKnown = false;
      const command = CommandKindName[note.commandKind] ?? `command kind ${note.commandKind}`;
      sections.push({ commandNumber: note.commandNumber, command, timeNanos: note.timeNanos, notes: [] });
      continue;
    }
    if (open === undefined) continue;
    if (note.type === 'order') isOrderKnown = true;
    const isNamed = ordersOf(note).includes(orderId);
    // Later parts of the placing carry no commands.
    const isSent = open.commandNumber === orderId || sent.has(open.commandNumber);
    if (isNamed || isOrderKnown || isSent) open.notes.push(note);
  }
  return sections.filter(({ notes: kept }) => kept.length > 0);
};

export interface ExplainOptions {
  readonly connection: NatsConnection;
  readonly shard: number;
  /** Stands before the command that placed the order: at the beginning, or behind a snapshot. */
  readonly engine: EngineShard;
  readonly orderId: bigint;
  /** Last command that had to do with the order; without it the tape is read to its end. */
  readonly untilCommand?: bigint;
  readonly signal: AbortSignal;
  readonly progress?: (commitNumber: bigint) => void;
}

/** @throws FulltapeError TAPE_NOT_KEPT when the broker does not hold what comes behind the engine's state any more. */
const checkKept = async ({ connection, shard, engine, orderId }: ExplainOptions): Promise<void> => {
  const { firstSequence, messages } = await tapeExtent(connection, shard);
  if (messages > 0n && firstSequence > engine.headCommitNumber + 1n)
    throw new FulltapeError('TAPE_NOT_KEPT', { orderId: String(orderId), firstCommit: String(firstSequence) });
};

/**
 * Executes the tape again and lets the engine explain every command that the order had to do with. The engine compares each commit byte for
 * byte, so what is explained is what happened. @throws FulltapeError as `EngineShard.apply`; UNKNOWN_ORDER when the tape does not name it,
 * TAPE_NOT_KEPT
 */
export const explainOrder = async (options: ExplainOptions): Promise<OrderExplanation> => {
  const { connection, shard, engine, orderId, untilCommand, signal, progress } = options;
  await checkKept(options);
  const commands: ExplainedCommand[] = [];
  const defined = new Map<number, DefinedInstrument>();
  let placing: CommandRecordPlaceOrder | null = null;
  let droppedNotes = 0;
  const fromStreamSequence = engine.headCommitNumber + 1n; // one message a commit
  for await (const entry of readTape(connection, shard, { fromStreamSequence, signal, idle: 'end' })) {
    const commit = openCommit(entry.bytes);
    if (untilCommand !== undefined && commit.header.firstCommandNumber > untilCommand) break;
    for (const instrument of definitionsOf(commit)) defined.set(instrument.instrumentId, instrument);
    const isPossible = mayConcern(commit.header, orderId);
    const { sent, numbers, isOpen } = isPossible ? concerned(commit, orderId) : nobody;
    const isAsked = numbers.size > 0 || isOpen;
    if (isAsked) {
      placing ??= placingOf(commit, orderId);
      const { firstCommandNumber } = commit.header;
      const asked = isOpen ? [firstCommandNumber] : [...numbers].sort((one, other) => (one < other ? -1 : 1));
      engine.explain(asked[0] ?? 0n, asked.at(-1) ?? 0n, orderId);
    }
    engine.apply(entry.bytes);
    if (isAsked) {
      const { notes, droppedCount } = engine.explanation();
      droppedNotes += droppedCount;
      commands.push(...sectionsOf(notes, orderId, sent));
      engine.explain(0n, 0n, 0n);
    }
    progress?.(engine.headCommitNumber);
  }
  // A reading that was stopped saw a part of it: no answer is better than half of one.
  signal.throwIfAborted();
  if (commands.length === 0) throw new FulltapeError('UNKNOWN_ORDER', { orderId: String(orderId), shard: String(shard) });
  const all = commands.flatMap(({ notes }) => notes);
  const filledLots = all.reduce((sum, note) => {
    const isFill = (note.type === 'match' || note.type === 'auctioned') && ordersOf(note).includes(orderId);
    return isFill ? sum + note.lots : sum;
  }, 0n);
  const feeUnits = all.reduce((sum, note) => (note.type === 'fee' && note.orderId === orderId ? sum + note.feeUnits : sum), 0n);
  const instrument = placing === null ? null : (defined.get(placing.instrumentId) ?? null);
  return { orderId, orderType: placing?.orderType ?? null, instrument, commands, filledLots, feeUnits, droppedNotes };
};
