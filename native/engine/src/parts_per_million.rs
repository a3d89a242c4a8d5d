//! Parts per million of a price: collars, fat fingers and price bands.

const MILLION: i64 = 1_000_000;

/// So many parts per million of a number, rounded towards zero.
#[inline(always)]
pub fn part_of(whole: i64, ppm: i64) -> i128 {
    // In 64 bits where it fits: a division of 128 takes many times longer.
    match whole.checked_mul(ppm) {
        Some(product) => i128::from(product / MILLION),
        None => i128::from(whole) * i128::from(ppm) / i128::from(MILLION),
    }
}

#[cfg(test)]
mod tests {
    use super::part_of;

    #[test]
    fn rounds_towards_zero_in_either_width() {
        assert_eq!(part_of(1_999_999, 1), 1);
        assert_eq!(part_of(-1_999_999, 1), -1);
        for whole in [i64::MIN, -7, 0, 7, 1 << 43, i64::MAX] {
            for ppm in [0, 1, 999_999, 1_000_000, i64::from(u32::MAX), i64::MAX] {
                let exact = i128::from(whole) * i128::from(ppm) / 1_000_000;
                assert_eq!(part_of(whole, ppm), exact, "{ppm} of {whole}");
            }
        }
    }
}
