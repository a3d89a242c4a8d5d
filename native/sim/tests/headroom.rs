//! Headroom lets through what the limits let through, and nothing else: a random flow that lives close to its limits goes through an
//! engine and through one that is asked why, which holds every order to each limit by itself.
use std::collections::BTreeMap;

use fulltape_engine::{Command, Config, Engine, Note};
use fulltape_sim::desk::Desk;
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const ACCOUNTS: u32 = 6;
const INSTRUMENTS: u32 = 2;
const ROUNDS: u64 = 12;
const COMMANDS: u32 = 20_000;
/// Money units of a tick and lot.
const UNITS: i64 = 3;
const START_TICKS: i64 = 1_000;

struct Market {
    random: Random,
    number: u64,
    now: u64,
    /// Price around which orders are placed, by instrument.
    middle: [i64; INSTRUMENTS as usize],
    /// Orders that may be open: account, instrument, id.
    placed: Vec<(u32, u32, u64)>,
}

impl Market {
    fn account(&mut self) -> u32 {
        1 + self.random.below(u64::from(ACCOUNTS)) as u32
    }

    fn instrument(&mut self) -> u32 {
        1 + self.random.below(u64::from(INSTRUMENTS)) as u32
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.random.below((high - low) as u64).cast_signed()
    }

    /// Limits that some of the flow meets; now and then none.
    fn limits(&mut self) -> Vec<Record> {
        let (scope, target_id) = match self.random.below(4) {
            0 => (LimitScope::Account, self.account()),
            1 => (LimitScope::Group, 1 + self.random.below(2) as u32),
            2 => (LimitScope::Instrument, self.instrument()),
            _ => (LimitScope::Global, 0),
        };
        let by_account = matches!(scope, LimitScope::Account | LimitScope::Group);
        let one = by_account && self.random.once_in(2);
        let lot = START_TICKS * UNITS;
        let wide = if scope == LimitScope::Group { 3 } else { 1 };
        let mut some = |low: i64, high: i64| {
            if self.random.once_in(3) {
                0
            } else {
                wide * (low + self.random.below((high - low) as u64).cast_signed())
            }
        };
        let limits = RiskLimits {
            kind: RiskLimits::KIND,
            max_order_quantity_lots: some(8, 30),
            max_order_notional_units: some(8 * lot, 40 * lot),
            max_position_lots: some(40, 300),
            max_gross_units: some(60 * lot, 600 * lot),
            max_net_units: some(40 * lot, 400 * lot),
            max_daily_loss_units: if by_account { some(lot / 4, 20 * lot) } else { 0 },
            ..RiskLimits::default()
        };
        let rates = RiskRates {
            kind: RiskRates::KIND,
            max_open_orders: some(20, 200) as u32,
            orders_per_second: some(50, 2_000) as u32,
            burst_orders: 0,
            collar_ppm: some(20_000, 200_000) as u32,
            fat_finger_ppm: some(10_000, 100_000) as u32,
            max_price_age_ms: some(20, 600) as u32,
            ..RiskRates::default()
        };
        let change = SetRiskLimits {
            extension_count: 2,
            kind: SetRiskLimits::KIND,
            scope: scope.number(),
            target_id,
            instrument_id: if one { self.instrument() } else { 0 },
            version: self.number as u32,
            ..SetRiskLimits::default()
        };
        vec![Record::of(change), Record::of(limits), Record::of(rates)]
    }

    fn place(&mut self) -> Vec<Record> {
        let (account, instrument) = (self.account(), self.instrument());
        let side = if self.random.once_in(2) { Side::Buy } else { Side::Sell };
        let middle = self.middle[instrument as usize - 1];
        let away = self.between(-4, 12);
        let price = if side == Side::Buy {
            middle - away
        } else {
            middle + away
        };
        let lots = self.between(1, 12);
        let mut order = limit(account, instrument, side, price.max(1), lots);
        match self.random.below(12) {
            0 | 1 => order.time_in_force = TimeInForce::ImmediateOrCancel.number(),
            2 => {
                order.order_type = OrderType::Market.number();
                order.price_ticks = 0;
                order.time_in_force = TimeInForce::ImmediateOrCancel.number();
            }
            3 => order.price_ticks = (price + self.between(-150, 150)).max(1),
            _ => {}
        }
        self.placed.push((account, instrument, self.number));
        vec![Record::of(order)]
    }

    fn move_price(&mut self) -> Vec<Record> {
        let instrument = self.instrument();
        let reach = if self.random.once_in(4) { 60 } else { 6 };
        let by = self.between(-reach, reach + 1);
        let middle = &mut self.middle[instrument as usize - 1];
        *middle = (*middle + by).clamp(400, 2_000);
        let price_ticks = *middle;
        let purpose = match self.random.below(3) {
            0 => PricePurpose::Mark,
            1 => PricePurpose::Reference,
            _ => PricePurpose::Both,
        };
        vec![Record::of(SetReferencePrice {
            kind: SetReferencePrice::KIND,
            instrument_id: instrument,
            source: PriceSource::Operator.number().into(),
            purpose: purpose.number(),
            price_ticks,
            source_time_nanos: self.now,
            ..SetReferencePrice::default()
        })]
    }

    fn next(&mut self) -> Vec<Record> {
        let kind = self.random.below(100);
        if (70..90).contains(&kind) && !self.placed.is_empty() {
            let pick = self.random.below(self.placed.len() as u64) as usize;
            let (account, instrument, id) = self.placed.swap_remove(pick);
            if kind < 86 {
                return vec![Record::of(cancel(account, instrument, id))];
            }
            self.placed.push((account, instrument, id));
            let price = self.middle[instrument as usize - 1] + self.between(-8, 8);
            let lots = self.between(1, 14);
            let flags = amend_flag::QUANTITY | if kind < 88 { amend_flag::PRICE } else { 0 };
            return vec![Record::of(amend(
                account,
                id,
                flags,
                if kind < 88 { price } else { 0 },
                lots,
            ))];
        }
        match kind {
            90 | 91 => self.move_price(),
            92 if self.random.once_in(6) => self.limits(),
            93 if self.random.once_in(3) => {
                let account_id = self.account();
                let instrument_id = self.instrument();
                let quantity_lots = self.between(-30, 31);
                vec![Record::of(MovePosition {
                    kind: MovePosition::KIND,
                    account_id,
                    instrument_id,
                    quantity_lots,
                    reason: 1,
                    ..MovePosition::default()
                })]
            }
            94 if self.random.once_in(8) => {
                let account_id = self.account();
                let group = self.random.below(3) as u32;
                vec![member(account_id, group)]
            }
            95 if self.random.once_in(20) => vec![Record::of(CancelAllOrders {
                kind: CancelAllOrders::KIND,
                account_id: self.account(),
                ..CancelAllOrders::default()
            })],
            _ => self.place(),
        }
    }
}

fn member(account_id: u32, group_id: u32) -> Record {
    Record::of(DefineAccount {
        group_id,
        ..account(account_id, AccountKind::Cash, account_permission::SHORT_SALE)
    })
}

fn opening() -> Vec<Vec<Record>> {
    let mut commands: Vec<Vec<Record>> = (1..=INSTRUMENTS).map(|id| instrument(id, -20, 150).to_vec()).collect();
    for id in 1..=ACCOUNTS {
        commands.push(vec![member(id, id % 3)]);
        commands.push(vec![Record::of(cash(id, 1 << 50))]);
    }
    commands
}

fn engine() -> Engine {
    Engine::new(Config {
        max_orders: 2_000,
        max_accounts: 16,
        max_instruments: 4,
        ..Config::default()
    })
}

/// Refusals by their number.
fn run(seed: u64) -> BTreeMap<u16, u32> {
    let mut market = Market {
        random: Random::new(seed),
        number: 0,
        now: 20_000 * 24 * 3600 * 1_000_000_000,
        middle: [START_TICKS; INSTRUMENTS as usize],
        placed: Vec::new(),
    };
    let (mut plain, mut asked) = (engine(), engine());
    let mut refusals = BTreeMap::new();
    let mut commands = opening().into_iter();
    for at in 0..COMMANDS {
        market.number = plain.next_command_number();
        market.now += market.random.below(2_000_000);
        let mut records = commands.next().unwrap_or_else(|| market.next());
        records[0].set_time_nanos(market.now);
        let (mut ours, mut theirs, mut notes) = (Vec::new(), Vec::new(), Vec::<Note>::new());
        let command = Command::new(&records);
        let answer = plain.submit(&command, 0, &mut ours);
        let told = asked.submit_explained(&command, 0, &mut theirs, &mut notes);
        assert_eq!(answer, told, "seed {seed}, command {at}: {records:?}");
        assert_eq!(ours, theirs, "seed {seed}, command {at}");
        *refusals.entry(answer.code).or_insert(0) += 1;
    }
    plain.assert_consistent();
    assert_eq!(plain.state_hash(), asked.state_hash(), "seed {seed}");
    refusals
}

#[test]
fn orders_close_to_their_limits_fare_as_if_each_limit_was_looked_at() {
    let seed = seed("headroom");
    let mut refusals = BTreeMap::new();
    for round in 0..ROUNDS {
        for (code, count) in run(seed + round) {
            *refusals.entry(code).or_insert(0) += count;
        }
    }
    let accepted = refusals[&0];
    assert!(accepted > COMMANDS, "most of the flow is taken: {refusals:?}");
    for code in [
        ErrorCode::MaxOrderQuantity,
        ErrorCode::MaxOrderNotional,
        ErrorCode::PositionLimit,
        ErrorCode::GrossExposureLimit,
        ErrorCode::NetExposureLimit,
        ErrorCode::DailyLossLimit,
        ErrorCode::MaxOpenOrders,
        ErrorCode::OrderRateLimit,
        ErrorCode::PriceOutsideCollar,
        ErrorCode::FatFinger,
        ErrorCode::StaleReferencePrice,
    ] {
        let count = refusals.get(&code.number()).copied().unwrap_or(0);
        assert!(count > 20, "{code:?} refused {count} commands: {refusals:?}");
    }
}

/// Accounts 1 and 2 are desk 5 and may sell short, account 3 trades with them without checks; instruments 1 and 2 are marked at
/// 1,000, so a lot is worth 3,000 units. Account 1 holds 100 lots of the first.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.send(&instrument(2, -20, 150));
    for id in [1, 2] {
        desk.send(&[member(id, 5)]);
        desk.send(&[Record::of(cash(id, 1 << 50))]);
    }
    for instrument_id in [1, 2] {
        mark(&mut desk, instrument_id, START_TICKS);
    }
    hold(&mut desk, 1, 1, 100);
    desk
}

fn mark(desk: &mut Desk, instrument_id: u32, price_ticks: i64) {
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id,
        source: PriceSource::Operator.number().into(),
        purpose: PricePurpose::Both.number(),
        price_ticks,
        source_time_nanos: desk.now,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

fn hold(desk: &mut Desk, account_id: u32, instrument_id: u32, quantity_lots: i64) {
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id,
        quantity_lots,
        cost_units: quantity_lots.max(0) * START_TICKS * UNITS,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
}

fn set(desk: &mut Desk, scope: LimitScope, target_id: u32, limits: RiskLimits) {
    let change = SetRiskLimits {
        extension_count: 1,
        kind: SetRiskLimits::KIND,
        scope: scope.number(),
        target_id,
        version: 1,
        ..SetRiskLimits::default()
    };
    let limits = RiskLimits {
        kind: RiskLimits::KIND,
        ..limits
    };
    assert_eq!(desk.send(&[Record::of(change), Record::of(limits)]).code, 0);
}

const LOT: i64 = START_TICKS * UNITS;

fn gross(lots: i64) -> RiskLimits {
    RiskLimits {
        max_gross_units: lots * LOT,
        ..RiskLimits::default()
    }
}

/// One lot of account 1 in instrument 1, far from the market. Answers the refusal's number.
fn one_more(desk: &mut Desk) -> u16 {
    desk.place(limit(1, 1, Side::Buy, 900, 1)).code
}

/// What happens between an order that has headroom and one that a limit has to refuse.
#[test]
fn headroom_ends_with_what_it_was_worked_out_from() {
    type Event = (&'static str, RiskLimits, LimitScope, fn(&mut Desk), ErrorCode);
    let lots = |lots| RiskLimits {
        max_position_lots: lots,
        ..RiskLimits::default()
    };
    let loss = RiskLimits {
        max_daily_loss_units: 20 * LOT,
        ..RiskLimits::default()
    };
    let gross_limit = ErrorCode::GrossExposureLimit;
    let events: [Event; 9] = [
        (
            "the mark price rises",
            gross(120),
            LimitScope::Account,
            |desk| mark(desk, 1, 1_300),
            gross_limit,
        ),
        (
            "the mark price creeps up",
            gross(120),
            LimitScope::Account,
            |desk| {
                (1_001..=1_250).for_each(|ticks| mark(desk, 1, ticks));
            },
            gross_limit,
        ),
        (
            "a trade at another price makes a loss",
            loss,
            LimitScope::Account,
            |desk| {
                // 60 lots bought for 1,400 and marked at 1,000: 24 times a lot.
                desk.place(limit(3, 1, Side::Sell, 1_400, 60));
                assert_eq!(desk.place(limit(1, 1, Side::Buy, 1_400, 60)).code, 0);
            },
            ErrorCode::DailyLossLimit,
        ),
        (
            "the price falls under what is held",
            loss,
            LimitScope::Account,
            |desk| mark(desk, 1, 790),
            ErrorCode::DailyLossLimit,
        ),
        (
            "lots are moved in",
            gross(120),
            LimitScope::Account,
            |desk| hold(desk, 1, 1, 30),
            gross_limit,
        ),
        (
            "lots are moved in elsewhere",
            gross(120),
            LimitScope::Account,
            |desk| hold(desk, 1, 2, 30),
            gross_limit,
        ),
        (
            "orders trade",
            lots(120),
            LimitScope::Account,
            |desk| {
                desk.place(limit(3, 1, Side::Sell, 1_000, 20));
                assert_eq!(desk.place(limit(1, 1, Side::Buy, 1_000, 19)).code, 0);
            },
            ErrorCode::PositionLimit,
        ),
        (
            "another account of the desk has more",
            gross(120),
            LimitScope::Group,
            |desk| {
                assert_eq!(desk.place(limit(2, 2, Side::Sell, 1_100, 19)).code, 0);
            },
            gross_limit,
        ),
        (
            "an account joins the desk",
            gross(120),
            LimitScope::Group,
            |desk| {
                desk.send(&[member(4, 0)]);
                hold(desk, 4, 1, 30);
                assert_eq!(desk.send(&[member(4, 5)]).code, 0);
            },
            gross_limit,
        ),
    ];
    for (what, limits, scope, event, code) in events {
        let mut desk = desk();
        let target = if scope == LimitScope::Group { 5 } else { 1 };
        set(&mut desk, scope, target, limits);
        assert_eq!(one_more(&mut desk), 0, "before {what}");
        event(&mut desk);
        assert_eq!(one_more(&mut desk), code.number(), "after {what}");
    }
}

/// Up to the last lot and the last order, one by one, and again after some have left.
#[test]
fn headroom_goes_exactly_as_far_as_the_limit() {
    for (scope, target) in [
        (LimitScope::Account, 1),
        (LimitScope::Group, 5),
        (LimitScope::Global, 0),
    ] {
        let mut desk = desk();
        set(&mut desk, scope, target, gross(140));
        let mut open = Vec::new();
        let fill = |desk: &mut Desk, open: &mut Vec<u64>| {
            loop {
                let answer = desk.place(limit(1, 1, Side::Buy, 900, 1));
                if answer.code != 0 {
                    return assert_eq!(answer.code, ErrorCode::GrossExposureLimit.number());
                }
                open.push(answer.order_id);
            }
        };
        fill(&mut desk, &mut open);
        assert_eq!(open.len(), 40, "{scope:?}");
        for id in open.drain(..25) {
            assert_eq!(desk.send(&[Record::of(cancel(1, 1, id))]).code, 0);
        }
        fill(&mut desk, &mut open);
        assert_eq!(open.len(), 40, "{scope:?}, after some have left");
    }
}

/// Buys and sells of account 2 that lose 90 units a lot, at prices that nobody is surprised by.
fn lose(desk: &mut Desk, lots: i64) {
    for (side, price) in [(Side::Buy, 1_015), (Side::Sell, 985)] {
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        assert_eq!(desk.place(limit(3, 1, other, price, lots)).code, 0);
        assert_eq!(desk.place(limit(2, 1, side, price, lots)).code, 0);
    }
}

#[test]
fn losses_of_many_small_trades_end_headroom() {
    let mut desk = desk();
    let loss = RiskLimits {
        max_daily_loss_units: 3_600,
        ..RiskLimits::default()
    };
    set(&mut desk, LimitScope::Account, 2, loss);
    (0..39).for_each(|_| lose(&mut desk, 1));
    let far = limit(2, 1, Side::Buy, 900, 1);
    assert_eq!(desk.place(far).code, 0, "39 times 90 units are below the limit");
    lose(&mut desk, 1);
    assert_eq!(desk.place(far).code, ErrorCode::DailyLossLimit.number());
}

#[test]
fn losses_of_many_small_trades_trip_a_breaker_with_the_one_that_reaches_it() {
    for scope in [StateScope::Account, StateScope::Group] {
        let mut desk = desk();
        // Account 1 is of the same desk and must not lose by what it holds.
        hold(&mut desk, 1, 1, -100);
        let rule = SetTripRule {
            kind: SetTripRule::KIND,
            scope: scope.number(),
            rule: TripRule::Loss.number(),
            resulting_state: TradingState::ReduceOnly.number(),
            target_id: if scope == StateScope::Group { 5 } else { 2 },
            threshold: 3_600,
            ..SetTripRule::default()
        };
        assert_eq!(desk.send(&[Record::of(rule)]).code, 0);
        let tripped = |desk: &Desk| desk.kinds().contains(&AccountStateReport::KIND);
        for _ in 0..39 {
            lose(&mut desk, 1);
            assert!(!tripped(&desk), "{scope:?}: too early");
        }
        lose(&mut desk, 1);
        assert!(tripped(&desk), "{scope:?}: 40 times 90 units");
    }
}
