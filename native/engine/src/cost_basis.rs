//! Average cost of a position and realised profit.
//!
//! Cost is signed like the quantity. A fill that grows the position adds its notional to the cost; a fill that shrinks it
//! takes out the same share of the cost as of the quantity, **rounded towards zero**, so the remaining position
//! keeps the remainder and a position that closes keeps nothing. The difference between what was taken out and the
//! fill's notional is realised. `cost - realized` is always exactly what was paid, whatever was rounded.

/// Cost and realised profit in money units, fees excluded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostBasis {
    /// Cost of the open quantity, signed like it.
    pub cost_units: i128,
    /// Realised since the position began.
    pub realized_units: i128,
}

/// `cost * part / whole` towards zero, for `0 < part <= whole`, without leaving `i128`.
fn share(cost: i128, part: i64, whole: i64) -> i128 {
    if part == whole {
        return cost;
    }
    if let (Ok(cost), true) = (i64::try_from(cost), part < 1 << 20)
        && let Some(product) = cost.checked_mul(part)
    {
        return i128::from(product / whole);
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    (cost / whole) * part + (cost % whole) * part / whole
}

impl CostBasis {
    /// The cost that leaves with `lots` of a position of `held_lots`, without realising anything.
    pub fn take_out(&mut self, held_lots: i64, lots: i64) -> i128 {
        let removed = share(self.cost_units, lots, held_lots.saturating_abs());
        self.cost_units -= removed;
        removed
    }

    /// One fill of `signed_lots` (positive = bought) at `units_per_lot` money units a lot, on a position of `held_lots`.
    ///
    /// The product of lots and price was checked to fit `i64` when the order was taken.
    pub fn fill(&mut self, held_lots: i64, signed_lots: i64, units_per_lot: i64) {
        let sign = signed_lots.signum();
        let lots = signed_lots.saturating_abs();
        let closing = if held_lots.signum() * sign < 0 {
            lots.min(held_lots.saturating_abs())
        } else {
            0
        };
        if closing > 0 {
            let removed = self.take_out(held_lots, closing);
            self.realized_units -= i128::from(sign * closing * units_per_lot) + removed;
        }
        self.cost_units += i128::from(sign * (lots - closing) * units_per_lot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_realises_the_difference() {
        let mut basis = CostBasis::default();
        basis.fill(0, 10, 100);
        basis.fill(10, -4, 110);
        assert_eq!(
            basis,
            CostBasis {
                cost_units: 600,
                realized_units: 40
            }
        );
        basis.fill(6, -10, 90);
        assert_eq!(
            basis,
            CostBasis {
                cost_units: -360,
                realized_units: -20
            }
        );
        basis.fill(-4, 4, 80);
        assert_eq!(
            basis,
            CostBasis {
                cost_units: 0,
                realized_units: 20
            }
        );
    }

    #[test]
    fn rounding_loses_nothing() {
        let mut basis = CostBasis {
            cost_units: 100,
            realized_units: 0,
        };
        let mut held = 3;
        let mut paid = 100_i128;
        for lots in [1, 1, 1] {
            basis.fill(held, -lots, 40);
            held -= lots;
            paid -= 40;
            assert_eq!(basis.cost_units - basis.realized_units, paid);
        }
        assert_eq!(basis.cost_units, 0);
    }

    #[test]
    fn the_share_of_a_huge_cost_does_not_overflow() {
        let cost = i128::from(i64::MAX) * 1_000_000;
        assert_eq!(
            share(cost, i64::MAX - 1, i64::MAX),
            i128::from(i64::MAX - 1) * 1_000_000
        );
        assert_eq!(share(-7, 1, 2), -3);
    }
}
