//! What a circuit breaker does to the phase of an instrument: `Engine::enter_phase`, from inside.

use fulltape_tape::Record;
use fulltape_tape::codes::{
    AccountKind, InstrumentKind, OrderType, Side, StateReason, TimeInForce, TradingPhase, TradingState,
};
use fulltape_tape::layout::{
    AdvanceTime, DefineAccount, DefineInstrument, InstrumentStateReport, InstrumentSymbol, PlaceOrder, SessionPlan,
    SetSession, TradeReport,
};

use crate::reports::Out;
use crate::{Command, Config, Engine};

struct Venue {
    engine: Engine,
    reports: Vec<Record>,
    now: u64,
}

impl Venue {
    fn new() -> Self {
        let mut venue = Self {
            engine: Engine::new(Config {
                max_orders: 64,
                max_accounts: 4,
                max_instruments: 2,
                ..Config::default()
            }),
            reports: Vec::new(),
            now: 1_000_000,
        };
        let definition = DefineInstrument {
            extension_count: 1,
            kind: DefineInstrument::KIND,
            instrument_id: 1,
            units_per_tick_lot: 1,
            instrument_kind: InstrumentKind::Equity.number(),
            initial_state: TradingState::Active.number(),
            currency_id: 1,
            ..DefineInstrument::default()
        };
        let symbol = InstrumentSymbol {
            kind: InstrumentSymbol::KIND,
            tick_mantissa: 1,
            lot_mantissa: 1,
            text0: 0x41,
            ..InstrumentSymbol::default()
        };
        venue.send(&[Record::of(definition), Record::of(symbol)]);
        venue.send(&[Record::of(DefineAccount {
            kind: DefineAccount::KIND,
            account_id: 1,
            account_kind: AccountKind::Replay.number(),
            initial_state: TradingState::Active.number(),
            ..DefineAccount::default()
        })]);
        venue
    }

    fn send(&mut self, records: &[Record]) {
        let mut records = records.to_vec();
        records[0].set_time_nanos(self.now);
        self.reports.clear();
        let answer = self.engine.submit(&Command::new(&records), 0, &mut self.reports);
        assert_eq!(answer.code, 0);
        self.engine.assert_consistent();
    }

    fn place(&mut self, side: Side, price_ticks: i64) {
        self.send(&[Record::of(PlaceOrder {
            kind: PlaceOrder::KIND,
            account_id: 1,
            instrument_id: 1,
            price_ticks,
            quantity_lots: 5,
            side: side.number(),
            order_type: OrderType::Limit.number(),
            time_in_force: TimeInForce::GoodTillCancel.number(),
            ..PlaceOrder::default()
        })]);
    }

    fn trip(&mut self, until_nanos: u64) -> bool {
        let mut out = Out::new(&mut self.reports, 0, false);
        let reason = StateReason::CircuitBreaker;
        self.engine
            .enter_phase(0, TradingPhase::VolatilityAuction, until_nanos, reason, &mut out)
    }

    fn tick(&mut self, at: u64) -> Vec<u8> {
        self.now = at;
        self.send(&[Record::of(AdvanceTime {
            kind: AdvanceTime::KIND,
            confirm_jump: 1,
            ..AdvanceTime::default()
        })]);
        self.phases()
    }

    fn phases(&self) -> Vec<u8> {
        let states = self
            .reports
            .iter()
            .filter(|report| report.kind() == InstrumentStateReport::KIND);
        states
            .map(|report| report.view::<InstrumentStateReport>().phase)
            .collect()
    }

    fn trades(&self) -> usize {
        self.reports
            .iter()
            .filter(|report| report.kind() == TradeReport::KIND)
            .count()
    }
}

#[test]
fn a_breaker_enters_an_auction_that_ends_by_itself() {
    let mut venue = Venue::new();
    let until = venue.now + 100;
    assert!(venue.trip(until));
    assert_eq!(venue.phases().last(), Some(&TradingPhase::VolatilityAuction.number()));
    assert!(!venue.trip(until + 100), "it has tripped already");
    venue.place(Side::Buy, 101);
    venue.place(Side::Sell, 100);
    assert_eq!(venue.trades(), 0);
    assert_eq!(venue.tick(until - 1), []);
    assert_eq!(venue.tick(until), [TradingPhase::Continuous.number()]);
    assert_eq!(venue.trades(), 1);
    assert!(venue.trip(until + 50), "and may trip again");
}

#[test]
fn the_plan_of_the_day_goes_on_through_a_breaker() {
    let mut venue = Venue::new();
    let (closing, end) = (venue.now + 50, venue.now + 80);
    let plan = |phases: [(u64, TradingPhase); 2]| SessionPlan {
        kind: SessionPlan::KIND,
        at_nanos0: phases[0].0,
        phase0: phases[0].1.number(),
        at_nanos1: phases[1].0,
        phase1: phases[1].1.number(),
        ..SessionPlan::default()
    };
    let session = SetSession {
        extension_count: 1,
        kind: SetSession::KIND,
        instrument_id: 1,
        phase: TradingPhase::Continuous.number(),
        reason: u16::from(StateReason::Schedule.number()),
        ..SetSession::default()
    };
    let plan = plan([(closing, TradingPhase::ClosingAuction), (end, TradingPhase::PostClose)]);
    venue.send(&[Record::of(session), Record::of(plan)]);
    // Shorter than what is left of the day: back to continuous trading, then the plan.
    assert!(venue.trip(venue.now + 20));
    assert_eq!(venue.tick(venue.now + 20), [TradingPhase::Continuous.number()]);
    // Longer: the closing auction takes the orders over, nothing trades in between.
    assert!(venue.trip(end + 1_000));
    venue.place(Side::Buy, 101);
    venue.place(Side::Sell, 100);
    assert_eq!(venue.tick(closing)[0], TradingPhase::ClosingAuction.number());
    assert_eq!(venue.trades(), 0);
    assert_eq!(venue.tick(end), [TradingPhase::PostClose.number()]);
    assert_eq!(venue.trades(), 1);
    assert!(!venue.trip(end + 2_000), "a market that is not open has no breaker");
    assert_eq!(
        venue.tick(end + 5_000),
        [],
        "the end that the breaker set went with its phase"
    );
}
