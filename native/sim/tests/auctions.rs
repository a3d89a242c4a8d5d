//! Calls and auctions by example: the price, who trades, what is left.
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

/// The desk with a collar of 20 % around a reference price of 100, and accounts without checks, two of one group.
fn desk() -> Desk {
    Desk::collared(PricePurpose::Reference)
}

fn reference(price_ticks: i64) -> SetReferencePrice {
    SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: 1,
        price_ticks,
        ..SetReferencePrice::default()
    }
}

fn enter(desk: &mut Desk, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(1, phase))]).code, 0);
}

/// Lots of each trade at the one price that all have.
fn auction(desk: &Desk) -> (i64, Vec<(u64, u64, i64)>) {
    let trades = desk.trades();
    let price = trades.first().map_or(0, |trade| trade.0);
    assert!(trades.iter().all(|trade| trade.0 == price), "an auction has one price");
    for report in desk.reports.iter().filter(|report| report.kind() == TradeReport::KIND) {
        let trade = report.view::<TradeReport>();
        assert_eq!(
            (trade.trade_kind, trade.aggressor_side),
            (TradeKind::Auction.number(), 0)
        );
    }
    (price, trades.iter().map(|trade| (trade.2, trade.3, trade.1)).collect())
}

fn day(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder {
        time_in_force: TimeInForce::Day.number(),
        ..order
    }
}

fn forced(order: PlaceOrder, force: TimeInForce) -> PlaceOrder {
    PlaceOrder {
        time_in_force: force.number(),
        ..order
    }
}

/// The last indication of the last command: price, lots, imbalance.
fn indication(desk: &Desk) -> Option<(i64, i64, i64)> {
    let mut states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == InstrumentStateReport::KIND);
    states.next_back().map(|report| {
        let state = report.view::<InstrumentStateReport>();
        (
            state.indicative_price_ticks,
            state.indicative_quantity_lots,
            state.imbalance_lots,
        )
    })
}

/// One row: what it shows, buys, sells (price, lots; price 0 = market), reference, price and lots of the auction.
type Row = (
    &'static str,
    &'static [(i64, i64)],
    &'static [(i64, i64)],
    i64,
    Option<(i64, i64)>,
);

#[test]
fn the_four_rules_choose_the_price() {
    let rows: [Row; 18] = [
        ("nothing crosses", &[(99, 5)], &[(100, 5)], 100, None),
        ("one side alone", &[(99, 5), (0, 5)], &[], 100, None),
        (
            "volume",
            &[(105, 10), (103, 10)],
            &[(101, 10), (103, 10)],
            100,
            Some((103, 20)),
        ),
        (
            "volume before surplus",
            &[(105, 10), (100, 30)],
            &[(95, 10), (100, 5)],
            105,
            Some((100, 15)),
        ),
        ("surplus", &[(105, 10), (100, 20)], &[(95, 10)], 95, Some((105, 10))),
        (
            "surplus, the other side",
            &[(105, 10)],
            &[(95, 10), (100, 20)],
            105,
            Some((95, 10)),
        ),
        ("pressure of buys", &[(105, 20)], &[(95, 10)], 96, Some((105, 10))),
        ("pressure of sells", &[(105, 10)], &[(95, 20)], 104, Some((95, 10))),
        (
            "pressure up to the limit, not beyond",
            &[(0, 20), (104, 5)],
            &[(95, 10)],
            96,
            Some((104, 10)),
        ),
        (
            "reference between the limits",
            &[(105, 10)],
            &[(95, 10)],
            101,
            Some((101, 10)),
        ),
        ("reference above", &[(105, 10)], &[(95, 10)], 112, Some((105, 10))),
        ("reference below", &[(105, 10)], &[(95, 10)], 90, Some((95, 10))),
        (
            "equal surplus on either side, reference near the lower",
            &[(104, 10), (102, 5)],
            &[(98, 10), (103, 5)],
            90,
            Some((98, 10)),
        ),
        (
            "equal surplus on either side, reference near the upper",
            &[(104, 10), (102, 5)],
            &[(98, 10), (103, 5)],
            110,
            Some((104, 10)),
        ),
        (
            "market orders alone trade at the reference",
            &[(0, 7)],
            &[(0, 7)],
            100,
            Some((100, 7)),
        ),
        (
            "market buys press, and only the reference is a price",
            &[(0, 9)],
            &[(0, 7)],
            100,
            Some((100, 7)),
        ),
        (
            "a market sell takes the limit that it needs",
            &[(97, 4), (96, 4)],
            &[(0, 8)],
            100,
            Some((96, 8)),
        ),
        (
            "market buys beyond what is offered",
            &[(0, 20)],
            &[(99, 4), (101, 4)],
            100,
            Some((101, 8)),
        ),
    ];
    for (what, buys, sells, price, expected) in rows {
        let mut desk = desk();
        desk.send(&[Record::of(reference(price))]);
        enter(&mut desk, TradingPhase::OpeningAuction);
        for (side, orders) in [(Side::Buy, buys), (Side::Sell, sells)] {
            for (price, lots) in orders {
                let order = if *price == 0 {
                    day(market(3, 1, side, *lots))
                } else {
                    limit(3, 1, side, *price, *lots)
                };
                assert_eq!(desk.place(order).code, 0, "{what}");
                assert!(desk.trades().is_empty(), "{what}: nothing trades in a call");
            }
        }
        // What is shown while orders collect is what comes about.
        desk.send(&[Record::of(session(1, TradingPhase::OpeningAuction))]);
        let shown = indication(&desk)
            .map(|shown| (shown.0, shown.1))
            .filter(|shown| shown.1 != 0);
        enter(&mut desk, TradingPhase::Continuous);
        let (price, trades) = auction(&desk);
        let lots: i64 = trades.iter().map(|trade| trade.2).sum();
        let traded = (lots != 0).then_some((price, lots));
        assert_eq!((traded, shown), (expected, expected), "{what}");
    }
}

#[test]
fn market_orders_come_first_then_price_then_time() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::ClosingAuction);
    let late_price = desk.rest(3, Side::Buy, 104, 5);
    let first = desk.rest(3, Side::Buy, 105, 5);
    let second = desk.rest(3, Side::Buy, 105, 5);
    let at_market = desk.place(day(market(3, 1, Side::Buy, 5))).order_id;
    let cheap = desk.rest(3, Side::Sell, 100, 8);
    let cheaper = desk.rest(3, Side::Sell, 99, 9);
    enter(&mut desk, TradingPhase::PostClose);
    assert_eq!(
        auction(&desk),
        (
            104,
            vec![
                (at_market, cheaper, 5),
                (first, cheaper, 4),
                (first, cheap, 1),
                (second, cheap, 5),
                (late_price, cheap, 2),
            ]
        )
    );
    assert_eq!(desk.engine.order(late_price).map(|order| order.leaves_lots), Some(3));
}

#[test]
fn what_is_left_of_market_orders_and_of_orders_for_the_auction_is_cancelled() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::OpeningAuction);
    let opening = desk
        .place(forced(limit(3, 1, Side::Buy, 99, 5), TimeInForce::AtTheOpening))
        .order_id;
    let any = desk
        .place(forced(limit(3, 1, Side::Buy, 98, 5), TimeInForce::GoodForAuction))
        .order_id;
    let stays = desk.rest(3, Side::Buy, 97, 5);
    let at_market = desk.place(day(market(3, 1, Side::Buy, 10))).order_id;
    desk.rest(3, Side::Sell, 101, 4);
    enter(&mut desk, TradingPhase::Continuous);
    let ended = |id, leaves| {
        (
            id,
            ExecType::Canceled,
            OrderStatus::Canceled,
            CancelReason::AuctionRemainder,
            0,
            leaves,
        )
    };
    assert_eq!(desk.states(), [ended(opening, 5), ended(any, 5), ended(at_market, 10)]);
    assert_eq!(auction(&desk).1.len(), 1);
    assert_eq!(desk.queue(Side::Buy, 97), [stays]);
}

#[test]
fn an_iceberg_takes_part_whole_and_shows_itself_anew() {
    let mut desk = desk();
    let ice = desk
        .place(PlaceOrder {
            display_quantity_lots: 5,
            ..limit(3, 1, Side::Sell, 100, 30)
        })
        .order_id;
    let behind = desk.rest(3, Side::Sell, 100, 10);
    let hidden = desk
        .place(PlaceOrder {
            instructions: order_instruction::HIDDEN,
            ..limit(3, 1, Side::Sell, 100, 10)
        })
        .order_id;
    // Two of the five that it shows are left.
    desk.place(market(3, 1, Side::Buy, 3));
    enter(&mut desk, TradingPhase::VolatilityAuction);
    let buy = desk.rest(3, Side::Buy, 100, 20);
    assert_eq!(indication(&desk), Some((100, 20, -27)), "what is hidden counts");
    enter(&mut desk, TradingPhase::Continuous);
    // One fill, not five: the place in the queue is that of the whole order.
    assert_eq!(auction(&desk), (100, vec![(buy, ice, 20)]));
    let view = desk.engine.order(ice).expect("open");
    assert_eq!((view.leaves_lots, view.shown_lots), (7, 5));
    assert_eq!(desk.queue(Side::Sell, 100), [ice, behind, hidden], "it keeps its place");
    let seen: Vec<_> = desk.engine.levels(1, Side::Sell).collect();
    assert_eq!((seen[0].quantity_lots, seen[0].orders), (15, 2));
}

#[test]
fn buyers_pay_the_auction_price_and_what_was_held_beyond_it_is_free() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::OpeningAuction);
    desk.place(limit(1, 1, Side::Buy, 110, 10));
    // 110 x 10 x 3 units, and the highest fee of 150 ppm rounded up.
    assert_eq!(desk.free(1), 1_000_000 - 3300 - 1);
    desk.place(day(market(2, 1, Side::Buy, 10)));
    assert_eq!(
        desk.free(2),
        1_000_000 - 3600 - 1,
        "a market order is held at the end of the band"
    );
    let answer = desk.place(limit(3, 1, Side::Sell, 90, 20));
    assert_eq!(answer.leaves_quantity_lots, 20);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(auction(&desk).0, 100, "no surplus: the reference");
    for account in [1, 2] {
        assert_eq!(
            desk.free(account),
            1_000_000 - 3000 - 1,
            "both sides pay the taker's fee"
        );
        let position = desk.engine.position(account, 1).expect("bought");
        assert_eq!((position.quantity_lots, position.open_buy_lots), (10, 0));
    }
}

#[test]
fn self_trade_prevention_does_not_apply_in_an_auction() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::OpeningAuction);
    for side in [Side::Buy, Side::Sell] {
        desk.place(PlaceOrder {
            self_trade_prevention: SelfTradePrevention::CancelBoth.number(),
            ..limit(3, 1, side, 100, 5)
        });
    }
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(desk.trades().len(), 1);
}

#[test]
fn a_reduce_only_order_in_an_auction_does_not_turn_the_position() {
    let mut desk = desk();
    desk.rest(3, Side::Sell, 100, 10);
    desk.place(limit(1, 1, Side::Buy, 100, 10));
    enter(&mut desk, TradingPhase::VolatilityAuction);
    let reducing = |lots| PlaceOrder {
        instructions: order_instruction::REDUCE_ONLY,
        ..limit(1, 1, Side::Sell, 99, lots)
    };
    assert_eq!(desk.place(reducing(11)).code, ErrorCode::ReduceOnly.number());
    assert_eq!(desk.place(reducing(10)).code, 0);
    desk.rest(3, Side::Buy, 101, 50);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(
        desk.engine.position(1, 1).map(|position| position.quantity_lots),
        Some(0)
    );
}

#[test]
fn stops_wait_until_the_auction_is_over_and_see_its_price() {
    let mut desk = desk();
    let stop = |trigger| PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks: trigger,
        ..limit(3, 1, Side::Buy, 0, 2)
    };
    enter(&mut desk, TradingPhase::OpeningAuction);
    let near = desk.place(stop(103)).order_id;
    let far = desk.place(stop(106)).order_id;
    desk.rest(3, Side::Buy, 104, 5);
    desk.rest(3, Side::Sell, 102, 3);
    let rest = desk.rest(3, Side::Sell, 105, 9);
    enter(&mut desk, TradingPhase::Continuous);
    let trades = desk.trades();
    // The auction at 104 triggers the first; its fill at 105 does not trigger the one at 106.
    assert_eq!(trades.iter().map(|trade| trade.0).collect::<Vec<_>>(), [104, 105]);
    assert_eq!((trades[1].2, trades[1].3), (rest, near));
    assert!(desk.engine.order(far).is_some());
}

#[test]
fn trailing_stops_stand_still_in_a_call() {
    let mut desk = desk();
    desk.rest(3, Side::Sell, 100, 1);
    desk.place(market(3, 1, Side::Buy, 1));
    let trailing = desk.place_with(
        PlaceOrder {
            order_type: OrderType::TrailingStop.number(),
            trigger_source: TriggerSource::Mark.number(),
            stop_price_ticks: 90,
            ..limit(3, 1, Side::Sell, 0, 2)
        },
        OrderTerms {
            trailing_offset: 5,
            trailing_unit: OffsetUnit::Ticks.number(),
            ..OrderTerms::default()
        },
    );
    assert_eq!(trailing.code, 0);
    enter(&mut desk, TradingPhase::VolatilityAuction);
    let mark = |price_ticks| SetReferencePrice {
        purpose: PricePurpose::Mark.number(),
        ..reference(price_ticks)
    };
    desk.send(&[Record::of(mark(110))]);
    desk.send(&[Record::of(mark(100))]);
    enter(&mut desk, TradingPhase::Continuous);
    // Had it followed to 105, the mark of 100 would trigger it now.
    assert!(desk.engine.order(trailing.order_id).is_some());
    desk.send(&[Record::of(mark(110))]);
    desk.send(&[Record::of(mark(104))]);
    assert_eq!(desk.states().first().map(|state| state.1), Some(ExecType::Triggered));
}

#[test]
fn an_amend_in_a_call_changes_the_auction_and_trades_nothing() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::OpeningAuction);
    let buy = desk.rest(1, Side::Buy, 95, 5);
    desk.rest(3, Side::Sell, 100, 5);
    let at_market = desk.place(day(market(2, 1, Side::Buy, 4))).order_id;
    desk.send(&[Record::of(amend(1, buy, 1, 101, 0))]);
    assert!(desk.trades().is_empty());
    assert_eq!(indication(&desk), Some((101, 5, 4)));
    desk.send(&[Record::of(amend(2, at_market, 2, 0, 2))]);
    assert_eq!(indication(&desk), Some((101, 5, 2)));
    let answer = desk.send(&[Record::of(amend(2, at_market, 1, 100, 0))]);
    assert_eq!(answer.code, ErrorCode::PriceNotAllowed.number());
    desk.send(&[Record::of(cancel(1, 1, buy))]);
    assert_eq!(indication(&desk), Some((100, 2, -3)));
    desk.send(&[Record::of(cancel(2, 1, at_market))]);
    assert_eq!(indication(&desk), Some((0, 0, 0)));
    assert_eq!(desk.free(1), 1_000_000);
    assert_eq!(desk.free(2), 1_000_000);
}

#[test]
fn a_market_order_without_a_limit_on_the_other_side_is_an_imbalance() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::OpeningAuction);
    desk.place(day(market(3, 1, Side::Sell, 12)));
    assert_eq!(indication(&desk), Some((0, 0, -12)));
    desk.rest(3, Side::Buy, 90, 5);
    assert_eq!(indication(&desk), Some((90, 5, -7)));
}

#[test]
fn prices_beyond_the_band_are_refused_where_they_would_trade() {
    let mut desk = desk();
    let free = account(
        4,
        AccountKind::Cash,
        account_permission::COLLAR_OFF | account_permission::UNLIMITED,
    );
    desk.send(&[Record::of(free)]);
    let outside = ErrorCode::PriceOutsideCollar.number();
    let old = desk.place(limit(4, 1, Side::Buy, 150, 1));
    assert_eq!(old.code, 0, "it stands above the band of the call that follows");
    enter(&mut desk, TradingPhase::VolatilityAuction);
    let rows = [
        (Side::Buy, 121, outside),
        (Side::Buy, 120, 0),
        (Side::Sell, 79, outside),
        (Side::Sell, 80, 0),
        // Far away, and nobody there to trade with.
        (Side::Sell, 151, 0),
        (Side::Buy, 79, 0),
        // It would meet the old buy beyond the band.
        (Side::Sell, 150, outside),
    ];
    for (side, price, code) in rows {
        let answer = desk.place(limit(4, 1, side, price, 1));
        assert_eq!((answer.code, side, price), (code, side, price));
    }
    desk.send(&[Record::of(reference(200))]);
    enter(&mut desk, TradingPhase::Continuous);
    let (price, trades) = auction(&desk);
    assert_eq!(
        (price, trades.len()),
        (120, 1),
        "the band of the call holds although the reference moved"
    );
}

#[test]
fn a_market_buy_in_a_call_needs_a_band_to_be_held_by() {
    let mut desk = Desk::new();
    enter(&mut desk, TradingPhase::OpeningAuction);
    let answer = desk.place(day(market(1, 1, Side::Buy, 1)));
    assert_eq!(answer.code, ErrorCode::NoReferencePrice.number());
    assert_eq!(desk.place(day(market(3, 1, Side::Sell, 1))).code, 0);
    let later = desk.place(forced(market(1, 1, Side::Buy, 1), TimeInForce::AtTheClose));
    assert_eq!(later.code, ErrorCode::NoReferencePrice.number());
}

#[test]
fn the_band_follows_the_reference_until_orders_meet() {
    let mut desk = desk();
    enter(&mut desk, TradingPhase::PreOpen);
    desk.send(&[Record::of(reference(200))]);
    assert_eq!(desk.place(limit(3, 1, Side::Sell, 160, 1)).code, 0);
    assert_eq!(
        desk.place(limit(3, 1, Side::Sell, 159, 1)).code,
        ErrorCode::PriceOutsideCollar.number()
    );
    assert_eq!(desk.place(limit(3, 1, Side::Buy, 240, 1)).code, 0);
    desk.send(&[Record::of(reference(100))]);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(auction(&desk).0, 160);
}

#[test]
fn a_halt_holds_the_uncross_back() {
    let mut desk = desk();
    let until = desk.now + 10 * SECOND;
    let session = SetSession {
        until_nanos: until,
        ..session(1, TradingPhase::OpeningAuction)
    };
    desk.send(&[Record::of(session)]);
    let buy = desk.rest(3, Side::Buy, 100, 5);
    let sell = desk.rest(3, Side::Sell, 100, 5);
    let state = |state: TradingState| SetTradingState {
        kind: SetTradingState::KIND,
        scope: StateScope::Instrument.number(),
        target_id: 1,
        state: state.number(),
        reason: 1,
        ..SetTradingState::default()
    };
    desk.send(&[Record::of(state(TradingState::Halted))]);
    desk.now = until + SECOND;
    let answer = desk.send(&[Record::of(self::session(1, TradingPhase::Continuous))]);
    assert_eq!(answer.code, ErrorCode::InstrumentHalted.number());
    assert!(desk.trades().is_empty());
    desk.send(&[Record::of(state(TradingState::Active))]);
    assert!(desk.trades().is_empty());
    desk.now += 1;
    desk.send(&[Record::of(cash(1, 1))]);
    assert_eq!(auction(&desk), (100, vec![(buy, sell, 5)]));
}

#[test]
fn a_halt_of_all_trading_holds_every_uncross_back_but_not_the_way_into_a_call() {
    let mut desk = desk();
    let at = desk.now;
    let halt = |state: TradingState| SetTradingState {
        kind: SetTradingState::KIND,
        scope: StateScope::Global.number(),
        state: state.number(),
        reason: 1,
        ..SetTradingState::default()
    };
    desk.rest(3, Side::Buy, 99, 5);
    let plan = SessionPlan {
        kind: SessionPlan::KIND,
        at_nanos0: at + SECOND,
        phase0: TradingPhase::ClosingAuction.number(),
        at_nanos1: at + 2 * SECOND,
        phase1: TradingPhase::PostClose.number(),
        at_nanos2: at + 3 * SECOND,
        phase2: TradingPhase::Closed.number(),
        ..SessionPlan::default()
    };
    desk.send(&[Record::of(session(1, TradingPhase::Continuous)), Record::of(plan)]);
    desk.send(&[Record::of(halt(TradingState::Halted))]);
    let mut phases = Vec::new();
    for second in 1..=4 {
        desk.now = at + second * SECOND;
        desk.send(&[Record::of(cash(1, 1))]);
        let states = desk
            .reports
            .iter()
            .filter(|report| report.kind() == InstrumentStateReport::KIND);
        phases.extend(states.map(|report| report.view::<InstrumentStateReport>().phase));
    }
    assert_eq!(phases, [TradingPhase::ClosingAuction.number()]);
    desk.send(&[Record::of(halt(TradingState::Active))]);
    desk.send(&[Record::of(cash(1, 1))]);
    let states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == InstrumentStateReport::KIND);
    let phases: Vec<_> = states
        .map(|report| report.view::<InstrumentStateReport>().phase)
        .collect();
    assert_eq!(
        phases,
        [TradingPhase::PostClose.number(), TradingPhase::Closed.number()]
    );
}

#[test]
fn a_hundred_thousand_orders_uncross_at_once() {
    use fulltape_engine::{Command, Config, Engine};
    let mut engine = Engine::new(Config {
        max_orders: 200_000,
        max_accounts: 4,
        max_instruments: 1,
        ..Config::default()
    });
    let mut reports = Vec::new();
    let mut send = |records: &[Record]| {
        reports.clear();
        let answer = engine.submit(&Command::new(records), 0, &mut reports);
        assert_eq!(answer.code, 0);
        reports
            .iter()
            .filter(|report| report.kind() == TradeReport::KIND)
            .count()
    };
    send(&instrument(1, 0, 0));
    send(&[Record::of(account(3, AccountKind::Replay, 0))]);
    // The indicative price is kept current while they collect: each order moves it by a level or two.
    send(&[Record::of(session(1, TradingPhase::OpeningAuction))]);
    for at in 0..50_000_i64 {
        send(&[Record::of(limit(3, 1, Side::Buy, 10_000 + at % 500, 2))]);
        send(&[Record::of(limit(3, 1, Side::Sell, 10_000 - at % 500, 2))]);
    }
    assert_eq!(send(&[Record::of(session(1, TradingPhase::Continuous))]), 50_000);
    assert_eq!(engine.open_orders(), 0);
    engine.assert_consistent();
}

#[test]
fn the_price_next_to_the_reference_is_next_to_it_and_not_to_what_the_table_makes_of_it() {
    // Reference 1,009 on steps of 10: 1,010 is nearer than 1,000, though it rounds down to 1,000.
    for (step, price, buy, sell, expected) in [
        (10, 1_009, 1_010, 1_000, 1_010),
        (10, 1_001, 1_010, 1_000, 1_000),
        (100, 199, 200, 100, 200),
        // As near to both: the lower one.
        (10, 1_005, 1_010, 1_000, 1_000),
        // Between the limits the valid prices around the reference are candidates.
        (10, 1_019, 1_050, 1_000, 1_020),
        (10, 1_011, 1_050, 1_000, 1_010),
    ] {
        let mut desk = Desk::new();
        desk.send(&banded(instrument(1, -20, 150), &[(0, step)]));
        desk.send(&[Record::of(reference(price))]);
        enter(&mut desk, TradingPhase::OpeningAuction);
        desk.place(limit(3, 1, Side::Buy, buy, 5));
        desk.place(limit(3, 1, Side::Sell, sell, 5));
        enter(&mut desk, TradingPhase::Continuous);
        assert_eq!(auction(&desk).0, expected, "reference {price}, steps of {step}");
    }
}

#[test]
fn market_orders_trade_though_the_reference_rounds_out_of_the_band() {
    let mut desk = Desk::new();
    let mut definition = banded(instrument(1, -20, 150), &[(0, 5)]);
    let collared = DefineInstrument {
        collar_ppm: 3_000,
        ..*definition[0].view()
    };
    definition[0] = Record::of(collared);
    assert_eq!(desk.send(&definition).code, 0);
    // The band is 991 to 995; 990 lies outside, 995 inside.
    desk.send(&[Record::of(reference(993))]);
    enter(&mut desk, TradingPhase::OpeningAuction);
    assert_eq!(desk.place(day(market(3, 1, Side::Buy, 5))).code, 0);
    assert_eq!(desk.place(day(market(3, 1, Side::Sell, 5))).code, 0);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(
        desk.trades().iter().map(|trade| (trade.0, trade.1)).collect::<Vec<_>>(),
        [(995, 5)]
    );
}
