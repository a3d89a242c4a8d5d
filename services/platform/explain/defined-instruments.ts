import { currencyCodeOf } from '#contracts/money/currencies.js';
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import { CommandRecordOffset, CommandRecordTag, recordBytes } from '#contracts/tape/layout.generated.js';
import type { CommitMessage } from '#contracts/tape/message.js';
import { wordsToText } from '#contracts/tape/text-words.js';
import { extensionOf, walkCommands, walkReports } from '#contracts/tape/walk.js';

/** What an explanation is told in: the terms that turn ticks, lots and units into decimals. */
export interface DefinedInstrument {
  readonly instrumentId: number;
  readonly symbol: string;
  readonly currency: string;
  readonly scale: InstrumentScale;
}

/** Whether a commit defines an instrument, found without decoding it: almost none does. */
const defines = ({ view, commands }: CommitMessage): boolean => {
  for (let index = 0; index < commands.count; index += 1) {
    if (view.getUint16(commands.at + index * recordBytes + CommandRecordOffset.kind, true) === CommandRecordTag.defineInstrument)
      return true;
  }
  return false;
};

/** Instruments that a commit has defined; refused definitions change nothing. */
export const definitionsOf = (commit: CommitMessage): readonly DefinedInstrument[] => {
  if (!defines(commit)) return [];
  const done = new Set<bigint>();
  for (const { commandNumber, record } of walkReports(commit)) if (record.type === 'done') done.add(commandNumber);
  const found: DefinedInstrument[] = [];
  for (const { commandNumber, record, extensions } of walkCommands(commit)) {
    const symbol = extensionOf(extensions, 'instrumentSymbol');
    if (record.type !== 'defineInstrument' || symbol === undefined || !done.has(commandNumber)) continue;
    const { tickMantissa, lotMantissa, tickExponent, lotExponent, moneyExponent } = symbol;
    found.push({
      instrumentId: record.instrumentId,
      symbol: wordsToText([symbol.text0, symbol.text1, symbol.text2, symbol.text3]),
      currency: currencyCodeOf(record.currencyId),
      scale: { tickMantissa: BigInt(tickMantissa), lotMantissa: BigInt(lotMantissa), tickExponent, lotExponent, moneyExponent },
    });
  }
  return found;
};
