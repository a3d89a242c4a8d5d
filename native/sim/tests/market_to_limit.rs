//! Market-to-limit orders in a call by example: market orders until the auction has a price, limit orders at it afterwards.
use fulltape_engine::{Command, Config, Engine};
use fulltape_sim::desk::Desk;
use fulltape_sim::records::*;
use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

const NEW: OrderStatus = OrderStatus::New;
const PART: OrderStatus = OrderStatus::PartiallyFilled;

/// The desk in a call, with a collar of 20 % around a reference price of 100.
fn desk() -> Desk {
    let mut desk = Desk::collared(PricePurpose::Reference);
    enter(&mut desk, TradingPhase::OpeningAuction);
    desk
}

fn enter(desk: &mut Desk, phase: TradingPhase) {
    assert_eq!(desk.send(&[Record::of(session(1, phase))]).code, 0);
}

fn to_limit(account: u32, side: Side, lots: i64) -> PlaceOrder {
    PlaceOrder {
        order_type: OrderType::MarketToLimit.number(),
        ..limit(account, 1, side, 0, lots)
    }
}

fn stand(desk: &mut Desk, order: PlaceOrder) -> u64 {
    let answer = desk.place(order);
    assert_eq!((answer.code, answer.order_status), (0, NEW.number()));
    answer.order_id
}

fn order_state(desk: &Desk, order_id: u64) -> (ExecType, OrderStatus, CancelReason, i64) {
    let of = desk.states().into_iter().filter(|state| state.0 == order_id);
    of.map(|state| (state.1, state.2, state.3, state.4))
        .next_back()
        .expect("reported")
}

#[test]
fn it_goes_first_in_the_auction_and_its_rest_is_a_limit_order_at_the_price() {
    let mut desk = desk();
    let dear = desk.rest(3, Side::Buy, 105, 3);
    let held_before = desk.free(1);
    let order = stand(&mut desk, to_limit(1, Side::Buy, 10));
    // Held at the end of the band, as a market order.
    assert_eq!(desk.queue(Side::Buy, 0), [order]);
    let band = 120 * 10 * 3;
    assert_eq!(
        held_before - desk.free(1),
        i128::from(band + (band * 150 + 999_999) / 1_000_000)
    );
    let last = desk.rest(3, Side::Buy, 102, 4);
    desk.rest(3, Side::Sell, 102, 6);
    enter(&mut desk, TradingPhase::Continuous);
    let trades: Vec<_> = desk.trades().iter().map(|trade| (trade.0, trade.1, trade.2)).collect();
    assert_eq!(
        trades,
        [(105, 6, order)],
        "the lots that are left want 105, the smallest surplus"
    );
    assert_eq!(
        order_state(&desk, order),
        (ExecType::Restated, PART, CancelReason::Repriced, 4)
    );
    let shown = desk.engine.order(order).expect("open");
    assert_eq!((shown.price_ticks, shown.leaves_lots), (105, 4));
    assert_eq!(
        desk.queue(Side::Buy, 105),
        [dear, order],
        "behind those that named the price"
    );
    assert_eq!(
        (desk.queue(Side::Buy, 0).len(), desk.queue(Side::Buy, 102)),
        (0, vec![last])
    );
    // What is left is held at its limit.
    let paid = 105 * 6 * 3;
    let rest = 105 * 4 * 3;
    let fee = |value: i64| (value * 150 + 999_999) / 1_000_000;
    let gone = held_before - desk.free(1);
    assert!(i128::from(paid + rest) < gone && gone <= i128::from(paid + rest + fee(paid + rest) + 1));
    // From here on it is a limit order like any other.
    let moved = desk.send(&[Record::of(amend(1, order, amend_flag::PRICE, 104, 0))]);
    assert_eq!((moved.code, desk.queue(Side::Buy, 104)), (0, vec![order]));
}

#[test]
fn without_an_auction_price_it_is_cancelled() {
    let mut desk = desk();
    let order = stand(&mut desk, to_limit(1, Side::Buy, 10));
    let free = desk.free(1);
    // From call to call it stays what it is.
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(
        order_state(&desk, order),
        (
            ExecType::Canceled,
            OrderStatus::Canceled,
            CancelReason::AuctionRemainder,
            0
        )
    );
    assert!(desk.free(1) > free);
    enter(&mut desk, TradingPhase::PreOpen);
    let order = stand(&mut desk, to_limit(1, Side::Buy, 10));
    enter(&mut desk, TradingPhase::OpeningAuction);
    assert_eq!(desk.queue(Side::Buy, 0), [order]);
}

#[test]
fn at_the_market_it_keeps_the_rules_of_market_orders() {
    let mut desk = desk();
    let priced = PlaceOrder {
        price_ticks: 100,
        ..to_limit(1, Side::Buy, 10)
    };
    assert_eq!(desk.place(priced).code, ErrorCode::PriceNotAllowed.number());
    let order = stand(&mut desk, to_limit(1, Side::Buy, 10));
    let code = |desk: &mut Desk, flags, price, lots| desk.send(&[Record::of(amend(1, order, flags, price, lots))]).code;
    assert_eq!(
        code(&mut desk, amend_flag::PRICE, 90, 0),
        ErrorCode::PriceNotAllowed.number()
    );
    assert_eq!(
        code(&mut desk, amend_flag::DISPLAY_QUANTITY, 0, 0),
        ErrorCode::UnsupportedOrderType.number()
    );
    assert_eq!(code(&mut desk, amend_flag::QUANTITY, 0, 12), 0);
    assert_eq!(code(&mut desk, amend_flag::QUANTITY, 0, 8), 0);
    assert_eq!(desk.engine.order(order).expect("open").leaves_lots, 8);
    // A buy needs a band that bounds it; a sell does not.
    let mut bare = Desk::new();
    enter(&mut bare, TradingPhase::OpeningAuction);
    assert_eq!(
        bare.place(to_limit(3, Side::Buy, 1)).code,
        ErrorCode::NoReferencePrice.number()
    );
    assert_eq!(bare.place(to_limit(3, Side::Sell, 1)).code, 0);
    for (time_in_force, code) in [
        (TimeInForce::ImmediateOrCancel, ErrorCode::MarketClosed),
        (TimeInForce::FillOrKill, ErrorCode::MarketClosed),
        (TimeInForce::AtTheOpening, ErrorCode::UnsupportedOrderType),
        (TimeInForce::AtTheClose, ErrorCode::UnsupportedOrderType),
        (TimeInForce::GoodForAuction, ErrorCode::UnsupportedOrderType),
    ] {
        let order = PlaceOrder {
            time_in_force: time_in_force.number(),
            ..to_limit(3, Side::Sell, 1)
        };
        assert_eq!(bare.place(order).code, code.number(), "{time_in_force:?}");
    }
}

#[test]
fn a_rest_that_is_too_large_for_the_price_is_cancelled() {
    let mut desk = desk();
    let order = stand(&mut desk, to_limit(3, Side::Sell, 1 << 60));
    desk.rest(3, Side::Buy, 100, 5);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(desk.trades().len(), 1);
    assert_eq!(
        order_state(&desk, order),
        (ExecType::Canceled, OrderStatus::Canceled, CancelReason::Risk, 0)
    );
}

#[test]
fn an_iceberg_is_whole_in_the_auction_and_shows_a_part_afterwards() {
    let mut desk = desk();
    let iceberg = PlaceOrder {
        display_quantity_lots: 2,
        ..to_limit(3, Side::Sell, 10)
    };
    let order = stand(&mut desk, iceberg);
    desk.rest(3, Side::Buy, 100, 5);
    enter(&mut desk, TradingPhase::Continuous);
    assert_eq!(desk.trades().iter().map(|trade| trade.1).sum::<i64>(), 5);
    let shown: Vec<_> = desk
        .engine
        .levels(1, Side::Sell)
        .map(|level| (level.price_ticks, level.quantity_lots))
        .collect();
    assert_eq!(shown, [(100, 2)]);
    assert_eq!(desk.engine.order(order).expect("open").leaves_lots, 5);
}

/// An engine restored in the middle of a call ends it with the same reports.
#[test]
fn it_is_restored_as_it_stands() {
    let mut desk = desk();
    stand(&mut desk, to_limit(1, Side::Buy, 10));
    stand(&mut desk, to_limit(3, Side::Sell, 3));
    desk.rest(3, Side::Buy, 99, 5);
    let config = Config {
        max_orders: 100,
        max_accounts: 10,
        max_instruments: 4,
        ..Config::default()
    };
    let bytes = desk.engine.snapshot(&[]).expect("snapshots");
    let (mut restored, _) = Engine::restore(config, &bytes).expect("restores");
    assert_eq!(restored.state_hash(), desk.engine.state_hash());
    enter(&mut desk, TradingPhase::Continuous);
    assert!(!desk.trades().is_empty());
    let mut records = [Record::of(session(1, TradingPhase::Continuous))];
    records[0].set_time_nanos(desk.now);
    let mut reports: Vec<Record> = Vec::new();
    restored.submit(&Command::new(&records), 0, &mut reports);
    assert_eq!(reports, desk.reports);
    restored.assert_consistent();
}
