//! Lists that come leg by leg, and how they end.
use fulltape_engine::{Config, Engine};
use fulltape_sim::desk::{DAY, Desk};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::legs::*;

#[test]
fn a_last_leg_that_is_refused_ends_its_list() {
    let mut desk = Desk::new();
    let first = desk.send(&leg(buy(1, 100, 10), 1, OCO, 0)).order_id;
    let answer = desk.send(&leg(buy(1, 1_000_000, 10), 1, OCO, 1));
    assert_eq!(answer.code, ErrorCode::InsufficientBuyingPower.number());
    assert_eq!(desk.states(), [canceled(first, CancelReason::ListRejected, 10)]);
    assert_eq!(
        desk.send(&leg(buy(1, 100, 10), 1, OCO, 1)).code,
        ErrorCode::ListClosed.number()
    );
    // An entry that cannot enter is found out when the last leg comes, by its own number.
    let entry = desk.send(&leg(buy(1, 1_000_000, 10), 2, BRACKET, 0)).order_id;
    let profit = desk.send(&leg(sell(1, 1_100_000, 10), 2, BRACKET, 1)).order_id;
    let answer = desk.send(&leg(stop(1, Side::Sell, 90, 10), 2, BRACKET, 2));
    assert_eq!(
        (answer.code, answer.order_id),
        (ErrorCode::InsufficientBuyingPower.number(), entry)
    );
    assert_eq!(
        desk.states(),
        [
            canceled(entry, CancelReason::ListRejected, 10),
            canceled(profit, CancelReason::ListRejected, 10)
        ]
    );
}

/// A leg with a client order id.
fn named(order: PlaceOrder, list_id: u64, contingency: u8, leg_index: u8, text: &str) -> [Record; 3] {
    let [place, link] = leg(order, list_id, contingency, leg_index);
    let place = PlaceOrder {
        extension_count: 2,
        ..*place.view::<PlaceOrder>()
    };
    [Record::of(place), link, Record::of(client_order(text))]
}

#[test]
fn a_last_leg_whose_client_order_id_is_taken_ends_its_list() {
    let mut desk = Desk::new();
    let taken = desk.send(&named(buy(1, 99, 10), 1, OCO, 0, "taken")).order_id;
    // Not the last leg: nothing happens to its list, which does not stand yet.
    let answer = desk.send(&named(buy(1, 98, 10), 2, OCO, 0, "taken"));
    assert_eq!(
        (answer.code, answer.order_id),
        (ErrorCode::DuplicateClientOrderId.number(), taken)
    );
    assert_eq!(desk.states(), []);
    // The id of the leg before it, with other content.
    let answer = desk.send(&named(buy(1, 100, 10), 1, OCO, 1, "taken"));
    assert_eq!(
        (answer.code, answer.order_id),
        (ErrorCode::DuplicateClientOrderId.number(), taken)
    );
    assert_eq!(desk.states(), [canceled(taken, CancelReason::ListRejected, 10)]);
    assert_eq!(
        desk.send(&named(buy(1, 100, 10), 1, OCO, 1, "free")).code,
        ErrorCode::ListClosed.number()
    );
    // A list that is whole is not harmed.
    let [one, other] = list(&mut desk, 3, OCO, [buy(1, 99, 10), buy(1, 98, 10)]);
    let answer = desk.send(&named(buy(1, 97, 10), 3, OCO, 1, "free"));
    assert_eq!(answer.code, ErrorCode::DuplicateClientOrderId.number());
    assert_eq!(desk.states(), []);
    assert!(desk.engine.open_orders() == 2, "orders {one} and {other} stay open");
    // The same leg again is answered as it was, and ends nothing.
    let leg = named(buy(1, 99, 10), 4, OCO, 0, "again");
    let first = desk.send(&leg);
    assert_eq!(desk.send(&leg).order_id, first.order_id);
    assert_eq!(
        desk.states().len(),
        1,
        "nothing but its outcome, told again: {:?}",
        desk.states()
    );
    assert_eq!(desk.engine.open_orders(), 3);
}

#[test]
fn legs_that_do_not_fit_are_refused() {
    let mut desk = Desk::new();
    desk.send(&instrument(2, 0, 0));
    let invalid = ErrorCode::ListInvalid.number();
    assert_eq!(desk.send(&leg(buy(1, 100, 10), 0, OCO, 0)).code, invalid, "no id");
    assert_eq!(
        desk.send(&leg(buy(1, 100, 10), 1, OCO, 1)).code,
        invalid,
        "not the first"
    );
    assert_eq!(
        desk.send(&leg(buy(1, 100, 10), 1, 9, 0)).code,
        invalid,
        "no contingency"
    );
    assert_eq!(
        desk.send(&leg(buy(1, 100, 10), 1, OCO, 2)).code,
        invalid,
        "one leg too many"
    );
    let elsewhere = PlaceOrder {
        instrument_id: 2,
        ..sell(1, 100, 10)
    };
    for (number, wrong) in [sell(1, 100, 10), buy(1, 100, 9), elsewhere].into_iter().enumerate() {
        let id = 10 + number as u64;
        let first = desk.send(&leg(buy(1, 100, 10), id, OCO, 0)).order_id;
        assert_eq!(desk.send(&leg(wrong, id, OCO, 1)).code, invalid);
        assert_eq!(desk.states(), [canceled(first, CancelReason::ListRejected, 10)]);
    }
    for (number, wrong) in [buy(1, 110, 10), sell(1, 110, 11)].into_iter().enumerate() {
        let id = 20 + number as u64;
        desk.send(&leg(buy(1, 100, 10), id, BRACKET, 0));
        assert_eq!(desk.send(&leg(wrong, id, BRACKET, 1)).code, invalid);
        // It was not the last leg: the right one may follow.
        assert_eq!(desk.send(&leg(sell(1, 110, 10), id, BRACKET, 1)).code, 0);
        assert_eq!(
            desk.send(&leg(sell(1, 110, 10), id, BRACKET, 1)).code,
            ErrorCode::ListClosed.number()
        );
        assert_eq!(desk.send(&leg(stop(1, Side::Sell, 90, 10), id, BRACKET, 2)).code, 0);
    }
    // Another account's list of the same id is another list.
    assert_eq!(desk.send(&leg(buy(2, 100, 10), 20, OCO, 0)).code, 0);
}

#[test]
fn a_leg_that_is_sent_again_after_a_reconnect_has_no_second_effect() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let send = |desk: &mut Desk, index: u8| {
        let order = [sell(1, 100, 10), stop(1, Side::Sell, 40, 10)][index as usize];
        let mut records = leg(order, 1, OCO, index).to_vec();
        records.push(Record::of(client_order(&format!("leg-{index}"))));
        records[0].words_mut()[0] = (records[0].words()[0] & !0xff) | 2;
        desk.send(&records)
    };
    let first = [send(&mut desk, 0), send(&mut desk, 1)];
    desk.place(buy(3, 100, 4));
    let again = [send(&mut desk, 0), send(&mut desk, 1)];
    for (first, again) in first.iter().zip(&again) {
        assert_eq!((again.code, again.order_id), (0, first.order_id));
        assert_ne!(again.flags & answer_flag::DUPLICATE as u8, 0);
    }
    assert_eq!(desk.engine.open_orders(), 2);
    assert_eq!(desk.place(market(3, 1, Side::Buy, 20)).cum_quantity_lots, 6);
}

#[test]
fn a_mass_cancel_goes_by_order_id_and_takes_siblings_along() {
    let mut desk = Desk::new();
    let legs = [buy(1, 100, 10), sell(1, 110, 10), stop(1, Side::Sell, 90, 10)];
    let [entry, profit, loss] = list(&mut desk, 1, BRACKET, legs);
    let alone = desk.rest(1, Side::Buy, 95, 1);
    desk.place(sell(3, 100, 4));
    let all = CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 1,
        ..CancelAllOrders::default()
    };
    desk.send(&[Record::of(all)]);
    assert_eq!(desk.reports[0].view::<DoneReport>().affected_count, 4);
    assert_eq!(
        desk.states(),
        [
            canceled(entry, CancelReason::Requested, 10),
            canceled(profit, CancelReason::Requested, 4),
            canceled(loss, CancelReason::ListSibling, 4),
            canceled(alone, CancelReason::Requested, 1),
        ]
    );
}

#[test]
fn a_list_that_is_never_whole_ends_with_the_day_or_with_a_leg() {
    let mut desk = Desk::new();
    let first = desk.send(&leg(buy(1, 100, 10), 1, BRACKET, 0)).order_id;
    let second = desk.send(&leg(sell(1, 110, 10), 1, BRACKET, 1)).order_id;
    desk.send(&[Record::of(cancel(1, 1, second))]);
    assert_eq!(
        desk.states(),
        [
            canceled(second, CancelReason::Requested, 10),
            canceled(first, CancelReason::ListSibling, 10)
        ]
    );
    let first = desk.send(&leg(buy(1, 100, 10), 2, OCO, 0)).order_id;
    desk.now += DAY;
    let answer = desk.send(&leg(buy(1, 90, 10), 2, OCO, 1));
    assert_eq!(answer.code, ErrorCode::ListClosed.number());
    assert_eq!(desk.states()[0].1, ExecType::Expired);
    assert!(desk.engine.order(first).is_none());
    // The id is free a day later. A whole list of orders that stay outlives the day.
    desk.now += DAY;
    list(&mut desk, 2, OCO, [buy(1, 100, 10), buy(1, 90, 10)]);
    desk.now += 3 * DAY;
    desk.place(buy(2, 1, 1));
    assert_eq!(desk.engine.open_orders(), 3);
}

/// An instrument whose days a calendar ends.
fn by_calendar(desk: &mut Desk) {
    let [definition, symbol] = instrument(1, -20, 150);
    let symbol = InstrumentSymbol {
        calendar_id: 7,
        ..*symbol.view()
    };
    assert_eq!(desk.send(&[definition, Record::of(symbol)]).code, 0);
}

fn enter(desk: &mut Desk, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(1, phase))]).code, 0);
}

fn for_the_day(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder {
        time_in_force: TimeInForce::Day.number(),
        ..order
    }
}

#[test]
fn a_leg_for_the_day_that_waits_for_its_entry_ends_with_the_day_of_its_instrument() {
    // Midnight is nothing to a calendar: the list is whole, its legs stay.
    let mut desk = Desk::new();
    by_calendar(&mut desk);
    let [entry, exit] = list(&mut desk, 1, OTO, [buy(1, 90, 10), for_the_day(sell(1, 110, 10))]);
    desk.now = (desk.now / DAY + 1) * DAY + 1;
    desk.place(buy(2, 1, 1));
    assert!([entry, exit].iter().all(|id| desk.engine.order(*id).is_some()));
    // The end of the day takes the waiting leg, and with it an entry that would go on without its exit.
    enter(&mut desk, TradingPhase::Closed);
    let expired = |id| {
        (
            id,
            ExecType::Expired,
            OrderStatus::Expired,
            CancelReason::Expired,
            0,
            10,
        )
    };
    assert_eq!(
        desk.states(),
        [expired(exit), canceled(entry, CancelReason::ListSibling, 10)]
    );
    // So does a restored engine, and one that has taken many such legs.
    let mut desk = Desk::new();
    by_calendar(&mut desk);
    let mut last = [0; 2];
    for list_id in 2..202 {
        last = list(&mut desk, list_id, OTO, [buy(1, 90, 10), for_the_day(sell(1, 110, 10))]);
        if list_id < 201 {
            desk.send(&[Record::of(cancel(1, 1, last[0]))]);
        }
    }
    let bytes = desk.engine.snapshot(&[]).expect("a snapshot");
    let config = Config {
        max_orders: 100,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    };
    desk.engine = Engine::restore(config, &bytes).expect("restores").0;
    enter(&mut desk, TradingPhase::Closed);
    assert_eq!(
        desk.states(),
        [expired(last[1]), canceled(last[0], CancelReason::ListSibling, 10)]
    );
    // Without a calendar midnight ends it.
    let mut desk = Desk::new();
    let [entry, exit] = list(&mut desk, 1, OTO, [buy(1, 90, 10), for_the_day(sell(1, 110, 10))]);
    desk.now = (desk.now / DAY + 1) * DAY + 1;
    desk.place(buy(2, 1, 1));
    assert!([entry, exit].iter().all(|id| desk.engine.order(*id).is_none()));
}
