// Generated from schemas/ by `npm run schemas`. Do not edit.

/** FIX tag 54. */
export const Side = { Buy: 1, Sell: 2 } as const;
export type Side = (typeof Side)[keyof typeof Side];
export type SideName = keyof typeof Side;
export const SideName: Readonly<Record<number, SideName>> = { 1: 'Buy', 2: 'Sell' };

/** FIX tag 40 (1 to 4); the rest are ours. */
export const OrderType = { Market: 1, Limit: 2, Stop: 3, StopLimit: 4, MarketToLimit: 5, TrailingStop: 6, TrailingStopLimit: 7, MarketIfTouched: 8, LimitIfTouched: 9, Pegged: 10 } as const;
export type OrderType = (typeof OrderType)[keyof typeof OrderType];
export type OrderTypeName = keyof typeof OrderType;
export const OrderTypeName: Readonly<Record<number, OrderTypeName>> = { 1: 'Market', 2: 'Limit', 3: 'Stop', 4: 'StopLimit', 5: 'MarketToLimit', 6: 'TrailingStop', 7: 'TrailingStopLimit', 8: 'MarketIfTouched', 9: 'LimitIfTouched', 10: 'Pegged' };

/** FIX tag 59, except Day, which is 8 because 0 is never valid here. */
export const TimeInForce = { GoodTillCancel: 1, AtTheOpening: 2, ImmediateOrCancel: 3, FillOrKill: 4, GoodForAuction: 5, GoodTillDate: 6, AtTheClose: 7, Day: 8 } as const;
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce];
export type TimeInForceName = keyof typeof TimeInForce;
export const TimeInForceName: Readonly<Record<number, TimeInForceName>> = { 1: 'GoodTillCancel', 2: 'AtTheOpening', 3: 'ImmediateOrCancel', 4: 'FillOrKill', 5: 'GoodForAuction', 6: 'GoodTillDate', 7: 'AtTheClose', 8: 'Day' };

/** What happens when an order would trade with its own account group. */
export const SelfTradePrevention = { Off: 0, CancelNewest: 1, CancelOldest: 2, CancelBoth: 3, DecrementAndCancel: 4 } as const;
export type SelfTradePrevention = (typeof SelfTradePrevention)[keyof typeof SelfTradePrevention];
export type SelfTradePreventionName = keyof typeof SelfTradePrevention;
export const SelfTradePreventionName: Readonly<Record<number, SelfTradePreventionName>> = { 0: 'Off', 1: 'CancelNewest', 2: 'CancelOldest', 3: 'CancelBoth', 4: 'DecrementAndCancel' };

/** Price that triggers a stop. */
export const TriggerSource = { None: 0, Last: 1, BidAsk: 2, Mark: 3 } as const;
export type TriggerSource = (typeof TriggerSource)[keyof typeof TriggerSource];
export type TriggerSourceName = keyof typeof TriggerSource;
export const TriggerSourceName: Readonly<Record<number, TriggerSourceName>> = { 0: 'None', 1: 'Last', 2: 'BidAsk', 3: 'Mark' };

/** What a pegged order follows. */
export const PegKind = { None: 0, Primary: 1, Mid: 2, Market: 3 } as const;
export type PegKind = (typeof PegKind)[keyof typeof PegKind];
export type PegKindName = keyof typeof PegKind;
export const PegKindName: Readonly<Record<number, PegKindName>> = { 0: 'None', 1: 'Primary', 2: 'Mid', 3: 'Market' };

/** Unit of a trailing offset. */
export const OffsetUnit = { None: 0, Ticks: 1, BasisPoints: 2 } as const;
export type OffsetUnit = (typeof OffsetUnit)[keyof typeof OffsetUnit];
export type OffsetUnitName = keyof typeof OffsetUnit;
export const OffsetUnitName: Readonly<Record<number, OffsetUnitName>> = { 0: 'None', 1: 'Ticks', 2: 'BasisPoints' };

/** FIX tag 1385. */
export const Contingency = { None: 0, OneCancelsOther: 1, OneTriggersOther: 2, Bracket: 3 } as const;
export type Contingency = (typeof Contingency)[keyof typeof Contingency];
export type ContingencyName = keyof typeof Contingency;
export const ContingencyName: Readonly<Record<number, ContingencyName>> = { 0: 'None', 1: 'OneCancelsOther', 2: 'OneTriggersOther', 3: 'Bracket' };

/** Role of an order in its list. */
export const LegRole = { None: 0, Entry: 1, TakeProfit: 2, StopLoss: 3, Sibling: 4, Child: 5 } as const;
export type LegRole = (typeof LegRole)[keyof typeof LegRole];
export type LegRoleName = keyof typeof LegRole;
export const LegRoleName: Readonly<Record<number, LegRoleName>> = { 0: 'None', 1: 'Entry', 2: 'TakeProfit', 3: 'StopLoss', 4: 'Sibling', 5: 'Child' };

/** FIX tag 39; docs/fix-names.md has the characters. */
export const OrderStatus = { New: 1, PartiallyFilled: 2, Filled: 3, DoneForDay: 4, Canceled: 5, PendingCancel: 6, Rejected: 7, Suspended: 8, PendingNew: 9, Expired: 10, PendingReplace: 11 } as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];
export type OrderStatusName = keyof typeof OrderStatus;
export const OrderStatusName: Readonly<Record<number, OrderStatusName>> = { 1: 'New', 2: 'PartiallyFilled', 3: 'Filled', 4: 'DoneForDay', 5: 'Canceled', 6: 'PendingCancel', 7: 'Rejected', 8: 'Suspended', 9: 'PendingNew', 10: 'Expired', 11: 'PendingReplace' };

/** FIX tag 150; docs/fix-names.md has the characters. */
export const ExecType = { New: 1, Trade: 2, Canceled: 3, Replaced: 4, Rejected: 5, Expired: 6, Suspended: 7, Triggered: 8, DoneForDay: 9, Restated: 10 } as const;
export type ExecType = (typeof ExecType)[keyof typeof ExecType];
export type ExecTypeName = keyof typeof ExecType;
export const ExecTypeName: Readonly<Record<number, ExecTypeName>> = { 1: 'New', 2: 'Trade', 3: 'Canceled', 4: 'Replaced', 5: 'Rejected', 6: 'Expired', 7: 'Suspended', 8: 'Triggered', 9: 'DoneForDay', 10: 'Restated' };

/** Why an order left the book or changed without a trade. */
export const CancelReason = { None: 0, Requested: 1, ImmediateRemainder: 2, FillOrKillUnfillable: 3, Expired: 4, SelfTradePrevention: 5, ListSibling: 6, TradingHalted: 7, SessionLost: 8, InstrumentExpired: 9, NoLiquidity: 10, ReducedPosition: 11, Operator: 12, AllOrNoneUnfillable: 13, Risk: 14, Repriced: 15, Refreshed: 16, AuctionRemainder: 17, ListRejected: 18, MarketClosed: 19, ListSized: 20, MinimumQuantityUnfillable: 21, PriceBand: 22, Trailed: 23 } as const;
export type CancelReason = (typeof CancelReason)[keyof typeof CancelReason];
export type CancelReasonName = keyof typeof CancelReason;
export const CancelReasonName: Readonly<Record<number, CancelReasonName>> = { 0: 'None', 1: 'Requested', 2: 'ImmediateRemainder', 3: 'FillOrKillUnfillable', 4: 'Expired', 5: 'SelfTradePrevention', 6: 'ListSibling', 7: 'TradingHalted', 8: 'SessionLost', 9: 'InstrumentExpired', 10: 'NoLiquidity', 11: 'ReducedPosition', 12: 'Operator', 13: 'AllOrNoneUnfillable', 14: 'Risk', 15: 'Repriced', 16: 'Refreshed', 17: 'AuctionRemainder', 18: 'ListRejected', 19: 'MarketClosed', 20: 'ListSized', 21: 'MinimumQuantityUnfillable', 22: 'PriceBand', 23: 'Trailed' };

/** How the trade came about. */
export const TradeKind = { Continuous: 1, Auction: 2, Settlement: 3 } as const;
export type TradeKind = (typeof TradeKind)[keyof typeof TradeKind];
export type TradeKindName = keyof typeof TradeKind;
export const TradeKindName: Readonly<Record<number, TradeKindName>> = { 1: 'Continuous', 2: 'Auction', 3: 'Settlement' };

/** What is traded. */
export const InstrumentKind = { Equity: 1, CryptoSpot: 2, Future: 3, Option: 4, ForeignExchange: 5 } as const;
export type InstrumentKind = (typeof InstrumentKind)[keyof typeof InstrumentKind];
export type InstrumentKindName = keyof typeof InstrumentKind;
export const InstrumentKindName: Readonly<Record<number, InstrumentKindName>> = { 1: 'Equity', 2: 'CryptoSpot', 3: 'Future', 4: 'Option', 5: 'ForeignExchange' };

/** Right of an option. */
export const OptionKind = { None: 0, Call: 1, Put: 2 } as const;
export type OptionKind = (typeof OptionKind)[keyof typeof OptionKind];
export type OptionKindName = keyof typeof OptionKind;
export const OptionKindName: Readonly<Record<number, OptionKindName>> = { 0: 'None', 1: 'Call', 2: 'Put' };

/** When an option may be exercised. */
export const ExerciseStyle = { None: 0, European: 1, American: 2 } as const;
export type ExerciseStyle = (typeof ExerciseStyle)[keyof typeof ExerciseStyle];
export type ExerciseStyleName = keyof typeof ExerciseStyle;
export const ExerciseStyleName: Readonly<Record<number, ExerciseStyleName>> = { 0: 'None', 1: 'European', 2: 'American' };

/** How buying power is computed. */
export const AccountKind = { Cash: 1, Margin: 2, Venue: 3, Replay: 4 } as const;
export type AccountKind = (typeof AccountKind)[keyof typeof AccountKind];
export type AccountKindName = keyof typeof AccountKind;
export const AccountKindName: Readonly<Record<number, AccountKindName>> = { 1: 'Cash', 2: 'Margin', 3: 'Venue', 4: 'Replay' };

/** What is allowed. Cancels always are. */
export const TradingState = { Active: 1, ReduceOnly: 2, Halted: 3 } as const;
export type TradingState = (typeof TradingState)[keyof typeof TradingState];
export type TradingStateName = keyof typeof TradingState;
export const TradingStateName: Readonly<Record<number, TradingStateName>> = { 1: 'Active', 2: 'ReduceOnly', 3: 'Halted' };

/** Phase of the trading day of an instrument. */
export const TradingPhase = { Closed: 1, PreOpen: 2, OpeningAuction: 3, Continuous: 4, VolatilityAuction: 5, ClosingAuction: 6, PostClose: 7 } as const;
export type TradingPhase = (typeof TradingPhase)[keyof typeof TradingPhase];
export type TradingPhaseName = keyof typeof TradingPhase;
export const TradingPhaseName: Readonly<Record<number, TradingPhaseName>> = { 1: 'Closed', 2: 'PreOpen', 3: 'OpeningAuction', 4: 'Continuous', 5: 'VolatilityAuction', 6: 'ClosingAuction', 7: 'PostClose' };

/** What a trading state applies to. */
export const StateScope = { Instrument: 1, Account: 2, Group: 3, Global: 4 } as const;
export type StateScope = (typeof StateScope)[keyof typeof StateScope];
export type StateScopeName = keyof typeof StateScope;
export const StateScopeName: Readonly<Record<number, StateScopeName>> = { 1: 'Instrument', 2: 'Account', 3: 'Group', 4: 'Global' };

/** Why a trading state or phase changed. */
export const StateReason = { None: 0, Operator: 1, Schedule: 2, CircuitBreaker: 3, LossLimit: 4, RejectRate: 5, Regulator: 6, Replay: 7, Definition: 8, Expiry: 9 } as const;
export type StateReason = (typeof StateReason)[keyof typeof StateReason];
export type StateReasonName = keyof typeof StateReason;
export const StateReasonName: Readonly<Record<number, StateReasonName>> = { 0: 'None', 1: 'Operator', 2: 'Schedule', 3: 'CircuitBreaker', 4: 'LossLimit', 5: 'RejectRate', 6: 'Regulator', 7: 'Replay', 8: 'Definition', 9: 'Expiry' };

/** What a limit applies to. */
export const LimitScope = { Account: 1, Group: 2, Instrument: 3, Global: 4 } as const;
export type LimitScope = (typeof LimitScope)[keyof typeof LimitScope];
export type LimitScopeName = keyof typeof LimitScope;
export const LimitScopeName: Readonly<Record<number, LimitScopeName>> = { 1: 'Account', 2: 'Group', 3: 'Instrument', 4: 'Global' };

/** Restricted list entry. */
export const Restriction = { None: 0, NoBuy: 1, NoSell: 2, NoTrade: 3, NoShortSale: 4 } as const;
export type Restriction = (typeof Restriction)[keyof typeof Restriction];
export type RestrictionName = keyof typeof Restriction;
export const RestrictionName: Readonly<Record<number, RestrictionName>> = { 0: 'None', 1: 'NoBuy', 2: 'NoSell', 3: 'NoTrade', 4: 'NoShortSale' };

/** What trips a circuit breaker. */
export const TripRule = { PriceMove: 1, Loss: 2, RejectRate: 3 } as const;
export type TripRule = (typeof TripRule)[keyof typeof TripRule];
export type TripRuleName = keyof typeof TripRule;
export const TripRuleName: Readonly<Record<number, TripRuleName>> = { 1: 'PriceMove', 2: 'Loss', 3: 'RejectRate' };

/** Why cash moved. */
export const CashReason = { Deposit: 1, Withdrawal: 2, Adjustment: 3, Seed: 4 } as const;
export type CashReason = (typeof CashReason)[keyof typeof CashReason];
export type CashReasonName = keyof typeof CashReason;
export const CashReasonName: Readonly<Record<number, CashReasonName>> = { 1: 'Deposit', 2: 'Withdrawal', 3: 'Adjustment', 4: 'Seed' };

/** Why a position moved without a trade. */
export const PositionReason = { TransferIn: 1, TransferOut: 2, Adjustment: 3, Seed: 4, CorporateAction: 5 } as const;
export type PositionReason = (typeof PositionReason)[keyof typeof PositionReason];
export type PositionReasonName = keyof typeof PositionReason;
export const PositionReasonName: Readonly<Record<number, PositionReasonName>> = { 1: 'TransferIn', 2: 'TransferOut', 3: 'Adjustment', 4: 'Seed', 5: 'CorporateAction' };

/** What the command did to the balance. */
export const BalanceReason = { Reservation: 1, Trade: 2, CashMovement: 3, Fee: 4, Settlement: 5, Allotment: 6 } as const;
export type BalanceReason = (typeof BalanceReason)[keyof typeof BalanceReason];
export type BalanceReasonName = keyof typeof BalanceReason;
export const BalanceReasonName: Readonly<Record<number, BalanceReasonName>> = { 1: 'Reservation', 2: 'Trade', 3: 'CashMovement', 4: 'Fee', 5: 'Settlement', 6: 'Allotment' };

/** Leg of a transfer between shards. */
export const AllotmentLeg = { Out: 1, In: 2 } as const;
export type AllotmentLeg = (typeof AllotmentLeg)[keyof typeof AllotmentLeg];
export type AllotmentLegName = keyof typeof AllotmentLeg;
export const AllotmentLegName: Readonly<Record<number, AllotmentLegName>> = { 1: 'Out', 2: 'In' };

/** Where a price comes from. */
export const PriceSource = { LastTrade: 1, Operator: 2, Provider: 3, Replay: 4, Definition: 5 } as const;
export type PriceSource = (typeof PriceSource)[keyof typeof PriceSource];
export type PriceSourceName = keyof typeof PriceSource;
export const PriceSourceName: Readonly<Record<number, PriceSourceName>> = { 1: 'LastTrade', 2: 'Operator', 3: 'Provider', 4: 'Replay', 5: 'Definition' };

/** What a price is used for. */
export const PricePurpose = { Reference: 1, Mark: 2, Both: 3 } as const;
export type PricePurpose = (typeof PricePurpose)[keyof typeof PricePurpose];
export type PricePurposeName = keyof typeof PricePurpose;
export const PricePurposeName: Readonly<Record<number, PricePurposeName>> = { 1: 'Reference', 2: 'Mark', 3: 'Both' };

/** What an answer promises. */
export const AckLevel = { Engine: 1, Durable: 2 } as const;
export type AckLevel = (typeof AckLevel)[keyof typeof AckLevel];
export type AckLevelName = keyof typeof AckLevel;
export const AckLevelName: Readonly<Record<number, AckLevelName>> = { 1: 'Engine', 2: 'Durable' };

/** The union tag of CommandRecord, for codes and counters. */
export const CommandKind = { PlaceOrder: 1, AmendOrder: 2, CancelOrder: 3, CancelAllOrders: 4, MoveCash: 5, MovePosition: 6, DefineInstrument: 7, DefineAccount: 8, SetTradingState: 9, SetReferencePrice: 10, AdvanceTime: 11, SetRiskLimits: 12, SetRestriction: 13, SetSession: 14, SettleInstrument: 15, KeepAlive: 16, TransferAllotment: 17, SetTripRule: 18 } as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];
export type CommandKindName = keyof typeof CommandKind;
export const CommandKindName: Readonly<Record<number, CommandKindName>> = { 1: 'PlaceOrder', 2: 'AmendOrder', 3: 'CancelOrder', 4: 'CancelAllOrders', 5: 'MoveCash', 6: 'MovePosition', 7: 'DefineInstrument', 8: 'DefineAccount', 9: 'SetTradingState', 10: 'SetReferencePrice', 11: 'AdvanceTime', 12: 'SetRiskLimits', 13: 'SetRestriction', 14: 'SetSession', 15: 'SettleInstrument', 16: 'KeepAlive', 17: 'TransferAllotment', 18: 'SetTripRule' };

/** Bits of placeOrder.instructions (FIX tag 18). */
export const OrderInstruction = { PostOnly: 1, PostOnlyReprice: 2, ReduceOnly: 4, Hidden: 8, AllOrNone: 16 } as const;

/** Bits of CommandRecord.flags of an amend: which fields apply. */
export const AmendFlag = { Price: 1, Quantity: 2, StopPrice: 4, DisplayQuantity: 8 } as const;

/** Bits of CommandRecord.flags of setTradingState. */
export const StateFlag = { CancelOrders: 1 } as const;

/** Bits of defineAccount.permissions. */
export const AccountPermission = { ShortSale: 1, Unlimited: 2, FeesOff: 4, CollarOff: 8 } as const;

/** Bits of ReportRecord.flags. */
export const ReportFlag = { Outcome: 1, Duplicate: 2, Ask: 4, LastOfCommand: 8 } as const;

/** Bits of AnswerRecord.flags. */
export const AnswerFlag = { Duplicate: 1 } as const;

/** Bits of Commit.flags. */
export const CommitFlag = { EpochStarted: 1, SignedHead: 2, SnapshotMark: 4 } as const;

/** Bits of CommandBatch.flags. */
export const BatchFlag = { TimeSupplied: 1 } as const;

/** Every numbered error of the platform, by code. */
export const errorTable = {
  MALFORMED_REQUEST: { number: 1001, retryable: false, message: "The request cannot be parsed, or nothing answers it where it was sent.", remedy: "Correct the request; the details say what is wrong with it." },
  INVALID_ARGUMENT: { number: 1002, retryable: false, message: "An argument is not valid.", remedy: "Correct the argument that the details name." },
  MALFORMED_DECIMAL: { number: 1003, retryable: false, message: "A decimal is not written as digits with an optional sign and point.", remedy: "Send decimals as strings such as \"12.50\", without an exponent." },
  DECIMAL_OUT_OF_RANGE: { number: 1004, retryable: false, message: "A decimal has more digits than the platform holds.", remedy: "Use at most 18 digits before and 18 after the point." },
  UNKNOWN_INSTRUMENT: { number: 1005, retryable: false, message: "No instrument has this symbol.", remedy: "List the instruments and use one of their symbols." },
  PRICE_OFF_TICK: { number: 1006, retryable: false, message: "A price, or a distance between prices, is not a multiple of the tick size.", remedy: "Round it to the instrument's tick size." },
  QUANTITY_OFF_LOT: { number: 1007, retryable: false, message: "A quantity is not a multiple of the lot size.", remedy: "Round it to the instrument's lot size." },
  QUANTITY_NOT_POSITIVE: { number: 1008, retryable: false, message: "A quantity, or a part of it, must be greater than zero.", remedy: "Send a positive quantity, or leave out what is no part of the order." },
  PRICE_NOT_POSITIVE: { number: 1009, retryable: false, message: "A price, or a distance from one, must be greater than zero.", remedy: "Send a positive value." },
  INVALID_CLIENT_ORDER_ID: { number: 1010, retryable: false, message: "A client order id has 1 to 36 characters of A-Z a-z 0-9 . _ : -", remedy: "Choose another client order id." },
  MALFORMED_COMMAND_MESSAGE: { number: 1011, retryable: false, message: "A command message is cut, misaligned or not of the schema.", remedy: "Encode the message with the published schema." },
  UNKNOWN_COMMAND_KIND: { number: 1012, retryable: false, message: "The command kind is not known to this engine version.", remedy: "Use a kind of the published schema." },
  BATCH_TOO_LARGE: { number: 1013, retryable: false, message: "The batch has more commands than one message may hold.", remedy: "Split the batch." },
  PRICE_NOT_ALLOWED: { number: 1014, retryable: false, message: "This order type takes no price, or needs one.", remedy: "Send the fields that the order type takes." },
  UNSUPPORTED_ORDER_TYPE: { number: 1015, retryable: false, message: "Order type, time in force, instructions and quantities of the order do not go together, or it cannot be amended so as it stands.", remedy: "See under Order types in docs/api.md what goes together and what an amend may change." },
  MALFORMED_POSITION: { number: 1016, retryable: false, message: "The position string was not made by this platform.", remedy: "Pass a position on unchanged, as an answer returned it." },
  AMEND_WITHOUT_CHANGE: { number: 1017, retryable: false, message: "The amend changes nothing.", remedy: "Send a new price, quantity or trigger." },
  INVALID_PAGE: { number: 1018, retryable: false, message: "The page arguments are not valid.", remedy: "Ask for 1 to 500 rows and pass cursors on unchanged." },
  QUERY_TOO_COMPLEX: { number: 1019, retryable: false, message: "The query is deeper or larger than allowed.", remedy: "Ask for less in one query." },
  AMOUNT_OFF_UNIT: { number: 1020, retryable: false, message: "The amount has more decimals than its currency holds.", remedy: "Round the amount to the currency's scale." },
  INSUFFICIENT_BUYING_POWER: { number: 2001, retryable: false, message: "The order costs more than the free cash of the account.", remedy: "Lower the order, deposit, or cancel orders that hold cash." },
  INSUFFICIENT_POSITION: { number: 2002, retryable: false, message: "The account holds less than the order sells and may not sell short.", remedy: "Lower the order or cancel sell orders that hold the position." },
  MAX_ORDER_QUANTITY: { number: 2003, retryable: false, message: "The quantity is above the limit.", remedy: "Split the order." },
  MIN_NOTIONAL: { number: 2004, retryable: false, message: "The order is worth less than the instrument's minimum.", remedy: "Raise quantity or price." },
  PRICE_OUTSIDE_COLLAR: { number: 2005, retryable: false, message: "The price is too far from the reference price.", remedy: "Use a price inside the collar." },
  NOTIONAL_OVERFLOW: { number: 2006, retryable: false, message: "Price times quantity leaves the range of the ledger.", remedy: "Lower the order." },
  MAX_ORDER_NOTIONAL: { number: 2007, retryable: false, message: "The order is worth more than the limit.", remedy: "Split the order." },
  MAX_OPEN_ORDERS: { number: 2008, retryable: false, message: "The account has as many open orders as it may.", remedy: "Cancel orders first." },
  POSITION_LIMIT: { number: 2009, retryable: false, message: "The order could take the position beyond its limit.", remedy: "Lower the order." },
  GROSS_EXPOSURE_LIMIT: { number: 2010, retryable: false, message: "The order could take gross exposure beyond its limit.", remedy: "Lower the order or reduce exposure." },
  NET_EXPOSURE_LIMIT: { number: 2011, retryable: false, message: "The order could take net exposure beyond its limit.", remedy: "Lower the order or reduce exposure." },
  ORDER_RATE_LIMIT: { number: 2012, retryable: true, message: "The account sends orders faster than it may.", remedy: "Slow down and send again." },
  DAILY_LOSS_LIMIT: { number: 2013, retryable: false, message: "The account has lost as much as it may today.", remedy: "Only orders that reduce positions are taken until the next day." },
  INSUFFICIENT_MARGIN: { number: 2014, retryable: false, message: "The order needs more margin than is free.", remedy: "Lower the order or deposit." },
  FAT_FINGER: { number: 2015, retryable: false, message: "The price crosses the book further than allowed.", remedy: "Check the price." },
  SHORT_SALE_NOT_PERMITTED: { number: 2016, retryable: false, message: "The account may not sell short.", remedy: "Ask for the permission or sell what is held." },
  COMPLIANCE_RESTRICTED: { number: 2017, retryable: false, message: "The instrument is on the restricted list for this account.", remedy: "Ask compliance." },
  REDUCE_ONLY: { number: 2018, retryable: false, message: "The order would do more than reduce the position, and it is reduce-only or trading is.", remedy: "Send an order against the position, of at most what other open orders leave of it." },
  STALE_REFERENCE_PRICE: { number: 2019, retryable: true, message: "The reference price is too old to check against.", remedy: "Wait for a fresh price." },
  INSUFFICIENT_ALLOTMENT: { number: 2020, retryable: false, message: "The shard holds less of the account's allotment than is to leave it.", remedy: "Free cash or positions first." },
  MARGIN_ACCOUNT_REQUIRED: { number: 2030, retryable: false, message: "Futures, and options that are not held, are traded from margin accounts.", remedy: "Use a margin account, or close what is held." },
  UNKNOWN_ORDER: { number: 3001, retryable: false, message: "No open order has this id.", remedy: "Read the order's state first." },
  TOO_LATE_TO_CANCEL: { number: 3002, retryable: false, message: "The order is already filled, cancelled or expired.", remedy: "It can be neither cancelled nor amended any more; place a new order if one is still wanted." },
  DUPLICATE_CLIENT_ORDER_ID: { number: 3003, retryable: false, message: "The client order id was used with other content.", remedy: "Use a new client order id for a new order." },
  MARKET_CLOSED: { number: 3004, retryable: true, message: "The instrument is not in a phase that takes this order.", remedy: "Send it when the phase allows it." },
  INSTRUMENT_HALTED: { number: 3005, retryable: true, message: "Trading in the instrument is halted.", remedy: "Wait for the halt to be lifted." },
  POST_ONLY_WOULD_TRADE: { number: 3006, retryable: false, message: "The post-only order would trade at once.", remedy: "Use a price that rests." },
  FILL_OR_KILL_UNFILLABLE: { number: 3007, retryable: false, message: "The order cannot be filled whole at once.", remedy: "Lower it or use another time in force." },
  NO_LIQUIDITY: { number: 3008, retryable: true, message: "The opposite side of the book is empty.", remedy: "Use a limit order or wait." },
  QUANTITY_BELOW_FILLED: { number: 3009, retryable: false, message: "The new quantity is not above what is already filled.", remedy: "Cancel the order instead." },
  ORDER_BOOK_FULL: { number: 3010, retryable: true, message: "The engine holds as many orders as it was given memory for.", remedy: "Raise engine.maxOrders or cancel orders." },
  INSTRUMENT_EXISTS: { number: 3011, retryable: false, message: "The instrument exists with other terms that cannot change now.", remedy: "Cancel its open orders first, or use another id." },
  UNKNOWN_INSTRUMENT_ID: { number: 3012, retryable: false, message: "The engine has no instrument with this id.", remedy: "Define the instrument first." },
  INVALID_INSTRUMENT_TERMS: { number: 3013, retryable: false, message: "Tick times lot times multiplier is not a whole number of money units, or a term is out of range.", remedy: "Correct the terms." },
  TIME_JUMP: { number: 3014, retryable: true, message: "The clock jumps forward by more than 5 s.", remedy: "An operator confirms the jump." },
  GLOBAL_HALT: { number: 3015, retryable: true, message: "All trading is halted.", remedy: "Wait for the halt to be lifted." },
  ACCOUNT_HALTED: { number: 3016, retryable: true, message: "Trading of the account or its group is halted.", remedy: "Ask the desk or the operator." },
  NO_REFERENCE_PRICE: { number: 3017, retryable: true, message: "There is no price to go by: market orders in a call, trailing and pegged orders, and what adds to a margin account's positions need one.", remedy: "Wait for a quote, a trade or a reference price; from a cash account a limit order needs none." },
  LIST_INVALID: { number: 3018, retryable: false, message: "The legs of an order list do not fit together.", remedy: "Send as many legs as legCount says, of one account and instrument, in order of legIndex, with roles that the contingency has." },
  LIST_CLOSED: { number: 3019, retryable: false, message: "The order list has ended, or has this leg already.", remedy: "Use a new list id." },
  INSTRUMENT_EXPIRED: { number: 3020, retryable: false, message: "The instrument has expired or was settled.", remedy: "Trade an instrument that lives." },
  MINIMUM_QUANTITY_UNFILLABLE: { number: 3021, retryable: false, message: "The minimum quantity cannot be filled at once.", remedy: "Lower the minimum quantity or wait for liquidity." },
  PRICE_OFF_TICK_TABLE: { number: 3022, retryable: false, message: "The price is not a multiple of the step that applies at it.", remedy: "Round the price to the step of its band." },
  INVALID_SESSION_CHANGE: { number: 3023, retryable: false, message: "The phase cannot follow the one that the instrument is in.", remedy: "Look up the phase and the plan of the instrument." },
  INSTRUMENT_NOT_EXPIRED: { number: 3035, retryable: false, message: "The instrument has not expired.", remedy: "Settle it after its expiry." },
  UNAUTHENTICATED: { number: 4001, retryable: false, message: "The token is missing or not valid.", remedy: "Send a valid bearer token." },
  FORBIDDEN: { number: 4002, retryable: false, message: "The token may not do this.", remedy: "Use a token with the permission." },
  UNKNOWN_ACCOUNT: { number: 4003, retryable: false, message: "No account has this id.", remedy: "List your accounts." },
  ACCOUNT_NOT_YOURS: { number: 4004, retryable: false, message: "The account or order belongs to somebody else.", remedy: "Use your own accounts." },
  INSUFFICIENT_CASH: { number: 4005, retryable: false, message: "The withdrawal is above the free cash of the account.", remedy: "Lower it or cancel orders that hold cash." },
  ACCOUNT_EXISTS: { number: 4006, retryable: false, message: "The account exists with other terms.", remedy: "Use another id." },
  UNKNOWN_CURRENCY: { number: 4007, retryable: false, message: "No currency has this code.", remedy: "Use a currency of the platform." },
  AMOUNT_NOT_POSITIVE: { number: 4008, retryable: false, message: "The amount must be greater than zero.", remedy: "Send a positive amount." },
  LEDGER_OVERFLOW: { number: 4009, retryable: false, message: "The movement leaves the range of the ledger.", remedy: "Lower the amount." },
  TABLE_FULL: { number: 4010, retryable: false, message: "The engine has no room for another account or instrument.", remedy: "Raise engine.maxAccounts or engine.maxInstruments." },
  TRANSFER_MISMATCH: { number: 4011, retryable: false, message: "The transfer id was used with other content.", remedy: "Use a new transfer id." },
  WRONG_EXPECTED_VERSION: { number: 5001, retryable: true, message: "The stream has moved on since it was read.", remedy: "Read the stream again and decide again." },
  PROJECTION_LAG: { number: 5002, retryable: true, message: "A read model has not reached the position in time.", remedy: "Ask again, or without atLeast." },
  STREAM_NOT_FOUND: { number: 5003, retryable: false, message: "The event stream does not exist.", remedy: "Check the id." },
  UNKNOWN_READ_MODEL: { number: 5004, retryable: false, message: "No read model has this name.", remedy: "fulltape projections list" },
  REBUILD_RUNNING: { number: 5005, retryable: true, message: "A rebuild of this read model is running.", remedy: "Wait for it or cancel it." },
  UNKNOWN_EVENT_TYPE: { number: 5006, retryable: false, message: "The event type or version is not known to this release.", remedy: "Use a release that knows it." },
  ALREADY_EXISTS: { number: 5007, retryable: false, message: "It exists already.", remedy: "Use another id or name." },
  READ_MODELS_DIFFER: { number: 5008, retryable: false, message: "The rebuilt read model differs from the one that is served.", remedy: "Look at the listed rows before switching." },
  DEAD_LETTERED: { number: 5009, retryable: false, message: "A message could not be applied and was set aside.", remedy: "fulltape projections dead-letters" },
  TAPE_NOT_KEPT: { number: 5010, retryable: false, message: "The tape does not reach back to the order any more.", remedy: "Read the order, its executions and its events from the read models." },
  REPLAY_FILE_INVALID: { number: 6001, retryable: false, message: "A replay file is empty, cut or not of the format.", remedy: "Check the line that the details name." },
  REPLAY_FILES_DIFFER: { number: 6002, retryable: false, message: "The message file and the order-book file do not have the same number of rows.", remedy: "Use the two files of one day and symbol." },
  REPLAY_BOOK_DIFFERS: { number: 6003, retryable: false, message: "The rebuilt book differs from the recorded one.", remedy: "Look at the row that is shown." },
  TAPE_ROLLED_BACK: { number: 8001, retryable: false, message: "The tape in the broker is shorter than what was acknowledged.", remedy: "fulltape audit repair" },
  TAPE_CORRUPT: { number: 8002, retryable: false, message: "The hash chain of the tape is broken.", remedy: "fulltape audit verify, then repair from an archive." },
  JOURNAL_CORRUPT: { number: 8003, retryable: false, message: "The journal holds a record that is not what was written.", remedy: "Keep the folder, start with an empty journal; the tape is complete." },
  DATA_FOLDER_CORRUPT: { number: 8004, retryable: false, message: "The data folder is not one of this platform or is damaged.", remedy: "fulltape doctor --data DIR" },
  DISK_FULL: { number: 8005, retryable: true, message: "Free disk space is below the bound.", remedy: "Free disk space or move the data folder." },
  STORE_UNAVAILABLE: { number: 8006, retryable: true, message: "A store does not answer.", remedy: "fulltape doctor shows which one." },
  ENGINE_VERSION_MISMATCH: { number: 8007, retryable: false, message: "The tape was written by another engine version.", remedy: "Run the release of that version on it, or begin a tape in another data folder (--data DIR); the old folder stays as it is." },
  REPLAY_DIVERGED: { number: 8008, retryable: false, message: "Executing the tape again gave other reports.", remedy: "fulltape audit replay names the first divergent command." },
  JOURNAL_FULL: { number: 8009, retryable: true, message: "The journal cannot grow.", remedy: "Free disk space." },
  SNAPSHOT_CORRUPT: { number: 8010, retryable: false, message: "The snapshot is damaged or its state does not add up.", remedy: "Nothing: an older snapshot or the tape is used. Check the disk, then delete the file." },
  SNAPSHOT_VERSION_MISMATCH: { number: 8011, retryable: false, message: "The snapshot was written by another version or for larger capacities.", remedy: "Nothing: the tape is replayed. Start with the capacities that the snapshot was taken with." },
  INTERNAL: { number: 9001, retryable: false, message: "An unexpected fault; it is in the log under this request id.", remedy: "Report it with the request id." },
  BUSY: { number: 9002, retryable: true, message: "The queue, the lag or the disk has passed its bound.", remedy: "Send again after the time that the answer names." },
  UNKNOWN_OUTCOME: { number: 9003, retryable: true, message: "It is not known whether the command took effect.", remedy: "Send the same client order id again: the answer will be the original one." },
  ENGINE_POISONED: { number: 9004, retryable: true, message: "The engine met a fault and is being rebuilt.", remedy: "Wait; it comes back by itself." },
  REJECTED_ENGINE_FAULT: { number: 9005, retryable: false, message: "The command makes the engine fail and was refused.", remedy: "Report it; it will not be executed." },
  NOT_LEADER: { number: 9006, retryable: true, message: "This process does not hold the lease of the shard.", remedy: "Send again; the lease holder answers." },
  FENCED: { number: 9007, retryable: true, message: "Another process has taken over the shard; this one has stopped writing.", remedy: "Send again; the lease holder answers." },
  REVOKED: { number: 9008, retryable: false, message: "The answer given at level ENGINE was lost with its machine.", remedy: "Send the command again." },
  TIMED_OUT: { number: 9009, retryable: true, message: "No answer in time; whether it took effect is not known.", remedy: "Send the same client order id again." },
  SHUTTING_DOWN: { number: 9010, retryable: true, message: "The process is stopping.", remedy: "Send again shortly." },
  ENVIRONMENT_INCOMPLETE: { number: 9011, retryable: false, message: "Something that the platform needs is not on this machine.", remedy: "fulltape doctor" },
  PORT_TAKEN: { number: 9012, retryable: false, message: "A port is in use.", remedy: "Use another port, or --port 0." },
  FFI_NULL_POINTER: { number: 9101, retryable: false, message: "A null pointer was passed to the engine.", remedy: "A fault of the caller." },
  FFI_BAD_HANDLE: { number: 9102, retryable: false, message: "The handle is unknown or was closed.", remedy: "A fault of the caller." },
  FFI_BUFFER_TOO_SMALL: { number: 9103, retryable: false, message: "The buffer is smaller than the call needs.", remedy: "A fault of the caller." },
  FFI_MISALIGNED: { number: 9104, retryable: false, message: "The buffer is not aligned to 8 bytes.", remedy: "A fault of the caller." },
  FFI_BAD_CONFIG: { number: 9105, retryable: false, message: "The engine configuration is not valid.", remedy: "The details name the field." },
  FFI_VERSION_MISMATCH: { number: 9106, retryable: false, message: "The native library is of another version than this program.", remedy: "Run set-up again." },
} as const;

export type ErrorCode = keyof typeof errorTable;

export const errorCodeOf: Readonly<Record<number, ErrorCode>> = {
  1001: 'MALFORMED_REQUEST',
  1002: 'INVALID_ARGUMENT',
  1003: 'MALFORMED_DECIMAL',
  1004: 'DECIMAL_OUT_OF_RANGE',
  1005: 'UNKNOWN_INSTRUMENT',
  1006: 'PRICE_OFF_TICK',
  1007: 'QUANTITY_OFF_LOT',
  1008: 'QUANTITY_NOT_POSITIVE',
  1009: 'PRICE_NOT_POSITIVE',
  1010: 'INVALID_CLIENT_ORDER_ID',
  1011: 'MALFORMED_COMMAND_MESSAGE',
  1012: 'UNKNOWN_COMMAND_KIND',
  1013: 'BATCH_TOO_LARGE',
  1014: 'PRICE_NOT_ALLOWED',
  1015: 'UNSUPPORTED_ORDER_TYPE',
  1016: 'MALFORMED_POSITION',
  1017: 'AMEND_WITHOUT_CHANGE',
  1018: 'INVALID_PAGE',
  1019: 'QUERY_TOO_COMPLEX',
  1020: 'AMOUNT_OFF_UNIT',
  2001: 'INSUFFICIENT_BUYING_POWER',
  2002: 'INSUFFICIENT_POSITION',
  2003: 'MAX_ORDER_QUANTITY',
  2004: 'MIN_NOTIONAL',
  2005: 'PRICE_OUTSIDE_COLLAR',
  2006: 'NOTIONAL_OVERFLOW',
  2007: 'MAX_ORDER_NOTIONAL',
  2008: 'MAX_OPEN_ORDERS',
  2009: 'POSITION_LIMIT',
  2010: 'GROSS_EXPOSURE_LIMIT',
  2011: 'NET_EXPOSURE_LIMIT',
  2012: 'ORDER_RATE_LIMIT',
  2013: 'DAILY_LOSS_LIMIT',
  2014: 'INSUFFICIENT_MARGIN',
  2015: 'FAT_FINGER',
  2016: 'SHORT_SALE_NOT_PERMITTED',
  2017: 'COMPLIANCE_RESTRICTED',
  2018: 'REDUCE_ONLY',
  2019: 'STALE_REFERENCE_PRICE',
  2020: 'INSUFFICIENT_ALLOTMENT',
  2030: 'MARGIN_ACCOUNT_REQUIRED',
  3001: 'UNKNOWN_ORDER',
  3002: 'TOO_LATE_TO_CANCEL',
  3003: 'DUPLICATE_CLIENT_ORDER_ID',
  3004: 'MARKET_CLOSED',
  3005: 'INSTRUMENT_HALTED',
  3006: 'POST_ONLY_WOULD_TRADE',
  3007: 'FILL_OR_KILL_UNFILLABLE',
  3008: 'NO_LIQUIDITY',
  3009: 'QUANTITY_BELOW_FILLED',
  3010: 'ORDER_BOOK_FULL',
  3011: 'INSTRUMENT_EXISTS',
  3012: 'UNKNOWN_INSTRUMENT_ID',
  3013: 'INVALID_INSTRUMENT_TERMS',
  3014: 'TIME_JUMP',
  3015: 'GLOBAL_HALT',
  3016: 'ACCOUNT_HALTED',
  3017: 'NO_REFERENCE_PRICE',
  3018: 'LIST_INVALID',
  3019: 'LIST_CLOSED',
  3020: 'INSTRUMENT_EXPIRED',
  3021: 'MINIMUM_QUANTITY_UNFILLABLE',
  3022: 'PRICE_OFF_TICK_TABLE',
  3023: 'INVALID_SESSION_CHANGE',
  3035: 'INSTRUMENT_NOT_EXPIRED',
  4001: 'UNAUTHENTICATED',
  4002: 'FORBIDDEN',
  4003: 'UNKNOWN_ACCOUNT',
  4004: 'ACCOUNT_NOT_YOURS',
  4005: 'INSUFFICIENT_CASH',
  4006: 'ACCOUNT_EXISTS',
  4007: 'UNKNOWN_CURRENCY',
  4008: 'AMOUNT_NOT_POSITIVE',
  4009: 'LEDGER_OVERFLOW',
  4010: 'TABLE_FULL',
  4011: 'TRANSFER_MISMATCH',
  5001: 'WRONG_EXPECTED_VERSION',
  5002: 'PROJECTION_LAG',
  5003: 'STREAM_NOT_FOUND',
  5004: 'UNKNOWN_READ_MODEL',
  5005: 'REBUILD_RUNNING',
  5006: 'UNKNOWN_EVENT_TYPE',
  5007: 'ALREADY_EXISTS',
  5008: 'READ_MODELS_DIFFER',
  5009: 'DEAD_LETTERED',
  5010: 'TAPE_NOT_KEPT',
  6001: 'REPLAY_FILE_INVALID',
  6002: 'REPLAY_FILES_DIFFER',
  6003: 'REPLAY_BOOK_DIFFERS',
  8001: 'TAPE_ROLLED_BACK',
  8002: 'TAPE_CORRUPT',
  8003: 'JOURNAL_CORRUPT',
  8004: 'DATA_FOLDER_CORRUPT',
  8005: 'DISK_FULL',
  8006: 'STORE_UNAVAILABLE',
  8007: 'ENGINE_VERSION_MISMATCH',
  8008: 'REPLAY_DIVERGED',
  8009: 'JOURNAL_FULL',
  8010: 'SNAPSHOT_CORRUPT',
  8011: 'SNAPSHOT_VERSION_MISMATCH',
  9001: 'INTERNAL',
  9002: 'BUSY',
  9003: 'UNKNOWN_OUTCOME',
  9004: 'ENGINE_POISONED',
  9005: 'REJECTED_ENGINE_FAULT',
  9006: 'NOT_LEADER',
  9007: 'FENCED',
  9008: 'REVOKED',
  9009: 'TIMED_OUT',
  9010: 'SHUTTING_DOWN',
  9011: 'ENVIRONMENT_INCOMPLETE',
  9012: 'PORT_TAKEN',
  9101: 'FFI_NULL_POINTER',
  9102: 'FFI_BAD_HANDLE',
  9103: 'FFI_BUFFER_TOO_SMALL',
  9104: 'FFI_MISALIGNED',
  9105: 'FFI_BAD_CONFIG',
  9106: 'FFI_VERSION_MISMATCH',
};
