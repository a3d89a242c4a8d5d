//! One instrument's order book: two ladders of price levels, first in first out within a level.

use fulltape_tape::codes::Side;

use crate::ladder::Ladder;
use crate::orders::{NONE, OrderTable, side_index};

/// Orders resting at one price of one side.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Price in ticks.
    pub price_ticks: i64,
    /// Visible lots.
    pub quantity_lots: i64,
    /// Lots that nobody sees.
    pub hidden_lots: i64,
    /// Oldest order.
    pub head: u32,
    /// Youngest order.
    pub tail: u32,
    /// Visible orders.
    pub count: u32,
    /// Instrument and side, as [`owner`] gives them.
    pub owner: u32,
    /// Number of the command that touched it last.
    pub touched: u64,
}

/// What a level was before the command that runs.
#[derive(Clone, Copy, Debug)]
pub struct LevelTouch {
    /// Instrument table index.
    pub instrument: u32,
    /// Place of the level in the table when it was touched.
    pub level: u32,
    /// Side of the level.
    pub side: Side,
    /// Price in ticks.
    pub price_ticks: i64,
    /// Quantity before, in lots.
    pub quantity_before: i64,
    /// Orders before.
    pub count_before: u32,
    /// The command made the level. It may have emptied one of the same price before: then that touch tells what was before.
    pub made: bool,
}

/// One number for the side of an instrument.
#[inline]
const fn owner(instrument: u32, side: Side) -> u32 {
    instrument << 1 | side_index(side) as u32
}

/// Levels of all books.
pub struct LevelTable {
    levels: Vec<Level>,
    free: Vec<u32>,
}

/// Lots that nobody saw at a level before the command that runs. Kept apart: few levels have some.
#[derive(Clone, Copy, Debug)]
pub struct HiddenTouch {
    /// Instrument table index.
    pub instrument: u32,
    /// Side of the level.
    pub side: Side,
    /// Price in ticks.
    pub price_ticks: i64,
    /// Lots, more than zero.
    pub lots_before: i64,
}

impl LevelTouch {
    /// The level that was touched.
    const fn key(&self) -> (u32, usize, i64) {
        (self.instrument, side_index(self.side), self.price_ticks)
    }
}

/// Touches up to which each is compared with all before it.
const COMPARED_MAX: usize = 16;

/// Drops all touches of a level but its first one; the others stay in order. O(1) for a few touches, O(n log n) for many.
#[inline]
pub fn keep_first(touches: &mut Vec<LevelTouch>, scratch: &mut Vec<u32>) {
    if touches.len() > 1 {
        keep_first_of_many(touches, scratch);
    }
}

fn keep_first_of_many(touches: &mut Vec<LevelTouch>, scratch: &mut Vec<u32>) {
    if !touches.iter().skip(1).any(|touch| touch.made) {
        return;
    }
    if touches.len() <= COMPARED_MAX {
        let mut at = 1;
        while at < touches.len() {
            let key = touches[at].key();
            if touches[at].made && touches[..at].iter().any(|touch| touch.key() == key) {
                touches.remove(at);
            } else {
                at += 1;
            }
        }
        return;
    }
    scratch.clear();
    scratch.extend(0..touches.len() as u32);
    scratch.sort_unstable_by_key(|at| (touches[*at as usize].key(), *at));
    // The places of repeated touches, in order of place.
    let mut last = None;
    scratch.retain(|at| {
        let key = touches[*at as usize].key();
        last.replace(key) == Some(key)
    });
    scratch.sort_unstable();
    let mut repeated = scratch.iter().copied().peekable();
    let mut at = 0;
    touches.retain(|_| {
        at += 1;
        repeated.next_if_eq(&(at - 1)).is_none()
    });
}

impl LevelTable {
    /// Room for `capacity` levels without growing.
    pub fn with_capacity(capacity: u32) -> Self {
        Self {
            levels: Vec::with_capacity(capacity as usize),
            free: Vec::with_capacity(capacity as usize),
        }
    }

    /// The level of a touch, if it stands where it stood then.
    #[inline]
    pub fn still(&self, touch: &LevelTouch) -> Option<&Level> {
        let level = self.get(touch.level);
        let same = level.price_ticks == touch.price_ticks && level.owner == owner(touch.instrument, touch.side);
        (same && level.head != NONE).then_some(level)
    }

    /// A level by index.
    #[inline]
    pub fn get(&self, index: u32) -> &Level {
        &self.levels[index as usize]
    }

    #[inline(always)]
    fn get_mut(&mut self, index: u32) -> &mut Level {
        &mut self.levels[index as usize]
    }

    fn insert(&mut self, level: Level) -> u32 {
        if let Some(index) = self.free.pop() {
            self.levels[index as usize] = level;
            return index;
        }
        self.levels.push(level);
        (self.levels.len() - 1) as u32
    }
}

/// Lots that are no large order: as many orders of this size as there can be do not overflow a level's sum.
pub const SMALL_LOTS: i64 = 1 << 30;

/// The two sides of one instrument.
pub struct Book {
    sides: [Ladder; 2],
    /// An order of more than [`SMALL_LOTS`] has stood in it.
    large: bool,
}

/// Where a command writes what it touches.
pub struct Touching<'a> {
    /// Number of the command.
    pub number: u64,
    /// Instrument table index of the book.
    pub instrument: u32,
    /// Levels touched so far, first touch first.
    pub levels: &'a mut Vec<LevelTouch>,
    /// What nobody saw at those levels.
    pub hidden: &'a mut Vec<HiddenTouch>,
}

/// What comes to the end of a queue.
pub struct Joining {
    /// Side of the book.
    pub side: Side,
    /// Price in ticks.
    pub price_ticks: i64,
    /// Lots that others see.
    pub shown_lots: i64,
    /// Lots that nobody sees.
    pub hidden_lots: i64,
}

/// Keys order prices best first: ascending for asks, descending for bids.
#[inline]
const fn key(side: Side, price_ticks: i64) -> u64 {
    let ascending = price_ticks.cast_unsigned() ^ (1 << 63);
    match side {
        Side::Buy => !ascending,
        Side::Sell => ascending,
    }
}

/// The price of a key.
#[inline]
const fn price_of(side: Side, key: u64) -> i64 {
    let ascending = match side {
        Side::Buy => !key,
        Side::Sell => key,
    };
    (ascending ^ (1 << 63)).cast_signed()
}

impl Book {
    /// An empty book.
    pub fn new() -> Self {
        Self {
            sides: [Ladder::new(), Ladder::new()],
            large: false,
        }
    }

    /// Whether an order of more than [`SMALL_LOTS`] has stood in it: then sums of levels must be looked at before they grow.
    #[inline(always)]
    pub const fn has_large(&self) -> bool {
        self.large
    }

    /// Best level of a side. O(1).
    #[inline]
    pub fn best(&self, side: Side) -> Option<u32> {
        self.sides[side_index(side)].best().map(|(_, level)| level)
    }

    /// Price of the best level of a side. O(1), and no level is looked at.
    #[inline]
    pub fn best_price(&self, side: Side) -> Option<i64> {
        self.sides[side_index(side)].best().map(|(key, _)| price_of(side, key))
    }

    /// The next worse level of a side.
    pub fn after(&self, side: Side, price_ticks: i64) -> Option<u32> {
        self.sides[side_index(side)]
            .after(key(side, price_ticks))
            .map(|(_, level)| level)
    }

    /// The nearest level of a side that is worse than any price.
    pub fn worse(&self, side: Side, price_ticks: i64) -> Option<u32> {
        self.sides[side_index(side)]
            .above(key(side, price_ticks))
            .map(|(_, level)| level)
    }

    /// The nearest level of a side at any price or better than it.
    pub fn at_least(&self, side: Side, price_ticks: i64) -> Option<u32> {
        self.level(side, price_ticks).or_else(|| {
            self.sides[side_index(side)]
                .below(key(side, price_ticks))
                .map(|(_, level)| level)
        })
    }

    /// The level at a price.
    #[inline(always)]
    pub fn level(&self, side: Side, price_ticks: i64) -> Option<u32> {
        self.sides[side_index(side)].get(key(side, price_ticks))
    }

    /// Puts an order at the end of its price's queue. The caller has checked that the level's sum fits.
    #[inline(always)]
    pub fn join(&mut self, orders: &mut OrderTable, levels: &mut LevelTable, index: u32, touching: &mut Touching<'_>) {
        let order = orders.get(index);
        let joining = Joining {
            side: order.side,
            price_ticks: order.price_ticks,
            shown_lots: orders.shown(order),
            hidden_lots: order.leaves_lots - orders.shown(order),
        };
        let (level, tail) = self.queue(orders, levels, index, &joining, touching);
        let order = orders.get_mut(index);
        order.level = level;
        order.previous = tail;
        order.next = NONE;
    }

    /// The book's side of [`Book::join`], for an order that may not be in the table yet. Answers its level, and the order
    /// before it in the queue.
    #[inline(always)]
    pub fn queue(
        &mut self,
        orders: &mut OrderTable,
        levels: &mut LevelTable,
        index: u32,
        joining: &Joining,
        touching: &mut Touching<'_>,
    ) -> (u32, u32) {
        let (side, price_ticks) = (joining.side, joining.price_ticks);
        self.large |= joining.shown_lots + joining.hidden_lots > SMALL_LOTS;
        let level_index = match self.level(side, price_ticks) {
            Some(level) => level,
            None => self.make_level(levels, side, price_ticks, touching.instrument),
        };
        let level = levels.get_mut(level_index);
        touch(level, level_index, side, touching);
        let tail = level.tail;
        level.quantity_lots += joining.shown_lots;
        level.hidden_lots += joining.hidden_lots;
        level.count += u32::from(joining.shown_lots > 0);
        level.tail = index;
        if tail == NONE {
            level.head = index;
        } else {
            orders.link_mut(tail).next = index;
        }
        (level_index, tail)
    }

    #[inline(never)]
    fn make_level(&mut self, levels: &mut LevelTable, side: Side, price_ticks: i64, instrument: u32) -> u32 {
        let level = levels.insert(Level {
            price_ticks,
            quantity_lots: 0,
            hidden_lots: 0,
            head: NONE,
            tail: NONE,
            count: 0,
            owner: owner(instrument, side),
            touched: 0,
        });
        self.sides[side_index(side)].insert(key(side, price_ticks), level);
        level
    }

    #[inline(never)]
    fn drop_level(&mut self, levels: &mut LevelTable, level: u32, side: Side, price_ticks: i64) {
        levels.free.push(level);
        self.sides[side_index(side)].remove(key(side, price_ticks));
    }

    /// Takes an order out of its level; an empty level goes away.
    #[inline(always)]
    pub fn leave(&mut self, orders: &mut OrderTable, levels: &mut LevelTable, index: u32, touching: &mut Touching<'_>) {
        let order = orders.get(index);
        let (side, price_ticks, leaves_lots) = (order.side, order.price_ticks, order.leaves_lots);
        let (previous, next, level_index) = (order.previous, order.next, order.level);
        let shown = orders.shown(order);
        let level = levels.get_mut(level_index);
        touch(level, level_index, side, touching);
        level.quantity_lots -= shown;
        level.hidden_lots -= leaves_lots - shown;
        level.count -= u32::from(shown > 0);
        if previous == NONE {
            level.head = next;
        } else {
            orders.link_mut(previous).next = next;
        }
        if next == NONE {
            level.tail = previous;
        } else {
            orders.link_mut(next).previous = previous;
        }
        if level.head == NONE {
            debug_assert!(
                level.quantity_lots == 0 && level.hidden_lots == 0 && level.count == 0,
                "Invariant: an empty level holds nothing"
            );
            self.drop_level(levels, level_index, side, price_ticks);
        }
        orders.link_mut(index).level = NONE;
    }

    /// Lowers the leaves of a resting order in place; it keeps its priority. More than zero must remain. A fill comes out
    /// of what an iceberg shows, an amend out of what it hides while it can.
    pub fn shrink(
        &mut self,
        orders: &mut OrderTable,
        levels: &mut LevelTable,
        index: u32,
        by_lots: i64,
        filled: bool,
        touching: &mut Touching<'_>,
    ) {
        if orders.get(index).special != NONE {
            let order = *orders.get(index);
            let before = orders.shown(&order);
            let left = order.leaves_lots - by_lots;
            let special = orders.special_mut(index);
            special.shown_lots = if filled { before - by_lots } else { before.min(left) };
            let order = orders.get_mut(index);
            order.leaves_lots = left;
            let order = *order;
            let shown = orders.shown(&order);
            let level = levels.get_mut(order.level);
            touch(level, order.level, order.side, touching);
            level.quantity_lots += shown - before;
            level.hidden_lots -= by_lots - (before - shown);
            level.count -= u32::from(before > 0 && shown == 0);
            return;
        }
        let order = orders.get_mut(index);
        debug_assert!(
            by_lots < order.leaves_lots,
            "Invariant: a resting order keeps a quantity"
        );
        order.leaves_lots -= by_lots;
        let (level, side) = (order.level, order.side);
        let index = level;
        let level = levels.get_mut(index);
        touch(level, index, side, touching);
        level.quantity_lots -= by_lots;
    }
}

impl Book {
    /// Makes the visible part of a resting iceberg anew from its leaves; it keeps its place.
    pub fn show_anew(
        &mut self,
        orders: &mut OrderTable,
        levels: &mut LevelTable,
        index: u32,
        touching: &mut Touching<'_>,
    ) {
        let before = orders.shown(orders.get(index));
        orders.refresh(index);
        let order = *orders.get(index);
        let by = orders.shown(&order) - before;
        let level = levels.get_mut(order.level);
        touch(level, order.level, order.side, touching);
        level.quantity_lots += by;
        level.hidden_lots -= by;
        level.count += u32::from(before == 0);
    }
}

#[inline(always)]
fn touch(level: &mut Level, index: u32, side: Side, touching: &mut Touching<'_>) {
    if level.touched == touching.number {
        return;
    }
    level.touched = touching.number;
    touching.levels.push(LevelTouch {
        instrument: touching.instrument,
        level: index,
        side,
        price_ticks: level.price_ticks,
        quantity_before: level.quantity_lots,
        count_before: level.count,
        made: level.head == NONE,
    });
    if level.hidden_lots != 0 {
        touching.hidden.push(HiddenTouch {
            instrument: touching.instrument,
            side,
            price_ticks: level.price_ticks,
            lots_before: level.hidden_lots,
        });
    }
}
