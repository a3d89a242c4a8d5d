//! Resting all-or-none orders: filled whole in one go, or not at all.
//!
//! They stand in a book of their own beside the book of their instrument, by price, then by place, and are in no level. An incoming order
//! trades with the plain orders of a price first, then with the all-or-none orders of that price that fit whole into what it
//! has left; what does not fit is passed over. An incoming all-or-none order that cannot be filled whole rests without a trade.
//!
//! A change of the instrument's orders may make one fillable: when a command has had its own effects, and after each wave of
//! triggered orders, they are tried in order, buys before sells, best price first, oldest first. The first that can be filled
//! whole within its limit trades as the taker, at the makers' prices; then they are tried again until none can. Each trade takes
//! one of them out, so this ends. Nothing of it happens in a halt or outside continuous trading.
//!
//! So none of them can be filled when a command begins, and only what changed within the limit of one of them can change that:
//! a level that such an order trades at, another such order, the band of a price rule, or that a halt ends. Most commands
//! touch a level that no such order reaches, and pay a comparison.

use fulltape_tape::codes::{ErrorCode, OrderType, SelfTradePrevention, Side, order_instruction};

use crate::book::{Book, Level, LevelTable, LevelTouch, Touching};
use crate::checks::Proposal;
use crate::engine::{Engine, NOTIONAL_MAX};
use crate::explain::{Relation, Step};
use crate::matching::Matched;
use crate::orders::{NONE, Order, opposite, side_index};
use crate::price_band::PriceBand;
use crate::reports::{Out, Refusal, ReportSink};

/// All-or-none orders that may rest on one side of an instrument: each of them may be tried behind each command.
pub(crate) const ASIDE_MAX: u32 = 256;

/// Whether instructions ask for all or nothing.
pub(crate) const fn is_all_or_none(instructions: u16) -> bool {
    instructions & order_instruction::ALL_OR_NONE != 0
}

/// The books beside the books.
pub struct AsideBooks {
    /// All orders in them.
    pub open: u32,
    /// Book by instrument table index; as many as were ever needed.
    books: Vec<Book>,
    /// Levels of all of them.
    pub levels: LevelTable,
    /// Instruments whose orders are tried.
    found: Vec<u32>,
    /// The band in which they were tried last, by instrument table index; `None` = they have not been.
    bands: Vec<Option<PriceBand>>,
}

impl AsideBooks {
    /// Empty books. They take memory when they are needed first.
    pub fn new() -> Self {
        Self {
            open: 0,
            books: Vec::new(),
            levels: LevelTable::with_capacity(0),
            found: Vec::new(),
            bands: Vec::new(),
        }
    }

    fn book(&self, instrument: u32) -> Option<&Book> {
        self.books.get(instrument as usize)
    }

    fn level_at(&self, found: Option<u32>) -> Option<&Level> {
        found.map(|index| self.levels.get(index))
    }
}

/// No level of these books is reported: all carry command number 0, so nothing counts as touched.
macro_rules! untouched {
    ($instrument:expr) => {
        Touching {
            number: 0,
            instrument: $instrument,
            levels: &mut Vec::new(),
            hidden: &mut Vec::new(),
        }
    };
}

/// What a walk through a side has found so far.
#[derive(Default)]
pub(crate) struct Walk {
    /// Lots still wanted.
    pub wanted: i64,
    /// Lots that would trade.
    pub lots: i128,
    /// Their exact notional in money units.
    pub notional: i128,
}

impl Walk {
    pub fn take(&mut self, lots: i64, price_ticks: i64, units: i128) {
        self.wanted -= lots;
        self.lots += i128::from(lots);
        let value = i128::from(lots) * i128::from(price_ticks);
        self.notional = self.notional.saturating_add(value.saturating_mul(units));
    }
}

/// Whether a price of a side comes before another one.
const fn is_better(side: Side, price_ticks: i64, than_ticks: i64) -> bool {
    match side {
        Side::Buy => price_ticks > than_ticks,
        Side::Sell => price_ticks < than_ticks,
    }
}

impl Engine {
    /// Puts an all-or-none order to the end of its queue beside the book.
    #[inline(never)]
    pub(crate) fn stand_aside(&mut self, index: u32) {
        let (instrument, side) = (self.orders.get(index).instrument, self.orders.get(index).side);
        let aside = &mut self.aside;
        while aside.books.len() <= instrument as usize {
            aside.books.push(Book::new());
            aside.bands.push(None);
        }
        let book = &mut aside.books[instrument as usize];
        book.join(&mut self.orders, &mut aside.levels, index, &mut untouched!(instrument));
        aside.open += 1;
        self.changed_aside(instrument);
        self.instruments.book_mut(instrument).aside[side_index(side)] += 1;
    }

    /// Takes an all-or-none order out of its queue.
    #[inline(never)]
    pub(crate) fn leave_aside(&mut self, index: u32) {
        let (instrument, side) = (self.orders.get(index).instrument, self.orders.get(index).side);
        let aside = &mut self.aside;
        let book = &mut aside.books[instrument as usize];
        book.leave(&mut self.orders, &mut aside.levels, index, &mut untouched!(instrument));
        aside.open -= 1;
        self.changed_aside(instrument);
        self.instruments.book_mut(instrument).aside[side_index(side)] -= 1;
    }

    /// Lowers an all-or-none order in its place.
    #[inline(never)]
    pub(crate) fn shrink_aside(&mut self, index: u32, by_lots: i64) {
        let instrument = self.orders.get(index).instrument;
        let aside = &mut self.aside;
        let book = &mut aside.books[instrument as usize];
        let touching = &mut untouched!(instrument);
        book.shrink(&mut self.orders, &mut aside.levels, index, by_lots, false, touching);
        self.changed_aside(instrument);
    }

    /// No level tells that something changed here: neither to those that could be filled now, nor to triggers.
    fn changed_aside(&mut self, instrument: u32) {
        if self.dirty.last() != Some(&instrument) {
            self.dirty.push(instrument);
        }
    }

    /// Slots of the all-or-none orders of a side, best price first, oldest first.
    pub(crate) fn aside_orders(&self, instrument: u32, side: Side) -> impl Iterator<Item = u32> + '_ {
        let book = self.aside.book(instrument);
        let first = self.aside.level_at(book.and_then(|book| book.best(side)));
        let levels = core::iter::successors(first, move |level| {
            let next = book.and_then(|book| book.after(side, level.price_ticks));
            self.aside.level_at(next)
        });
        levels.flat_map(|level| {
            core::iter::successors(Some(level.head), |index| {
                Some(self.orders.get(*index).next).filter(|next| *next != NONE)
            })
        })
    }

    /// Lots beside the book before an order: at its price and at better ones.
    pub(crate) fn aside_ahead(&self, order: &Order) -> (u32, i64, i64) {
        let (mut orders, mut lots, mut better) = (0_u32, 0_i64, 0_i64);
        for index in self.aside_orders(order.instrument, order.side) {
            let other = self.orders.get(index);
            if other.id == order.id {
                break;
            }
            if other.price_ticks == order.price_ticks {
                orders += 1;
                lots += other.leaves_lots;
            } else {
                better = better.saturating_add(other.leaves_lots);
            }
        }
        (orders, lots, better)
    }

    /// The maker that comes next for an incoming order where all-or-none orders are on the other side.
    fn next_maker(&self, proposal: &Proposal, left_lots: i64) -> Option<u32> {
        let side = opposite(proposal.side);
        let book = &self.instruments.get(proposal.instrument).book;
        let plain = book
            .best(side)
            .map(|level| self.levels.get(level))
            .filter(|level| self.crosses(proposal, level.price_ticks));
        let comes_first = |order: &Order| {
            self.crosses(proposal, order.price_ticks)
                && plain.is_none_or(|level| is_better(side, order.price_ticks, level.price_ticks))
        };
        self.aside_orders(proposal.instrument, side)
            .take_while(|index| comes_first(self.orders.get(*index)))
            .find(|index| self.orders.get(*index).leaves_lots <= left_lots)
            .or(plain.map(|level| level.head))
    }

    /// [`Engine::match_order`] for an order that is all or none, or meets such orders.
    #[inline(never)]
    pub(crate) fn match_beside<S: ReportSink>(
        &mut self,
        taker: &mut Order,
        proposal: &Proposal,
        out: &mut Out<'_, S>,
    ) -> Matched {
        if proposal.passive || !self.fills_whole(proposal) {
            return Matched::Through;
        }
        let band = self.price_band(taker.instrument);
        while taker.leaves_lots > 0 {
            let Some(maker) = self.next_maker(proposal, taker.leaves_lots) else {
                break;
            };
            let price_ticks = self.orders.get(maker).price_ticks;
            if !band.holds(price_ticks) {
                return self.stop_at_band(taker, proposal, price_ticks, out);
            }
            if !self.meet_maker(taker, maker, out) {
                return Matched::Prevented;
            }
        }
        Matched::Through
    }

    /// Whether an all-or-none order would be filled whole now; any other order may always be filled in part.
    fn fills_whole(&self, order: &Proposal) -> bool {
        !order.all_or_none || self.walk_beside(order).0 >= i128::from(order.leaves_lots)
    }

    /// [`Engine::walk`] for an order that is all or none, or meets such orders. O(orders walked).
    #[inline(never)]
    pub(crate) fn walk_beside(&self, order: &Proposal) -> (i128, i128) {
        if order.passive {
            return (0, 0);
        }
        let walk = self.walk_all(order);
        if order.all_or_none && walk.lots < i128::from(order.leaves_lots) {
            return (0, 0);
        }
        (walk.lots, walk.notional)
    }

    fn walk_all(&self, order: &Proposal) -> Walk {
        let instrument = self.instruments.get(order.instrument);
        let side = opposite(order.side);
        let mut walk = Walk {
            wanted: order.leaves_lots,
            ..Walk::default()
        };
        let band = self.price_band(order.instrument);
        let mut aside = self.aside_orders(order.instrument, side).peekable();
        let mut next = instrument.book.best(side);
        loop {
            let level = next
                .map(|level| self.levels.get(level))
                .filter(|level| self.crosses(order, level.price_ticks));
            while let Some(maker) = aside.peek().map(|index| self.orders.get(*index)) {
                let first = self.crosses(order, maker.price_ticks)
                    && level.is_none_or(|level| is_better(side, maker.price_ticks, level.price_ticks));
                if !first {
                    break;
                }
                aside.next();
                let fits = maker.leaves_lots <= walk.wanted;
                if fits && (!band.holds(maker.price_ticks) || !self.walk_whole(order, maker, &mut walk)) {
                    return walk;
                }
            }
            let Some(level) = level.filter(|_| walk.wanted > 0) else {
                return walk;
            };
            if !band.holds(level.price_ticks) || !self.walk_level(order, level, &mut walk) {
                return walk;
            }
            next = instrument.book.after(side, level.price_ticks);
        }
    }

    /// Counts an all-or-none order that fits. Whether the incoming order goes on.
    fn walk_whole(&self, order: &Proposal, maker: &Order, walk: &mut Walk) -> bool {
        let lots = maker.leaves_lots;
        if order.self_trade_prevention != 0 && self.same_owner(order.account, maker.account) {
            match SelfTradePrevention::from_number(order.self_trade_prevention) {
                Some(SelfTradePrevention::CancelOldest) => {}
                Some(SelfTradePrevention::DecrementAndCancel) => walk.wanted -= lots,
                _ => return false,
            }
        } else {
            let units = self.instruments.get(order.instrument).terms.units_per_tick_lot;
            walk.take(lots, maker.price_ticks, i128::from(units));
        }
        walk.wanted > 0
    }

    /// [`Engine::check_liquidity`] where all-or-none orders are on the other side. Post-only orders look at the book alone.
    #[inline(never)]
    pub(crate) fn check_liquidity_beside<S: ReportSink>(
        &self,
        order: &Proposal,
        least: i64,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let book = &self.instruments.get(order.instrument).book;
        let best = book
            .best(opposite(order.side))
            .map(|level| self.levels.get(level).price_ticks)
            .filter(|best| self.crosses(order, *best));
        let (lots, notional) = self.walk_beside(order);
        if order.order_type == OrderType::Market {
            out.holds(ErrorCode::NoLiquidity, best.is_some() || lots > 0)?;
        }
        if let Some(best) = best.filter(|_| order.post_only) {
            let (price, best) = (i128::from(order.price_ticks), i128::from(best));
            return Err(Refusal::bound(ErrorCode::PostOnlyWouldTrade, price, best));
        }
        if order.post_only {
            out.passed(ErrorCode::PostOnlyWouldTrade, Relation::Holds, 0, 0);
        }
        if least > 0 {
            out.at_most(order.unfillable(), i128::from(least), lots)?;
        }
        out.holds(ErrorCode::NotionalOverflow, notional <= i128::from(NOTIONAL_MAX))
    }

    /// Fills every all-or-none order that can be filled whole now, on the instruments that the command changed.
    #[inline(never)]
    pub(crate) fn run_all_or_none<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        let answer = self.answer;
        let mut found = core::mem::take(&mut self.aside.found);
        found.clear();
        for touch in &self.level_touches {
            if found.last() != Some(&touch.instrument) && self.reaches(touch) {
                found.push(touch.instrument);
            }
        }
        found.extend(&self.dirty);
        found.retain(|index| self.instruments.get(*index).aside != [0; 2]);
        for at in 0..self.risk.trips.priced.len() {
            let instrument = self.risk.trips.priced[at];
            if self.instruments.get(instrument).aside != [0; 2] && self.moves_band(instrument) {
                found.push(instrument);
            }
        }
        found.sort_unstable_by_key(|index| self.instruments.get(*index).id);
        found.dedup();
        if cfg!(debug_assertions) {
            self.assert_tried(&found);
        }
        for &instrument in &found {
            while let Some(index) = self.first_fillable(instrument) {
                self.fill_aside(index, out);
                if !self.ledger.over.is_empty() {
                    self.enforce_reduce_only(out);
                }
                if !self.lists.queue.is_empty() {
                    self.run_lists(out);
                }
            }
        }
        self.aside.found = found;
        self.answer = answer;
    }

    /// Whether an all-or-none order trades at the price of a level that was touched.
    #[inline]
    fn reaches(&self, touch: &LevelTouch) -> bool {
        let side = opposite(touch.side);
        let best = self.best_aside(touch.instrument, side);
        best.is_some_and(|limit_ticks| !is_better(side, touch.price_ticks, limit_ticks))
    }

    /// Whether the band of an instrument's price rule, which widens with time alone, is another one than when its orders were tried.
    fn moves_band(&mut self, instrument: u32) -> bool {
        let band = self.kept_band(instrument);
        self.aside.bands[instrument as usize].replace(band) != Some(band)
    }

    /// What is not tried could not be filled. For tests.
    fn assert_tried(&self, tried: &[u32]) {
        let touched = self.level_touches.iter().map(|touch| touch.instrument);
        for instrument in touched.chain(self.risk.trips.priced.iter().copied()) {
            assert!(
                tried.contains(&instrument) || self.first_fillable(instrument).is_none(),
                "Invariant: what could be filled is tried"
            );
        }
    }

    /// Best limit of the all-or-none orders of a side.
    #[inline]
    fn best_aside(&self, instrument: u32, side: Side) -> Option<i64> {
        self.aside.book(instrument)?.best_price(side)
    }

    /// Whether an order crosses the best all-or-none order of the other side.
    #[inline(never)]
    pub(crate) fn meets_aside(&self, order: &Proposal) -> bool {
        let best = self.best_aside(order.instrument, opposite(order.side));
        best.is_some_and(|price_ticks| self.crosses(order, price_ticks))
    }

    /// The first all-or-none order of an instrument that can be filled whole now.
    pub(crate) fn first_fillable(&self, instrument: u32) -> Option<u32> {
        if self.instruments.get(instrument).aside == [0; 2] || self.is_halted(instrument) {
            return None;
        }
        [Side::Buy, Side::Sell].into_iter().find_map(|side| {
            self.aside_orders(instrument, side)
                .map(|index| (index, Proposal::of(self.orders.get(index))))
                // Whoever comes behind an order that meets nobody meets nobody either.
                .take_while(|(_, proposal)| self.meets_any(proposal))
                .find(|(_, proposal)| self.fills_whole(proposal))
                .map(|(index, _)| index)
        })
    }

    fn meets_any(&self, order: &Proposal) -> bool {
        let plain = self.touch(order.instrument, opposite(order.side));
        plain.is_some_and(|ticks| self.crosses(order, ticks)) || self.meets_aside(order)
    }

    fn fill_aside<S: ReportSink>(&mut self, index: u32, out: &mut Out<'_, S>) {
        let mut order = *self.orders.get(index);
        let proposal = Proposal::of(&order);
        out.note(|| proposal.note(order.id, Step::Triggered));
        self.leave_book(index);
        self.release(index);
        let matched = self.match_beside(&mut order, &proposal, out);
        assert!(
            order.leaves_lots == 0,
            "Invariant: an all-or-none order is filled whole"
        );
        self.settle_matched(index, &order, matched, true, out);
    }

    /// Asserts that nothing stands beside the book of an instrument that could be filled, and that its orders are counted.
    pub(crate) fn assert_aside(&self, instrument: u32) {
        assert!(
            self.risk.trips.price_rule(instrument).is_some() || self.first_fillable(instrument).is_none(),
            "Invariant: no all-or-none order could be filled whole"
        );
        for side in [Side::Buy, Side::Sell] {
            let orders: Vec<_> = self
                .aside_orders(instrument, side)
                .map(|index| self.orders.get(index))
                .collect();
            let counted = self.instruments.get(instrument).aside[side_index(side)];
            assert!(
                orders.len() == counted as usize,
                "Invariant: all-or-none orders are counted"
            );
            let is_sound = |order: &&Order| {
                let level = self.aside.levels.get(order.level);
                is_all_or_none(order.instructions)
                    && (order.instrument, order.side) == (instrument, side)
                    && level.price_ticks == order.price_ticks
            };
            assert!(
                orders.iter().all(is_sound),
                "Invariant: an all-or-none order stands beside its book"
            );
            let ordered = orders.windows(2).all(|pair| {
                is_better(side, pair[0].price_ticks, pair[1].price_ticks)
                    || (pair[0].price_ticks == pair[1].price_ticks && pair[0].priority < pair[1].priority)
            });
            assert!(ordered, "Invariant: all-or-none orders stand by price and place");
        }
    }
}
