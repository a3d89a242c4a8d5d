//! Notes as eight words each, for callers across the C interface.
//!
//! Word 0: the note's number in bits 0 to 15, its code (error code, cancel reason or command kind) in 16 to 31, three small
//! values in 32 to 39, 40 to 47 and 48 to 55. Words 1 to 7: ids and amounts in the order of the note's fields, the rest 0.
//! The table is in `docs/engine-abi.md`.

use crate::explain::Note;

/// Words of a note.
pub const NOTE_WORDS: usize = 8;

const fn head(number: u16, code: u16, small: [u8; 3]) -> u64 {
    number as u64 | (code as u64) << 16 | (small[0] as u64) << 32 | (small[1] as u64) << 40 | (small[2] as u64) << 48
}

/// The words behind the head.
fn behind<const N: usize>(head: u64, id: u64, values: [i64; N]) -> [u64; NOTE_WORDS] {
    let mut words = [0; NOTE_WORDS];
    words[0] = head;
    words[1] = id;
    for (word, value) in words[2..].iter_mut().zip(values) {
        *word = value.cast_unsigned();
    }
    words
}

impl Note {
    /// Orders that the note names; 0 = none. Checks, costs and margins belong to the order of the note before them.
    #[must_use]
    pub const fn orders(&self) -> [u64; 2] {
        match *self {
            Self::Command { .. }
            | Self::Check { .. }
            | Self::Cost { .. }
            | Self::Margin { .. }
            | Self::Repeats { .. } => [0, 0],
            Self::Match {
                taker_order_id,
                maker_order_id,
                ..
            }
            | Self::Prevented {
                taker_order_id,
                maker_order_id,
                ..
            } => [taker_order_id, maker_order_id],
            Self::Auctioned {
                buy_order_id,
                sell_order_id,
                ..
            } => [buy_order_id, sell_order_id],
            Self::Order { order_id, .. }
            | Self::Fee { order_id, .. }
            | Self::Rested { order_id, .. }
            | Self::Shown { order_id, .. }
            | Self::Waits { order_id, .. }
            | Self::Triggered { order_id, .. }
            | Self::Trailed { order_id, .. }
            | Self::Repriced { order_id, .. }
            | Self::Refreshed { order_id, .. }
            | Self::Lowered { order_id, .. }
            | Self::Sized { order_id, .. }
            | Self::Carried { order_id, .. }
            | Self::Ended { order_id, .. } => [order_id, 0],
        }
    }

    /// The note as words.
    #[must_use]
    pub fn words(&self) -> [u64; NOTE_WORDS] {
        let plain = |number| head(number, 0, [0; 3]);
        match *self {
            Self::Command {
                number,
                kind,
                time_nanos,
            } => behind(head(1, kind, [0; 3]), number, [time_nanos.cast_signed()]),
            Self::Order {
                order_id,
                step,
                side,
                order_type,
                price_ticks,
                leaves_lots,
                stop_ticks,
            } => {
                let small = [step as u8, side.number(), order_type.number()];
                behind(head(2, 0, small), order_id, [price_ticks, leaves_lots, stop_ticks])
            }
            Self::Check {
                code,
                relation,
                observed,
                limit,
            } => behind(head(3, code.number(), [relation as u8, 0, 0]), 0, [observed, limit]),
            Self::Cost {
                notional_units,
                rate_ppm,
                carry,
                needed_units,
            } => {
                let values = [notional_units, i64::from(rate_ppm), i64::from(carry), needed_units];
                behind(plain(4), 0, values)
            }
            Self::Match {
                taker_order_id,
                maker_order_id,
                price_ticks,
                lots,
                maker_place,
                next_place,
                next_price_ticks,
            } => {
                let values = [
                    maker_order_id.cast_signed(),
                    price_ticks,
                    lots,
                    maker_place.cast_signed(),
                    next_place.cast_signed(),
                    next_price_ticks,
                ];
                behind(plain(5), taker_order_id, values)
            }
            Self::Fee {
                order_id,
                maker,
                notional_units,
                rate_ppm,
                carry_before,
                fee_units,
                carry_after,
            } => {
                let values = [
                    notional_units,
                    i64::from(rate_ppm),
                    i64::from(carry_before),
                    fee_units,
                    i64::from(carry_after),
                ];
                behind(head(6, 0, [u8::from(maker), 0, 0]), order_id, values)
            }
            Self::Rested {
                order_id,
                price_ticks,
                leaves_lots,
                orders_ahead,
                lots_ahead,
                better_lots,
                reserved_units,
            } => {
                let values = [
                    price_ticks,
                    leaves_lots,
                    i64::from(orders_ahead),
                    lots_ahead,
                    better_lots,
                    reserved_units,
                ];
                behind(plain(7), order_id, values)
            }
            Self::Shown {
                order_id,
                orders_ahead,
                lots_ahead,
                better_lots,
            } => behind(plain(21), order_id, [i64::from(orders_ahead), lots_ahead, better_lots]),
            Self::Waits {
                order_id,
                source,
                stop_ticks,
                price_ticks,
                reserved_units,
            } => {
                let small = [source.number(), 0, 0];
                behind(head(8, 0, small), order_id, [stop_ticks, price_ticks, reserved_units])
            }
            Self::Triggered {
                order_id,
                source,
                rise,
                stop_ticks,
                price_ticks,
            } => {
                let small = [source.number(), u8::from(rise), 0];
                behind(head(9, 0, small), order_id, [stop_ticks, price_ticks])
            }
            Self::Trailed {
                order_id,
                before_ticks,
                stop_ticks,
                price_ticks,
            } => behind(plain(10), order_id, [before_ticks, stop_ticks, price_ticks]),
            Self::Prevented {
                taker_order_id,
                maker_order_id,
                mode,
                taker_leaves_lots,
                maker_leaves_lots,
            } => {
                let values = [maker_order_id.cast_signed(), taker_leaves_lots, maker_leaves_lots];
                behind(head(11, 0, [mode.number(), 0, 0]), taker_order_id, values)
            }
            Self::Repriced {
                order_id,
                asked_ticks,
                price_ticks,
                best_ticks,
            } => behind(plain(12), order_id, [asked_ticks, price_ticks, best_ticks]),
            Self::Refreshed {
                order_id,
                shown_lots,
                leaves_lots,
            } => behind(plain(13), order_id, [shown_lots, leaves_lots]),
            Self::Lowered {
                order_id,
                reason,
                by_lots,
                leaves_lots,
            } => {
                let code = u16::from(reason.number());
                behind(head(14, code, [0; 3]), order_id, [by_lots, leaves_lots])
            }
            Self::Sized { order_id, leaves_lots } => behind(plain(19), order_id, [leaves_lots]),
            Self::Carried { order_id, carry } => behind(plain(20), order_id, [i64::from(carry)]),
            Self::Ended {
                order_id,
                reason,
                leaves_lots,
                cum_lots,
            } => {
                let code = u16::from(reason.number());
                behind(head(15, code, [0; 3]), order_id, [leaves_lots, cum_lots])
            }
            Self::Repeats { command_number } => behind(plain(16), command_number, []),
            Self::Auctioned {
                buy_order_id,
                sell_order_id,
                price_ticks,
                lots,
                buy_price_ticks,
                sell_price_ticks,
            } => {
                let sell = sell_order_id.cast_signed();
                let values = [sell, price_ticks, lots, buy_price_ticks, sell_price_ticks];
                behind(plain(18), buy_order_id, values)
            }
            Self::Margin {
                before_units,
                after_units,
                fee_units,
                given_units,
            } => behind(plain(17), 0, [before_units, after_units, fee_units, given_units]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fulltape_tape::codes::ErrorCode;

    #[test]
    fn words_hold_the_fields_where_the_table_says() {
        let check = Note::Check {
            code: ErrorCode::MaxOrderQuantity,
            relation: crate::explain::Relation::AtMost,
            observed: -5,
            limit: 7,
        };
        let code = u64::from(ErrorCode::MaxOrderQuantity.number());
        assert_eq!(
            check.words(),
            [3 | code << 16 | 1 << 32, 0, (-5_i64).cast_unsigned(), 7, 0, 0, 0, 0]
        );
        let fill = Note::Match {
            taker_order_id: 1,
            maker_order_id: 2,
            price_ticks: 3,
            lots: 4,
            maker_place: 5,
            next_place: 6,
            next_price_ticks: 7,
        };
        assert_eq!(fill.words(), [5, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!((fill.orders(), check.orders()), ([1, 2], [0, 0]));
    }
}
