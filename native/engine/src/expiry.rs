//! The end of derivatives: at its expiry an instrument's open orders are cancelled and it takes no more.
//!
//! Expiries are timers. They run in order of time with those of orders; of the same time, orders first, then sessions, then
//! instruments by id. Positions stay until `settleInstrument` ends them.

use fulltape_tape::codes::{CancelReason, StateReason, TradingState};

use crate::engine::Engine;
use crate::reports::{Happening, Out, ReportSink};

impl Engine {
    /// Runs the next expiry. Returns how many orders went.
    #[inline(never)]
    pub(crate) fn run_expiry<S: ReportSink>(&mut self, out: &mut Out<'_, S>) -> u64 {
        let index = self.instruments.expiring();
        let mut gone = 0;
        if self.instruments.get(index).open_orders != 0 {
            let mut found = core::mem::take(&mut self.found);
            found.clear();
            let orders = &self.orders;
            found.extend(orders.open_slots().filter(|slot| orders.get(*slot).instrument == index));
            found.sort_unstable_by_key(|slot| orders.get(*slot).id);
            for &slot in &found {
                // A leg may have gone with its sibling.
                if self.orders.get(slot).id == 0 {
                    continue;
                }
                self.withdraw(slot, Happening::canceled(CancelReason::InstrumentExpired), false, out);
            }
            gone = found.len() as u64;
            self.found = found;
        }
        let instrument = self.instruments.get_mut(index);
        instrument.state = TradingState::Halted.number();
        instrument.reason = u16::from(StateReason::Expiry.number());
        self.instruments.extra_mut(index).expired = true;
        self.instruments.seek_expiry();
        self.report_instrument(index, out);
        gone
    }
}
