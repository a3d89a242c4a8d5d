//! Reduce-only, post-only that steps back, market-to-limit, minimum quantity and all-or-none by example.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const REDUCED: CancelReason = CancelReason::ReducedPosition;

fn instructed(instructions: u16, order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { instructions, ..order }
}

fn reduce(side: Side, price: i64, lots: i64) -> PlaceOrder {
    instructed(order_instruction::REDUCE_ONLY, limit(3, 1, side, price, lots))
}

/// A desk where account 3 holds this many lots (negative = short), and account 4 trades without checks too.
fn holding(lots: i64) -> Desk {
    let mut desk = Desk::new();
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    move_lots(&mut desk, lots);
    desk
}

fn move_lots(desk: &mut Desk, quantity_lots: i64) {
    let movement = MovePosition {
        kind: MovePosition::KIND,
        account_id: 3,
        instrument_id: 1,
        quantity_lots,
        reason: 1,
        ..MovePosition::default()
    };
    assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
}

#[test]
fn a_reduce_only_order_enters_for_what_is_held_and_not_already_offered() {
    let mut desk = holding(10);
    assert_eq!(
        desk.place(reduce(Side::Buy, 90, 1)).code,
        ErrorCode::ReduceOnly.number(),
        "a long position is not reduced by buying"
    );
    assert_eq!(
        desk.place(reduce(Side::Sell, 110, 11)).code,
        ErrorCode::ReduceOnly.number()
    );
    desk.rest(3, Side::Sell, 120, 4);
    let answer = desk.place(reduce(Side::Sell, 110, 7));
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::ReduceOnly.number(), 7, 6)
    );
    assert_eq!(desk.place(reduce(Side::Sell, 110, 6)).code, 0);
    // It closes a position in spite of a state that stops everything else.
    let state = SetTradingState {
        kind: SetTradingState::KIND,
        scope: 4,
        state: 2,
        reason: 1,
        ..SetTradingState::default()
    };
    let mut desk = holding(-5);
    desk.send(&[Record::of(state)]);
    assert_eq!(desk.place(reduce(Side::Buy, 90, 5)).code, 0);
}

#[test]
fn it_shrinks_with_its_position_and_ends_with_it() {
    let mut desk = holding(10);
    let old = desk.place(reduce(Side::Sell, 110, 5)).order_id;
    let young = desk.place(reduce(Side::Sell, 110, 5)).order_id;
    desk.place(limit(4, 1, Side::Buy, 100, 7));
    // Another order of the account sells 7: the youngest gives way first, whole, then the older one in part.
    desk.place(limit(3, 1, Side::Sell, 100, 7));
    let states = desk.states();
    assert_eq!(
        states[1],
        (young, ExecType::Canceled, OrderStatus::Canceled, REDUCED, 0, 5)
    );
    assert_eq!(states[2], (old, ExecType::Restated, OrderStatus::New, REDUCED, 3, 3));
    let shown: Vec<_> = desk
        .engine
        .levels(1, Side::Sell)
        .map(|level| level.quantity_lots)
        .collect();
    assert_eq!(shown, [3]);
    move_lots(&mut desk, -3);
    assert_eq!(
        desk.states(),
        [(old, ExecType::Canceled, OrderStatus::Canceled, REDUCED, 0, 3)]
    );
    assert_eq!(desk.engine.position(3, 1).expect("known").quantity_lots, 0);
}

#[test]
fn it_never_turns_a_position_even_when_other_orders_fill_first() {
    let mut desk = holding(10);
    let reducing = desk.place(reduce(Side::Sell, 101, 10)).order_id;
    // A plain order joins the side: together they would turn the position, so the reduce-only one gives way at once.
    desk.rest(3, Side::Sell, 100, 6);
    assert_eq!(desk.engine.order(reducing).expect("open").leaves_lots, 4);
    desk.place(limit(4, 1, Side::Buy, 105, 50));
    assert_eq!(desk.engine.position(3, 1).expect("known").quantity_lots, 0);
    assert!(desk.engine.order(reducing).is_none());
}

#[test]
fn its_own_partial_fill_does_not_shrink_it() {
    let mut desk = holding(10);
    let id = desk.place(reduce(Side::Sell, 101, 10)).order_id;
    desk.place(limit(4, 1, Side::Buy, 101, 4));
    let order = desk.engine.order(id).expect("open");
    assert_eq!((order.leaves_lots, order.quantity_lots), (6, 10));
}

#[test]
fn a_reduce_only_stop_gives_way_while_it_waits() {
    let mut desk = holding(10);
    let stop = PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 90,
        ..reduce(Side::Sell, 0, 10)
    };
    let id = desk.place(stop).order_id;
    move_lots(&mut desk, -4);
    assert_eq!(
        desk.states(),
        [(id, ExecType::Restated, OrderStatus::New, REDUCED, 6, 6)]
    );
    for (price, lots) in [(90, 1), (89, 20)] {
        desk.place(limit(4, 1, Side::Buy, price, lots));
    }
    desk.place(limit(4, 1, Side::Sell, 90, 1));
    assert_eq!(desk.trades().pop().map(|trade| (trade.0, trade.1)), Some((89, 6)));
    assert_eq!(desk.engine.position(3, 1).expect("known").quantity_lots, 0);
}

#[test]
fn post_only_may_step_one_tick_back_instead() {
    let step_back = order_instruction::POST_ONLY_REPRICE;
    for (side, other, price, best, rests_at) in [
        (Side::Buy, Side::Sell, 105, 100, 99),
        (Side::Sell, Side::Buy, 95, 100, 101),
    ] {
        let mut desk = Desk::new();
        desk.rest(3, other, best, 5);
        let answer = desk.place(instructed(step_back, limit(3, 1, side, price, 5)));
        assert!(desk.trades().is_empty());
        assert_eq!(desk.queue(side, rests_at), [answer.order_id]);
        assert_eq!(desk.states()[0].3, CancelReason::Repriced);
        assert_eq!(desk.reports[1].view::<OrderDetailReport>().previous_price_ticks, price);
        // An amend steps back too.
        desk.send(&[Record::of(amend(3, answer.order_id, 3, price, 6))]);
        assert_eq!((desk.trades().len(), desk.states()[0].3), (0, CancelReason::Repriced));
        assert_eq!(desk.queue(side, rests_at), [answer.order_id]);
    }
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 1, 5);
    let answer = desk.place(instructed(step_back, limit(3, 1, Side::Buy, 1, 5)));
    assert_eq!(
        answer.code,
        ErrorCode::PriceNotPositive.number(),
        "there is no price behind one tick"
    );
}

#[test]
fn market_to_limit_trades_at_the_best_price_and_rests_there() {
    let mut desk = Desk::new();
    let order = PlaceOrder {
        order_type: OrderType::MarketToLimit.number(),
        ..limit(1, 1, Side::Buy, 0, 10)
    };
    assert_eq!(desk.place(order).code, ErrorCode::NoLiquidity.number());
    desk.rest(3, Side::Sell, 100, 4);
    desk.rest(3, Side::Sell, 101, 50);
    let answer = desk.place(order);
    assert_eq!(
        (
            desk.trades().len(),
            answer.cum_quantity_lots,
            answer.leaves_quantity_lots
        ),
        (1, 4, 6)
    );
    assert_eq!(desk.reports[0].view::<OrderStateReport>().price_ticks, 100);
    assert_eq!(desk.queue(Side::Buy, 100), [answer.order_id]);
    assert_eq!(
        desk.place(PlaceOrder {
            price_ticks: 5,
            ..order
        })
        .code,
        ErrorCode::PriceNotAllowed.number()
    );
    // At once or not at all works too.
    let immediate = PlaceOrder {
        time_in_force: TimeInForce::ImmediateOrCancel.number(),
        ..order
    };
    assert_eq!(desk.place(immediate).order_status, OrderStatus::Filled.number());
}

#[test]
fn the_minimum_must_trade_at_once() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 4);
    desk.rest(3, Side::Sell, 101, 50);
    let terms = |minimum_quantity_lots| OrderTerms {
        minimum_quantity_lots,
        ..OrderTerms::default()
    };
    let order = limit(1, 1, Side::Buy, 100, 10);
    let answer = desk.place_with(order, terms(5));
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::MinimumQuantityUnfillable.number(), 5, 4)
    );
    let answer = desk.place_with(order, terms(4));
    assert_eq!((answer.cum_quantity_lots, answer.leaves_quantity_lots), (4, 6));
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().minimum_quantity_lots, 4);
    for minimum in [-1, 11] {
        assert_eq!(
            desk.place_with(order, terms(minimum)).code,
            ErrorCode::InvalidArgument.number()
        );
    }
    let passive = instructed(order_instruction::POST_ONLY, limit(1, 1, Side::Buy, 90, 10));
    assert_eq!(
        desk.place_with(passive, terms(1)).code,
        ErrorCode::UnsupportedOrderType.number()
    );
}

/// Each asks for something at once; each is refused by its own number, the sooner one by what it needs more.
#[test]
fn minimum_and_fill_or_kill_are_refused_by_their_own_numbers() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 4);
    let terms = OrderTerms {
        minimum_quantity_lots: 6,
        ..OrderTerms::default()
    };
    let order = |time_in_force: TimeInForce| PlaceOrder {
        time_in_force: time_in_force.number(),
        ..limit(1, 1, Side::Buy, 100, 10)
    };
    for (time_in_force, code, asked) in [
        (TimeInForce::GoodTillCancel, ErrorCode::MinimumQuantityUnfillable, 6),
        (TimeInForce::ImmediateOrCancel, ErrorCode::MinimumQuantityUnfillable, 6),
        (TimeInForce::FillOrKill, ErrorCode::FillOrKillUnfillable, 10),
    ] {
        let answer = desk.place_with(order(time_in_force), terms);
        assert_eq!(
            (answer.code, answer.observed, answer.limit),
            (code.number(), asked, 4),
            "{time_in_force:?}"
        );
    }
    // Nothing crosses; only what stands beside the book does.
    let below = limit(1, 1, Side::Buy, 99, 10);
    let answer = desk.place_with(below, terms);
    assert_eq!(
        (answer.code, answer.observed, answer.limit),
        (ErrorCode::MinimumQuantityUnfillable.number(), 6, 0)
    );
    desk.place(instructed(
        order_instruction::ALL_OR_NONE,
        limit(3, 1, Side::Sell, 99, 20),
    ));
    assert_eq!(
        desk.place_with(below, terms).code,
        ErrorCode::MinimumQuantityUnfillable.number()
    );
}

#[test]
fn a_stop_whose_minimum_cannot_trade_when_it_triggers_says_so() {
    let mut desk = Desk::new();
    let terms = OrderTerms {
        minimum_quantity_lots: 6,
        ..OrderTerms::default()
    };
    let stop = PlaceOrder {
        order_type: OrderType::StopLimit.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: 100,
        ..limit(1, 1, Side::Buy, 101, 10)
    };
    let stop = desk.place_with(stop, terms).order_id;
    desk.rest(3, Side::Sell, 100, 5);
    desk.place(limit(3, 1, Side::Buy, 100, 1));
    let last = *desk.states().last().expect("states");
    assert_eq!(
        (last.0, last.1, last.3),
        (stop, ExecType::Canceled, CancelReason::MinimumQuantityUnfillable)
    );
}

#[test]
fn all_or_none_is_all_at_once_at_the_makers_prices_or_nothing() {
    let mut desk = Desk::new();
    desk.rest(3, Side::Sell, 100, 4);
    desk.rest(3, Side::Sell, 101, 4);
    let immediate = TimeInForce::ImmediateOrCancel.number();
    let order = |lots| PlaceOrder {
        time_in_force: immediate,
        ..instructed(order_instruction::ALL_OR_NONE, limit(3, 1, Side::Buy, 101, lots))
    };
    assert_eq!(desk.place(order(9)).code, ErrorCode::FillOrKillUnfillable.number());
    desk.place(order(8));
    assert_eq!(
        desk.trades().iter().map(|trade| (trade.0, trade.1)).collect::<Vec<_>>(),
        [(100, 4), (101, 4)]
    );
    // Where it may rest it does (`all_or_none.rs`), and nothing is refused.
    let resting = instructed(order_instruction::ALL_OR_NONE, limit(3, 1, Side::Buy, 90, 5));
    let answer = desk.place(resting);
    assert_eq!((answer.code, answer.leaves_quantity_lots), (0, 5));
}
