//! Stops and if-touched orders by example.
use fulltape_sim::desk::{DAY, Desk};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn waiting(account: u32, order_type: OrderType, side: Side, stop: i64, price: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: order_type.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: stop,
        ..limit(account, 1, side, price, lots)
    }
}

fn stop(side: Side, stop: i64, lots: i64) -> PlaceOrder {
    waiting(3, OrderType::Stop, side, stop, 0, lots)
}

/// Places what must be accepted and wait.
fn park(desk: &mut Desk, order: PlaceOrder) -> u64 {
    let answer = desk.place(order);
    assert_eq!((answer.code, answer.order_status), (0, OrderStatus::New.number()));
    assert_eq!(desk.states().len(), 1, "it waits");
    answer.order_id
}

/// Trades one lot at a price, by orders that leave nothing behind.
fn print_at(desk: &mut Desk, price: i64) {
    desk.rest(3, Side::Sell, price, 1);
    desk.place(limit(3, 1, Side::Buy, price, 1));
    assert_eq!(desk.trades()[0].0, price);
}

fn mark(price_ticks: i64) -> [Record; 1] {
    [Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Mark.number(),
        price_ticks,
        ..SetReferencePrice::default()
    })]
}

fn state(scope: StateScope, state: TradingState, target_id: u32) -> [Record; 1] {
    [Record::of(SetTradingState {
        kind: SetTradingState::KIND,
        scope: scope.number(),
        state: state.number(),
        target_id,
        reason: 1,
        ..SetTradingState::default()
    })]
}

fn triggered(desk: &Desk) -> Vec<u64> {
    let states = desk.states();
    states
        .iter()
        .filter(|state| state.1 == ExecType::Triggered)
        .map(|state| state.0)
        .collect()
}

#[test]
fn each_type_waits_in_its_direction() {
    for (order_type, side, fires, holds) in [
        (OrderType::Stop, Side::Buy, 105, 104),
        (OrderType::Stop, Side::Sell, 95, 96),
        (OrderType::StopLimit, Side::Buy, 106, 104),
        (OrderType::StopLimit, Side::Sell, 94, 96),
        (OrderType::MarketIfTouched, Side::Buy, 95, 96),
        (OrderType::MarketIfTouched, Side::Sell, 105, 104),
        (OrderType::LimitIfTouched, Side::Buy, 94, 96),
        (OrderType::LimitIfTouched, Side::Sell, 106, 104),
    ] {
        let mut desk = Desk::new();
        print_at(&mut desk, 100);
        let trigger = if fires > 100 { 105 } else { 95 };
        let price = if matches!(order_type, OrderType::StopLimit | OrderType::LimitIfTouched) {
            trigger
        } else {
            0
        };
        let id = park(&mut desk, waiting(3, order_type, side, trigger, price, 2));
        let detail = desk.reports[1].view::<OrderDetailReport>();
        assert_eq!(
            (detail.kind, detail.stop_price_ticks),
            (OrderDetailReport::KIND, trigger)
        );
        print_at(&mut desk, holds);
        assert!(triggered(&desk).is_empty(), "{order_type:?} {side:?}");
        print_at(&mut desk, fires);
        assert_eq!(triggered(&desk), [id], "{order_type:?} {side:?}");
    }
}

#[test]
fn an_order_whose_condition_holds_at_once_is_accepted_and_then_triggers() {
    let mut desk = Desk::new();
    print_at(&mut desk, 100);
    let ask = desk.rest(3, Side::Sell, 101, 5);
    let mut order = waiting(1, OrderType::Stop, Side::Buy, 100, 0, 3);
    order.extension_count = 1;
    let records = [Record::of(order), Record::of(client_order("now"))];
    let answer = desk.send(&records);
    assert_eq!(
        (answer.order_status, answer.leaves_quantity_lots),
        (OrderStatus::New.number(), 3),
        "the answer is the acceptance"
    );
    assert_eq!(desk.kinds()[..6], [1, 11, 1, 11, 2, 10]);
    assert_eq!(desk.trades(), [(101, 3, ask, answer.order_id)]);
    assert_eq!(desk.free(1), 1_000_000 - 909 - 1);
    // Its id is remembered for a day after it closed, and does not run again.
    assert_eq!(desk.send(&records).flags, 1);
    desk.now += DAY;
    assert_eq!(desk.send(&records).flags, 0);
}

#[test]
fn a_stop_limit_never_trades_beyond_its_limit() {
    let mut desk = Desk::new();
    let id = park(&mut desk, waiting(3, OrderType::StopLimit, Side::Sell, 95, 94, 10));
    let bid = desk.rest(3, Side::Buy, 94, 4);
    desk.rest(3, Side::Buy, 93, 50);
    print_at(&mut desk, 95);
    assert_eq!(triggered(&desk), [id]);
    assert_eq!(desk.trades()[1..], [(94, 4, bid, id)]);
    assert_eq!(desk.queue(Side::Sell, 94), [id], "the rest waits at its limit");
    assert_eq!(desk.engine.order(id).expect("open").leaves_lots, 6);
}

#[test]
fn a_wave_runs_in_order_of_age_and_a_fill_triggers_only_others() {
    let mut desk = Desk::new();
    // Sell stops: the younger one is nearer to the market, both are due at 95; the third only at the price of their fills.
    let third = park(&mut desk, stop(Side::Sell, 90, 1));
    let old = park(&mut desk, stop(Side::Sell, 95, 1));
    let young = park(&mut desk, stop(Side::Sell, 96, 1));
    let bids = [(92, 1), (90, 1), (80, 5)].map(|(price, lots)| desk.rest(3, Side::Buy, price, lots));
    print_at(&mut desk, 95);
    assert_eq!(triggered(&desk), [old, young, third]);
    assert_eq!(
        desk.trades()[1..],
        [(92, 1, bids[0], old), (90, 1, bids[1], young), (80, 1, bids[2], third)]
    );
}

#[test]
fn a_triggered_order_is_never_triggered_again() {
    let mut desk = Desk::new();
    let id = park(&mut desk, waiting(3, OrderType::StopLimit, Side::Buy, 105, 110, 9));
    print_at(&mut desk, 105);
    assert_eq!(triggered(&desk), [id]);
    // Its own fill is a trade above its trigger.
    desk.place(limit(3, 1, Side::Sell, 110, 4));
    assert_eq!(desk.trades().len(), 1);
    assert!(triggered(&desk).is_empty());
    let answer = desk.send(&[Record::of(amend(3, id, 4, 0, 0))]);
    assert_eq!(
        answer.code,
        ErrorCode::UnsupportedOrderType.number(),
        "its trigger is gone"
    );
}

#[test]
fn triggers_may_follow_the_book_or_the_mark_price() {
    let mut desk = Desk::new();
    let by_book = PlaceOrder {
        trigger_source: TriggerSource::BidAsk.number(),
        ..stop(Side::Buy, 105, 1)
    };
    let by_mark = PlaceOrder {
        trigger_source: TriggerSource::Mark.number(),
        ..stop(Side::Sell, 95, 1)
    };
    let (book, marked) = (park(&mut desk, by_book), park(&mut desk, by_mark));
    let ask = desk.rest(3, Side::Sell, 104, 1);
    desk.rest(3, Side::Sell, 106, 1);
    desk.rest(3, Side::Buy, 90, 5);
    print_at(&mut desk, 100);
    // The best ask rises to the trigger because another order is cancelled.
    desk.send(&[Record::of(cancel(3, 1, ask))]);
    assert_eq!(triggered(&desk), [book]);
    assert_eq!(desk.trades()[0].0, 106);
    desk.send(&mark(96));
    assert!(triggered(&desk).is_empty());
    desk.send(&mark(95));
    assert_eq!(triggered(&desk), [marked]);
    assert_eq!(desk.trades()[0].0, 90);
}

#[test]
fn nothing_triggers_in_a_halt_and_what_is_due_triggers_when_it_ends() {
    for (scope, target) in [(StateScope::Instrument, 1), (StateScope::Global, 0)] {
        let mut desk = Desk::new();
        let by_mark = PlaceOrder {
            trigger_source: TriggerSource::Mark.number(),
            ..stop(Side::Sell, 95, 1)
        };
        let id = park(&mut desk, by_mark);
        desk.rest(3, Side::Buy, 90, 5);
        desk.send(&state(scope, TradingState::Halted, target));
        desk.send(&mark(95));
        assert!(triggered(&desk).is_empty());
        desk.send(&state(scope, TradingState::Active, target));
        assert_eq!(triggered(&desk), [id]);
    }
}

#[test]
fn what_the_checks_refuse_when_it_triggers_is_cancelled_with_its_reason() {
    // Nobody to trade with.
    let mut desk = Desk::new();
    let id = park(&mut desk, stop(Side::Buy, 105, 1));
    print_at(&mut desk, 105);
    assert_eq!(desk.states().pop().expect("a state").3, CancelReason::NoLiquidity);
    assert!(desk.engine.order(id).is_none());
    // The account is halted: only its own order ends.
    let mut desk = Desk::new();
    park(&mut desk, waiting(1, OrderType::Stop, Side::Buy, 105, 0, 1));
    desk.rest(3, Side::Sell, 120, 1);
    desk.send(&state(StateScope::Account, TradingState::Halted, 1));
    print_at(&mut desk, 105);
    assert_eq!(desk.states().pop().expect("a state").3, CancelReason::TradingHalted);
    assert_eq!(desk.free(1), 1_000_000);
    // The market has run away further than its cash: held at 105, offered at 400,000.
    let mut desk = Desk::new();
    park(&mut desk, waiting(1, OrderType::Stop, Side::Buy, 105, 0, 1));
    desk.rest(3, Side::Sell, 400_000, 1);
    print_at(&mut desk, 105);
    assert_eq!(desk.states().pop().expect("a state").3, CancelReason::Risk);
    assert_eq!((desk.trades().len(), desk.free(1)), (1, 1_000_000));
}

#[test]
fn what_waits_holds_money_at_its_limit_or_its_trigger_and_gives_it_back() {
    for (order_type, price, held) in [(OrderType::Stop, 0, 3_001), (OrderType::StopLimit, 110, 3_301)] {
        let mut desk = Desk::new();
        let id = park(&mut desk, waiting(1, order_type, Side::Buy, 100, price, 10));
        assert_eq!(desk.free(1), 1_000_000 - held);
        assert!(desk.queue(Side::Buy, price).is_empty(), "it is not in the book");
        assert_eq!(desk.send(&[Record::of(amend(1, id, 2, 0, 5))]).code, 0);
        assert_eq!(desk.free(1), 1_000_000 - (held - 1) / 2 - 1);
        desk.send(&[Record::of(CancelAllOrders {
            kind: CancelAllOrders::KIND,
            account_id: 1,
            ..CancelAllOrders::default()
        })]);
        assert_eq!((desk.states().len(), desk.free(1)), (1, 1_000_000));
    }
    let mut desk = Desk::new();
    let answer = desk.place(waiting(2, OrderType::Stop, Side::Sell, 100, 0, 1));
    assert_eq!(answer.code, ErrorCode::InsufficientPosition.number());
}

#[test]
fn an_amended_trigger_may_fire_at_once() {
    let mut desk = Desk::new();
    print_at(&mut desk, 100);
    let id = park(&mut desk, stop(Side::Buy, 105, 2));
    desk.rest(3, Side::Sell, 110, 2);
    let mut change = amend(3, id, 4, 0, 0);
    change.stop_price_ticks = 103;
    assert_eq!(desk.send(&[Record::of(change)]).exec_type, ExecType::Replaced.number());
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, 103);
    assert!(triggered(&desk).is_empty());
    assert_eq!(
        desk.send(&[Record::of(change)]).code,
        ErrorCode::AmendWithoutChange.number()
    );
    change.stop_price_ticks = 0;
    assert_eq!(
        desk.send(&[Record::of(change)]).code,
        ErrorCode::PriceNotPositive.number()
    );
    change.stop_price_ticks = 100;
    desk.send(&[Record::of(change)]);
    assert_eq!((triggered(&desk), desk.trades().len()), (vec![id], 1));
}

#[test]
fn type_by_time_in_force() {
    for order_type in [
        OrderType::Stop,
        OrderType::StopLimit,
        OrderType::MarketIfTouched,
        OrderType::LimitIfTouched,
    ] {
        for force in [
            TimeInForce::GoodTillCancel,
            TimeInForce::Day,
            TimeInForce::GoodTillDate,
            TimeInForce::ImmediateOrCancel,
            TimeInForce::FillOrKill,
        ] {
            let mut desk = Desk::new();
            let limited = matches!(order_type, OrderType::StopLimit | OrderType::LimitIfTouched);
            let rises = matches!(order_type, OrderType::Stop | OrderType::StopLimit);
            let mut order = waiting(3, order_type, Side::Buy, 100, if limited { 120 } else { 0 }, 5);
            order.time_in_force = force.number();
            let dated = force == TimeInForce::GoodTillDate;
            let terms = OrderTerms {
                expire_time_nanos: if dated { desk.now + DAY / 2 } else { 0 },
                ..OrderTerms::default()
            };
            print_at(&mut desk, if rises { 99 } else { 101 });
            let id = desk.place_with(order, terms).order_id;
            desk.rest(3, Side::Sell, 115, 3);
            print_at(&mut desk, 100);
            assert_eq!(triggered(&desk), [id], "{order_type:?} {force:?}");
            let filled = if force == TimeInForce::FillOrKill { 0 } else { 3 };
            assert_eq!(desk.trades().len(), if filled == 0 { 1 } else { 2 });
            let stays = limited && !matches!(force, TimeInForce::ImmediateOrCancel | TimeInForce::FillOrKill);
            assert_eq!(desk.engine.order(id).is_some(), stays, "{order_type:?} {force:?}");
            // Untriggered ones expire with their time in force.
            let id = desk
                .place_with(
                    PlaceOrder {
                        stop_price_ticks: if rises { 500 } else { 1 },
                        ..order
                    },
                    terms,
                )
                .order_id;
            desk.now += DAY;
            desk.send(&[Record::of(cash(2, 1))]);
            let expires = dated || force == TimeInForce::Day;
            assert_eq!(desk.engine.order(id).is_none(), expires, "{order_type:?} {force:?}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut desk = Desk::new();
    let unsupported = ErrorCode::UnsupportedOrderType.number();
    let mut order = stop(Side::Buy, 100, 1);
    order.trigger_source = 0;
    assert_eq!(desk.place(order).code, ErrorCode::InvalidArgument.number());
    order = stop(Side::Buy, 0, 1);
    assert_eq!(desk.place(order).code, ErrorCode::PriceNotPositive.number());
    order = stop(Side::Buy, 100, 1);
    order.price_ticks = 100;
    assert_eq!(desk.place(order).code, ErrorCode::PriceNotAllowed.number());
    order = waiting(3, OrderType::StopLimit, Side::Buy, 100, 0, 1);
    assert_eq!(desk.place(order).code, ErrorCode::PriceNotPositive.number());
    order = waiting(3, OrderType::StopLimit, Side::Buy, 100, 100, 1);
    order.instructions = order_instruction::POST_ONLY;
    assert_eq!(desk.place(order).code, unsupported);
    order = limit(3, 1, Side::Buy, 100, 1);
    order.stop_price_ticks = 90;
    assert_eq!(desk.place(order).code, unsupported);
    assert_eq!(
        desk.place(stop(Side::Buy, i64::MAX, 2)).code,
        ErrorCode::NotionalOverflow.number()
    );
}

#[test]
fn the_state_hash_knows_triggers_and_the_last_price() {
    let hash = |trigger: i64, last: i64| {
        let mut desk = Desk::new();
        print_at(&mut desk, last);
        park(&mut desk, stop(Side::Buy, trigger, 1));
        desk.engine.state_hash()
    };
    assert_eq!(hash(105, 100), hash(105, 100));
    assert_ne!(hash(105, 100), hash(106, 100));
    assert_ne!(hash(105, 100), hash(105, 101));
}
