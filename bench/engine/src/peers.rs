//! Another engine on the same messages: the crate `orderbook-rs` (MIT), without its optional risk, fees and journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use orderbook_rs::{Id, OrderBook, Side, TimeInForce};
use pricelevel::{OrderUpdate, Price, Quantity};

use crate::clock::{Clock, Rate};
use crate::flow::{Flow, Kind};

/// What one run gave.
pub struct Outcome {
    /// Messages per second.
    pub rate: Rate,
    /// Trades that its listener was told.
    pub trades: u64,
    /// Messages that it answered with an error, immediate orders that found nothing included.
    pub errors: u64,
}

/// Runs a flow through one book with a listener of trades.
pub fn run(flow: &Flow) -> Outcome {
    let trades = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&trades);
    let book: OrderBook<()> = OrderBook::with_trade_listener(
        "BENCH",
        Arc::new(move |result| {
            counter.fetch_add(result.match_result.trades().as_vec().len() as u64, Ordering::Relaxed);
        }),
    );
    let mut errors = 0;
    let clock = Clock::start();
    for message in &flow.messages {
        let id = Id::from_u64(u64::from(message.order));
        let side = if message.side == 0 { Side::Buy } else { Side::Sell };
        let price = u128::from(message.price_ticks.cast_unsigned());
        let lots = u64::from(message.lots.unsigned_abs());
        let failed = match message.kind {
            Kind::New => book
                .add_limit_order(id, price, lots, side, TimeInForce::Gtc, None)
                .is_err(),
            Kind::Immediate => book
                .add_limit_order(id, price, lots, side, TimeInForce::Ioc, None)
                .is_err(),
            Kind::Cancel => book.cancel_order(id).is_err(),
            Kind::Reduce => book
                .update_order(OrderUpdate::UpdateQuantity {
                    order_id: id,
                    new_quantity: Quantity::new(lots),
                })
                .is_err(),
            Kind::Move => book
                .update_order(OrderUpdate::UpdatePriceAndQuantity {
                    order_id: id,
                    new_price: Price::new(price),
                    new_quantity: Quantity::new(lots),
                })
                .is_err(),
        };
        errors += u64::from(failed);
    }
    Outcome {
        rate: clock.rate(flow.messages.len()),
        trades: trades.load(Ordering::Relaxed),
        errors,
    }
}
