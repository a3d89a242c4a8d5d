//! Pegged orders: their price follows the book.
//!
//! A peg has a reference: the best price that orders without a peg show on its own side (primary), on the opposite side (market), or
//! the middle of both (mid; rounded away from the opposite side). Its price is the reference plus a signed offset, which leads
//! away from the opposite side; not beyond its cap, and at least a tick behind the best opposite price, hidden orders
//! and older pegs counted; rounded to the tick table away from the opposite side. So a peg never trades by being
//! moved, no peg follows another one, and where two pegs meet the older one has the price.
//!
//! At the end of a command (and of a change of phase), behind whatever it triggered, the pegs of each instrument that it touched
//! are gone through, instruments by id, oldest peg first. One whose price changed leaves its level and joins the end of the new
//! one. Without a price (no reference, or none behind the opposite side) it waits outside the book. In a halt and outside `Continuous` nothing moves.
//!
//! Cost: O(pegs of the instrument) for a command that moved one of its best prices, and the pegs and hidden orders
//! that stand ahead of what is shown. A command that touched nothing as good as those prices pays a comparison for each level.

use fulltape_tape::codes::{CancelReason, ErrorCode, OrderType, PegKind, Side};
use fulltape_tape::layout::{OrderTerms, PlaceOrder};

use crate::book::LevelTouch;
use crate::checks::{Held, Proposal, notional};
use crate::engine::Engine;
use crate::explain::Note;
use crate::instruments::feature;
use crate::orders::{NONE, Order, opposite, side_index};
use crate::reports::{Happening, Out, Refusal, ReportSink};

/// Pegs that an instrument has room for once it has one.
const FIRST_ROOM: usize = 256;

/// What an order follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peg {
    /// Wire number of the `PegKind`; 0 = it follows nothing.
    pub kind: u8,
    /// Signed distance from the reference in ticks.
    pub offset_ticks: i64,
    /// Price beyond which it does not follow; 0 = none.
    pub cap_ticks: i64,
}

/// The type that follows the book.
pub const fn is_pegged(order_type: u8) -> bool {
    order_type == OrderType::Pegged.number()
}

impl Peg {
    /// Reads what a new order follows; nothing for types that do not.
    pub fn of(place: &PlaceOrder, side: Side, terms: Option<&OrderTerms>) -> Result<Option<Self>, Refusal> {
        if !is_pegged(place.order_type) {
            return Ok(None);
        }
        if !matches!(PegKind::from_number(place.peg_kind), Some(kind) if kind != PegKind::None) {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let offset_ticks = terms.map_or(0, |terms| terms.peg_offset_ticks);
        let towards = match side {
            Side::Buy => offset_ticks > 0,
            Side::Sell => offset_ticks < 0,
        };
        if towards {
            return Err(Refusal::bound(ErrorCode::InvalidArgument, i128::from(offset_ticks), 0));
        }
        Ok(Some(Self {
            kind: place.peg_kind,
            offset_ticks,
            cap_ticks: place.price_ticks,
        }))
    }

    /// Price at which a peg of this side holds its money, whatever its price is: a buy's cap; 0 = its price.
    pub const fn held_ticks(&self, side: Side) -> i64 {
        match side {
            Side::Buy => self.cap_ticks,
            Side::Sell => 0,
        }
    }
}

/// Best prices of a book without its pegs, buys first; 0 = none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Of what is shown.
    shown: [i64; 2],
    /// Of everything.
    any: [i64; 2],
}

impl References {
    /// Both best prices of a side are better than a price: what stands there moves neither.
    const fn is_ahead_of(&self, side: Side, price_ticks: i64) -> bool {
        // What is shown is never better than everything.
        let shown = self.shown[side_index(side)];
        shown != 0
            && match side {
                Side::Buy => price_ticks < shown,
                Side::Sell => price_ticks > shown,
            }
    }
}

/// The pegs of one instrument.
#[derive(Default)]
struct Followers {
    /// Order id and slot, oldest first.
    pegs: Vec<(u64, u32)>,
    /// References of the prices that they have; `None` = their prices must be looked at.
    seen: Option<References>,
}

/// All pegged orders, by instrument.
#[derive(Default)]
pub struct PegTable {
    followers: Vec<Followers>,
    /// Open pegged orders.
    pub count: u32,
    /// Instruments whose pegs may have to move although no level of theirs was touched.
    pub dirty: Vec<u32>,
}

impl PegTable {
    /// Slots of the pegs of an instrument, oldest first.
    pub fn slots(&self, instrument: u32) -> impl Iterator<Item = u32> {
        let followers = self.followers.get(instrument as usize);
        followers
            .into_iter()
            .flat_map(|followers| followers.pegs.iter().map(|peg| peg.1))
    }

    fn slot_at(&self, instrument: u32, at: usize) -> Option<u32> {
        self.followers[instrument as usize].pegs.get(at).map(|peg| peg.1)
    }

    fn has(&self, instrument: u32) -> bool {
        let followers = self.followers.get(instrument as usize);
        followers.is_some_and(|followers| !followers.pegs.is_empty())
    }

    /// Whether a level that was touched may have moved what the pegs of its instrument follow.
    #[inline]
    fn reaches(&self, touch: &LevelTouch) -> bool {
        let followers = self.followers.get(touch.instrument as usize);
        followers.is_some_and(|followers| {
            let seen = followers.seen.as_ref();
            seen.is_none_or(|seen| !seen.is_ahead_of(touch.side, touch.price_ticks))
        })
    }

    fn join(&mut self, instrument: u32, id: u64, slot: u32) {
        let at = instrument as usize;
        if self.followers.len() <= at {
            self.followers.resize_with(at + 1, Followers::default);
        }
        let followers = &mut self.followers[at];
        if followers.pegs.capacity() == 0 {
            followers.pegs.reserve(FIRST_ROOM);
        }
        let place = followers.pegs.partition_point(|peg| peg.0 < id);
        followers.pegs.insert(place, (id, slot));
        followers.seen = None;
        self.count += 1;
    }

    fn leave(&mut self, instrument: u32, id: u64) {
        let followers = &mut self.followers[instrument as usize];
        if let Ok(place) = followers.pegs.binary_search_by_key(&id, |peg| peg.0) {
            followers.pegs.remove(place);
            followers.seen = None;
            self.count -= 1;
        }
    }
}

impl Engine {
    /// Puts an open order to those that follow the book.
    #[inline(never)]
    pub(crate) fn join_pegs(&mut self, index: u32) {
        let order = self.orders.get(index);
        self.pegs.join(order.instrument, order.id, index);
    }

    /// An order that followed the book is closed.
    #[inline(never)]
    pub(crate) fn leave_pegs(&mut self, order: &Order) {
        self.pegs.leave(order.instrument, order.id);
    }

    /// What an order follows.
    #[inline(always)]
    pub(crate) fn peg_of(&self, order: &Order) -> Peg {
        match order.special {
            NONE => Peg::default(),
            special => self.orders.specials.get(special).peg,
        }
    }

    /// A peg that waits outside the book because the book gives it no price.
    pub(crate) fn is_parked(&self, order: &Order) -> bool {
        is_pegged(order.order_type) && order.price_ticks == 0
    }

    /// Price at which an order without a trigger holds its money.
    #[inline(always)]
    pub(crate) fn held_ticks(&self, order: &Order) -> i64 {
        if !is_pegged(order.order_type) {
            return order.price_ticks;
        }
        self.peg_of(order).held_ticks(order.side).max(order.price_ticks)
    }

    /// Price of a new peg: of the book as it is.
    #[inline(never)]
    pub(crate) fn peg_entry(&self, instrument: u32, side: Side, peg: &Peg) -> Result<i64, Refusal> {
        if peg.cap_ticks < 0 {
            let cap = i128::from(peg.cap_ticks);
            return Err(Refusal::bound(ErrorCode::PriceNotPositive, cap, 1));
        }
        if peg.cap_ticks != 0 && self.instruments.get(instrument).terms.features & feature::TICK_BANDS != 0 {
            self.check_tick(instrument, peg.cap_ticks)?;
        }
        let references = self.references(instrument);
        let best = self.instruments.get(instrument).book.best(opposite(side));
        let best = best.map_or(0, |level| self.levels.get(level).price_ticks);
        self.peg_price(instrument, side, peg, &references, best)
            .ok_or(Refusal::of(ErrorCode::NoReferencePrice))
    }

    /// The rule: the price of a peg where `best` is the best opposite price that it must stay behind (0 = none).
    fn peg_price(&self, instrument: u32, side: Side, peg: &Peg, references: &References, best: i64) -> Option<i64> {
        let [bid, ask] = references.shown;
        let (own, other) = match side {
            Side::Buy => (bid, ask),
            Side::Sell => (ask, bid),
        };
        let reference = match PegKind::from_number(peg.kind) {
            Some(PegKind::Primary) if own > 0 => own,
            Some(PegKind::Market) if other > 0 => other,
            Some(PegKind::Mid) if own > 0 && other > 0 => match side {
                Side::Buy => bid.midpoint(ask),
                // Rounded up: both are above zero.
                Side::Sell => bid.midpoint(ask) + ((bid ^ ask) & 1),
            },
            _ => return None,
        };
        // A price above the highest is none.
        let mut price = reference.checked_add(peg.offset_ticks)?;
        match side {
            Side::Buy => {
                price = if peg.cap_ticks > 0 {
                    price.min(peg.cap_ticks)
                } else {
                    price
                };
                price = if best > 0 { price.min(best - 1) } else { price };
            }
            Side::Sell => {
                price = if peg.cap_ticks > 0 {
                    price.max(peg.cap_ticks)
                } else {
                    price
                };
                price = if best > 0 {
                    price.max(best.checked_add(1)?)
                } else {
                    price
                };
            }
        }
        if price <= 0 {
            return None;
        }
        let rounded = self.next_valid_tick(instrument, side, price);
        // The table may have no price above the highest, or none but 0 below.
        let behind = match side {
            Side::Buy => rounded <= price,
            Side::Sell => rounded >= price,
        };
        (rounded > 0 && behind).then_some(rounded)
    }

    /// The best prices of a book that are not those of pegs.
    fn references(&self, instrument: u32) -> References {
        let mut references = References::default();
        for side in [Side::Buy, Side::Sell] {
            let (shown, any) = self.best_unpegged(instrument, side);
            references.shown[side_index(side)] = shown;
            references.any[side_index(side)] = any;
        }
        references
    }

    /// Best shown price and best price of a side, pegs left out; 0 = none.
    fn best_unpegged(&self, instrument: u32, side: Side) -> (i64, i64) {
        let book = &self.instruments.get(instrument).book;
        let mut any = 0;
        let mut next = book.best(side);
        while let Some(level) = next.map(|index| self.levels.get(index)) {
            let mut index = level.head;
            while index != NONE {
                let order = self.orders.get(index);
                if !is_pegged(order.order_type) {
                    any = if any == 0 { level.price_ticks } else { any };
                    if self.orders.shown(order) > 0 {
                        return (level.price_ticks, any);
                    }
                }
                index = order.next;
            }
            next = book.after(side, level.price_ticks);
        }
        (0, any)
    }

    /// Lets pegs follow the book, where it may have moved.
    #[inline]
    pub(crate) fn follow_references<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        let told = !self.dirty.is_empty() || !self.pegs.dirty.is_empty();
        if told || self.level_touches.iter().any(|touch| self.pegs.reaches(touch)) {
            self.follow_moved(out);
        } else if cfg!(debug_assertions) {
            self.assert_followed(&[]);
        }
    }

    /// Lets pegs follow the book, then what their new prices trigger run, until nothing moves.
    #[inline(never)]
    fn follow_moved<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        loop {
            let mut moved = false;
            let mut dirty = core::mem::take(&mut self.pegs.dirty);
            dirty.extend_from_slice(&self.dirty);
            for touch in &self.level_touches {
                if dirty.last() != Some(&touch.instrument) && self.pegs.reaches(touch) {
                    dirty.push(touch.instrument);
                }
            }
            dirty.retain(|instrument| self.pegs.has(*instrument));
            if dirty.len() > 1 {
                dirty.sort_unstable_by_key(|instrument| self.instruments.get(*instrument).id);
                dirty.dedup();
            }
            if cfg!(debug_assertions) {
                self.assert_followed(&dirty);
            }
            for instrument in &dirty {
                moved |= self.follow_reference(*instrument, out);
            }
            dirty.clear();
            self.pegs.dirty = dirty;
            let followed = self.orders.specials.waiting != 0 || self.aside.open != 0;
            if !moved || !followed {
                return;
            }
            // Where pegs stand now an all-or-none order may find all that it asks for.
            if self.aside.open != 0 {
                self.run_all_or_none(out);
            }
            self.run_triggers(out);
        }
    }

    /// What does not follow has nothing to follow. For tests.
    fn assert_followed(&self, dirty: &[u32]) {
        for touch in &self.level_touches {
            let instrument = touch.instrument;
            if dirty.contains(&instrument) || !self.pegs.has(instrument) || self.is_halted(instrument) {
                continue;
            }
            assert!(
                self.pegs.followers[instrument as usize].seen == Some(self.references(instrument)),
                "Invariant: pegs look where their references moved"
            );
        }
    }

    /// Gives the pegs of an instrument the prices of the rule, oldest first. Answers whether one moved.
    fn follow_reference<S: ReportSink>(&mut self, instrument: u32, out: &mut Out<'_, S>) -> bool {
        if !self.pegs.has(instrument) || self.is_halted(instrument) {
            return false;
        }
        let references = self.references(instrument);
        if self.pegs.followers[instrument as usize].seen == Some(references) {
            return false;
        }
        let mut moved = false;
        let mut best = references.any;
        let mut at = 0;
        while let Some(index) = self.pegs.slot_at(instrument, at) {
            let order = self.orders.get(index);
            let (side, price_ticks) = (order.side, order.price_ticks);
            let behind = best[side_index(opposite(side))];
            let price = self.peg_price(instrument, side, &self.peg_of(order), &references, behind);
            let price = price.unwrap_or(0);
            if price != price_ticks {
                moved = true;
                if !self.move_peg(index, price, behind, out) {
                    continue;
                }
            }
            better(&mut best, side, price);
            at += 1;
        }
        self.pegs.followers[instrument as usize].seen = Some(references);
        moved
    }

    /// Takes a peg to another price, 0 = out of the book. What cannot be paid there, or has no room, is cancelled by `Risk`;
    /// answers whether it is still open.
    fn move_peg<S: ReportSink>(&mut self, index: u32, price_ticks: i64, best: i64, out: &mut Out<'_, S>) -> bool {
        let before = *self.orders.get(index);
        let proposal = Proposal {
            price_ticks,
            cap_ticks: self.peg_of(&before).held_ticks(before.side),
            held: Held {
                price_ticks: before.price_ticks,
                leaves_lots: before.leaves_lots,
                reserved_units: before.reserved_units,
                slot: true,
            },
            ..Proposal::of(&before)
        };
        out.note(|| Note::Repriced {
            order_id: before.id,
            asked_ticks: before.price_ticks,
            price_ticks,
            best_ticks: best,
        });
        if let Err(refusal) = self.check_move(&proposal, out) {
            out.note(|| refusal.note());
            self.withdraw(index, Happening::canceled(CancelReason::Risk), false, out);
            return false;
        }
        if before.level != NONE {
            self.leave_book(index);
        }
        self.orders.get_mut(index).price_ticks = price_ticks;
        let mut order = *self.orders.get(index);
        if !self.accounts.get(order.account).unlimited() {
            let reserved = self.reservation(&order, order.leaves_lots);
            self.ledger.reserve(order.balance, reserved - order.reserved_units);
            self.orders.get_mut(index).reserved_units = reserved;
        }
        if price_ticks != 0 {
            order.priority = self.next_place();
            self.orders.get_mut(index).priority = order.priority;
            self.join_book(index);
        }
        self.report_moved(&order, before.price_ticks, CancelReason::Repriced, out);
        if price_ticks != 0 {
            out.note(|| self.rested_note(index));
            out.note(|| self.shown_note(index));
        }
        true
    }

    /// Whether a peg may move: its value stays in its range and its level has room. A move towards the opposite side, or back
    /// into the book, must be paid like an amend to that price.
    fn check_move<S: ReportSink>(&self, order: &Proposal, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        if order.price_ticks == 0 {
            return Ok(());
        }
        let instrument = self.instruments.get(order.instrument);
        let valued = order.bounded_at().unwrap_or(0);
        notional(valued, order.leaves_lots, instrument.terms.units_per_tick_lot)?;
        if let Some(level) = instrument.book.level(order.side, order.price_ticks) {
            let level = self.levels.get(level);
            (level.quantity_lots + level.hidden_lots)
                .checked_add(order.leaves_lots)
                .ok_or(Refusal::of(ErrorCode::NotionalOverflow))?;
        }
        let from = order.held.price_ticks;
        let nearer = match order.side {
            Side::Buy => order.price_ticks > from,
            Side::Sell => from == 0 || order.price_ticks < from,
        };
        let account = self.accounts.get(order.account);
        if nearer && !account.unlimited() {
            self.check_means(order, account, out)?;
        }
        Ok(())
    }

    /// Every peg has the price that the rule gives it. For tests.
    pub(crate) fn assert_pegs(&self, instrument: u32) {
        let mut open: Vec<u32> = self.orders.open_slots().collect();
        open.retain(|index| {
            let order = self.orders.get(*index);
            order.instrument == instrument && is_pegged(order.order_type)
        });
        open.sort_unstable_by_key(|index| self.orders.get(*index).id);
        assert!(
            self.pegs.slots(instrument).eq(open.iter().copied()),
            "Invariant: the pegs of an instrument stand in order of age"
        );
        let moves = !self.is_halted(instrument);
        let references = self.references(instrument);
        let mut best = references.any;
        for index in open {
            let order = self.orders.get(index);
            let behind = best[side_index(opposite(order.side))];
            let price = self.peg_price(instrument, order.side, &self.peg_of(order), &references, behind);
            let price = price.unwrap_or(0);
            assert!(
                !moves || order.price_ticks == price,
                "Invariant: peg {} stands at {} and belongs at {price}",
                order.id,
                order.price_ticks
            );
            assert!(
                (order.level == NONE) == (order.price_ticks == 0),
                "Invariant: a peg without a price is outside the book, and no other"
            );
            better(&mut best, order.side, price);
        }
    }
}

/// The best price of a side, one more counted; 0 = none.
fn better(best: &mut [i64; 2], side: Side, price_ticks: i64) {
    let best = &mut best[side_index(side)];
    *best = match side {
        _ if price_ticks == 0 => *best,
        Side::Sell if *best != 0 => (*best).min(price_ticks),
        _ => (*best).max(price_ticks),
    };
}
