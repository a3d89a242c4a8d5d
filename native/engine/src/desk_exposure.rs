//! Exposure out of what is held together: the same answer as a walk over positions, without one.

use fulltape_tape::codes::Side;

use crate::checks::Proposal;
use crate::desk_sums::{DeskLots, DeskSum};
use crate::engine::Engine;
use crate::exposure::{Asked, Exposure, Exposures};
use crate::ledger::Position;
use crate::orders::NONE;

impl Engine {
    /// Begins to keep what a group holds together. O(positions of its accounts) the first time.
    pub(crate) fn keep_desk(&mut self, group: u32) {
        if self.ledger.keep_desk(group) {
            for account in self.accounts.members(group) {
                self.ledger.seat_account(account, group);
            }
        }
    }

    /// All that limits of exposure look at.
    #[inline(never)]
    pub(crate) fn exposures(&self, order: &Proposal, asked: Asked, losses: bool) -> Exposures {
        let quick = self.quick_exposures(order, asked, losses);
        if cfg!(debug_assertions) {
            let walked = self.walk_exposures(order, asked, losses);
            debug_assert!(
                quick.is_none_or(|quick| quick == walked),
                "Invariant: sums are worth what positions are worth"
            );
        }
        quick.unwrap_or_else(|| self.walk_exposures(order, asked, losses))
    }

    /// From sums by instrument; `None` where positions have to be valued one by one.
    #[inline]
    fn quick_exposures(&self, order: &Proposal, asked: Asked, losses: bool) -> Option<Exposures> {
        let held = self.ledger.find_position(order.account, order.instrument);
        let held = held.map(|index| self.ledger.position(index));
        let group = self.accounts.get(order.account).group;
        let mut sums = Exposures::default();
        let mut own = DeskSum::none(order.instrument);
        let currency_id = self.instruments.get(order.instrument).terms.currency_id;
        let counts = |instrument: u32| {
            !asked.one_instrument && self.instruments.get(instrument).terms.currency_id == currency_id
        };
        if asked.group && group != NONE {
            for sum in self.ledger.of_group(group)? {
                if sum.instrument == order.instrument {
                    own = sum;
                } else if counts(sum.instrument) {
                    self.add_valued(&sum, losses, &mut sums, false)?;
                }
            }
        } else {
            if let Some(position) = held {
                own = DeskSum::of_position(position);
            }
            if !asked.one_instrument {
                for position in self.ledger.all_positions_of(order.account) {
                    if position.instrument != order.instrument && counts(position.instrument) {
                        self.add_valued(&DeskSum::of_position(position), losses, &mut sums, false)?;
                    }
                }
            }
        }
        let (before, after) = reached(held, order)?;
        own.lots = own.lots.exchanged(before, after);
        self.add_valued(&own, losses, &mut sums, true)?;
        Some(sums)
    }

    #[inline]
    fn add_valued(&self, sum: &DeskSum, losses: bool, sums: &mut Exposures, own: bool) -> Option<()> {
        let instrument = self.instruments.get(sum.instrument);
        let valued = sum.valued(instrument.value_ticks(), instrument.terms.units_per_tick_lot)?;
        let units = Exposure::of(valued.units());
        let loss = if losses { valued.loss()? } else { 0 };
        sums.value[0].join(&units);
        sums.loss[0] += loss;
        if own {
            sums.lots = Exposure::of(valued.lots);
            sums.value[1] = units;
            sums.loss[1] = loss;
        }
        Some(())
    }
}

/// What an account has in the order's instrument, without the order and with it.
#[inline]
fn reached(held: Option<&Position>, order: &Proposal) -> Option<(DeskLots, DeskLots)> {
    let (lots, buys, sells) = held.map_or((0, 0, 0), |position| {
        (position.quantity_lots, position.open_buy_lots, position.open_sell_lots)
    });
    let joining = order.leaves_lots.checked_sub(order.held.leaves_lots)?;
    let with = match order.side {
        Side::Buy => DeskLots::of(lots, buys.checked_add(joining)?, sells),
        Side::Sell => DeskLots::of(lots, buys, sells.checked_add(joining)?),
    };
    Some((DeskLots::of(lots, buys, sells), with))
}
