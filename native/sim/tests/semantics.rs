//! The rules by example, with expectations written by hand: what the differential test could miss if engine and
//! reference shared a misunderstanding.
use fulltape_sim::desk::{DAY, Desk};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

#[test]
fn better_prices_first_then_older_orders_at_the_makers_price() {
    let mut desk = Desk::new();
    let [dear, old, young] = [(105, 5), (101, 5), (101, 5)].map(|(price, lots)| desk.rest(3, Side::Sell, price, lots));
    let answer = desk.place(limit(1, 1, Side::Buy, 104, 12));
    assert_eq!(
        desk.trades(),
        [(101, 5, old, answer.order_id), (101, 5, young, answer.order_id)]
    );
    assert_eq!((answer.cum_quantity_lots, answer.leaves_quantity_lots), (10, 2));
    assert_eq!(answer.order_status, OrderStatus::PartiallyFilled.number());
    assert!(desk.engine.order(dear).is_some());
}

#[test]
fn a_partial_fill_keeps_the_place_in_the_queue() {
    let mut desk = Desk::new();
    let first = desk.rest(3, Side::Sell, 100, 10);
    let second = desk.rest(3, Side::Sell, 100, 10);
    desk.place(market(1, 1, Side::Buy, 4));
    desk.place(market(1, 1, Side::Buy, 8));
    assert_eq!(
        desk.trades().iter().map(|trade| (trade.2, trade.1)).collect::<Vec<_>>(),
        [(first, 6), (second, 2)]
    );
}

#[test]
fn lowering_the_quantity_keeps_the_place_everything_else_loses_it() {
    for (flags, price, quantity, keeps) in [
        (2, 0, 5, true),
        (2, 0, 15, false),
        (3, 100, 5, true),
        (3, 100, 11, false),
    ] {
        let mut desk = Desk::new();
        let first = desk.rest(3, Side::Sell, 100, 10);
        let second = desk.rest(3, Side::Sell, 100, 10);
        assert_eq!(
            desk.send(&[Record::of(amend(3, first, flags, price, quantity))]).code,
            0
        );
        desk.place(market(1, 1, Side::Buy, 1));
        assert_eq!(
            desk.trades()[0].2,
            if keeps { first } else { second },
            "{flags} {price} {quantity}"
        );
    }
    // Away and back: the place is lost too.
    let mut desk = Desk::new();
    let first = desk.rest(3, Side::Sell, 100, 10);
    let second = desk.rest(3, Side::Sell, 100, 10);
    desk.send(&[Record::of(amend(3, first, 1, 101, 0))]);
    desk.send(&[Record::of(amend(3, first, 1, 100, 0))]);
    desk.place(market(1, 1, Side::Buy, 1));
    assert_eq!(desk.trades()[0].2, second);
}

#[test]
fn an_amend_may_trade_and_quantity_is_the_total() {
    let mut desk = Desk::new();
    let ask = desk.rest(3, Side::Sell, 100, 4);
    let bid = desk.rest(1, Side::Buy, 99, 10);
    let answer = desk.send(&[Record::of(amend(1, bid, 1, 100, 0))]);
    assert_eq!(desk.trades(), [(100, 4, ask, bid)]);
    assert_eq!((answer.leaves_quantity_lots, answer.cum_quantity_lots), (6, 4));
    let answer = desk.send(&[Record::of(amend(1, bid, 2, 0, 4))]);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::QuantityBelowFilled.number(), 4, 4)
    );
    let answer = desk.send(&[Record::of(amend(1, bid, 2, 0, 5))]);
    assert_eq!(
        (answer.leaves_quantity_lots, answer.exec_type),
        (1, ExecType::Replaced.number())
    );
    let detail = desk.reports[1].view::<OrderDetailReport>();
    assert_eq!((detail.previous_price_ticks, detail.previous_quantity_lots), (100, 10));
}

#[test]
fn immediate_orders_never_rest() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 3);
    for time_in_force in [
        TimeInForce::ImmediateOrCancel,
        TimeInForce::GoodTillCancel,
        TimeInForce::Day,
    ] {
        let mut order = market(1, 1, Side::Buy, 5);
        order.time_in_force = time_in_force.number();
        let answer = desk.place(order);
        assert_eq!((answer.cum_quantity_lots, answer.leaves_quantity_lots), (3, 0));
        assert_eq!(answer.order_status, OrderStatus::Canceled.number());
        let last = desk
            .reports
            .iter()
            .rfind(|record| record.kind() == OrderStateReport::KIND)
            .expect("a state");
        assert_eq!(
            last.view::<OrderStateReport>().reason,
            CancelReason::ImmediateRemainder.number()
        );
        assert!(desk.engine.order(answer.order_id).is_none());
        assert_eq!(desk.place(order).code, ErrorCode::NoLiquidity.number());
        desk.rest(3, Side::Sell, 100, 3);
    }
    let mut kill = limit(1, 1, Side::Buy, 100, 4);
    kill.time_in_force = TimeInForce::FillOrKill.number();
    let answer = desk.place(kill);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::FillOrKillUnfillable.number(), 4, 3)
    );
    kill.quantity_lots = 3;
    assert_eq!(desk.place(kill).order_status, OrderStatus::Filled.number());
}

#[test]
fn post_only_is_refused_when_it_would_trade_new_or_amended() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 3);
    let mut order = limit(1, 1, Side::Buy, 100, 1);
    order.instructions = order_instruction::POST_ONLY;
    assert_eq!(desk.place(order).code, ErrorCode::PostOnlyWouldTrade.number());
    order.price_ticks = 99;
    let id = desk.place(order).order_id;
    let refused = desk.send(&[Record::of(amend(1, id, 1, 100, 0))]);
    assert_eq!(
        (refused.code, refused.order_id),
        (ErrorCode::PostOnlyWouldTrade.number(), id)
    );
    assert_eq!(desk.engine.order(id).expect("still there").price_ticks, 99);
}

#[test]
fn buying_power_is_reserved_with_fees_and_comes_back() {
    let mut desk = Desk::new();
    // 100 ticks x 10 lots x 3 units = 3,000; 150 ppm of it is 0.45, rounded up to 1.
    let order = desk.rest(1, Side::Buy, 100, 10);
    assert_eq!(desk.free(1), 1_000_000 - 3_001);
    desk.send(&[Record::of(cancel(1, 1, order))]);
    assert_eq!(desk.free(1), 1_000_000);
    let answer = desk.place(limit(1, 1, Side::Buy, 1_000_000, 1));
    assert_eq!(answer.code, ErrorCode::InsufficientBuyingPower.number());
    assert_eq!((answer.observed, answer.limit), (3_000_450, 1_000_000));
    // Filled at a better price: what was held beyond it is free again.
    desk.rest(3, Side::Sell, 90, 10);
    desk.place(limit(1, 1, Side::Buy, 100, 10));
    assert_eq!(desk.free(1), 1_000_000 - 2_700 - 1);
    let position = desk.engine.position(1, 1).expect("held");
    assert_eq!((position.quantity_lots, position.basis.cost_units), (10, 2_700));
    assert_eq!(
        desk.engine.pots()[0].fees,
        1,
        "the maker's rebate of 0.054 is rounded down to nothing"
    );
}

#[test]
fn what_is_sold_is_held_and_short_sales_need_permission() {
    let mut desk = Desk::new();
    let answer = desk.place(limit(2, 1, Side::Sell, 100, 1));
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::InsufficientPosition.number(), 1, 0)
    );
    desk.send(&[Record::of(MovePosition {
        kind: MovePosition::KIND,
        account_id: 2,
        instrument_id: 1,
        quantity_lots: 5,
        cost_units: 1_000,
        reason: 1,
        ..MovePosition::default()
    })]);
    desk.rest(2, Side::Sell, 100, 4);
    assert_eq!(desk.engine.position(2, 1).expect("held").reserved_sell_lots, 4);
    let answer = desk.place(limit(2, 1, Side::Sell, 100, 2));
    assert_eq!((answer.observed, answer.limit), (2, 1));
}

#[test]
fn day_orders_expire_at_midnight_before_the_command_that_moves_the_clock() {
    let mut desk = Desk::new();
    let mut order = limit(1, 1, Side::Buy, 100, 1);
    order.time_in_force = TimeInForce::Day.number();
    let id = desk.place(order).order_id;
    desk.now = 20_001 * DAY - 1;
    desk.send(&[Record::of(cash(2, 1))]);
    assert!(desk.engine.order(id).is_some());
    desk.now += 1;
    let answer = desk.send(&[Record::of(cancel(1, 1, id))]);
    assert_eq!(answer.code, ErrorCode::TooLateToCancel.number());
    let expired = desk.reports[0].view::<OrderStateReport>();
    assert_eq!(
        (expired.order_id, expired.exec_type, expired.flags),
        (id, ExecType::Expired.number(), 0)
    );
    assert_eq!(desk.kinds(), [1, 8, 4, 5], "expired, refused, balance, level");
    assert_eq!(u16::from(desk.reports[1].report().flags), report_flag::OUTCOME);
    assert_eq!(u16::from(desk.reports[3].report().flags), report_flag::LAST_OF_COMMAND);
}

#[test]
fn a_client_order_id_is_answered_from_memory_for_a_day_after_its_order() {
    let mut desk = Desk::new();
    let with_id = |mut order: PlaceOrder| {
        order.extension_count = 1;
        [Record::of(order), Record::of(client_order("a-1"))]
    };
    let order = with_id(limit(1, 1, Side::Buy, 100, 1));
    let original = desk.send(&order);
    let again = desk.send(&order);
    assert_eq!((again.order_id, again.flags), (original.order_id, 1));
    assert_eq!(AnswerRecord { flags: 0, ..again }, original);
    assert_eq!(desk.kinds(), [1], "nothing happened twice");
    let flags = u16::from(desk.reports[0].report().flags);
    assert_eq!(
        flags,
        report_flag::OUTCOME | report_flag::DUPLICATE | report_flag::LAST_OF_COMMAND
    );
    let other = desk.send(&with_id(limit(1, 1, Side::Buy, 100, 2)));
    assert_eq!(
        (other.code, other.order_id),
        (ErrorCode::DuplicateClientOrderId.number(), original.order_id)
    );
    // Another account may use the same id.
    assert_eq!(desk.send(&with_id(limit(2, 1, Side::Buy, 100, 1))).flags, 0);
    // Open for ten days it is remembered for ten days; then 24 hours more.
    desk.now += 10 * DAY;
    assert_eq!(desk.send(&order).flags, 1);
    desk.send(&[Record::of(cancel(1, 1, original.order_id))]);
    desk.now += DAY - 1;
    assert_eq!(desk.send(&order).flags, 1);
    desk.now += 1;
    let fresh = desk.send(&order);
    assert_eq!((fresh.flags, fresh.order_id), (0, fresh.command_number));
}

#[test]
fn trading_states_stop_orders_and_never_cancels() {
    let mut desk = Desk::new();
    let id = desk.rest(1, Side::Buy, 100, 5);
    let state = |scope: StateScope, state: TradingState, target_id| {
        let (scope, state) = (scope.number(), state.number());
        Record::of(SetTradingState {
            kind: SetTradingState::KIND,
            scope,
            state,
            target_id,
            reason: 1,
            ..Default::default()
        })
    };
    for (scope, target, code) in [
        (StateScope::Global, 0, ErrorCode::GlobalHalt),
        (StateScope::Account, 1, ErrorCode::AccountHalted),
        (StateScope::Instrument, 1, ErrorCode::InstrumentHalted),
    ] {
        desk.send(&[state(scope, TradingState::Halted, target)]);
        assert_eq!(desk.place(limit(1, 1, Side::Buy, 100, 1)).code, code.number());
        assert_eq!(desk.send(&[Record::of(amend(1, id, 1, 99, 0))]).code, code.number());
        let lots = desk.engine.order(id).expect("open").quantity_lots;
        assert_eq!(
            desk.send(&[Record::of(amend(1, id, 2, 0, lots - 1))]).code,
            0,
            "less risk is always allowed"
        );
        desk.send(&[state(scope, TradingState::ReduceOnly, target)]);
        assert_eq!(
            desk.place(limit(1, 1, Side::Buy, 100, 1)).code,
            ErrorCode::ReduceOnly.number()
        );
        desk.send(&[state(scope, TradingState::Active, target)]);
    }
    desk.send(&[state(StateScope::Global, TradingState::Halted, 0)]);
    assert_eq!(desk.send(&[Record::of(cancel(1, 1, id))]).code, 0);
}

#[test]
fn somebody_elses_order_is_not_touched() {
    let mut desk = Desk::new();
    let id = desk.rest(1, Side::Buy, 100, 5);
    assert_eq!(
        desk.send(&[Record::of(cancel(2, 1, id))]).code,
        ErrorCode::AccountNotYours.number()
    );
    assert_eq!(
        desk.send(&[Record::of(amend(2, id, 1, 99, 0))]).code,
        ErrorCode::AccountNotYours.number()
    );
    assert_eq!(
        desk.send(&[Record::of(cancel(1, 1, id + 50))]).code,
        ErrorCode::UnknownOrder.number()
    );
    assert_eq!(
        desk.send(&[Record::of(cancel(1, 1, 1))]).code,
        ErrorCode::UnknownOrder.number(),
        "not an order"
    );
    desk.send(&[Record::of(cancel(1, 1, id))]);
    assert_eq!(
        desk.send(&[Record::of(cancel(1, 1, id))]).code,
        ErrorCode::TooLateToCancel.number()
    );
}

#[test]
fn the_state_hash_knows_the_queue_order_and_not_how_often_it_was_asked() {
    let build = |first: i64, second: i64, ask_often: bool| {
        let mut desk = Desk::new();
        for lots in [first, second] {
            desk.rest(3, Side::Sell, 100, lots);
            if ask_often {
                desk.engine.state_hash();
            }
        }
        desk.engine.state_hash()
    };
    assert_eq!(build(1, 2, false), build(1, 2, true));
    assert_ne!(build(1, 2, false), build(2, 1, false));
}

#[test]
fn prices_over_the_whole_range_rest_and_are_found() {
    let mut desk = Desk::new();
    let prices = [1, 2, 63, 64, 4_095, 4_096, 1 << 24, 1 << 40, 1 << 59];
    for price in prices {
        desk.rest(3, Side::Sell, price, 1);
    }
    let seen: Vec<_> = desk
        .engine
        .levels(1, Side::Sell)
        .map(|level| level.price_ticks)
        .collect();
    assert_eq!(seen, prices);
    let answer = desk.place(limit(3, 1, Side::Sell, i64::MAX, 1));
    assert_eq!(answer.code, ErrorCode::NotionalOverflow.number());
}
