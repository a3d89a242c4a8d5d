//! How fast orders may come: a token bucket on engine time, in integers.
//!
//! A bucket belongs to the limits of one scope and is shared by all whom they cover. It starts full with `burst` tokens and
//! gains `rate` a second up to that. Every new order and every amend whose order is found takes one token from each
//! bucket that applies, whatever becomes of it afterwards; a command that a bucket refuses takes none. A refusal shows the
//! nanoseconds until a token is there, and the rate.

use fulltape_tape::codes::ErrorCode;

use crate::engine::Engine;
use crate::limit_table::{LimitSet, Limits};
use crate::orders::NONE;
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

/// Most that a bucket holds.
fn brim(set: &LimitSet) -> u64 {
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

    fn level_at(&self, set: &LimitSet, now_nanos: u64) -> u64 {
        let gained = (now_nanos - self.at_nanos).saturating_mul(u64::from(set.orders_per_second));
        self.level.saturating_add(gained).min(brim(set))
    }
}

impl Limits {
    /// What the bucket holds now; 0 where nothing limits the rate.
    #[inline]
    fn check_rate<S: ReportSink>(&self, now_nanos: u64, out: &mut Out<'_, S>) -> Result<u64, Refusal> {
        if self.set.orders_per_second == 0 {
            return Ok(0);
        }
        let level = self.bucket.level_at(&self.set, now_nanos);
        if level < TOKEN {
            let wait = (TOKEN - level).div_ceil(u64::from(self.set.orders_per_second));
            let rate = i128::from(self.set.orders_per_second);
            return Err(Refusal::bound(ErrorCode::OrderRateLimit, i128::from(wait), rate).by(self.version));
        }
        out.known(ErrorCode::OrderRateLimit, Some(()))?;
        Ok(level)
    }
}

impl Engine {
    /// Whether one more order of an account in an instrument may come now.
    pub(crate) fn check_rate<S: ReportSink>(
        &self,
        account: u32,
        instrument: u32,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let group = self.accounts.get(account).group;
        let applying = self.risk.limits.applying(account, group, instrument);
        for limits in self.risk.limits.each(&applying) {
            limits.check_rate(self.time_nanos, out)?;
        }
        Ok(())
    }

    /// Takes a token from every bucket that applies, or from none.
    #[inline(never)]
    pub(crate) fn count_order<S: ReportSink>(
        &mut self,
        account: u32,
        instrument: u32,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let group = self.accounts.get(account).group;
        self.risk.limits.keep_union(account, group, instrument);
        let kept = self.risk.limits.kept_union(account, group, instrument);
        let applying = kept.map_or_else(
            || self.risk.limits.applying(account, group, instrument),
            |union| union.applying,
        );
        let now = self.time_nanos;
        let mut levels = [0; 7];
        for (slot, level) in applying.iter().zip(&mut levels) {
            if *slot != NONE {
                *level = self.risk.limits.limits.get(*slot).check_rate(now, out)?;
            }
        }
        for (slot, level) in applying.into_iter().zip(levels) {
            if level != 0 {
                self.risk.limits.limits.get_mut(slot).bucket = Bucket {
                    level: level - TOKEN,
                    at_nanos: now,
                };
            }
        }
        Ok(())
    }
}
