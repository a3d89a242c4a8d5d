//! CRC-32C of an entry.
//!
//! Most entries are short, and the library is made for long texts: what it does in front of the first word takes longer than all words
//! of an entry of a hundred bytes. So a short text goes through the processor's instruction word by word, where there is one.

/// From here on the library works on three parts side by side.
#[cfg(target_arch = "x86_64")]
const LONG_BYTES: usize = 768;

/// CRC-32C of bytes behind others whose checksum is `seed`.
#[inline]
pub fn checksum(seed: u32, bytes: &[u8]) -> u32 {
    #[cfg(target_arch = "x86_64")]
    if bytes.len() < LONG_BYTES && std::arch::is_x86_feature_detected!("sse4.2") {
        // SAFETY: the processor has just been asked.
        return unsafe { of_short(seed, bytes) };
    }
    crc32c::crc32c_append(seed, bytes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2")]
fn of_short(seed: u32, bytes: &[u8]) -> u32 {
    use core::arch::x86_64::{_mm_crc32_u8, _mm_crc32_u64};
    let (words, rest) = bytes.as_chunks::<8>();
    let sum = words.iter().fold(u64::from(!seed), |sum, word| {
        _mm_crc32_u64(sum, u64::from_le_bytes(*word))
    });
    let sum = rest.iter().fold(sum as u32, |sum, byte| _mm_crc32_u8(sum, *byte));
    !sum
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn agrees_with_the_library_at_every_length() {
        assert_eq!(checksum(0, b"123456789"), 0xe306_9283); // the check value that catalogues give for CRC-32C
        let bytes: Vec<u8> = (0..1_000_u32)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        for length in 0..bytes.len() {
            for seed in [0, 1, u32::MAX, length as u32 + 1] {
                let text = &bytes[..length];
                assert_eq!(
                    checksum(seed, text),
                    crc32c::crc32c_append(seed, text),
                    "{length} bytes, seed {seed}"
                );
            }
        }
    }
}
