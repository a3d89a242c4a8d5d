//! All-or-none orders by their rule: after every change each is tried against everything on the other side.

use fulltape_tape::codes::Side;

use super::Reference;
use super::state::{Order, Stage};

impl Reference {
    /// Resting all-or-none orders that an order crosses, in order of priority.
    pub(super) fn crossing_whole(&self, order: &Order, market: bool) -> Vec<Order> {
        let other = if order.side == Side::Buy { Side::Sell } else { Side::Buy };
        let crosses = |maker: &Order| {
            market
                || if order.side == Side::Buy {
                    maker.price <= order.price
                } else {
                    maker.price >= order.price
                }
        };
        let mut found = self.state.whole(order.instrument, other);
        found.retain(crosses);
        found
    }

    /// Fills what can be filled whole, instrument by instrument, buys first, by price and place, until nothing can.
    pub(super) fn fill_whole(&mut self) {
        while let Some(id) = self.next_whole() {
            let at = self.state.orders.iter().position(|order| order.id == id).expect("open");
            let mut order = self.state.orders.remove(at);
            self.run(&mut order, false);
            assert_eq!(order.leaves(), 0, "all or none");
            self.closed(id);
            self.hold_to_positions();
            self.run_lists();
        }
    }

    fn next_whole(&self) -> Option<u64> {
        let trading = |known: &super::state::Instrument| known.state != 3 && known.phase == 4 && self.state.global != 3;
        for (instrument, _) in self.state.instruments.iter().filter(|(_, known)| trading(known)) {
            for side in [Side::Buy, Side::Sell] {
                for order in self.state.whole(*instrument, side) {
                    if !self.plan(&order, false).is_empty() {
                        return Some(order.id);
                    }
                }
            }
        }
        None
    }
}

impl super::state::State {
    /// Resting all-or-none orders of one side, best first.
    pub fn whole(&self, instrument: u32, side: Side) -> Vec<Order> {
        let of = |order: &&Order| order.instrument == instrument && order.side == side && order.stage == Stage::Aside;
        let mut found: Vec<_> = self.orders.iter().filter(of).cloned().collect();
        let sign = if side == Side::Buy { -1 } else { 1 };
        found.sort_by_key(|order| (sign * order.price, order.priority));
        found
    }
}
