/** Reasons of orders and states in plain words, for people who read a blotter. */
import { errorTable, type CancelReasonName, type ErrorCode, type StateReasonName } from './codes.generated.js';

export const cancelSentences: Readonly<Record<CancelReasonName, string>> = {
  None: 'Nothing in particular.',
  Requested: 'Canceled as you asked.',
  ImmediateRemainder: 'The rest could not trade at once and was canceled.',
  FillOrKillUnfillable: 'It could not be filled whole at once.',
  Expired: 'Its time in force has ended.',
  SelfTradePrevention: 'It would have traded with an order of your own.',
  ListSibling: 'Another order of its list was filled, reduced or ended.',
  TradingHalted: 'Trading was halted.',
  SessionLost: 'The session that placed it was lost.',
  InstrumentExpired: 'The instrument has expired.',
  NoLiquidity: 'There was nobody to trade with.',
  ReducedPosition: 'There was less position left to reduce.',
  Operator: 'Canceled by an operator.',
  AllOrNoneUnfillable: 'It could not be filled whole.',
  Risk: 'A risk limit stopped it.',
  Repriced: 'Moved to a price that rests in the book.',
  Refreshed: 'The next visible part was shown.',
  AuctionRemainder: 'The auction left this part unfilled.',
  ListRejected: 'Another order of its list was refused.',
  MarketClosed: 'The market closed.',
  ListSized: 'Sized to the filled part of its entry order.',
  MinimumQuantityUnfillable: 'Its minimum quantity could not be filled at once.',
  PriceBand: 'The next price lay outside the price band of the instrument.',
  Trailed: 'Its trigger followed the price.',
};

export const stateSentences: Readonly<Record<StateReasonName, string>> = {
  None: 'No reason was given.',
  Operator: 'Set by an operator.',
  Schedule: 'By the trading schedule.',
  CircuitBreaker: 'A circuit breaker tripped.',
  LossLimit: 'The loss limit was reached.',
  RejectRate: 'Too many orders were refused.',
  Regulator: 'Set by the regulator.',
  Replay: 'Set by a replay.',
  Definition: 'As it was defined.',
  Expiry: 'The instrument has expired.',
};

/** A sentence for the `reason` of an order: the name of a cancel reason or the code of a refusal. Null for one that is not known. */
export const reasonSentence = (reason: string | null): string | null => {
  if (reason === null) return null;
  if (Object.hasOwn(cancelSentences, reason)) return cancelSentences[reason as CancelReasonName];
  return Object.hasOwn(errorTable, reason) ? errorTable[reason as ErrorCode].message : null;
};
