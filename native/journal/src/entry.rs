//! One entry: a head of 40 bytes, the payload, zeros up to a multiple of 8.
//!
//! | byte | field |
//! |---|---|
//! | 0 | u32 payload bytes plus 1 (0 = no entry) |
//! | 4 | u32 CRC-32C of bytes 8.. of the entry, seeded with the segment's number and the length |
//! | 8 | u64 sequence |
//! | 16 | u64 first commit |
//! | 24 | u64 last commit |
//! | 32 | u64 number of the segment: what an earlier use of the file left behind is not an entry |

use crate::checksum::{Summing, checksum};

/// Bytes of a head.
pub const HEAD_BYTES: usize = 40;

/// Bytes of a whole entry.
pub const fn total_bytes(payload_bytes: usize) -> usize {
    (HEAD_BYTES + payload_bytes).next_multiple_of(8)
}

/// The head of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryHead {
    /// Counts without a gap.
    pub sequence: u64,
    /// First commit.
    pub first_commit: u64,
    /// Last commit.
    pub last_commit: u64,
    /// Bytes of the payload.
    pub payload_bytes: usize,
}

fn word(bytes: &[u8], offset: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(offset..)?.first_chunk()?))
}

impl EntryHead {
    /// Reads the entry at an offset when it is whole.
    pub fn read(bytes: &[u8], offset: usize, segment: u64) -> Option<Self> {
        let first = word(bytes, offset)?;
        let length = u32::try_from(first & 0xffff_ffff).ok()?;
        let payload_bytes = usize::try_from(length.checked_sub(1)?).ok()?;
        let entry = bytes.get(offset..offset.checked_add(total_bytes(payload_bytes))?)?;
        if word(entry, 32)? != segment || u64::from(checksum(length, &entry[8..])) != first >> 32 {
            return None;
        }
        Some(Self {
            sequence: word(entry, 8)?,
            first_commit: word(entry, 16)?,
            last_commit: word(entry, 24)?,
            payload_bytes,
        })
    }

    /// Writes the head and, behind each other, the parts of the payload to `entry`, which has the bytes of the whole.
    ///
    /// # Panics
    /// When the payload passes 4 GiB.
    #[inline]
    pub fn write(&self, parts: &[&[u8]], entry: &mut [u8], segment: u64, summing: Summing) {
        let length = u32::try_from(self.payload_bytes + 1).expect("Invariant: an entry is smaller than 4 GiB");
        let (first, rest) = entry.split_at_mut(8);
        let head = [self.sequence, self.first_commit, self.last_commit, segment];
        let sum = summing.write(length, head, parts, rest);
        first.copy_from_slice(&(u64::from(sum) << 32 | u64::from(length)).to_le_bytes());
    }
}

/// Whether something at an offset was written as the head of an entry of this segment, whole or not.
pub fn has_head(bytes: &[u8], offset: usize, segment: u64) -> bool {
    word(bytes, offset).is_some_and(|first| first & 0xffff_ffff != 0) && word(bytes, offset + 32) == Some(segment)
}

/// Looks behind `offset` for a whole entry of this segment with a sequence of at least `from`: its presence tells damage
/// from a tail that was cut.
pub fn find_later(bytes: &[u8], offset: usize, segment: u64, from: u64) -> Option<u64> {
    let marker = segment.to_le_bytes();
    let mut at = offset;
    while at + HEAD_BYTES <= bytes.len() {
        // The segment number is compared first: the checksum of anything else need not be computed.
        if bytes[at + 32..at + 40] == marker
            && let Some(head) = EntryHead::read(bytes, at, segment)
            && head.sequence >= from
        {
            return Some(head.sequence);
        }
        at += 8;
    }
    None
}
