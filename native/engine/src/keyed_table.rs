//! A bounded table of rules by key: limits, restrictions, sessions, transfers, trip rules.
//!
//! An entry keeps its slot while it lives, so others may point at it. Slots mean nothing: whatever goes through all
//! entries sorts them by something of theirs. O(1), no allocation while the table holds no more than ever before.

use crate::id_map::IdMap;
use crate::mixing::{EntityHash, HashSum, HashedTable};
use crate::snapshot::{Copier, Damage, Fields, Reader, Stored, Writer};

/// What such a table keeps.
pub trait Kept: Copy + Stored {
    /// Its section of a snapshot.
    const KIND: u16;

    /// What the state hash takes in.
    fn hash(&self) -> EntityHash;
}

/// Entries and their index.
pub struct KeyedTable<T> {
    /// Key (0 = the slot is free) and entry.
    slots: Vec<(u64, T)>,
    free: Vec<u32>,
    index: IdMap,
    capacity: usize,
    hashed: HashedTable,
    copier: Copier,
}

impl<T: Kept> KeyedTable<T> {
    /// Room for at most `capacity` entries; memory for them is taken as they come.
    pub fn bounded(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: IdMap::with_capacity(4),
            capacity,
            hashed: HashedTable::with_capacity(0),
            copier: Copier::new(T::KIND),
        }
    }

    /// Slot of a key (not 0).
    #[inline]
    pub fn find(&self, key: u64) -> Option<u32> {
        self.index.get(key)
    }

    /// An entry by slot.
    #[inline]
    pub fn get(&self, slot: u32) -> &T {
        &self.slots[slot as usize].1
    }

    /// An entry to change; it will be hashed anew.
    #[inline]
    pub fn get_mut(&mut self, slot: u32) -> &mut T {
        self.touch(slot);
        &mut self.slots[slot as usize].1
    }

    /// See [`HashedTable::era`].
    #[inline(always)]
    pub const fn era(&self) -> u64 {
        self.hashed.era()
    }

    /// Marks entries that are about to change. They stay so for the era.
    #[inline(never)]
    pub fn mark_all(&mut self, slots: impl Iterator<Item = u32>) {
        for slot in slots {
            self.touch(slot);
        }
    }

    /// A marked entry to change.
    #[inline(always)]
    pub fn marked_mut(&mut self, slot: u32) -> &mut T {
        debug_assert!(
            self.hashed.is_marked(slot),
            "Invariant: who changes an entry has marked it"
        );
        &mut self.slots[slot as usize].1
    }

    /// An entry of which only what follows from the rest of it changes: it is neither copied nor hashed anew.
    pub fn derived_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize].1
    }

    /// Slots, keys and entries, in no order that means anything.
    pub fn entries(&self) -> impl Iterator<Item = (u32, u64, &T)> {
        let slots = self.slots.iter().enumerate();
        let used = slots.filter(|(_, (key, _))| *key != 0);
        used.map(|(slot, (key, entry))| (slot as u32, *key, entry))
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
        let slot = self.free.pop().unwrap_or(self.slots.len() as u32);
        self.touch(slot);
        if let Some(held) = self.slots.get_mut(slot as usize) {
            *held = (key, entry);
        } else {
            self.slots.push((key, entry));
        }
        self.index.insert(key, slot);
        slot
    }

    /// Forgets the entry of a key, if there is one.
    pub fn remove(&mut self, key: u64) {
        if let Some(slot) = self.index.get(key) {
            self.touch(slot);
            self.index.remove(key);
            self.slots[slot as usize].0 = 0;
            self.free.push(slot);
        }
    }

    /// An entry is about to change: a snapshot copies it first, the state hash takes it in anew.
    #[inline(always)]
    fn touch(&mut self, slot: u32) {
        if !self.hashed.is_marked(slot) {
            self.mark(slot);
        }
    }

    #[inline(never)]
    fn mark(&mut self, slot: u32) {
        if self.copier.awaits(slot) {
            self.copier.save(slot, |out| write_entry(&mut self.slots, slot, out));
        }
        self.hashed.note(slot);
    }

    /// Brings the state hash up to date.
    pub fn settle_hash(&mut self, sum: &mut HashSum) {
        let slots = &self.slots;
        self.hashed.settle(sum, |slot| {
            let (key, entry) = &slots[slot as usize];
            if *key == 0 { [0; 2] } else { entry.hash() }
        });
    }

    /// A snapshot begins.
    pub fn begin_copy(&mut self) {
        self.hashed.begin_round();
        self.copier.begin(self.slots.len());
    }

    /// A snapshot goes on.
    pub fn copy_some(&mut self, budget: &mut u32) {
        let slots = &mut self.slots;
        self.copier.walk(budget, |slot, out| write_entry(slots, slot, out));
    }

    /// What a snapshot has of the table.
    pub fn copier(&mut self) -> &mut Copier {
        &mut self.copier
    }

    /// Takes a stored entry in. Answers its key and its slot.
    pub fn restore(&mut self, reader: &mut Reader<'_>) -> Result<(u64, u32), Damage> {
        let mut key = 0;
        reader.u64(&mut key)?;
        if key == 0 || self.find(key).is_some() || self.is_full() {
            return Err("an entry has no key, another's, or no room");
        }
        Ok((key, self.insert(key, reader.get()?)))
    }
}

/// Stores an entry behind its key; nothing for a free slot.
fn write_entry<T: Kept>(slots: &mut [(u64, T)], slot: u32, out: &mut Writer<'_>) -> Option<EntityHash> {
    let (key, entry) = &mut slots[slot as usize];
    if *key == 0 {
        return None;
    }
    let _ = out.u64(&mut { *key });
    out.put(entry);
    Some(entry.hash())
}
