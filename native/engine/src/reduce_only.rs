//! Reduce-only orders: they may shrink a position and never turn it.
//!
//! Such an order enters only for lots that the position holds against it beyond all other open orders of its side. Later
//! the position may shrink, or other orders of the side may join it. So after every order that ran, and after every moved
//! position, the open lots of a side with reduce-only orders are brought back to what the position holds against it: the
//! youngest reduce-only order gives way first, shrunk or cancelled by `ReducedPosition`. Fills of resting orders lower
//! position and open lots alike; so no fill in between can turn the position.

use fulltape_tape::codes::{CancelReason, Side, order_instruction};

use crate::all_or_none::is_all_or_none;
use crate::engine::Engine;
use crate::explain::lowered_note;
use crate::orders::{NONE, side_index};
use crate::reports::{Happening, Out, ReportSink};

/// Whether instructions hold an order to reducing.
pub(crate) const fn reduces_only(instructions: u16) -> bool {
    instructions & order_instruction::REDUCE_ONLY != 0
}

impl Engine {
    /// Lowers reduce-only orders that reach beyond their position, by account and instrument, buys first.
    pub(crate) fn enforce_reduce_only<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        self.ledger.sort_over();
        // Orders that give way change their positions again; those join the end and are found within bounds.
        let mut at = 0;
        while let Some(&index) = self.ledger.over.get(at) {
            at += 1;
            for side in [Side::Buy, Side::Sell] {
                let excess = self.excess(index, side);
                if excess > 0 {
                    self.give_way(index, side, excess, out);
                }
            }
        }
        self.ledger.over.clear();
    }

    /// Open lots of a side beyond what the position holds against it, where reduce-only orders are among them.
    pub(crate) fn excess(&self, position: u32, side: Side) -> i64 {
        let position = self.ledger.position(position);
        if position.reduce_only[side_index(side)] == 0 {
            return 0;
        }
        let (against, open) = match side {
            Side::Buy => (position.quantity_lots.saturating_neg(), position.open_buy_lots),
            Side::Sell => (position.quantity_lots, position.open_sell_lots),
        };
        open - against.max(0)
    }

    fn give_way<S: ReportSink>(&mut self, position: u32, side: Side, mut excess: i64, out: &mut Out<'_, S>) {
        let account = self.accounts.find(self.ledger.position(position).account_id);
        let mut index = account.map_or(NONE, |account| self.accounts.get(account).tail);
        while index != NONE && excess > 0 {
            let order = *self.orders.get(index);
            let older = order.account_previous;
            let yields = order.position == position && order.side == side && reduces_only(order.instructions);
            if yields && !self.is_pending(&order) {
                // All or none of it stays.
                let by = if is_all_or_none(order.instructions) {
                    order.leaves_lots
                } else {
                    order.leaves_lots.min(excess)
                };
                excess -= by;
                if by == order.leaves_lots {
                    self.withdraw(index, Happening::canceled(CancelReason::ReducedPosition), false, out);
                    if order.special != NONE {
                        // The order before it may have been its sibling.
                        index = account.map_or(NONE, |account| self.accounts.get(account).tail);
                        continue;
                    }
                } else {
                    self.lower_quantity(index, by);
                    let order = *self.orders.get(index);
                    out.note(|| lowered_note(&order, CancelReason::ReducedPosition, by));
                    self.report_restated(&order, CancelReason::ReducedPosition, out);
                    self.mirror(&order, by, out);
                }
            }
            index = older;
        }
    }
}
