//! A binary heap of order slots that any member can leave: timers and triggers.
//!
//! The smallest key comes first, among equal keys the smallest order id. Each member is told its position whenever it
//! moves, so removal needs no search. O(log n), no allocation while the heap stays within what it held before.

/// One member.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// What the heap is ordered by.
    pub key: u64,
    /// Order id: unique, and older orders have smaller ones.
    pub id: u64,
    /// Slot of the order.
    pub slot: u32,
}

/// Members that a heap has room for once it is used.
const FIRST_ROOM: usize = 256;

/// The heap.
#[derive(Default)]
pub struct SlotHeap {
    members: Vec<Member>,
}

impl SlotHeap {
    /// The member with the smallest key.
    #[inline]
    pub fn first(&self) -> Option<&Member> {
        self.members.first()
    }

    /// Slot of the member at a position, in no order that means anything; `None` behind the last.
    pub fn slot_at(&self, position: usize) -> Option<u32> {
        self.members.get(position).map(|member| member.slot)
    }

    /// Takes a member in. `moved(slot, position)` is called for every member whose position changes.
    pub fn insert(&mut self, member: Member, mut moved: impl FnMut(u32, u32)) {
        if self.members.capacity() == 0 {
            self.members.reserve(FIRST_ROOM);
        }
        self.members.push(member);
        moved(member.slot, (self.members.len() - 1) as u32);
        self.rise(self.members.len() - 1, &mut moved);
    }

    /// Lets the member at a position leave.
    pub fn remove(&mut self, position: u32, mut moved: impl FnMut(u32, u32)) {
        let at = position as usize;
        self.members.swap_remove(at);
        if at < self.members.len() {
            moved(self.members[at].slot, position);
            self.sink(at, &mut moved);
            self.rise(at, &mut moved);
        }
    }

    fn before(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.members[left], &self.members[right]);
        (left.key, left.id) < (right.key, right.id)
    }

    fn swap(&mut self, left: usize, right: usize, moved: &mut impl FnMut(u32, u32)) {
        self.members.swap(left, right);
        moved(self.members[left].slot, left as u32);
        moved(self.members[right].slot, right as u32);
    }

    fn rise(&mut self, mut at: usize, moved: &mut impl FnMut(u32, u32)) {
        while at > 0 {
            let parent = (at - 1) / 2;
            if !self.before(at, parent) {
                return;
            }
            self.swap(at, parent, moved);
            at = parent;
        }
    }

    fn sink(&mut self, mut at: usize, moved: &mut impl FnMut(u32, u32)) {
        loop {
            let left = 2 * at + 1;
            if left >= self.members.len() {
                return;
            }
            let right = left + 1;
            let least = if right < self.members.len() && self.before(right, left) {
                right
            } else {
                left
            };
            if !self.before(least, at) {
                return;
            }
            self.swap(at, least, moved);
            at = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixing::mix64;
    use std::collections::BTreeMap;

    #[test]
    fn the_first_is_the_smallest_whoever_leaves() {
        let mut heap = SlotHeap::default();
        let mut positions = vec![u32::MAX; 64];
        let mut model = BTreeMap::new();
        let mut state = 7;
        for round in 0..20_000_u64 {
            state = mix64(state + round);
            let slot = (state % 64) as u32;
            let held = model.iter().find(|(_, held)| **held == slot).map(|(key, _)| *key);
            if let Some(key) = held {
                model.remove(&key);
                let position = positions[slot as usize];
                heap.remove(position, |slot, position| positions[slot as usize] = position);
            } else {
                let member = Member {
                    key: (state >> 32) % 50,
                    id: round,
                    slot,
                };
                model.insert((member.key, member.id), slot);
                heap.insert(member, |slot, position| positions[slot as usize] = position);
            }
            assert_eq!(heap.first().map(|first| first.slot), model.values().next().copied());
        }
    }
}
