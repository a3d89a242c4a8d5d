//! Which of the last 16,777,216 commands placed an order: tells a closed order from one that never was.
//! One bit a command, a ring of 2 MiB, no allocation.

use crate::mixing::{HashSum, hash_words};

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
}

impl PlacedOrders {
    /// Nothing placed yet.
    pub fn new() -> Self {
        Self {
            words: vec![0; WORDS],
            current: 0,
            unsettled: 0,
            settled_bits: 0,
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
            let at = (self.current % WORDS as u64) as usize;
            if self.words[at] != 0 {
                // Settled long ago: the ring is longer than the distance that is left unsettled.
                sum.remove(hash_words(11, &[self.current - WORDS as u64, self.words[at]]));
                self.words[at] = 0;
            }
        }
    }

    /// Notes that the command of this number placed an order.
    #[inline]
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
}
