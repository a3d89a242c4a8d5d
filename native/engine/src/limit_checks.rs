//! Checks of an order against risk limits, strictest limit first. Only orders that some limit applies to come here.
//!
//! An order that can only shrink its account's position passes the limits that exist to bound risk: notional, position, gross and
//! net exposure and daily loss, the group's too. The sanity of an order does not depend on that: quantity, collar, fat finger,
//! rate and the number of open orders hold for every one.

use fulltape_tape::codes::{ErrorCode, LimitScope, OrderType, Side};

use crate::checks::{Proposal, check_collar};
use crate::desk_sums::DeskSum;
use crate::engine::Engine;
use crate::explain::Relation;
use crate::exposure::{Asked, Exposures};
use crate::limit_table::Limits;
use crate::limit_union::{Exposed, Rule, Union};
use crate::orders::{NONE, opposite};
use crate::parts_per_million::part_of;
use crate::reports::{Out, Refusal, ReportSink};

const MILLISECOND: u64 = 1_000_000;

/// The smaller of what an instrument says for itself (0 = nothing; version 0) and of what was set.
fn stricter(own: i64, set: Option<(i64, u32)>) -> Option<(i64, u32)> {
    let own = Some((own, 0)).filter(|(limit, _)| *limit != 0);
    match (own, set) {
        (Some(own), Some(set)) => Some(if set.0 < own.0 { set } else { own }),
        (own, set) => own.or(set),
    }
}

impl Engine {
    /// Quantity; the instrument's own limit is one of them.
    #[inline(never)]
    pub(crate) fn check_quantity<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let own = self.instruments.get(order.instrument).terms.max_quantity_lots;
        let set = self.limits_of(order, &mut None).order_quantity;
        if let Some((limit, version)) = stricter(own, set) {
            let quantity = i128::from(order.quantity_lots);
            out.at_most(ErrorCode::MaxOrderQuantity, quantity, i128::from(limit))
                .map_err(|refusal| refusal.by(version))?;
        }
        Ok(())
    }

    /// Collar, the instrument's own among them, and fat finger.
    #[inline(never)]
    pub(crate) fn check_prices<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let mut found = None;
        let limits = self.limits_of(order, &mut found);
        let instrument = self.instruments.get(order.instrument);
        let reference_ticks = instrument.reference_price_ticks;
        let collared = self.accounts.get(order.account).collared() && reference_ticks > 0;
        let collar = stricter(i64::from(instrument.terms.collar_ppm), limits.collar);
        if let Some((ppm, version)) = collar.filter(|_| collared && order.order_type == OrderType::Limit) {
            self.check_age(order, limits.price_age, out)?;
            check_collar(order.price_ticks, reference_ticks, ppm as u32, out).map_err(|refusal| refusal.by(version))?;
        }
        // Where orders collect nothing is crossed yet: the band bounds them.
        if let Some((ppm, version)) = limits.fat_finger.filter(|_| !order.collects) {
            self.check_fat_finger(order, ppm, out)
                .map_err(|refusal| refusal.by(version))?;
        }
        Ok(())
    }

    /// The reference price is young enough to go by.
    fn check_age<S: ReportSink>(&self, order: &Proposal, limit: Rule, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let Some((limit, version)) = limit else {
            return Ok(());
        };
        let since = self.instruments.get(order.instrument).reference_time_nanos;
        let age_ms = self.time_nanos.saturating_sub(since).div_ceil(MILLISECOND);
        out.at_most(ErrorCode::StaleReferencePrice, i128::from(age_ms), i128::from(limit))
            .map_err(|refusal| refusal.by(version))
    }

    /// Neither the limit of an order nor, without one, the worst price that it would trade at passes the best opposite price by more.
    fn check_fat_finger<S: ReportSink>(&self, order: &Proposal, ppm: i64, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let book = &self.instruments.get(order.instrument).book;
        let side = opposite(order.side);
        let Some(level) = book.best(side) else {
            return Ok(());
        };
        let best_ticks = self.levels.get(level).price_ticks;
        let best = i128::from(best_ticks);
        let width = part_of(best_ticks, ppm);
        let bound = match order.side {
            Side::Buy => best + width,
            Side::Sell => best - width,
        };
        let beyond = |ticks: i64| match order.side {
            Side::Buy => i128::from(ticks) > bound,
            Side::Sell => i128::from(ticks) < bound,
        };
        if order.order_type == OrderType::Limit {
            if beyond(order.price_ticks) {
                return Err(Refusal::bound(
                    ErrorCode::FatFinger,
                    i128::from(order.price_ticks),
                    bound,
                ));
            }
        } else {
            let within = Proposal {
                order_type: OrderType::Limit,
                price_ticks: crate::reports::clamp(bound),
                ..*order
            };
            if self.walk(order).0 > self.walk(&within).0 {
                let mut next = Some(level);
                while let Some(ticks) = next.map(|level| self.levels.get(level).price_ticks) {
                    if beyond(ticks) {
                        return Err(Refusal::bound(ErrorCode::FatFinger, i128::from(ticks), bound));
                    }
                    next = book.after(side, ticks);
                }
                let aside = self.aside_orders(order.instrument, side);
                let mut prices = aside.map(|index| self.orders.get(index).price_ticks);
                if let Some(ticks) = prices.find(|ticks| beyond(*ticks)) {
                    return Err(Refusal::bound(ErrorCode::FatFinger, i128::from(ticks), bound));
                }
            }
        }
        out.passed(ErrorCode::FatFinger, Relation::Holds, 0, bound);
        Ok(())
    }

    /// Open orders, notional, position, exposure and daily loss.
    #[inline(never)]
    pub(crate) fn check_risk<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let mut found = None;
        let limits = self.limits_of(order, &mut found);
        if (order.rests || order.waits) && !order.held.slot && limits.counts_open {
            self.check_open(order, limits, out)?;
        }
        let reducible = self.reducible_lots(order);
        if order.leaves_lots <= reducible {
            // It only shrinks the position: what follows is not asked of it.
            let (leaves, reducible) = (i128::from(order.leaves_lots), i128::from(reducible));
            out.passed(ErrorCode::ReduceOnly, Relation::AtMost, leaves, reducible);
            return Ok(());
        }
        if let Some((limit, version)) = limits.order_notional {
            let units = self.order_value(order);
            out.at_most(ErrorCode::MaxOrderNotional, units, i128::from(limit))
                .map_err(|refusal| refusal.by(version))?;
        }
        let sums = [false, true].map(|group| {
            let wanted = limits.wanted[usize::from(group)];
            let asked = Asked {
                group,
                one_instrument: !wanted.others,
            };
            if wanted.anything {
                self.exposures(order, asked, wanted.losses)
            } else {
                Exposures::default()
            }
        });
        for (sums, limit) in sums.iter().zip(limits.position) {
            if let Some((limit, version)) = limit {
                let lots = sums.lots.of_side(order.side);
                out.at_most(ErrorCode::PositionLimit, lots, i128::from(limit))
                    .map_err(|refusal| refusal.by(version))?;
            }
        }
        for (group, one_instrument) in [(false, false), (false, true), (true, false), (true, true)] {
            let limits = limits.exposure(group, one_instrument);
            check_exposure(order.side, limits, &sums[usize::from(group)], one_instrument, out)?;
        }
        Ok(())
    }

    /// One open order more.
    pub(crate) fn check_open_orders<S: ReportSink>(
        &self,
        order: &Proposal,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        self.check_open(order, self.limits_of(order, &mut None), out)
    }

    fn check_open<S: ReportSink>(&self, order: &Proposal, limits: &Union, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        for limits in self.risk.limits.each(&limits.applying) {
            if limits.set.open_orders != 0 {
                let open = i128::from(self.count_open((order.account, order.instrument), limits)) + 1;
                out.at_most(ErrorCode::MaxOpenOrders, open, i128::from(limits.set.open_orders))
                    .map_err(|refusal| refusal.by(limits.version))?;
            }
        }
        Ok(())
    }

    /// What an order is worth: at its limit or trigger, or what the book asks for one that has neither.
    fn order_value(&self, order: &Proposal) -> i128 {
        let units = i128::from(self.instruments.get(order.instrument).terms.units_per_tick_lot);
        match order.order_type {
            OrderType::Market if !order.waits && !order.collects => self.walk(order).1,
            _ => {
                // A market sell that collects has no price at all.
                let valued = self.instruments.get(order.instrument).value_ticks();
                let ticks = match order.order_type {
                    OrderType::Limit => order.price_ticks,
                    _ if order.stop_ticks > 0 => order.stop_ticks,
                    _ => valued,
                };
                i128::from(ticks) * i128::from(order.leaves_lots) * units
            }
        }
    }

    /// Open orders that limits count: of all whom they cover, in all instruments that they are about.
    pub(crate) fn count_open(&self, (account, instrument): (u32, u32), limits: &Limits) -> u32 {
        let of_account = |account: u32| {
            if limits.instrument == NONE {
                return self.accounts.get(account).open_orders;
            }
            let position = self.ledger.find_position(account, limits.instrument);
            position.map_or(0, |index| self.ledger.position(index).open_orders)
        };
        match limits.scope {
            LimitScope::Account => of_account(account),
            LimitScope::Group => {
                let walk = || self.accounts.members(limits.target).map(of_account).sum();
                let kept = self.ledger.of_group(limits.target);
                let counts = |sum: &DeskSum| limits.instrument == NONE || sum.instrument == limits.instrument;
                let open = kept.map(|sums| sums.filter(counts).map(|sum| sum.open_orders).sum());
                debug_assert!(
                    open.is_none_or(|open: u32| open == walk()),
                    "Invariant: open orders add up"
                );
                open.unwrap_or_else(walk)
            }
            LimitScope::Global if limits.instrument == NONE => self.orders.open(),
            LimitScope::Instrument | LimitScope::Global => self.instruments.get(instrument).open_orders,
        }
    }
}

/// Gross and net exposure and the loss of the day, in one instrument or in all.
fn check_exposure<S: ReportSink>(
    side: Side,
    limits: &Exposed,
    sums: &Exposures,
    one_instrument: bool,
    out: &mut Out<'_, S>,
) -> Result<(), Refusal> {
    let worst = &sums.value[usize::from(one_instrument)];
    if let Some((limit, version)) = limits.gross {
        out.at_most(ErrorCode::GrossExposureLimit, worst.gross, i128::from(limit))
            .map_err(|refusal| refusal.by(version))?;
    }
    if let Some((limit, version)) = limits.net {
        out.at_most(ErrorCode::NetExposureLimit, worst.of_side(side), i128::from(limit))
            .map_err(|refusal| refusal.by(version))?;
    }
    if let Some((limit, version)) = limits.daily_loss {
        let (loss, limit) = (sums.loss[usize::from(one_instrument)], i128::from(limit));
        if loss >= limit {
            return Err(Refusal::bound(ErrorCode::DailyLossLimit, loss, limit).by(version));
        }
        out.passed(ErrorCode::DailyLossLimit, Relation::AtMost, loss, limit);
    }
    Ok(())
}
