//! Slots of open orders by id. Ids are command numbers, so those of open orders lie close together: a ring over the last
//! ids holds nearly all of them, at one load each, and neighbours in time are neighbours in memory. An order that is still
//! open when the ring comes round to its place moves to a map.

use crate::id_map::IdMap;

/// Ids to slots. It does not know ids by itself: the caller tells the id that a slot holds.
pub struct OrderIndex {
    /// Slot + 1 by the low bits of the id; 0 = nothing.
    ring: Vec<u32>,
    mask: u64,
    strays: IdMap,
    stray_count: u32,
}

impl OrderIndex {
    /// Room for `capacity` orders without growing. Memory that no id has come to is not touched.
    pub fn with_capacity(capacity: usize) -> Self {
        let size = (capacity.max(512) * 2).next_power_of_two();
        Self {
            ring: vec![0; size],
            mask: size as u64 - 1,
            strays: IdMap::with_capacity(capacity),
            stray_count: 0,
        }
    }

    #[inline]
    const fn place(&self, id: u64) -> usize {
        (id & self.mask) as usize
    }

    /// The slot of an id.
    #[inline(always)]
    pub fn get(&self, id: u64, id_of: impl Fn(u32) -> u64) -> Option<u32> {
        let slot = self.ring[self.place(id)].wrapping_sub(1);
        if slot != u32::MAX && id_of(slot) == id {
            return Some(slot);
        }
        if self.stray_count == 0 {
            return None;
        }
        self.strays.get(id)
    }

    /// Adds an id that is not in the index.
    #[inline(always)]
    pub fn insert(&mut self, id: u64, slot: u32, id_of: impl Fn(u32) -> u64) {
        let place = self.place(id);
        let before = self.ring[place].wrapping_sub(1);
        self.ring[place] = slot + 1;
        if before != u32::MAX {
            self.stray(id_of(before), before);
        }
    }

    #[inline(never)]
    fn stray(&mut self, id: u64, slot: u32) {
        self.strays.insert(id, slot);
        self.stray_count += 1;
    }

    /// Removes an id that is in the index at this slot.
    #[inline(always)]
    pub fn remove(&mut self, id: u64, slot: u32) {
        let place = self.place(id);
        if self.ring[place] == slot + 1 {
            self.ring[place] = 0;
        } else {
            self.strays.remove(id);
            self.stray_count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixing::mix64;
    use std::collections::BTreeMap;

    #[test]
    fn finds_orders_that_stay_open_for_many_rounds_of_the_ring() {
        let mut index = OrderIndex::with_capacity(512);
        let mut slots: Vec<u64> = vec![0; 600];
        let mut free: Vec<u32> = (0..600).collect();
        let mut model: BTreeMap<u64, u32> = BTreeMap::new();
        let mut most_strays = 0;
        for id in 1..=40_000_u64 {
            let random = mix64(id);
            if model.len() == 500 || (random.is_multiple_of(3) && !model.is_empty()) {
                // Mostly a young one, so that some grow very old.
                let back = (random >> 8) as usize % model.len().min(20);
                let (&id, &slot) = model.iter().nth_back(back).expect("it has as many");
                model.remove(&id);
                index.remove(id, slot);
                slots[slot as usize] = 0;
                free.push(slot);
            }
            let slot = free.pop().expect("fewer are open than there are slots");
            index.insert(id, slot, |slot| slots[slot as usize]);
            slots[slot as usize] = id;
            model.insert(id, slot);
            most_strays = most_strays.max(index.stray_count);
            for probe in [
                random % id + 1,
                id,
                id.saturating_sub(1024),
                *model.keys().next().expect("one"),
            ] {
                let found = index.get(probe, |slot| slots[slot as usize]);
                assert_eq!(found, model.get(&probe).copied(), "id {probe} at {id}");
            }
        }
        assert!(most_strays > 100, "{most_strays} strays");
    }
}
