/** Terms of orders as the API names them. */
import { hasTrigger, instructionNamesOf, type ChangingTerms, type OrderTermsText } from '#contracts/tape/order-terms.js';
import { reasonSentence } from '#contracts/tape/reason-sentences.js';
import type { Order } from '../graphql.generated.js';
import {
  contingencyNames,
  instructionNames,
  legRoleNames,
  offsetUnitNames,
  pegKindNames,
  selfTradePreventionNames,
  triggerSourceNames,
} from '../graphql/enum-names.js';

export type ChangingTermNodes = Required<Pick<Order, 'stopPrice' | 'displayQuantity' | 'minimumQuantity' | 'expireTime'>>;
export type TermNodes = ChangingTermNodes &
  Required<
    Pick<
      Order,
      | 'triggerSource'
      | 'triggered'
      | 'trailingOffset'
      | 'trailingUnit'
      | 'limitOffset'
      | 'pegKind'
      | 'pegOffset'
      | 'selfTradePrevention'
      | 'list'
    >
  >;

/** Terms that a later event may tell anew. */
export const changingNodesOf = ({ stopPrice, displayQuantity, minimumQuantity, expireTime }: ChangingTerms): ChangingTermNodes => ({
  stopPrice,
  displayQuantity,
  minimumQuantity,
  expireTime,
});

export const termNodesOf = (terms: OrderTermsText, isTriggered: boolean): TermNodes => ({
  ...changingNodesOf(terms),
  triggerSource: terms.triggerSource === null ? null : triggerSourceNames[terms.triggerSource],
  triggered: hasTrigger(terms) ? isTriggered : null,
  trailingOffset: terms.trailingOffset,
  trailingUnit: terms.trailingUnit === null ? null : offsetUnitNames[terms.trailingUnit],
  limitOffset: terms.limitOffset,
  pegKind: terms.pegKind === null ? null : pegKindNames[terms.pegKind],
  pegOffset: terms.pegOffset,
  selfTradePrevention: selfTradePreventionNames[terms.selfTradePrevention],
  list:
    terms.listId === null || terms.contingency === null
      ? null
      : {
          listId: terms.listId,
          contingency: contingencyNames[terms.contingency],
          role: terms.legRole === null ? null : legRoleNames[terms.legRole],
          index: terms.legIndex ?? 0,
          count: terms.legCount ?? 0,
        },
});

export const instructionNodesOf = (instructions: number): Pick<Order, 'instructions' | 'postOnly'> => {
  const names = instructionNamesOf(instructions);
  return { instructions: names.map((name) => instructionNames[name]), postOnly: names.includes('PostOnly') };
};

export const reasonNodesOf = (reason: string | null): Required<Pick<Order, 'reason' | 'reasonText'>> => ({
  reason,
  reasonText: reasonSentence(reason),
});
