//! CRC-32C of an entry.
//!
//! Most entries are short, and the library is made for long texts: what it does in front of the first word takes longer than all words
//! of an entry of a hundred bytes. So a short text goes through the processor's instruction word by word, where there is one, and an entry
//! that is written is summed while it is copied: read again, its bytes would wait for the stores that have just brought them.

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

/// How this processor sums what is written; asked once.
#[derive(Clone, Copy, Debug)]
pub struct Summing {
    /// It has the instructions that go through words.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    by_words: bool,
}

impl Summing {
    /// Asks the processor.
    pub fn here() -> Self {
        #[cfg(target_arch = "x86_64")]
        let by_words =
            std::arch::is_x86_feature_detected!("sse4.2") && std::arch::is_x86_feature_detected!("pclmulqdq");
        #[cfg(not(target_arch = "x86_64"))]
        let by_words = false;
        Self { by_words }
    }

    /// Writes a head and parts behind each other, and zeros behind them, to `to`. Answers the CRC-32C of all of it.
    ///
    /// # Panics
    /// When head and parts are longer than `to`.
    #[inline]
    pub fn write(self, seed: u32, head: [u64; 4], parts: &[&[u8]], to: &mut [u8]) -> u32 {
        #[cfg(target_arch = "x86_64")]
        if self.by_words && to.len() < LONG_BYTES && parts.iter().all(|part| part.len().is_multiple_of(8)) {
            // SAFETY: the processor has been asked.
            return unsafe { write_words(seed, head[0], head[1], head[2], head[3], parts, to) };
        }
        write_long(seed, head, parts, to)
    }
}

fn write_long(seed: u32, head: [u64; 4], parts: &[&[u8]], to: &mut [u8]) -> u32 {
    let (front, mut rest) = to.split_at_mut(size_of_val(&head));
    front.copy_from_slice(head.map(u64::to_le_bytes).as_flattened());
    for part in parts {
        let (place, behind) = rest.split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = behind;
    }
    rest.fill(0);
    checksum(seed, to)
}

/// Each step of a sum waits for the one before, so parts are summed side by side in pieces of this many words and put together then.
#[cfg(target_arch = "x86_64")]
const PIECE_WORDS: usize = 16;

/// What moves the sum of something to where so many words stand behind it: x^(64 n - 33) modulo the polynomial, bits reversed as
/// in a sum. The product with a sum, taken into an empty sum as a word, is that sum times x^(64 n). Nothing is moved by no words.
#[cfg(target_arch = "x86_64")]
static BEHIND: [u32; LONG_BYTES / 8 + 1] = {
    let mut all = [0; LONG_BYTES / 8 + 1];
    let mut power = 1_u32; // x^31
    let mut words = 1;
    while words < all.len() {
        all[words] = power;
        let mut bit = 0;
        while bit < 64 {
            power = (power >> 1) ^ (if power & 1 == 1 { 0x82f6_3b78 } else { 0 });
            bit += 1;
        }
        words += 1;
    }
    all
};

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2,pclmulqdq")]
#[inline]
fn moved(sum: u64, words: usize) -> u64 {
    use core::arch::x86_64::{_mm_clmulepi64_si128, _mm_crc32_u64, _mm_cvtsi64_si128, _mm_cvtsi128_si64};
    if words == 0 {
        return sum;
    }
    let by = _mm_cvtsi64_si128(i64::from(BEHIND[words]));
    let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(sum.cast_signed()), by);
    _mm_crc32_u64(0, _mm_cvtsi128_si64(product).cast_unsigned())
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse4.2,pclmulqdq")]
fn write_words(seed: u32, one: u64, two: u64, three: u64, four: u64, parts: &[&[u8]], to: &mut [u8]) -> u32 {
    use core::arch::x86_64::_mm_crc32_u64;
    // The head comes in registers: an array, written as words and read as pairs of them, would wait for both.
    let head = [one, two, three, four];
    let (front, mut rest) = to.as_chunks_mut::<8>().0.split_at_mut(head.len());
    let mut of_head = u64::from(!seed);
    for (place, word) in front.iter_mut().zip(head) {
        *place = word.to_le_bytes();
        of_head = _mm_crc32_u64(of_head, word);
    }
    let mut all = moved(of_head, rest.len());
    for part in parts {
        for words in part.as_chunks::<8>().0.chunks(PIECE_WORDS) {
            let (places, behind) = rest.split_at_mut(words.len());
            let mut sum = 0;
            for (place, word) in places.iter_mut().zip(words) {
                *place = *word;
                sum = _mm_crc32_u64(sum, u64::from_le_bytes(*word));
            }
            all ^= moved(sum, behind.len());
            rest = behind;
        }
    }
    // Zeros behind it leave a sum of nothing as it is, and what was moved has been moved over them.
    rest.fill([0; 8]);
    !(all as u32)
}

#[cfg(test)]
mod tests {
    use super::{Summing, checksum};

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

    #[test]
    fn sums_what_it_writes_however_that_is_cut() {
        sums_what_it_writes(Summing::here());
        sums_what_it_writes(Summing { by_words: false });
    }

    fn sums_what_it_writes(summing: Summing) {
        let head = [7, u64::MAX, 1 << 40, 3];
        let front = head.map(u64::to_le_bytes);
        let bytes: Vec<u8> = (0..1_000_u32).map(|index| (index % 251) as u8).collect();
        for length in 0..bytes.len() {
            for cut in [0, length / 16 * 8, length / 3, length] {
                for behind in [0, 8] {
                    let parts = [&bytes[..cut], &bytes[cut..length], &[]];
                    let mut to = vec![0xff; 32 + length.next_multiple_of(8) + behind];
                    let sum = summing.write(length as u32, head, &parts, &mut to);
                    assert_eq!(to[..32], *front.as_flattened());
                    assert_eq!(to[32..32 + length], bytes[..length]);
                    assert!(to[32 + length..].iter().all(|byte| *byte == 0));
                    assert_eq!(
                        sum,
                        crc32c::crc32c_append(length as u32, &to),
                        "{length} bytes, cut at {cut}"
                    );
                }
            }
        }
    }
}
