//! Orders that stay open: taken in, holding money or lots, at the end of the queue of their price.

use fulltape_tape::codes::Side;

use crate::all_or_none::is_all_or_none;
use crate::book::{Joining, Touching};
use crate::engine::{Engine, NOTIONAL_MAX};
use crate::fees;
use crate::instruments::feature;
use crate::orders::{NONE, Order, side_index};
use crate::reduce_only::reduces_only;
use crate::triggers::is_at_market;

impl Engine {
    /// Takes a new order in that stays open.
    pub(crate) fn take_in(&mut self, order: Order) -> u32 {
        if self.risk.usages.is_on() {
            let group = self.accounts.get(order.account).group;
            self.risk.usages.count_order(order.account, group);
        }
        self.ledger.count_open(order.position, 1);
        self.enlist(order)
    }

    /// Enters a new order in the lists of its account and its instrument; its position and headroom have counted it.
    #[inline(always)]
    fn enlist(&mut self, mut order: Order) -> u32 {
        let index = self.orders.vacant();
        let account = self.accounts.list_mut(order.account);
        account.open_orders += 1;
        let tail = core::mem::replace(&mut account.tail, index);
        order.account_previous = tail;
        if tail == NONE {
            account.head = index;
        } else {
            self.orders.link_mut(tail).account_next = index;
        }
        self.instruments.book_mut(order.instrument).open_orders += 1;
        if reduces_only(order.instructions) && !self.is_pending(&order) {
            self.ledger.count_reduce_only(order.position, side_index(order.side), 1);
        }
        self.orders.insert(order)
    }

    /// Takes a new order in that rests: reserves for its leaves and puts it at the end of its queue.
    #[inline(always)]
    pub(crate) fn take_in_resting(&mut self, mut order: Order) -> u32 {
        if order.special != NONE || is_all_or_none(order.instructions) {
            let index = self.take_in(order);
            self.rest(index);
            return index;
        }
        // Everything about a plain order is known before it is written, so it is written once.
        order.reserved_units = self.hold_for(&order, 1);
        let index = self.orders.vacant();
        let joining = Joining {
            side: order.side,
            price_ticks: order.price_ticks,
            shown_lots: order.leaves_lots,
            hidden_lots: 0,
        };
        let mut touching = Touching {
            number: self.number,
            instrument: order.instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(order.instrument).book;
        (order.level, order.previous) = book.queue(&mut self.orders, &mut self.levels, index, &joining, &mut touching);
        self.enlist(order)
    }

    /// Reserves for the leaves of an order and puts it at the end of its queue.
    #[inline(always)]
    pub(crate) fn rest(&mut self, index: u32) {
        self.hold(index);
        if self.orders.get(index).special != NONE {
            self.orders.refresh(index);
        }
        self.join_book(index);
    }

    /// Puts an order at the end of the queue of its price.
    #[inline(always)]
    pub(crate) fn join_book(&mut self, index: u32) {
        if is_all_or_none(self.orders.get(index).instructions) {
            self.stand_aside(index);
            return;
        }
        let instrument = self.orders.get(index).instrument;
        let mut touching = Touching {
            number: self.number,
            instrument,
            levels: &mut self.level_touches,
            hidden: &mut self.hidden_touches,
        };
        let book = &mut self.instruments.book_mut(instrument).book;
        book.join(&mut self.orders, &mut self.levels, index, &mut touching);
    }

    /// Reserves money or lots for the leaves of an order.
    #[inline(always)]
    pub(crate) fn hold(&mut self, index: u32) {
        let special = self.orders.get(index).special;
        if (special != NONE && self.hold_leg(index)) || !self.ledger.is_kept() {
            return;
        }
        let order = *self.orders.get(index);
        self.orders.get_mut(index).reserved_units = self.hold_for(&order, 0);
    }

    /// Reserves for the leaves of an order that stands alone, and counts so many open orders more. Answers the money.
    #[inline(always)]
    fn hold_for(&mut self, order: &Order, orders: u32) -> i64 {
        if !self.ledger.is_kept() {
            return 0; // without risk there are no limits, and so no headroom that counts
        }
        let checked = !self.accounts.get(order.account).unlimited();
        let reserved = if checked {
            self.reservation_inline(order, order.leaves_lots)
        } else {
            0
        };
        self.ledger.reserve(order.balance, reserved);
        self.ledger.change_open(
            order.position,
            order.side == Side::Buy,
            order.leaves_lots,
            checked,
            orders,
        );
        self.note_joined(order.account, order.instrument, order.leaves_lots, orders);
        reserved
    }

    /// Money that `leaves_lots` of a checked order hold.
    #[inline(never)]
    pub(crate) fn reservation(&self, order: &Order, leaves_lots: i64) -> i64 {
        self.reservation_inline(order, leaves_lots)
    }

    /// [`Engine::reservation`] for the path that is taken most.
    #[inline(always)]
    fn reservation_inline(&self, order: &Order, leaves_lots: i64) -> i64 {
        let terms = &self.instruments.get(order.instrument).terms;
        let account = self.accounts.get(order.account);
        // What a future costs is its margin, as for everything in a margin account: only the fee is held, on both sides.
        let fee_alone = terms.features & feature::FUTURE != 0 || account.on_margin();
        if leaves_lots == 0 || (order.side == Side::Sell && !fee_alone) {
            return 0;
        }
        let rate = if account.pays_fees() {
            terms.highest_fee_ppm()
        } else {
            0
        };
        // An order without a limit is held at its trigger price, or at the end of the band of its auction; nothing bounds what a
        // sell brings there, and so what its fee is.
        let price_ticks = if is_at_market(order) {
            match order.special {
                NONE => 0,
                special => self.orders.specials.get(special).stop_ticks,
            }
        } else {
            self.held_ticks(order)
        };
        if fee_alone {
            // The trigger of a trailing sell rises with the price, beyond what was checked when the order was taken.
            let value = price_ticks.saturating_mul(leaves_lots);
            let value = value.saturating_mul(terms.units_per_tick_lot).min(NOTIONAL_MAX);
            return fees::charge(order.fee_carry, value, rate).0.max(0);
        }
        // Checked when the order was taken; leaves only shrink afterwards.
        let value = price_ticks * leaves_lots * terms.units_per_tick_lot;
        fees::reservation(order.fee_carry, value, rate)
    }
}
