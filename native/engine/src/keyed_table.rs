//! A bounded table of rules by key: limits, restrictions, sessions, transfers, trip rules.
//!
//! An entry keeps its slot while it lives, so others may point at it. Slots mean nothing: whatever goes through all
//! entries sorts them by something of theirs. O(1), no allocation while the table holds no more than ever before.

use crate::id_map::IdMap;
use crate::mixing::{EntityHash, HashSum, HashedTable};

/// Entries and their index.
pub struct KeyedTable<T> {
    /// Key (0 = the slot is free) and entry.
    slots: Vec<(u64, T)>,
    free: Vec<u32>,
    index: IdMap,
    capacity: usize,
    hashed: HashedTable,
}

impl<T: Copy> KeyedTable<T> {
    /// Room for at most `capacity` entries; memory for them is taken as they come.
    pub fn bounded(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: IdMap::with_capacity(4),
            capacity,
            hashed: HashedTable::with_capacity(0),
        }
    }

    /// Slot of a key (not 0).
    pub fn find(&self, key: u64) -> Option<u32> {
        self.index.get(key)
    }

    /// An entry by slot.
    pub fn get(&self, slot: u32) -> &T {
        &self.slots[slot as usize].1
    }

    /// An entry to change; it will be hashed anew.
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        self.hashed.touch(slot);
        &mut self.slots[slot as usize].1
    }

    /// Entries held.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// No new key can be taken in.
    pub fn is_full(&self) -> bool {
        self.len() >= self.capacity
    }

    /// Takes an entry in whose key is new; the caller has checked `is_full`.
    pub fn insert(&mut self, key: u64, entry: T) -> u32 {
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = (key, entry);
            slot
        } else {
            self.slots.push((key, entry));
            (self.slots.len() - 1) as u32
        };
        self.index.insert(key, slot);
        self.hashed.touch(slot);
        slot
    }

    /// Forgets the entry of a key, if there is one.
    pub fn remove(&mut self, key: u64) {
        if let Some(slot) = self.index.get(key) {
            self.index.remove(key);
            self.slots[slot as usize].0 = 0;
            self.free.push(slot);
            self.hashed.touch(slot);
        }
    }

    /// Brings the state hash up to date; `hash` is that of one entry.
    pub fn settle_hash(&mut self, sum: &mut HashSum, hash: impl Fn(&T) -> EntityHash) {
        let slots = &self.slots;
        self.hashed.settle(sum, |slot| {
            let (key, entry) = &slots[slot as usize];
            if *key == 0 { [0; 2] } else { hash(entry) }
        });
    }
}
