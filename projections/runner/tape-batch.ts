import { FulltapeError } from '#contracts/result/result.js';
import { ReportFlag } from '#contracts/tape/codes.generated.js';
import {
  CommandRecordOffset,
  CommandRecordTag,
  decodeCommandRecord,
  decodeReportRecord,
  recordBytes,
  ReportRecordOffset,
  ReportRecordTag,
  type CommandRecord,
  type ReportRecord,
} from '#contracts/tape/layout.generated.js';
import { openCommit, type CommitMessage } from '#contracts/tape/message.js';
import { readText, wordsToText } from '#contracts/tape/text-words.js';
import type { InstrumentRegistry } from './instrument-registry.js';
import { type InstrumentTerms } from './instrument-registry.js';

const clientOrderIdBytes = 36;

/** A command as its reports refer to it. Its records are decoded when somebody asks. */
export class CommandContext {
  constructor(
    private readonly view: DataView,
    private readonly at: number,
    readonly commandNumber: bigint,
  ) {}

  /** Union tag: CommandKind. */
  get kind(): number {
    return this.view.getUint16(this.at + CommandRecordOffset.kind, true);
  }

  get timeNanos(): bigint {
    return this.view.getBigUint64(this.at + CommandRecordOffset.timeNanos, true);
  }

  get record(): CommandRecord | null {
    return decodeCommandRecord(this.view, this.at);
  }

  get extensions(): CommandRecord[] {
    const count = this.view.getUint8(this.at);
    const found: CommandRecord[] = [];
    for (let step = 1; step <= count; step += 1) {
      const extension = decodeCommandRecord(this.view, this.at + step * recordBytes);
      if (extension !== null) found.push(extension);
    }
    return found;
  }

  /** Client order id, or null when the command has none. */
  get clientOrderId(): string | null {
    const count = this.view.getUint8(this.at);
    for (let step = 1; step <= count; step += 1) {
      const at = this.at + step * recordBytes;
      if (this.view.getUint16(at + CommandRecordOffset.kind, true) === CommandRecordTag.clientOrder) {
        return readText(this.view, at + CommandRecordOffset.clientOrder.text0, clientOrderIdBytes);
      }
    }
    return null;
  }
}

/** One primary report with all that a projector needs to turn it into rows. */
export interface TapeEffect {
  readonly command: CommandContext;
  /** Orders the effects of one command; counts on over the parts of a command that spans commits. */
  readonly recordIndex: number;
  readonly timeNanos: bigint;
  readonly outcome: boolean;
  readonly record: ReportRecord;
  readonly extensions: readonly ReportRecord[];
  /** Terms of the record's instrument, if it names one that the tape has defined. */
  readonly instrument: InstrumentTerms | undefined;
  /** Of the accepted outcome of a definition: the terms that it put in force. */
  readonly definition: InstrumentTerms | undefined;
}

/** A stored message of the tape. */
export interface TapeMessage {
  readonly streamSequence: bigint;
  readonly bytes: Uint8Array;
}

/** A run of whole commits, decoded once for all read models of a group. */
export interface TapeBatch {
  readonly effects: readonly TapeEffect[];
  /** Last command that is in the batch with all of its parts; null when the batch holds none. */
  readonly lastCommand: bigint | null;
  readonly registry: InstrumentRegistry;
}

/** A message that cannot be read or applied: it is set aside so that the stream goes on. */
export class PoisonMessage extends Error {
  constructor(
    readonly streamSequence: bigint,
    cause: unknown,
  ) {
    super(`message ${streamSequence} cannot be applied: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'PoisonMessage';
  }
}

const instrumentIdOf = (record: ReportRecord): number => ('instrumentId' in record ? record.instrumentId : 0);

/** Whether no command of the message goes on in the next one. Unreadable messages stand alone. */
export const endsCommands = (bytes: Uint8Array): boolean => {
  try {
    const { header } = openCommit(bytes);
    return header.lastPart === 1;
  } catch {
    return true;
  }
};

const commandsOf = (commit: CommitMessage): CommandContext[] => {
  const commands: CommandContext[] = [];
  let number = commit.header.firstCommandNumber;
  for (let index = 0; index < commit.commands.count;) {
    const at = commit.commands.at + index * recordBytes;
    commands.push(new CommandContext(commit.view, at, number));
    number += 1n;
    index += 1 + commit.view.getUint8(at);
  }
  return commands;
};

const termsOf = (command: CommandContext): InstrumentTerms | undefined => {
  if (command.kind !== CommandRecordTag.defineInstrument) return undefined;
  const { record } = command;
  const symbol = command.extensions.find((extension) => extension.type === 'instrumentSymbol');
  if (record?.type !== 'defineInstrument' || symbol?.type !== 'instrumentSymbol') return undefined;
  return {
    instrumentId: record.instrumentId,
    symbol: wordsToText([symbol.text0, symbol.text1, symbol.text2, symbol.text3]),
    currencyId: record.currencyId,
    scale: {
      tickMantissa: BigInt(symbol.tickMantissa),
      tickExponent: symbol.tickExponent,
      lotMantissa: BigInt(symbol.lotMantissa),
      lotExponent: symbol.lotExponent,
      moneyExponent: symbol.moneyExponent,
    },
  };
};

const noExtensions: readonly ReportRecord[] = [];

const decodeExtensions = (view: DataView, at: number, count: number): ReportRecord[] => {
  const extensions: ReportRecord[] = [];
  for (let step = 1; step <= count; step += 1) {
    const extension = decodeReportRecord(view, at + step * recordBytes);
    if (extension !== null) extensions.push(extension);
  }
  return extensions;
};

/** Report kinds that no read model of a store looks at are passed over undecoded. */
export type ReportKind = ReportRecord['type'];

/**
 * Decodes whole messages into effects in tape order. Outcomes that repeat an earlier answer (flag `Duplicate`) describe nothing new
 * and are left out.
 * @throws PoisonMessage naming the first message that is not a commit.
 */
export const decodeTapeBatch = (
  messages: readonly TapeMessage[],
  registry: InstrumentRegistry,
  kinds: readonly ReportKind[] = Object.keys(ReportRecordTag) as ReportKind[],
): TapeBatch => {
  const next = registry.fork();
  const wanted = new Set<number>([...kinds, 'done' as const].map((kind) => ReportRecordTag[kind]));
  const effects: TapeEffect[] = [];
  let commands: CommandContext[] = [];
  let recordBase = 0;
  let lastCommand: bigint | null = null;
  for (const message of messages) {
    try {
      const commit = openCommit(message.bytes);
      const { header, view, reports } = commit;
      // The commands of a command that spans commits stand in part 0 alone; an empty commit in between opens nothing.
      if (header.part === 0 && commit.commands.count > 0) {
        commands = commandsOf(commit);
        recordBase = 0;
      }
      for (let index = 0; index < reports.count;) {
        const at = reports.at + index * recordBytes;
        const extensionCount = view.getUint8(at + 1);
        const recordIndex = recordBase + index;
        index += 1 + extensionCount;
        if (!wanted.has(view.getUint16(at + ReportRecordOffset.kind, true))) continue;
        const record = decodeReportRecord(view, at);
        if (record === null || (record.flags & ReportFlag.Duplicate) !== 0) continue;
        const command = commands[record.commandIndex];
        if (command === undefined)
          throw new FulltapeError('TAPE_CORRUPT', { reason: `report of command ${record.commandIndex} of ${commands.length}` });
        const extensions = extensionCount === 0 ? noExtensions : decodeExtensions(view, at, extensionCount);
        const outcome = (record.flags & ReportFlag.Outcome) !== 0;
        const definition = record.type === 'done' && outcome ? termsOf(command) : undefined;
        if (definition !== undefined) next.define(definition);
        const instrument = next.get(instrumentIdOf(record));
        effects.push({ command, recordIndex, timeNanos: command.timeNanos, outcome, record, extensions, instrument, definition });
      }
      recordBase += reports.count;
      const last = commands.at(-1);
      if (header.lastPart === 1 && last !== undefined) lastCommand = last.commandNumber;
    } catch (error) {
      throw new PoisonMessage(message.streamSequence, error);
    }
  }
  return { effects, lastCommand, registry: next };
};

/** The terms that an effect's amounts are in. @throws FulltapeError TAPE_CORRUPT when the tape never defined the instrument. */
export const termsOfEffect = (effect: TapeEffect): InstrumentTerms => {
  if (effect.instrument !== undefined) return effect.instrument;
  throw new FulltapeError('TAPE_CORRUPT', {
    reason: `command ${effect.command.commandNumber} reports on an instrument that no command defined`,
  });
};
