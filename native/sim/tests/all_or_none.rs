//! Resting all-or-none orders by example.
use fulltape_engine::{Config, Engine};
use fulltape_sim::desk::{DAY, Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn whole(account: u32, side: Side, price: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        instructions: order_instruction::ALL_OR_NONE,
        ..limit(account, 1, side, price, lots)
    }
}

/// Places an all-or-none order that must rest without a trade.
fn stand(desk: &mut Desk, account: u32, side: Side, price: i64, lots: i64) -> u64 {
    let answer = desk.place(whole(account, side, price, lots));
    assert_eq!((answer.code, answer.order_status), (0, OrderStatus::New.number()));
    assert!(desk.trades().is_empty(), "it rests");
    assert!(!desk.kinds().contains(&BookLevelReport::KIND), "no level tells of it");
    answer.order_id
}

fn aside(desk: &Desk, side: Side) -> Vec<u64> {
    desk.engine.all_or_none(1, side).map(|order| order.order_id).collect()
}

/// (price, lots, maker, taker)
type Trade = (i64, i64, u64, u64);

fn immediate(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder {
        time_in_force: TimeInForce::ImmediateOrCancel.number(),
        ..order
    }
}

#[test]
fn it_stands_beside_the_book_by_price_then_place() {
    let mut desk = Desk::new();
    let worse = stand(&mut desk, 3, Side::Buy, 99, 5);
    let first = stand(&mut desk, 3, Side::Buy, 100, 5);
    let second = stand(&mut desk, 3, Side::Buy, 100, 7);
    assert_eq!(aside(&desk, Side::Buy), [first, second, worse]);
    assert_eq!(desk.engine.levels(1, Side::Buy).count(), 0);
    assert_eq!(desk.engine.resting(1, Side::Buy).count(), 0);
    // A sell that meets them and fits nobody rests across them: the book itself is not crossed.
    desk.rest(3, Side::Sell, 99, 4);
    assert!(desk.trades().is_empty());
}

#[test]
fn nothing_of_it_trades_alone_whatever_comes() {
    let mut desk = Desk::new();
    let id = stand(&mut desk, 3, Side::Buy, 100, 10);
    for order in [
        immediate(limit(3, 1, Side::Sell, 90, 9)),
        immediate(limit(3, 1, Side::Sell, 100, 1)),
    ] {
        let answer = desk.place(order);
        assert_eq!((answer.code, answer.cum_quantity_lots), (0, 0));
        assert!(desk.trades().is_empty());
    }
    assert_eq!(
        desk.place(market(3, 1, Side::Sell, 9)).code,
        ErrorCode::NoLiquidity.number()
    );
    assert_eq!(desk.engine.order(id).expect("open").leaves_lots, 10);
}

#[test]
fn who_brings_enough_fills_it_at_its_price_behind_the_others_of_it() {
    let mut desk = Desk::new();
    let id = stand(&mut desk, 3, Side::Buy, 100, 10);
    let plain = desk.rest(3, Side::Buy, 100, 5);
    let low = desk.rest(3, Side::Buy, 99, 50);
    let answer = desk.place(limit(3, 1, Side::Sell, 99, 17));
    let taker = answer.order_id;
    let expected: [Trade; 3] = [(100, 5, plain, taker), (100, 10, id, taker), (99, 2, low, taker)];
    assert_eq!(desk.trades(), expected);
}

#[test]
fn all_or_none_mispricing() {
    // A worse price trades before it only where it could not be filled whole: who brings its quantity gets its price.
    let mut desk = Desk::new();
    let high = stand(&mut desk, 3, Side::Buy, 101, 10);
    let plain = desk.rest(3, Side::Buy, 100, 20);
    let small = desk.place(immediate(limit(3, 1, Side::Sell, 100, 9))).order_id;
    assert_eq!(
        desk.trades(),
        [(100, 9, plain, small)],
        "nine do not fit: the order behind it trades"
    );
    let enough = desk.place(immediate(limit(3, 1, Side::Sell, 100, 10))).order_id;
    assert_eq!(
        desk.trades(),
        [(101, 10, high, enough)],
        "ten do, and at its own better price"
    );
    // Passed over once, it stays where it was; what is left at the end does not come back to it.
    let high = stand(&mut desk, 3, Side::Buy, 101, 12);
    let taker = desk.place(immediate(limit(3, 1, Side::Sell, 90, 11))).order_id;
    assert_eq!(desk.trades(), [(100, 11, plain, taker)]);
    assert_eq!(aside(&desk, Side::Buy), [high]);
    // As taker it pays the makers' prices, and never more than its limit.
    let mut desk = Desk::new();
    let buyer = stand(&mut desk, 3, Side::Buy, 101, 10);
    let (cheap, dear) = (desk.rest(3, Side::Sell, 99, 4), desk.rest(3, Side::Sell, 102, 50));
    assert_eq!(
        desk.engine.order(buyer).expect("open").leaves_lots,
        10,
        "6 lots are beyond its limit"
    );
    let answer = desk.place(limit(3, 1, Side::Sell, 101, 6));
    assert_eq!(answer.leaves_quantity_lots, 6, "the answer is the acceptance");
    let expected: [Trade; 2] = [(99, 4, cheap, buyer), (101, 6, answer.order_id, buyer)];
    assert_eq!(desk.trades(), expected);
    assert!(desk.engine.order(dear).is_some() && aside(&desk, Side::Buy).is_empty());
}

#[test]
fn it_executes_at_once_when_all_of_it_can() {
    let mut desk = Desk::new();
    let first = desk.rest(3, Side::Sell, 100, 4);
    let second = desk.rest(3, Side::Sell, 101, 4);
    stand(&mut desk, 3, Side::Buy, 101, 9);
    let answer = desk.place(whole(3, Side::Buy, 101, 8));
    assert_eq!(answer.order_status, OrderStatus::Filled.number());
    let expected: [Trade; 2] = [(100, 4, first, answer.order_id), (101, 4, second, answer.order_id)];
    assert_eq!(desk.trades(), expected);
}

#[test]
fn two_of_them_meet_when_one_takes_all_of_the_other() {
    let mut desk = Desk::new();
    let buyer = stand(&mut desk, 3, Side::Buy, 100, 10);
    let unequal = stand(&mut desk, 3, Side::Sell, 100, 7);
    let answer = desk.place(whole(3, Side::Sell, 100, 10));
    assert_eq!(desk.trades(), [(100, 10, buyer, answer.order_id)]);
    assert_eq!(aside(&desk, Side::Sell), [unequal]);
    // Ten wanted: three of the book and seven of the other one.
    let buyer = stand(&mut desk, 3, Side::Buy, 100, 10);
    let plain = desk.rest(3, Side::Sell, 100, 3);
    assert_eq!(desk.trades(), [(100, 3, plain, buyer), (100, 7, unequal, buyer)]);
}

#[test]
fn what_leaves_the_book_may_make_room_for_it() {
    let mut desk = Desk::new();
    let small = desk.rest(3, Side::Sell, 99, 2);
    stand(&mut desk, 3, Side::Buy, 101, 3);
    let seller = stand(&mut desk, 3, Side::Sell, 100, 10);
    // For the buyer two of the book come first, for the seller the three at 101: then ten do not fit any more.
    let buyer = stand(&mut desk, 3, Side::Buy, 100, 10);
    desk.send(&[Record::of(cancel(3, 1, small))]);
    assert_eq!(desk.trades(), [(100, 10, seller, buyer)]);
}

#[test]
fn best_price_and_then_the_oldest_is_tried_first_and_buys_before_sells() {
    let mut desk = Desk::new();
    let old = stand(&mut desk, 3, Side::Buy, 100, 6);
    let young = stand(&mut desk, 3, Side::Buy, 100, 6);
    let high = stand(&mut desk, 3, Side::Buy, 101, 20);
    let maker = desk.place(limit(3, 1, Side::Sell, 100, 5)).order_id;
    assert!(desk.trades().is_empty());
    desk.send(&[Record::of(amend(3, maker, amend_flag::QUANTITY, 0, 12))]);
    // The amended order comes in anew and takes both at their price, passing over the one that it cannot fill.
    assert_eq!(desk.trades(), [(100, 6, old, maker), (100, 6, young, maker)]);
    assert_eq!(aside(&desk, Side::Buy), [high]);
}

#[test]
fn a_lower_quantity_keeps_its_place_and_may_be_filled_at_once() {
    let mut desk = Desk::new();
    let first = stand(&mut desk, 3, Side::Buy, 100, 10);
    let second = stand(&mut desk, 3, Side::Buy, 100, 10);
    let quantity = amend_flag::QUANTITY;
    desk.send(&[Record::of(amend(3, first, quantity, 0, 9))]);
    assert_eq!(aside(&desk, Side::Buy), [first, second]);
    desk.send(&[Record::of(amend(3, first, quantity, 0, 11))]);
    assert_eq!(aside(&desk, Side::Buy), [second, first], "more loses it");
    let maker = desk.rest(3, Side::Sell, 100, 4);
    desk.send(&[Record::of(amend(3, first, quantity, 0, 4))]);
    assert_eq!(desk.trades(), [(100, 4, maker, first)]);
    let display = amend_flag::DISPLAY_QUANTITY;
    let answer = desk.send(&[Record::of(amend(3, second, display, 0, 4))]);
    assert_eq!(answer.code, ErrorCode::UnsupportedOrderType.number());
}

#[test]
fn fill_or_kill_minimum_and_market_count_exactly_what_would_trade() {
    let fill_or_kill = |lots| PlaceOrder {
        time_in_force: TimeInForce::FillOrKill.number(),
        ..limit(1, 1, Side::Buy, 101, lots)
    };
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 5);
    stand(&mut desk, 3, Side::Sell, 100, 10);
    desk.rest(3, Side::Sell, 101, 2);
    // (asked, offered when refused): 5 + 10 + 2 from 15 on, before that the ten do not fit behind the five.
    for (lots, offered) in [(8, 7), (14, 7), (18, 17)] {
        let answer = desk.place(fill_or_kill(lots));
        assert_eq!(
            (answer.code, answer.observed, answer.limit),
            (ErrorCode::FillOrKillUnfillable.number(), lots, offered)
        );
    }
    let terms = OrderTerms {
        minimum_quantity_lots: 8,
        ..OrderTerms::default()
    };
    let answer = desk.place_with(limit(1, 1, Side::Buy, 101, 14), terms);
    assert_eq!((answer.observed, answer.limit), (8, 7));
    // 17 lots cost (15 * 100 + 2 * 101) * 3 units and the fee: one unit less is not enough.
    let cost = (15 * 100 + 2 * 101) * 3;
    let fee = (cost * 150 + 999_999) / 1_000_000;
    let spare = i64::try_from(desk.free(1)).expect("small") - cost - fee;
    desk.send(&[Record::of(cash(1, -spare - 1))]);
    let answer = desk.place(market(1, 1, Side::Buy, 17));
    assert_eq!(answer.code, ErrorCode::InsufficientBuyingPower.number());
    assert_eq!(answer.observed - answer.limit, 1);
    desk.send(&[Record::of(cash(1, 1))]);
    let answer = desk.place(market(1, 1, Side::Buy, 17));
    assert_eq!((answer.code, answer.cum_quantity_lots), (0, 17));
    assert_eq!(desk.free(1), 0);
}

#[test]
fn it_holds_its_money_and_gives_back_what_it_did_not_need() {
    let mut desk = Desk::new();
    let before = desk.free(1);
    let id = stand(&mut desk, 1, Side::Buy, 100, 10);
    let held = before - desk.free(1);
    assert!(held >= 3000, "{held}");
    desk.rest(3, Side::Sell, 90, 6);
    assert!(desk.engine.order(id).is_some());
    desk.rest(3, Side::Sell, 90, 4);
    assert!(desk.engine.order(id).is_none());
    assert_eq!(before - desk.free(1), 2700 + 1, "the makers' price and the taker's fee");
}

fn moved(account_id: u32, quantity_lots: i64) -> MovePosition {
    MovePosition {
        kind: MovePosition::KIND,
        account_id,
        instrument_id: 1,
        quantity_lots,
        reason: 1,
        ..MovePosition::default()
    }
}

/// Account 1 holds 50 lots.
fn holding() -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(moved(1, 50))]);
    desk
}

#[test]
fn self_trade_prevention_looks_at_it_when_it_is_reached() {
    for (mode, filled, mine_open) in [
        (SelfTradePrevention::CancelNewest, 0, true),
        (SelfTradePrevention::CancelOldest, 15, false),
        (SelfTradePrevention::CancelBoth, 0, false),
        (SelfTradePrevention::DecrementAndCancel, 5, false),
    ] {
        let mut desk = holding();
        let mine = stand(&mut desk, 1, Side::Sell, 100, 10);
        desk.rest(3, Side::Sell, 101, 50);
        let answer = desk.place(PlaceOrder {
            self_trade_prevention: mode.number(),
            ..limit(1, 1, Side::Buy, 101, 15)
        });
        assert_eq!(answer.cum_quantity_lots, filled, "{mode:?}");
        assert_eq!(desk.engine.order(mine).is_some(), mine_open, "{mode:?}");
    }
    // It does not count what it must not trade with.
    let mut desk = holding();
    desk.rest(1, Side::Sell, 100, 5);
    desk.rest(3, Side::Sell, 100, 5);
    let answer = desk.place(PlaceOrder {
        self_trade_prevention: SelfTradePrevention::DecrementAndCancel.number(),
        ..whole(1, Side::Buy, 100, 10)
    });
    assert_eq!((answer.code, answer.leaves_quantity_lots), (0, 10));
    assert!(
        desk.trades().is_empty() && desk.states().len() == 1,
        "nothing ended for nothing"
    );
}

#[test]
fn one_that_would_have_to_shrink_ends_instead() {
    let mut desk = Desk::new();
    desk.send(&[Record::of(moved(3, 10))]);
    let reducing = order_instruction::ALL_OR_NONE | order_instruction::REDUCE_ONLY;
    let id = desk
        .place(PlaceOrder {
            instructions: reducing,
            ..limit(3, 1, Side::Sell, 110, 10)
        })
        .order_id;
    desk.send(&[Record::of(moved(3, -1))]);
    let reason = CancelReason::ReducedPosition;
    assert_eq!(
        desk.states(),
        [(id, ExecType::Canceled, OrderStatus::Canceled, reason, 0, 10)]
    );
}

#[test]
fn a_halt_holds_it_back_and_its_end_lets_it_trade() {
    let mut desk = Desk::new();
    let id = stand(&mut desk, 3, Side::Buy, 100, 5);
    let maker = desk.rest(3, Side::Sell, 100, 4);
    let state = |state: TradingState| SetTradingState {
        kind: SetTradingState::KIND,
        scope: StateScope::Instrument.number(),
        target_id: 1,
        state: state.number(),
        reason: 1,
        ..SetTradingState::default()
    };
    desk.send(&[Record::of(state(TradingState::Halted))]);
    desk.send(&[Record::of(amend(3, id, amend_flag::QUANTITY, 0, 4))]);
    assert!(desk.trades().is_empty());
    desk.send(&[Record::of(state(TradingState::Active))]);
    assert_eq!(desk.trades(), [(100, 4, maker, id)]);
}

#[test]
fn auctions_pass_it_by() {
    let mut desk = Desk::new();
    let session = |phase: TradingPhase| SetSession {
        kind: SetSession::KIND,
        instrument_id: 1,
        phase: phase.number(),
        reason: 1,
        ..SetSession::default()
    };
    let id = stand(&mut desk, 3, Side::Buy, 105, 10);
    desk.send(&[Record::of(session(TradingPhase::VolatilityAuction))]);
    assert_eq!(
        desk.place(whole(3, Side::Buy, 105, 10)).code,
        ErrorCode::MarketClosed.number()
    );
    let buyer = desk.rest(3, Side::Buy, 100, 4);
    let seller = desk.rest(3, Side::Sell, 100, 14);
    let answer = desk.send(&[Record::of(session(TradingPhase::Continuous))]);
    assert_eq!(answer.code, 0);
    // The auction trades four at 100; then it takes the rest of the seller.
    assert_eq!(desk.trades(), [(100, 4, buyer, seller), (100, 10, seller, id)]);
}

#[test]
fn a_stop_limit_becomes_one_and_its_trade_triggers_others() {
    let mut desk = Desk::new();
    let stop = |price| PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 100,
        ..whole(3, Side::Buy, price, 10)
    };
    let id = desk.place(stop(105)).order_id;
    desk.rest(3, Side::Sell, 100, 1);
    desk.place(limit(3, 1, Side::Buy, 100, 1));
    assert_eq!(desk.trades().len(), 1, "triggered, and nothing there for all of it");
    assert_eq!(aside(&desk, Side::Buy), [id]);
    // Its trade moves the last price although no level does: the other stop sees it.
    let other = desk.place(PlaceOrder {
        stop_price_ticks: 104,
        ..stop(90)
    });
    let sell = desk.place(immediate(limit(3, 1, Side::Sell, 104, 10)));
    assert_eq!(desk.trades(), [(105, 10, id, sell.order_id)]);
    assert_eq!(aside(&desk, Side::Buy), [other.order_id]);
}

#[test]
fn what_triggered_orders_bring_may_fill_it_in_the_same_command() {
    let mut desk = Desk::new();
    let id = stand(&mut desk, 3, Side::Buy, 100, 10);
    let first = desk.rest(3, Side::Sell, 100, 6);
    let stop = PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 99,
        ..limit(3, 1, Side::Sell, 100, 4)
    };
    let stop = desk.place(stop).order_id;
    let low = desk.rest(3, Side::Sell, 99, 1);
    let taker = desk.place(limit(3, 1, Side::Buy, 99, 1)).order_id;
    let expected: [Trade; 3] = [(99, 1, low, taker), (100, 6, first, id), (100, 4, stop, id)];
    assert_eq!(desk.trades(), expected);
}

#[test]
fn post_only_orders_do_not_see_it_and_are_taken_by_it() {
    for instruction in [order_instruction::POST_ONLY, order_instruction::POST_ONLY_REPRICE] {
        let mut desk = Desk::new();
        let id = stand(&mut desk, 3, Side::Buy, 100, 10);
        let maker = desk.place(PlaceOrder {
            instructions: instruction,
            ..limit(3, 1, Side::Sell, 98, 12)
        });
        assert_eq!((maker.code, maker.leaves_quantity_lots), (0, 12));
        assert_eq!(desk.trades(), [(98, 10, maker.order_id, id)]);
    }
}

#[test]
fn it_expires_and_is_cancelled_like_any_other() {
    let mut desk = Desk::new();
    let day = desk
        .place(PlaceOrder {
            time_in_force: TimeInForce::Day.number(),
            ..whole(3, Side::Buy, 100, 10)
        })
        .order_id;
    let dated = desk.place_with(
        PlaceOrder {
            time_in_force: TimeInForce::GoodTillDate.number(),
            ..whole(3, Side::Buy, 100, 11)
        },
        OrderTerms {
            expire_time_nanos: desk.now + SECOND,
            ..OrderTerms::default()
        },
    );
    let kept = stand(&mut desk, 3, Side::Buy, 99, 10);
    desk.now += SECOND;
    desk.rest(3, Side::Buy, 1, 1);
    assert!(desk.engine.order(dated.order_id).is_none());
    desk.now += DAY;
    desk.rest(3, Side::Buy, 1, 1);
    assert!(desk.engine.order(day).is_none());
    assert_eq!(aside(&desk, Side::Buy), [kept]);
    let all = CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 3,
        ..CancelAllOrders::default()
    };
    desk.send(&[Record::of(all)]);
    assert_eq!((aside(&desk, Side::Buy).len(), desk.engine.open_orders()), (0, 0));
}

#[test]
fn as_many_may_rest_as_can_be_tried_behind_a_command() {
    let config = Config {
        max_orders: 1_000,
        max_accounts: 4,
        max_instruments: 4,
        ..Config::default()
    };
    let mut desk = Desk::new();
    desk.engine = Engine::new(config);
    desk.send(&instrument(1, -20, 150));
    desk.send(&[Record::of(account(3, AccountKind::Replay, 0))]);
    let orders: Vec<_> = (0..256).map(|_| stand(&mut desk, 3, Side::Buy, 100, 5)).collect();
    let answer = desk.place(whole(3, Side::Buy, 100, 5));
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::OrderBookFull.number(), 257, 256)
    );
    stand(&mut desk, 3, Side::Sell, 101, 5);
    // Whoever is there may be amended, and who leaves makes room.
    let answer = desk.send(&[Record::of(amend(3, orders[0], amend_flag::QUANTITY, 0, 9))]);
    assert_eq!(answer.code, 0);
    desk.send(&[Record::of(cancel(3, 1, orders[1]))]);
    stand(&mut desk, 3, Side::Buy, 100, 5);
    // One that triggers finds no room.
    let stop = PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 200,
        ..whole(3, Side::Buy, 100, 5)
    };
    let stop = desk.place(stop);
    assert_eq!(stop.code, 0);
    desk.rest(3, Side::Sell, 200, 1);
    desk.place(limit(3, 1, Side::Buy, 200, 1));
    let ended = desk.states().into_iter().find(|state| state.1 == ExecType::Canceled);
    assert_eq!(
        ended.map(|state| (state.0, state.3)),
        Some((stop.order_id, CancelReason::Risk))
    );
}

#[test]
fn what_would_show_or_split_it_is_refused() {
    let base = whole(3, Side::Buy, 100, 10);
    let with = |instructions: u16| PlaceOrder {
        instructions: order_instruction::ALL_OR_NONE | instructions,
        ..base
    };
    let mut desk = Desk::new();
    for order in [
        with(order_instruction::HIDDEN),
        with(order_instruction::POST_ONLY),
        with(order_instruction::POST_ONLY_REPRICE),
        PlaceOrder {
            display_quantity_lots: 5,
            ..base
        },
        PlaceOrder {
            order_type: OrderType::MarketToLimit.number(),
            price_ticks: 0,
            ..base
        },
        PlaceOrder {
            time_in_force: TimeInForce::GoodForAuction.number(),
            ..base
        },
    ] {
        assert_eq!(
            desk.place(order).code,
            ErrorCode::UnsupportedOrderType.number(),
            "{order:?}"
        );
    }
    let link = ListLink {
        kind: ListLink::KIND,
        list_id: 1,
        contingency: Contingency::OneCancelsOther.number(),
        leg_role: LegRole::Sibling.number(),
        leg_count: 2,
        ..ListLink::default()
    };
    let leg = PlaceOrder {
        extension_count: 1,
        ..base
    };
    let answer = desk.send(&[Record::of(leg), Record::of(link)]);
    assert_eq!(answer.code, ErrorCode::UnsupportedOrderType.number());
    let plain = PlaceOrder { instructions: 0, ..leg };
    assert_eq!(
        desk.send(&[Record::of(plain), Record::of(link)]).code,
        0,
        "the list itself is sound"
    );
    let minimum = OrderTerms {
        minimum_quantity_lots: 5,
        ..OrderTerms::default()
    };
    assert_eq!(
        desk.place_with(base, minimum).code,
        ErrorCode::UnsupportedOrderType.number()
    );
}
