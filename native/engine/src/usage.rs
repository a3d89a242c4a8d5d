//! How much accounts and groups have taken up since it was last worked out how much they may.
//!
//! Limits of exposure and of losses sum up positions and open orders. What those sums can have grown by is counted here as it
//! happens, in integers that only grow, and upwards where it is not exact: an order adds its lots at the highest price of a
//! guard, whatever is cancelled or filled takes nothing off. So "what was, and what came since, is below the limit" is two
//! loads and a comparison, and when it fails the sums are looked at as they are (`headroom.rs`).
//!
//! A guard is a range of prices around the one that lots of an instrument are valued at. While every price stays inside, no lot is
//! worth more than its upper end, and no loss of a lot is larger than its width. A price outside moves the guard, and what was worked
//! out before holds no more. Nothing here is state: it follows from what happened, no report and no hash depends on it.

use crate::orders::NONE;

/// A guard reaches this part of the price to either side, and some ticks.
const MARGIN_SHIFT: u32 = 8;
const MARGIN_TICKS: i64 = 16;
/// Counts beyond this begin anew.
const COUNT_MAX: u64 = 1 << 62;

/// Prices that were foreseen, and what a lot is worth at the ends.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    low_ticks: i64,
    high_ticks: i64,
    /// Money units of a lot at the lower end.
    pub low_units: i64,
    /// Money units of a lot at the upper end.
    pub high_units: i64,
}

impl Guard {
    /// No price has been foreseen.
    const NONE: Self = Self {
        low_ticks: 1,
        high_ticks: 0,
        low_units: 0,
        high_units: 0,
    };

    /// Around two prices above zero; `None` where lots are worth more than can be counted.
    fn around(one_ticks: i64, other_ticks: i64, units_per_tick_lot: i64) -> Option<Self> {
        let (low, high) = (one_ticks.min(other_ticks), one_ticks.max(other_ticks));
        let margin = (high >> MARGIN_SHIFT).saturating_add(MARGIN_TICKS);
        let (low_ticks, high_ticks) = ((low - margin).max(0), high.checked_add(margin)?);
        Some(Self {
            low_ticks,
            high_ticks,
            low_units: low_ticks.checked_mul(units_per_tick_lot)?,
            high_units: high_ticks.checked_mul(units_per_tick_lot)?,
        })
    }

    const fn is_set(&self) -> bool {
        self.low_ticks <= self.high_ticks
    }

    const fn holds(&self, price_ticks: i64) -> bool {
        self.low_ticks <= price_ticks && price_ticks <= self.high_ticks
    }

    /// What a lot can lose.
    pub const fn width_units(&self) -> i64 {
        self.high_units - self.low_units
    }
}

/// What an account or a group has taken up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Round that it is counted in; of another round it counts for nothing.
    round: u64,
    /// Another number whenever counting begins anew.
    pub stamp: u64,
    /// Money units by which any exposure may have grown.
    pub units: u64,
    /// Money units by which any loss may have grown, but for prices that moved under what was held.
    pub churn: u64,
    /// Orders taken in.
    pub orders: u64,
    /// Churn below which no circuit breaker by loss can have anything to do; 0 = it has to look.
    pub quiet_churn: u64,
}

/// Usage of all accounts and groups, and the guards of all instruments.
#[derive(Debug, Default)]
pub struct Usages {
    /// Anything asks for it.
    on: bool,
    round: u64,
    stamps: u64,
    /// Orders taken in, of anybody.
    pub orders: u64,
    /// By table index.
    accounts: Vec<Usage>,
    groups: Vec<Usage>,
    guards: Vec<Guard>,
    /// Circuit breakers by loss ask whom they have to look at.
    watches_losses: bool,
    /// Whom they have to: groups or accounts, and their table indices.
    pub stirred: Vec<(bool, u32)>,
}

impl Usages {
    /// Counting begins, if it has not.
    pub const fn turn_on(&mut self) {
        if !self.on {
            self.on = true;
            self.round = 1;
        }
    }

    /// Whether circuit breakers by loss ask whom they have to look at.
    pub fn watch_losses(&mut self, watches: bool) {
        self.watches_losses = watches;
        if watches {
            self.turn_on();
        }
    }

    /// Anything is counted.
    #[inline(always)]
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// Number of the round.
    #[inline(always)]
    pub const fn round(&self) -> u64 {
        self.round
    }

    /// Whatever was worked out before holds no more, for anybody.
    pub const fn turn(&mut self) {
        if self.on {
            self.round += 1;
        }
    }

    /// Forgets what was foreseen of an instrument whose terms change.
    pub fn forget(&mut self, instrument: u32) {
        if let Some(guard) = self.guards.get_mut(instrument as usize) {
            *guard = Guard::NONE;
        }
        self.turn();
    }

    /// What was worked out for an account and its group holds no more.
    #[inline(never)]
    pub fn lapse(&mut self, account: u32, group: u32) {
        for (of_group, index) in [(false, account), (true, group)] {
            let all = if of_group { &mut self.groups } else { &mut self.accounts };
            if let Some(usage) = all.get_mut(index as usize) {
                // Of no round: whoever counts next begins anew, under another stamp.
                usage.round = 0;
            }
            if self.watches_losses && index != NONE && self.stirred.last() != Some(&(of_group, index)) {
                self.stirred.push((of_group, index));
            }
        }
    }

    /// Guard of an instrument; one that has none gets it around what its lots are valued at. `None` where they have no value.
    pub fn guard(&mut self, instrument: u32, value_ticks: i64, units_per_tick_lot: i64) -> Option<Guard> {
        let at = instrument as usize;
        if at >= self.guards.len() {
            self.guards.resize(at + 1, Guard::NONE);
        }
        let guard = &mut self.guards[at];
        if !guard.is_set() && value_ticks > 0 {
            *guard = Guard::around(value_ticks, value_ticks, units_per_tick_lot)?;
        }
        Some(*guard).filter(Guard::is_set)
    }

    /// Guard of an instrument that has one.
    #[inline(always)]
    pub fn set_guard(&self, instrument: u32) -> Option<&Guard> {
        self.guards.get(instrument as usize).filter(|guard| guard.is_set())
    }

    /// Something was traded or valued at a price. A guard that had not foreseen it moves.
    #[inline(always)]
    pub fn meet_price(&mut self, instrument: u32, price_ticks: i64, value_ticks: i64, units_per_tick_lot: i64) {
        if self
            .set_guard(instrument)
            .is_some_and(|guard| !guard.holds(price_ticks) || !guard.holds(value_ticks))
        {
            self.move_guard(instrument, price_ticks, value_ticks, units_per_tick_lot);
        }
    }

    /// Around both prices: where a mark price and the trades lie apart, both go on being foreseen.
    #[inline(never)]
    fn move_guard(&mut self, instrument: u32, price_ticks: i64, value_ticks: i64, units_per_tick_lot: i64) {
        let guard = Guard::around(price_ticks, value_ticks, units_per_tick_lot);
        self.guards[instrument as usize] = guard.unwrap_or(Guard::NONE);
        self.turn();
    }

    #[inline(always)]
    fn usage_mut(&mut self, group: bool, index: u32) -> &mut Usage {
        let all = if group { &mut self.groups } else { &mut self.accounts };
        let at = index as usize;
        if at >= all.len() {
            all.resize(at + 1, Usage::default());
        }
        let usage = &mut all[at];
        if usage.round != self.round {
            self.stamps += 1;
            *usage = Usage {
                round: self.round,
                stamp: self.stamps,
                ..Usage::default()
            };
        }
        usage
    }

    /// Usage of an account, in this round.
    pub fn account_mut(&mut self, account: u32) -> &mut Usage {
        self.usage_mut(false, account)
    }

    /// Usage of a group, in this round.
    pub fn group_mut(&mut self, group: u32) -> &mut Usage {
        self.usage_mut(true, group)
    }

    /// Usage of an account, where it has been counted in this round.
    #[inline(always)]
    pub fn account(&self, account: u32) -> Option<&Usage> {
        let usage = self.accounts.get(account as usize)?;
        (usage.round == self.round).then_some(usage)
    }

    /// Usage of a group, where it has been counted in this round.
    #[inline(always)]
    pub fn group(&self, group: u32) -> Option<&Usage> {
        let usage = self.groups.get(group as usize)?;
        (usage.round == self.round).then_some(usage)
    }

    /// Lots of an account's orders came to what is open or held, and maybe an open order with them.
    #[inline(always)]
    pub fn join(&mut self, account: u32, group: u32, instrument: u32, lots: i64, orders: u32) {
        let orders = u64::from(orders);
        self.orders += orders;
        let units = self
            .set_guard(instrument)
            .and_then(|guard| lots.checked_mul(guard.high_units));
        let Some(units) = units.filter(|units| *units >= 0) else {
            return self.lapse(account, group);
        };
        self.count(account, group, units.cast_unsigned(), orders);
    }

    #[inline(always)]
    fn count(&mut self, account: u32, group: u32, units: u64, orders: u64) {
        let usage = self.usage_mut(false, account);
        usage.units += units;
        usage.orders += orders;
        let mut most = usage.units;
        if group != NONE {
            let usage = self.usage_mut(true, group);
            usage.units += units;
            usage.orders += orders;
            most |= usage.units;
        }
        if most >= COUNT_MAX {
            self.lapse(account, group);
        }
    }

    /// Lots of an account were traded, at a price inside the guard.
    #[inline(always)]
    pub fn churn(&mut self, account: u32, group: u32, instrument: u32, lots: i64) {
        let units = self
            .set_guard(instrument)
            .and_then(|guard| lots.checked_mul(guard.width_units()));
        let Some(units) = units.filter(|units| *units >= 0) else {
            return self.lapse(account, group);
        };
        let mut most = self.churn_of(false, account, units.cast_unsigned());
        if group != NONE {
            most |= self.churn_of(true, group, units.cast_unsigned());
        }
        if most >= COUNT_MAX {
            self.lapse(account, group);
        }
    }

    #[inline(always)]
    fn churn_of(&mut self, of_group: bool, index: u32, units: u64) -> u64 {
        let watches = self.watches_losses;
        let usage = self.usage_mut(of_group, index);
        usage.churn += units;
        let churn = usage.churn;
        if watches && churn >= usage.quiet_churn {
            // Once is enough: the look that follows says how far it goes from there.
            usage.quiet_churn = u64::MAX;
            self.stirred.push((of_group, index));
        }
        churn
    }

    /// An account has an open order more, whose lots are not open yet.
    pub fn count_order(&mut self, account: u32, group: u32) {
        self.orders += 1;
        self.count(account, group, 0, 1);
    }
}
