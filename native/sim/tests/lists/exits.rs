//! Entries and what they bring: children, take-profit and stop-loss.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::legs::*;

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
