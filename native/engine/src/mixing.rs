//! Mixing of integers for tables and for the state hash: fixed constants, the same on every machine.

/// 128-bit hash of one entity, as two independent 64-bit lanes.
pub type EntityHash = [u64; 2];

const LANE0: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
const LANE1: [u64; 2] = [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];

/// Spreads every bit of one word over the result (the finaliser of SplitMix64).
#[inline]
pub const fn mix64(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[inline]
const fn fold(left: u64, right: u64) -> u64 {
    let product = (left as u128).wrapping_mul(right as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Takes one word into a running hash of bytes.
#[inline]
pub const fn fold_word(hash: u64, word: u64) -> u64 {
    fold(hash ^ word, LANE0[0] ^ hash.rotate_left(23)) ^ word.rotate_left(32)
}

/// Hash of an entity's words, two at a time. `tag` separates kinds of entities.
///
/// Each lane multiplies both words, masked crosswise: a word that equals a lane's mask hides its neighbour from that lane alone, and
/// the other lane has it still. What a lane was before stays in it whatever the product is.
#[inline]
pub fn hash_words(tag: u64, words: &[u64]) -> EntityHash {
    let mut lanes = [tag ^ LANE0[1], tag.wrapping_mul(LANE1[1]) ^ LANE1[0]];
    let (pairs, last) = words.as_chunks::<2>();
    for &[left, right] in pairs {
        lanes = mix_pair(lanes, left, right);
    }
    if let Some(&last) = last.first() {
        lanes = mix_pair(lanes, last, 0);
    }
    let count = words.len() as u64;
    [mix64(lanes[0] ^ count), mix64(lanes[1].wrapping_add(count))]
}

#[inline(always)]
const fn mix_pair(lanes: EntityHash, left: u64, right: u64) -> EntityHash {
    [
        fold(left ^ LANE0[0], right ^ lanes[0]) ^ lanes[0].rotate_left(29),
        fold(right ^ LANE1[0], left ^ lanes[1]).wrapping_add(lanes[1].rotate_left(43)),
    ]
}

/// Order-independent sum of entity hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HashSum(EntityHash);

impl HashSum {
    /// The sum of nothing.
    pub const ZERO: Self = Self([0; 2]);

    /// Takes an entity in.
    #[inline]
    pub fn add(&mut self, hash: EntityHash) {
        self.0 = [self.0[0].wrapping_add(hash[0]), self.0[1].wrapping_add(hash[1])];
    }

    /// Takes an entity out.
    #[inline]
    pub fn remove(&mut self, hash: EntityHash) {
        self.0 = [self.0[0].wrapping_sub(hash[0]), self.0[1].wrapping_sub(hash[1])];
    }

    /// Takes in everything that another sum holds.
    pub fn join(&mut self, other: Self) {
        self.add(other.0);
    }

    /// The sum so far.
    pub const fn value(self) -> EntityHash {
        self.0
    }
}

/// Which entities of one table changed since their hashes were summed. An entity that changes a thousand times between
/// two state hashes is hashed once.
pub struct HashedTable {
    hashed: Vec<EntityHash>,
    /// 0 = not in `list`; else the round in which it was noted last.
    noted: Vec<u8>,
    /// A snapshot begins a new round: whoever changes an entity then meets it unmarked once more, and copies it.
    round: u8,
    list: Vec<u32>,
    /// See [`HashedTable::era`].
    era: u64,
}

impl HashedTable {
    /// A table for `capacity` entities without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            hashed: vec![[0; 2]; capacity],
            noted: vec![0; capacity],
            round: 1,
            list: Vec::with_capacity(capacity),
            era: 1,
        }
    }

    /// Another number whenever an entity that was marked may be so no more; never 0. Whoever marks the same ones again and again need
    /// not ask for each.
    #[inline(always)]
    pub const fn era(&self) -> u64 {
        self.era
    }

    /// Notes a change of the entity at `index`.
    #[inline(always)]
    pub fn touch(&mut self, index: u32) {
        if !self.is_marked(index) {
            self.note(index);
        }
    }

    /// The entity was noted before, in this round: most changes meet one that the same command has changed.
    #[inline(always)]
    pub fn is_marked(&self, index: u32) -> bool {
        self.noted.get(index as usize) == Some(&self.round)
    }

    /// Begins a round. O(1), but for one in two hundred.
    pub fn begin_round(&mut self) {
        if self.round == u8::MAX {
            self.round = 1;
            for index in &self.list {
                self.noted[*index as usize] = 1;
            }
        }
        self.round += 1;
        self.era += 1;
    }

    /// Notes a change of an entity that is not marked.
    #[inline(never)]
    pub fn note(&mut self, index: u32) {
        let at = index as usize;
        if at >= self.noted.len() {
            self.noted.resize(at + 1, 0);
            self.hashed.resize(at + 1, [0; 2]);
        }
        if self.noted[at] == 0 {
            self.list.push(index);
        }
        self.noted[at] = self.round;
    }

    /// Brings the sum up to date. `hash` answers zeros for an entity that is gone.
    pub fn settle(&mut self, sum: &mut HashSum, mut hash: impl FnMut(u32) -> EntityHash) {
        self.settle_some(sum, usize::MAX, &mut hash);
    }

    /// As [`HashedTable::settle`], for up to `budget` entities. Answers whether none is left.
    pub fn settle_some(&mut self, sum: &mut HashSum, budget: usize, mut hash: impl FnMut(u32) -> EntityHash) -> bool {
        let left = self.list.len().saturating_sub(budget);
        self.era += 1;
        for index in self.list.drain(left..) {
            let at = index as usize;
            let now = hash(index);
            sum.remove(self.hashed[at]);
            sum.add(now);
            self.hashed[at] = now;
            self.noted[at] = 0;
        }
        left == 0
    }
}
