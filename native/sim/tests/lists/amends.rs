//! Amends of legs, before and after they enter.
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use crate::legs::*;

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
