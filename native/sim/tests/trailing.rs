//! Trailing stops by example.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

fn mark(desk: &mut Desk, price_ticks: i64) {
    let purpose = PricePurpose::Mark.number();
    let kind = SetReferencePrice::KIND;
    let price = SetReferencePrice {
        kind,
        instrument_id: 1,
        source: 2,
        purpose,
        price_ticks,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

/// A trailing order of account 3 on the mark price.
fn order(order_type: OrderType, side: Side, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: order_type.number(),
        trigger_source: TriggerSource::Mark.number(),
        ..limit(3, 1, side, 0, lots)
    }
}

fn ticks(trailing_offset: i64, limit_offset_ticks: i64) -> OrderTerms {
    OrderTerms {
        trailing_offset,
        limit_offset_ticks,
        trailing_unit: OffsetUnit::Ticks.number(),
        ..OrderTerms::default()
    }
}

fn basis_points(trailing_offset: i64) -> OrderTerms {
    OrderTerms {
        trailing_offset,
        trailing_unit: OffsetUnit::BasisPoints.number(),
        ..OrderTerms::default()
    }
}

/// Trigger price in the report of the order that just triggered, if one did.
fn fired_at(desk: &Desk) -> Option<i64> {
    let at = desk.reports.iter().position(|report| {
        report.kind() == OrderStateReport::KIND
            && report.view::<OrderStateReport>().exec_type == ExecType::Triggered.number()
    })?;
    Some(desk.reports[at + 1].view::<OrderDetailReport>().stop_price_ticks)
}

#[test]
fn the_trigger_follows_a_favourable_price_and_never_goes_back() {
    for (side, path) in [
        (Side::Sell, [(110, None), (104, None), (107, None), (100, Some(100))]),
        (Side::Buy, [(90, None), (96, None), (93, None), (100, Some(100))]),
    ] {
        let mut desk = Desk::new();
        mark(&mut desk, 100);
        let answer = desk.place_with(order(OrderType::TrailingStop, side, 2), ticks(10, 0));
        assert_eq!(answer.code, 0);
        let start = if side == Side::Sell { 90 } else { 110 };
        assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, start);
        for (price, expected) in path {
            mark(&mut desk, price);
            assert_eq!(fired_at(&desk), expected, "{side:?} at {price}");
        }
        assert!(desk.engine.order(answer.order_id).is_none(), "nobody to trade with");
    }
}

/// Orders whose triggers moved, with the trigger, the limit and the limit before.
fn trailed(desk: &Desk) -> Vec<(u64, i64, i64, i64)> {
    let states = desk.reports.windows(2).filter(|pair| {
        pair[0].kind() == OrderStateReport::KIND
            && pair[0].view::<OrderStateReport>().reason == CancelReason::Trailed.number()
    });
    let told = states.map(|pair| {
        let (state, detail) = (pair[0].view::<OrderStateReport>(), pair[1].view::<OrderDetailReport>());
        assert_eq!(state.exec_type, ExecType::Restated.number());
        (
            state.order_id,
            detail.stop_price_ticks,
            state.price_ticks,
            detail.previous_price_ticks,
        )
    });
    told.collect()
}

#[test]
fn every_move_is_told_oldest_order_first() {
    let mut desk = Desk::new();
    mark(&mut desk, 100);
    let limited = desk
        .place_with(order(OrderType::TrailingStopLimit, Side::Sell, 1), ticks(10, 2))
        .order_id;
    let buy = desk
        .place_with(order(OrderType::TrailingStop, Side::Buy, 1), ticks(10, 0))
        .order_id;
    let sell = desk
        .place_with(order(OrderType::TrailingStop, Side::Sell, 1), ticks(5, 0))
        .order_id;
    // What leaves the group and comes back to it must not change the order of the reports.
    let gone = desk
        .place_with(order(OrderType::TrailingStop, Side::Sell, 1), ticks(7, 0))
        .order_id;
    desk.send(&[Record::of(cancel(3, 1, gone))]);
    mark(&mut desk, 103);
    assert_eq!(trailed(&desk), [(limited, 93, 91, 88), (sell, 98, 0, 0)]);
    mark(&mut desk, 103);
    assert_eq!(trailed(&desk), [], "a price that stands moves nothing");
    mark(&mut desk, 99);
    assert_eq!(trailed(&desk), [(buy, 109, 0, 0)]);
    assert_eq!(desk.engine.order(sell).map(|order| order.stop_price_ticks), Some(98));
}

#[test]
fn basis_points_follow_the_price_itself() {
    let mut desk = Desk::new();
    mark(&mut desk, 1_000);
    desk.place_with(order(OrderType::TrailingStop, Side::Sell, 1), basis_points(250));
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, 975);
    mark(&mut desk, 2_019);
    // 250 basis points of 2,019 are 50.475: 50.
    mark(&mut desk, 1_969);
    assert_eq!(fired_at(&desk), Some(1_969));
    // Never closer than one tick.
    mark(&mut desk, 30);
    desk.place_with(order(OrderType::TrailingStop, Side::Sell, 1), basis_points(1));
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, 29);
}

#[test]
fn the_limit_follows_the_trigger_and_is_never_passed() {
    let mut desk = Desk::new();
    mark(&mut desk, 100);
    let id = desk
        .place_with(order(OrderType::TrailingStopLimit, Side::Sell, 10), ticks(10, 2))
        .order_id;
    assert_eq!(desk.reports[0].view::<OrderStateReport>().price_ticks, 88);
    mark(&mut desk, 120);
    let bid = desk.rest(3, Side::Buy, 108, 4);
    desk.rest(3, Side::Buy, 107, 50);
    mark(&mut desk, 110);
    assert_eq!(fired_at(&desk), Some(110));
    assert_eq!(desk.trades(), [(108, 4, bid, id)]);
    assert_eq!(desk.queue(Side::Sell, 108), [id]);
}

#[test]
fn a_falling_trigger_of_a_buy_gives_money_back() {
    let mut desk = Desk::new();
    mark(&mut desk, 100);
    let buy = PlaceOrder {
        account_id: 1,
        ..order(OrderType::TrailingStop, Side::Buy, 10)
    };
    let id = desk.place_with(buy, ticks(10, 0)).order_id;
    assert_eq!(desk.free(1), 1_000_000 - 3_301);
    mark(&mut desk, 80);
    assert_eq!(desk.free(1), 1_000_000 - 2_701);
    assert_eq!(desk.kinds(), [9, 6, 1, 11, 4], "the move and the balance are reported");
    mark(&mut desk, 85);
    assert_eq!(desk.free(1), 1_000_000 - 2_701);
    desk.send(&[Record::of(cancel(1, 1, id))]);
    assert_eq!(desk.free(1), 1_000_000);
}

#[test]
fn it_does_not_move_in_a_halt_and_follows_when_the_halt_ends() {
    let mut desk = Desk::new();
    mark(&mut desk, 100);
    desk.place_with(order(OrderType::TrailingStop, Side::Sell, 1), ticks(10, 0));
    let state = |state: u8| {
        [Record::of(SetTradingState {
            kind: SetTradingState::KIND,
            scope: 1,
            state,
            target_id: 1,
            reason: 1,
            ..SetTradingState::default()
        })]
    };
    desk.send(&state(3));
    mark(&mut desk, 150);
    mark(&mut desk, 120);
    desk.send(&state(1));
    assert_eq!(fired_at(&desk), None);
    mark(&mut desk, 111);
    assert_eq!(fired_at(&desk), None, "what was seen in the halt does not count");
    mark(&mut desk, 110);
    assert_eq!(fired_at(&desk), Some(110));
}

#[test]
fn it_follows_trades_and_keeps_its_place_through_an_amend() {
    let mut desk = Desk::new();
    let trade = |desk: &mut Desk, price: i64| {
        desk.rest(3, Side::Sell, price, 1);
        desk.place(limit(3, 1, Side::Buy, price, 1));
    };
    trade(&mut desk, 100);
    let last = PlaceOrder {
        trigger_source: TriggerSource::Last.number(),
        ..order(OrderType::TrailingStop, Side::Sell, 5)
    };
    let id = desk.place_with(last, ticks(5, 0)).order_id;
    trade(&mut desk, 108);
    assert_eq!(desk.send(&[Record::of(amend(3, id, 2, 0, 3))]).code, 0);
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, 103);
    for flags in [1, 4, 8] {
        assert_eq!(
            desk.send(&[Record::of(amend(3, id, flags, 90, 3))]).code,
            ErrorCode::UnsupportedOrderType.number()
        );
    }
    let bid = desk.rest(3, Side::Buy, 103, 1);
    desk.rest(3, Side::Buy, 99, 5);
    desk.place(limit(3, 1, Side::Sell, 103, 1));
    assert_eq!(fired_at(&desk), Some(103));
    assert_eq!(desk.trades()[0].2, bid);
    assert_eq!(desk.trades()[1], (99, 3, bid + 1, id));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut desk = Desk::new();
    let (invalid, unsupported) = (
        ErrorCode::InvalidArgument.number(),
        ErrorCode::UnsupportedOrderType.number(),
    );
    let stop = order(OrderType::TrailingStop, Side::Sell, 1);
    assert_eq!(
        desk.place_with(stop, ticks(10, 0)).code,
        ErrorCode::NoReferencePrice.number()
    );
    assert_eq!(
        desk.place_with(
            PlaceOrder {
                stop_price_ticks: 90,
                ..stop
            },
            ticks(10, 0)
        )
        .code,
        0,
        "a trigger to start from"
    );
    mark(&mut desk, 100);
    assert_eq!(desk.place(stop).code, invalid);
    for terms in [ticks(0, 0), ticks(-1, 0), basis_points(10_001)] {
        assert_eq!(desk.place_with(stop, terms).code, invalid);
    }
    assert_eq!(desk.place_with(stop, ticks(5, 1)).code, unsupported);
    assert_eq!(
        desk.place_with(stop, ticks(100, 0)).code,
        ErrorCode::PriceNotPositive.number()
    );
    assert_eq!(
        desk.place_with(
            PlaceOrder {
                price_ticks: 90,
                ..stop
            },
            ticks(5, 0)
        )
        .code,
        ErrorCode::PriceNotAllowed.number()
    );
    assert_eq!(
        desk.place_with(
            PlaceOrder {
                display_quantity_lots: 1,
                ..order(OrderType::TrailingStopLimit, Side::Sell, 5)
            },
            ticks(5, 0)
        )
        .code,
        unsupported
    );
    let far = order(OrderType::TrailingStopLimit, Side::Buy, 1);
    assert_eq!(
        desk.place_with(far, ticks(i64::MAX, i64::MAX)).code,
        ErrorCode::NotionalOverflow.number()
    );
    assert_eq!(
        desk.place_with(limit(3, 1, Side::Buy, 90, 1), ticks(5, 0)).code,
        unsupported
    );
}

#[test]
fn the_state_hash_knows_the_distance() {
    let hash = |offset: i64, stop_price_ticks: i64| {
        let mut desk = Desk::new();
        desk.place_with(
            PlaceOrder {
                stop_price_ticks,
                ..order(OrderType::TrailingStop, Side::Sell, 1)
            },
            ticks(offset, 0),
        );
        desk.engine.state_hash()
    };
    assert_ne!(hash(5, 90), hash(6, 90));
    assert_ne!(hash(5, 90), hash(5, 91));
}
