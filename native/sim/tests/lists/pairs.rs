//! Two orders of which one takes as many lots off the other.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::legs::*;

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
