//! Two legs that share their lots: the legs of an OCO, the exits of a bracket.
//!
//! Such a pair is one order in two shapes. Both legs have the same leaves at any time: whatever takes lots off one (a fill,
//! self-trade prevention, a reduced position) takes as many off the other before anything else trades. The lots and the
//! money that the dearer leg needs are held once, by the leg that became active first while it is open, else by the other;
//! and what the fees of both round is carried from fill to fill over both.

use fulltape_tape::codes::CancelReason;

use crate::book::Touching;
use crate::checks::{Held, Proposal};
use crate::engine::Engine;
use crate::explain::{Note, lowered_note};
use crate::orders::{NONE, Order};
use crate::reports::{Happening, Out, ReportSink};
use crate::special::Holding;

/// Which leg of which list an order is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// Index in the table of lists.
    pub list: u32,
    /// Index in the list.
    pub leg: u8,
}

impl Engine {
    /// The list of an order, if it is in one.
    #[inline]
    pub(crate) fn link(&self, order: &Order) -> Option<Link> {
        if order.special == NONE {
            return None;
        }
        let special = self.orders.specials.get(order.special);
        (special.list != NONE).then_some(Link {
            list: special.list,
            leg: special.leg,
        })
    }

    /// Whether an order waits for its list.
    #[inline]
    pub(crate) fn is_pending(&self, order: &Order) -> bool {
        order.special != NONE && self.orders.specials.get(order.special).pending
    }

    /// Slot of the leg that shares its lots with this one, while it is open.
    pub(crate) fn sibling(&self, link: Link) -> Option<u32> {
        let list = self.lists.get(link.list);
        let sibling = list.sibling(link.leg)?;
        self.orders.find(list.orders[sibling as usize])
    }

    fn sibling_of(&self, order: &Order) -> Option<u32> {
        self.sibling(self.link(order)?)
    }

    fn holding(&self, index: u32) -> Holding {
        self.orders.specials.get(self.orders.get(index).special).holding
    }

    fn set_holding(&mut self, index: u32, holding: Holding) {
        self.orders.special_mut(index).holding = holding;
    }

    /// Whether an order's leaves count in the open lots of its position.
    pub(crate) fn counts_open(&self, order: &Order) -> bool {
        self.link(order).is_none() || self.orders.specials.get(order.special).holding == Holding::Own
    }

    /// What an order would hold by itself.
    fn need(&self, index: u32) -> i64 {
        let order = self.orders.get(index);
        if self.accounts.get(order.account).unlimited() {
            0
        } else {
            self.reservation(order, order.leaves_lots)
        }
    }

    /// Brings what a pair holds to what its dearer leg needs. Returns whether the order is one of a pair.
    pub(crate) fn refit(&mut self, index: u32) -> bool {
        let Some(sibling) = self.sibling_of(self.orders.get(index)) else {
            return false;
        };
        let (holder, other) = match (self.holding(index), self.holding(sibling)) {
            (Holding::Own, _) => (index, sibling),
            (_, Holding::Own) => (sibling, index),
            _ => return true,
        };
        let mut need = self.need(holder);
        if self.holding(other) == Holding::Aside {
            need = need.max(self.need(other));
        }
        let (balance, before) = (self.orders.get(holder).balance, self.orders.get(holder).reserved_units);
        self.ledger.reserve(balance, need - before);
        self.orders.get_mut(holder).reserved_units = need;
        true
    }

    /// Holds for a leg beside its sibling that holds already. Returns whether nothing is left to hold.
    #[inline(never)]
    pub(crate) fn hold_leg(&mut self, index: u32) -> bool {
        let order = *self.orders.get(index);
        if self.link(&order).is_none() {
            return false;
        }
        let beside = self
            .sibling_of(&order)
            .filter(|sibling| self.holding(*sibling) == Holding::Own);
        let Some(sibling) = beside else {
            self.set_holding(index, Holding::Own);
            return false;
        };
        debug_assert!(
            self.orders.get(sibling).leaves_lots == order.leaves_lots,
            "Invariant: siblings have the same leaves"
        );
        self.set_holding(index, Holding::Aside);
        self.orders.get_mut(index).reserved_units = 0;
        self.refit(sibling);
        true
    }

    /// Releases what a leg holds, or hands it to the sibling for which it holds too. Returns whether nothing is left to release.
    #[inline(never)]
    pub(crate) fn release_leg(&mut self, index: u32) -> bool {
        let order = *self.orders.get(index);
        if self.link(&order).is_none() {
            return false;
        }
        let before = self.holding(index);
        self.set_holding(index, Holding::Nothing);
        let sibling = self.sibling_of(&order);
        match (before, sibling) {
            (Holding::Nothing, _) | (Holding::Aside, None) => true,
            (Holding::Aside, Some(sibling)) => {
                self.refit(sibling);
                true
            }
            (Holding::Own, Some(sibling)) if self.holding(sibling) == Holding::Aside => {
                self.hand_over(index, sibling);
                self.refit(sibling);
                true
            }
            (Holding::Own, _) => false,
        }
    }

    /// Lets a leg be the one that holds for its pair.
    pub(crate) fn take_over(&mut self, index: u32) {
        let order = *self.orders.get(index);
        if self.link(&order).is_none() || self.holding(index) != Holding::Aside {
            return;
        }
        if let Some(sibling) = self.sibling_of(&order) {
            self.hand_over(sibling, index);
            self.set_holding(sibling, Holding::Aside);
        }
    }

    /// Moves what one leg holds to the other. Both have the same leaves, so no sum changes.
    fn hand_over(&mut self, from: u32, to: u32) {
        let units = self.orders.get(from).reserved_units;
        self.orders.get_mut(from).reserved_units = 0;
        self.orders.get_mut(to).reserved_units = units;
        self.set_holding(to, Holding::Own);
    }

    /// Takes lots off a leg that holds nothing itself. Returns whether it was one; the others are lowered as any order is.
    #[inline(never)]
    pub(crate) fn lower_leg(&mut self, index: u32, by: i64) -> bool {
        let order = *self.orders.get(index);
        if self.link(&order).is_none() || self.holding(index) == Holding::Own {
            return false;
        }
        if order.level == NONE {
            self.orders.get_mut(index).leaves_lots -= by;
        } else {
            let mut touching = Touching {
                number: self.number,
                instrument: order.instrument,
                levels: &mut self.level_touches,
                hidden: &mut self.hidden_touches,
            };
            let book = &mut self.instruments.get_mut(order.instrument).book;
            book.shrink(&mut self.orders, &mut self.levels, index, by, false, &mut touching);
        }
        self.orders.get_mut(index).quantity_lots -= by;
        true
    }

    /// Takes the lots off a leg's sibling that were taken off the leg; some remain.
    pub(crate) fn mirror<S: ReportSink>(&mut self, order: &Order, by: i64, out: &mut Out<'_, S>) {
        if let Some(sibling) = self.sibling_of(order) {
            self.lower_quantity(sibling, by);
            let lowered = *self.orders.get(sibling);
            out.note(|| lowered_note(&lowered, CancelReason::ListSibling, by));
            self.report_restated(&lowered, CancelReason::ListSibling, out);
            self.refit(sibling);
        }
    }

    /// A leg has filled lots: its sibling gives up as many, its child is due as many more.
    #[inline(never)]
    pub(crate) fn leg_filled<S: ReportSink>(&mut self, link: Link, lots: i64, fee_carry: i32, out: &mut Out<'_, S>) {
        if let Some(sibling) = self.sibling(link) {
            self.orders.get_mut(sibling).fee_carry = fee_carry;
            let order = *self.orders.get(sibling);
            out.note(|| Note::Carried {
                order_id: order.id,
                carry: fee_carry,
            });
            if order.leaves_lots > lots {
                self.lower_quantity(sibling, lots);
                let order = *self.orders.get(sibling);
                out.note(|| lowered_note(&order, CancelReason::ListSibling, lots));
                self.report_restated(&order, CancelReason::ListSibling, out);
                self.refit(sibling);
            } else {
                self.withdraw_alone(sibling, Happening::canceled(CancelReason::ListSibling), false, out);
            }
        }
        if link.leg == 0 && self.lists.get(link.list).has_parent() {
            self.lists.get_mut(link.list).filled_lots += lots;
            self.lists.enqueue(link.list);
        }
        let list = self.lists.get(link.list);
        if self.orders.find(list.orders[link.leg as usize]).is_none() {
            self.leg_left(link, CancelReason::None, out);
        }
    }

    /// What a leg that is about to enter may count as its own, because its sibling holds it for both.
    pub(crate) fn shared(&self, order: &Order) -> Held {
        let sibling = self
            .sibling_of(order)
            .filter(|sibling| self.holding(*sibling) == Holding::Own);
        let (leaves_lots, reserved_units) = sibling.map_or((0, 0), |sibling| {
            let sibling = self.orders.get(sibling);
            (sibling.leaves_lots, sibling.reserved_units)
        });
        Held {
            price_ticks: 0,
            leaves_lots,
            reserved_units,
            slot: true,
        }
    }

    /// What an open order holds as it stands, alone or with its sibling.
    pub(crate) fn standing(&self, order: &Order) -> Held {
        let mut held = Proposal::of(order).held;
        if let Some(sibling) = self.sibling_of(order) {
            held.reserved_units += self.orders.get(sibling).reserved_units;
        }
        held
    }

    /// Whether all lots of a resting order were counted when its sibling was, ahead of it in the same book.
    pub(crate) fn counts_ahead(&self, order: &Order) -> bool {
        let Some(sibling) = self.sibling_of(order) else {
            return false;
        };
        let sibling = self.orders.get(sibling);
        let better = match order.side {
            fulltape_tape::codes::Side::Buy => sibling.price_ticks > order.price_ticks,
            fulltape_tape::codes::Side::Sell => sibling.price_ticks < order.price_ticks,
        };
        let equal = sibling.price_ticks == order.price_ticks;
        sibling.level != NONE && (better || (equal && sibling.priority < order.priority))
    }

    /// Counts active legs with a sibling, for the walks of their instrument.
    pub(crate) fn count_walked(&mut self, order: &Order, by: i32) {
        let paired = self
            .link(order)
            .is_some_and(|link| self.lists.get(link.list).sibling(link.leg).is_some());
        if paired && !self.is_pending(order) {
            let walked = &mut self.instruments.get_mut(order.instrument).walked;
            *walked = walked.saturating_add_signed(by);
        }
    }

    /// For tests: a leg and its sibling are one.
    pub(crate) fn assert_leg(&self, order: &Order) {
        let Some(link) = self.link(order) else {
            return;
        };
        let list = self.lists.get(link.list);
        assert!(
            list.orders[link.leg as usize] == order.id && list.expire_nanos == 0,
            "Invariant: a leg is in its list"
        );
        let special = self.orders.specials.get(order.special);
        assert!(
            special.pending == (special.holding == Holding::Nothing),
            "Invariant: active legs hold, pending ones do not"
        );
        let Some(sibling) = self.sibling(link) else {
            assert!(
                special.holding != Holding::Aside,
                "Invariant: nobody holds for an order that stands alone"
            );
            return;
        };
        let other = self.orders.get(sibling);
        assert!(
            special.pending == self.is_pending(other),
            "Invariant: siblings become active together"
        );
        if special.holding == Holding::Own {
            let need = self.need(sibling).max(if self.accounts.get(order.account).unlimited() {
                0
            } else {
                self.reservation(order, order.leaves_lots)
            });
            assert!(
                self.holding(sibling) == Holding::Aside && order.leaves_lots == other.leaves_lots,
                "Invariant: one sibling holds for both, which have the same leaves"
            );
            assert!(
                order.reserved_units == need,
                "Invariant: a pair holds what its dearer leg needs"
            );
        } else if special.holding == Holding::Aside {
            assert!(
                order.reserved_units == 0 && self.holding(sibling) == Holding::Own,
                "Invariant: the other sibling holds"
            );
        }
    }
}
