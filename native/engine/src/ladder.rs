//! The prices of one side of a book: a 64-ary bitmap trie over the whole range of `u64` keys that has no node where no keys
//! branch.
//!
//! Structure: a leaf covers 64 neighbouring keys with one bitmap word. A node above branches by one digit of six bits, and
//! exists only where keys differ in that digit. Keys far from others take no node: a slot refers to a lone key, or to a
//! bunch of up to 18 keys of which no two would share a leaf. Neighbours share a leaf as soon as there are two of them, so
//! prices near the touch are never in a bunch. The leaves used last are remembered.
//!
//! Order: leaves and nodes keep keys in order, a bunch is searched whole for the next one. The best key is always known.
//!
//! Cost: near the touch a look-up is one load. Elsewhere the way down reads one slot a node, because a reference names the
//! level of what it refers to, and the key is compared once, at the end. A book whose prices lie within 16 M ticks of each
//! other is at most four nodes deep, and the whole 64-bit range eleven. What is made on the way up is not unmade as soon
//! on the way down, so a price that empties and fills again takes nothing apart: a leaf stays until its last key leaves, a
//! node until one child is left, or half a bunch of lone keys.
//!
//! Memory: 272 bytes a node or leaf, 256 a bunch, 16 a lone key. All are recycled as they were when new, so taking one
//! writes nothing that is not used; free ones are linked through themselves.
//!
//! Known limits: a leaf whose other keys have left keeps its 272 bytes for one. At most 2^28 of each kind, which is as many as
//! there may be orders; as many nodes would take 73 GB.

mod bunch;

use bunch::{BUNCH_KEYS, Bunch};

/// Bits of a key that one node tells apart.
const DIGIT_BITS: u32 = 6;
const SLOT_MASK: u64 = 63;
/// No value, no child, no node.
const NONE: u32 = u32::MAX;
/// A reference is an index below this bit; above it stands the level of a node, or what else it refers to.
const LEVEL_SHIFT: u32 = 28;
const INDEX_MASK: u32 = (1 << LEVEL_SHIFT) - 1;
/// Stands where the level would, in a reference to a bunch.
const BUNCH: u32 = 13;
/// The same of a lone key.
const LONE: u32 = 14;
/// A node with as few children, all of them lone, becomes a bunch. Half of what a bunch holds, so that a price that comes and
/// goes does not take bunches apart and put them together in turn.
const GATHERED: u32 = 9;
/// Leaves that are found at once: 512 neighbouring ticks.
const CACHED: usize = 8;
/// Nodes taken with the ladder; more are taken as prices spread.
const NODES_AT_START: usize = 32;
/// The same of bunches.
const BUNCHES_AT_START: usize = 8;
/// The same of lone keys.
const LONES_AT_START: usize = 64;
/// A leaf (level 0) or a node that branches. A free one is empty.
struct Node {
    /// Slots that are taken.
    bitmap: u64,
    /// The digits above this node's, of every key under it. Of a free node: the next free one.
    prefix: u64,
    /// Values in a leaf, references above.
    children: [u32; 64],
}

/// A key that has a slot above the leaves to itself.
struct Lone {
    /// Of a free one: the next free one.
    key: u64,
    value: u32,
}

/// A reference, taken apart.
#[derive(Clone, Copy)]
enum Child {
    None,
    Lone(usize),
    Bunch(usize),
    Leaf(usize),
    /// Level and index of a node above the leaves.
    Branch(u32, usize),
}

/// Where a reference stands.
#[derive(Clone, Copy)]
enum Place {
    Root,
    /// Node and slot.
    Slot(usize, usize),
}

/// An ordered map from `u64` keys to `u32` values (not `u32::MAX`) with O(1) minimum.
pub struct Ladder {
    nodes: Vec<Node>,
    bunches: Vec<Bunch>,
    lones: Vec<Lone>,
    free_node: u32,
    free_bunch: u32,
    free_lone: u32,
    root: u32,
    /// Leaves used last, by the low bits of their keys: (key >> 6, leaf).
    cached: [(u64, u32); CACHED],
    best: Option<(u64, u32)>,
}

const fn slot_at(key: u64, level: u32) -> usize {
    ((key >> (DIGIT_BITS * level)) & SLOT_MASK) as usize
}

#[inline]
const fn cache_place(key: u64) -> usize {
    (key >> DIGIT_BITS) as usize % CACHED
}

/// The digits of a key above those of a level.
const fn prefix_at(key: u64, level: u32) -> u64 {
    let shift = DIGIT_BITS * (level + 1);
    if shift >= u64::BITS { 0 } else { key >> shift }
}

/// The smallest key with a prefix.
const fn smallest_with(prefix: u64, level: u32) -> u64 {
    let shift = DIGIT_BITS * (level + 1);
    if shift >= u64::BITS { 0 } else { prefix << shift }
}

/// The level of the highest digit in which two keys differ.
const fn differing_level(one: u64, other: u64) -> u32 {
    (u64::BITS - 1 - (one ^ other).leading_zeros()) / DIGIT_BITS
}

/// The slots of a bitmap above one slot.
const fn slots_above(bitmap: u64, slot: usize) -> u64 {
    bitmap & (u64::MAX - 1) << slot
}

/// The slots of a bitmap below one slot.
const fn slots_below(bitmap: u64, slot: usize) -> u64 {
    bitmap & ((1 << slot) - 1)
}

const fn first_slot(bitmap: u64) -> usize {
    bitmap.trailing_zeros() as usize
}

const fn last_slot(bitmap: u64) -> usize {
    (63 - bitmap.leading_zeros()) as usize
}

const fn reference(level: u32, index: usize) -> u32 {
    level << LEVEL_SHIFT | index as u32
}

#[inline(always)]
const fn child(reference: u32) -> Child {
    let index = (reference & INDEX_MASK) as usize;
    match reference >> LEVEL_SHIFT {
        _ if reference == NONE => Child::None,
        LONE => Child::Lone(index),
        BUNCH => Child::Bunch(index),
        0 => Child::Leaf(index),
        level => Child::Branch(level, index),
    }
}

impl Node {
    fn fill(&mut self, slot: usize, child: u32) {
        self.children[slot] = child;
        self.bitmap |= 1 << slot;
    }

    fn clear(&mut self, slot: usize) {
        self.children[slot] = NONE;
        self.bitmap &= !(1 << slot);
    }

    /// Of a leaf: the key in a slot that is taken, and its value.
    fn pair(&self, slot: usize) -> (u64, u32) {
        (self.prefix << DIGIT_BITS | slot as u64, self.children[slot])
    }
}

impl Lone {
    const fn pair(&self) -> (u64, u32) {
        (self.key, self.value)
    }
}

impl Ladder {
    /// An empty ladder with room for a touch that spans some thousand ticks.
    pub fn new() -> Self {
        Self {
            nodes: Vec::with_capacity(NODES_AT_START),
            bunches: Vec::with_capacity(BUNCHES_AT_START),
            lones: Vec::with_capacity(LONES_AT_START),
            free_node: NONE,
            free_bunch: NONE,
            free_lone: NONE,
            root: NONE,
            cached: [(0, NONE); CACHED],
            best: None,
        }
    }

    /// Smallest key and its value. O(1).
    #[inline]
    pub const fn best(&self) -> Option<(u64, u32)> {
        self.best
    }

    /// The leaf of a key, if it is among those used last.
    #[inline(always)]
    fn cached_leaf(&self, key: u64) -> Option<usize> {
        let (cached_key, cached) = self.cached[cache_place(key)];
        (cached_key == key >> DIGIT_BITS && cached != NONE).then_some(cached as usize)
    }

    /// The value of a key.
    #[inline(always)]
    pub fn get(&self, key: u64) -> Option<u32> {
        match self.cached_leaf(key) {
            Some(leaf) => {
                let value = self.nodes[leaf].children[slot_at(key, 0)];
                (value != NONE).then_some(value)
            }
            None => self.search(key),
        }
    }

    /// `get` from the root. Digits that no node looks at are compared at the end of the way.
    #[inline(never)]
    fn search(&self, key: u64) -> Option<u32> {
        let mut at = self.root;
        loop {
            match child(at) {
                Child::None => return None,
                Child::Lone(index) => {
                    let lone = &self.lones[index];
                    return (lone.key == key).then_some(lone.value);
                }
                Child::Bunch(index) => {
                    let bunch = &self.bunches[index];
                    let at = bunch.find(key)?;
                    return (bunch.keys[at] == key).then_some(bunch.values[at]);
                }
                Child::Leaf(leaf) => {
                    let node = &self.nodes[leaf];
                    let value = node.children[slot_at(key, 0)];
                    return (value != NONE && node.prefix == prefix_at(key, 0)).then_some(value);
                }
                Child::Branch(level, index) => at = self.nodes[index].children[slot_at(key, level)],
            }
        }
    }

    /// Adds a key that is not in the ladder. O(1) near the touch, O(depth) anywhere.
    pub fn insert(&mut self, key: u64, value: u32) {
        debug_assert!(self.search(key).is_none(), "Invariant: a price has one level");
        debug_assert!(value != NONE, "Invariant: a level has an index");
        match self.cached_leaf(key) {
            Some(leaf) => self.nodes[leaf].fill(slot_at(key, 0), value),
            None => self.place(key, value),
        }
        if self.best.is_none_or(|(best, _)| key < best) {
            self.best = Some((key, value));
        }
    }

    /// Adds a key from the root down.
    #[inline(never)]
    fn place(&mut self, key: u64, value: u32) {
        let mut at = self.root;
        let mut place = Place::Root;
        let mut last = None;
        while let Child::Branch(level, index) = child(at) {
            let slot = slot_at(key, level);
            place = Place::Slot(index, slot);
            last = Some((level, index));
            at = self.nodes[index].children[slot];
        }
        // A key like those at the end of the way, which may differ from the new one in a digit that no node looked at.
        let other = match (child(at), last) {
            (Child::Lone(index), _) => self.lones[index].key,
            (Child::Bunch(index), _) => self.bunches[index].sample,
            (Child::Leaf(leaf), _) => smallest_with(self.nodes[leaf].prefix, 0),
            (_, Some((level, index))) => smallest_with(self.nodes[index].prefix, level),
            (_, None) => key,
        };
        let top = last.map_or(u32::MAX, |(level, _)| level);
        let differing = if other == key { 0 } else { differing_level(key, other) };
        match child(at) {
            Child::Leaf(leaf) if differing == 0 => {
                self.nodes[leaf].fill(slot_at(key, 0), value);
                self.cached[cache_place(key)] = (prefix_at(key, 0), leaf as u32);
            }
            Child::None if differing <= top => {
                let lone = self.take_lone(key, value);
                match place {
                    Place::Root => self.root = lone,
                    Place::Slot(node, slot) => self.nodes[node].fill(slot, lone),
                }
            }
            Child::Lone(index) if differing < top => self.pair_up(place, index, key, value),
            Child::Bunch(index) if differing < top => self.join(place, index, key, value),
            _ => self.branch(key, value, differing, other),
        }
    }

    /// Puts a key beside a lone one: both into a leaf if they are neighbours, else into a bunch.
    fn pair_up(&mut self, place: Place, index: usize, key: u64, value: u32) {
        let (other, beside) = self.lones[index].pair();
        self.give_lone(index);
        let prefix = prefix_at(key, 0);
        let made = if prefix == prefix_at(other, 0) {
            let leaf = self.take_node(prefix);
            self.nodes[leaf].fill(slot_at(other, 0), beside);
            self.nodes[leaf].fill(slot_at(key, 0), value);
            self.cached[cache_place(key)] = (prefix, leaf as u32);
            reference(0, leaf)
        } else {
            let bunch = self.take_bunch(key);
            self.bunches[bunch].add(other, beside);
            self.bunches[bunch].add(key, value);
            reference(BUNCH, bunch)
        };
        self.refer(place, made);
    }

    /// Adds a key to a bunch. If that is full, or would hold neighbours then, a node takes its place, and its keys go below.
    fn join(&mut self, place: Place, index: usize, key: u64, value: u32) {
        let bunch = &mut self.bunches[index];
        let count = bunch.count as usize;
        if count < BUNCH_KEYS && bunch.find(key).is_none() {
            bunch.add(key, value);
            return;
        }
        let differing = bunch.pairs().map(|(other, _)| differing_level(key, other));
        let level = differing.max().unwrap_or(0);
        let node = self.take_node(prefix_at(key, level));
        self.refer(place, reference(level, node));
        for at in 0..count {
            let bunch = &self.bunches[index];
            let (other, beside) = (bunch.keys[at], bunch.values[at]);
            self.place(other, beside);
        }
        self.give_bunch(index);
        self.place(key, value);
    }

    /// Makes the node that tells a new key from another one, in the digit of a level that no node looks at yet.
    fn branch(&mut self, key: u64, value: u32, branching: u32, other: u64) {
        let mut place = Place::Root;
        let mut at = self.root;
        while let Child::Branch(level, index) = child(at)
            && level > branching
        {
            let slot = slot_at(key, level);
            place = Place::Slot(index, slot);
            at = self.nodes[index].children[slot];
        }
        let node = self.take_node(prefix_at(key, branching));
        let lone = self.take_lone(key, value);
        self.nodes[node].fill(slot_at(other, branching), at);
        self.nodes[node].fill(slot_at(key, branching), lone);
        self.refer(place, reference(branching, node));
    }

    /// Writes a reference in place of another one.
    fn refer(&mut self, place: Place, reference: u32) {
        match place {
            Place::Root => self.root = reference,
            Place::Slot(node, slot) => self.nodes[node].children[slot] = reference,
        }
    }

    /// Removes a key that is in the ladder. O(1) near the touch, O(depth) anywhere.
    pub fn remove(&mut self, key: u64) {
        debug_assert!(
            self.search(key).is_some(),
            "Invariant: only a level that exists is removed"
        );
        if self.best.is_some_and(|(best, _)| best == key) {
            self.best = self.after(key);
        }
        if let Some(leaf) = self.cached_leaf(key) {
            let node = &mut self.nodes[leaf];
            node.clear(slot_at(key, 0));
            if node.bitmap != 0 {
                return;
            }
        }
        self.take_out(key);
    }

    /// Removes a key from the root down, with what it leaves empty, or with too little to be worth a node.
    #[inline(never)]
    fn take_out(&mut self, key: u64) {
        let mut above = Place::Root;
        let mut place = Place::Root;
        let mut at = self.root;
        while let Child::Branch(level, index) = child(at) {
            let slot = slot_at(key, level);
            above = place;
            place = Place::Slot(index, slot);
            at = self.nodes[index].children[slot];
        }
        match child(at) {
            Child::Lone(index) => self.give_lone(index),
            Child::Bunch(index) => {
                self.leave(place, index, key);
                return;
            }
            Child::Leaf(leaf) => {
                self.nodes[leaf].clear(slot_at(key, 0));
                if self.nodes[leaf].bitmap != 0 {
                    return;
                }
                if self.cached[cache_place(key)].1 == leaf as u32 {
                    self.cached[cache_place(key)].1 = NONE;
                }
                self.give_node(leaf);
            }
            _ => return,
        }
        let Place::Slot(index, slot) = place else {
            self.root = NONE;
            return;
        };
        let node = &mut self.nodes[index];
        node.clear(slot);
        if node.bitmap.is_power_of_two() {
            let left = first_slot(node.bitmap);
            let only = node.children[left];
            node.clear(left);
            self.give_node(index);
            self.refer(above, only);
        } else if matches!(child(at), Child::Lone(_)) && node.bitmap.count_ones() <= GATHERED {
            self.gather(above, index);
        }
    }

    /// Takes a key out of a bunch; the last but one leaves a lone key.
    fn leave(&mut self, place: Place, index: usize, key: u64) {
        let bunch = &mut self.bunches[index];
        if let Some(at) = bunch.find(key) {
            bunch.drop_at(at);
        }
        if bunch.count == 1 {
            let (key, value) = (bunch.keys[0], bunch.values[0]);
            self.give_bunch(index);
            let lone = self.take_lone(key, value);
            self.refer(place, lone);
        }
    }

    /// Makes a bunch of a node that has few children, if all of them are lone.
    fn gather(&mut self, above: Place, index: usize) {
        let mut left = self.nodes[index].bitmap;
        while left != 0 {
            if !matches!(child(self.nodes[index].children[first_slot(left)]), Child::Lone(_)) {
                return;
            }
            left &= left - 1;
        }
        let bunch = self.take_bunch(0);
        while self.nodes[index].bitmap != 0 {
            let slot = first_slot(self.nodes[index].bitmap);
            if let Child::Lone(at) = child(self.nodes[index].children[slot]) {
                let (key, value) = self.lones[at].pair();
                self.bunches[bunch].sample = key;
                self.bunches[bunch].add(key, value);
                self.give_lone(at);
            }
            self.nodes[index].clear(slot);
        }
        self.give_node(index);
        self.refer(above, reference(BUNCH, bunch));
    }

    /// An empty node.
    fn take_node(&mut self, prefix: u64) -> usize {
        if self.free_node != NONE {
            let index = self.free_node as usize;
            self.free_node = self.nodes[index].prefix as u32;
            self.nodes[index].prefix = prefix;
            return index;
        }
        self.nodes.push(Node {
            bitmap: 0,
            prefix,
            children: [NONE; 64],
        });
        self.nodes.len() - 1
    }

    /// Takes a node back that is empty.
    fn give_node(&mut self, index: usize) {
        debug_assert!(self.nodes[index].bitmap == 0, "Invariant: a free node is empty");
        self.nodes[index].prefix = u64::from(self.free_node);
        self.free_node = index as u32;
    }

    /// An empty bunch.
    fn take_bunch(&mut self, sample: u64) -> usize {
        if self.free_bunch != NONE {
            let index = self.free_bunch as usize;
            let bunch = &mut self.bunches[index];
            self.free_bunch = bunch.sample as u32;
            bunch.sample = sample;
            return index;
        }
        self.bunches.push(Bunch::empty(sample));
        self.bunches.len() - 1
    }

    /// Takes a bunch back.
    fn give_bunch(&mut self, index: usize) {
        self.bunches[index].count = 0;
        self.bunches[index].sample = u64::from(self.free_bunch);
        self.free_bunch = index as u32;
    }

    /// A reference to a new lone key.
    fn take_lone(&mut self, key: u64, value: u32) -> u32 {
        if self.free_lone != NONE {
            let index = self.free_lone as usize;
            self.free_lone = self.lones[index].key as u32;
            self.lones[index] = Lone { key, value };
            return reference(LONE, index);
        }
        self.lones.push(Lone { key, value });
        reference(LONE, self.lones.len() - 1)
    }

    /// Takes a lone key back.
    fn give_lone(&mut self, index: usize) {
        self.lones[index].key = u64::from(self.free_lone);
        self.free_lone = index as u32;
    }

    /// Smallest key above `key`, with its value. O(depth), one bitmap step when both lie in one leaf that was used last.
    pub fn after(&self, key: u64) -> Option<(u64, u32)> {
        if let Some(leaf) = self.cached_leaf(key) {
            let node = &self.nodes[leaf];
            let above = slots_above(node.bitmap, slot_at(key, 0));
            if above != 0 {
                return Some(node.pair(first_slot(above)));
            }
        }
        self.above(key)
    }

    /// Level and node that a reference is to.
    #[inline(always)]
    fn node_at(&self, reference: u32) -> Option<(u32, &Node)> {
        match child(reference) {
            Child::Leaf(index) => Some((0, &self.nodes[index])),
            Child::Branch(level, index) => Some((level, &self.nodes[index])),
            _ => None,
        }
    }

    /// Smallest key above any `key`, in the ladder or not, with its value. O(depth).
    pub fn above(&self, key: u64) -> Option<(u64, u32)> {
        let mut beside = NONE;
        let mut at = self.root;
        while let Some((level, node)) = self.node_at(at)
            && node.prefix == prefix_at(key, level)
        {
            let slot = slot_at(key, level);
            let above = slots_above(node.bitmap, slot);
            if level == 0 {
                if above != 0 {
                    return Some(node.pair(first_slot(above)));
                }
                at = NONE;
                break;
            }
            if above != 0 {
                beside = node.children[first_slot(above)];
            }
            at = node.children[slot];
        }
        self.first(at, key).or_else(|| self.first(beside, key))
    }

    /// Largest key below any `key`, in the ladder or not, with its value. O(depth).
    pub fn below(&self, key: u64) -> Option<(u64, u32)> {
        let mut beside = NONE;
        let mut at = self.root;
        while let Some((level, node)) = self.node_at(at)
            && node.prefix == prefix_at(key, level)
        {
            let slot = slot_at(key, level);
            let below = slots_below(node.bitmap, slot);
            if level == 0 {
                if below != 0 {
                    return Some(node.pair(last_slot(below)));
                }
                at = NONE;
                break;
            }
            if below != 0 {
                beside = node.children[last_slot(below)];
            }
            at = node.children[slot];
        }
        self.last(at, key).or_else(|| self.last(beside, key))
    }

    /// The smallest key above `key` under a reference. A node must lie on one side of `key`, whole.
    fn first(&self, reference: u32, key: u64) -> Option<(u64, u32)> {
        let mut at = reference;
        while let Some((level, node)) = self.node_at(at) {
            let slot = first_slot(node.bitmap);
            if level == 0 {
                return Some(node.pair(slot)).filter(|(found, _)| *found > key);
            }
            at = node.children[slot];
        }
        match child(at) {
            Child::Lone(index) => Some(self.lones[index].pair()).filter(|(found, _)| *found > key),
            Child::Bunch(index) => self.bunches[index].pairs().filter(|(found, _)| *found > key).min(),
            _ => None,
        }
    }

    /// The largest key below `key` under a reference, as `first`.
    fn last(&self, reference: u32, key: u64) -> Option<(u64, u32)> {
        let mut at = reference;
        while let Some((level, node)) = self.node_at(at) {
            let slot = last_slot(node.bitmap);
            if level == 0 {
                return Some(node.pair(slot)).filter(|(found, _)| *found < key);
            }
            at = node.children[slot];
        }
        match child(at) {
            Child::Lone(index) => Some(self.lones[index].pair()).filter(|(found, _)| *found < key),
            Child::Bunch(index) => self.bunches[index].pairs().filter(|(found, _)| *found < key).max(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
