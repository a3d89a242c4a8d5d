//! What orders carry beyond price and quantity. Kept beside the slab of orders, for those that have it alone.

use crate::orders::NONE;
use crate::pegs::Peg;
use crate::snapshot::{Damage, Fields, Stored};
use crate::trailing::Trail;

/// Terms of one special order.
#[derive(Clone, Copy, Debug)]
pub struct Special {
    /// Trigger price in ticks.
    pub stop_ticks: i64,
    /// Wire number of the `TriggerSource`; 0 = the order has no trigger.
    pub trigger_source: u8,
    /// It has not been triggered.
    pub waiting: bool,
    /// Largest visible part in lots; 0 = not an iceberg.
    pub display_lots: i64,
    /// Visible part now, in lots.
    pub shown_lots: i64,
    /// Lots that must trade at once when it comes in; 0 = any.
    pub minimum_lots: i64,
    /// How its trigger follows the price.
    pub trail: Trail,
    /// What it follows.
    pub peg: Peg,
    /// Place among the trailing orders; `NONE` = not among them.
    pub trail_position: u32,
    /// Place among the orders that wait for their auction; `NONE` = not among them.
    pub auction_position: u32,
    /// Nothing of it is visible.
    pub hidden: bool,
    /// Place in the heap of its trigger; `NONE` = in none.
    pub position: u32,
    /// Its list in the table of lists; `NONE` = it stands alone.
    pub list: u32,
    /// Index of the leg in its list.
    pub leg: u8,
    /// It waits for its list, outside the book and holding nothing.
    pub pending: bool,
    /// Where the money and the lots are that a leg needs.
    pub holding: Holding,
}

/// Where the money and the lots are that a leg of a list needs. Orders that stand alone do not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// Nothing is held: it is pending, or in the middle of matching.
    Nothing = 0,
    /// It holds, for its sibling too.
    Own = 1,
    /// Its sibling holds for both.
    Aside = 2,
}

impl Holding {
    const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Nothing),
            1 => Some(Self::Own),
            2 => Some(Self::Aside),
            _ => None,
        }
    }
}

impl Special {
    /// No terms.
    pub const fn none() -> Self {
        Self {
            stop_ticks: 0,
            trigger_source: 0,
            waiting: false,
            display_lots: 0,
            shown_lots: 0,
            minimum_lots: 0,
            trail: Trail {
                offset: 0,
                basis_points: false,
                limit_offset_ticks: 0,
            },
            peg: Peg {
                kind: 0,
                offset_ticks: 0,
                cap_ticks: 0,
            },
            trail_position: NONE,
            auction_position: NONE,
            hidden: false,
            position: NONE,
            list: NONE,
            leg: 0,
            pending: false,
            holding: Holding::Nothing,
        }
    }

    /// What the state hash takes in.
    pub const fn words(&self) -> [u64; 9] {
        [
            self.stop_ticks.cast_unsigned(),
            self.display_lots.cast_unsigned(),
            self.shown_lots.cast_unsigned(),
            self.minimum_lots.cast_unsigned(),
            self.trail.offset.cast_unsigned(),
            self.trail.limit_offset_ticks.cast_unsigned(),
            self.peg.offset_ticks.cast_unsigned(),
            self.peg.cap_ticks.cast_unsigned(),
            (self.trigger_source as u64)
                | ((self.waiting as u64) << 8)
                | ((self.hidden as u64) << 9)
                | ((self.trail.basis_points as u64) << 10)
                | ((self.pending as u64) << 11)
                | ((self.holding as u64) << 12)
                | ((self.leg as u64) << 14)
                | ((self.peg.kind as u64) << 24),
        ]
    }
}

impl Stored for Special {
    fn blank() -> Self {
        Self::none()
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            stop_ticks,
            trigger_source,
            waiting,
            display_lots,
            shown_lots,
            minimum_lots,
            trail:
                Trail {
                    offset,
                    basis_points,
                    limit_offset_ticks,
                },
            peg: Peg {
                kind,
                offset_ticks,
                cap_ticks,
            },
            hidden,
            // Places in heaps follow from the others.
            trail_position: _,
            auction_position: _,
            position: _,
            // Follow from the lists.
            list: _,
            leg: _,
            pending,
            holding,
        } = self;
        io.i64(stop_ticks)?;
        io.u8(trigger_source)?;
        io.bool(waiting)?;
        io.i64(display_lots)?;
        io.i64(shown_lots)?;
        io.i64(minimum_lots)?;
        io.i64(offset)?;
        io.bool(basis_points)?;
        io.i64(limit_offset_ticks)?;
        io.u8(kind)?;
        io.i64(offset_ticks)?;
        io.i64(cap_ticks)?;
        io.bool(hidden)?;
        io.bool(pending)?;
        io.code(holding, |holding| holding as u8, Holding::from_number)
    }
}

/// Terms of all special orders.
pub struct SpecialTable {
    specials: Vec<Special>,
    free: Vec<u32>,
    /// Orders that wait for their trigger.
    pub waiting: u32,
}

impl SpecialTable {
    /// Room for the terms of `size` orders without growing.
    pub fn with_capacity(size: usize) -> Self {
        Self {
            specials: Vec::with_capacity(size),
            free: Vec::with_capacity(size),
            waiting: 0,
        }
    }

    /// Takes terms in.
    pub fn insert(&mut self, special: Special) -> u32 {
        self.waiting += u32::from(special.waiting);
        if let Some(index) = self.free.pop() {
            self.specials[index as usize] = special;
            return index;
        }
        self.specials.push(special);
        (self.specials.len() - 1) as u32
    }

    /// Forgets terms; nothing when the index is `NONE`.
    pub fn remove(&mut self, index: u32) {
        if index != NONE {
            self.waiting -= u32::from(self.get(index).waiting);
            self.free.push(index);
        }
    }

    /// Terms by index.
    pub fn get(&self, index: u32) -> &Special {
        &self.specials[index as usize]
    }

    /// Terms to change. Only for the table of orders, which marks the order as changed before (`OrderTable::special_mut`).
    pub fn unmarked_mut(&mut self, index: u32) -> &mut Special {
        &mut self.specials[index as usize]
    }
}
