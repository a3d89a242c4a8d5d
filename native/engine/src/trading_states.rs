//! The kill switch: a halt that takes the open orders of its scope with it.

use fulltape_tape::codes::{CancelReason, StateScope};

use crate::engine::Engine;
use crate::orders::Order;
use crate::reports::{Out, ReportSink};

impl Engine {
    /// Open orders of a scope (table index of its target), oldest first. O(all open orders), or of the account's.
    pub(crate) fn find_scope(&mut self, scope: StateScope, target: u32) {
        let covers = |order: &Order| match scope {
            StateScope::Instrument => order.instrument == target,
            StateScope::Account => order.account == target,
            StateScope::Group => self.accounts.get(order.account).group == target,
            StateScope::Global => true,
        };
        let mut found = core::mem::take(&mut self.wave);
        found.clear();
        let open = self.orders.open_slots().map(|index| self.orders.get(index));
        found.extend(open.filter(|order| covers(order)).map(|order| order.id));
        found.sort_unstable();
        self.wave = found;
    }

    /// Cancels what `find_scope` found.
    pub(crate) fn cancel_scope<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        let found = core::mem::take(&mut self.wave);
        self.cancel_found(&found, CancelReason::TradingHalted, out);
        self.wave = found;
    }
}
