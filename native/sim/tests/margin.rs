//! Margin accounts by example. A tick times a lot is 3 units everywhere; instrument 1 (an equity) and its future 2 have margins
//! of 20 % and 15 %, a call 3 and a put 4 are struck at 100. Everything is marked at 100 unless a test says otherwise, options
//! at 5; so a lot of the equity or the future is worth 300 and needs 60, and an option is worth 15. Fees are off where a
//! test does not switch them on. Accounts 3 and 4 trade without checks, 5 is the margin account.
use fulltape_engine::Margin;
use fulltape_sim::desk::{Desk, SECOND};
use fulltape_sim::random::{Random, seed};
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const INSUFFICIENT: u16 = ErrorCode::InsufficientMargin.number();

fn mark(desk: &mut Desk, instrument_id: u32, price_ticks: i64) {
    let price = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id,
        source: 2,
        purpose: PricePurpose::Mark.number(),
        price_ticks,
        ..SetReferencePrice::default()
    };
    assert_eq!(desk.send(&[Record::of(price)]).code, 0);
}

fn desk_with(strikes: [(OptionKind, i64); 2], units: i64, permissions: u16) -> Desk {
    let mut desk = Desk::new();
    let expiry = desk.now + 10 * SECOND;
    desk.send(&margined(instrument(1, 0, 0).to_vec(), 200_000, 150_000));
    desk.send(&future(2, 1, 0, 0));
    for (id, (kind, strike)) in [3, 4].into_iter().zip(strikes) {
        assert_eq!(desk.send(&option(id, 1, kind, strike, expiry)).code, 0);
    }
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    desk.send(&[Record::of(account(5, AccountKind::Margin, permissions))]);
    desk.send(&[Record::of(cash(5, units))]);
    for (id, price) in [(1, 100), (2, 100), (3, 5), (4, 5)] {
        mark(&mut desk, id, price);
    }
    desk
}

fn desk(units: i64) -> Desk {
    let strikes = [(OptionKind::Call, 100), (OptionKind::Put, 100)];
    desk_with(strikes, units, account_permission::SHORT_SALE)
}

fn order(instrument: u32, price: i64, lots: i64) -> PlaceOrder {
    let side = if lots > 0 { Side::Buy } else { Side::Sell };
    limit(5, instrument, side, price, lots.abs())
}

/// Account 5 buys (negative lots: sells) against account 4; accepted.
fn trade(desk: &mut Desk, instrument: u32, price: i64, lots: i64) {
    let other = PlaceOrder {
        account_id: 4,
        ..order(instrument, price, -lots)
    };
    assert_eq!(desk.place(other).code, 0);
    let answer = desk.place(order(instrument, price, lots));
    assert_eq!((answer.code, answer.cum_quantity_lots), (0, lots.abs()), "{answer:?}");
}

fn margin(desk: &Desk) -> (i128, i128, i128) {
    let margin = desk.engine.margin(5, CURRENCY).expect("an account");
    (margin.equity_units, margin.initial_units, margin.maintenance_units)
}

#[test]
fn buying_power_is_equity_by_the_initial_rate() {
    for (units, lots, needed) in [(600, 10, 0), (600, 11, 660), (599, 10, 600), (0, 1, 60)] {
        for lots in [lots, -lots] {
            let mut desk = desk(units);
            if units == 0 {
                desk.send(&[Record::of(cash(5, 1))]);
                desk.send(&[Record::of(cash(5, -1))]);
            }
            let answer = desk.place(order(1, 100, lots));
            if needed == 0 {
                assert_eq!(answer.code, 0);
            } else {
                assert_eq!(
                    (answer.code, answer.observed, answer.limit),
                    (INSUFFICIENT, needed, units)
                );
            }
        }
    }
}

#[test]
fn a_loan_buys_and_the_price_decides_what_is_left() {
    let mut desk = desk(600);
    trade(&mut desk, 1, 100, 10);
    // 600 - 3,000 cash, 3,000 worth.
    assert_eq!(desk.free(5), -2_400);
    assert_eq!(margin(&desk), (600, 600, 450));
    // At 95: 2,850 - 2,400; 20 % of 2,850 are 570, 15 % are 427.5.
    mark(&mut desk, 1, 95);
    assert_eq!(margin(&desk), (450, 570, 428));
    let more = desk.place(order(1, 95, 1));
    // 11 x 95 x 3 x 20 % = 627.
    assert_eq!((more.code, more.observed, more.limit), (INSUFFICIENT, 627, 450));
    let withdrawal = desk.send(&[Record::of(cash(5, -1))]);
    assert_eq!(withdrawal.code, ErrorCode::InsufficientCash.number());
    // Closing passes whatever the equity.
    mark(&mut desk, 1, 70);
    assert_eq!(margin(&desk).0, -300);
    trade(&mut desk, 1, 70, -10);
    assert_eq!((margin(&desk), desk.free(5)), ((-300, 0, 0), -300));
}

#[test]
fn fees_of_the_order_and_of_those_that_are_open_count() {
    let mut desk = desk(602);
    desk.send(&margined(instrument(1, -20, 150).to_vec(), 200_000, 150_000));
    // 3,000 x 150 ppm = 0.45, rounded up to 1: 601 in all.
    let first = desk.place(order(1, 100, 5));
    assert_eq!(first.code, 0);
    // 1,500 x 150 ppm are rounded up to 1 for each order of five lots: 300 + 1, then 600 + 1 + 1.
    assert_eq!(desk.engine.balance(5, CURRENCY).expect("a balance").reserved, 1);
    let second = desk.place(order(1, 100, 5));
    assert_eq!(second.code, 0);
    let fees = desk.engine.margin(5, CURRENCY).expect("an account");
    assert_eq!((fees.fee_units, fees.free_units()), (2, 0));
    desk.send(&[Record::of(cancel(5, 1, second.order_id))]);
    desk.send(&[Record::of(cash(5, -1))]);
    let again = desk.place(order(1, 100, 5));
    assert_eq!((again.code, again.observed, again.limit), (INSUFFICIENT, 602, 601));
}

#[test]
fn spot_and_future_of_one_underlying_offset_each_other() {
    let mut desk = desk(600);
    trade(&mut desk, 1, 100, 10);
    assert_eq!(margin(&desk), (600, 600, 450));
    // Ten futures sold against it: every move gives on one side what it takes on the other.
    trade(&mut desk, 2, 100, -10);
    assert_eq!(margin(&desk), (600, 0, 0));
    // Fifteen sold: five are open, 5 x 60.
    trade(&mut desk, 2, 100, -5);
    assert_eq!(margin(&desk), (600, 300, 225));
    // Closing the hedge needs margin, because it adds risk: 5 + 6 lots.
    let answer = desk.place(order(1, 100, -10));
    assert_eq!((answer.code, answer.observed, answer.limit), (INSUFFICIENT, 900, 600));
    assert_eq!(desk.place(order(2, 100, 5)).code, 0);
}

#[test]
fn a_future_needs_margin_and_no_notional() {
    let mut desk = desk(600);
    trade(&mut desk, 2, 100, 10);
    assert_eq!((margin(&desk), desk.free(5)), ((600, 600, 450), 600));
    // At 90: 10 x 10 x 3 are lost but not paid; 2,700 x 20 % and 15 %.
    mark(&mut desk, 2, 90);
    assert_eq!((margin(&desk), desk.free(5)), ((300, 540, 405), 600));
    assert_eq!(desk.place(order(2, 90, 1)).code, INSUFFICIENT);
    trade(&mut desk, 2, 90, -10);
    assert_eq!((margin(&desk), desk.free(5)), ((300, 0, 0), 300));
}

#[test]
fn options_need_what_they_lose_within_the_range() {
    let (call, put) = (OptionKind::Call, OptionKind::Put);
    // Strikes of 3 and 4, then lots of 1, 2, 3 and 4 that account 5 holds, then what it needs; range 80 to 120, options worth 15.
    for (strikes, lots, needed) in [
        // A long option can lose what it is worth.
        ([(call, 100), (put, 100)], [0, 0, 1, 0], 15),
        ([(call, 100), (put, 100)], [0, 0, 0, 1], 15),
        // A short call loses 20 x 3 at 120, less the 15 that it brought.
        ([(call, 100), (put, 100)], [0, 0, -1, 0], 45),
        ([(call, 100), (put, 100)], [0, 0, 0, -1], 45),
        // Short strangle: one side loses 45, the other gains its 15; never below half of 20 % of 300 for each, 60.
        ([(call, 100), (put, 100)], [0, 0, -1, -1], 60),
        // Far out of the money: nothing is lost in the range, the floor of 30 holds.
        ([(call, 150), (put, 50)], [0, 0, -1, 0], 30),
        ([(call, 150), (put, 50)], [0, 0, 0, -1], 30),
        // A call spread: the long one covers the short one. Long 100, short 110: worth 15 - 15, nothing to lose.
        ([(call, 100), (call, 110)], [0, 0, 1, -1], 0),
        // Short 100, long 110: 60 - 30 at 120.
        ([(call, 100), (call, 110)], [0, 0, -1, 1], 30),
        ([(put, 100), (put, 90)], [0, 0, -1, 1], 30),
        // A put does not cover a call: 45 at 120, and 15 of the put.
        ([(call, 100), (put, 100)], [0, 0, -1, 1], 60),
        // Covered call: 60 of the equity at 80, less 15 of the call.
        ([(call, 100), (put, 100)], [1, 0, -1, 0], 45),
        // Protective put: never more than its 15.
        ([(call, 100), (put, 100)], [1, 0, 0, 1], 15),
        // A future in place of the equity does as well.
        ([(call, 100), (put, 100)], [0, 1, 0, 1], 15),
        // Conversion: long, a put, and a call sold: nothing moves.
        ([(call, 100), (put, 100)], [1, 0, -1, 1], 30),
    ] {
        let mut desk = desk_with(strikes, 1_000, account_permission::SHORT_SALE);
        for (instrument, lots) in [1, 2, 3, 4].into_iter().zip(lots) {
            let price = if instrument < 3 { 100 } else { 5 };
            if lots != 0 {
                trade(&mut desk, instrument, price, lots * 10);
            }
        }
        assert_eq!(margin(&desk).0, 1_000, "every trade was at its mark");
        assert_eq!(margin(&desk).1, needed * 10, "{strikes:?} {lots:?}");
    }
}

#[test]
fn requirements_round_up_once_an_underlying() {
    // 7 lots at 1 tick: 21 units; 20 % are 4.2, 15 % are 3.15. A third of the range is nowhere the worst.
    let mut desk = desk(100);
    mark(&mut desk, 1, 1);
    trade(&mut desk, 1, 1, 7);
    assert_eq!(margin(&desk), (100, 5, 4));
    // With as many futures at a tick: 8.4 and 6.3, not 5 + 5 and 4 + 4.
    mark(&mut desk, 2, 1);
    trade(&mut desk, 2, 1, 7);
    assert_eq!(margin(&desk), (100, 9, 7));
}

#[test]
fn of_open_orders_the_worse_side_counts() {
    let mut desk = desk(600);
    assert_eq!(desk.place(order(1, 100, 10)).code, 0);
    assert_eq!(margin(&desk), (600, 600, 0));
    assert_eq!(desk.place(order(1, 99, 1)).code, INSUFFICIENT);
    // The other side needs no more until it is the worse one.
    assert_eq!(desk.place(order(1, 101, -10)).code, 0);
    assert_eq!(margin(&desk), (600, 600, 0));
    assert_eq!(desk.place(order(1, 102, -1)).code, INSUFFICIENT);
    // Nor does an order that turns a position over to as much on the other side.
    desk.send(&[Record::of(CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 5,
        ..CancelAllOrders::default()
    })]);
    trade(&mut desk, 1, 100, 10);
    assert_eq!(desk.place(order(1, 101, -20)).code, 0);
    assert_eq!(desk.place(order(1, 101, -1)).code, INSUFFICIENT);
}

#[test]
fn what_the_price_gives_away_counts() {
    let mut desk = desk(699);
    // Ten lots at 103 are worth 100 afterwards: 600 and 10 x 3 x 3 given away.
    let answer = desk.place(order(1, 104, 10));
    assert_eq!((answer.code, answer.observed, answer.limit), (INSUFFICIENT, 720, 699));
    assert_eq!(desk.place(order(1, 103, 10)).code, 0);
    // An amended order takes its own place; its new price counts as that of a new one.
    let id = desk.engine.next_command_number() - 1;
    let answer = desk.send(&[Record::of(amend(5, id, amend_flag::PRICE, 104, 0))]);
    assert_eq!((answer.code, answer.observed, answer.limit), (INSUFFICIENT, 720, 699));
    assert_eq!(desk.send(&[Record::of(amend(5, id, amend_flag::PRICE, 99, 0))]).code, 0);
    desk.place(limit(4, 1, Side::Sell, 99, 10));
    // Closing passes at any price: here at 1, although 10 x 99 x 3 are given away.
    mark(&mut desk, 1, 60);
    assert_eq!(desk.place(order(1, 1, -10)).code, 0);
    // Turning the position over is no closing: 600 of 60 x 3 x 10 x 20 %, and 20 x 59 x 3.
    desk.send(&[Record::of(CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 5,
        ..CancelAllOrders::default()
    })]);
    let answer = desk.place(order(1, 1, -20));
    assert_eq!((answer.code, answer.observed), (INSUFFICIENT, 360 + 3_540));
}

#[test]
fn a_market_order_is_bounded_by_the_book() {
    for (units, code) in [(660, 0), (659, INSUFFICIENT)] {
        let mut desk = desk(units);
        for (price, lots) in [(100, 5), (104, 5)] {
            desk.place(limit(4, 1, Side::Sell, price, lots));
        }
        // Ten of twenty lots are there: 5 x 300 + 5 x 312 for what is worth 3,000, and 600.
        let answer = desk.place(market(5, 1, Side::Buy, 20));
        assert_eq!(answer.code, code);
        if code != 0 {
            assert_eq!((answer.observed, answer.limit), (660, 659));
        }
    }
}

#[test]
fn without_a_price_only_closing_passes() {
    let mut desk = desk(1_000_000);
    let expiry = desk.now + 10 * SECOND;
    desk.send(&instrument(1, 0, 0));
    let mut fresh = Desk::new();
    fresh.send(&option(3, 1, OptionKind::Call, 100, expiry));
    fresh.send(&[Record::of(account(5, AccountKind::Margin, 0))]);
    fresh.send(&[Record::of(cash(5, 1_000_000))]);
    let unpriced = ErrorCode::NoReferencePrice.number();
    assert_eq!(fresh.place(order(1, 100, 1)).code, unpriced);
    let held = MovePosition {
        kind: MovePosition::KIND,
        account_id: 5,
        instrument_id: 1,
        quantity_lots: 10,
        cost_units: 2_000,
        reason: 1,
        ..MovePosition::default()
    };
    fresh.send(&[Record::of(held)]);
    // It counts at its cost, and is paid in full where its terms say nothing.
    let margin = fresh.engine.margin(5, CURRENCY).expect("an account");
    assert_eq!((margin.equity_units, margin.initial_units), (1_002_000, 2_000));
    assert_eq!(
        fresh.place(order(1, 100, -11)).code,
        ErrorCode::InsufficientPosition.number()
    );
    assert_eq!(fresh.place(order(1, 100, -10)).code, 0);
    // An option needs a price of its underlying too.
    mark(&mut fresh, 3, 5);
    assert_eq!(fresh.place(order(3, 5, 1)).code, unpriced);
    mark(&mut fresh, 1, 100);
    assert_eq!(fresh.place(order(3, 5, 1)).code, 0);
}

#[test]
fn the_price_is_the_mark_else_the_last_trade_else_the_reference() {
    let mut desk = Desk::new();
    desk.send(&margined(instrument(1, 0, 0).to_vec(), 200_000, 150_000));
    desk.send(&[Record::of(account(4, AccountKind::Replay, 0))]);
    desk.send(&[Record::of(account(5, AccountKind::Margin, 0))]);
    desk.send(&[Record::of(cash(5, 10_000))]);
    let reference = SetReferencePrice {
        kind: SetReferencePrice::KIND,
        instrument_id: 1,
        source: 2,
        purpose: PricePurpose::Reference.number(),
        price_ticks: 50,
        ..SetReferencePrice::default()
    };
    desk.send(&[Record::of(reference)]);
    desk.place(order(1, 40, 10));
    assert_eq!(margin(&desk).1, 300, "the reference");
    desk.send(&[Record::of(CancelAllOrders {
        kind: CancelAllOrders::KIND,
        account_id: 5,
        ..CancelAllOrders::default()
    })]);
    trade(&mut desk, 1, 100, 10);
    assert_eq!(margin(&desk).1, 600, "the last trade");
    mark(&mut desk, 1, 110);
    assert_eq!(margin(&desk), (10_300, 660, 495), "the mark");
}

#[test]
fn selling_short_needs_the_permission_in_spot_alone() {
    let strikes = [(OptionKind::Call, 100), (OptionKind::Put, 100)];
    let mut desk = desk_with(strikes, 100_000, 0);
    assert_eq!(
        desk.place(order(1, 100, -1)).code,
        ErrorCode::InsufficientPosition.number()
    );
    for id in [2, 3, 4] {
        assert_eq!(desk.place(order(id, 100, -1)).code, 0);
    }
}

#[test]
fn a_settled_position_counts_nowhere() {
    let mut desk = desk(1_000);
    trade(&mut desk, 3, 5, -10);
    assert_eq!(margin(&desk), (1_000, 450, 300));
    desk.now += 10 * SECOND;
    // 104 - 100 = 4 ticks x 3 x 10 paid, 150 received before.
    assert_eq!(desk.send(&[Record::of(settle(3, 104))]).code, 0);
    assert_eq!((margin(&desk), desk.free(5)), ((1_030, 0, 0), 1_030));
    let bytes = desk.engine.snapshot(&[]).expect("snapshots");
    assert!(!bytes.is_empty());
}

#[test]
fn numbers_beyond_all_bounds_do_not_break_it() {
    let mut desk = desk(0);
    for (instrument_id, quantity_lots) in [(1, i64::MAX), (2, -i64::MAX), (3, -i64::MAX), (4, i64::MAX)] {
        let movement = MovePosition {
            kind: MovePosition::KIND,
            account_id: 5,
            instrument_id,
            quantity_lots,
            cost_units: quantity_lots,
            reason: 1,
            ..MovePosition::default()
        };
        assert_eq!(desk.send(&[Record::of(movement)]).code, 0);
        mark(&mut desk, instrument_id, i64::MAX);
        let Margin {
            initial_units,
            maintenance_units,
            ..
        } = desk.engine.margin(5, CURRENCY).expect("an account");
        assert!(
            initial_units >= maintenance_units && maintenance_units >= 0,
            "{instrument_id}"
        );
    }
    let answer = desk.place(order(1, 100, -1));
    assert_eq!(answer.code, INSUFFICIENT);
    assert_eq!(answer.observed, i64::MAX);
}

#[test]
fn after_everything_is_settled_the_cash_is_what_came_in_less_fees() {
    let seed = seed("settled");
    for round in 0..40 {
        let mut random = Random::new(seed + round);
        let mut desk = desk(1_000_000);
        let expiry = desk.now + 10 * SECOND;
        let mut dated = future(2, 1, 15, 40);
        let terms: DerivativeTerms = *dated[2].view();
        dated[2] = Record::of(DerivativeTerms {
            expiry_nanos: expiry,
            ..terms
        });
        assert_eq!(desk.send(&dated).code, 0);
        desk.send(&[Record::of(account(
            6,
            AccountKind::Margin,
            account_permission::SHORT_SALE,
        ))]);
        desk.send(&[Record::of(cash(6, 2_000_000))]);
        let mut trades = 0;
        for _ in 0..300 {
            let instrument = 2 + random.below(3) as u32;
            let price = if instrument == 2 {
                random.between(90, 110)
            } else {
                random.between(1, 12)
            };
            let side = random.one_of(&[Side::Buy, Side::Sell]);
            let account = 3 + random.below(4) as u32;
            desk.place(limit(account, instrument, side, price, random.between(1, 30)));
            trades += desk.trades().len();
            if random.once_in(20) {
                desk.send(&[Record::of(settle(2, random.between(80, 120)))]);
            }
            if random.once_in(10) {
                mark(&mut desk, instrument, price);
            }
        }
        assert!(trades > 50, "{trades}");
        desk.now = expiry;
        for id in [2, 3, 4] {
            assert_eq!(desk.send(&[Record::of(settle(id, random.between(80, 120)))]).code, 0);
        }
        let pot = desk.engine.pots()[0];
        let balances = (1..=6).filter_map(|id| desk.engine.balance(id, CURRENCY));
        let cash: i128 = balances.map(|balance| balance.total).sum();
        assert_eq!(pot.clearing, 0);
        assert_eq!(cash, pot.moved - pot.fees);
        // Without holdings equity is cash, and nothing is needed.
        for id in 3..=6 {
            let margin = desk.engine.margin(id, CURRENCY).expect("an account");
            let total = desk.engine.balance(id, CURRENCY).map_or(0, |balance| balance.total);
            assert_eq!((margin.equity_units, margin.initial_units), (total, 0));
        }
    }
}
