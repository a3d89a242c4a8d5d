//! Table indices by id: ids below 65,536 by direct look-up, which is one load; larger ones by hash.

use crate::id_map::IdMap;

/// Ids below this one are looked up directly.
const DIRECT: usize = 1 << 16;

/// Map from an id of 1 or more to a table index.
pub struct SmallIds {
    /// Index + 1; 0 = nothing. Memory that no id has come to is not touched.
    direct: Vec<u32>,
    others: IdMap,
}

impl SmallIds {
    /// Holds `capacity` ids without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            direct: vec![0; DIRECT],
            others: IdMap::with_capacity(capacity),
        }
    }

    /// The table index of an id.
    #[inline]
    pub fn get(&self, id: u64) -> Option<u32> {
        match self.direct.get(id as usize) {
            Some(0) => None,
            Some(next) => Some(next - 1),
            None => self.others.get(id),
        }
    }

    /// Adds an id that is not in the map.
    pub fn insert(&mut self, id: u64, index: u32) {
        match self.direct.get_mut(id as usize) {
            Some(place) => *place = index + 1,
            None => self.others.insert(id, index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_small_and_large_ids() {
        let mut ids = SmallIds::with_capacity(4);
        let known = [1, 65_535, 65_536, 4_000_000_000];
        for (index, id) in known.into_iter().enumerate() {
            assert_eq!(ids.get(id), None);
            ids.insert(id, index as u32);
        }
        for (index, id) in known.into_iter().enumerate() {
            assert_eq!(ids.get(id), Some(index as u32));
        }
        assert_eq!((ids.get(2), ids.get(65_537)), (None, None));
    }
}
