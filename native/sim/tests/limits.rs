//! Risk limits by example: each check passes at its bound and refuses beyond it, with the value, the bound and the version.
use fulltape_engine::Command;
use fulltape_sim::desk::{DAY, Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const VERSION: u32 = 41;

/// Where limits hold: scope, target, instrument.
type Where = (LimitScope, u32, u32);

const ACCOUNT: Where = (LimitScope::Account, 1, 0);
const EVERYWHERE: [Where; 7] = [
    ACCOUNT,
    (LimitScope::Account, 1, 1),
    (LimitScope::Group, 5, 0),
    (LimitScope::Group, 5, 1),
    (LimitScope::Instrument, 1, 0),
    (LimitScope::Global, 0, 0),
    (LimitScope::Global, 0, 1),
];

fn limits_at(at: Where, version: u32, limits: RiskLimits, rates: RiskRates) -> Vec<Record> {
    let change = SetRiskLimits {
        extension_count: 2,
        kind: SetRiskLimits::KIND,
        scope: at.0.number(),
        target_id: at.1,
        instrument_id: at.2,
        version,
        ..SetRiskLimits::default()
    };
    let limits = RiskLimits {
        kind: RiskLimits::KIND,
        ..limits
    };
    let rates = RiskRates {
        kind: RiskRates::KIND,
        ..rates
    };
    vec![Record::of(change), Record::of(limits), Record::of(rates)]
}

/// Accounts 1 and 2 are desk 5; account 3 trades against them; the last price is 100. A lot is worth 300 units.
fn desk() -> Desk {
    let mut desk = Desk::new();
    for id in [1, 2] {
        let grouped = DefineAccount {
            group_id: 5,
            ..account(id, AccountKind::Cash, account_permission::SHORT_SALE)
        };
        assert_eq!(desk.send(&[Record::of(grouped)]).code, 0);
    }
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    desk.rest(3, Side::Sell, 100, 1);
    desk.place(limit(4, 1, Side::Buy, 100, 1));
    desk
}

fn limited(at: Where, limits: RiskLimits, rates: RiskRates) -> Desk {
    let mut desk = desk();
    assert_eq!(desk.send(&limits_at(at, VERSION, limits, rates)).code, 0);
    desk
}

fn give(desk: &mut Desk, account_id: u32, quantity_lots: i64, cost_units: i64) {
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id: 1,
        quantity_lots,
        cost_units,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
}

fn price(desk: &mut Desk, purpose: PricePurpose, price_ticks: i64, source_time_nanos: u64) {
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: PriceSource::Operator.number().into(),
        purpose: purpose.number(),
        price_ticks,
        source_time_nanos,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

/// Brings the engine's clock up to the desk's: a dry run has no stamp.
fn tick(desk: &mut Desk) {
    let advance = AdvanceTime {
        kind: AdvanceTime::KIND,
        confirm_jump: 1,
        ..AdvanceTime::default()
    };
    assert_eq!(desk.send(&[Record::of(advance)]).code, 0);
}

/// The order is refused with these numbers, and a dry run says so first.
fn refused(desk: &mut Desk, order: PlaceOrder, code: ErrorCode, observed: i64, limit: i64) {
    tick(desk);
    let dry = desk
        .engine
        .check(&Command::new(&[Record::of(order)]))
        .expect_err("refused");
    assert_eq!(
        (dry.code, dry.observed, dry.limit, dry.rule_version),
        (code, observed, limit, VERSION)
    );
    let answer = desk.place(order);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (code.number(), observed, limit)
    );
    let refusal: &RefusalReport = desk.reports[0].view();
    assert_eq!((refusal.kind, refusal.rule_version), (RefusalReport::KIND, VERSION));
}

fn taken(desk: &mut Desk, order: PlaceOrder) -> u64 {
    tick(desk);
    let before = desk.engine.state_hash();
    assert_eq!(desk.engine.check(&Command::new(&[Record::of(order)])), Ok(()));
    assert_eq!(desk.engine.state_hash(), before, "a dry run leaves no trace");
    let answer = desk.place(order);
    assert_eq!((answer.code, answer.observed, answer.limit), (0, 0, 0));
    answer.order_id
}

fn buy(price: i64, lots: i64) -> PlaceOrder {
    limit(1, 1, Side::Buy, price, lots)
}

#[test]
fn quantity_and_notional_hold_in_every_scope_that_covers_the_order() {
    for at in EVERYWHERE {
        let limits = RiskLimits {
            max_order_quantity_lots: 10,
            ..RiskLimits::default()
        };
        let mut desk = limited(at, limits, RiskRates::default());
        taken(&mut desk, buy(90, 10));
        refused(&mut desk, buy(90, 11), ErrorCode::MaxOrderQuantity, 11, 10);
        let limits = RiskLimits {
            max_order_notional_units: 2_700,
            ..RiskLimits::default()
        };
        let mut desk = limited(at, limits, RiskRates::default());
        taken(&mut desk, buy(90, 10));
        refused(&mut desk, buy(90, 11), ErrorCode::MaxOrderNotional, 2_970, 2_700);
    }
}

#[test]
fn the_strictest_limit_rules_whatever_its_scope_and_the_first_of_equal_ones_is_named() {
    let quantity = |lots| RiskLimits {
        max_order_quantity_lots: lots,
        ..RiskLimits::default()
    };
    let mut desk = desk();
    for (version, at, lots) in [
        (1, EVERYWHERE[0], 30),
        (VERSION, EVERYWHERE[3], 20),
        (3, EVERYWHERE[5], 20),
    ] {
        desk.send(&limits_at(at, version, quantity(lots), RiskRates::default()));
    }
    refused(&mut desk, buy(90, 40), ErrorCode::MaxOrderQuantity, 40, 20);
    // Account 3 is under the limit for everybody alone.
    let answer = desk.place(limit(3, 1, Side::Buy, 90, 40));
    assert_eq!((answer.code, answer.limit), (ErrorCode::MaxOrderQuantity.number(), 20));
    assert_eq!(desk.reports[0].view::<RefusalReport>().rule_version, 3);
}

#[test]
fn a_market_order_is_valued_by_what_the_book_asks() {
    let limits = RiskLimits {
        max_order_notional_units: 10 * 303,
        ..RiskLimits::default()
    };
    let mut desk = limited(ACCOUNT, limits, RiskRates::default());
    desk.rest(3, Side::Sell, 101, 10);
    desk.rest(3, Side::Sell, 102, 10);
    refused(
        &mut desk,
        market(1, 1, Side::Buy, 11),
        ErrorCode::MaxOrderNotional,
        10 * 303 + 306,
        10 * 303,
    );
    taken(&mut desk, market(1, 1, Side::Buy, 10));
}

#[test]
fn a_position_is_limited_at_its_worst_for_the_account_and_for_its_desk() {
    let limits = RiskLimits {
        max_position_lots: 20,
        ..RiskLimits::default()
    };
    for at in EVERYWHERE {
        let mut desk = limited(at, limits, RiskRates::default());
        give(&mut desk, 1, 5, 0);
        taken(&mut desk, buy(90, 10));
        refused(&mut desk, buy(90, 6), ErrorCode::PositionLimit, 21, 20);
        let id = taken(&mut desk, buy(90, 5));
        // Short: 25 sold of 5 held.
        refused(
            &mut desk,
            limit(1, 1, Side::Sell, 110, 26),
            ErrorCode::PositionLimit,
            21,
            20,
        );
        taken(&mut desk, limit(1, 1, Side::Sell, 110, 25));
        // An amend counts its own order once.
        let answer = desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 6))]);
        assert_eq!(
            (answer.code, answer.observed, answer.limit),
            (ErrorCode::PositionLimit.number(), 21, 20)
        );
        assert_eq!(desk.reports[0].view::<RefusalReport>().rule_version, VERSION);
        assert_eq!(desk.send(&[Record::of(amend(1, id, amend_flag::PRICE, 91, 0))]).code, 0);
        // Another account of the desk counts towards the desk's position alone.
        let answer = desk.place(limit(2, 1, Side::Buy, 90, 1));
        let whole_desk = at.0 == LimitScope::Group;
        assert_eq!(answer.code != 0, whole_desk, "{at:?}");
        assert_eq!(answer.observed, if whole_desk { 21 } else { 0 });
    }
}

#[test]
fn gross_and_net_exposure_count_what_is_held_and_what_is_open() {
    for at in EVERYWHERE {
        let one = at.2 != 0 || at.0 == LimitScope::Instrument;
        let mut desk = desk();
        desk.send(&instrument(2, 0, 0));
        // 20 lots short of instrument 2 at 50: 3,000 units.
        desk.place(limit(3, 2, Side::Buy, 50, 20));
        taken(&mut desk, limit(1, 2, Side::Sell, 50, 20));
        give(&mut desk, 1, 10, 0);
        let gross = RiskLimits {
            max_gross_units: 9_000,
            ..RiskLimits::default()
        };
        desk.send(&limits_at(at, VERSION, gross, RiskRates::default()));
        // 10 held and n open at 300 each, and the other instrument's 3,000 where it counts.
        let free = if one { 20 } else { 10 };
        let worst = if one { 0 } else { 3_000 };
        refused(
            &mut desk,
            buy(90, free + 1),
            ErrorCode::GrossExposureLimit,
            worst + (10 + free + 1) * 300,
            9_000,
        );
        taken(&mut desk, buy(90, free));
        let net = RiskLimits {
            max_net_units: 4_500,
            ..RiskLimits::default()
        };
        desk.send(&[Record::of(CancelAllOrders {
            kind: CancelAllOrders::KIND,
            account_id: 1,
            ..CancelAllOrders::default()
        })]);
        desk.send(&limits_at(at, VERSION, net, RiskRates::default()));
        // Long 3,000 and, where it counts, short 3,000.
        let free = if one { 5 } else { 15 };
        let held = if one { 3_000 } else { 0 };
        refused(
            &mut desk,
            buy(90, free + 1),
            ErrorCode::NetExposureLimit,
            held + (free + 1) * 300,
            4_500,
        );
        taken(&mut desk, buy(90, free));
    }
}

#[test]
fn exposure_is_valued_at_the_mark_then_the_last_price_then_the_reference_then_the_order() {
    let limits = RiskLimits {
        max_gross_units: 1,
        ..RiskLimits::default()
    };
    let mut desk = Desk::new();
    desk.send(&limits_at(ACCOUNT, VERSION, limits, RiskRates::default()));
    refused(&mut desk, buy(90, 1), ErrorCode::GrossExposureLimit, 270, 1);
    price(&mut desk, PricePurpose::Reference, 95, 0);
    refused(&mut desk, buy(90, 1), ErrorCode::GrossExposureLimit, 285, 1);
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    desk.rest(3, Side::Sell, 100, 1);
    desk.place(limit(4, 1, Side::Buy, 100, 1));
    refused(&mut desk, buy(90, 1), ErrorCode::GrossExposureLimit, 300, 1);
    price(&mut desk, PricePurpose::Mark, 120, 0);
    refused(&mut desk, buy(90, 1), ErrorCode::GrossExposureLimit, 360, 1);
}

/// A mistake that other engines made: an order that can only shrink the position passes every limit on risk.
#[test]
fn a_closing_order_is_not_blocked_by_an_exposure_limit() {
    let limits = RiskLimits {
        max_order_notional_units: 1,
        max_position_lots: 1,
        max_gross_units: 1,
        max_net_units: 1,
        max_daily_loss_units: 1,
        ..RiskLimits::default()
    };
    for at in &EVERYWHERE {
        let daily = matches!(at.0, LimitScope::Account | LimitScope::Group);
        let limits = RiskLimits {
            max_daily_loss_units: i64::from(daily),
            ..limits
        };
        for held in [10, -10] {
            let mut desk = limited(*at, limits, RiskRates::default());
            give(&mut desk, 1, held, 0);
            // The day has cost more than it may.
            price(&mut desk, PricePurpose::Mark, if held > 0 { 1 } else { 1_000 }, 0);
            let (close, more) = if held > 0 {
                (Side::Sell, Side::Buy)
            } else {
                (Side::Buy, Side::Sell)
            };
            let code = desk.place(limit(1, 1, more, 100, 2)).code;
            assert_eq!(code, ErrorCode::MaxOrderNotional.number());
            let id = taken(&mut desk, limit(1, 1, close, 100, 9));
            assert_eq!(
                desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 10))]).code,
                0
            );
            // One lot beyond what is held would open a position.
            let code = desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 11))]).code;
            assert_eq!(code, ErrorCode::MaxOrderNotional.number());
            assert_eq!(
                desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 4))]).code,
                0
            );
        }
    }
    // The sanity of an order does not depend on what it does to the position.
    let limits = RiskLimits {
        max_order_quantity_lots: 5,
        ..RiskLimits::default()
    };
    let mut desk = limited(ACCOUNT, limits, RiskRates::default());
    give(&mut desk, 1, 10, 0);
    refused(
        &mut desk,
        limit(1, 1, Side::Sell, 100, 6),
        ErrorCode::MaxOrderQuantity,
        6,
        5,
    );
}

#[test]
fn open_orders_are_counted_together_over_all_whom_the_limit_covers() {
    for (at, others) in EVERYWHERE.into_iter().zip([0, 0, 1, 1, 3, 3, 3]) {
        let rates = RiskRates {
            max_open_orders: 3 + others,
            ..RiskRates::default()
        };
        let mut desk = limited(at, RiskLimits::default(), rates);
        // One of the desk's other account and two of somebody else's.
        desk.rest(2, Side::Buy, 80, 1);
        desk.rest(3, Side::Buy, 80, 1);
        desk.rest(4, Side::Sell, 100, 1);
        let first = taken(&mut desk, buy(90, 1));
        taken(&mut desk, buy(90, 1));
        taken(&mut desk, buy(90, 1));
        let (observed, limit) = (i64::from(4 + others), i64::from(3 + others));
        refused(&mut desk, buy(90, 1), ErrorCode::MaxOpenOrders, observed, limit);
        // What does not stay open needs no room, nor does an amend.
        let immediate = PlaceOrder {
            time_in_force: TimeInForce::ImmediateOrCancel.number(),
            ..buy(100, 1)
        };
        taken(&mut desk, immediate);
        assert_eq!(
            desk.send(&[Record::of(amend(1, first, amend_flag::PRICE, 91, 0))]).code,
            0
        );
        desk.send(&[Record::of(cancel(1, 1, first))]);
        taken(&mut desk, buy(90, 1));
    }
}

#[test]
fn the_order_rate_is_a_bucket_on_engine_time_and_counts_what_is_refused() {
    let rates = RiskRates {
        orders_per_second: 4,
        burst_orders: 3,
        ..RiskRates::default()
    };
    for at in EVERYWHERE {
        let mut desk = limited(at, RiskLimits::default(), rates);
        let id = taken(&mut desk, buy(90, 1));
        assert_eq!(desk.send(&[Record::of(amend(1, id, amend_flag::PRICE, 91, 0))]).code, 0);
        let refusal = desk.place(buy(-1, 1));
        assert_eq!(
            refusal.code,
            ErrorCode::PriceNotPositive.number(),
            "and it took a token"
        );
        // A token comes every quarter of a second; the refusal says how long it will take.
        refused(&mut desk, buy(90, 1), ErrorCode::OrderRateLimit, 250_000_000, 4);
        desk.now += 249_999_999;
        refused(&mut desk, buy(90, 1), ErrorCode::OrderRateLimit, 1, 4);
        let answer = desk.send(&[Record::of(amend(1, id, amend_flag::PRICE, 92, 0))]);
        assert_eq!((answer.code, answer.order_id), (ErrorCode::OrderRateLimit.number(), id));
        // Cancels are never counted.
        assert_eq!(desk.send(&[Record::of(cancel(1, 1, id))]).code, 0);
        desk.now += 1;
        taken(&mut desk, buy(90, 1));
        refused(&mut desk, buy(90, 1), ErrorCode::OrderRateLimit, 250_000_000, 4);
        // No more than the burst is ever saved up.
        desk.now += 100 * SECOND;
        for _ in 0..3 {
            taken(&mut desk, buy(90, 1));
        }
        refused(&mut desk, buy(90, 1), ErrorCode::OrderRateLimit, 250_000_000, 4);
        // Who else is counted depends on the scope.
        let shared = at.0 == LimitScope::Group;
        let all = matches!(at.0, LimitScope::Instrument | LimitScope::Global);
        assert_eq!(desk.place(limit(2, 1, Side::Buy, 90, 1)).code != 0, shared || all);
        assert_eq!(desk.place(limit(4, 1, Side::Buy, 90, 1)).code != 0, all);
    }
}

#[test]
fn the_stricter_collar_wins_and_a_stale_reference_is_no_reference() {
    for at in EVERYWHERE {
        let rates = RiskRates {
            collar_ppm: 50_000,
            max_price_age_ms: 2_000,
            ..RiskRates::default()
        };
        let mut desk = limited(at, RiskLimits::default(), rates);
        let set_at = desk.now;
        price(&mut desk, PricePurpose::Reference, 100, set_at);
        taken(&mut desk, buy(95, 1));
        refused(&mut desk, buy(94, 1), ErrorCode::PriceOutsideCollar, 94, 95);
        refused(
            &mut desk,
            limit(1, 1, Side::Sell, 106, 1),
            ErrorCode::PriceOutsideCollar,
            106,
            105,
        );
        desk.now = set_at + 2 * SECOND;
        let id = taken(&mut desk, buy(95, 1));
        desk.now += 1;
        refused(&mut desk, buy(95, 1), ErrorCode::StaleReferencePrice, 2_001, 2_000);
        // An order whose price does not change is not held to a collar.
        assert_eq!(
            desk.send(&[Record::of(amend(1, id, amend_flag::QUANTITY, 0, 2))]).code,
            0
        );
        // A mark price does not make the reference younger.
        let now = desk.now;
        price(&mut desk, PricePurpose::Mark, 100, now);
        refused(&mut desk, buy(95, 1), ErrorCode::StaleReferencePrice, 2_001, 2_000);
        price(&mut desk, PricePurpose::Reference, 100, now);
        taken(&mut desk, buy(95, 1));
    }
    // The instrument's own collar is one of them.
    let mut desk = desk();
    let mut records = instrument(1, -20, 150);
    let tight = DefineInstrument {
        collar_ppm: 20_000,
        ..*records[0].view()
    };
    records[0] = Record::of(tight);
    desk.send(&records);
    price(&mut desk, PricePurpose::Reference, 100, 0);
    let rates = |collar_ppm| RiskRates {
        collar_ppm,
        ..RiskRates::default()
    };
    for (own, bound, version) in [(50_000, 98, 0), (10_000, 99, VERSION)] {
        desk.send(&limits_at(ACCOUNT, VERSION, RiskLimits::default(), rates(own)));
        let answer = desk.place(buy(97, 1));
        assert_eq!(
            (answer.code, answer.limit),
            (ErrorCode::PriceOutsideCollar.number(), bound)
        );
        assert_eq!(desk.reports[0].view::<RefusalReport>().rule_version, version);
    }
}

#[test]
fn a_fat_finger_is_measured_from_the_best_opposite_price() {
    let rates = RiskRates {
        fat_finger_ppm: 50_000,
        ..RiskRates::default()
    };
    for at in EVERYWHERE {
        let mut desk = limited(at, RiskLimits::default(), rates);
        // Without an opposite side there is nothing to cross.
        let far = taken(&mut desk, buy(500, 1));
        desk.send(&[Record::of(cancel(1, 1, far))]);
        desk.rest(3, Side::Sell, 100, 5);
        desk.rest(3, Side::Sell, 106, 5);
        refused(&mut desk, buy(106, 1), ErrorCode::FatFinger, 106, 105);
        // A market order is held to the worst price that it would trade at.
        refused(&mut desk, market(1, 1, Side::Buy, 6), ErrorCode::FatFinger, 106, 105);
        taken(&mut desk, market(1, 1, Side::Buy, 2));
        taken(&mut desk, buy(105, 3));
        desk.place(limit(3, 1, Side::Buy, 80, 5));
        refused(&mut desk, limit(1, 1, Side::Sell, 75, 1), ErrorCode::FatFinger, 75, 76);
        taken(&mut desk, limit(1, 1, Side::Sell, 76, 1));
    }
}

#[test]
fn a_day_that_cost_too_much_leaves_only_orders_that_close() {
    for at in &EVERYWHERE[..4] {
        let limits = RiskLimits {
            max_daily_loss_units: 600,
            ..RiskLimits::default()
        };
        let mut desk = limited(*at, limits, RiskRates::default());
        give(&mut desk, 1, 10, 3_000);
        // 19 ticks down on 10 lots of 3 units are 570 lost, 20 are the limit.
        price(&mut desk, PricePurpose::Mark, 81, 0);
        taken(&mut desk, buy(80, 1));
        price(&mut desk, PricePurpose::Mark, 80, 0);
        refused(&mut desk, buy(79, 1), ErrorCode::DailyLossLimit, 600, 600);
        // What is realised counts like what is not: 25 of the 600 come back with a better price.
        desk.rest(3, Side::Buy, 85, 5);
        taken(&mut desk, limit(1, 1, Side::Sell, 85, 5));
        taken(&mut desk, buy(79, 1));
        price(&mut desk, PricePurpose::Mark, 75, 0);
        refused(&mut desk, buy(74, 1), ErrorCode::DailyLossLimit, 225 + 375, 600);
        // The next UTC day begins at the prices that it finds, before its first command changes them.
        desk.now = (desk.now / DAY + 1) * DAY - 1;
        refused(&mut desk, buy(74, 1), ErrorCode::DailyLossLimit, 600, 600);
        desk.now += 1;
        price(&mut desk, PricePurpose::Mark, 36, 0);
        taken(&mut desk, buy(35, 1));
        price(&mut desk, PricePurpose::Mark, 35, 0);
        refused(&mut desk, buy(34, 1), ErrorCode::DailyLossLimit, 600, 600);
    }
}

#[test]
fn a_loss_is_counted_from_when_the_first_limit_asks_for_it() {
    let mut desk = desk();
    give(&mut desk, 1, 10, 3_000);
    price(&mut desk, PricePurpose::Mark, 50, 0);
    let limits = |units| RiskLimits {
        max_daily_loss_units: units,
        ..RiskLimits::default()
    };
    desk.send(&limits_at(ACCOUNT, VERSION, limits(300), RiskRates::default()));
    taken(&mut desk, buy(49, 1));
    price(&mut desk, PricePurpose::Mark, 40, 0);
    refused(&mut desk, buy(39, 1), ErrorCode::DailyLossLimit, 300, 300);
    // Another limit for the same account goes on with the day as it was counted.
    desk.send(&limits_at(ACCOUNT, 1, limits(600), RiskRates::default()));
    desk.send(&limits_at(
        (LimitScope::Group, 5, 0),
        VERSION,
        limits(300),
        RiskRates::default(),
    ));
    refused(&mut desk, buy(39, 1), ErrorCode::DailyLossLimit, 300, 300);
}

#[test]
fn limits_are_looked_at_again_when_a_stop_triggers_but_not_the_rate() {
    let rates = RiskRates {
        orders_per_second: 1,
        burst_orders: 2,
        ..RiskRates::default()
    };
    for (position, canceled) in [(10, false), (4, true)] {
        let mut desk = limited(ACCOUNT, RiskLimits::default(), rates);
        let stop = PlaceOrder {
            order_type: OrderType::StopLimit.number(),
            trigger_source: TriggerSource::Mark.number(),
            stop_price_ticks: 105,
            ..buy(105, 5)
        };
        let id = desk.place(stop).order_id;
        let limits = RiskLimits {
            max_position_lots: position,
            ..RiskLimits::default()
        };
        // The bucket is new with its limits; two orders empty it.
        desk.send(&limits_at(ACCOUNT, VERSION, limits, rates));
        desk.place(buy(-1, 1));
        desk.place(buy(-1, 1));
        price(&mut desk, PricePurpose::Mark, 106, 0);
        let states = desk.states();
        assert_eq!(states[0].1, ExecType::Triggered);
        assert_eq!(desk.engine.order(id).is_none(), canceled);
        if canceled {
            assert_eq!(states[1].3, CancelReason::Risk);
        }
    }
}

#[test]
fn limits_replace_what_was_set_wholly_and_zeros_take_it_away() {
    let mut desk = desk();
    let quantity = RiskLimits {
        max_order_quantity_lots: 5,
        ..RiskLimits::default()
    };
    let open = RiskRates {
        max_open_orders: 1,
        ..RiskRates::default()
    };
    let affected = |desk: &Desk| desk.reports[0].view::<DoneReport>().affected_count;
    desk.send(&limits_at(ACCOUNT, VERSION, quantity, RiskRates::default()));
    let state: &AccountStateReport = desk.reports[1].view();
    assert_eq!((state.kind, state.account_id, state.version), (7, 1, VERSION));
    desk.send(&limits_at(ACCOUNT, VERSION, quantity, RiskRates::default()));
    assert_eq!((affected(&desk), desk.reports.len()), (0, 1), "nothing changed");
    desk.send(&limits_at(ACCOUNT, VERSION, RiskLimits::default(), open));
    assert_eq!(affected(&desk), 1);
    taken(&mut desk, buy(90, 50));
    refused(&mut desk, buy(90, 1), ErrorCode::MaxOpenOrders, 2, 1);
    desk.send(&limits_at(
        ACCOUNT,
        VERSION + 1,
        RiskLimits::default(),
        RiskRates::default(),
    ));
    assert_eq!(affected(&desk), 1);
    taken(&mut desk, buy(90, 50));
    // Group and global reports carry the version too.
    desk.send(&limits_at((LimitScope::Group, 5, 1), 8, quantity, open));
    let state: &AccountStateReport = desk.reports[1].view();
    assert_eq!(
        (state.scope, state.group_id, state.version),
        (StateScope::Group.number(), 5, 8)
    );
    desk.send(&limits_at((LimitScope::Global, 0, 0), 9, quantity, open));
    let state: &AccountStateReport = desk.reports[1].view();
    assert_eq!((state.scope, state.version), (StateScope::Global.number(), 9));
}

#[test]
fn who_joins_a_desk_comes_under_its_limits_and_who_leaves_is_free() {
    let quantity = RiskLimits {
        max_order_quantity_lots: 5,
        ..RiskLimits::default()
    };
    let mut desk = limited((LimitScope::Group, 5, 0), quantity, RiskRates::default());
    let join = |desk: &mut Desk, id, group_id| {
        let terms = DefineAccount {
            group_id,
            ..account(id, AccountKind::Replay, 0)
        };
        assert_eq!(desk.send(&[Record::of(terms)]).code, 0);
    };
    join(&mut desk, 4, 5);
    let order = limit(4, 1, Side::Buy, 90, 6);
    refused(&mut desk, order, ErrorCode::MaxOrderQuantity, 6, 5);
    for leaves in [2, 1, 4] {
        join(&mut desk, leaves, 6);
        taken(&mut desk, limit(leaves, 1, Side::Buy, 90, 6));
    }
}

/// A desk of 10 lots held by each of its accounts, 1 and 2, that may be worth 9,000 together: 30 lots.
fn holding() -> Desk {
    let gross = RiskLimits {
        max_gross_units: 9_000,
        ..RiskLimits::default()
    };
    let mut desk = limited((LimitScope::Group, 5, 0), gross, RiskRates::default());
    give(&mut desk, 1, 10, 0);
    give(&mut desk, 2, 10, 0);
    desk
}

#[test]
fn what_an_account_holds_joins_a_desk_and_leaves_it_with_the_account() {
    let mut desk = holding();
    let join = |desk: &mut Desk, id, kind, group_id| {
        let terms = DefineAccount {
            group_id,
            ..account(id, kind, account_permission::SHORT_SALE)
        };
        assert_eq!(desk.send(&[Record::of(terms)]).code, 0);
    };
    let beyond = |desk: &mut Desk, free: i64| {
        refused(desk, buy(90, free + 1), ErrorCode::GrossExposureLimit, 9_300, 9_000);
    };
    beyond(&mut desk, 10);
    join(&mut desk, 2, AccountKind::Cash, 6);
    beyond(&mut desk, 20);
    // It counts with what it has when it comes back.
    give(&mut desk, 2, 5, 0);
    join(&mut desk, 2, AccountKind::Cash, 5);
    beyond(&mut desk, 5);
    // One lot comes with account 4.
    join(&mut desk, 4, AccountKind::Replay, 5);
    beyond(&mut desk, 4);
    join(&mut desk, 4, AccountKind::Replay, 0);
    taken(&mut desk, buy(90, 5));
}

#[test]
fn what_a_desk_holds_is_exact_where_it_is_huge_or_has_no_price() {
    let mut desk = holding();
    // Beyond what sums by instrument stand for, and back.
    give(&mut desk, 2, 1 << 41, 0);
    let observed = ((1 << 41) + 21) * 300;
    refused(&mut desk, buy(90, 1), ErrorCode::GrossExposureLimit, observed, 9_000);
    give(&mut desk, 2, -(1 << 41), 0);
    refused(&mut desk, buy(90, 11), ErrorCode::GrossExposureLimit, 9_300, 9_000);
    // Without a price, positions count with their costs, each by itself.
    desk.send(&instrument(2, 0, 0));
    for (account_id, quantity_lots, cost_units) in [(1, 10, 700), (2, -10, -200)] {
        let movement = MovePosition {
            kind: MovePosition::KIND,
            account_id,
            instrument_id: 2,
            quantity_lots,
            cost_units,
            reason: 1,
            ..MovePosition::default()
        };
        assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
    }
    refused(&mut desk, buy(90, 8), ErrorCode::GrossExposureLimit, 9_300, 9_000);
    taken(&mut desk, buy(90, 7));
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let mut desk = desk();
    let none = RiskRates::default();
    let negative = RiskLimits {
        max_net_units: -1,
        ..RiskLimits::default()
    };
    let daily = RiskLimits {
        max_daily_loss_units: 1,
        ..RiskLimits::default()
    };
    let quantity = RiskLimits {
        max_order_quantity_lots: 1,
        ..RiskLimits::default()
    };
    let burst = RiskRates {
        burst_orders: 1,
        ..RiskRates::default()
    };
    let (invalid, instrument) = (ErrorCode::InvalidArgument, ErrorCode::UnknownInstrumentId);
    for (at, limits, rates, code) in [
        (ACCOUNT, negative, none, invalid),
        (ACCOUNT, quantity, burst, invalid),
        ((LimitScope::Instrument, 1, 0), daily, none, invalid),
        ((LimitScope::Global, 0, 1), daily, none, invalid),
        ((LimitScope::Global, 1, 0), quantity, none, invalid),
        ((LimitScope::Group, 0, 0), quantity, none, invalid),
        ((LimitScope::Account, 99, 0), quantity, none, ErrorCode::UnknownAccount),
        ((LimitScope::Account, 1, 99), quantity, none, instrument),
        ((LimitScope::Instrument, 99, 0), quantity, none, instrument),
    ] {
        let answer = desk.send(&limits_at(at, 1, limits, rates));
        assert_eq!(answer.code, code.number(), "{at:?}");
    }
    // As many scopes as accounts.
    for version in 0..10 {
        let at = (LimitScope::Group, 10 + version, 0);
        let known = desk.send(&limits_at(at, version, quantity, none)).code;
        assert_eq!(known == 0, version < 9, "one group is there already");
    }
    let desk_limit = desk.send(&limits_at(ACCOUNT, 1, quantity, none));
    assert_eq!(desk_limit.code, 0);
    let full = desk.send(&limits_at((LimitScope::Account, 2, 0), 1, quantity, none));
    assert_eq!(full.code, ErrorCode::TableFull.number());
}
