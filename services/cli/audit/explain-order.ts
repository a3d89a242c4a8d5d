import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import {
  CancelReasonName,
  CommandKindName,
  OrderTypeName,
  SelfTradePreventionName,
  SideName,
  TriggerSourceName,
} from '#contracts/tape/codes.generated.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { walkCommands, walkReports } from '#contracts/tape/walk.js';
import type { EngineShard } from '#platform/engine/engine-shard.js';
import type { ExplanationNote } from '#platform/engine/explanation.js';
import { readTape } from '#platform/tape/tape-reader.js';

/** One command that the order had to do with, and what the engine noted about the order in it. */
export interface ExplainedCommand {
  readonly commandNumber: bigint;
  readonly command: string;
  readonly timeNanos: bigint;
  readonly notes: readonly ExplanationNote[];
}

export interface OrderExplanation {
  readonly orderId: bigint;
  readonly commands: readonly ExplainedCommand[];
  /** The order's own sums over all notes. */
  readonly filledLots: bigint;
  readonly feeUnits: bigint;
  /** Notes that found no room: the explanation is not whole. */
  readonly droppedNotes: number;
}

/** Commands of a commit that name the order, and whether its effects may stand in later parts, unseen from here. */
const concerned = (commit: CommitMessage, orderId: bigint): { readonly numbers: ReadonlySet<bigint>; readonly isOpen: boolean } => {
  const numbers = new Set<bigint>();
  for (const { commandNumber, record } of walkCommands(commit)) {
    if (commandNumber === orderId || ('orderId' in record && record.orderId === orderId)) numbers.add(commandNumber);
  }
  for (const { commandNumber, record } of walkReports(commit)) {
    const isNamed =
      ('orderId' in record && record.orderId === orderId) ||
      (record.type === 'trade' && (record.makerOrderId === orderId || record.takerOrderId === orderId));
    if (isNamed) numbers.add(commandNumber);
  }
  return { numbers, isOpen: commit.header.part === 0 && commit.header.lastPart !== 1 };
};

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

/** Splits the notes of a commit by command. Checks before an order is known belong to the command, so to whoever sent it. */
const sectionsOf = (notes: readonly ExplanationNote[], orderId: bigint, own: ReadonlySet<bigint>): ExplainedCommand[] => {
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
    if (isNamed || isOrderKnown || own.has(open.commandNumber)) open.notes.push(note);
  }
  return sections.filter(({ notes: kept }) => kept.length > 0);
};

/** Commands that were sent about the order: its placing, its amends and cancels. */
const sentAbout = (commit: CommitMessage, orderId: bigint): ReadonlySet<bigint> => {
  const own = new Set<bigint>([orderId]);
  for (const { commandNumber, record } of walkCommands(commit))
    if ('orderId' in record && record.orderId === orderId) own.add(commandNumber);
  return own;
};

/**
 * Executes the tape again and lets the engine explain every command that the order had to do with. The engine compares each commit byte for
 * byte, so what is explained is what happened. @throws FulltapeError as `EngineShard.apply`; UNKNOWN_ORDER when the tape does not name it.
 */
export const explainOrder = async (options: {
  readonly connection: NatsConnection;
  readonly shard: number;
  readonly engine: EngineShard;
  readonly orderId: bigint;
  readonly signal: AbortSignal;
  readonly progress: (commitNumber: bigint) => void;
}): Promise<OrderExplanation> => {
  const { connection, shard, engine, orderId, signal, progress } = options;
  const commands: ExplainedCommand[] = [];
  let droppedNotes = 0;
  for await (const entry of readTape(connection, shard, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    const commit = openCommit(entry.bytes);
    const { numbers, isOpen } = concerned(commit, orderId);
    const isAsked = numbers.size > 0 || isOpen;
    if (isAsked) {
      const { firstCommandNumber } = commit.header;
      const asked = isOpen ? [firstCommandNumber] : [...numbers].sort((one, other) => (one < other ? -1 : 1));
      engine.explain(asked[0] ?? 0n, asked.at(-1) ?? 0n, orderId);
    }
    engine.apply(entry.bytes);
    if (isAsked) {
      const { notes, droppedCount } = engine.explanation();
      droppedNotes += droppedCount;
      commands.push(...sectionsOf(notes, orderId, sentAbout(commit, orderId)));
      engine.explain(0n, 0n, 0n);
    }
    progress(engine.headCommitNumber);
  }
  if (commands.length === 0) throw new FulltapeError('UNKNOWN_ORDER', { orderId: String(orderId), shard: String(shard) });
  const all = commands.flatMap(({ notes }) => notes);
  const filledLots = all.reduce((sum, note) => {
    const isFill = (note.type === 'match' || note.type === 'auctioned') && ordersOf(note).includes(orderId);
    return isFill ? sum + note.lots : sum;
  }, 0n);
  const feeUnits = all.reduce((sum, note) => (note.type === 'fee' && note.orderId === orderId ? sum + note.feeUnits : sum), 0n);
  return { orderId, commands, filledLots, feeUnits, droppedNotes };
};

const limitText = (ticks: bigint): string => (ticks === 0n ? 'at the market' : `at ${ticks}`);

const checkText = (note: Extract<ExplanationNote, { type: 'check' }>): string => {
  const { check, observed, limit } = note;
  switch (note.relation) {
    case 'atMost':
      return `passed   ${check}: ${observed} is at most ${limit}`;
    case 'atLeast':
      return `passed   ${check}: ${observed} is at least ${limit}`;
    case 'holds':
      return `passed   ${check}`;
    case 'refused':
      return `REFUSED  ${check}${observed === 0n && limit === 0n ? '' : `: ${observed} against the bound ${limit}`}`;
  }
};

/** One note as a line for a person who asks about `orderId`. */
export const noteText = (note: ExplanationNote, orderId: bigint): string => {
  switch (note.type) {
    case 'command':
      return `command ${note.commandNumber}`;
    case 'order': {
      const side = SideName[note.side] ?? '?';
      const type = OrderTypeName[note.orderType] ?? '?';
      const trigger = note.stopTicks === 0n ? '' : `, trigger ${note.stopTicks}`;
      return `${note.step}: ${side} ${note.leavesLots} lots ${limitText(note.priceTicks)} (${type}${trigger})`;
    }
    case 'check':
      return checkText(note);
    case 'cost':
      return `needs    ${note.neededUnits} units: ${note.notionalUnits} and a fee of ${note.ratePpm} ppm`;
    case 'margin':
      return `margin   of the underlying from ${note.beforeUnits} to ${note.afterUnits} units, fee ${note.feeUnits}, given away ${note.givenUnits}`;
    case 'match': {
      const isTaker = note.takerOrderId === orderId;
      const other = isTaker ? note.makerOrderId : note.takerOrderId;
      const next = note.nextPlace === 0n ? 'nobody behind it at the price' : `the next at the price has place ${note.nextPlace}`;
      const worse = note.nextPriceTicks === 0n ? 'no worse price' : `the next price is ${note.nextPriceTicks}`;
      return `trade    ${note.lots} lots at ${note.priceTicks} with order ${other}, ${isTaker ? 'which rested' : 'which came in'}: best price, place ${note.makerPlace} (${next}, ${worse})`;
    }
    case 'auctioned': {
      const isBuy = note.buyOrderId === orderId;
      const other = isBuy ? note.sellOrderId : note.buyOrderId;
      return `auction  ${note.lots} lots at the auction price ${note.priceTicks} with order ${other} (own limit ${isBuy ? note.buyPriceTicks : note.sellPriceTicks})`;
    }
    case 'fee':
      return `fee      ${note.feeUnits} units as ${note.maker ? 'maker' : 'taker'}: (${note.notionalUnits} x ${note.ratePpm} ppm, carried ${note.carryBefore}) rounded up, ${note.carryAfter} carried on`;
    case 'rested':
      return `rests    ${note.leavesLots} lots at ${note.priceTicks} behind ${note.ordersAhead} orders (${note.lotsAhead} lots), ${note.betterLots} lots at better prices; ${note.reservedUnits} units held`;
    case 'shown':
      return `seen     of that: ${note.ordersAhead} orders (${note.lotsAhead} lots) ahead, ${note.betterLots} lots at better prices`;
    case 'waits':
      return `waits    for ${TriggerSourceName[note.triggerSource] ?? '?'} to reach ${note.stopTicks} (now ${note.priceTicks}); ${note.reservedUnits} units held`;
    case 'triggered':
      return `fires    ${TriggerSourceName[note.triggerSource] ?? '?'} is ${note.priceTicks}, ${note.rise ? 'at or above' : 'at or below'} ${note.stopTicks}`;
    case 'trailed':
      return `trails   trigger from ${note.beforeTicks} to ${note.stopTicks}, the price is ${note.priceTicks}`;
    case 'prevented': {
      const other = note.takerOrderId === orderId ? note.makerOrderId : note.takerOrderId;
      return `no trade with own order ${other}: ${SelfTradePreventionName[note.mode] ?? '?'}`;
    }
    case 'repriced':
      return `priced   ${note.priceTicks} instead of ${note.askedTicks}: the best opposite price is ${note.bestTicks}`;
    case 'refreshed':
      return `shows    ${note.shownLots} of ${note.leavesLots} lots, at the end of the queue`;
    case 'sized':
      return `sized    ${note.leavesLots} lots by the fills of its parent`;
    case 'carried':
      return `carried  ${note.carry} millionths of rounding from its sibling`;
    case 'lowered':
      return `lowered  by ${note.byLots} to ${note.leavesLots} lots: ${CancelReasonName[note.reason] ?? '?'}`;
    case 'ended':
      return `ended    ${note.leavesLots} lots open, ${note.cumLots} filled: ${CancelReasonName[note.reason] ?? '?'}`;
    case 'repeats':
      return `repeats command ${note.commandNumber}: the same answer, no effect`;
  }
};

/** The explanation for people: prices in ticks, quantities in lots, money in units of the instrument's currency. */
export const explanationLines = (explanation: OrderExplanation): readonly string[] => [
  `order ${explanation.orderId}: ${explanation.filledLots} lots filled, ${explanation.feeUnits} units of fees (prices in ticks, money in units)`,
  ...explanation.commands.flatMap(({ commandNumber, command, timeNanos, notes }) => [
    `${new Date(Number(timeNanos / 1_000_000n)).toISOString()}  command ${commandNumber}  ${command}`,
    ...notes.map((note) => `  ${noteText(note, explanation.orderId)}`),
  ]),
  ...(explanation.droppedNotes === 0 ? [] : [`${explanation.droppedNotes} notes found no room: the explanation is not whole`]),
];
