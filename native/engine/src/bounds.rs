//! The numbers that nearly every order passes by, side by side: what limits, the restricted list and the instrument say
//! for one account in one instrument, as comparisons need it. They only ever answer "passes": whoever does not is held to each
//! rule by itself, which says what refused it.

use fulltape_tape::codes::{OrderType, Restriction, Side};

use crate::checks::Proposal;
use crate::engine::Engine;
use crate::headroom::Headroom;
use crate::limit_union::{Rule, Union, Unions, Whose};
use crate::order_rate::{Rated, brim};
use crate::orders::{NONE, opposite, side_index};

const MILLION: u128 = 1_000_000;
const MILLISECOND: u64 = 1_000_000;

/// See above. In the order in which an order comes by.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Bounds {
    /// The state of the rules that it was taken from; 0 = none.
    edition: u64,
    of: Whose,
    rated_count: u32,
    /// Era of the limits in which all buckets were marked.
    pub rated_era: u64,
    /// While fewer orders than this have taken tokens, of anybody, each bucket certainly has one.
    pub tokens_until: u64,
    /// Buckets with a token for each order.
    rated: [Rated; 7],
    /// What may be added before a limit has to be looked at.
    pub headroom: Headroom,
    /// Largest order in lots.
    pub quantity_lots: i64,
    /// Largest order in money units.
    pub notional_units: i64,
    /// Age of the reference price in nanoseconds.
    price_age_nanos: u64,
    /// Distance of a limit price from the reference price in parts per million; `None` = any.
    collar_ppm: Option<u32>,
    /// Distance by which a price may cross the best opposite one; `None` = any.
    fat_finger_ppm: Option<u32>,
    /// Nothing restricts buys, sells.
    unrestricted: [bool; 2],
    /// Sells are restricted to what is held, and by nothing else.
    sells_what_is_held: bool,
}

impl Bounds {
    /// Of nobody.
    pub const NONE: Self = Self {
        edition: 0,
        of: (0, 0, 0),
        rated_count: 0,
        rated_era: 0,
        tokens_until: 0,
        rated: [Rated::NONE; 7],
        headroom: Headroom::NONE,
        quantity_lots: 0,
        notional_units: 0,
        price_age_nanos: 0,
        collar_ppm: Some(0),
        fat_finger_ppm: Some(0),
        unrestricted: [false; 2],
        sells_what_is_held: false,
    };

    /// Whether they are those of an account, its group and an instrument, and not out of date.
    #[inline(always)]
    pub fn hold(&self, edition: u64, of: Whose) -> bool {
        self.edition == edition && self.of == of
    }

    /// Buckets that an order takes a token from.
    #[inline(always)]
    pub fn rated(&self) -> &[Rated] {
        &self.rated[..(self.rated_count as usize).min(self.rated.len())]
    }
}

/// The smaller of what an instrument says for itself (0 = nothing) and of a limit.
fn smaller(own: i64, set: Rule) -> Option<i64> {
    let own = Some(own).filter(|own| *own != 0);
    match (own, set) {
        (Some(own), Some((limit, _))) => Some(limit.min(own)),
        (own, set) => own.or(set.map(|(limit, _)| limit)),
    }
}

impl Engine {
    /// Keeps the limits of an account in an instrument. Answers where.
    #[inline(always)]
    pub(crate) fn keep_union(&mut self, account: u32, instrument: u32) -> usize {
        let at = Unions::place(account, instrument);
        if self.kept_bounds(account, instrument).is_none() {
            self.renew_union(at, account, instrument);
        }
        at
    }

    #[inline(never)]
    fn renew_union(&mut self, at: usize, account: u32, instrument: u32) {
        let union = self.unite(account, instrument);
        let bounds = self.bounds_of(account, instrument, &union);
        self.risk.limits.unions.keep(at, bounds, union);
    }

    /// The numbers of an account in an instrument, where they are kept.
    #[inline(always)]
    pub(crate) fn kept_bounds(&self, account: u32, instrument: u32) -> Option<&Bounds> {
        let of = (account, self.accounts.get(account).group, instrument);
        self.risk.limits.unions.bounds(Unions::place(account, instrument), of)
    }

    pub(crate) fn bounds_of(&self, account: u32, instrument: u32, union: &Union) -> Bounds {
        let terms = &self.instruments.get(instrument).terms;
        let of = self.accounts.get(account);
        let ppm = |ppm: i64| u32::try_from(ppm).unwrap_or(u32::MAX);
        let mut bounds = Bounds {
            edition: self.risk.limits.unions.edition(),
            of: (account, of.group, instrument),
            quantity_lots: smaller(terms.max_quantity_lots, union.order_quantity).unwrap_or(i64::MAX),
            notional_units: smaller(0, union.order_notional).unwrap_or(i64::MAX),
            price_age_nanos: union.price_age.map_or(u64::MAX, |(limit_ms, _)| {
                limit_ms.cast_unsigned().saturating_mul(MILLISECOND)
            }),
            collar_ppm: smaller(i64::from(terms.collar_ppm), union.collar)
                .filter(|_| of.collared())
                .map(ppm),
            fat_finger_ppm: union.fat_finger.map(|(limit, _)| ppm(limit)),
            unrestricted: [true; 2],
            sells_what_is_held: true,
            ..Bounds::NONE
        };
        for slot in union.applying.into_iter().filter(|slot| *slot != NONE) {
            let set = &self.risk.limits.limits.get(slot).set;
            if set.orders_per_second != 0 {
                bounds.rated[bounds.rated_count as usize] = Rated {
                    slot,
                    rate: set.orders_per_second,
                    brim: brim(set),
                };
                bounds.rated_count += 1;
            }
        }
        let entries = self
            .restricted(account, instrument)
            .into_iter()
            .filter(|slot| *slot != NONE);
        for restriction in entries.map(|slot| self.risk.restrictions.get(slot).restriction) {
            let [buys, sells] = &mut bounds.unrestricted;
            *buys &= !matches!(restriction, Restriction::NoBuy | Restriction::NoTrade);
            *sells &= matches!(restriction, Restriction::None | Restriction::NoBuy);
            bounds.sells_what_is_held &= !matches!(restriction, Restriction::NoSell | Restriction::NoTrade);
        }
        bounds
    }

    /// Whether the restricted list certainly lets an order in.
    #[inline(always)]
    pub(crate) fn is_unrestricted(&self, order: &Proposal, bounds: &Bounds) -> bool {
        if bounds.unrestricted[side_index(order.side)] {
            return true;
        }
        if order.side == Side::Buy || !bounds.sells_what_is_held {
            return false;
        }
        let Some(index) = self.ledger.find_position(order.account, order.instrument) else {
            return false;
        };
        let position = self.ledger.position(index);
        let free = i128::from(position.quantity_lots) - i128::from(position.open_sell_lots);
        i128::from(order.leaves_lots) <= free + i128::from(order.held.leaves_lots)
    }

    /// Whether collar and fat finger certainly let an order in: the same comparisons, multiplied out instead of divided.
    #[inline(always)]
    pub(crate) fn is_priced_well(&self, order: &Proposal, bounds: &Bounds) -> bool {
        if order.order_type != OrderType::Limit {
            return false;
        }
        let instrument = self.instruments.get(order.instrument);
        let reference_ticks = instrument.reference_price_ticks;
        if let Some(ppm) = bounds.collar_ppm
            && reference_ticks > 0
        {
            let age_nanos = self.time_nanos.saturating_sub(instrument.reference_time_nanos);
            let distance = order.price_ticks.abs_diff(reference_ticks);
            if age_nanos > bounds.price_age_nanos || !is_within(distance, reference_ticks, ppm) {
                return false;
            }
        }
        let Some(ppm) = bounds.fat_finger_ppm else {
            return true;
        };
        if order.collects {
            return true;
        }
        let Some(best_ticks) = instrument.book.best_price(opposite(order.side)) else {
            return true;
        };
        let crosses = match order.side {
            Side::Buy => order.price_ticks > best_ticks,
            Side::Sell => order.price_ticks < best_ticks,
        };
        !crosses || is_within(order.price_ticks.abs_diff(best_ticks), best_ticks, ppm)
    }
}

/// A distance is at most so many parts per million of a price: `distance <= price * ppm / 1,000,000` rounded down.
#[inline(always)]
fn is_within(distance: u64, price_ticks: i64, ppm: u32) -> bool {
    u128::from(distance) * MILLION <= u128::from(price_ticks.unsigned_abs()) * u128::from(ppm)
}
