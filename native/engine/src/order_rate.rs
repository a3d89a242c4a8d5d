//! How fast orders may come: a token bucket on engine time, in integers.
//!
//! A bucket belongs to the limits of one scope and is shared by all whom they cover. It starts full with `burst` tokens and
//! gains `rate` a second up to that. Every new order and every amend whose order is found takes one token from each
//! bucket that applies, whatever becomes of it afterwards; a command that a bucket refuses takes none. A refusal shows the
//! nanoseconds until a token is there, and the rate.

use fulltape_tape::codes::ErrorCode;

use crate::engine::Engine;
use crate::keyed_table::KeyedTable;
use crate::limit_table::{LimitSet, LimitTable, Limits};
use crate::reports::{Out, Refusal, ReportSink};

/// One token: a nanosecond of a rate of one a second.
const TOKEN: u64 = 1_000_000_000;

/// Tokens of one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Tokens held, in units of 10^-9.
    pub level: u64,
    /// Engine time at which they were counted.
    pub at_nanos: u64,
}

/// A bucket that an order takes a token from, and what fills it.
#[derive(Clone, Copy, Debug)]
pub struct Rated {
    /// Slot of its limits.
    pub slot: u32,
    /// Tokens a second.
    pub rate: u32,
    /// Most that it holds, in units of 10^-9 tokens.
    pub brim: u64,
}

/// An order that has taken its tokens.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// Where the numbers are kept that it may pass by.
    pub at: usize,
    /// It certainly has headroom.
    pub clear: bool,
}

/// Most that a bucket holds.
pub fn brim(set: &LimitSet) -> u64 {
    let tokens = if set.burst_orders == 0 {
        set.orders_per_second
    } else {
        set.burst_orders
    };
    u64::from(tokens) * TOKEN
}

impl Bucket {
    /// A bucket that has not been used.
    pub fn full(set: &LimitSet, at_nanos: u64) -> Self {
        Self {
            level: brim(set),
            at_nanos,
        }
    }

    #[inline(always)]
    fn level_at(&self, rated: &Rated, now_nanos: u64) -> u64 {
        let gained = (now_nanos - self.at_nanos).saturating_mul(u64::from(rated.rate));
        self.level.saturating_add(gained).min(rated.brim)
    }
}

impl Rated {
    /// No bucket.
    pub const NONE: Self = Self {
        slot: 0,
        rate: 0,
        brim: 0,
    };

    /// What the bucket of limits holds now, where that is a token.
    fn check<S: ReportSink>(&self, limits: &Limits, now_nanos: u64, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let level = limits.bucket.level_at(self, now_nanos);
        if level < TOKEN {
            let wait = (TOKEN - level).div_ceil(u64::from(self.rate));
            let bound = Refusal::bound(ErrorCode::OrderRateLimit, i128::from(wait), i128::from(self.rate));
            return Err(bound.by(limits.version));
        }
        out.known(ErrorCode::OrderRateLimit, Some(()))
    }
}

impl LimitTable {
    /// Takes a token from every bucket, or from none.
    #[inline(always)]
    fn take_tokens<S: ReportSink>(&mut self, at: usize, now_nanos: u64, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let Self {
            limits, unions, taken, ..
        } = self;
        if S::EXPLAINS || *taken >= unions.bounds_at(at).tokens_until {
            let rated = unions.bounds_at(at).rated();
            check_all(rated, limits, now_nanos, out)?;
            // Every order takes one token of a bucket at most, whoever places it.
            let least = rated.iter().map(|rated| limits.get(rated.slot).bucket.level / TOKEN);
            unions.bounds_mut(at).tokens_until = taken.saturating_add(least.min().unwrap_or(u64::MAX));
        }
        *taken += 1;
        if unions.bounds_at(at).rated_era != limits.era() {
            unions.bounds_mut(at).rated_era = limits.era();
            limits.mark_all(unions.bounds_at(at).rated().iter().map(|rated| rated.slot));
        }
        for rated in unions.bounds_at(at).rated() {
            let bucket = &mut limits.marked_mut(rated.slot).bucket;
            *bucket = Bucket {
                level: bucket.level_at(rated, now_nanos) - TOKEN,
                at_nanos: now_nanos,
            };
        }
        Ok(())
    }
}

#[inline(never)]
fn check_all<S: ReportSink>(
    rated: &[Rated],
    limits: &KeyedTable<Limits>,
    now_nanos: u64,
    out: &mut Out<'_, S>,
) -> Result<(), Refusal> {
    rated
        .iter()
        .try_for_each(|rated| rated.check(limits.get(rated.slot), now_nanos, out))
}

impl Engine {
    /// Whether one more order of an account in an instrument may come now.
    pub(crate) fn check_rate<S: ReportSink>(
        &self,
        account: u32,
        instrument: u32,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let bounds = self.bounds_of(account, instrument, &self.unite(account, instrument));
        check_all(bounds.rated(), &self.risk.limits.limits, self.time_nanos, out)
    }

    /// Takes a token from every bucket that applies to an order of so many lots, or from none.
    #[inline(never)]
    pub(crate) fn count_order<S: ReportSink>(
        &mut self,
        account: u32,
        instrument: u32,
        lots: i64,
        out: &mut Out<'_, S>,
    ) -> Result<Counted, Refusal> {
        let at = self.keep_union(account, instrument);
        self.risk.limits.take_tokens(at, self.time_nanos, out)?;
        let clear = !S::EXPLAINS && self.keep_headroom(at, (account, instrument), lots);
        Ok(Counted { at, clear })
    }
}
