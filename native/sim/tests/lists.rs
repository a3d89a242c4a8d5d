//! Order lists by example, and the promise that siblings never fill more than one of them asked for.
use std::collections::BTreeMap;

use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::desk::{DAY, Desk};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const OCO: u8 = Contingency::OneCancelsOther.number();
const OTO: u8 = Contingency::OneTriggersOther.number();
const BRACKET: u8 = Contingency::Bracket.number();

fn leg(order: PlaceOrder, list_id: u64, contingency: u8, leg_index: u8) -> [Record; 2] {
    let roles: &[LegRole] = match contingency {
        OCO => &[LegRole::Sibling, LegRole::Sibling],
        OTO => &[LegRole::Entry, LegRole::Child],
        _ => &[LegRole::Entry, LegRole::TakeProfit, LegRole::StopLoss],
    };
    let link = ListLink {
        kind: ListLink::KIND,
        list_id,
        contingency,
        leg_role: roles.get(leg_index as usize).map_or(0, |role| role.number()),
        leg_count: roles.len() as u8,
        leg_index,
        ..ListLink::default()
    };
    let extension_count = 1;
    [
        Record::of(PlaceOrder {
            extension_count,
            ..order
        }),
        Record::of(link),
    ]
}

/// Sends the legs of a list, which must be accepted. Order ids.
fn list<const N: usize>(desk: &mut Desk, list_id: u64, contingency: u8, legs: [PlaceOrder; N]) -> [u64; N] {
    let mut index = 0;
    legs.map(|order| {
        let answer = desk.send(&leg(order, list_id, contingency, index));
        index += 1;
        assert_eq!(
            (answer.code, answer.order_status),
            (0, OrderStatus::PendingNew.number())
        );
        answer.order_id
    })
}

fn stop(account: u32, side: Side, stop_price_ticks: i64, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::Stop.number(),
        trigger_source: TriggerSource::Last.number(),
        stop_price_ticks,
        ..limit(account, 1, side, 0, lots)
    }
}

fn sell(account: u32, price: i64, lots: i64) -> PlaceOrder {
    limit(account, 1, Side::Sell, price, lots)
}

fn buy(account: u32, price: i64, lots: i64) -> PlaceOrder {
    limit(account, 1, Side::Buy, price, lots)
}

/// Gives an account lots, bought from the account without checks.
fn stock(desk: &mut Desk, account: u32, lots: i64) {
    desk.rest(3, Side::Sell, 100, lots);
    assert_eq!(
        desk.place(buy(account, 100, lots)).order_status,
        OrderStatus::Filled.number()
    );
}

fn held_lots(desk: &Desk, account: u32) -> i64 {
    desk.engine
        .position(account, 1)
        .map_or(0, |position| position.reserved_sell_lots)
}

fn held_cash(desk: &Desk, account: u32) -> i128 {
    desk.engine
        .balance(account, CURRENCY)
        .map_or(0, |balance| balance.reserved)
}

fn state(
    order: u64,
    exec_type: ExecType,
    status: OrderStatus,
    reason: CancelReason,
    leaves: i64,
    quantity: i64,
) -> (u64, ExecType, OrderStatus, CancelReason, i64, i64) {
    (order, exec_type, status, reason, leaves, quantity)
}

fn canceled(order: u64, reason: CancelReason, quantity: i64) -> (u64, ExecType, OrderStatus, CancelReason, i64, i64) {
    state(order, ExecType::Canceled, OrderStatus::Canceled, reason, 0, quantity)
}

#[test]
fn legs_wait_outside_the_book_until_their_list_is_whole() {
    let mut desk = Desk::new();
    let first = desk.send(&leg(buy(1, 100, 10), 7, OCO, 0));
    assert_eq!(first.order_status, OrderStatus::PendingNew.number());
    assert_eq!(desk.kinds(), [1, 11], "neither a level nor a balance changes");
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().list_id, 7);
    assert_eq!(held_cash(&desk, 1), 0);
    let second = desk.send(&leg(stop(1, Side::Buy, 120, 10), 7, OCO, 1)).order_id;
    let (new, none) = (ExecType::New, CancelReason::None);
    assert_eq!(
        desk.states(),
        [
            state(second, new, OrderStatus::PendingNew, none, 10, 10),
            state(first.order_id, new, OrderStatus::New, none, 10, 10),
            state(second, new, OrderStatus::New, none, 10, 10),
        ]
    );
    assert_eq!(desk.queue(Side::Buy, 100), [first.order_id]);
}

#[test]
fn a_fill_of_one_leg_takes_as_many_lots_off_the_other() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let [profit, loss] = list(&mut desk, 1, OCO, [sell(1, 110, 10), stop(1, Side::Sell, 90, 10)]);
    desk.place(buy(3, 110, 4));
    assert_eq!(
        desk.states().pop(),
        Some(state(
            loss,
            ExecType::Restated,
            OrderStatus::New,
            CancelReason::ListSibling,
            6,
            6
        ))
    );
    assert_eq!(held_lots(&desk, 1), 6);
    desk.place(buy(3, 110, 6));
    assert_eq!(desk.states().pop(), Some(canceled(loss, CancelReason::ListSibling, 6)));
    assert!(desk.engine.order(profit).is_none() && desk.engine.order(loss).is_none());
    assert_eq!(held_lots(&desk, 1), 0);
}

#[test]
fn one_sweep_cannot_fill_both_and_fill_or_kill_counts_them_once() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let [near, far] = list(&mut desk, 1, OCO, [sell(1, 100, 10), sell(1, 101, 10)]);
    let mut kill = buy(3, 101, 11);
    kill.time_in_force = TimeInForce::FillOrKill.number();
    let answer = desk.place(kill);
    assert_eq!(
        (answer.code, answer.limit),
        (ErrorCode::FillOrKillUnfillable.number(), 10)
    );
    let answer = desk.place(market(3, 1, Side::Buy, 25));
    assert_eq!(answer.cum_quantity_lots, 10);
    assert_eq!(desk.trades().iter().map(|trade| trade.2).collect::<Vec<_>>(), [near]);
    assert!(desk.states().contains(&canceled(far, CancelReason::ListSibling, 10)));
    // At one price as well, with parts that are hidden.
    stock(&mut desk, 1, 10);
    let iceberg = PlaceOrder {
        display_quantity_lots: 3,
        ..sell(1, 100, 10)
    };
    list(&mut desk, 2, OCO, [iceberg, iceberg]);
    assert_eq!(desk.place(market(3, 1, Side::Buy, 7)).cum_quantity_lots, 7);
    kill.quantity_lots = 4;
    assert_eq!(desk.place(kill).code, ErrorCode::FillOrKillUnfillable.number());
    kill.quantity_lots = 3;
    assert_eq!(desk.place(kill).order_status, OrderStatus::Filled.number());
    assert_eq!(desk.engine.open_orders(), 0);
}

#[test]
fn a_pair_holds_what_its_dearer_leg_needs_and_not_the_sum() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let [profit, loss] = list(&mut desk, 1, OCO, [sell(1, 110, 10), stop(1, Side::Sell, 90, 10)]);
    assert_eq!(held_lots(&desk, 1), 10);
    let answer = desk.place(sell(1, 200, 1));
    assert_eq!(answer.code, ErrorCode::InsufficientPosition.number());
    desk.send(&[Record::of(cancel(1, 1, profit))]);
    assert_eq!(desk.states().pop(), Some(canceled(loss, CancelReason::ListSibling, 10)));
    assert_eq!(held_lots(&desk, 1), 0);

    // 10 lots at 120 and 3 units a tick, and the taker's fee of 0.54 rounded up.
    let [cheap, dear] = list(&mut desk, 2, OCO, [buy(2, 100, 10), stop(2, Side::Buy, 120, 10)]);
    assert_eq!(held_cash(&desk, 2), 3_601);
    desk.place(sell(3, 100, 4));
    assert_eq!(held_cash(&desk, 2), 120 * 6 * 3 + 1);
    let answer = desk.send(&[Record::of(amend(2, cheap, amend_flag::PRICE, 130, 0))]);
    assert_eq!(answer.code, 0);
    assert_eq!(
        held_cash(&desk, 2),
        130 * 6 * 3 + 1,
        "the other leg is the dearer one now"
    );
    desk.send(&[Record::of(cancel(2, 1, dear))]);
    assert_eq!(held_cash(&desk, 2), 0);
}

#[test]
fn a_pair_that_takes_all_the_cash_there_is_can_be_filled() {
    let mut desk = Desk::new();
    // The fees of both legs round up once: 1,000 lots at 100 and a fee of 45.
    desk.send(&[Record::of(account(4, AccountKind::Cash, 0))]);
    desk.send(&[Record::of(cash(4, 300_045))]);
    list(&mut desk, 1, OCO, [buy(4, 100, 1_000), buy(4, 100, 1_000)]);
    assert_eq!(desk.free(4), 0);
    for _ in 0..10 {
        desk.place(sell(3, 100, 100));
        assert!(desk.free(4) >= 0);
    }
    assert_eq!(desk.engine.open_orders(), 0);
}

#[test]
fn what_a_leg_shares_with_its_sibling_counts_as_its_own_when_it_triggers() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let [profit, loss] = list(&mut desk, 1, OCO, [sell(1, 110, 10), stop(1, Side::Sell, 90, 10)]);
    desk.rest(3, Side::Buy, 89, 3);
    desk.rest(2, Side::Buy, 90, 1);
    desk.place(sell(3, 90, 1));
    // The stop sold what there was; the rest of a market order ends, and its sibling with it.
    assert_eq!(
        desk.trades().last().map(|trade| (trade.0, trade.1, trade.3)),
        Some((89, 3, loss))
    );
    let states = desk.states();
    assert!(states.contains(&canceled(loss, CancelReason::ImmediateRemainder, 10)));
    assert!(states.contains(&canceled(profit, CancelReason::ListSibling, 7)));
    assert_eq!((held_lots(&desk, 1), desk.engine.open_orders()), (0, 0));
}

#[test]
fn a_stop_that_its_own_list_triggers_sells_the_rest_and_no_more() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    // The limit trades at 98, and that is where the stop looks for its trigger.
    let [profit, loss] = list(&mut desk, 1, OCO, [sell(1, 98, 10), stop(1, Side::Sell, 99, 10)]);
    desk.rest(3, Side::Buy, 97, 100);
    desk.place(buy(3, 98, 4));
    let sold: Vec<_> = desk.trades().iter().map(|trade| (trade.0, trade.1)).collect();
    assert_eq!(sold, [(98, 4), (97, 6)]);
    assert!(desk.states().contains(&canceled(profit, CancelReason::ListSibling, 10)));
    assert!(desk.engine.order(loss).is_none());
    // Filled whole, it leaves nothing that could trigger.
    stock(&mut desk, 1, 10);
    let [_, loss] = list(&mut desk, 2, OCO, [sell(1, 98, 10), stop(1, Side::Sell, 99, 10)]);
    desk.place(buy(3, 98, 10));
    assert_eq!(desk.trades().len(), 1);
    assert_eq!(desk.states().pop(), Some(canceled(loss, CancelReason::ListSibling, 10)));
    assert_eq!(
        desk.engine.position(1, 1).map(|position| position.quantity_lots),
        Some(0)
    );
}

#[test]
fn exits_grow_with_the_entry_and_stay_when_it_ends() {
    let mut desk = Desk::new();
    let legs = [buy(1, 100, 10), sell(1, 110, 10), stop(1, Side::Sell, 90, 10)];
    let [entry, profit, loss] = list(&mut desk, 1, BRACKET, legs);
    assert_eq!(desk.queue(Side::Buy, 100), [entry]);
    assert_eq!(held_lots(&desk, 1), 0);
    desk.place(sell(3, 100, 4));
    let (new, restated) = (ExecType::New, ExecType::Restated);
    let (sized, open) = (CancelReason::ListSized, OrderStatus::New);
    assert_eq!(
        desk.states()[1..],
        [
            state(profit, new, open, sized, 4, 4),
            state(loss, new, open, sized, 4, 4)
        ]
    );
    assert_eq!(held_lots(&desk, 1), 4);
    let other = desk.rest(3, Side::Sell, 110, 1);
    desk.place(sell(3, 100, 3));
    assert_eq!(
        desk.states()[1..],
        [
            state(profit, restated, open, sized, 7, 7),
            state(loss, restated, open, sized, 7, 7)
        ]
    );
    assert_eq!(
        desk.queue(Side::Sell, 110),
        [other, profit],
        "a higher quantity loses the place"
    );
    desk.send(&[Record::of(cancel(1, 1, entry))]);
    assert_eq!(desk.states(), [canceled(entry, CancelReason::Requested, 10)]);
    assert_eq!(desk.engine.order(loss).map(|order| order.leaves_lots), Some(7));
    desk.rest(2, Side::Buy, 80, 20);
    desk.place(sell(3, 80, 1));
    assert_eq!(
        desk.trades()
            .iter()
            .map(|trade| (trade.1, trade.3 == loss))
            .collect::<Vec<_>>(),
        [(1, false), (7, true)]
    );
    assert!(desk.engine.order(profit).is_none());
}

#[test]
fn children_get_whole_lots_rounded_down() {
    let mut desk = Desk::new();
    let [entry, child] = list(&mut desk, 1, OTO, [buy(1, 100, 10), sell(1, 110, 5)]);
    desk.place(sell(3, 100, 1));
    assert_eq!(desk.states().len(), 1, "half a lot is none");
    desk.place(sell(3, 100, 2));
    assert_eq!(desk.engine.order(child).map(|order| order.leaves_lots), Some(1));
    desk.place(sell(3, 100, 7));
    assert_eq!(desk.engine.order(child).map(|order| order.leaves_lots), Some(5));
    assert!(desk.engine.order(entry).is_none());
    // A parent that ends before its fills make a lot takes its child along.
    let [entry, child] = list(&mut desk, 2, OTO, [buy(1, 100, 10), sell(1, 110, 5)]);
    desk.place(sell(3, 100, 1));
    desk.send(&[Record::of(cancel(1, 1, entry))]);
    assert_eq!(desk.states().pop(), Some(canceled(child, CancelReason::ListSibling, 5)));
}

#[test]
fn an_entry_that_never_traded_takes_its_exits_along() {
    let mut desk = Desk::new();
    let legs = [buy(1, 100, 10), sell(1, 110, 10), stop(1, Side::Sell, 90, 10)];
    let [entry, profit, loss] = list(&mut desk, 1, BRACKET, legs);
    desk.send(&[Record::of(cancel(1, 1, entry))]);
    assert_eq!(
        desk.states(),
        [
            canceled(entry, CancelReason::Requested, 10),
            canceled(profit, CancelReason::ListSibling, 10),
            canceled(loss, CancelReason::ListSibling, 10),
        ]
    );
}

#[test]
fn an_exit_that_is_through_ends_what_is_left_of_the_entry() {
    let mut desk = Desk::new();
    let legs = [buy(1, 100, 10), sell(1, 110, 10), stop(1, Side::Sell, 90, 10)];
    let [entry, _, loss] = list(&mut desk, 1, BRACKET, legs);
    desk.place(sell(3, 100, 4));
    desk.place(buy(3, 110, 4));
    let states = desk.states();
    assert!(states.contains(&canceled(loss, CancelReason::ListSibling, 4)));
    assert_eq!(states.last(), Some(&canceled(entry, CancelReason::ListSibling, 10)));
    // An exit that its client takes away leaves the entry alone.
    let [entry, profit, _] = list(&mut desk, 2, BRACKET, legs);
    desk.send(&[Record::of(cancel(1, 1, profit))]);
    assert_eq!(desk.engine.open_orders(), 1);
    desk.place(sell(3, 100, 10));
    assert!(desk.engine.order(entry).is_none());
    assert_eq!(desk.engine.open_orders(), 0);
}

#[test]
fn exits_never_sell_what_was_sold_elsewhere() {
    let mut desk = Desk::new();
    let legs = [buy(1, 100, 10), sell(1, 110, 10), stop(1, Side::Sell, 90, 10)];
    let [_, profit, loss] = list(&mut desk, 1, BRACKET, legs);
    desk.place(sell(3, 100, 4));
    let answer = desk.place(sell(1, 105, 1));
    assert_eq!(
        answer.code,
        ErrorCode::InsufficientPosition.number(),
        "the exits hold the lots"
    );
    assert!(desk.engine.order(profit).is_some() && desk.engine.order(loss).is_some());
}

#[test]
fn a_trailing_exit_starts_from_the_price_of_the_entry() {
    let mut desk = Desk::new();
    let trailing = PlaceOrder {
        order_type: OrderType::TrailingStop.number(),
        trigger_source: TriggerSource::Last.number(),
        extension_count: 2,
        ..limit(1, 1, Side::Sell, 0, 10)
    };
    desk.send(&leg(buy(1, 100, 10), 1, OTO, 0));
    let [_, link] = leg(trailing, 1, OTO, 1);
    let terms = OrderTerms {
        kind: OrderTerms::KIND,
        trailing_offset: 3,
        trailing_unit: OffsetUnit::Ticks.number(),
        ..OrderTerms::default()
    };
    assert_eq!(desk.send(&[Record::of(trailing), Record::of(terms), link]).code, 0);
    desk.place(sell(3, 100, 10));
    let detail = desk
        .reports
        .iter()
        .rfind(|report| report.kind() == OrderDetailReport::KIND);
    assert_eq!(
        detail.map(|report| report.view::<OrderDetailReport>().stop_price_ticks),
        Some(97)
    );
}

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

#[test]
fn prices_of_legs_can_be_amended_and_their_quantities_cannot() {
    let mut desk = Desk::new();
    stock(&mut desk, 1, 10);
    let [profit, loss] = list(&mut desk, 1, OCO, [sell(1, 110, 10), stop(1, Side::Sell, 40, 10)]);
    let unsupported = ErrorCode::UnsupportedOrderType.number();
    let answer = desk.send(&[Record::of(amend(1, profit, amend_flag::QUANTITY, 0, 5))]);
    assert_eq!(answer.code, unsupported);
    assert_eq!(
        desk.send(&[Record::of(amend(1, profit, amend_flag::PRICE, 120, 0))])
            .code,
        0
    );
    let moved = AmendOrder {
        stop_price_ticks: 45,
        ..amend(1, loss, amend_flag::STOP_PRICE, 0, 0)
    };
    assert_eq!(desk.send(&[Record::of(moved)]).code, 0);
    let legs = [buy(2, 40, 10), sell(2, 110, 10), stop(2, Side::Sell, 30, 10)];
    let [entry, ..] = list(&mut desk, 2, BRACKET, legs);
    assert_eq!(
        desk.send(&[Record::of(amend(2, entry, amend_flag::QUANTITY, 0, 8))])
            .code,
        0
    );
}

fn amended(order_id: u64, flags: u16, price: i64, stop_price_ticks: i64, lots: i64) -> [Record; 1] {
    [Record::of(AmendOrder {
        stop_price_ticks,
        ..amend(2, order_id, flags, price, lots)
    })]
}

/// What a leg shows before its entry is filled is what it enters with, and what is checked then.
#[test]
fn prices_of_pending_legs_can_be_amended_until_they_enter() {
    let mut desk = Desk::new();
    let legs = [buy(2, 40, 10), sell(2, 110, 10), stop(2, Side::Sell, 30, 10)];
    let [entry, profit, loss] = list(&mut desk, 2, BRACKET, legs);
    let before = desk.free(2);
    let answer = desk.send(&amended(profit, amend_flag::PRICE, 120, 0, 0));
    assert_eq!(
        (answer.code, answer.order_id, answer.order_status, answer.exec_type),
        (0, profit, OrderStatus::PendingNew.number(), ExecType::Replaced.number())
    );
    assert_eq!(
        desk.states(),
        [(
            profit,
            ExecType::Replaced,
            OrderStatus::PendingNew,
            CancelReason::None,
            10,
            10
        )]
    );
    let detail = desk.reports[1].view::<OrderDetailReport>();
    assert_eq!((detail.previous_price_ticks, detail.previous_quantity_lots), (110, 10));
    assert_eq!(desk.reports.len(), 2, "it is in no book and holds nothing");
    assert_eq!(desk.send(&amended(loss, amend_flag::STOP_PRICE, 0, 35, 0)).code, 0);
    assert_eq!(desk.reports[1].view::<OrderDetailReport>().stop_price_ticks, 35);
    assert_eq!(desk.free(2), before);
    // The quantity follows the entry; a leg without a trigger gets none; the same again is no change.
    let code =
        |desk: &mut Desk, order, flags, price, stop, lots| desk.send(&amended(order, flags, price, stop, lots)).code;
    let unsupported = ErrorCode::UnsupportedOrderType.number();
    assert_eq!(code(&mut desk, profit, amend_flag::QUANTITY, 0, 0, 5), unsupported);
    assert_eq!(code(&mut desk, profit, amend_flag::STOP_PRICE, 0, 5, 0), unsupported);
    assert_eq!(
        code(&mut desk, profit, amend_flag::PRICE, 120, 0, 0),
        ErrorCode::AmendWithoutChange.number()
    );
    // Its shape is looked at now.
    let not_positive = ErrorCode::PriceNotPositive.number();
    assert_eq!(code(&mut desk, profit, amend_flag::PRICE, 0, 0, 0), not_positive);
    assert_eq!(code(&mut desk, loss, amend_flag::STOP_PRICE, 0, -1, 0), not_positive);
    assert_eq!(
        code(&mut desk, loss, amend_flag::PRICE, 1, 0, 0),
        ErrorCode::PriceNotAllowed.number()
    );
    assert_eq!(
        code(&mut desk, profit, amend_flag::PRICE, i64::MAX, 0, 0),
        ErrorCode::NotionalOverflow.number()
    );
    // Half of the entry is filled: both enter with what they were given.
    desk.place(sell(3, 40, 5));
    assert_eq!(desk.queue(Side::Sell, 120), [profit]);
    assert!(desk.queue(Side::Sell, 110).is_empty());
    desk.rest(3, Side::Buy, 34, 20);
    // The rest of the entry, then one lot that prints the trigger: the stop sells what the entry bought.
    desk.place(sell(3, 34, 6));
    let trades: Vec<_> = desk
        .trades()
        .iter()
        .map(|trade| (trade.0, trade.1, trade.3 == loss))
        .collect();
    assert_eq!(trades, [(40, 5, false), (34, 1, false), (34, 10, true)]);
    assert!(!desk.queue(Side::Buy, 40).contains(&entry));
}

/// The checks that look at the market and at the account run when a leg enters, not when it is amended.
#[test]
fn an_amended_leg_is_checked_again_when_it_enters() {
    let mut desk = Desk::new();
    let collared = DefineInstrument {
        collar_ppm: 100_000,
        ..*instrument(1, -20, 150)[0].view()
    };
    let [_, symbol] = instrument(1, -20, 150);
    desk.send(&[Record::of(collared), symbol]);
    desk.send(&[Record::of(SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Reference.number(),
        price_ticks: 100,
        ..SetReferencePrice::default()
    })]);
    let [entry, child] = list(&mut desk, 1, OTO, [buy(2, 100, 10), sell(2, 105, 10)]);
    assert_eq!(desk.send(&amended(child, amend_flag::PRICE, 300, 0, 0)).code, 0);
    desk.place(sell(3, 100, 10));
    assert_eq!(
        desk.states()[1..],
        [(
            child,
            ExecType::Canceled,
            OrderStatus::Canceled,
            CancelReason::Risk,
            0,
            10
        )]
    );
    assert!(desk.queue(Side::Buy, 100).is_empty(), "{entry} was filled");
}

/// While a list gathers, what the last leg's checks look at is the leg as amended.
#[test]
fn a_leg_can_be_amended_and_cancelled_while_its_list_gathers() {
    let mut desk = Desk::new();
    let first = desk.send(&leg(buy(2, 40, 10), 1, OTO, 0)).order_id;
    assert_eq!(desk.send(&amended(first, amend_flag::PRICE, 42, 0, 0)).code, 0);
    assert_eq!(desk.send(&leg(sell(2, 60, 10), 1, OTO, 1)).code, 0);
    assert_eq!(desk.queue(Side::Buy, 42), [first]);
    let dear = desk.send(&leg(buy(2, 40, 10), 2, OTO, 0)).order_id;
    assert_eq!(desk.send(&amended(dear, amend_flag::PRICE, 400_000, 0, 0)).code, 0);
    let answer = desk.send(&leg(sell(2, 60, 10), 2, OTO, 1));
    assert_eq!(
        (answer.code, answer.order_id),
        (ErrorCode::InsufficientBuyingPower.number(), dear)
    );
    let gone = desk.send(&leg(buy(2, 40, 10), 3, OTO, 0)).order_id;
    assert_eq!(desk.send(&[Record::of(cancel(2, 1, gone))]).code, 0);
    assert_eq!(
        desk.send(&leg(sell(2, 60, 10), 3, OTO, 1)).code,
        ErrorCode::ListClosed.number()
    );
}

#[test]
fn siblings_never_fill_more_than_one_of_them_asked_for() {
    let seed = seed("lists");
    let mut random = Random::new(seed);
    let mut engine = Engine::new(Config {
        max_orders: 400,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    });
    let mut reports: Vec<Record> = Vec::new();
    let mut now = 1_700_000_000_000_000_000;
    let mut send = |engine: &mut Engine, records: &[Record]| {
        let mut records = records.to_vec();
        now += 1_000;
        records[0].set_time_nanos(now);
        reports.clear();
        let answer = engine.submit(&Command::new(&records), 0, &mut reports);
        (answer, reports.clone())
    };
    send(&mut engine, &instrument(1, -20, 150));
    for id in 1..=4 {
        let kind = if id == 4 {
            AccountKind::Replay
        } else {
            AccountKind::Cash
        };
        send(
            &mut engine,
            &[Record::of(account(id, kind, account_permission::SHORT_SALE))],
        );
        send(&mut engine, &[Record::of(cash(id, 1 << 50))]);
    }
    // Order id -> (list, its share); list -> lots that may be filled, lots that were.
    let mut legs: BTreeMap<u64, (u64, bool)> = BTreeMap::new();
    let mut lists: BTreeMap<u64, (i64, i64, i64)> = BTreeMap::new();
    let (mut fills, mut commands) = (0_u64, 0_u64);
    while fills < 100_000 {
        commands += 1;
        let list_id = commands;
        let account = 1 + random.below(3) as u32;
        let side = random.one_of(&[Side::Buy, Side::Sell]);
        let other = if side == Side::Buy { Side::Sell } else { Side::Buy };
        let lots = random.between(1, 30);
        let mut any = |side: Side, lots: i64| {
            let mut order = match random.below(4) {
                0 => stop(account, side, random.between(90, 110), lots),
                1 => PlaceOrder {
                    order_type: OrderType::StopLimit.number(),
                    price_ticks: random.between(90, 110),
                    ..stop(account, side, random.between(90, 110), lots)
                },
                2 => PlaceOrder {
                    display_quantity_lots: random.between(1, 4),
                    ..limit(account, 1, side, random.between(90, 110), lots)
                },
                _ => limit(account, 1, side, random.between(90, 110), lots),
            };
            order.self_trade_prevention = random.below(5) as u8;
            order
        };
        let orders = if commands.is_multiple_of(3) {
            vec![any(side, lots), any(side, lots)]
        } else if commands.is_multiple_of(5) {
            vec![any(side, lots), any(other, lots), any(other, lots)]
        } else {
            let order = any(side, lots);
            let taker = 1 + random.below(4) as u32;
            let price = random.between(92, 108);
            let (_, seen) = send(
                &mut engine,
                &[Record::of(limit(taker, 1, side, price, order.quantity_lots))],
            );
            count(&seen, &legs, &mut lists, &mut fills);
            continue;
        };
        let contingency = if orders.len() == 2 { OCO } else { BRACKET };
        lists.insert(list_id, (lots, 0, 0));
        for (index, order) in orders.into_iter().enumerate() {
            // Its fills may come in this very command.
            legs.insert(
                engine.next_command_number(),
                (list_id, contingency == BRACKET && index == 0),
            );
            let (_, seen) = send(&mut engine, &leg(order, list_id, contingency, index as u8));
            count(&seen, &legs, &mut lists, &mut fills);
        }
        if commands.is_multiple_of(50) {
            engine.assert_consistent();
        }
        if commands.is_multiple_of(40) {
            let all = CancelAllOrders {
                kind: CancelAllOrders::KIND,
                account_id: 1 + random.below(3) as u32,
                ..CancelAllOrders::default()
            };
            send(&mut engine, &[Record::of(all)]);
        }
    }
    println!("{fills} fills of legs in {} lists", lists.len());
}

/// Adds the fills of legs up and holds each list to its promise.
fn count(
    reports: &[Record],
    legs: &BTreeMap<u64, (u64, bool)>,
    lists: &mut BTreeMap<u64, (i64, i64, i64)>,
    fills: &mut u64,
) {
    for trade in reports.iter().filter(|report| report.kind() == TradeReport::KIND) {
        let trade = trade.view::<TradeReport>();
        for order in [trade.maker_order_id, trade.taker_order_id] {
            let Some((id, entry)) = legs.get(&order) else {
                continue;
            };
            *fills += 1;
            let (lots, filled, entered) = lists.get_mut(id).expect("a list");
            if *entry {
                *entered += trade.quantity_lots;
            } else {
                *filled += trade.quantity_lots;
            }
            assert!(
                *filled <= *lots && *entered <= *lots,
                "list {id} fills more than it asked for"
            );
            let bracket = id.is_multiple_of(5) && !id.is_multiple_of(3);
            assert!(
                !bracket || *filled <= *entered,
                "exits of list {id} fill more than its entry"
            );
        }
    }
}
