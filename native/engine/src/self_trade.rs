//! Self-trade prevention: an order does not trade with an order of its own account group (of its own account where the
//! account is in no group).
//!
//! The mode of the incoming order rules. It is applied when matching reaches the own order, so older orders of others
//! trade first. Cancel newest: the incoming order ends. Cancel oldest: the resting order ends, matching goes on. Cancel
//! both: both end. Decrement and cancel: the smaller one ends, the larger one's quantity shrinks by as much; two equal
//! ones both end.

use fulltape_tape::codes::{CancelReason, SelfTradePrevention};

use crate::all_or_none::Walk;
use crate::book::Level;
use crate::checks::Proposal;
use crate::engine::Engine;
use crate::explain::{Note, lowered_note};
use crate::orders::{NONE, Order, opposite};
use crate::reports::{Happening, Out, ReportSink};

impl Engine {
    /// Whether two accounts (table indices) must not trade with each other.
    pub(crate) fn same_owner(&self, left: u32, right: u32) -> bool {
        let group = self.accounts.get(left).group_id;
        left == right || (group != 0 && group == self.accounts.get(right).group_id)
    }

    /// Keeps an incoming order from trading with the resting order `maker`. Returns whether the incoming order goes on.
    pub(crate) fn prevent<S: ReportSink>(&mut self, taker: &mut Order, maker: u32, out: &mut Out<'_, S>) -> bool {
        let own = Happening::canceled(CancelReason::SelfTradePrevention);
        out.note(|| {
            let resting = self.orders.get(maker);
            let mode = SelfTradePrevention::from_number(taker.self_trade_prevention);
            Note::Prevented {
                taker_order_id: taker.id,
                maker_order_id: resting.id,
                mode: mode.unwrap_or(SelfTradePrevention::CancelOldest),
                taker_leaves_lots: taker.leaves_lots,
                maker_leaves_lots: resting.leaves_lots,
            }
        });
        match SelfTradePrevention::from_number(taker.self_trade_prevention) {
            Some(SelfTradePrevention::CancelNewest) => false,
            Some(SelfTradePrevention::CancelBoth) => {
                self.withdraw(maker, own, false, out);
                false
            }
            Some(SelfTradePrevention::DecrementAndCancel) => {
                let by = self.orders.get(maker).leaves_lots;
                if by > taker.leaves_lots {
                    self.lower_quantity(maker, taker.leaves_lots);
                    let maker = *self.orders.get(maker);
                    out.note(|| lowered_note(&maker, own.reason, taker.leaves_lots));
                    self.report_restated(&maker, CancelReason::SelfTradePrevention, out);
                    self.mirror(&maker, taker.leaves_lots, out);
                    return false;
                }
                self.withdraw(maker, own, false, out);
                if by == taker.leaves_lots {
                    return false;
                }
                taker.leaves_lots -= by;
                taker.quantity_lots -= by;
                out.note(|| lowered_note(taker, own.reason, by));
                self.report_restated(taker, CancelReason::SelfTradePrevention, out);
                self.mirror(taker, by, out);
                true
            }
            _ => {
                self.withdraw(maker, own, false, out);
                true
            }
        }
    }

    /// As `walk`, order by order: for an order that must not trade with its own group, and where a level's sum promises
    /// more than can trade. O(orders walked).
    pub(crate) fn walk_others(&self, order: &Proposal) -> (i128, i128) {
        let instrument = self.instruments.get(order.instrument);
        let side = opposite(order.side);
        let mut walk = Walk {
            wanted: order.leaves_lots,
            ..Walk::default()
        };
        let band = self.price_band(order.instrument);
        let mut next = instrument.book.best(side);
        while let Some(level) = next.map(|index| self.levels.get(index)) {
            let reached = self.crosses(order, level.price_ticks) && band.holds(level.price_ticks);
            if !reached || !self.walk_level(order, level, &mut walk) {
                break;
            }
            next = instrument.book.after(side, level.price_ticks);
        }
        (walk.lots, walk.notional)
    }

    /// Counts what an order would trade at a level. Whether it goes on.
    pub(crate) fn walk_level(&self, order: &Proposal, level: &Level, walk: &mut Walk) -> bool {
        let units = i128::from(self.instruments.get(order.instrument).terms.units_per_tick_lot);
        let mode = SelfTradePrevention::from_number(order.self_trade_prevention);
        let mut index = level.head;
        // What the icebergs of others hide comes after everybody's first turn.
        let mut later = 0;
        while index != NONE && walk.wanted > 0 {
            let maker = self.orders.get(index);
            if self.counts_ahead(maker) {
                index = maker.next;
                continue;
            }
            if order.self_trade_prevention != 0 && self.same_owner(order.account, maker.account) {
                match mode {
                    Some(SelfTradePrevention::CancelOldest) => {}
                    Some(SelfTradePrevention::DecrementAndCancel) => walk.wanted -= maker.leaves_lots.min(walk.wanted),
                    _ => return false,
                }
            } else {
                let offered = self.orders.offered(maker);
                later += maker.leaves_lots - offered;
                walk.take(offered.min(walk.wanted), level.price_ticks, units);
            }
            index = maker.next;
        }
        walk.take(later.min(walk.wanted), level.price_ticks, units);
        walk.wanted > 0
    }
}
