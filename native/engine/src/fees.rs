//! Fees in parts per million of the notional, rounded up against the account once over all fills of an order.
//!
//! What an order has paid is always the ceiling of what it owes exactly; each fill pays the difference. So the sum over the
//! fills of an order never passes the ceiling of the whole, which is what its reservation holds. A rebate is a negative
//! fee: its ceiling is smaller in magnitude.

const MILLION: i64 = 1_000_000;

/// Fee of one fill in money units, and the carry afterwards.
///
/// `carry` is what the order has overpaid so far by rounding, in millionths of a unit (-999,999 ..= 0).
#[inline]
pub fn charge(carry: i32, notional_units: i64, rate_ppm: i32) -> (i64, i32) {
    if rate_ppm == 0 {
        return (0, carry);
    }
    // What fits into 64 bits, which divide several times faster: all but the largest notionals.
    if let Some(owed) = notional_units.checked_mul(i64::from(rate_ppm))
        && let Some(ceiling) = owed.checked_add(i64::from(carry) + MILLION - 1)
    {
        return (
            ceiling.div_euclid(MILLION),
            (ceiling.rem_euclid(MILLION) - (MILLION - 1)) as i32,
        );
    }
    let owed = i128::from(notional_units) * i128::from(rate_ppm) + i128::from(carry);
    let fee = -(-owed).div_euclid(i128::from(MILLION));
    (fee as i64, (owed - fee * i128::from(MILLION)) as i32)
}

/// Money units that cover buying for `notional_units` with a fee of at most `rate_ppm` (not negative).
#[inline]
pub fn reservation(carry: i32, notional_units: i64, rate_ppm: i32) -> i64 {
    notional_units + charge(carry, notional_units, rate_ppm).0.max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_up_against_the_account_and_rebates_down() {
        assert_eq!(charge(0, 1, 1).0, 1);
        assert_eq!(charge(0, 1_000_000, 1).0, 1);
        assert_eq!(charge(0, 1_000_001, 1).0, 2);
        assert_eq!(charge(0, 999_999, -1).0, 0);
        assert_eq!(charge(0, 1_999_999, -1).0, -1);
    }

    #[test]
    fn many_small_fills_pay_what_one_large_fill_pays() {
        let mut carry = 0;
        let mut paid = 0;
        for _ in 0..1000 {
            let (fee, next) = charge(carry, 1001, 333);
            paid += fee;
            carry = next;
        }
        assert_eq!(paid, charge(0, 1_001_000, 333).0);
    }

    #[test]
    fn the_wide_and_the_narrow_path_agree() {
        for rate in [-500_000_i32, -77, -1, 1, 77, 500_000] {
            let last_narrow = i64::MAX / i64::from(rate.abs());
            for notional in [
                1 << 42,
                last_narrow - 1,
                last_narrow,
                last_narrow.saturating_add(1),
                (1 << 62) - 1,
            ] {
                for carry in [-999_999, -1, 0] {
                    let exact = i128::from(notional) * i128::from(rate) + i128::from(carry);
                    let (fee, next) = charge(carry, notional, rate);
                    assert_eq!(i128::from(fee) * 1_000_000 + i128::from(next), exact);
                    assert!((-999_999..=0).contains(&next));
                }
            }
        }
    }
}
