//! The band in which an instrument with a price rule trades: prices from which the rule's window lies at most its threshold
//! away. An order that comes in stops before the first price outside it, in either direction, and the rule trips as if it
//! had traded there. Where the rule calls an auction, the call begins with that order: what is left of it takes part, if it
//! may rest and the band of the call lets it in. Else what is left is cancelled by `PriceBand`, and the rule trips behind
//! the command.
//!
//! The band stands still while an order is matched, and until the rule has looked at the prices again. An instrument that
//! has never traded has none. Auctions keep to the band of their call instead.

use crate::checks::Proposal;
use crate::engine::Engine;
use crate::matching::Matched;
use crate::orders::Order;
use crate::reports::{Out, ReportSink};
use crate::trading_days::is_call;

/// Lowest and highest price at which something may trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PriceBand {
    pub low: i64,
    pub high: i64,
}

impl PriceBand {
    /// Every price.
    pub const ANY: Self = Self {
        low: i64::MIN,
        high: i64::MAX,
    };

    pub const fn holds(&self, price_ticks: i64) -> bool {
        self.low <= price_ticks && price_ticks <= self.high
    }
}

impl Engine {
    /// Prices at which orders that come in may trade.
    #[inline]
    pub(crate) fn price_band(&self, instrument: u32) -> PriceBand {
        if self.risk.trips.watch_prices() {
            self.watched_band(instrument)
        } else {
            PriceBand::ANY
        }
    }

    #[inline(never)]
    fn watched_band(&self, instrument: u32) -> PriceBand {
        let rules = &self.risk.trips;
        rules
            .price_rule(instrument)
            .map_or(PriceBand::ANY, |slot| rules.trips.get(slot).band(self.time_nanos))
    }

    /// [`Engine::price_band`], and it is kept for whoever asks next.
    #[inline(always)]
    pub(crate) fn kept_band(&mut self, instrument: u32) -> PriceBand {
        if self.risk.trips.watch_prices() {
            self.keep_band(instrument)
        } else {
            PriceBand::ANY
        }
    }

    #[inline(never)]
    fn keep_band(&mut self, instrument: u32) -> PriceBand {
        let now_nanos = self.time_nanos;
        let Some(slot) = self.risk.trips.price_rule(instrument) else {
            return PriceBand::ANY;
        };
        let trips = &mut self.risk.trips.trips;
        if now_nanos >= trips.get(slot).banded.1 {
            trips.derived_mut(slot).keep_band(now_nanos);
        }
        trips.get(slot).banded.0
    }

    /// An order met a price outside the band. A rule that calls an auction does so now, the others hear of it when they look
    /// at the prices. In the call the order stands behind those that join it where it begins.
    #[inline(never)]
    pub(crate) fn stop_at_band<S: ReportSink>(
        &mut self,
        taker: &mut Order,
        order: &Proposal,
        price_ticks: i64,
        out: &mut Out<'_, S>,
    ) -> Matched {
        let instrument = order.instrument;
        self.risk.trips.pressed.push((instrument, price_ticks));
        let rules = &self.risk.trips;
        let calls = |slot: &u32| rules.trips.get(*slot).phase != 0;
        let Some(slot) = rules.price_rule(instrument).filter(calls) else {
            return Matched::Banded;
        };
        self.look_at_price(instrument, slot, out);
        self.risk.trips.pressed.retain(|(pressed, _)| *pressed != instrument);
        let called = is_call(self.instruments.get(instrument).phase);
        if called && order.rests && self.check_band(order).is_ok() {
            taker.priority = self.next_place();
            Matched::Through
        } else {
            Matched::Banded
        }
    }
}
