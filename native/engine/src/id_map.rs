//! An open-addressing map from a non-zero `u64` to a `u32`: no iteration order that anything could depend on,
//! no allocation below its capacity, O(1) expected.

use crate::mixing::mix64;
use crate::probing::vacate;

/// Key and value; a free slot is all zero, so that memory which nobody has written to need not be there.
type Slot = [u64; 2];

/// Map with linear probing and backward-shift deletion. Key 0 is not storable.
pub struct IdMap {
    slots: Vec<Slot>,
    mask: usize,
    len: usize,
}

/// Where the search for a key begins, before the mask. Blocks of eight neighbouring keys stay together, because order ids come in
/// sequence and their neighbours are used next; the blocks are spread, because a run of old orders must not stand in the way of new ones.
#[inline]
fn home_of(key: u64) -> usize {
    ((mix64(key >> 3) << 3) | (key & 7)) as usize
}

impl IdMap {
    /// A map that holds `capacity` entries without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        let size = (capacity.max(4) * 2).next_power_of_two();
        Self {
            slots: vec![[0; 2]; size],
            mask: size - 1,
            len: 0,
        }
    }

    fn home(&self, key: u64) -> usize {
        home_of(key) & self.mask
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: u64) -> Option<u32> {
        debug_assert!(key != 0, "Invariant: ids count from 1");
        let mut at = self.home(key);
        loop {
            let slot = self.slots[at];
            if slot[0] == key {
                return Some(slot[1] as u32);
            }
            if slot[0] == 0 {
                return None;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Adds an entry whose key is not in the map.
    pub fn insert(&mut self, key: u64, value: u32) {
        debug_assert!(key != 0 && self.get(key).is_none(), "Invariant: a key is inserted once");
        if (self.len + 1) * 2 > self.slots.len() {
            self.grow();
        }
        self.place(key, value);
        self.len += 1;
    }

    fn place(&mut self, key: u64, value: u32) {
        let mut at = self.home(key);
        while self.slots[at][0] != 0 {
            at = (at + 1) & self.mask;
        }
        self.slots[at] = [key, u64::from(value)];
    }

    /// Removes an entry; an absent key is left alone.
    pub fn remove(&mut self, key: u64) {
        let mut at = self.home(key);
        while self.slots[at][0] != key {
            if self.slots[at][0] == 0 {
                return;
            }
            at = (at + 1) & self.mask;
        }
        self.len -= 1;
        let mask = self.mask;
        vacate(&mut self.slots, at, [0; 2], |[key, _]| {
            (key != 0).then(|| home_of(key) & mask)
        });
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = core::mem::replace(&mut self.slots, vec![[0; 2]; size]);
        self.mask = size - 1;
        for slot in old {
            if slot[0] != 0 {
                self.place(slot[0], slot[1] as u32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn behaves_like_an_ordered_map_under_churn() {
        let mut map = IdMap::with_capacity(4);
        let mut model = BTreeMap::new();
        let mut state = 7_u64;
        for round in 0..200_000_u32 {
            state = mix64(state.wrapping_add(u64::from(round)));
            let key = state % 512 + 1;
            if model.remove(&key).is_some() {
                map.remove(key);
            } else {
                model.insert(key, round);
                map.insert(key, round);
            }
            let probe = (state >> 20) % 512 + 1;
            assert_eq!(
                map.get(probe),
                model.get(&probe).copied(),
                "key {probe} in round {round}"
            );
        }
    }
}
