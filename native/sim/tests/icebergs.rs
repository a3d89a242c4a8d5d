//! Iceberg and hidden orders by example.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn iceberg(account: u32, side: Side, price: i64, lots: i64, display: i64) -> PlaceOrder {
    PlaceOrder {
        display_quantity_lots: display,
        ..limit(account, 1, side, price, lots)
    }
}

fn hidden(account: u32, side: Side, price: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        instructions: order_instruction::HIDDEN,
        ..limit(account, 1, side, price, lots)
    }
}

fn seen(desk: &Desk, side: Side) -> Vec<(i64, i64, u32)> {
    desk.engine
        .levels(1, side)
        .map(|level| (level.price_ticks, level.quantity_lots, level.orders))
        .collect()
}

/// (maker, lots) of each trade.
fn makers(desk: &Desk) -> Vec<(u64, i64)> {
    desk.trades().iter().map(|trade| (trade.2, trade.1)).collect()
}

#[test]
fn the_book_shows_the_display_quantity_and_nothing_more() {
    let mut desk = Desk::new();
    let answer = desk.place(iceberg(3, Side::Sell, 100, 25, 10));
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().display_quantity_lots, 10);
    assert_eq!(seen(&desk, Side::Sell), [(100, 10, 1)]);
    let level = desk.reports.last().expect("a level").view::<BookLevelReport>();
    assert_eq!((level.quantity_lots, level.order_count), (10, 1));
    desk.place(market(3, 1, Side::Buy, 4));
    assert_eq!(
        seen(&desk, Side::Sell),
        [(100, 6, 1)],
        "a slice shrinks before it is shown anew"
    );
    desk.place(market(3, 1, Side::Buy, 8));
    assert_eq!(makers(&desk), [(answer.order_id, 6), (answer.order_id, 2)]);
    assert_eq!(seen(&desk, Side::Sell), [(100, 8, 1)]);
    desk.place(market(3, 1, Side::Buy, 8));
    assert_eq!(seen(&desk, Side::Sell), [(100, 5, 1)], "the last slice is what is left");
}

#[test]
fn a_new_slice_goes_to_the_end_of_the_queue() {
    let mut desk = Desk::new();
    let ice = desk.place(iceberg(3, Side::Sell, 100, 20, 5)).order_id;
    let plain = desk.rest(3, Side::Sell, 100, 5);
    let other = desk.place(iceberg(3, Side::Sell, 100, 6, 3)).order_id;
    desk.place(market(3, 1, Side::Buy, 2));
    assert_eq!(
        desk.queue(Side::Sell, 100),
        [ice, plain, other],
        "a partial fill keeps the place"
    );
    desk.place(market(3, 1, Side::Buy, 3));
    assert_eq!(desk.queue(Side::Sell, 100), [plain, other, ice]);
    let last = desk.states().pop().expect("a state");
    assert_eq!(
        last,
        (
            ice,
            ExecType::Restated,
            OrderStatus::PartiallyFilled,
            CancelReason::Refreshed,
            15,
            20
        )
    );
    desk.place(market(3, 1, Side::Buy, 20));
    assert_eq!(makers(&desk), [(plain, 5), (other, 3), (ice, 5), (other, 3), (ice, 4)]);
    assert_eq!(
        desk.engine
            .order(ice)
            .map(|order| (order.leaves_lots, order.shown_lots)),
        Some((6, 1))
    );
}

#[test]
fn what_is_hidden_counts_for_fill_or_kill_and_for_the_cost() {
    let mut desk = Desk::new();
    desk.place(iceberg(3, Side::Sell, 100, 10, 1));
    desk.place(hidden(3, Side::Sell, 101, 10));
    assert_eq!(seen(&desk, Side::Sell), [(100, 1, 1)]);
    let mut kill = limit(1, 1, Side::Buy, 101, 21);
    kill.time_in_force = TimeInForce::FillOrKill.number();
    let answer = desk.place(kill);
    assert_eq!(
        (answer.code, answer.limit),
        (ErrorCode::FillOrKillUnfillable.number(), 20)
    );
    kill.quantity_lots = 20;
    assert_eq!(desk.place(kill).order_status, OrderStatus::Filled.number());
    assert_eq!(desk.trades().len(), 11);
}

#[test]
fn a_hidden_order_trades_in_its_turn_and_is_in_no_view() {
    let mut desk = Desk::new();
    let dark = desk.place(hidden(3, Side::Sell, 100, 5)).order_id;
    assert_eq!(desk.kinds(), [1, 11], "no level is reported");
    let lit = desk.rest(3, Side::Sell, 100, 5);
    assert_eq!(seen(&desk, Side::Sell), [(100, 5, 1)]);
    desk.place(market(3, 1, Side::Buy, 6));
    assert_eq!(makers(&desk), [(dark, 5), (lit, 1)]);
    let dark = desk.place(hidden(3, Side::Sell, 99, 5)).order_id;
    // Triggers that follow the book do not see it either.
    let stop = PlaceOrder {
        order_type: OrderType::MarketIfTouched.number(),
        trigger_source: TriggerSource::BidAsk.number(),
        stop_price_ticks: 99,
        ..limit(3, 1, Side::Buy, 0, 1)
    };
    assert_eq!(desk.place(stop).code, 0);
    assert!(desk.trades().is_empty());
    desk.send(&[Record::of(cancel(3, 1, dark))]);
    assert_eq!(desk.kinds(), [1]);
}

#[test]
fn amending_an_iceberg() {
    let mut desk = Desk::new();
    let ice = desk.place(iceberg(3, Side::Sell, 100, 20, 5)).order_id;
    let plain = desk.rest(3, Side::Sell, 100, 5);
    // Fewer lots: out of what is hidden first, and the place is kept.
    desk.send(&[Record::of(amend(3, ice, 2, 0, 7))]);
    assert_eq!(desk.kinds(), [1, 11], "nobody sees a difference");
    desk.send(&[Record::of(amend(3, ice, 2, 0, 4))]);
    assert_eq!(
        (seen(&desk, Side::Sell), desk.queue(Side::Sell, 100)),
        (vec![(100, 9, 2)], vec![ice, plain])
    );
    // Another display quantity: the place is lost.
    desk.send(&[Record::of(amend(3, ice, 2, 0, 40))]);
    let mut change = amend(3, ice, amend_flag::DISPLAY_QUANTITY, 0, 0);
    change.display_quantity_lots = 9;
    assert_eq!(desk.send(&[Record::of(change)]).code, 0);
    assert_eq!(
        (seen(&desk, Side::Sell), desk.queue(Side::Sell, 100)),
        (vec![(100, 14, 2)], vec![plain, ice])
    );
    assert_eq!(
        desk.send(&[Record::of(change)]).code,
        ErrorCode::AmendWithoutChange.number()
    );
    change.display_quantity_lots = 0;
    desk.send(&[Record::of(change)]);
    assert_eq!(seen(&desk, Side::Sell), [(100, 45, 2)], "all of it is visible");
    change.order_id = plain;
    change.display_quantity_lots = 2;
    assert_eq!(
        desk.send(&[Record::of(change)]).code,
        0,
        "a plain order becomes an iceberg"
    );
    assert_eq!(seen(&desk, Side::Sell), [(100, 42, 2)]);
}

#[test]
fn an_incoming_iceberg_trades_whole_and_shows_only_its_rest() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 12);
    let ice = desk.place(iceberg(1, Side::Buy, 100, 30, 5));
    assert_eq!((ice.cum_quantity_lots, ice.leaves_quantity_lots), (12, 18));
    assert_eq!(seen(&desk, Side::Buy), [(100, 5, 1)]);
    // 1,200 x 3 paid with its fee of 0.54 rounded up, 1,800 x 3 held; the fee of both is 1.35, rounded up.
    assert_eq!(desk.free(1), 1_000_000 - 9_000 - 2);
}

#[test]
fn self_trade_prevention_meets_icebergs_in_queue_order() {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    let ice = desk.place(iceberg(3, Side::Sell, 100, 10, 2)).order_id;
    let own = desk.rest(4, Side::Sell, 100, 5);
    let mut order = limit(4, 1, Side::Buy, 100, 8);
    order.self_trade_prevention = SelfTradePrevention::CancelNewest.number();
    order.time_in_force = TimeInForce::FillOrKill.number();
    let answer = desk.place(order);
    assert_eq!(
        (answer.code, answer.limit),
        (ErrorCode::FillOrKillUnfillable.number(), 2),
        "one slice is ahead of its own"
    );
    order.self_trade_prevention = SelfTradePrevention::CancelOldest.number();
    assert_eq!(desk.place(order).order_status, OrderStatus::Filled.number());
    assert_eq!(makers(&desk), [(ice, 2), (ice, 2), (ice, 2), (ice, 2)]);
    assert!(desk.engine.order(own).is_none());
}

#[test]
fn a_stop_limit_may_be_an_iceberg() {
    let mut desk = Desk::new();
    let order = PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 105,
        ..iceberg(3, Side::Buy, 106, 10, 3)
    };
    let id = desk.place(order).order_id;
    desk.rest(3, Side::Sell, 105, 1);
    desk.place(market(3, 1, Side::Buy, 1));
    assert_eq!(
        (seen(&desk, Side::Buy), desk.queue(Side::Buy, 106)),
        (vec![(106, 3, 1)], vec![id])
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut desk = Desk::new();
    let (invalid, unsupported) = (
        ErrorCode::InvalidArgument.number(),
        ErrorCode::UnsupportedOrderType.number(),
    );
    assert_eq!(desk.place(iceberg(3, Side::Sell, 100, 10, -1)).code, invalid);
    let answer = desk.place(iceberg(3, Side::Sell, 100, 1_000_001, 1_000));
    assert_eq!((answer.code, answer.observed, answer.limit), (invalid, 1_000, 1_001));
    assert_eq!(desk.place(iceberg(3, Side::Sell, 100, 1_000_000, 1_000)).code, 0);
    let mut order = iceberg(3, Side::Sell, 100, 10, 1);
    order.instructions = order_instruction::HIDDEN;
    assert_eq!(desk.place(order).code, unsupported);
    order = iceberg(3, Side::Sell, 100, 10, 1);
    order.time_in_force = TimeInForce::ImmediateOrCancel.number();
    assert_eq!(desk.place(order).code, unsupported);
    order = hidden(3, Side::Buy, 100, 10);
    order.order_type = OrderType::Market.number();
    assert_eq!(desk.place(order).code, unsupported);
}

#[test]
fn the_state_hash_knows_what_is_shown() {
    let hash = |display: i64| {
        let mut desk = Desk::new();
        desk.place(iceberg(3, Side::Sell, 100, 10, display));
        desk.engine.state_hash()
    };
    assert_ne!(hash(2), hash(3));
}
