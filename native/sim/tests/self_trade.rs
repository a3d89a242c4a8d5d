//! Self-trade prevention and dated orders by example.
use fulltape_sim::desk::{DAY, Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const OWN: CancelReason = CancelReason::SelfTradePrevention;

/// A buy of account 3 over one foreign and one own sell at one price, in this order or the other.
fn crossed(mode: SelfTradePrevention, own_first: bool, lots: i64) -> (Desk, u64, u64, AnswerRecord) {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    let (own, other) = if own_first {
        let own = desk.rest(3, Side::Sell, 100, 10);
        (own, desk.rest(4, Side::Sell, 100, 10))
    } else {
        let other = desk.rest(4, Side::Sell, 100, 10);
        (desk.rest(3, Side::Sell, 100, 10), other)
    };
    let mut order = limit(3, 1, Side::Buy, 100, lots);
    order.self_trade_prevention = mode.number();
    let answer = desk.place(order);
    (desk, own, other, answer)
}

#[test]
fn without_a_mode_an_account_may_trade_with_itself() {
    let (desk, own, _, answer) = crossed(SelfTradePrevention::Off, true, 4);
    assert_eq!(desk.trades(), [(100, 4, own, answer.order_id)]);
}

#[test]
fn cancel_newest_ends_the_incoming_order_and_older_orders_of_others_trade_first() {
    let (desk, own, other, answer) = crossed(SelfTradePrevention::CancelNewest, false, 15);
    let id = answer.order_id;
    assert_eq!(desk.trades(), [(100, 10, other, id)]);
    let last = desk.states().pop().expect("a state");
    assert_eq!(last, (id, ExecType::Canceled, OrderStatus::Canceled, OWN, 0, 15));
    assert_eq!(
        (
            answer.order_status,
            answer.cum_quantity_lots,
            answer.leaves_quantity_lots
        ),
        (OrderStatus::Canceled.number(), 10, 0)
    );
    assert_eq!(desk.queue(Side::Sell, 100), [own]);
    assert!(desk.queue(Side::Buy, 100).is_empty());
}

#[test]
fn cancel_oldest_ends_the_resting_order_and_goes_on() {
    let (desk, own, other, answer) = crossed(SelfTradePrevention::CancelOldest, true, 15);
    assert_eq!(desk.trades(), [(100, 10, other, answer.order_id)]);
    assert_eq!(
        desk.states()[1],
        (own, ExecType::Canceled, OrderStatus::Canceled, OWN, 0, 10)
    );
    assert_eq!(
        (answer.order_status, answer.leaves_quantity_lots),
        (OrderStatus::PartiallyFilled.number(), 5)
    );
    assert_eq!(desk.queue(Side::Buy, 100), [answer.order_id]);
}

#[test]
fn cancel_both_ends_both() {
    let (desk, own, other, answer) = crossed(SelfTradePrevention::CancelBoth, true, 5);
    assert!(desk.trades().is_empty());
    let ended: Vec<_> = desk
        .states()
        .iter()
        .filter(|state| state.3 == OWN)
        .map(|state| state.0)
        .collect();
    assert_eq!(ended, [own, answer.order_id]);
    assert_eq!(desk.queue(Side::Sell, 100), [other]);
}

#[test]
fn decrement_shrinks_the_larger_order_and_ends_the_smaller() {
    // Incoming smaller: the resting order shrinks and keeps its place.
    let (desk, own, other, answer) = crossed(SelfTradePrevention::DecrementAndCancel, true, 4);
    assert_eq!(desk.states()[1], (own, ExecType::Restated, OrderStatus::New, OWN, 6, 6));
    assert_eq!(
        desk.states()[2],
        (answer.order_id, ExecType::Canceled, OrderStatus::Canceled, OWN, 0, 4)
    );
    assert_eq!(desk.queue(Side::Sell, 100), [own, other]);
    // Incoming larger: it goes on with what is left.
    let (desk, own, other, answer) = crossed(SelfTradePrevention::DecrementAndCancel, true, 15);
    assert_eq!(desk.states()[1].0, own);
    assert_eq!(
        desk.states()[2],
        (answer.order_id, ExecType::Restated, OrderStatus::New, OWN, 5, 5)
    );
    assert_eq!(desk.trades(), [(100, 5, other, answer.order_id)]);
    assert_eq!(
        (answer.order_status, answer.cum_quantity_lots),
        (OrderStatus::Filled.number(), 5)
    );
    // Equal: both end.
    let (desk, own, _, answer) = crossed(SelfTradePrevention::DecrementAndCancel, true, 10);
    let ended: Vec<_> = desk.states()[1..].iter().map(|state| (state.0, state.1)).collect();
    assert_eq!(
        ended,
        [(own, ExecType::Canceled), (answer.order_id, ExecType::Canceled)]
    );
}

#[test]
fn accounts_of_one_group_are_one_owner() {
    let mut desk = Desk::new();
    for id in [5, 6] {
        let definition = DefineAccount {
            group_id: 7,
            ..account(id, AccountKind::Replay, 0)
        };
        desk.send(&[Record::of(definition)]);
    }
    let own = desk.rest(5, Side::Sell, 100, 10);
    let mut order = limit(6, 1, Side::Buy, 100, 5);
    order.self_trade_prevention = SelfTradePrevention::CancelOldest.number();
    let answer = desk.place(order);
    assert!(desk.trades().is_empty() && desk.engine.order(own).is_none());
    assert_eq!(desk.queue(Side::Buy, 100), [answer.order_id]);
    // The mode of the incoming order rules, not that of the resting one.
    desk.place(limit(5, 1, Side::Sell, 100, 5));
    assert_eq!(desk.trades().len(), 1);
}

#[test]
fn fill_or_kill_counts_only_what_it_may_trade_with() {
    for (mode, fills) in [
        (SelfTradePrevention::CancelOldest, true),
        (SelfTradePrevention::CancelNewest, false),
        (SelfTradePrevention::CancelBoth, false),
        (SelfTradePrevention::DecrementAndCancel, false),
    ] {
        let mut desk = Desk::new();
        let own = desk.rest(3, Side::Sell, 100, 10);
        desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
        desk.rest(4, Side::Sell, 101, 10);
        let mut order = limit(3, 1, Side::Buy, 101, 10);
        order.time_in_force = TimeInForce::FillOrKill.number();
        order.self_trade_prevention = mode.number();
        let answer = desk.place(order);
        let code = if fills {
            0
        } else {
            ErrorCode::FillOrKillUnfillable.number()
        };
        assert_eq!(answer.code, code, "{mode:?}");
        assert_eq!(
            desk.engine.order(own).is_none(),
            fills,
            "a refused command changes nothing"
        );
    }
}

#[test]
fn an_amend_that_would_trade_with_itself_is_prevented_and_gives_back_what_it_held() {
    let mut desk = Desk::new();
    let seed = MovePosition {
        kind: MovePosition::KIND,
        account_id: 1,
        instrument_id: 1,
        quantity_lots: 5,
        reason: 1,
        ..MovePosition::default()
    };
    desk.send(&[Record::of(seed)]);
    let ask = desk.rest(1, Side::Sell, 100, 5);
    let mut order = limit(1, 1, Side::Buy, 99, 10);
    order.self_trade_prevention = SelfTradePrevention::CancelNewest.number();
    let bid = desk.place(order).order_id;
    let answer = desk.send(&[Record::of(amend(1, bid, 1, 100, 0))]);
    assert_eq!((answer.code, answer.order_status), (0, OrderStatus::Canceled.number()));
    assert!(desk.engine.order(bid).is_none() && desk.engine.order(ask).is_some());
    assert_eq!(desk.free(1), 1_000_000);
}

#[test]
fn a_market_buy_may_not_cost_more_than_the_ledger_holds_even_without_checks() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 1, 1);
    for _ in 0..3 {
        desk.rest(3, Side::Sell, 1 << 40, 1 << 20);
    }
    let answer = desk.place(market(3, 1, Side::Buy, 3 << 20));
    assert_eq!(answer.code, ErrorCode::NotionalOverflow.number());
}

fn dated(desk: &Desk, after: u64) -> (PlaceOrder, OrderTerms) {
    let mut order = limit(1, 1, Side::Buy, 90, 1);
    order.time_in_force = TimeInForce::GoodTillDate.number();
    (
        order,
        OrderTerms {
            expire_time_nanos: desk.now + after,
            ..OrderTerms::default()
        },
    )
}

#[test]
fn dated_orders_expire_in_order_of_time_and_then_of_age() {
    let mut desk = Desk::new();
    let ids: Vec<_> = [3, 1, 2, 1, 9]
        .into_iter()
        .map(|seconds| {
            let (order, terms) = dated(&desk, seconds * SECOND);
            let answer = desk.place_with(order, terms);
            let detail = desk.reports[1].view::<OrderDetailReport>();
            assert_eq!(
                (detail.kind, detail.expire_time_nanos),
                (OrderDetailReport::KIND, terms.expire_time_nanos)
            );
            answer.order_id
        })
        .collect();
    desk.send(&[Record::of(cancel(1, 1, ids[2]))]);
    desk.now += 3 * SECOND;
    desk.send(&[Record::of(cash(2, 1))]);
    let expired: Vec<_> = desk.states().iter().map(|state| (state.0, state.1)).collect();
    assert_eq!(expired, [ids[1], ids[3], ids[0]].map(|id| (id, ExecType::Expired)));
    assert_eq!(desk.free(1), 1_000_000 - 271, "one order of 270 and its fee is left");
    // A day order and a dated one that fall due together: the earlier time first.
    let mut day = limit(1, 1, Side::Buy, 90, 1);
    day.time_in_force = TimeInForce::Day.number();
    let day = desk.place(day).order_id;
    desk.now += DAY;
    desk.send(&[Record::of(cash(2, 1))]);
    let expired: Vec<_> = desk.states().iter().map(|state| state.0).collect();
    assert_eq!(expired, [ids[4], day]);
}

#[test]
fn a_dated_order_needs_a_time_to_come_and_others_take_none() {
    let mut desk = Desk::new();
    let (order, terms) = dated(&desk, 0);
    let answer = desk.place_with(order, terms);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::InvalidArgument.number(), desk.now as i64, desk.now as i64)
    );
    assert_eq!(desk.place(order).code, ErrorCode::InvalidArgument.number());
    let (order, terms) = dated(&desk, SECOND);
    let plain = PlaceOrder {
        time_in_force: TimeInForce::GoodTillCancel.number(),
        ..order
    };
    assert_eq!(
        desk.place_with(plain, terms).code,
        ErrorCode::UnsupportedOrderType.number()
    );
    let immediate = PlaceOrder {
        order_type: OrderType::Market.number(),
        price_ticks: 0,
        ..order
    };
    assert_eq!(
        desk.place_with(immediate, terms).code,
        ErrorCode::UnsupportedOrderType.number()
    );
}

#[test]
fn amending_a_dated_order_keeps_its_expiry() {
    let mut desk = Desk::new();
    let (order, terms) = dated(&desk, SECOND);
    let id = desk.place_with(order, terms).order_id;
    desk.send(&[Record::of(amend(1, id, 3, 91, 2))]);
    desk.now += SECOND;
    desk.send(&[Record::of(cash(2, 1))]);
    assert_eq!(desk.states().iter().map(|state| state.0).collect::<Vec<_>>(), [id]);
}
