//! A bunch: a few keys that no node tells apart, in four cache lines.

use super::DIGIT_BITS;

/// Keys of a bunch: as many as four cache lines hold beside their marks.
pub const BUNCH_KEYS: usize = 18;
/// A byte of one in every byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;

/// A few keys far from others: no two of them would share a leaf. In no order.
#[repr(C, align(64))]
pub struct Bunch {
    /// A key that is or was here: like all of them in the digits down to that by which the node above branches. Of a free
    /// bunch: the next free one.
    pub sample: u64,
    /// A byte of a hash of the leaf that each key would be in: where none is the same, no key needs a look, and the first of
    /// the four lines tells.
    marks: [u64; 3],
    /// Keys held.
    pub count: u32,
    /// Their values.
    pub values: [u32; BUNCH_KEYS],
    /// Theirs are the first `count` places.
    pub keys: [u64; BUNCH_KEYS],
}

const _: () = assert!(size_of::<Bunch>() == 256 && BUNCH_KEYS <= 24);

/// The mark of a key in a bunch, that of all keys of its leaf.
const fn mark(key: u64) -> u64 {
    (key >> DIGIT_BITS).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56
}

impl Bunch {
    /// Without keys.
    pub const fn empty(sample: u64) -> Self {
        Self {
            sample,
            marks: [0; 3],
            count: 0,
            values: [0; BUNCH_KEYS],
            keys: [0; BUNCH_KEYS],
        }
    }

    /// Where the key is that would share a leaf with this one; there is one at most.
    #[inline(always)]
    pub fn find(&self, key: u64) -> Option<usize> {
        let wanted = mark(key) * ONES;
        for (word, marks) in self.marks.iter().enumerate() {
            // The high bit of every byte that is zero, and sometimes of a byte above such a one.
            let differing = marks ^ wanted;
            let mut same = differing.wrapping_sub(ONES) & !differing & (ONES << 7);
            while same != 0 {
                let at = word * 8 + same.trailing_zeros() as usize / 8;
                if at < self.count as usize && self.keys[at] >> DIGIT_BITS == key >> DIGIT_BITS {
                    return Some(at);
                }
                same &= same - 1;
            }
        }
        None
    }

    fn write(&mut self, at: usize, key: u64, value: u32) {
        let shift = at % 8 * 8;
        let word = &mut self.marks[at / 8];
        *word = *word & !(0xff << shift) | mark(key) << shift;
        self.keys[at] = key;
        self.values[at] = value;
    }

    /// Adds a key; there must be room.
    pub fn add(&mut self, key: u64, value: u32) {
        self.write(self.count as usize, key, value);
        self.count += 1;
    }

    /// The last one takes the place of the one that goes.
    pub fn drop_at(&mut self, at: usize) {
        self.count -= 1;
        let last = self.count as usize;
        self.write(at, self.keys[last], self.values[last]);
    }

    /// Keys and values.
    pub fn pairs(&self) -> impl Iterator<Item = (u64, u32)> {
        let pairs = self.keys.iter().copied().zip(self.values.iter().copied());
        pairs.take(self.count as usize)
    }
}
