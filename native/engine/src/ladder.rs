//! The prices of one side of a book: a 64-ary bitmap trie over the whole range of `u64` keys.
//!
//! A leaf covers 64 neighbouring keys with one bitmap word; each level above covers 64 times more. The root grows only as
//! far as the prices in use spread, so a book whose prices lie within 16 M ticks of each other is at most four nodes
//! deep, and the whole 64-bit range is eleven deep. The leaves used last are remembered: near the touch a look-up is one
//! load. The best key is always known. Memory: 272 bytes a node, O(levels x depth); nodes are recycled.

const FANOUT_BITS: u32 = 6;
const SLOT_MASK: u64 = 63;
const NONE: u32 = u32::MAX;
/// Leaves that are found at once: 512 neighbouring ticks.
const CACHED: usize = 8;
/// Nodes taken with the ladder; more are taken as prices spread.
const NODES_AT_START: usize = 32;

struct Node {
    bitmap: u64,
    parent: u32,
    children: [u32; 64],
}

/// An ordered map from `u64` keys to `u32` values with O(1) minimum.
pub struct Ladder {
    nodes: Vec<Node>,
    free: Vec<u32>,
    root: u32,
    /// Levels above the leaves.
    height: u32,
    /// `key >> (6 * (height + 1))` of every key under the root.
    prefix: u64,
    /// Leaves used last, by the low bits of their keys: (key >> 6, leaf).
    cached: [(u64, u32); CACHED],
    best: Option<(u64, u32)>,
}

const fn slot_at(key: u64, level: u32) -> usize {
    ((key >> (FANOUT_BITS * level)) & SLOT_MASK) as usize
}

#[inline]
const fn cache_place(key: u64) -> usize {
    (key >> FANOUT_BITS) as usize % CACHED
}

/// `key >> shift` that is zero when everything is shifted out.
const fn shifted(key: u64, shift: u32) -> u64 {
    if shift >= 64 { 0 } else { key >> shift }
}

impl Ladder {
    /// An empty ladder with room for a touch that spans some thousand ticks.
    pub fn new() -> Self {
        Self {
            nodes: Vec::with_capacity(NODES_AT_START),
            free: Vec::with_capacity(NODES_AT_START),
            root: NONE,
            height: 0,
            prefix: 0,
            cached: [(0, NONE); CACHED],
            best: None,
        }
    }

    /// Smallest key and its value. O(1).
    #[inline]
    pub const fn best(&self) -> Option<(u64, u32)> {
        self.best
    }

    fn node(&mut self, parent: u32) -> u32 {
        let node = Node {
            bitmap: 0,
            parent,
            children: [NONE; 64],
        };
        if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            return index;
        }
        self.nodes.push(node);
        // Every node may be freed: the list of free ones never grows on its own.
        self.free.reserve(self.nodes.capacity());
        (self.nodes.len() - 1) as u32
    }

    fn covers(&self, key: u64) -> bool {
        self.root != NONE && shifted(key, FANOUT_BITS * (self.height + 1)) == self.prefix
    }

    #[inline(always)]
    fn leaf(&self, key: u64) -> u32 {
        let (cached_key, cached) = self.cached[cache_place(key)];
        if cached_key == key >> FANOUT_BITS && cached != NONE {
            return cached;
        }
        self.search(key)
    }

    #[inline(never)]
    fn search(&self, key: u64) -> u32 {
        if !self.covers(key) {
            return NONE;
        }
        let mut at = self.root;
        for level in (1..=self.height).rev() {
            if at == NONE {
                return NONE;
            }
            at = self.nodes[at as usize].children[slot_at(key, level)];
        }
        at
    }

    /// The value of a key.
    #[inline(always)]
    pub fn get(&self, key: u64) -> Option<u32> {
        let leaf = self.leaf(key);
        if leaf == NONE {
            return None;
        }
        let value = self.nodes[leaf as usize].children[slot_at(key, 0)];
        (value != NONE).then_some(value)
    }

    /// Adds a key that is not in the ladder.
    pub fn insert(&mut self, key: u64, value: u32) {
        let leaf = match self.leaf(key) {
            NONE => self.make_leaf(key),
            leaf => leaf,
        };
        self.cached[cache_place(key)] = (key >> FANOUT_BITS, leaf);
        let slot = slot_at(key, 0);
        let node = &mut self.nodes[leaf as usize];
        debug_assert!(node.children[slot] == NONE, "Invariant: a price has one level");
        node.children[slot] = value;
        node.bitmap |= 1 << slot;
        if self.best.is_none_or(|(best, _)| key < best) {
            self.best = Some((key, value));
        }
    }

    fn make_leaf(&mut self, key: u64) -> u32 {
        if self.root == NONE {
            self.root = self.node(NONE);
            self.height = 0;
            self.prefix = shifted(key, FANOUT_BITS);
            return self.root;
        }
        while !self.covers(key) {
            let below = self.root;
            let slot = (self.prefix & SLOT_MASK) as usize;
            let root = self.node(NONE);
            self.nodes[root as usize].children[slot] = below;
            self.nodes[root as usize].bitmap = 1 << slot;
            self.nodes[below as usize].parent = root;
            self.root = root;
            self.height += 1;
            self.prefix >>= FANOUT_BITS;
        }
        let mut at = self.root;
        for level in (1..=self.height).rev() {
            let slot = slot_at(key, level);
            let mut child = self.nodes[at as usize].children[slot];
            if child == NONE {
                child = self.node(at);
                let node = &mut self.nodes[at as usize];
                node.children[slot] = child;
                node.bitmap |= 1 << slot;
            }
            at = child;
        }
        at
    }

    /// Removes a key that is in the ladder.
    pub fn remove(&mut self, key: u64) {
        let leaf = self.leaf(key);
        debug_assert!(leaf != NONE, "Invariant: only a level that exists is removed");
        let slot = slot_at(key, 0);
        let node = &mut self.nodes[leaf as usize];
        node.children[slot] = NONE;
        node.bitmap &= !(1 << slot);
        let next = if self.best.is_some_and(|(best, _)| best == key) {
            self.after(key)
        } else {
            self.best
        };
        if self.nodes[leaf as usize].bitmap == 0 {
            self.prune(leaf, key);
        }
        self.best = next;
    }

    /// Frees an empty leaf and every node above that it leaves empty.
    fn prune(&mut self, leaf: u32, key: u64) {
        if self.cached[cache_place(key)].1 == leaf {
            self.cached[cache_place(key)].1 = NONE;
        }
        let mut at = leaf;
        let mut level = 0;
        while self.nodes[at as usize].bitmap == 0 {
            let parent = self.nodes[at as usize].parent;
            self.free.push(at);
            if parent == NONE {
                self.root = NONE;
                return;
            }
            level += 1;
            let slot = slot_at(key, level);
            let node = &mut self.nodes[parent as usize];
            node.children[slot] = NONE;
            node.bitmap &= !(1 << slot);
            at = parent;
        }
    }

    /// Smallest key above `key`, with its value. O(depth), one bitmap step when both lie in one leaf.
    pub fn after(&self, key: u64) -> Option<(u64, u32)> {
        let mut at = self.leaf(key);
        if at == NONE {
            return None;
        }
        let mut level = 0;
        loop {
            let slot = slot_at(key, level);
            let node = &self.nodes[at as usize];
            let above = if slot == 63 {
                0
            } else {
                node.bitmap & (u64::MAX << (slot + 1))
            };
            if above != 0 {
                return Some(self.first_under(at, level, key, above.trailing_zeros()));
            }
            if node.parent == NONE {
                return None;
            }
            at = node.parent;
            level += 1;
        }
    }

    /// Smallest key above any `key`, in the ladder or not, with its value. O(depth).
    pub fn above(&self, key: u64) -> Option<(u64, u32)> {
        if !self.covers(key) {
            let beyond = shifted(key, FANOUT_BITS * (self.height + 1)) > self.prefix;
            return if beyond { None } else { self.best };
        }
        let mut found = None;
        let mut at = self.root;
        for level in (0..=self.height).rev() {
            let slot = slot_at(key, level);
            let node = &self.nodes[at as usize];
            let above = if slot == 63 {
                0
            } else {
                node.bitmap & (u64::MAX << (slot + 1))
            };
            if above != 0 {
                found = Some((at, level, above.trailing_zeros()));
            }
            at = node.children[slot];
            if at == NONE {
                break;
            }
        }
        found.map(|(at, level, slot)| self.first_under(at, level, key, slot))
    }

    /// Largest key below any `key`, in the ladder or not, with its value. O(depth).
    pub fn below(&self, key: u64) -> Option<(u64, u32)> {
        let top = FANOUT_BITS * (self.height + 1);
        if self.root == NONE || shifted(key, top) < self.prefix {
            return None;
        }
        // Beyond the tree everything lies below.
        let key = if self.covers(key) {
            key
        } else {
            let bitmap = self.nodes[self.root as usize].bitmap;
            let base = if top >= 64 { 0 } else { self.prefix << top };
            return Some(self.last_under(self.root, self.height, base, 63 - bitmap.leading_zeros()));
        };
        let mut found = None;
        let mut at = self.root;
        for level in (0..=self.height).rev() {
            let slot = slot_at(key, level);
            let node = &self.nodes[at as usize];
            let below = node.bitmap & ((1 << slot) - 1);
            if below != 0 {
                found = Some((at, level, 63 - below.leading_zeros()));
            }
            at = node.children[slot];
            if at == NONE {
                break;
            }
        }
        found.map(|(at, level, slot)| self.last_under(at, level, key, slot))
    }

    /// Largest key below slot `slot` of the node `at`, as `first_under`.
    fn last_under(&self, mut at: u32, mut level: u32, key: u64, mut slot: u32) -> (u64, u32) {
        let above = FANOUT_BITS * (level + 1);
        let mut found = if above >= 64 { 0 } else { (key >> above) << above };
        loop {
            found |= u64::from(slot) << (FANOUT_BITS * level);
            let child = self.nodes[at as usize].children[slot as usize];
            if level == 0 {
                return (found, child);
            }
            at = child;
            level -= 1;
            slot = 63 - self.nodes[at as usize].bitmap.leading_zeros();
        }
    }

    /// Smallest key below slot `slot` of the node `at`, which lies on the path of `key` at `level`.
    fn first_under(&self, mut at: u32, mut level: u32, key: u64, slot: u32) -> (u64, u32) {
        let above = FANOUT_BITS * (level + 1);
        let mut found = if above >= 64 { 0 } else { (key >> above) << above };
        let mut slot = slot;
        loop {
            found |= u64::from(slot) << (FANOUT_BITS * level);
            let child = self.nodes[at as usize].children[slot as usize];
            if level == 0 {
                return (found, child);
            }
            at = child;
            level -= 1;
            slot = self.nodes[at as usize].bitmap.trailing_zeros();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixing::mix64;
    use std::collections::BTreeMap;

    fn churn(spread: impl Fn(u64) -> u64, rounds: u64) {
        let mut ladder = Ladder::new();
        let mut model = BTreeMap::new();
        let mut state = 11_u64;
        for round in 0..rounds {
            state = mix64(state.wrapping_add(round));
            let key = spread(state);
            let value = round as u32;
            if model.remove(&key).is_some() {
                ladder.remove(key);
            } else {
                model.insert(key, value);
                ladder.insert(key, value);
            }
            assert_eq!(
                ladder.best(),
                model.first_key_value().map(|(key, value)| (*key, *value))
            );
            assert_eq!(ladder.get(key), model.get(&key).copied());
            for near in [key, key.wrapping_add(1), key.wrapping_sub(1), mix64(state), 0, u64::MAX] {
                let pair = |(key, value): (&u64, &u32)| (*key, *value);
                let above = near.checked_add(1).and_then(|from| model.range(from..).next());
                assert_eq!(ladder.above(near), above.map(pair));
                assert_eq!(ladder.below(near), model.range(..near).next_back().map(pair));
            }
            if let Some((best, _)) = ladder.best() {
                let expected = model.range(best + 1..).next().map(|(key, value)| (*key, *value));
                assert_eq!(ladder.after(best), expected);
            }
        }
        let mut walked = Vec::new();
        let mut at = ladder.best();
        while let Some((key, value)) = at {
            walked.push((key, value));
            at = ladder.after(key);
        }
        assert_eq!(walked, model.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn agrees_with_an_ordered_map_near_the_touch() {
        churn(|state| (1 << 40) + state % 300, 100_000);
    }

    #[test]
    fn agrees_with_an_ordered_map_over_the_whole_range() {
        churn(|state| mix64(state % 700) & !1, 100_000);
        churn(
            |state| {
                if state & 1 == 0 {
                    state % 50
                } else {
                    u64::MAX - 1 - state % 50
                }
            },
            50_000,
        );
    }
}
