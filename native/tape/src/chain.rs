//! The BLAKE3 chain over commits: each commit holds the hash of the one before and its own, computed over the whole
//! message with its own four hash words zero.

use crate::message::{HASH_WORD, MessageWords};

/// A BLAKE3 hash as four little endian words.
pub type Hash = [u64; 4];

/// Hash of nothing: what the first commit of a shard names as previous.
pub const GENESIS: Hash = [0; 4];

/// The hash that belongs into a commit message: BLAKE3 over its words with the hash words taken as zero.
///
/// `words` is the message including its 8-byte framing. O(length), no allocation.
///
/// # Panics
/// When the message is shorter than a commit's header.
#[must_use]
pub fn commit_hash(words: MessageWords<'_>) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(bytemuck::cast_slice(&words[..HASH_WORD]));
    hasher.update(&[0; 32]);
    hasher.update(bytemuck::cast_slice(&words[HASH_WORD + 4..]));
    let mut hash = GENESIS;
    bytemuck::cast_slice_mut(&mut hash).copy_from_slice(hasher.finalize().as_bytes());
    hash
}

/// [`commit_hash`] of a message whose hash words are zero. In one piece, BLAKE3 hashes the chunks of a commit side by side from
/// the first one on, which takes little more than half the time.
pub(crate) fn hash_without_hash(words: MessageWords<'_>) -> Hash {
    debug_assert!(
        words[HASH_WORD..HASH_WORD + 4] == GENESIS,
        "Invariant: the hash is not part of what is hashed"
    );
    let mut hash = GENESIS;
    let bytes = blake3::hash(bytemuck::cast_slice(words));
    bytemuck::cast_slice_mut(&mut hash).copy_from_slice(bytes.as_bytes());
    hash
}
