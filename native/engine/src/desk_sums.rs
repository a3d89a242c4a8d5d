//! What the accounts of a group hold together in one instrument.
//!
//! Limits and loss rules of a group ask after all its accounts. Where an instrument has a price and the amounts are ordinary, the
//! value of a sum is the sum of the values, so one look at each instrument takes the place of one at each account. Amounts that
//! are not ordinary are counted, and whoever asks walks over the positions instead: sums wrap and are not used then.
//!
//! Kept from the first limit or loss rule of a group on. All of it follows from accounts and positions. A position that changes is
//! only noted, with what it was counted with: nearly every order has headroom, so it changes many times between two looks at the sums.
//! Whoever looks takes the few that are behind into account; they are counted anew when many are, or before many looks.

use crate::ledger::Position;
use crate::orders::NONE;
use crate::usage::Guard;

/// Lots of a position from which on the sums are not used.
const LOTS_BITS: u32 = 40;
/// Money of a position from which on the sums are not used; also bounds what lots may be worth.
const UNITS_BITS: u32 = 98;
/// More positions than this and the sums are not used: so many ordinary ones cannot leave their integers.
const POSITIONS_MAX: u32 = 1 << 20;
/// Positions that may be behind: each look passes by them.
const BEHIND_MAX: usize = 64;

/// Lots held and open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskLots {
    held: i64,
    buys: i64,
    sells: i64,
    /// The larger of what is reached long and short, account by account.
    gross: i64,
    /// Positions beyond the ordinary.
    wide: u32,
}

impl DeskLots {
    /// Of one account.
    #[inline]
    pub const fn of(held: i64, buys: i64, sells: i64) -> Self {
        // Open lots are never below zero; should they be, the sums are not used.
        let sizes = ((held ^ (held >> 63)) | buys | sells).cast_unsigned();
        let (long, short) = (held.wrapping_add(buys), sells.wrapping_sub(held));
        Self {
            held,
            buys,
            sells,
            gross: if long > short { long } else { short },
            wide: (sizes >> LOTS_BITS != 0) as u32,
        }
    }

    #[inline]
    fn of_position(position: &Position) -> Self {
        Self::of(position.quantity_lots, position.open_buy_lots, position.open_sell_lots)
    }

    /// With `before` taken out and `after` put in.
    #[inline]
    pub const fn exchanged(self, before: Self, after: Self) -> Self {
        Self {
            held: self.held.wrapping_add(after.held.wrapping_sub(before.held)),
            buys: self.buys.wrapping_add(after.buys.wrapping_sub(before.buys)),
            sells: self.sells.wrapping_add(after.sells.wrapping_sub(before.sells)),
            gross: self.gross.wrapping_add(after.gross.wrapping_sub(before.gross)),
            wide: self.wide.wrapping_add(after.wide.wrapping_sub(before.wide)),
        }
    }
}

/// Money that does not depend on the price of now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskMoney {
    /// What the lots held must be worth for a day without profit or loss.
    even: i128,
    /// Positions beyond the ordinary.
    wide: u32,
}

impl DeskMoney {
    #[inline]
    fn of_position(position: &Position) -> Self {
        let (cost, realized) = (position.basis.cost_units, position.basis.realized_units);
        let sizes = (cost ^ (cost >> 127)) | (realized ^ (realized >> 127));
        Self {
            even: position.day_profit_units.wrapping_add(cost).wrapping_sub(realized),
            wide: u32::from(sizes >> UNITS_BITS != 0),
        }
    }

    #[inline]
    const fn exchanged(self, before: Self, after: Self) -> Self {
        Self {
            even: self.even.wrapping_add(after.even.wrapping_sub(before.even)),
            wide: self.wide.wrapping_add(after.wide.wrapping_sub(before.wide)),
        }
    }
}

/// Positions in one instrument, of a group or of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeskSum {
    /// Instrument table index.
    pub instrument: u32,
    /// Group table index.
    group: u32,
    /// The group's next instrument.
    next: u32,
    positions: u32,
    /// Open orders.
    pub open_orders: u32,
    /// Lots.
    pub lots: DeskLots,
    /// Money.
    pub money: DeskMoney,
}

/// A sum at the price of its instrument, in lots and in money units.
#[derive(Clone, Copy, Debug)]
pub struct Valued {
    /// If everything that is open to buy is bought, if all that is open to sell is sold, and the larger of both by account.
    pub lots: [i128; 3],
    /// Value of a lot.
    lot_units: i64,
    loss: Option<i128>,
}

impl Valued {
    /// The same in money units.
    #[inline]
    pub fn units(&self) -> [i128; 3] {
        // Each was shown to fit, and the product of 64 bits by 64 is exact.
        self.lots
            .map(|lots| i128::from(lots as i64) * i128::from(self.lot_units))
    }

    /// What the day has cost; `None` where positions have to be looked at.
    #[inline]
    pub const fn loss(&self) -> Option<i128> {
        self.loss
    }
}

impl DeskSum {
    /// Of nobody.
    #[inline]
    pub fn none(instrument: u32) -> Self {
        Self {
            instrument,
            ..Self::default()
        }
    }

    /// Of one position.
    #[inline]
    pub fn of_position(position: &Position) -> Self {
        Self {
            instrument: position.instrument,
            group: NONE,
            next: NONE,
            positions: 1,
            open_orders: position.open_orders,
            lots: DeskLots::of_position(position),
            money: DeskMoney::of_position(position),
        }
    }

    /// Takes out what a position was counted with, and puts in what it is counted with now.
    fn exchange(&mut self, before: &Self, after: &Self) {
        self.positions = self.positions + after.positions - before.positions;
        self.open_orders = self
            .open_orders
            .wrapping_sub(before.open_orders)
            .wrapping_add(after.open_orders);
        self.lots = self.lots.exchanged(before.lots, after.lots);
        self.money = self.money.exchanged(before.money, after.money);
    }

    /// Nobody holds anything or has an order open: what was gained or lost is certain, whatever the price.
    #[inline]
    pub const fn is_flat(&self) -> bool {
        let lots = &self.lots;
        lots.held | lots.buys | lots.sells | lots.gross == 0
    }

    /// The sum of what its positions are worth, each by itself; `None` where that has to be worked out position by position.
    ///
    /// A position reaches no further than its gross lots, held, long or short, and gross lots are not below zero. So with the
    /// value of all gross lots below 2^98, the cost and the realised profit of each position too, no value that the rules
    /// bound by 2^100 reaches that bound, and all of them are linear in lots.
    #[inline]
    pub fn valued(&self, price_ticks: i64, units_per_tick_lot: i64) -> Option<Valued> {
        if self.lots.wide != 0 || self.positions > POSITIONS_MAX {
            return None;
        }
        if price_ticks <= 0 {
            return self.is_flat().then_some(Valued {
                lots: [0; 3],
                lot_units: 0,
                loss: (self.money.wide == 0).then_some(self.money.even),
            });
        }
        let lot_units = price_ticks.checked_mul(units_per_tick_lot).filter(|units| *units > 0)?;
        let DeskLots {
            held,
            buys,
            sells,
            gross,
            ..
        } = self.lots;
        if (i128::from(gross) * i128::from(lot_units)) >> UNITS_BITS != 0 {
            return None;
        }
        let worth = i128::from(held) * i128::from(lot_units);
        Some(Valued {
            lots: [held.wrapping_add(buys), sells.wrapping_sub(held), gross].map(i128::from),
            lot_units,
            loss: (self.money.wide == 0).then(|| self.money.even.wrapping_sub(worth)),
        })
    }
}

/// The most that a sum can come to while the price of its instrument stays within a guard.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    /// Lots, long or short, whichever are more.
    pub lots: i128,
    /// Money units: if everything that is open to buy is bought, if all that is open to sell is sold, and the larger of both by account.
    pub units: [i128; 3],
    /// What the day has cost.
    pub loss: i128,
}

impl DeskSum {
    /// See [`Worst`]. `None` where it has to be worked out position by position, or what is held has no price to be foreseen.
    pub fn worst(&self, guard: Option<&Guard>, price_ticks: i64, units_per_tick_lot: i64) -> Option<Worst> {
        let valued = self.valued(price_ticks, units_per_tick_lot)?;
        if self.is_flat() {
            return Some(Worst {
                loss: valued.loss()?,
                ..Worst::default()
            });
        }
        let guard = guard?;
        // Lots that lower a sum lower it least where they are worth least.
        let most = |lots: i128| {
            let units = if lots < 0 { guard.low_units } else { guard.high_units };
            lots * i128::from(units)
        };
        Some(Worst {
            lots: valued.lots[0].max(valued.lots[1]),
            units: valued.lots.map(most),
            loss: valued.loss()? + i128::from(self.lots.held).abs() * i128::from(guard.width_units()),
        })
    }
}

/// Sums of all groups that are asked after.
#[derive(Debug, Default)]
pub struct DeskSums {
    sums: Vec<DeskSum>,
    /// First sum of each group (table index); `None` = none are kept.
    heads: Vec<Option<u32>>,
    /// Positions (table indices) that have changed since they were counted, and what they were counted with.
    behind: Vec<(u32, DeskSum)>,
    /// Whether a position is among those.
    is_behind: Vec<bool>,
}

impl DeskSums {
    /// Sums of a group are kept.
    #[inline]
    pub fn keeps(&self, group: u32) -> bool {
        self.first(group).is_some()
    }

    #[inline]
    fn first(&self, group: u32) -> Option<u32> {
        self.heads.get(group as usize).copied().flatten()
    }

    /// Begins to keep sums of a group. Answers whether they were not kept before. `capacity` is how many positions there may be.
    pub fn keep(&mut self, group: u32, capacity: usize) -> bool {
        let at = group as usize;
        if at >= self.heads.len() {
            self.heads.resize(at + 1, None);
        }
        self.sums.reserve(capacity.saturating_sub(self.sums.len()));
        self.is_behind.reserve(capacity.saturating_sub(self.is_behind.len()));
        self.behind.reserve(BEHIND_MAX);
        let new = self.heads[at].is_none();
        self.heads[at].get_or_insert(NONE);
        new
    }

    /// Sums of a group as they are now, instrument by instrument; `None` where they are not kept.
    #[inline]
    pub fn of_group<'a>(
        &'a self,
        group: u32,
        positions: &'a [Position],
    ) -> Option<impl Iterator<Item = DeskSum> + use<'a>> {
        let mut next = self.first(group)?;
        let sums = core::iter::from_fn(move || {
            let index = next;
            let mut sum = *self.sums.get(index as usize)?;
            next = sum.next;
            for (at, counted) in &self.behind {
                let position = &positions[*at as usize];
                if position.desk == index {
                    sum.exchange(counted, &DeskSum::of_position(position));
                }
            }
            Some(sum)
        });
        // Those who held an instrument may have left the group.
        Some(sums.filter(|sum| sum.positions != 0))
    }

    /// A position has been noted since it was counted.
    #[inline(always)]
    pub fn is_behind(&self, index: u32) -> bool {
        self.is_behind.get(index as usize) == Some(&true)
    }

    /// Notes a position that counts and is about to change, and is not behind yet.
    pub fn fall_behind(&mut self, index: u32, positions: &[Position]) {
        if self.behind.len() >= BEHIND_MAX {
            self.catch_up(positions);
        }
        let at = index as usize;
        if at >= self.is_behind.len() {
            self.is_behind.resize(positions.len(), false);
        }
        self.is_behind[at] = true;
        self.behind.push((index, DeskSum::of_position(&positions[at])));
    }

    /// Counts anew whatever is behind.
    pub fn catch_up(&mut self, positions: &[Position]) {
        for (at, counted) in self.behind.drain(..) {
            let position = &positions[at as usize];
            self.sums[position.desk as usize].exchange(&counted, &DeskSum::of_position(position));
            self.is_behind[at as usize] = false;
        }
    }

    /// The sum that a position of a group's account counts in; `NONE` = none. O(instruments of the group).
    fn place(&mut self, group: u32, instrument: u32) -> u32 {
        let Some(first) = self.first(group) else {
            return NONE;
        };
        let mut at = first;
        while at != NONE {
            let sum = &self.sums[at as usize];
            if sum.instrument == instrument {
                return at;
            }
            at = sum.next;
        }
        let index = self.sums.len() as u32;
        self.sums.push(DeskSum {
            instrument,
            group,
            next: first,
            ..DeskSum::default()
        });
        self.heads[group as usize] = Some(index);
        index
    }

    /// Counts a position with a group, which may be `NONE`, and no longer where it counted before. It must not be behind.
    pub fn seat(&mut self, position: &mut Position, group: u32) {
        let (none, own) = (DeskSum::default(), DeskSum::of_position(position));
        if let Some(left) = self.sums.get_mut(position.desk as usize) {
            left.exchange(&own, &none);
        }
        position.desk = self.place(group, position.instrument);
        if let Some(joined) = self.sums.get_mut(position.desk as usize) {
            joined.exchange(&none, &own);
        }
    }

    /// Recomputes every sum. For tests.
    ///
    /// # Panics
    /// When one is not what its positions add up to, or a position counts elsewhere. `group_of` tells the group of an account id.
    pub fn assert_sums(&self, positions: &[Position], group_of: impl Fn(u32) -> u32) {
        let none = DeskSum::default();
        let mut sums: Vec<DeskSum> = self
            .sums
            .iter()
            .map(|sum| DeskSum {
                positions: 0,
                open_orders: 0,
                lots: none.lots,
                money: none.money,
                ..*sum
            })
            .collect();
        for (at, position) in positions.iter().enumerate() {
            let group = group_of(position.account_id);
            assert!(
                (position.desk != NONE) == self.keeps(group),
                "Invariant: a position counts with its group"
            );
            if let Some(sum) = sums.get_mut(position.desk as usize) {
                assert!(
                    sum.group == group && sum.instrument == position.instrument,
                    "Invariant: a position counts with its own group and instrument"
                );
                let behind = self.behind.iter().find(|(index, _)| *index as usize == at);
                assert!(
                    behind.is_some() == self.is_behind(at as u32),
                    "Invariant: a position is behind once"
                );
                let own = behind.map_or_else(|| DeskSum::of_position(position), |(_, counted)| *counted);
                sum.exchange(&none, &own);
            }
        }
        assert!(sums == self.sums, "Invariant: what a group holds adds up");
    }
}

#[cfg(test)]
mod tests;
