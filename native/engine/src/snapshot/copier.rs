//! Copying one table while commands change it.
//!
//! A walk goes over the slots that the table had when the snapshot began. An entity that is about to change and that the walk
//! has not reached is copied first, and the walk passes over it. So what is copied is the table as it was at the beginning,
//! in no order that means anything. A table asks [`Copier::awaits`] wherever it marks an entity for hashing: without a
//! snapshot that is one comparison that never holds.

use crate::mixing::{EntityHash, HashSum};
use crate::snapshot::fields::Writer;

/// Bytes of records after which a section is closed.
pub const SECTION_BYTES: usize = 1 << 16;
/// Bytes kept free for the head of a section.
pub const SECTION_HEAD: usize = 32;

/// Records of one section.
pub struct Block {
    /// Kind of the records.
    pub kind: u16,
    /// Records.
    pub count: u32,
    /// Room for the head of the section, then the records.
    pub bytes: Vec<u8>,
}

impl Block {
    /// A section without records.
    pub fn new(kind: u16, room: usize) -> Self {
        let mut bytes = Vec::with_capacity(SECTION_HEAD + room);
        bytes.resize(SECTION_HEAD, 0);
        Self { kind, count: 0, bytes }
    }
}

/// What a snapshot has of one table.
pub struct Copier {
    kind: u16,
    /// Slot that the walk reaches next.
    next: u32,
    /// Slots that it has to reach; 0 = there is none.
    left: u32,
    /// Slots that were copied before the walk reached them, one bit each.
    early: Vec<u64>,
    block: Option<Block>,
    full: Vec<Block>,
    copied: u64,
    sum: HashSum,
}

impl Copier {
    /// A copier of records of this kind; no snapshot runs.
    pub const fn new(kind: u16) -> Self {
        Self {
            kind,
            next: 0,
            left: 0,
            early: Vec::new(),
            block: None,
            full: Vec::new(),
            copied: 0,
            sum: HashSum::ZERO,
        }
    }

    /// Starts on a table of `slots` slots. O(slots / 64), and that only clears bits.
    pub fn begin(&mut self, slots: usize) {
        self.cancel();
        self.left = slots as u32;
        self.early.resize(slots.div_ceil(64), 0);
    }

    /// Forgets everything.
    pub fn cancel(&mut self) {
        self.next = 0;
        self.left = 0;
        self.early.clear();
        self.block = None;
        self.full.clear();
        self.copied = 0;
        self.sum = HashSum::ZERO;
    }

    /// A slot may have to be copied before it changes.
    #[inline]
    pub const fn awaits(&self, slot: u32) -> bool {
        slot.wrapping_sub(self.next) < self.left
    }

    /// Copies an awaited slot that is about to change, unless it has been. `write` gives `None` for a free one.
    #[cold]
    #[inline(never)]
    pub fn save(&mut self, slot: u32, write: impl FnOnce(&mut Writer<'_>) -> Option<EntityHash>) {
        let (word, bit) = (slot as usize / 64, 1 << (slot % 64));
        if self.early[word] & bit == 0 {
            self.early[word] |= bit;
            self.put(write);
        }
    }

    /// Goes on with the walk until the budget, in slots, is used up.
    pub fn walk(&mut self, budget: &mut u32, mut write: impl FnMut(u32, &mut Writer<'_>) -> Option<EntityHash>) {
        while self.left > 0 && *budget > 0 {
            let slot = self.next;
            *budget -= 1;
            self.next += 1;
            self.left -= 1;
            if self.early[slot as usize / 64] & (1 << (slot % 64)) == 0 {
                self.put(|out| write(slot, out));
            }
        }
    }

    /// The walk has reached every slot.
    pub const fn is_done(&self) -> bool {
        self.left == 0
    }

    fn put(&mut self, write: impl FnOnce(&mut Writer<'_>) -> Option<EntityHash>) {
        let block = self
            .block
            .get_or_insert_with(|| Block::new(self.kind, SECTION_BYTES + 1024));
        let Some(hash) = write(&mut Writer(&mut block.bytes)) else {
            return;
        };
        block.count += 1;
        self.copied += 1;
        self.sum.add(hash);
        if block.bytes.len() >= SECTION_HEAD + SECTION_BYTES {
            self.full.extend(self.block.take());
        }
    }

    /// A section that is complete; with `rest`, the last one too.
    pub fn take(&mut self, rest: bool) -> Option<Block> {
        let last = self.full.pop();
        if last.is_some() || !rest {
            return last;
        }
        self.block.take().filter(|block| block.count > 0)
    }

    /// Records copied, and the sum of their hashes.
    pub const fn totals(&self) -> (u16, u64, HashSum) {
        (self.kind, self.copied, self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixing::mix64;
    use crate::snapshot::fields::{Fields, Reader};

    #[test]
    fn what_is_copied_is_the_table_as_it_was_whatever_changes_in_between() {
        let mut state = 5_u64;
        for round in 0..2_000_u64 {
            let mut next = |bound: u64| {
                state = mix64(state.wrapping_add(round + 1));
                state % bound
            };
            let mut table: Vec<u64> = (0..next(200)).map(|_| next(3) * next(1 << 40)).collect();
            let expected: Vec<u64> = table.iter().copied().filter(|value| *value != 0).collect();
            let mut copier = Copier::new(1);
            copier.begin(table.len());
            let write = |value: u64, out: &mut Writer<'_>| {
                (value != 0).then(|| {
                    let _ = out.u64(&mut { value });
                    [value, 1]
                })
            };
            while !copier.is_done() {
                for _ in 0..next(20) {
                    let slot = next(table.len() as u64 + 3) as u32;
                    if slot as usize >= table.len() {
                        table.push(next(9));
                        continue;
                    }
                    if copier.awaits(slot) {
                        copier.save(slot, |out| write(table[slot as usize], out));
                    }
                    table[slot as usize] = next(5);
                }
                copier.walk(&mut (1 + next(30) as u32), |slot, out| write(table[slot as usize], out));
            }
            let mut found = Vec::new();
            let (_, copied, sum) = copier.totals();
            while let Some(block) = copier.take(true) {
                let mut reader = Reader(&block.bytes[SECTION_HEAD..]);
                while !reader.is_empty() {
                    let mut value = 0;
                    reader.u64(&mut value).expect("reads");
                    found.push(value);
                }
            }
            let mut expected = expected;
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "round {round}");
            let total = expected.iter().fold(0_u64, |sum, value| sum.wrapping_add(*value));
            assert_eq!((copied, sum.value()), (expected.len() as u64, [total, copied]));
        }
    }
}
