//! Which of the last 16,777,216 commands placed an order: tells a closed order from one that never was.
//! One bit a command, a ring of 2 MiB, no allocation.

use crate::mixing::{HashSum, hash_words};
use crate::snapshot::{Block, Damage, Fields, Reader, Writer, kind};

/// Commands that are remembered.
pub const REMEMBERED: u64 = 1 << 24;
const WORDS: usize = (REMEMBERED / 64) as usize;

/// Ring of bits by command number.
pub struct PlacedOrders {
    words: Vec<u64>,
    /// Word (number / 64) that is written now.
    current: u64,
    /// First word that is not in the sum as it stands.
    unsettled: u64,
    /// What the sum holds of the word `unsettled`.
    settled_bits: u64,
    copying: Copying,
}

/// What a snapshot has of the ring: the words `next..=last` are to be copied, oldest first. The ring overwrites its oldest
/// word first too, so a word that is about to go is copied by copying everything up to it.
#[derive(Default)]
struct Copying {
    next: u64,
    /// First word behind those to copy.
    end: u64,
    /// The word that was being written when the snapshot began.
    last_bits: u64,
    block: Option<Block>,
    full: Vec<Block>,
    copied: u64,
    sum: HashSum,
}

/// Words of a section.
const SECTION_WORDS: u32 = 1 << 13;

impl PlacedOrders {
    /// Nothing placed yet.
    pub fn new() -> Self {
        Self {
            words: vec![0; WORDS],
            current: 0,
            unsettled: 0,
            settled_bits: 0,
            copying: Copying::default(),
        }
    }

    /// Whether a command of this number placed an order, as far as remembered.
    pub fn contains(&self, number: u64) -> bool {
        let word = number / 64;
        word <= self.current
            && self.current - word < WORDS as u64
            && self.words[(word % WORDS as u64) as usize] & (1 << (number % 64)) != 0
    }

    /// Moves on to a command number; older ones than the ring holds are forgotten.
    #[inline]
    pub fn advance(&mut self, number: u64, sum: &mut HashSum) {
        if number / 64 != self.current {
            self.turn(number / 64, sum);
        }
    }

    fn turn(&mut self, to: u64, sum: &mut HashSum) {
        while self.current < to {
            if self.current + 1 - self.unsettled >= WORDS as u64 {
                self.settle_hash(sum);
            }
            self.current += 1;
            if self.copying.next < self.copying.end && self.current - self.copying.next >= WORDS as u64 {
                self.copy_word();
            }
            let at = (self.current % WORDS as u64) as usize;
            if self.words[at] != 0 {
                // Settled long ago: the ring is longer than the distance that is left unsettled.
                sum.remove(hash_words(11, &[self.current - WORDS as u64, self.words[at]]));
                self.words[at] = 0;
            }
        }
    }

    /// Notes that the command of this number placed an order.
    #[inline(always)]
    pub fn insert(&mut self, number: u64) {
        debug_assert!(
            number / 64 == self.current,
            "Invariant: only the running command is noted"
        );
        self.words[(self.current % WORDS as u64) as usize] |= 1 << (number % 64);
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        for word in self.unsettled..=self.current {
            let bits = self.words[(word % WORDS as u64) as usize];
            let before = if word == self.unsettled { self.settled_bits } else { 0 };
            if bits != before {
                if before != 0 {
                    sum.remove(hash_words(11, &[word, before]));
                }
                sum.add(hash_words(11, &[word, bits]));
            }
        }
        self.unsettled = self.current;
        self.settled_bits = self.words[(self.current % WORDS as u64) as usize];
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.copying = Copying {
            next: (self.current + 1).saturating_sub(WORDS as u64),
            end: self.current + 1,
            last_bits: self.words[(self.current % WORDS as u64) as usize],
            ..Copying::default()
        };
    }

    /// A snapshot is given up.
    pub fn cancel_copy(&mut self) {
        self.copying = Copying::default();
    }

    /// A snapshot goes on; eight words count as one slot.
    pub fn copy_some(&mut self, budget: &mut u32) {
        while self.copying.next < self.copying.end && *budget > 0 {
            *budget -= 1;
            for _ in 0..8 {
                self.copy_word();
            }
        }
    }

    fn copy_word(&mut self) {
        let copying = &mut self.copying;
        if copying.next >= copying.end {
            return;
        }
        let word = copying.next;
        copying.next += 1;
        let bits = if copying.next == copying.end {
            copying.last_bits
        } else {
            self.words[(word % WORDS as u64) as usize]
        };
        if bits == 0 {
            return;
        }
        let room = SECTION_WORDS as usize * 16;
        let block = copying.block.get_or_insert_with(|| Block::new(kind::PLACED, room));
        let _ = Writer(&mut block.bytes).words(&mut [word, bits]);
        block.count += 1;
        copying.copied += 1;
        copying.sum.add(hash_words(11, &[word, bits]));
        if block.count == SECTION_WORDS {
            copying.full.extend(copying.block.take());
        }
    }

    /// Everything has been copied.
    pub const fn copy_is_done(&self) -> bool {
        self.copying.next >= self.copying.end
    }

    /// A section that is complete; with `rest`, the last one too.
    pub fn take_copied(&mut self, rest: bool) -> Option<Block> {
        let last = self.copying.full.pop();
        if last.is_some() || !rest {
            return last;
        }
        self.copying.block.take()
    }

    /// Kind, number and hash of what was copied.
    pub const fn copied(&self) -> (u16, u64, HashSum) {
        (kind::PLACED, self.copying.copied, self.copying.sum)
    }

    /// The ring of an engine whose last command had this number, still without words.
    pub fn restored(last_number: u64) -> Self {
        let current = last_number / 64;
        Self {
            current,
            unsettled: current,
            ..Self::new()
        }
    }

    /// Takes a stored word in.
    pub fn restore(&mut self, reader: &mut Reader<'_>, sum: &mut HashSum) -> Result<(), Damage> {
        let mut stored = [0; 2];
        reader.words(&mut stored)?;
        let [word, bits] = stored;
        let at = (word % WORDS as u64) as usize;
        let kept = word <= self.current && self.current - word < WORDS as u64;
        if !kept || bits == 0 || self.words[at] != 0 {
            return Err("the memory of placed orders holds a word twice or out of its span");
        }
        self.words[at] = bits;
        sum.add(hash_words(11, &[word, bits]));
        if word == self.current {
            self.settled_bits = bits;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_after_its_span_and_the_sum_returns_to_zero() {
        let mut placed = PlacedOrders::new();
        let mut sum = HashSum::default();
        for number in 1..=200_u64 {
            placed.advance(number, &mut sum);
            if number % 3 == 0 {
                placed.insert(number);
            }
            if number % 7 == 0 {
                placed.settle_hash(&mut sum);
            }
        }
        placed.settle_hash(&mut sum);
        assert!(placed.contains(99) && !placed.contains(100) && !placed.contains(300));
        assert_ne!(sum, HashSum::default());
        placed.advance(200 + REMEMBERED + 64, &mut sum);
        placed.settle_hash(&mut sum);
        assert!(!placed.contains(99));
        assert_eq!(sum, HashSum::default());
    }

    #[test]
    fn a_copy_is_the_ring_as_it_was_even_when_it_is_overwritten_meanwhile() {
        for (start, budget) in [(300, 1), (REMEMBERED + 5_000, 0), (2 * REMEMBERED + 77, 900)] {
            let mut sum = HashSum::default();
            let mut placed = PlacedOrders::new();
            let step = |placed: &mut PlacedOrders, sum: &mut HashSum, number: u64| {
                placed.advance(number, sum);
                if number % 5 < 2 {
                    placed.insert(number);
                }
            };
            let first = start - start.min(30_000);
            for number in (first / 2..first).step_by(4_999).chain(first..=start) {
                placed.advance(number, &mut sum);
                step(&mut placed, &mut sum, number);
            }
            placed.settle_hash(&mut sum);
            let expected = sum;
            placed.begin_copy();
            let mut number = start;
            while !placed.copy_is_done() {
                for _ in 0..5_000 {
                    number += 1;
                    step(&mut placed, &mut sum, number);
                }
                placed.copy_some(&mut { budget });
            }
            assert_eq!(placed.copied().2, expected);
            let mut restored = PlacedOrders::restored(start);
            let mut ours = HashSum::default();
            while let Some(block) = placed.take_copied(true) {
                let mut reader = Reader(&block.bytes[crate::snapshot::SECTION_HEAD..]);
                while !reader.is_empty() {
                    restored.restore(&mut reader, &mut ours).expect("restores");
                }
            }
            for again in start + 1..=number {
                step(&mut restored, &mut ours, again);
            }
            restored.settle_hash(&mut ours);
            placed.settle_hash(&mut sum);
            assert_eq!(ours, sum);
            assert_eq!(restored.words, placed.words);
        }
    }
}
