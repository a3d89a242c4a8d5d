//! Order lists that meet auctions and closed markets, by example.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

/// Sends the legs of a list with their roles. Order ids.
fn list<const N: usize>(desk: &mut Desk, contingency: Contingency, legs: [(PlaceOrder, LegRole); N]) -> [u64; N] {
    let mut leg_index = 0;
    legs.map(|(order, role)| {
        let link = ListLink {
            kind: ListLink::KIND,
            list_id: 1,
            contingency: contingency.number(),
            leg_role: role.number(),
            leg_count: N as u8,
            leg_index,
            ..ListLink::default()
        };
        leg_index += 1;
        let order = PlaceOrder {
            extension_count: 1,
            ..order
        };
        let answer = desk.send(&[Record::of(order), Record::of(link)]);
        assert_eq!(
            (answer.code, answer.order_status),
            (0, OrderStatus::PendingNew.number())
        );
        answer.order_id
    })
}

fn siblings(desk: &mut Desk, legs: [PlaceOrder; 2]) -> [u64; 2] {
    let legs = legs.map(|order| (order, LegRole::Sibling));
    list(desk, Contingency::OneCancelsOther, legs)
}

fn enter(desk: &mut Desk, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(1, phase))]).code, 0);
}

fn order(account: u32, side: Side, price: i64, lots: i64) -> PlaceOrder {
    limit(account, 1, side, price, lots)
}

fn stop(account: u32, side: Side, stop_price_ticks: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks,
        ..order(account, side, 0, lots)
    }
}

/// Price and lots of each trade.
fn trades(desk: &Desk) -> Vec<(i64, i64)> {
    desk.trades().iter().map(|trade| (trade.0, trade.1)).collect()
}

/// The last indication: price, lots, imbalance.
fn indication(desk: &Desk) -> Option<(i64, i64, i64)> {
    let states = desk
        .reports
        .iter()
        .filter(|report| report.kind() == InstrumentStateReport::KIND);
    let state: Option<&InstrumentStateReport> = states.map(Record::view).next_back();
    state.map(|state| {
        (
            state.indicative_price_ticks,
            state.indicative_quantity_lots,
            state.imbalance_lots,
        )
    })
}

/// What the last command reported of an order last: how, why, leaves.
fn last_of(desk: &Desk, id: u64) -> Option<(ExecType, CancelReason, i64)> {
    let states = desk.states();
    let of = states.iter().rev().find(|state| state.0 == id);
    of.map(|state| (state.1, state.3, state.4))
}

#[test]
fn a_leg_that_an_auction_fills_reduces_its_sibling() {
    let mut desk = Desk::new();
    let [profit, loss] = siblings(&mut desk, [order(3, Side::Sell, 105, 10), stop(3, Side::Sell, 90, 10)]);
    for (lots, left) in [(4, Some(6)), (6, None)] {
        enter(&mut desk, TradingPhase::VolatilityAuction);
        desk.place(order(1, Side::Buy, 105, lots));
        enter(&mut desk, TradingPhase::Continuous);
        assert_eq!(trades(&desk), [(105, lots)]);
        let expected = match left {
            Some(left) => (ExecType::Restated, CancelReason::ListSibling, left),
            None => (ExecType::Canceled, CancelReason::ListSibling, 0),
        };
        assert_eq!(last_of(&desk, loss), Some(expected));
        assert_eq!(desk.engine.order(profit).map(|open| open.leaves_lots), left);
    }
}

#[test]
fn an_auction_counts_the_lots_of_a_pair_once() {
    // Limits of the pair, another order of its side, what buys it; price, lots and surplus of the auction.
    let table = [
        ([100, 102], None, (102, 15), (102, 10, 5)),
        ([102, 100], None, (102, 15), (102, 10, 5)),
        ([101, 101], None, (103, 15), (103, 10, 5)),
        ([100, 102], Some((102, 8)), (103, 15), (102, 15, -3)),
        ([100, 104], Some((103, 2)), (103, 15), (103, 12, 3)),
        ([100, 102], None, (101, 4), (100, 4, -6)),
    ];
    for (prices, other, (bid, lots), (price, volume, surplus)) in table {
        let mut desk = Desk::new();
        enter(&mut desk, TradingPhase::VolatilityAuction);
        let pair = siblings(&mut desk, prices.map(|price| order(3, Side::Sell, price, 10)));
        if let Some((price, lots)) = other {
            desk.place(order(3, Side::Sell, price, lots));
        }
        desk.place(order(1, Side::Buy, bid, lots));
        assert_eq!(
            indication(&desk),
            Some((price, volume, surplus)),
            "{prices:?} {other:?} {bid}"
        );
        enter(&mut desk, TradingPhase::Continuous);
        let done = trades(&desk);
        assert!(done.iter().all(|trade| trade.0 == price), "an auction has one price");
        assert_eq!(done.iter().map(|trade| trade.1).sum::<i64>(), volume);
        let left: Vec<_> = pair
            .iter()
            .filter_map(|id| desk.engine.order(*id))
            .map(|open| open.leaves_lots)
            .collect();
        let sold = 10.min(volume);
        assert_eq!(left, if sold == 10 { vec![] } else { vec![10 - sold; 2] });
        desk.engine.assert_consistent();
    }
}

#[test]
fn exits_of_the_last_auction_stand_until_the_market_opens_again() {
    let mut desk = Desk::new();
    enter(&mut desk, TradingPhase::ClosingAuction);
    let legs = [
        (order(1, Side::Buy, 100, 10), LegRole::Entry),
        (order(1, Side::Sell, 110, 10), LegRole::TakeProfit),
        (stop(1, Side::Sell, 90, 10), LegRole::StopLoss),
    ];
    let [_, profit, loss] = list(&mut desk, Contingency::Bracket, legs);
    desk.place(order(3, Side::Sell, 100, 10));
    enter(&mut desk, TradingPhase::PostClose);
    assert_eq!(trades(&desk), [(100, 10)]);
    for exit in [profit, loss] {
        assert_eq!(last_of(&desk, exit), Some((ExecType::New, CancelReason::ListSized, 10)));
    }
    assert_eq!(desk.queue(Side::Sell, 110), [profit]);
    enter(&mut desk, TradingPhase::Closed);
    enter(&mut desk, TradingPhase::Continuous);
    desk.place(order(3, Side::Buy, 110, 10));
    assert_eq!(trades(&desk), [(110, 10)]);
    assert_eq!(
        last_of(&desk, loss),
        Some((ExecType::Canceled, CancelReason::ListSibling, 0))
    );
}

#[test]
fn an_exit_that_asks_for_a_trade_at_once_ends_where_there_is_none() {
    let mut desk = Desk::new();
    enter(&mut desk, TradingPhase::ClosingAuction);
    let legs = [
        (order(1, Side::Buy, 100, 10), LegRole::Entry),
        (market(1, 1, Side::Sell, 10), LegRole::Child),
    ];
    let [entry, child] = list(&mut desk, Contingency::OneTriggersOther, legs);
    desk.place(order(3, Side::Sell, 100, 4));
    enter(&mut desk, TradingPhase::PostClose);
    assert_eq!(trades(&desk), [(100, 4)]);
    assert_eq!(
        last_of(&desk, child),
        Some((ExecType::Canceled, CancelReason::MarketClosed, 0))
    );
    assert_eq!(
        last_of(&desk, entry),
        Some((ExecType::Canceled, CancelReason::ListSibling, 0))
    );
}

/// Sets the price that an auction looks at where the book leaves a choice.
fn refer_to(desk: &mut Desk, price_ticks: i64) {
    let reference = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        price_ticks,
        purpose: PricePurpose::Reference.number(),
        source: u16::from(PriceSource::Operator.number()),
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(reference)]).code, 0);
}

#[test]
fn limits_of_legs_that_count_elsewhere_leave_the_choice_of_a_price_as_it_is() {
    // Nobody sells more from one price to the next where a second leg stands, however many of them stand there.
    for (side, near, far, other, reference) in [
        (Side::Sell, 95, [102, 104], 110, Some(97)),
        (Side::Sell, 95, [102, 104], 110, Some(103)),
        (Side::Sell, 95, [102, 104], 110, None),
        (Side::Buy, 105, [98, 96], 90, Some(92)),
        (Side::Buy, 105, [98, 96], 90, Some(97)),
        (Side::Buy, 105, [98, 96], 90, None),
    ] {
        let mut desk = Desk::new();
        desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
        if let Some(price) = reference {
            refer_to(&mut desk, price);
        }
        enter(&mut desk, TradingPhase::VolatilityAuction);
        for (account, far) in [3, 4].into_iter().zip(far) {
            siblings(
                &mut desk,
                [order(account, side, near, 10), order(account, side, far, 10)],
            );
        }
        let opposite = if side == Side::Buy { Side::Sell } else { Side::Buy };
        desk.send(&[Record::of(account(5, AccountKind::Replay, 0))]);
        assert_eq!(desk.place(order(5, opposite, other, 20)).code, 0);
        // Without a reference the lowest limit.
        let price = reference.unwrap_or(near.min(other));
        assert_eq!(indication(&desk), Some((price, 20, 0)), "{side:?} {reference:?}");
        enter(&mut desk, TradingPhase::Continuous);
        assert_eq!(trades(&desk), [(price, 10), (price, 10)], "{side:?} {reference:?}");
    }
}

#[test]
fn the_limit_of_a_leg_that_counts_elsewhere_is_a_candidate() {
    let mut desk = Desk::new();
    enter(&mut desk, TradingPhase::VolatilityAuction);
    siblings(&mut desk, [order(3, Side::Sell, 90, 10), order(3, Side::Sell, 100, 10)]);
    desk.place(order(1, Side::Buy, 95, 10));
    desk.place(order(2, Side::Buy, 105, 10));
    // From 96 to 105 ten lots are wanted and ten offered; the only limits there are 100 and 105.
    assert_eq!(indication(&desk), Some((100, 10, 0)));
}
