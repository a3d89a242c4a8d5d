//! Pegged orders by example.
use fulltape_engine::{Config, Engine};
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn peg(account: u32, side: Side, kind: PegKind, cap: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::Pegged.number(),
        peg_kind: kind.number(),
        ..limit(account, 1, side, cap, lots)
    }
}

fn hidden(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder {
        instructions: order_instruction::HIDDEN,
        ..order
    }
}

fn place(desk: &mut Desk, order: PlaceOrder, offset: i64) -> AnswerRecord {
    let terms = OrderTerms {
        peg_offset_ticks: offset,
        ..OrderTerms::default()
    };
    desk.place_with(order, terms)
}

/// Places a peg that must be accepted and rest.
fn follow(desk: &mut Desk, order: PlaceOrder, offset: i64) -> u64 {
    let answer = place(desk, order, offset);
    assert_eq!((answer.code, answer.order_status), (0, OrderStatus::New.number()));
    assert_eq!(answer.leaves_quantity_lots, order.quantity_lots, "it rests whole");
    assert!(desk.trades().is_empty());
    answer.order_id
}

fn price(desk: &Desk, order: u64) -> i64 {
    desk.engine.order(order).expect("it is open").price_ticks
}

/// (order, price before, price) of each peg that the last command moved.
fn moves(desk: &Desk) -> Vec<(u64, i64, i64)> {
    let mut moves = Vec::new();
    for (at, report) in desk.reports.iter().enumerate() {
        if report.kind() != OrderStateReport::KIND {
            continue;
        }
        let state = report.view::<OrderStateReport>();
        if (state.exec_type, state.reason) == (ExecType::Restated.number(), CancelReason::Repriced.number()) {
            assert_eq!(state.extension_count, 1);
            let detail = desk.reports[at + 1].view::<OrderDetailReport>();
            moves.push((state.order_id, detail.previous_price_ticks, state.price_ticks));
        }
    }
    moves
}

fn drop_order(desk: &mut Desk, account: u32, order: u64) {
    assert_eq!(desk.send(&[Record::of(cancel(account, 1, order))]).code, 0);
}

fn state(scope: StateScope, state: TradingState) -> [Record; 1] {
    [Record::of(SetTradingState {
        kind: SetTradingState::KIND,
        scope: scope.number(),
        state: state.number(),
        target_id: u32::from(scope != StateScope::Global),
        reason: 1,
        ..SetTradingState::default()
    })]
}

fn phase(phase: TradingPhase) -> [Record; 1] {
    [Record::of(SetSession {
        kind: SetSession::KIND,
        instrument_id: 1,
        phase: phase.number(),
        reason: u16::from(StateReason::Schedule.number()),
        ..SetSession::default()
    })]
}

/// Bid 100, ask 110, both of account 3.
fn quoted() -> (Desk, u64, u64) {
    let mut desk = Desk::new();
    let bid = desk.rest(3, Side::Buy, 100, 5);
    let ask = desk.rest(3, Side::Sell, 110, 5);
    (desk, bid, ask)
}

#[test]
fn a_peg_stands_where_its_kind_its_offset_and_its_cap_say() {
    use PegKind::{Market, Mid, Primary};
    use Side::{Buy, Sell};
    for (bid, ask, side, kind, offset, cap, expected) in [
        (100, 110, Buy, Primary, 0, 0, 100),
        (100, 110, Sell, Primary, 0, 0, 110),
        (100, 110, Buy, Primary, -3, 0, 97),
        (100, 110, Sell, Primary, 3, 0, 113),
        (100, 110, Buy, Mid, 0, 0, 105),
        (100, 110, Sell, Mid, 0, 0, 105),
        (100, 111, Buy, Mid, 0, 0, 105),
        (100, 111, Sell, Mid, 0, 0, 106),
        (100, 111, Buy, Mid, -2, 0, 103),
        (100, 101, Buy, Mid, 0, 0, 100),
        (100, 101, Sell, Mid, 0, 0, 101),
        // Never nearer than a tick behind the opposite side.
        (100, 110, Buy, Market, 0, 0, 109),
        (100, 110, Sell, Market, 0, 0, 101),
        (100, 110, Buy, Market, -1, 0, 109),
        (100, 110, Buy, Market, -4, 0, 106),
        (100, 110, Sell, Market, 4, 0, 104),
        // At its cap where the reference is beyond it.
        (100, 110, Buy, Market, 0, 104, 104),
        (100, 110, Sell, Market, 0, 107, 107),
        (100, 110, Buy, Primary, 0, 95, 95),
        (100, 110, Sell, Primary, 0, 120, 120),
        (100, 110, Buy, Primary, 0, 105, 100),
        (100, 110, Sell, Primary, 0, 105, 110),
    ] {
        let mut desk = Desk::new();
        desk.rest(3, Buy, bid, 5);
        desk.rest(3, Sell, ask, 5);
        let order = follow(&mut desk, peg(3, side, kind, cap, 7), offset);
        assert_eq!(price(&desk, order), expected, "{side:?} {kind:?} {offset} {cap}");
        let report = desk.reports[0].view::<OrderStateReport>();
        assert_eq!(report.price_ticks, expected, "the acceptance tells the price");
    }
}

#[test]
fn a_peg_follows_both_ways_and_loses_its_place() {
    let (mut desk, bid, _) = quoted();
    let order = follow(&mut desk, peg(3, Side::Buy, PegKind::Primary, 0, 7), 0);
    assert_eq!(desk.queue(Side::Buy, 100), [bid, order]);
    let better = desk.rest(3, Side::Buy, 102, 1);
    assert_eq!(moves(&desk), [(order, 100, 102)]);
    assert_eq!(desk.queue(Side::Buy, 102), [better, order]);
    let second = desk.rest(3, Side::Buy, 102, 1);
    assert_eq!(moves(&desk), [], "a price that did not change is not reported");
    assert_eq!(desk.queue(Side::Buy, 102), [better, order, second]);
    drop_order(&mut desk, 3, better);
    assert_eq!(desk.queue(Side::Buy, 102), [order, second], "and keeps its place");
    let other = desk.rest(3, Side::Buy, 100, 1);
    drop_order(&mut desk, 3, second);
    assert_eq!(moves(&desk), [(order, 102, 100)], "it does not hold itself up");
    assert_eq!(desk.queue(Side::Buy, 100), [bid, other, order]);
}

#[test]
fn pegs_do_not_follow_pegs_and_nothing_hidden() {
    let (mut desk, _, _) = quoted();
    let market = follow(&mut desk, peg(3, Side::Buy, PegKind::Market, 0, 1), -2);
    let primary = follow(&mut desk, peg(3, Side::Buy, PegKind::Primary, 0, 1), 0);
    assert_eq!((price(&desk, market), price(&desk, primary)), (108, 100));
    desk.place(hidden(limit(3, 1, Side::Buy, 104, 1)));
    assert_eq!(moves(&desk), [], "nobody sees what is hidden");
    // What is hidden bounds all the same.
    desk.place(hidden(limit(3, 1, Side::Sell, 109, 1)));
    assert_eq!(moves(&desk), []);
    desk.place(hidden(limit(3, 1, Side::Sell, 107, 1)));
    assert_eq!(desk.trades().len(), 1, "an order that comes in trades with pegs");
    let low = desk.place(hidden(limit(3, 1, Side::Sell, 106, 1)));
    assert_eq!(low.order_status, OrderStatus::New.number());
    let late = follow(&mut desk, peg(3, Side::Buy, PegKind::Market, 0, 1), 0);
    assert_eq!(price(&desk, late), 105);
}

#[test]
fn where_two_pegs_meet_the_older_one_has_the_price() {
    let (mut desk, bid, _) = quoted();
    let buy = follow(&mut desk, peg(3, Side::Buy, PegKind::Mid, 0, 1), 0);
    let sell = follow(&mut desk, peg(3, Side::Sell, PegKind::Mid, 0, 1), 0);
    assert_eq!((price(&desk, buy), price(&desk, sell)), (105, 106));
    desk.rest(3, Side::Buy, 104, 1);
    assert_eq!(moves(&desk), [(buy, 105, 107), (sell, 106, 108)], "oldest first");
    drop_order(&mut desk, 3, bid);
    assert_eq!(moves(&desk), []);
    drop_order(&mut desk, 3, buy);
    assert_eq!(moves(&desk), [(sell, 108, 107)]);
    let again = follow(&mut desk, peg(3, Side::Buy, PegKind::Mid, 0, 1), 0);
    assert_eq!(price(&desk, again), 106);
}

#[test]
fn without_a_price_a_peg_waits_outside_the_book() {
    let (mut desk, bid, _) = quoted();
    let order = follow(&mut desk, peg(1, Side::Buy, PegKind::Primary, 0, 10), 0);
    let free = desk.free(1);
    drop_order(&mut desk, 3, bid);
    assert_eq!(moves(&desk), [(order, 100, 0)]);
    assert!(desk.engine.resting(1, Side::Buy).next().is_none());
    assert!(desk.free(1) > free, "it holds nothing");
    let lower = desk.send(&[Record::of(amend(1, order, amend_flag::QUANTITY, 0, 8))]);
    assert_eq!((lower.code, lower.leaves_quantity_lots), (0, 8));
    let raise = desk.send(&[Record::of(amend(1, order, amend_flag::QUANTITY, 0, 12))]);
    assert_eq!(raise.code, ErrorCode::NoReferencePrice.number());
    let sell = desk.place(limit(3, 1, Side::Sell, 99, 1));
    assert_eq!(sell.order_status, OrderStatus::New.number(), "it trades with nobody");
    desk.rest(3, Side::Buy, 98, 1);
    assert_eq!(moves(&desk), [(order, 0, 98)]);
    let refused = place(&mut desk, peg(1, Side::Buy, PegKind::Primary, 0, 1), -98);
    assert_eq!(
        refused.code,
        ErrorCode::NoReferencePrice.number(),
        "a price of 0 is none"
    );
    drop_order(&mut desk, 1, order);
    assert_eq!(desk.free(1), 1_000_000);
    let mut desk = Desk::new();
    desk.rest(3, Side::Buy, 100, 1);
    for kind in [PegKind::Market, PegKind::Mid] {
        let refused = place(&mut desk, peg(1, Side::Buy, kind, 0, 1), 0);
        assert_eq!(refused.code, ErrorCode::NoReferencePrice.number());
    }
}

#[test]
fn money_is_held_at_the_cap_or_at_the_price() {
    let (mut desk, _, ask) = quoted();
    // 3 units a tick and lot; 150 ppm is the highest fee.
    let held = |price: i128, lots: i128| price * lots * 3 + (price * lots * 3 * 150 + 999_999) / 1_000_000;
    let capped = follow(&mut desk, peg(1, Side::Buy, PegKind::Primary, 120, 100), 0);
    assert_eq!((price(&desk, capped), 1_000_000 - desk.free(1)), (100, held(120, 100)));
    let open = follow(&mut desk, peg(2, Side::Buy, PegKind::Primary, 0, 100), 0);
    assert_eq!(1_000_000 - desk.free(2), held(100, 100));
    drop_order(&mut desk, 3, ask);
    desk.rest(3, Side::Buy, 118, 5);
    assert_eq!(moves(&desk), [(capped, 100, 118), (open, 100, 118)]);
    assert_eq!(1_000_000 - desk.free(1), held(120, 100));
    assert_eq!(1_000_000 - desk.free(2), held(118, 100));
    desk.rest(3, Side::Buy, 130, 5);
    assert_eq!(moves(&desk), [(capped, 118, 120), (open, 118, 130)]);
    desk.place(limit(3, 1, Side::Sell, 130, 105));
    assert_eq!(desk.trades().len(), 2, "a peg trades as a maker at its price");
    assert_eq!(desk.trades()[1], (130, 100, open, desk.trades()[1].3));
}

#[test]
fn what_can_not_be_paid_any_more_is_cancelled() {
    let (mut desk, _, ask) = quoted();
    let order = follow(&mut desk, peg(1, Side::Buy, PegKind::Primary, 0, 3_000), 0);
    let small = follow(&mut desk, peg(2, Side::Buy, PegKind::Primary, 0, 10), 0);
    drop_order(&mut desk, 3, ask);
    desk.rest(3, Side::Buy, 111, 5);
    assert_eq!(
        moves(&desk),
        [(order, 100, 111), (small, 100, 111)],
        "999,000 and the fee are there"
    );
    desk.rest(3, Side::Buy, 112, 5);
    assert_eq!(moves(&desk), [(small, 111, 112)]);
    let ended = (
        order,
        ExecType::Canceled,
        OrderStatus::Canceled,
        CancelReason::Risk,
        0,
        3_000,
    );
    assert!(desk.states().contains(&ended));
    assert_eq!(desk.free(1), 1_000_000);
}

#[test]
fn the_price_is_one_of_the_tick_table() {
    use PegKind::{Market, Mid, Primary};
    for (side, kind, offset, expected) in [
        (Side::Buy, Primary, -1, 90),
        (Side::Sell, Primary, 1, 165),
        (Side::Buy, Mid, 0, 125),
        (Side::Sell, Mid, 0, 130),
        (Side::Buy, Market, 0, 155),
        (Side::Sell, Market, 0, 100),
    ] {
        let mut desk = Desk::new();
        let table = banded(instrument(1, -20, 150), &[(10, 5)]);
        assert_eq!(desk.send(&table).code, 0);
        desk.rest(3, Side::Buy, 95, 5);
        desk.rest(3, Side::Sell, 160, 5);
        let order = follow(&mut desk, peg(3, side, kind, 0, 7), offset);
        assert_eq!(price(&desk, order), expected, "{side:?} {kind:?}");
        let refused = place(&mut desk, peg(3, side, kind, 101, 7), offset);
        assert_eq!(refused.code, ErrorCode::PriceOffTickTable.number());
    }
}

#[test]
fn nothing_moves_in_a_halt_or_in_a_call() {
    for scope in [StateScope::Instrument, StateScope::Global] {
        let (mut desk, bid, _) = quoted();
        desk.rest(3, Side::Buy, 98, 1);
        let order = follow(&mut desk, peg(3, Side::Buy, PegKind::Primary, 0, 7), 0);
        desk.send(&state(scope, TradingState::Halted));
        drop_order(&mut desk, 3, bid);
        assert_eq!((moves(&desk), price(&desk, order)), (vec![], 100));
        desk.send(&state(scope, TradingState::Active));
        assert_eq!(moves(&desk), [(order, 100, 98)], "{scope:?}");
    }
    let (mut desk, bid, _) = quoted();
    let order = follow(&mut desk, peg(3, Side::Buy, PegKind::Primary, 0, 7), 0);
    assert_eq!(desk.send(&phase(TradingPhase::VolatilityAuction)).code, 0);
    drop_order(&mut desk, 3, bid);
    assert_eq!((moves(&desk), price(&desk, order)), (vec![], 100));
    let refused = place(&mut desk, peg(3, Side::Sell, PegKind::Primary, 0, 1), 0);
    assert_eq!(refused.code, ErrorCode::MarketClosed.number());
    desk.place(limit(3, 1, Side::Sell, 97, 3));
    desk.rest(3, Side::Buy, 95, 1);
    desk.send(&phase(TradingPhase::Continuous));
    assert_eq!(
        desk.trades()[0].1,
        3,
        "it trades in the auction as the limit order that it is"
    );
    assert_eq!(moves(&desk), [(order, 100, 95)]);
}

#[test]
fn a_moved_peg_triggers_what_looks_at_the_best_price() {
    let (mut desk, bid, _) = quoted();
    let order = follow(&mut desk, peg(3, Side::Buy, PegKind::Mid, 0, 4), 0);
    assert_eq!(price(&desk, order), 105);
    let stop = desk.place(PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::BidAsk.number(),
        stop_price_ticks: 103,
        ..limit(3, 1, Side::Sell, 0, 1)
    });
    assert_eq!(stop.code, 0);
    desk.rest(3, Side::Buy, 96, 5);
    assert!(desk.trades().is_empty());
    drop_order(&mut desk, 3, bid);
    assert_eq!(moves(&desk)[0], (order, 105, 103), "96 and 110");
    assert_eq!(desk.trades(), [(103, 1, order, stop.order_id)]);
}

#[test]
fn only_the_quantity_of_a_peg_can_be_amended() {
    let (mut desk, bid, _) = quoted();
    let order = follow(&mut desk, peg(1, Side::Buy, PegKind::Primary, 105, 10), 0);
    let young = desk.rest(3, Side::Buy, 100, 1);
    for flags in [amend_flag::PRICE, amend_flag::STOP_PRICE, amend_flag::DISPLAY_QUANTITY] {
        let refused = desk.send(&[Record::of(amend(1, order, flags, 90, 10))]);
        assert_eq!(refused.code, ErrorCode::UnsupportedOrderType.number());
    }
    desk.send(&[Record::of(amend(1, order, amend_flag::QUANTITY, 0, 8))]);
    assert_eq!(desk.queue(Side::Buy, 100), [bid, order, young], "less keeps the place");
    let more = desk.send(&[Record::of(amend(1, order, amend_flag::QUANTITY, 0, 12))]);
    assert_eq!((more.code, more.leaves_quantity_lots), (0, 12));
    assert_eq!(desk.queue(Side::Buy, 100), [bid, young, order], "more loses it");
    let huge = desk.send(&[Record::of(amend(1, order, amend_flag::QUANTITY, 0, 3_300))]);
    assert_eq!(huge.code, ErrorCode::InsufficientBuyingPower.number(), "of the cap");
}

#[test]
fn what_means_nothing_is_refused() {
    let unsupported = ErrorCode::UnsupportedOrderType;
    let invalid = ErrorCode::InvalidArgument;
    let (buy, sell) = (Side::Buy, Side::Sell);
    let good = peg(1, buy, PegKind::Mid, 0, 5);
    let with = |change: fn(&mut PlaceOrder)| {
        let mut order = good;
        change(&mut order);
        order
    };
    for (order, offset, code) in [
        (peg(1, buy, PegKind::None, 0, 5), 0, invalid),
        (PlaceOrder { peg_kind: 4, ..good }, 0, invalid),
        (good, 1, invalid),
        (peg(1, sell, PegKind::Mid, 0, 5), -1, invalid),
        (peg(1, buy, PegKind::Mid, -1, 5), 0, ErrorCode::PriceNotPositive),
        (
            with(|order| order.time_in_force = TimeInForce::ImmediateOrCancel.number()),
            0,
            unsupported,
        ),
        (
            with(|order| order.time_in_force = TimeInForce::FillOrKill.number()),
            0,
            unsupported,
        ),
        (
            with(|order| order.time_in_force = TimeInForce::AtTheClose.number()),
            0,
            unsupported,
        ),
        (
            with(|order| order.instructions = order_instruction::ALL_OR_NONE),
            0,
            unsupported,
        ),
        (
            with(|order| order.instructions = order_instruction::POST_ONLY_REPRICE),
            0,
            unsupported,
        ),
        (with(|order| order.display_quantity_lots = 2), 0, unsupported),
        (with(|order| order.stop_price_ticks = 2), 0, unsupported),
        (
            PlaceOrder {
                peg_kind: 1,
                ..limit(1, 1, buy, 90, 5)
            },
            0,
            unsupported,
        ),
        (limit(1, 1, buy, 90, 5), -1, unsupported),
    ] {
        let (mut desk, _, _) = quoted();
        let answer = place(&mut desk, order, offset);
        assert_eq!(answer.code, code.number(), "{order:?} {offset}");
        assert_eq!(desk.reports.len(), 1);
    }
    for order in [
        hidden(good),
        with(|order| order.instructions = order_instruction::POST_ONLY),
        with(|order| order.time_in_force = TimeInForce::Day.number()),
    ] {
        let (mut desk, _, _) = quoted();
        follow(&mut desk, order, -1);
    }
}

#[test]
fn a_peg_expires_where_it_waits_and_where_it_stands() {
    for parked in [false, true] {
        let (mut desk, bid, _) = quoted();
        let mut order = peg(1, Side::Buy, PegKind::Primary, 0, 5);
        order.time_in_force = TimeInForce::GoodTillDate.number();
        let terms = OrderTerms {
            expire_time_nanos: desk.now + SECOND,
            ..OrderTerms::default()
        };
        let id = desk.place_with(order, terms).order_id;
        if parked {
            drop_order(&mut desk, 3, bid);
        }
        desk.now += SECOND;
        desk.rest(3, Side::Sell, 120, 1);
        assert_eq!(desk.states()[0].1, ExecType::Expired);
        assert!(desk.engine.order(id).is_none());
        assert_eq!(desk.free(1), 1_000_000);
    }
}

#[test]
fn a_reduce_only_peg_gives_way_wherever_it_is() {
    for parked in [false, true] {
        let (mut desk, _, ask) = quoted();
        let lots = MovePosition {
            kind: MovePosition::KIND,
            account_id: 3,
            instrument_id: 1,
            quantity_lots: 10,
            reason: 1,
            ..MovePosition::default()
        };
        desk.send(&[Record::of(lots)]);
        let order = PlaceOrder {
            instructions: order_instruction::REDUCE_ONLY,
            ..peg(3, Side::Sell, PegKind::Primary, 0, 5)
        };
        let order = follow(&mut desk, order, 5);
        if parked {
            drop_order(&mut desk, 3, ask);
            assert_eq!(moves(&desk), [(order, 115, 0)]);
        }
        // 10 lots are held; the ask sells 5 of them where it is still there.
        desk.place(hidden(limit(3, 1, Side::Sell, 140, if parked { 7 } else { 2 })));
        let open = desk
            .engine
            .order(order)
            .map(|order| (order.price_ticks, order.leaves_lots));
        assert_eq!(open, Some((if parked { 0 } else { 115 }, 3)));
        desk.place(hidden(limit(3, 1, Side::Sell, 150, 6)));
        assert!(desk.engine.order(order).is_none());
    }
}

#[test]
fn a_restored_engine_follows_as_the_one_that_went_on() {
    let (mut desk, bid, ask) = quoted();
    let orders = [
        follow(&mut desk, peg(1, Side::Buy, PegKind::Mid, 104, 5), -1),
        follow(&mut desk, hidden(peg(3, Side::Sell, PegKind::Primary, 0, 5)), 2),
        follow(&mut desk, peg(3, Side::Buy, PegKind::Market, 0, 5), 0),
    ];
    drop_order(&mut desk, 3, ask);
    assert_eq!(moves(&desk).len(), 3, "all of them wait, or move");
    let config = Config {
        max_orders: 100,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    };
    let bytes = desk.engine.snapshot(&[]).expect("a snapshot");
    let mut restored = Desk::new();
    restored.engine = Engine::restore(config, &bytes).expect("restores").0;
    restored.now = desk.now;
    for desk in [&mut desk, &mut restored] {
        desk.rest(3, Side::Sell, 109, 5);
        drop_order(desk, 3, bid);
        desk.rest(3, Side::Buy, 90, 5);
    }
    assert_eq!(desk.reports, restored.reports);
    assert_eq!(desk.engine.state_hash(), restored.engine.state_hash());
    let prices = orders.map(|order| price(&desk, order));
    assert_eq!(prices, [98, 111, 108]);
}
