//! What is defined in front of a flow, by what is switched on.
//!
//! Every limit is so wide that the flow meets none of them: they cost what they cost, and the trades stay the model's.

use fulltape_engine::{Config, RiskMode};
use fulltape_sim::records::{account, cash, future, instrument, margined};
use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, LimitScope, PositionReason, PricePurpose, PriceSource, Restriction, StateScope, TradingState,
    TripRule, account_permission,
};
use fulltape_tape::layout::{
    DefineAccount, DefineInstrument, MovePosition, RiskLimits, RiskRates, SetReferencePrice, SetRestriction,
    SetRiskLimits, SetTripRule,
};

use crate::flow::ACCOUNTS;

/// The instrument of every flow.
pub const INSTRUMENT: u32 = 1;
/// A future on it, in which margin accounts have the opposite position.
const FUTURE: u32 = 2;
/// An account beside those of the flows that can pay for next to nothing.
pub const POOR: u32 = ACCOUNTS + 1;
/// Desks that the accounts belong to, buyers and sellers apart: orders of one desk would not trade with each other.
const GROUPS: u32 = 8;
/// Lots that every account holds: more than it sells in a flow.
const HELD_LOTS: i64 = 1 << 30;
/// More than anything here is worth.
const WIDE_UNITS: i64 = 1 << 61;
/// More lots than a flow moves.
const WIDE_LOTS: i64 = 1 << 40;
const SECOND: u64 = 1_000_000_000;

/// What is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Risk off: no accounts checked, no ledger, no fees; reports counted and dropped, no state hash, no client ids.
    Bare,
    /// The same, reports written to memory.
    BareReports,
    /// Cash accounts with fees and reservations, self-trade prevention, and the instrument's own collar, size and notional
    /// limits; reports written to memory; the state hash as often as a shard takes it, after every 64 batches of 256 commands.
    Cash,
    /// The same, with the permission to sell short asked for, a restricted list, all limits of accounts, desks and the
    /// instrument, rate buckets on engine time and circuit breakers.
    Full,
    /// As `Full`, with the state hash after every 256 commands.
    Hashed,
    /// As `Full`, with margin accounts whose positions a future on the same underlying offsets.
    Margin,
}

impl Mode {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::Bare,
        Self::BareReports,
        Self::Cash,
        Self::Full,
        Self::Hashed,
        Self::Margin,
    ];

    /// Accounts are checked and a ledger is kept.
    pub const fn risk(self) -> bool {
        !matches!(self, Self::Bare | Self::BareReports)
    }

    /// Every limit is set.
    pub const fn limits(self) -> bool {
        matches!(self, Self::Full | Self::Hashed | Self::Margin)
    }

    /// Name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::BareReports => "bare, reports written",
            Self::Cash => "cash, collar and size limits",
            Self::Full => "everything on",
            Self::Hashed => "everything on, state hash after every 256 commands",
            Self::Margin => "everything on, margin accounts with offsets",
        }
    }
}

/// Configuration of the engine for a mode.
pub fn config(mode: Mode) -> Config {
    Config {
        max_accounts: 1024,
        max_instruments: 16,
        max_orders: 1 << 17,
        risk: if mode.risk() { RiskMode::On } else { RiskMode::Off },
        ..Config::default()
    }
}

/// Definitions in front of a flow whose prices lie around `reference_ticks`.
pub fn setup(mode: Mode, reference_ticks: i64) -> Vec<Record> {
    let mut records = instruments(mode, reference_ticks);
    for id in 1..=ACCOUNTS {
        records.push(Record::of(define_account(id, mode)));
        if mode.risk() {
            records.push(Record::of(cash(id, 1 << 56)));
            records.extend(positions(id, mode));
        }
    }
    if mode.risk() {
        records.push(Record::of(define_account(POOR, mode)));
        records.push(Record::of(cash(POOR, 10_000_000)));
    }
    if mode.limits() {
        records.extend(rules());
    }
    records
}

fn instruments(mode: Mode, reference_ticks: i64) -> Vec<Record> {
    if !mode.risk() {
        return instrument(INSTRUMENT, 0, 0).to_vec();
    }
    let mut records = instrument(INSTRUMENT, -10, 40).to_vec();
    records[0] = Record::of(DefineInstrument {
        collar_ppm: 500_000,
        max_quantity_lots: 1_000_000,
        min_notional_units: 1,
        ..*records[0].view()
    });
    if mode != Mode::Margin {
        records.push(price(INSTRUMENT, reference_ticks));
        return records;
    }
    let mut records = margined(records, 200_000, 150_000);
    records.extend(future(FUTURE, INSTRUMENT, -10, 40));
    records.extend([price(INSTRUMENT, reference_ticks), price(FUTURE, reference_ticks)]);
    records
}

fn price(instrument_id: u32, price_ticks: i64) -> Record {
    Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id,
        price_ticks,
        purpose: PricePurpose::Both.number(),
        source: u16::from(PriceSource::Operator.number()),
        ..SetReferencePrice::default()
    })
}

fn define_account(id: u32, mode: Mode) -> DefineAccount {
    let (kind, permissions) = match mode {
        Mode::Margin => (AccountKind::Margin, account_permission::SHORT_SALE),
        _ => (AccountKind::Cash, 0),
    };
    DefineAccount {
        group_id: if mode.limits() { id % GROUPS + 1 } else { 0 },
        ..account(id, kind, permissions)
    }
}

fn positions(account_id: u32, mode: Mode) -> Vec<Record> {
    let position = |instrument_id, quantity_lots| {
        Record::of(MovePosition {
            kind: MovePosition::KIND,
            account_id,
            instrument_id,
            quantity_lots,
            reason: u16::from(PositionReason::TransferIn.number()),
            ..MovePosition::default()
        })
    };
    let mut positions = vec![position(INSTRUMENT, HELD_LOTS)];
    if mode == Mode::Margin {
        positions.push(position(FUTURE, -HELD_LOTS));
    }
    positions
}

/// Limits of every scope, a restricted list and circuit breakers of every kind.
fn rules() -> Vec<Record> {
    let mut records = Vec::new();
    let whole = RiskLimits {
        kind: RiskLimits::KIND,
        max_order_quantity_lots: 1_000_000,
        max_order_notional_units: WIDE_UNITS,
        max_position_lots: WIDE_LOTS,
        max_gross_units: WIDE_UNITS,
        max_net_units: WIDE_UNITS,
        max_daily_loss_units: WIDE_UNITS,
        ..RiskLimits::default()
    };
    let rates = RiskRates {
        kind: RiskRates::KIND,
        max_open_orders: 1_000_000,
        orders_per_second: 1_000_000,
        burst_orders: 100_000_000,
        collar_ppm: 500_000,
        fat_finger_ppm: 500_000,
        max_price_age_ms: u32::MAX,
        ..RiskRates::default()
    };
    for id in 1..=POOR {
        records.extend(limits(LimitScope::Account, id, 0, whole, rates));
        let one = RiskLimits {
            kind: RiskLimits::KIND,
            max_position_lots: WIDE_LOTS,
            ..RiskLimits::default()
        };
        records.extend(limits(LimitScope::Account, id, INSTRUMENT, one, only_open(rates)));
        records.push(trip(StateScope::Account, TripRule::Loss, id, 0, WIDE_UNITS));
        records.push(trip(StateScope::Account, TripRule::RejectRate, id, SECOND, 1_000_000));
    }
    for id in 1..=GROUPS {
        records.extend(limits(LimitScope::Group, id, 0, whole, rates));
        records.push(trip(StateScope::Group, TripRule::Loss, id, 0, WIDE_UNITS));
    }
    let undated = RiskLimits {
        max_daily_loss_units: 0,
        ..whole
    };
    records.extend(limits(LimitScope::Instrument, INSTRUMENT, 0, undated, rates));
    records.extend(limits(LimitScope::Global, 0, 0, undated, rates));
    records.push(trip(
        StateScope::Instrument,
        TripRule::PriceMove,
        INSTRUMENT,
        SECOND,
        1_000_000,
    ));
    records.push(Record::of(SetRestriction {
        kind: SetRestriction::KIND,
        instrument_id: INSTRUMENT,
        restriction: Restriction::NoShortSale.number(),
        version: 1,
        ..SetRestriction::default()
    }));
    records
}

fn only_open(rates: RiskRates) -> RiskRates {
    RiskRates {
        kind: RiskRates::KIND,
        max_open_orders: rates.max_open_orders,
        ..RiskRates::default()
    }
}

fn limits(scope: LimitScope, target_id: u32, instrument_id: u32, limits: RiskLimits, rates: RiskRates) -> [Record; 3] {
    let command = SetRiskLimits {
        extension_count: 2,
        kind: SetRiskLimits::KIND,
        scope: scope.number(),
        target_id,
        instrument_id,
        version: 1,
        ..SetRiskLimits::default()
    };
    [Record::of(command), Record::of(limits), Record::of(rates)]
}

fn trip(scope: StateScope, rule: TripRule, target_id: u32, window_nanos: u64, threshold: i64) -> Record {
    Record::of(SetTripRule {
        kind: SetTripRule::KIND,
        scope: scope.number(),
        rule: rule.number(),
        resulting_state: TradingState::Halted.number(),
        target_id,
        window_nanos,
        threshold,
        ..SetTripRule::default()
    })
}
