//! Sums against the rules, position by position.

use super::*;
use crate::cost_basis::CostBasis;
use crate::exposure::{VALUE_MAX, value};
use crate::snapshot::Stored;

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A number of any size up to `bits` bits.
fn sized(state: &mut u64, bits: u64) -> i128 {
    let wide = (u128::from(next(state)) << 64 | u128::from(next(state))) >> 1;
    (wide >> (127 - next(state) % (bits + 1))).cast_signed()
}

fn signed(state: &mut u64, bits: u64) -> i128 {
    let size = sized(state, bits);
    if next(state).is_multiple_of(2) { size } else { -size }
}

/// What the rules say of one position: long, short, gross in lots and in units, and the loss.
fn by_rule(position: &Position, ticks: i64, units: i64) -> [i128; 7] {
    let held = i128::from(position.quantity_lots);
    let long = held + i128::from(position.open_buy_lots);
    let short = i128::from(position.open_sell_lots) - held;
    let (bought, sold) = (value(long, ticks, units), value(short, ticks, units));
    let open = value(held, ticks, units) - position.basis.cost_units.clamp(-VALUE_MAX, VALUE_MAX);
    let profit = (open + position.basis.realized_units).clamp(-VALUE_MAX, VALUE_MAX);
    let loss = position.day_profit_units - profit;
    [long, short, long.max(short), bought, sold, bought.max(sold), loss]
}

#[test]
fn a_sum_that_is_valued_is_worth_what_its_positions_are() {
    let state = &mut 7;
    let (mut valued, mut walked, mut lossless) = (0, 0, 0);
    for _ in 0..40_000 {
        let (lots_bits, price_bits, units_bits) = (next(state) % 63, next(state) % 63, next(state) % 32);
        let money_bits = next(state) % 103;
        let ticks = 1 + sized(state, price_bits) as i64;
        let units = 1 + sized(state, units_bits) as i64;
        let mut sums = DeskSums::default();
        sums.keep(0, 8);
        let mut positions = Vec::new();
        for _ in 0..1 + next(state) % 5 {
            let mut position = Position::blank();
            position.quantity_lots = signed(state, lots_bits) as i64;
            position.open_buy_lots = sized(state, lots_bits) as i64;
            sums.seat(&mut position, 0);
            positions.push(position);
        }
        // Some change behind the sums, of these some are counted anew before they change once more.
        for _ in 0..2 * positions.len() as u64 + next(state) % 8 {
            let index = (next(state) % positions.len() as u64) as u32;
            if !sums.is_behind(index) {
                sums.fall_behind(index, &positions);
            }
            let position = &mut positions[index as usize];
            position.open_sell_lots = sized(state, lots_bits) as i64;
            position.open_orders = next(state) as u32 % 9;
            position.basis = CostBasis {
                cost_units: signed(state, money_bits),
                realized_units: signed(state, money_bits),
            };
            position.day_profit_units = signed(state, money_bits.min(100));
            if next(state).is_multiple_of(3) {
                sums.catch_up(&positions);
            }
        }
        let open: u32 = positions.iter().map(|position| position.open_orders).sum();
        sums.assert_sums(&positions, |_| 0);
        let mut expected = [0_i128; 7];
        for position in &positions {
            for (sum, of_one) in expected.iter_mut().zip(by_rule(position, ticks, units)) {
                *sum += of_one;
            }
        }
        let sum = sums.of_group(0, &positions).and_then(|mut sums| sums.next());
        assert_eq!(sum.map(|sum| sum.open_orders), Some(open));
        match sum.and_then(|sum| sum.valued(ticks, units)) {
            None => walked += 1,
            Some(sum) => {
                valued += 1;
                assert_eq!(
                    (sum.lots, sum.units()),
                    (
                        [expected[0], expected[1], expected[2]],
                        [expected[3], expected[4], expected[5]],
                    )
                );
                match sum.loss() {
                    Some(loss) => assert_eq!(loss, expected[6]),
                    None => lossless += 1,
                }
            }
        }
    }
    assert!(
        valued > 5_000 && walked > 5_000 && lossless > 100,
        "{valued} valued, {walked} walked, {lossless} without loss"
    );
}

#[test]
fn what_is_not_ordinary_is_left_to_a_walk() {
    let of = |lots: i64, cost: i128| {
        let mut position = Position::blank();
        position.quantity_lots = lots;
        position.basis.cost_units = cost;
        DeskSum::of_position(&position)
    };
    assert!(of(10, 5).valued(3, 2).is_some());
    assert!(of(10, 5).valued(0, 2).is_none(), "no price: costs count");
    assert!(of(10, 5).valued(-3, 2).is_none(), "a price below zero");
    assert!(
        of(10, 5).valued(i64::MAX, 2).is_none(),
        "a lot is worth more than 64 bits"
    );
    assert!(of((1 << 40) - 1, 0).valued(1, 1).is_some());
    assert!(of(1 << 40, 0).valued(1, 1).is_none() && of(-(1 << 40) - 1, 0).valued(1, 1).is_none());
    assert!(of(1 << 39, 0).valued(1 << 58, 1).is_some());
    assert!(of(1 << 39, 0).valued(1 << 59, 1).is_none(), "2^98");
    let loss = |cost: i128| of(0, cost).valued(1, 1).and_then(|sum| sum.loss());
    assert_eq!(loss((1 << 98) - 1), Some((1 << 98) - 1));
    assert_eq!(loss(1 << 98), None);
    let crowd = DeskSum {
        positions: POSITIONS_MAX + 1,
        ..of(1, 1)
    };
    assert!(crowd.valued(1, 1).is_none());
}

#[test]
fn what_was_held_once_needs_no_price() {
    let mut position = Position::blank();
    position.basis.realized_units = -70;
    let flat = DeskSum::of_position(&position);
    let valued = flat.valued(0, 3).expect("nothing is held");
    assert_eq!((valued.units(), valued.loss()), ([0; 3], Some(70)));
    let worst = flat.worst(None, 0, 3).expect("nothing is held");
    assert_eq!((worst.lots, worst.units, worst.loss), (0, [0; 3], 70));
    position.open_buy_lots = 1;
    let open = DeskSum::of_position(&position);
    assert!(open.valued(0, 3).is_none() && open.worst(None, 100, 3).is_none());
}

#[test]
fn no_more_fall_behind_than_a_look_can_pass_by() {
    let mut sums = DeskSums::default();
    sums.keep(0, 8);
    let mut positions = vec![Position::blank(); 3 * BEHIND_MAX];
    for position in &mut positions {
        sums.seat(position, 0);
    }
    for index in 0..positions.len() {
        sums.fall_behind(index as u32, &positions);
        positions[index].open_buy_lots = index as i64;
        assert!(sums.behind.len() <= BEHIND_MAX);
        sums.assert_sums(&positions, |_| 0);
    }
    let all: i64 = (0..positions.len() as i64).sum();
    let sum = sums.of_group(0, &positions).and_then(|mut sums| sums.next());
    let valued = sum.and_then(|sum| sum.valued(1, 1)).expect("ordinary amounts");
    assert_eq!(valued.lots[0], i128::from(all));
}
