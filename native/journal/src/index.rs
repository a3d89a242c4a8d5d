//! The list of entries in memory. Its memory is touched a block at a time, ahead of the appends: a page fault in one append
//! out of a hundred would be most of what the slow ones take.

use core::mem::MaybeUninit;

use crate::EntryRef;
use crate::fetching::fetch;

/// Entries that are made ready at once.
pub const BLOCK: usize = 8192;

/// An entry is added in a line that was fetched this many entries before.
const FETCHED_AHEAD: usize = 16;

/// Entries in order.
pub struct Index {
    entries: Vec<EntryRef>,
    /// Entries in front of this one were trimmed.
    start: usize,
    /// The memory of this many entries is faulted in.
    ready: usize,
}

impl Index {
    /// An empty list with its first block ready.
    pub fn new() -> Self {
        let mut index = Self {
            entries: Vec::new(),
            start: 0,
            ready: 0,
        };
        index.make_ready(BLOCK);
        index
    }

    /// Makes sure that this many entries can be added without touching new memory.
    pub fn make_ready(&mut self, ahead: usize) {
        let length = self.entries.len();
        if length + ahead <= self.ready {
            return;
        }
        let ahead = ahead.max(BLOCK);
        if self.entries.capacity() < length + ahead {
            self.entries.reserve(ahead);
            self.ready = length;
        }
        let from = self.ready.max(length) - length;
        let fresh = &mut self.entries.spare_capacity_mut()[from..ahead];
        fresh.fill(MaybeUninit::new(EntryRef::NONE));
        core::hint::black_box(fresh);
        self.ready = length + ahead;
    }

    /// Adds an entry.
    #[inline]
    pub fn push(&mut self, entry: EntryRef) {
        if self.entries.len() == self.ready {
            self.make_ready(1);
        }
        self.entries.push(entry);
        fetch(self.entries.as_ptr().wrapping_add(self.entries.len() + FETCHED_AHEAD));
    }

    /// All entries that are held.
    pub fn as_slice(&self) -> &[EntryRef] {
        &self.entries[self.start..]
    }

    /// Forgets the oldest entries. The rest is moved only when it is the smaller half.
    pub fn drop_front(&mut self, count: usize) {
        self.start += count;
        if self.start * 2 >= self.entries.len() {
            self.entries.drain(..self.start);
            self.start = 0;
        }
    }

    /// Keeps the oldest entries.
    pub fn truncate(&mut self, count: usize) {
        self.entries.truncate(self.start + count);
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Index};
    use crate::EntryRef;

    fn entry(sequence: u64) -> EntryRef {
        EntryRef {
            sequence,
            ..EntryRef::NONE
        }
    }

    #[test]
    fn gives_what_was_pushed_less_what_was_dropped() {
        let mut index = Index::new();
        let mut expected = Vec::new();
        let mut next = 0;
        for round in 0..60_usize {
            for _ in 0..700 {
                index.push(entry(next));
                expected.push(entry(next));
                next += 1;
            }
            let front = (round * 37) % 900 % expected.len();
            index.drop_front(front);
            expected.drain(..front);
            let kept = expected.len() - (round * 11) % 40 % expected.len();
            index.truncate(kept);
            expected.truncate(kept);
            assert_eq!(index.as_slice(), expected, "round {round}");
        }
    }

    #[test]
    fn what_is_ready_needs_no_new_memory() {
        let mut index = Index::new();
        for at in 0..3 * BLOCK as u64 {
            index.make_ready(BLOCK / 2);
            let memory = index.entries.capacity();
            assert!(index.ready > index.entries.len() && index.ready <= memory);
            index.push(entry(at));
            assert_eq!(index.entries.capacity(), memory);
        }
    }
}
