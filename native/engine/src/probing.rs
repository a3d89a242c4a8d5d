//! Tables of slots that are probed one after the other: what taking an entry out has to repair.

/// Empties a slot of a table whose size is a power of two, and moves up what was probed past it, so that whoever is looked for is
/// still found. `home` is the slot at which the search for an entry begins, none for an empty slot. Linear probing with backward
/// shift (Knuth, The Art of Computer Programming 3, 6.4, algorithm R).
#[inline]
pub fn vacate<S: Copy>(slots: &mut [S], gap: usize, empty: S, home: impl Fn(S) -> Option<usize>) {
    let mask = slots.len() - 1;
    let mut hole = gap;
    let mut at = gap;
    loop {
        at = (at + 1) & mask;
        let Some(from) = home(slots[at]) else {
            break;
        };
        // An entry may fill the hole when its home is not between the hole and itself.
        if (at.wrapping_sub(from) & mask) >= (at.wrapping_sub(hole) & mask) {
            slots[hole] = slots[at];
            hole = at;
        }
    }
    slots[hole] = empty;
}
