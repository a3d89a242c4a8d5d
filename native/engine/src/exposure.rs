//! What positions and open orders are worth, and what a day has cost.
//!
//! A lot is valued at the mark price, else at the last one, else at the reference price. Where an instrument has none of them,
//! an order in it is valued at its own price, what others have open there at the best bid, else the best ask; without
//! these a position counts with its cost. Sums are taken over instruments of one currency. Long and short are the worst
//! cases: everything bought that is open to buy, everything sold that is open to sell.
//!
//! Loss is counted from the first moment of a UTC day, before the first command of that day has any effect; where the first
//! rule that asks for it comes later, from then. Fees are not part of it. O(positions of the
//! account), and of a group O(its instruments): `desk_exposure.rs`; where a sum cannot stand for its positions, O(its positions).

use fulltape_tape::codes::{LimitScope, OrderType, Side};

use crate::checks::Proposal;
use crate::engine::Engine;
use crate::instruments::Instrument;
use crate::ledger::Position;
use crate::orders::{NONE, opposite, side_index};

/// Values are kept inside this, so that no sum of them leaves `i128`.
pub const VALUE_MAX: i128 = 1 << 100;
/// A UTC day in nanoseconds.
pub const DAY_NANOS: u64 = 24 * 3600 * 1_000_000_000;

/// Value of lots at a price.
pub(crate) fn value(lots: i128, price_ticks: i64, units_per_tick_lot: i64) -> i128 {
    // In 64 bits where it fits: almost always.
    if let (Ok(lots), Some(lot)) = (i64::try_from(lots), price_ticks.checked_mul(units_per_tick_lot)) {
        return (i128::from(lots) * i128::from(lot)).clamp(-VALUE_MAX, VALUE_MAX);
    }
    let lot = i128::from(price_ticks) * i128::from(units_per_tick_lot);
    lots.saturating_mul(lot).clamp(-VALUE_MAX, VALUE_MAX)
}

/// Exposure at its worst, in lots or in money units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exposure {
    /// If everything that is open to buy is bought.
    pub long: i128,
    /// If everything that is open to sell is sold.
    pub short: i128,
    /// The larger of both, instrument by instrument.
    pub gross: i128,
}

impl Exposure {
    fn add(&mut self, long: i128, short: i128) {
        self.long += long;
        self.short += short;
        self.gross += long.max(short);
    }

    /// Long, short and the larger of both.
    pub const fn of([long, short, gross]: [i128; 3]) -> Self {
        Self { long, short, gross }
    }

    /// With another's.
    pub const fn join(&mut self, other: &Self) {
        self.long += other.long;
        self.short += other.short;
        self.gross += other.gross;
    }

    /// What an order of a side adds to.
    pub const fn of_side(&self, side: Side) -> i128 {
        match side {
            Side::Buy => self.long,
            Side::Sell => self.short,
        }
    }
}

/// Exposure of an account or of its group, and what the day has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exposures {
    /// Lots in the order's instrument.
    pub lots: Exposure,
    /// Money units: in all instruments of the order's currency, and in its own alone.
    pub value: [Exposure; 2],
    /// What the day has cost so far, in the same; negative = profit.
    pub loss: [i128; 2],
}

/// Whose exposure is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// The group of the order's account, or the account alone.
    pub group: bool,
    /// The order's instrument alone, or all of its currency.
    pub one_instrument: bool,
}

impl Instrument {
    /// Price that lots are valued at; 0 = there is none.
    pub(crate) const fn value_ticks(&self) -> i64 {
        if self.mark_price_ticks != 0 {
            self.mark_price_ticks
        } else if self.last_price_ticks != 0 {
            self.last_price_ticks
        } else {
            self.reference_price_ticks
        }
    }
}

impl Engine {
    /// Best price of a side; 0 = none.
    fn best_ticks(&self, instrument: &Instrument, side: Side) -> i64 {
        let best = instrument.book.best(side);
        best.map_or(0, |level| self.levels.get(level).price_ticks)
    }

    /// Lots of a position if it goes long and short as far as open orders let it, the order at hand among them.
    fn reach(position: Option<&Position>, own: Option<&Proposal>) -> (i128, i128) {
        let (held, mut open) = position.map_or((0, [0; 2]), |position| {
            let open = [position.open_buy_lots, position.open_sell_lots];
            (i128::from(position.quantity_lots), open.map(i128::from))
        });
        if let Some(order) = own {
            open[side_index(order.side)] += i128::from(order.leaves_lots) - i128::from(order.held.leaves_lots);
        }
        (held + open[0], open[1] - held)
    }

    /// Calls `each` with the positions of those who are asked for, and the order where one is its own.
    fn positions_of(
        &self,
        order: &Proposal,
        asked: Asked,
        mut each: impl FnMut(u32, Option<&Position>, Option<&Proposal>),
    ) {
        let currency_id = self.instruments.get(order.instrument).terms.currency_id;
        let mut visit = |account: u32| {
            let own = self.ledger.find_position(account, order.instrument);
            let at_hand = Some(order).filter(|order| order.account == account);
            each(order.instrument, own.map(|index| self.ledger.position(index)), at_hand);
            if asked.one_instrument {
                return;
            }
            for position in self.ledger.all_positions_of(account) {
                let same = self.instruments.get(position.instrument).terms.currency_id == currency_id;
                if same && position.instrument != order.instrument {
                    each(position.instrument, Some(position), None);
                }
            }
        };
        let group = self.accounts.get(order.account).group;
        if asked.group && group != NONE {
            self.accounts.members(group).for_each(visit);
        } else {
            visit(order.account);
        }
    }

    /// All that limits of exposure look at, in one walk over the positions of those who are asked for.
    #[inline(never)]
    pub(crate) fn walk_exposures(&self, order: &Proposal, asked: Asked, losses: bool) -> Exposures {
        let own = self.instruments.get(order.instrument);
        let own_ticks = self.price_in(own, || self.own_ticks(order));
        let own_units = own.terms.units_per_tick_lot;
        let mut sums = Exposures::default();
        self.positions_of(order, asked, |index, position, at_hand| {
            let alone = index == order.instrument;
            let (ticks, units) = if alone {
                (own_ticks, own_units)
            } else {
                let instrument = self.instruments.get(index);
                (self.price_in(instrument, || 0), instrument.terms.units_per_tick_lot)
            };
            let (long, short) = Self::reach(position, at_hand);
            let (long_units, short_units) = if ticks == 0 {
                let cost = position.map_or(0, |position| position.basis.cost_units);
                let cost = cost.clamp(-VALUE_MAX, VALUE_MAX);
                (cost, -cost)
            } else {
                (value(long, ticks, units), value(short, ticks, units))
            };
            let loss = match position {
                Some(position) if losses => position.day_profit_units - self.profit(position),
                _ => 0,
            };
            sums.value[0].add(long_units, short_units);
            sums.loss[0] += loss;
            if alone {
                sums.lots.add(long, short);
                sums.value[1].add(long_units, short_units);
                sums.loss[1] += loss;
            }
        });
        sums
    }

    /// Price that lots of an instrument are valued at where an order is checked; 0 = there is none.
    #[inline]
    fn price_in(&self, instrument: &Instrument, own_ticks: impl FnOnce() -> i64) -> i64 {
        let valued = instrument.value_ticks();
        if valued > 0 {
            return valued;
        }
        let ticks = [
            own_ticks(),
            self.best_ticks(instrument, Side::Buy),
            self.best_ticks(instrument, Side::Sell),
        ];
        ticks.into_iter().find(|ticks| *ticks > 0).unwrap_or(0)
    }

    /// The order's own price: its limit, its trigger, or the best price that it would trade at.
    fn own_ticks(&self, order: &Proposal) -> i64 {
        match order.order_type {
            OrderType::Limit => order.price_ticks,
            _ if order.waits || (order.collects && order.stop_ticks > 0) => order.stop_ticks,
            _ => self.best_ticks(self.instruments.get(order.instrument), opposite(order.side)),
        }
    }

    /// Profit of a position since it began, realised or not.
    pub(crate) fn profit(&self, position: &Position) -> i128 {
        let instrument = self.instruments.get(position.instrument);
        let basis = &position.basis;
        let (cost, realized) = (basis.cost_units, basis.realized_units);
        let ticks = instrument.value_ticks();
        let open = if ticks == 0 {
            0
        } else {
            let units = instrument.terms.units_per_tick_lot;
            value(i128::from(position.quantity_lots), ticks, units) - cost.clamp(-VALUE_MAX, VALUE_MAX)
        };
        (open + realized).clamp(-VALUE_MAX, VALUE_MAX)
    }

    /// Whether any rule asks what an account lost in a day.
    pub(crate) fn is_daily(&self, account: u32) -> bool {
        let account = self.accounts.get(account);
        let group = self.accounts.group(account.group).map_or(0, |group| group.daily);
        account.daily != 0 || group != 0
    }

    /// Counts rules that ask what an account or a group lost in a day. Whoever no rule asked about begins to be counted.
    pub(crate) fn count_daily(&mut self, (scope, target): (LimitScope, u32), by: i32) {
        if by == 0 {
            return;
        }
        if by > 0 {
            let mut next = match scope {
                LimitScope::Group => self.accounts.members(target).next(),
                _ => Some(target),
            };
            while let Some(account) = next {
                if !self.is_daily(account) {
                    self.rebase(account);
                }
                next = match scope {
                    LimitScope::Group => self.accounts.after_member(account),
                    _ => None,
                };
            }
        }
        self.recount_daily((scope, target), by);
        if self.risk.limits.daily == 0 {
            self.risk.day_end_nanos = u64::MAX;
        } else {
            self.begin_day();
        }
    }

    /// Keeps the number of such rules.
    pub(crate) fn recount_daily(&mut self, (scope, target): (LimitScope, u32), by: i32) {
        let count = match scope {
            LimitScope::Group => &mut self.accounts.group_link_mut(target).daily,
            _ => &mut self.accounts.list_mut(target).daily,
        };
        *count = count.saturating_add_signed(by);
        if scope == LimitScope::Group && by > 0 {
            self.keep_desk(target);
        }
        self.risk.limits.daily = self.risk.limits.daily.saturating_add_signed(by);
    }

    /// From here on an account's profit of the day is counted.
    pub(crate) fn rebase(&mut self, account: u32) {
        let mut next = self.ledger.first_ever(account);
        while next != NONE {
            let position = self.ledger.position(next);
            let (profit, after) = (self.profit(position), position.next);
            self.ledger.set_day_profit(next, profit);
            next = after;
        }
        self.note_moved(account);
    }

    /// The clock knows when the day ends.
    pub(crate) fn begin_day(&mut self) {
        self.risk.day_end_nanos = (self.time_nanos / DAY_NANOS)
            .saturating_add(1)
            .saturating_mul(DAY_NANOS);
    }

    /// A UTC day begins: everybody whose losses are counted starts anew. O(their positions), once a day.
    #[inline(never)]
    pub(crate) fn turn_day(&mut self) {
        self.begin_day();
        self.wake_loss_trips();
        for account in 0..self.accounts.count() {
            if self.is_daily(account) {
                self.rebase(account);
            }
        }
    }
}
