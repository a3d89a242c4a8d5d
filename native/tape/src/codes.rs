// Generated from schemas/ by `npm run schemas`. Do not edit.

//! Values of the small integer fields, and the table of numbered errors.

/// FIX tag 54.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Value 1.
    Buy = 1,
    /// Value 2.
    Sell = 2,
}

impl Side {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Buy),
            2 => Some(Self::Sell),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// FIX tag 40 (1 to 4); the rest are ours.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderType {
    /// Value 1.
    Market = 1,
    /// Value 2.
    Limit = 2,
    /// Value 3.
    Stop = 3,
    /// Value 4.
    StopLimit = 4,
    /// Value 5.
    MarketToLimit = 5,
    /// Value 6.
    TrailingStop = 6,
    /// Value 7.
    TrailingStopLimit = 7,
    /// Value 8.
    MarketIfTouched = 8,
    /// Value 9.
    LimitIfTouched = 9,
    /// Value 10.
    Pegged = 10,
}

impl OrderType {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Market),
            2 => Some(Self::Limit),
            3 => Some(Self::Stop),
            4 => Some(Self::StopLimit),
            5 => Some(Self::MarketToLimit),
            6 => Some(Self::TrailingStop),
            7 => Some(Self::TrailingStopLimit),
            8 => Some(Self::MarketIfTouched),
            9 => Some(Self::LimitIfTouched),
            10 => Some(Self::Pegged),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// FIX tag 59, except Day, which is 8 because 0 is never valid here.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeInForce {
    /// Value 1.
    GoodTillCancel = 1,
    /// Value 2.
    AtTheOpening = 2,
    /// Value 3.
    ImmediateOrCancel = 3,
    /// Value 4.
    FillOrKill = 4,
    /// Value 5.
    GoodForAuction = 5,
    /// Value 6.
    GoodTillDate = 6,
    /// Value 7.
    AtTheClose = 7,
    /// Value 8.
    Day = 8,
}

impl TimeInForce {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::GoodTillCancel),
            2 => Some(Self::AtTheOpening),
            3 => Some(Self::ImmediateOrCancel),
            4 => Some(Self::FillOrKill),
            5 => Some(Self::GoodForAuction),
            6 => Some(Self::GoodTillDate),
            7 => Some(Self::AtTheClose),
            8 => Some(Self::Day),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What happens when an order would trade with its own account group.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SelfTradePrevention {
    /// Value 0.
    Off = 0,
    /// Value 1.
    CancelNewest = 1,
    /// Value 2.
    CancelOldest = 2,
    /// Value 3.
    CancelBoth = 3,
    /// Value 4.
    DecrementAndCancel = 4,
}

impl SelfTradePrevention {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Off),
            1 => Some(Self::CancelNewest),
            2 => Some(Self::CancelOldest),
            3 => Some(Self::CancelBoth),
            4 => Some(Self::DecrementAndCancel),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Price that triggers a stop.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TriggerSource {
    /// Value 0.
    None = 0,
    /// Value 1.
    Last = 1,
    /// Value 2.
    BidAsk = 2,
    /// Value 3.
    Mark = 3,
}

impl TriggerSource {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Last),
            2 => Some(Self::BidAsk),
            3 => Some(Self::Mark),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a pegged order follows.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PegKind {
    /// Value 0.
    None = 0,
    /// Value 1.
    Primary = 1,
    /// Value 2.
    Mid = 2,
    /// Value 3.
    Market = 3,
}

impl PegKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Primary),
            2 => Some(Self::Mid),
            3 => Some(Self::Market),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Unit of a trailing offset.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OffsetUnit {
    /// Value 0.
    None = 0,
    /// Value 1.
    Ticks = 1,
    /// Value 2.
    BasisPoints = 2,
}

impl OffsetUnit {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Ticks),
            2 => Some(Self::BasisPoints),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// FIX tag 1385.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contingency {
    /// Value 0.
    None = 0,
    /// Value 1.
    OneCancelsOther = 1,
    /// Value 2.
    OneTriggersOther = 2,
    /// Value 3.
    Bracket = 3,
}

impl Contingency {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::OneCancelsOther),
            2 => Some(Self::OneTriggersOther),
            3 => Some(Self::Bracket),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Role of an order in its list.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegRole {
    /// Value 0.
    None = 0,
    /// Value 1.
    Entry = 1,
    /// Value 2.
    TakeProfit = 2,
    /// Value 3.
    StopLoss = 3,
    /// Value 4.
    Sibling = 4,
    /// Value 5.
    Child = 5,
}

impl LegRole {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Entry),
            2 => Some(Self::TakeProfit),
            3 => Some(Self::StopLoss),
            4 => Some(Self::Sibling),
            5 => Some(Self::Child),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// FIX tag 39; docs/fix-names.md has the characters.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrderStatus {
    /// Value 1.
    New = 1,
    /// Value 2.
    PartiallyFilled = 2,
    /// Value 3.
    Filled = 3,
    /// Value 4.
    DoneForDay = 4,
    /// Value 5.
    Canceled = 5,
    /// Value 6.
    PendingCancel = 6,
    /// Value 7.
    Rejected = 7,
    /// Value 8.
    Suspended = 8,
    /// Value 9.
    PendingNew = 9,
    /// Value 10.
    Expired = 10,
    /// Value 11.
    PendingReplace = 11,
}

impl OrderStatus {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::New),
            2 => Some(Self::PartiallyFilled),
            3 => Some(Self::Filled),
            4 => Some(Self::DoneForDay),
            5 => Some(Self::Canceled),
            6 => Some(Self::PendingCancel),
            7 => Some(Self::Rejected),
            8 => Some(Self::Suspended),
            9 => Some(Self::PendingNew),
            10 => Some(Self::Expired),
            11 => Some(Self::PendingReplace),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// FIX tag 150; docs/fix-names.md has the characters.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExecType {
    /// Value 1.
    New = 1,
    /// Value 2.
    Trade = 2,
    /// Value 3.
    Canceled = 3,
    /// Value 4.
    Replaced = 4,
    /// Value 5.
    Rejected = 5,
    /// Value 6.
    Expired = 6,
    /// Value 7.
    Suspended = 7,
    /// Value 8.
    Triggered = 8,
    /// Value 9.
    DoneForDay = 9,
    /// Value 10.
    Restated = 10,
}

impl ExecType {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::New),
            2 => Some(Self::Trade),
            3 => Some(Self::Canceled),
            4 => Some(Self::Replaced),
            5 => Some(Self::Rejected),
            6 => Some(Self::Expired),
            7 => Some(Self::Suspended),
            8 => Some(Self::Triggered),
            9 => Some(Self::DoneForDay),
            10 => Some(Self::Restated),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Why an order left the book or changed without a trade.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CancelReason {
    /// Value 0.
    None = 0,
    /// Value 1.
    Requested = 1,
    /// Value 2.
    ImmediateRemainder = 2,
    /// Value 3.
    FillOrKillUnfillable = 3,
    /// Value 4.
    Expired = 4,
    /// Value 5.
    SelfTradePrevention = 5,
    /// Value 6.
    ListSibling = 6,
    /// Value 7.
    TradingHalted = 7,
    /// Value 8.
    SessionLost = 8,
    /// Value 9.
    InstrumentExpired = 9,
    /// Value 10.
    NoLiquidity = 10,
    /// Value 11.
    ReducedPosition = 11,
    /// Value 12.
    Operator = 12,
    /// Value 13.
    AllOrNoneUnfillable = 13,
    /// Value 14.
    Risk = 14,
    /// Value 15.
    Repriced = 15,
    /// Value 16.
    Refreshed = 16,
    /// Value 17.
    AuctionRemainder = 17,
    /// Value 18.
    ListRejected = 18,
    /// Value 19.
    MarketClosed = 19,
    /// Value 20.
    ListSized = 20,
    /// Value 21.
    MinimumQuantityUnfillable = 21,
    /// Value 22.
    PriceBand = 22,
    /// Value 23.
    Trailed = 23,
}

impl CancelReason {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Requested),
            2 => Some(Self::ImmediateRemainder),
            3 => Some(Self::FillOrKillUnfillable),
            4 => Some(Self::Expired),
            5 => Some(Self::SelfTradePrevention),
            6 => Some(Self::ListSibling),
            7 => Some(Self::TradingHalted),
            8 => Some(Self::SessionLost),
            9 => Some(Self::InstrumentExpired),
            10 => Some(Self::NoLiquidity),
            11 => Some(Self::ReducedPosition),
            12 => Some(Self::Operator),
            13 => Some(Self::AllOrNoneUnfillable),
            14 => Some(Self::Risk),
            15 => Some(Self::Repriced),
            16 => Some(Self::Refreshed),
            17 => Some(Self::AuctionRemainder),
            18 => Some(Self::ListRejected),
            19 => Some(Self::MarketClosed),
            20 => Some(Self::ListSized),
            21 => Some(Self::MinimumQuantityUnfillable),
            22 => Some(Self::PriceBand),
            23 => Some(Self::Trailed),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// How the trade came about.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TradeKind {
    /// Value 1.
    Continuous = 1,
    /// Value 2.
    Auction = 2,
    /// Value 3.
    Settlement = 3,
}

impl TradeKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Continuous),
            2 => Some(Self::Auction),
            3 => Some(Self::Settlement),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What is traded.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstrumentKind {
    /// Value 1.
    Equity = 1,
    /// Value 2.
    CryptoSpot = 2,
    /// Value 3.
    Future = 3,
    /// Value 4.
    Option = 4,
    /// Value 5.
    ForeignExchange = 5,
}

impl InstrumentKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Equity),
            2 => Some(Self::CryptoSpot),
            3 => Some(Self::Future),
            4 => Some(Self::Option),
            5 => Some(Self::ForeignExchange),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Right of an option.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionKind {
    /// Value 0.
    None = 0,
    /// Value 1.
    Call = 1,
    /// Value 2.
    Put = 2,
}

impl OptionKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Call),
            2 => Some(Self::Put),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// When an option may be exercised.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExerciseStyle {
    /// Value 0.
    None = 0,
    /// Value 1.
    European = 1,
    /// Value 2.
    American = 2,
}

impl ExerciseStyle {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::European),
            2 => Some(Self::American),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// How buying power is computed.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Value 1.
    Cash = 1,
    /// Value 2.
    Margin = 2,
    /// Value 3.
    Venue = 3,
    /// Value 4.
    Replay = 4,
}

impl AccountKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Cash),
            2 => Some(Self::Margin),
            3 => Some(Self::Venue),
            4 => Some(Self::Replay),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What is allowed. Cancels always are.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TradingState {
    /// Value 1.
    Active = 1,
    /// Value 2.
    ReduceOnly = 2,
    /// Value 3.
    Halted = 3,
}

impl TradingState {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Active),
            2 => Some(Self::ReduceOnly),
            3 => Some(Self::Halted),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Phase of the trading day of an instrument.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TradingPhase {
    /// Value 1.
    Closed = 1,
    /// Value 2.
    PreOpen = 2,
    /// Value 3.
    OpeningAuction = 3,
    /// Value 4.
    Continuous = 4,
    /// Value 5.
    VolatilityAuction = 5,
    /// Value 6.
    ClosingAuction = 6,
    /// Value 7.
    PostClose = 7,
}

impl TradingPhase {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Closed),
            2 => Some(Self::PreOpen),
            3 => Some(Self::OpeningAuction),
            4 => Some(Self::Continuous),
            5 => Some(Self::VolatilityAuction),
            6 => Some(Self::ClosingAuction),
            7 => Some(Self::PostClose),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a trading state applies to.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateScope {
    /// Value 1.
    Instrument = 1,
    /// Value 2.
    Account = 2,
    /// Value 3.
    Group = 3,
    /// Value 4.
    Global = 4,
}

impl StateScope {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Instrument),
            2 => Some(Self::Account),
            3 => Some(Self::Group),
            4 => Some(Self::Global),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Why a trading state or phase changed.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateReason {
    /// Value 0.
    None = 0,
    /// Value 1.
    Operator = 1,
    /// Value 2.
    Schedule = 2,
    /// Value 3.
    CircuitBreaker = 3,
    /// Value 4.
    LossLimit = 4,
    /// Value 5.
    RejectRate = 5,
    /// Value 6.
    Regulator = 6,
    /// Value 7.
    Replay = 7,
    /// Value 8.
    Definition = 8,
    /// Value 9.
    Expiry = 9,
}

impl StateReason {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Operator),
            2 => Some(Self::Schedule),
            3 => Some(Self::CircuitBreaker),
            4 => Some(Self::LossLimit),
            5 => Some(Self::RejectRate),
            6 => Some(Self::Regulator),
            7 => Some(Self::Replay),
            8 => Some(Self::Definition),
            9 => Some(Self::Expiry),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a limit applies to.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LimitScope {
    /// Value 1.
    Account = 1,
    /// Value 2.
    Group = 2,
    /// Value 3.
    Instrument = 3,
    /// Value 4.
    Global = 4,
}

impl LimitScope {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Account),
            2 => Some(Self::Group),
            3 => Some(Self::Instrument),
            4 => Some(Self::Global),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Restricted list entry.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Restriction {
    /// Value 0.
    None = 0,
    /// Value 1.
    NoBuy = 1,
    /// Value 2.
    NoSell = 2,
    /// Value 3.
    NoTrade = 3,
    /// Value 4.
    NoShortSale = 4,
}

impl Restriction {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::NoBuy),
            2 => Some(Self::NoSell),
            3 => Some(Self::NoTrade),
            4 => Some(Self::NoShortSale),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What trips a circuit breaker.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TripRule {
    /// Value 1.
    PriceMove = 1,
    /// Value 2.
    Loss = 2,
    /// Value 3.
    RejectRate = 3,
}

impl TripRule {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::PriceMove),
            2 => Some(Self::Loss),
            3 => Some(Self::RejectRate),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Why cash moved.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CashReason {
    /// Value 1.
    Deposit = 1,
    /// Value 2.
    Withdrawal = 2,
    /// Value 3.
    Adjustment = 3,
    /// Value 4.
    Seed = 4,
}

impl CashReason {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Deposit),
            2 => Some(Self::Withdrawal),
            3 => Some(Self::Adjustment),
            4 => Some(Self::Seed),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Why a position moved without a trade.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PositionReason {
    /// Value 1.
    TransferIn = 1,
    /// Value 2.
    TransferOut = 2,
    /// Value 3.
    Adjustment = 3,
    /// Value 4.
    Seed = 4,
    /// Value 5.
    CorporateAction = 5,
}

impl PositionReason {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::TransferIn),
            2 => Some(Self::TransferOut),
            3 => Some(Self::Adjustment),
            4 => Some(Self::Seed),
            5 => Some(Self::CorporateAction),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What the command did to the balance.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BalanceReason {
    /// Value 1.
    Reservation = 1,
    /// Value 2.
    Trade = 2,
    /// Value 3.
    CashMovement = 3,
    /// Value 4.
    Fee = 4,
    /// Value 5.
    Settlement = 5,
    /// Value 6.
    Allotment = 6,
}

impl BalanceReason {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Reservation),
            2 => Some(Self::Trade),
            3 => Some(Self::CashMovement),
            4 => Some(Self::Fee),
            5 => Some(Self::Settlement),
            6 => Some(Self::Allotment),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Leg of a transfer between shards.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AllotmentLeg {
    /// Value 1.
    Out = 1,
    /// Value 2.
    In = 2,
}

impl AllotmentLeg {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Out),
            2 => Some(Self::In),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Where a price comes from.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceSource {
    /// Value 1.
    LastTrade = 1,
    /// Value 2.
    Operator = 2,
    /// Value 3.
    Provider = 3,
    /// Value 4.
    Replay = 4,
    /// Value 5.
    Definition = 5,
}

impl PriceSource {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::LastTrade),
            2 => Some(Self::Operator),
            3 => Some(Self::Provider),
            4 => Some(Self::Replay),
            5 => Some(Self::Definition),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What a price is used for.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PricePurpose {
    /// Value 1.
    Reference = 1,
    /// Value 2.
    Mark = 2,
    /// Value 3.
    Both = 3,
}

impl PricePurpose {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Reference),
            2 => Some(Self::Mark),
            3 => Some(Self::Both),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// What an answer promises.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AckLevel {
    /// Value 1.
    Engine = 1,
    /// Value 2.
    Durable = 2,
}

impl AckLevel {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Engine),
            2 => Some(Self::Durable),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The union tag of CommandRecord, for codes and counters.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandKind {
    /// Value 1.
    PlaceOrder = 1,
    /// Value 2.
    AmendOrder = 2,
    /// Value 3.
    CancelOrder = 3,
    /// Value 4.
    CancelAllOrders = 4,
    /// Value 5.
    MoveCash = 5,
    /// Value 6.
    MovePosition = 6,
    /// Value 7.
    DefineInstrument = 7,
    /// Value 8.
    DefineAccount = 8,
    /// Value 9.
    SetTradingState = 9,
    /// Value 10.
    SetReferencePrice = 10,
    /// Value 11.
    AdvanceTime = 11,
    /// Value 12.
    SetRiskLimits = 12,
    /// Value 13.
    SetRestriction = 13,
    /// Value 14.
    SetSession = 14,
    /// Value 15.
    SettleInstrument = 15,
    /// Value 16.
    KeepAlive = 16,
    /// Value 17.
    TransferAllotment = 17,
    /// Value 18.
    SetTripRule = 18,
}

impl CommandKind {
    /// The variant with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::PlaceOrder),
            2 => Some(Self::AmendOrder),
            3 => Some(Self::CancelOrder),
            4 => Some(Self::CancelAllOrders),
            5 => Some(Self::MoveCash),
            6 => Some(Self::MovePosition),
            7 => Some(Self::DefineInstrument),
            8 => Some(Self::DefineAccount),
            9 => Some(Self::SetTradingState),
            10 => Some(Self::SetReferencePrice),
            11 => Some(Self::AdvanceTime),
            12 => Some(Self::SetRiskLimits),
            13 => Some(Self::SetRestriction),
            14 => Some(Self::SetSession),
            15 => Some(Self::SettleInstrument),
            16 => Some(Self::KeepAlive),
            17 => Some(Self::TransferAllotment),
            18 => Some(Self::SetTripRule),
            _ => None,
        }
    }

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Bits of placeOrder.instructions (FIX tag 18).
pub mod order_instruction {
    /// Bit value 1.
    pub const POST_ONLY: u16 = 1;
    /// Bit value 2.
    pub const POST_ONLY_REPRICE: u16 = 2;
    /// Bit value 4.
    pub const REDUCE_ONLY: u16 = 4;
    /// Bit value 8.
    pub const HIDDEN: u16 = 8;
    /// Bit value 16.
    pub const ALL_OR_NONE: u16 = 16;
}

/// Bits of CommandRecord.flags of an amend: which fields apply.
pub mod amend_flag {
    /// Bit value 1.
    pub const PRICE: u16 = 1;
    /// Bit value 2.
    pub const QUANTITY: u16 = 2;
    /// Bit value 4.
    pub const STOP_PRICE: u16 = 4;
    /// Bit value 8.
    pub const DISPLAY_QUANTITY: u16 = 8;
}

/// Bits of CommandRecord.flags of setTradingState.
pub mod state_flag {
    /// Bit value 1.
    pub const CANCEL_ORDERS: u16 = 1;
}

/// Bits of defineAccount.permissions.
pub mod account_permission {
    /// Bit value 1.
    pub const SHORT_SALE: u16 = 1;
    /// Bit value 2.
    pub const UNLIMITED: u16 = 2;
    /// Bit value 4.
    pub const FEES_OFF: u16 = 4;
    /// Bit value 8.
    pub const COLLAR_OFF: u16 = 8;
}

/// Bits of ReportRecord.flags.
pub mod report_flag {
    /// Bit value 1.
    pub const OUTCOME: u16 = 1;
    /// Bit value 2.
    pub const DUPLICATE: u16 = 2;
    /// Bit value 4.
    pub const ASK: u16 = 4;
    /// Bit value 8.
    pub const LAST_OF_COMMAND: u16 = 8;
}

/// Bits of AnswerRecord.flags.
pub mod answer_flag {
    /// Bit value 1.
    pub const DUPLICATE: u16 = 1;
}

/// Bits of Commit.flags.
pub mod commit_flag {
    /// Bit value 1.
    pub const EPOCH_STARTED: u16 = 1;
    /// Bit value 2.
    pub const SIGNED_HEAD: u16 = 2;
    /// Bit value 4.
    pub const SNAPSHOT_MARK: u16 = 4;
}

/// Bits of CommandBatch.flags.
pub mod batch_flag {
    /// Bit value 1.
    pub const TIME_SUPPLIED: u16 = 1;
}

/// A numbered error. The table with messages and remedies is `schemas/errors.json`.
#[repr(u16)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorCode {
    /// The request cannot be parsed, or nothing answers it where it was sent.
    MalformedRequest = 1001,
    /// An argument is not valid.
    InvalidArgument = 1002,
    /// A decimal is not written as digits with an optional sign and point.
    MalformedDecimal = 1003,
    /// A decimal has more digits than the platform holds.
    DecimalOutOfRange = 1004,
    /// No instrument has this symbol.
    UnknownInstrument = 1005,
    /// A price, or a distance between prices, is not a multiple of the tick size.
    PriceOffTick = 1006,
    /// A quantity is not a multiple of the lot size.
    QuantityOffLot = 1007,
    /// A quantity, or a part of it, must be greater than zero.
    QuantityNotPositive = 1008,
    /// A price, or a distance from one, must be greater than zero.
    PriceNotPositive = 1009,
    /// A client order id has 1 to 36 characters of A-Z a-z 0-9 . _ : -
    InvalidClientOrderId = 1010,
    /// A command message is cut, misaligned or not of the schema.
    MalformedCommandMessage = 1011,
    /// The command kind is not known to this engine version.
    UnknownCommandKind = 1012,
    /// The batch has more commands than one message may hold.
    BatchTooLarge = 1013,
    /// This order type takes no price, or needs one.
    PriceNotAllowed = 1014,
    /// Order type, time in force, instructions and quantities of the order do not go together, or it cannot be amended so as it stands.
    UnsupportedOrderType = 1015,
    /// The position string was not made by this platform.
    MalformedPosition = 1016,
    /// The amend changes nothing.
    AmendWithoutChange = 1017,
    /// The page arguments are not valid.
    InvalidPage = 1018,
    /// The query is deeper or larger than allowed.
    QueryTooComplex = 1019,
    /// The amount has more decimals than its currency holds.
    AmountOffUnit = 1020,
    /// The order costs more than the free cash of the account.
    InsufficientBuyingPower = 2001,
    /// The account holds less than the order sells and may not sell short.
    InsufficientPosition = 2002,
    /// The quantity is above the limit.
    MaxOrderQuantity = 2003,
    /// The order is worth less than the instrument's minimum.
    MinNotional = 2004,
    /// The price is too far from the reference price.
    PriceOutsideCollar = 2005,
    /// Price times quantity leaves the range of the ledger.
    NotionalOverflow = 2006,
    /// The order is worth more than the limit.
    MaxOrderNotional = 2007,
    /// The account has as many open orders as it may.
    MaxOpenOrders = 2008,
    /// The order could take the position beyond its limit.
    PositionLimit = 2009,
    /// The order could take gross exposure beyond its limit.
    GrossExposureLimit = 2010,
    /// The order could take net exposure beyond its limit.
    NetExposureLimit = 2011,
    /// The account sends orders faster than it may.
    OrderRateLimit = 2012,
    /// The account has lost as much as it may today.
    DailyLossLimit = 2013,
    /// The order needs more margin than is free.
    InsufficientMargin = 2014,
    /// The price crosses the book further than allowed.
    FatFinger = 2015,
    /// The account may not sell short.
    ShortSaleNotPermitted = 2016,
    /// The instrument is on the restricted list for this account.
    ComplianceRestricted = 2017,
    /// The order would do more than reduce the position, and it is reduce-only or trading is.
    ReduceOnly = 2018,
    /// The reference price is too old to check against.
    StaleReferencePrice = 2019,
    /// The shard holds less of the account's allotment than is to leave it.
    InsufficientAllotment = 2020,
    /// Futures, and options that are not held, are traded from margin accounts.
    MarginAccountRequired = 2030,
    /// No open order has this id.
    UnknownOrder = 3001,
    /// The order is already filled, cancelled or expired.
    TooLateToCancel = 3002,
    /// The client order id was used with other content.
    DuplicateClientOrderId = 3003,
    /// The instrument is not in a phase that takes this order.
    MarketClosed = 3004,
    /// Trading in the instrument is halted.
    InstrumentHalted = 3005,
    /// The post-only order would trade at once.
    PostOnlyWouldTrade = 3006,
    /// The order cannot be filled whole at once.
    FillOrKillUnfillable = 3007,
    /// The opposite side of the book is empty.
    NoLiquidity = 3008,
    /// The new quantity is not above what is already filled.
    QuantityBelowFilled = 3009,
    /// The engine holds as many orders as it was given memory for.
    OrderBookFull = 3010,
    /// The instrument exists with other terms that cannot change now.
    InstrumentExists = 3011,
    /// The engine has no instrument with this id.
    UnknownInstrumentId = 3012,
    /// Tick times lot times multiplier is not a whole number of money units, or a term is out of range.
    InvalidInstrumentTerms = 3013,
    /// The clock jumps forward by more than 5 s.
    TimeJump = 3014,
    /// All trading is halted.
    GlobalHalt = 3015,
    /// Trading of the account or its group is halted.
    AccountHalted = 3016,
    /// There is no price to go by: market orders in a call, trailing and pegged orders, and what adds to a margin account's positions need one.
    NoReferencePrice = 3017,
    /// The legs of an order list do not fit together.
    ListInvalid = 3018,
    /// The order list has ended, or has this leg already.
    ListClosed = 3019,
    /// The instrument has expired or was settled.
    InstrumentExpired = 3020,
    /// The minimum quantity cannot be filled at once.
    MinimumQuantityUnfillable = 3021,
    /// The price is not a multiple of the step that applies at it.
    PriceOffTickTable = 3022,
    /// The phase cannot follow the one that the instrument is in.
    InvalidSessionChange = 3023,
    /// The instrument has not expired.
    InstrumentNotExpired = 3035,
    /// The token is missing or not valid.
    Unauthenticated = 4001,
    /// The token may not do this.
    Forbidden = 4002,
    /// No account has this id.
    UnknownAccount = 4003,
    /// The account or order belongs to somebody else.
    AccountNotYours = 4004,
    /// The withdrawal is above the free cash of the account.
    InsufficientCash = 4005,
    /// The account exists with other terms.
    AccountExists = 4006,
    /// No currency has this code.
    UnknownCurrency = 4007,
    /// The amount must be greater than zero.
    AmountNotPositive = 4008,
    /// The movement leaves the range of the ledger.
    LedgerOverflow = 4009,
    /// The engine has no room for another account or instrument.
    TableFull = 4010,
    /// The transfer id was used with other content.
    TransferMismatch = 4011,
    /// The stream has moved on since it was read.
    WrongExpectedVersion = 5001,
    /// A read model has not reached the position in time.
    ProjectionLag = 5002,
    /// The event stream does not exist.
    StreamNotFound = 5003,
    /// No read model has this name.
    UnknownReadModel = 5004,
    /// A rebuild of this read model is running.
    RebuildRunning = 5005,
    /// The event type or version is not known to this release.
    UnknownEventType = 5006,
    /// It exists already.
    AlreadyExists = 5007,
    /// The rebuilt read model differs from the one that is served.
    ReadModelsDiffer = 5008,
    /// A message could not be applied and was set aside.
    DeadLettered = 5009,
    /// The tape does not reach back to the order any more.
    TapeNotKept = 5010,
    /// A replay file is empty, cut or not of the format.
    ReplayFileInvalid = 6001,
    /// The message file and the order-book file do not have the same number of rows.
    ReplayFilesDiffer = 6002,
    /// The rebuilt book differs from the recorded one.
    ReplayBookDiffers = 6003,
    /// The tape in the broker is shorter than what was acknowledged.
    TapeRolledBack = 8001,
    /// The hash chain of the tape is broken.
    TapeCorrupt = 8002,
    /// The journal holds a record that is not what was written.
    JournalCorrupt = 8003,
    /// The data folder is not one of this platform or is damaged.
    DataFolderCorrupt = 8004,
    /// Free disk space is below the bound.
    DiskFull = 8005,
    /// A store does not answer.
    StoreUnavailable = 8006,
    /// The tape was written by another engine version.
    EngineVersionMismatch = 8007,
    /// Executing the tape again gave other reports.
    ReplayDiverged = 8008,
    /// The journal cannot grow.
    JournalFull = 8009,
    /// The snapshot is damaged or its state does not add up.
    SnapshotCorrupt = 8010,
    /// The snapshot was written by another version or for larger capacities.
    SnapshotVersionMismatch = 8011,
    /// An unexpected fault; it is in the log under this request id.
    Internal = 9001,
    /// The queue, the lag or the disk has passed its bound.
    Busy = 9002,
    /// It is not known whether the command took effect.
    UnknownOutcome = 9003,
    /// The engine met a fault and is being rebuilt.
    EnginePoisoned = 9004,
    /// The command makes the engine fail and was refused.
    RejectedEngineFault = 9005,
    /// This process does not hold the lease of the shard.
    NotLeader = 9006,
    /// Another process has taken over the shard; this one has stopped writing.
    Fenced = 9007,
    /// The answer given at level ENGINE was lost with its machine.
    Revoked = 9008,
    /// No answer in time; whether it took effect is not known.
    TimedOut = 9009,
    /// The process is stopping.
    ShuttingDown = 9010,
    /// Something that the platform needs is not on this machine.
    EnvironmentIncomplete = 9011,
    /// A port is in use.
    PortTaken = 9012,
    /// A null pointer was passed to the engine.
    FfiNullPointer = 9101,
    /// The handle is unknown or was closed.
    FfiBadHandle = 9102,
    /// The buffer is smaller than the call needs.
    FfiBufferTooSmall = 9103,
    /// The buffer is not aligned to 8 bytes.
    FfiMisaligned = 9104,
    /// The engine configuration is not valid.
    FfiBadConfig = 9105,
    /// The native library is of another version than this program.
    FfiVersionMismatch = 9106,
}

impl ErrorCode {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The name that every surface shows.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::MalformedRequest => "MALFORMED_REQUEST",
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::MalformedDecimal => "MALFORMED_DECIMAL",
            Self::DecimalOutOfRange => "DECIMAL_OUT_OF_RANGE",
            Self::UnknownInstrument => "UNKNOWN_INSTRUMENT",
            Self::PriceOffTick => "PRICE_OFF_TICK",
            Self::QuantityOffLot => "QUANTITY_OFF_LOT",
            Self::QuantityNotPositive => "QUANTITY_NOT_POSITIVE",
            Self::PriceNotPositive => "PRICE_NOT_POSITIVE",
            Self::InvalidClientOrderId => "INVALID_CLIENT_ORDER_ID",
            Self::MalformedCommandMessage => "MALFORMED_COMMAND_MESSAGE",
            Self::UnknownCommandKind => "UNKNOWN_COMMAND_KIND",
            Self::BatchTooLarge => "BATCH_TOO_LARGE",
            Self::PriceNotAllowed => "PRICE_NOT_ALLOWED",
            Self::UnsupportedOrderType => "UNSUPPORTED_ORDER_TYPE",
            Self::MalformedPosition => "MALFORMED_POSITION",
            Self::AmendWithoutChange => "AMEND_WITHOUT_CHANGE",
            Self::InvalidPage => "INVALID_PAGE",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::AmountOffUnit => "AMOUNT_OFF_UNIT",
            Self::InsufficientBuyingPower => "INSUFFICIENT_BUYING_POWER",
            Self::InsufficientPosition => "INSUFFICIENT_POSITION",
            Self::MaxOrderQuantity => "MAX_ORDER_QUANTITY",
            Self::MinNotional => "MIN_NOTIONAL",
            Self::PriceOutsideCollar => "PRICE_OUTSIDE_COLLAR",
            Self::NotionalOverflow => "NOTIONAL_OVERFLOW",
            Self::MaxOrderNotional => "MAX_ORDER_NOTIONAL",
            Self::MaxOpenOrders => "MAX_OPEN_ORDERS",
            Self::PositionLimit => "POSITION_LIMIT",
            Self::GrossExposureLimit => "GROSS_EXPOSURE_LIMIT",
            Self::NetExposureLimit => "NET_EXPOSURE_LIMIT",
            Self::OrderRateLimit => "ORDER_RATE_LIMIT",
            Self::DailyLossLimit => "DAILY_LOSS_LIMIT",
            Self::InsufficientMargin => "INSUFFICIENT_MARGIN",
            Self::FatFinger => "FAT_FINGER",
            Self::ShortSaleNotPermitted => "SHORT_SALE_NOT_PERMITTED",
            Self::ComplianceRestricted => "COMPLIANCE_RESTRICTED",
            Self::ReduceOnly => "REDUCE_ONLY",
            Self::StaleReferencePrice => "STALE_REFERENCE_PRICE",
            Self::InsufficientAllotment => "INSUFFICIENT_ALLOTMENT",
            Self::MarginAccountRequired => "MARGIN_ACCOUNT_REQUIRED",
            Self::UnknownOrder => "UNKNOWN_ORDER",
            Self::TooLateToCancel => "TOO_LATE_TO_CANCEL",
            Self::DuplicateClientOrderId => "DUPLICATE_CLIENT_ORDER_ID",
            Self::MarketClosed => "MARKET_CLOSED",
            Self::InstrumentHalted => "INSTRUMENT_HALTED",
            Self::PostOnlyWouldTrade => "POST_ONLY_WOULD_TRADE",
            Self::FillOrKillUnfillable => "FILL_OR_KILL_UNFILLABLE",
            Self::NoLiquidity => "NO_LIQUIDITY",
            Self::QuantityBelowFilled => "QUANTITY_BELOW_FILLED",
            Self::OrderBookFull => "ORDER_BOOK_FULL",
            Self::InstrumentExists => "INSTRUMENT_EXISTS",
            Self::UnknownInstrumentId => "UNKNOWN_INSTRUMENT_ID",
            Self::InvalidInstrumentTerms => "INVALID_INSTRUMENT_TERMS",
            Self::TimeJump => "TIME_JUMP",
            Self::GlobalHalt => "GLOBAL_HALT",
            Self::AccountHalted => "ACCOUNT_HALTED",
            Self::NoReferencePrice => "NO_REFERENCE_PRICE",
            Self::ListInvalid => "LIST_INVALID",
            Self::ListClosed => "LIST_CLOSED",
            Self::InstrumentExpired => "INSTRUMENT_EXPIRED",
            Self::MinimumQuantityUnfillable => "MINIMUM_QUANTITY_UNFILLABLE",
            Self::PriceOffTickTable => "PRICE_OFF_TICK_TABLE",
            Self::InvalidSessionChange => "INVALID_SESSION_CHANGE",
            Self::InstrumentNotExpired => "INSTRUMENT_NOT_EXPIRED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::UnknownAccount => "UNKNOWN_ACCOUNT",
            Self::AccountNotYours => "ACCOUNT_NOT_YOURS",
            Self::InsufficientCash => "INSUFFICIENT_CASH",
            Self::AccountExists => "ACCOUNT_EXISTS",
            Self::UnknownCurrency => "UNKNOWN_CURRENCY",
            Self::AmountNotPositive => "AMOUNT_NOT_POSITIVE",
            Self::LedgerOverflow => "LEDGER_OVERFLOW",
            Self::TableFull => "TABLE_FULL",
            Self::TransferMismatch => "TRANSFER_MISMATCH",
            Self::WrongExpectedVersion => "WRONG_EXPECTED_VERSION",
            Self::ProjectionLag => "PROJECTION_LAG",
            Self::StreamNotFound => "STREAM_NOT_FOUND",
            Self::UnknownReadModel => "UNKNOWN_READ_MODEL",
            Self::RebuildRunning => "REBUILD_RUNNING",
            Self::UnknownEventType => "UNKNOWN_EVENT_TYPE",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::ReadModelsDiffer => "READ_MODELS_DIFFER",
            Self::DeadLettered => "DEAD_LETTERED",
            Self::TapeNotKept => "TAPE_NOT_KEPT",
            Self::ReplayFileInvalid => "REPLAY_FILE_INVALID",
            Self::ReplayFilesDiffer => "REPLAY_FILES_DIFFER",
            Self::ReplayBookDiffers => "REPLAY_BOOK_DIFFERS",
            Self::TapeRolledBack => "TAPE_ROLLED_BACK",
            Self::TapeCorrupt => "TAPE_CORRUPT",
            Self::JournalCorrupt => "JOURNAL_CORRUPT",
            Self::DataFolderCorrupt => "DATA_FOLDER_CORRUPT",
            Self::DiskFull => "DISK_FULL",
            Self::StoreUnavailable => "STORE_UNAVAILABLE",
            Self::EngineVersionMismatch => "ENGINE_VERSION_MISMATCH",
            Self::ReplayDiverged => "REPLAY_DIVERGED",
            Self::JournalFull => "JOURNAL_FULL",
            Self::SnapshotCorrupt => "SNAPSHOT_CORRUPT",
            Self::SnapshotVersionMismatch => "SNAPSHOT_VERSION_MISMATCH",
            Self::Internal => "INTERNAL",
            Self::Busy => "BUSY",
            Self::UnknownOutcome => "UNKNOWN_OUTCOME",
            Self::EnginePoisoned => "ENGINE_POISONED",
            Self::RejectedEngineFault => "REJECTED_ENGINE_FAULT",
            Self::NotLeader => "NOT_LEADER",
            Self::Fenced => "FENCED",
            Self::Revoked => "REVOKED",
            Self::TimedOut => "TIMED_OUT",
            Self::ShuttingDown => "SHUTTING_DOWN",
            Self::EnvironmentIncomplete => "ENVIRONMENT_INCOMPLETE",
            Self::PortTaken => "PORT_TAKEN",
            Self::FfiNullPointer => "FFI_NULL_POINTER",
            Self::FfiBadHandle => "FFI_BAD_HANDLE",
            Self::FfiBufferTooSmall => "FFI_BUFFER_TOO_SMALL",
            Self::FfiMisaligned => "FFI_MISALIGNED",
            Self::FfiBadConfig => "FFI_BAD_CONFIG",
            Self::FfiVersionMismatch => "FFI_VERSION_MISMATCH",
        }
    }
}
