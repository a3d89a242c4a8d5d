//! How much orders of an account in an instrument may still add before a limit has to be looked at.
//!
//! Nearly every order is far from every limit, and finding that out took longer than everything else that it goes through. So it is
//! worked out once how much room the tightest limits leave, at the worst prices of the guards (`usage.rs`), and an order whose
//! money, lots and number fit into what is left of that passes them all at once. One that does not fit, that is no plain
//! limit order, or that somebody wants explained, is held to each limit by itself: headroom only ever answers "passes".
//! A limit that is nearly used up leaves no headroom, and the account is looked at each time, as without one.
//!
//! O(positions of the account + instruments of its group) when it is worked out, which a price outside its guard makes
//! everybody's orders do once. Debug builds hold every order that headroom lets through to the limits as well.

use fulltape_tape::codes::{LimitScope, OrderType};

use crate::bounds::Bounds;
use crate::checks::Proposal;
use crate::desk_sums::{DeskSum, Worst};
use crate::engine::Engine;
use crate::limit_union::{Rule, Union};
use crate::orders::NONE;
use crate::reports::{CountingSink, Out};
use crate::usage::Usage;

/// Orders that pass before headroom that was of no use is worked out again.
const PATIENCE: u8 = 16;

/// Where usage ends that no limit can object to.
#[derive(Clone, Copy, Debug)]
pub struct Headroom {
    /// Round that it holds in; 0 = there is none.
    round: u64,
    /// Of the account, and of its group.
    mine: [Ends; 2],
    /// Orders of everybody.
    orders: u64,
    /// Orders until it is worked out again.
    patience: u8,
}

/// Ends of one usage: what is below them is free.
#[derive(Clone, Copy, Debug)]
struct Ends {
    stamp: u64,
    units: u64,
    churn: u64,
    orders: u64,
}

impl Ends {
    const NONE: Self = Self {
        stamp: 0,
        units: 0,
        churn: 0,
        orders: 0,
    };

    /// What a usage may grow by; `None` where that is nothing.
    fn beyond(usage: &Usage, room: &Room) -> Option<Self> {
        let end = |used: u64, room: i128| {
            let room = u64::try_from(room.min(i128::from(u64::MAX >> 1))).ok()?;
            Some(used.saturating_add(room).saturating_add(1))
        };
        Some(Self {
            stamp: usage.stamp,
            units: end(usage.units, room.units)?,
            churn: end(usage.churn, room.churn)?,
            orders: end(usage.orders, room.orders - 1)?,
        })
    }

    #[inline(always)]
    const fn hold(&self, usage: &Usage, units: u64) -> bool {
        // Usage stays below 2^63 and what an order adds below 2^63.
        usage.stamp == self.stamp
            && usage.units + units < self.units
            && usage.churn < self.churn
            && usage.orders < self.orders
    }
}

/// What limits leave, in money units and in orders.
#[derive(Clone, Copy, Debug)]
struct Room {
    units: i128,
    churn: i128,
    orders: i128,
}

impl Room {
    const ENDLESS: Self = Self {
        units: i128::MAX,
        churn: i128::MAX,
        orders: i128::MAX,
    };
}

/// What a limit leaves beyond what is used.
fn left(limit: Rule, used: i128) -> i128 {
    limit.map_or(i128::MAX, |(limit, _)| i128::from(limit) - used)
}

impl Headroom {
    /// Nothing has been worked out.
    pub const NONE: Self = Self {
        round: 0,
        mine: [Ends::NONE; 2],
        orders: 0,
        patience: 0,
    };
}

impl Engine {
    /// Whether an order certainly passes all limits that `check_risk` holds it to.
    #[inline]
    pub(crate) fn has_headroom(&self, order: &Proposal) -> bool {
        let lots = order.leaves_lots.saturating_sub(order.held.leaves_lots);
        let bounds = self.kept_bounds(order.account, order.instrument);
        bounds.is_some_and(|bounds| self.fits_headroom(bounds, (order.account, order.instrument), lots))
    }

    /// Whether an order is worth no more than its limit, where it has a price to go by.
    #[inline(always)]
    pub(crate) fn is_small(&self, order: &Proposal, bounds: &Bounds) -> bool {
        let units = self.instruments.get(order.instrument).terms.units_per_tick_lot;
        if order.order_type != OrderType::Limit {
            return false;
        }
        let Some(value) = order.price_ticks.checked_mul(order.leaves_lots) else {
            return false;
        };
        let Some(value) = value.checked_mul(units) else {
            return false;
        };
        value <= bounds.notional_units
    }

    /// Whether headroom is there for so many lots more, and one order.
    #[inline(always)]
    fn fits_headroom(&self, bounds: &Bounds, (account, instrument): (u32, u32), lots: i64) -> bool {
        let (headroom, usages) = (&bounds.headroom, &self.risk.usages);
        if headroom.round != usages.round() || usages.orders >= headroom.orders {
            return false;
        }
        let Some(guard) = usages.set_guard(instrument) else {
            return false;
        };
        let Some(units) = lots.max(0).checked_mul(guard.high_units) else {
            return false;
        };
        let Some(usage) = usages.account(account) else {
            return false;
        };
        let units = units.cast_unsigned();
        let [own, of_group] = &headroom.mine;
        if !own.hold(usage, units) {
            return false;
        }
        let group = self.accounts.get(account).group;
        if group == NONE {
            return true;
        }
        let Some(usage) = usages.group(group) else {
            return false;
        };
        of_group.hold(usage, units)
    }

    /// Sees to it that there is headroom for an order of so many lots, where the limits leave it. Answers whether there is.
    #[inline(always)]
    pub(crate) fn keep_headroom(&mut self, at: usize, (account, instrument): (u32, u32), lots: i64) -> bool {
        let bounds = self.risk.limits.unions.bounds_at(at);
        self.fits_headroom(bounds, (account, instrument), lots) || self.renew_headroom(at, (account, instrument), lots)
    }

    #[inline(never)]
    fn renew_headroom(&mut self, at: usize, (account, instrument): (u32, u32), lots: i64) -> bool {
        self.risk.usages.turn_on();
        // Whatever comes of it, what groups hold is about to be looked at.
        self.ledger.catch_up();
        let headroom = &mut self.risk.limits.unions.bounds_mut(at).headroom;
        if headroom.round == self.risk.usages.round() && headroom.patience != 0 {
            headroom.patience -= 1;
            return false;
        }
        let found = self.find_headroom(at, (account, instrument));
        self.risk.limits.unions.bounds_mut(at).headroom = Headroom {
            round: self.risk.usages.round(),
            patience: PATIENCE,
            ..found.unwrap_or(Headroom::NONE)
        };
        let bounds = self.risk.limits.unions.bounds_at(at);
        self.fits_headroom(bounds, (account, instrument), lots)
    }

    fn find_headroom(&mut self, at: usize, (account, instrument): (u32, u32)) -> Option<Headroom> {
        let group = self.accounts.get(account).group;
        self.set_guards(account, group, instrument)?;
        let union = self.risk.limits.unions.at(at);
        let own = self.room(union, false, (account, group, instrument))?;
        let of_group = if group == NONE {
            Room::ENDLESS
        } else {
            self.room(union, true, (account, group, instrument))?
        };
        let all = self.order_room(union, (account, instrument), |scope| {
            matches!(scope, LimitScope::Instrument | LimitScope::Global)
        });
        let usages = &mut self.risk.usages;
        let mine = [
            Ends::beyond(usages.account_mut(account), &own)?,
            if group == NONE {
                Ends::NONE
            } else {
                Ends::beyond(usages.group_mut(group), &of_group)?
            },
        ];
        let orders = u64::try_from(all.min(i128::from(u64::MAX >> 1))).ok()?;
        Some(Headroom {
            mine,
            orders: usages.orders.saturating_add(orders),
            ..Headroom::NONE
        })
    }

    /// Gives a guard to the instrument and to all in which an account and its group have something. `None` where the instrument
    /// has no price.
    fn set_guards(&mut self, account: u32, group: u32, instrument: u32) -> Option<()> {
        let Self {
            ledger,
            instruments,
            risk,
            ..
        } = self;
        let mut set = |index: u32| {
            let of = instruments.get(index);
            risk.usages
                .guard(index, of.value_ticks(), of.terms.units_per_tick_lot)
                .map(drop)
        };
        for position in ledger.all_positions_of(account) {
            set(position.instrument);
        }
        if group != NONE
            && let Some(sums) = ledger.of_group(group)
        {
            for sum in sums {
                set(sum.instrument);
            }
        }
        set(instrument)
    }

    /// Gives an instrument that is about to be used a guard, where it has a price.
    #[inline(never)]
    pub(crate) fn make_guard(&mut self, instrument: u32) {
        let of = self.instruments.get(instrument);
        let (ticks, units) = (of.value_ticks(), of.terms.units_per_tick_lot);
        self.risk.usages.guard(instrument, ticks, units);
    }

    /// What the limits of an account or of its group leave; `None` where that cannot be told, or is nothing.
    fn room(&self, union: &Union, of_group: bool, (account, group, instrument): (u32, u32, u32)) -> Option<Room> {
        let wanted = &union.wanted[usize::from(of_group)];
        let orders = self.order_room(union, (account, instrument), |scope| match scope {
            LimitScope::Account => !of_group,
            LimitScope::Group => of_group,
            _ => false,
        });
        if !wanted.anything {
            return Some(Room {
                orders,
                ..Room::ENDLESS
            });
        }
        let (mut all, mut one) = (Worst::default(), Worst::default());
        let mut add = |sum: &DeskSum| {
            let of = self.instruments.get(sum.instrument);
            if of.terms.currency_id != self.instruments.get(instrument).terms.currency_id {
                return Some(());
            }
            let guard = self.risk.usages.set_guard(sum.instrument);
            let worst = sum.worst(guard, of.value_ticks(), of.terms.units_per_tick_lot)?;
            if sum.instrument == instrument {
                one = worst;
            }
            for (sum, units) in all.units.iter_mut().zip(worst.units) {
                *sum += units;
            }
            all.loss += worst.loss;
            Some(())
        };
        if of_group {
            self.ledger.of_group(group)?.try_for_each(|sum| add(&sum))?;
        } else {
            let mut positions = self.ledger.all_positions_of(account);
            positions.try_for_each(|position| add(&DeskSum::of_position(position)))?;
        }
        let lot_units = i128::from(self.risk.usages.set_guard(instrument)?.high_units);
        let lots = left(union.position[usize::from(of_group)], one.lots);
        let mut room = Room {
            units: lots.saturating_mul(lot_units),
            orders,
            ..Room::ENDLESS
        };
        for (worst, one_instrument) in [(&all, false), (&one, true)] {
            let limits = union.exposure(of_group, one_instrument);
            let [long, short, gross] = worst.units;
            room.units = room
                .units
                .min(left(limits.gross, gross))
                .min(left(limits.net, long.max(short)));
            // A loss that reaches its limit is refused.
            room.churn = room.churn.min(left(limits.daily_loss, worst.loss).saturating_sub(1));
        }
        Some(room)
    }

    /// How many orders more the limits of some scopes let be open.
    fn order_room(
        &self,
        union: &Union,
        (account, instrument): (u32, u32),
        counts: impl Fn(LimitScope) -> bool,
    ) -> i128 {
        let limits = self.risk.limits.each(&union.applying);
        let limits = limits.filter(|limits| limits.set.open_orders != 0 && counts(limits.scope));
        let room = limits.map(|limits| {
            i128::from(limits.set.open_orders) - i128::from(self.count_open((account, instrument), limits))
        });
        room.min().unwrap_or(i128::MAX)
    }

    /// Lots of an order came to what its account has open or holds, and so many open orders with them.
    #[inline(always)]
    pub(crate) fn note_joined(&mut self, account: u32, instrument: u32, lots: i64, orders: u32) {
        if self.risk.usages.is_on() {
            if self.risk.usages.set_guard(instrument).is_none() {
                self.make_guard(instrument);
            }
            let group = self.accounts.get(account).group;
            self.risk.usages.join(account, group, instrument, lots, orders);
        }
    }

    /// An order of an account trades lots; the price has been met.
    #[inline(always)]
    pub(crate) fn note_traded(&mut self, account: u32, instrument: u32, lots: i64) {
        if self.risk.usages.is_on() {
            let group = self.accounts.get(account).group;
            self.risk.usages.churn(account, group, instrument, lots);
        }
    }

    /// Something is traded at a price, or its lots are valued by another one. Called when the instrument has it already.
    #[inline(always)]
    pub(crate) fn note_price(&mut self, index: u32, price_ticks: i64) {
        if self.risk.usages.is_on() {
            if self.risk.usages.set_guard(index).is_none() {
                self.make_guard(index);
            }
            let instrument = self.instruments.get(index);
            let (value, units) = (instrument.value_ticks(), instrument.terms.units_per_tick_lot);
            self.risk.usages.meet_price(index, price_ticks, value, units);
        }
        if self.risk.trips.watch_prices() && self.risk.trips.repriced.last() != Some(&index) {
            self.risk.trips.repriced.push(index);
        }
    }

    /// What an account holds has changed by something else than trading.
    pub(crate) fn note_moved(&mut self, account: u32) {
        let group = self.accounts.get(account).group;
        self.risk.usages.lapse(account, group);
    }

    /// Headroom lets nothing through that a limit refuses. For tests.
    pub(crate) fn assert_within_limits(&self, order: &Proposal) {
        let mut nowhere = CountingSink::default();
        let mut out = Out::new(&mut nowhere, 0, false);
        let held = self.check_risk(order, &mut out);
        debug_assert!(
            held.is_ok(),
            "Invariant: what has headroom is within the limits: {held:?}"
        );
    }
}
