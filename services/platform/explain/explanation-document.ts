import { formatMoney, formatQuantity } from '#contracts/money/instrument-scale.js';
import type { ExplanationNote } from '../engine/explanation.js';
import type { ExplainedCommand, OrderExplanation } from './explain-order.js';
import { noteText } from './explanation-words.js';

/** An explanation for programs: engine integers, and beside them the words and decimals that people read. */
export interface ExplanationDocument extends Omit<OrderExplanation, 'commands'> {
  /** Null where the instrument's scale is not known. */
  readonly filledQuantity: string | null;
  readonly fees: string | null;
  readonly commands: readonly (Omit<ExplainedCommand, 'notes'> & {
    readonly notes: readonly (ExplanationNote & { readonly text: string })[];
  })[];
}

export const explanationDocument = (explanation: OrderExplanation): ExplanationDocument => {
  const { orderId, orderType, instrument, filledLots, feeUnits } = explanation;
  return {
    ...explanation,
    filledQuantity: instrument === null ? null : formatQuantity(filledLots, instrument.scale),
    fees: instrument === null ? null : formatMoney(feeUnits, instrument.scale.moneyExponent),
    commands: explanation.commands.map((command) => ({
      ...command,
      notes: command.notes.map((note) => ({
        ...note,
        text: noteText(note, { orderId, orderType, instrument, reader: 'operator', timeNanos: command.timeNanos }),
      })),
    })),
  };
};
