//! Limits as they hold somewhere, and the table of them.

use fulltape_tape::codes::LimitScope;
use fulltape_tape::layout::{RiskLimits, RiskRates};

use crate::command::Command;
use crate::keyed_table::{Kept, KeyedTable};
use crate::limit_union::Unions;
use crate::mixing::{EntityHash, hash_words};
use crate::order_rate::Bucket;
use crate::orders::NONE;
use crate::snapshot::{Damage, Fields, Stored, kind};

/// The limits of one scope; 0 = none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LimitSet {
    /// Largest order in lots.
    pub order_quantity_lots: i64,
    /// Largest order in money units.
    pub order_notional_units: i64,
    /// Largest position in lots, long or short, open orders counted at their worst.
    pub position_lots: i64,
    /// Largest sum of the values of positions, open orders counted at their worst.
    pub gross_units: i64,
    /// Largest net value of positions, long or short, open orders counted at their worst.
    pub net_units: i64,
    /// Loss of a UTC day at which only orders that reduce positions are taken.
    pub daily_loss_units: i64,
    /// Most open orders.
    pub open_orders: u32,
    /// Orders and amends a second that are taken for long.
    pub orders_per_second: u32,
    /// Orders and amends that are taken at once; 0 = as many as a second brings.
    pub burst_orders: u32,
    /// Distance of a limit price from the reference price.
    pub collar_ppm: u32,
    /// Distance by which a price may cross the best opposite one.
    pub fat_finger_ppm: u32,
    /// Age of the reference price, in milliseconds, beyond which a collar is not checked against it.
    pub price_age_ms: u32,
}

impl LimitSet {
    /// As a command sets them; `None` where they make no sense.
    pub fn of(command: &Command<'_>) -> Option<Self> {
        let limits = command.extension::<RiskLimits>(RiskLimits::KIND).copied();
        let rates = command.extension::<RiskRates>(RiskRates::KIND).copied();
        let limits = limits.unwrap_or_default();
        let rates = rates.unwrap_or_default();
        let set = Self {
            order_quantity_lots: limits.max_order_quantity_lots,
            order_notional_units: limits.max_order_notional_units,
            position_lots: limits.max_position_lots,
            gross_units: limits.max_gross_units,
            net_units: limits.max_net_units,
            daily_loss_units: limits.max_daily_loss_units,
            open_orders: rates.max_open_orders,
            orders_per_second: rates.orders_per_second,
            burst_orders: rates.burst_orders,
            collar_ppm: rates.collar_ppm,
            fat_finger_ppm: rates.fat_finger_ppm,
            price_age_ms: rates.max_price_age_ms,
        };
        set.is_sound().then_some(set)
    }

    /// They make sense together.
    pub fn is_sound(&self) -> bool {
        let paced = self.burst_orders == 0 || self.orders_per_second != 0;
        paced && self.amounts().iter().all(|amount| *amount >= 0)
    }

    const fn amounts(&self) -> [i64; 6] {
        [
            self.order_quantity_lots,
            self.order_notional_units,
            self.position_lots,
            self.gross_units,
            self.net_units,
            self.daily_loss_units,
        ]
    }
}

/// Limits as they hold somewhere.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What they apply to.
    pub scope: LimitScope,
    /// Table index of the account, group or instrument; 0 for everything.
    pub target: u32,
    /// Table index of the one instrument that they are about; `NONE` = all.
    pub instrument: u32,
    /// Version that every refusal by them repeats.
    pub version: u32,
    /// The limits.
    pub set: LimitSet,
    /// Orders that may come now.
    pub bucket: Bucket,
}

impl Stored for Limits {
    fn blank() -> Self {
        Self {
            scope: LimitScope::Account,
            target: 0,
            instrument: NONE,
            version: 0,
            set: LimitSet::default(),
            bucket: Bucket { level: 0, at_nanos: 0 },
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            scope,
            target,
            instrument,
            version,
            set:
                LimitSet {
                    order_quantity_lots,
                    order_notional_units,
                    position_lots,
                    gross_units,
                    net_units,
                    daily_loss_units,
                    open_orders,
                    orders_per_second,
                    burst_orders,
                    collar_ppm,
                    fat_finger_ppm,
                    price_age_ms,
                },
            bucket: Bucket { level, at_nanos },
        } = self;
        io.code(scope, LimitScope::number, LimitScope::from_number)?;
        io.u32(target)?;
        io.u32(instrument)?;
        io.u32(version)?;
        io.i64(order_quantity_lots)?;
        io.i64(order_notional_units)?;
        io.i64(position_lots)?;
        io.i64(gross_units)?;
        io.i64(net_units)?;
        io.i64(daily_loss_units)?;
        io.u32(open_orders)?;
        io.u32(orders_per_second)?;
        io.u32(burst_orders)?;
        io.u32(collar_ppm)?;
        io.u32(fat_finger_ppm)?;
        io.u32(price_age_ms)?;
        io.u64(level)?;
        io.u64(at_nanos)
    }
}

impl Kept for Limits {
    const KIND: u16 = kind::LIMITS;

    fn hash(&self) -> EntityHash {
        let set = &self.set;
        let two = |high: u32, low: u32| (u64::from(high) << 32) | u64::from(low);
        let [quantity, notional, position, gross, net, loss] = set.amounts().map(i64::cast_unsigned);
        hash_words(
            23,
            &[
                key(self.scope, self.target, self.instrument),
                u64::from(self.version),
                quantity,
                notional,
                position,
                gross,
                net,
                loss,
                two(set.open_orders, set.orders_per_second),
                two(set.burst_orders, set.collar_ppm),
                two(set.fat_finger_ppm, set.price_age_ms),
                self.bucket.level,
                self.bucket.at_nanos,
            ],
        )
    }
}

impl Limits {
    /// They limit the group of an account and not the account by itself.
    pub const fn of_group(&self) -> bool {
        matches!(self.scope, LimitScope::Group)
    }

    /// They look at one instrument and not at all of an account.
    pub const fn of_one_instrument(&self) -> bool {
        self.instrument != NONE || matches!(self.scope, LimitScope::Instrument)
    }
}

/// Key of a scope: table indices stay below 2^30.
pub const fn key(scope: LimitScope, target: u32, instrument: u32) -> u64 {
    ((scope.number() as u64) << 60) | ((target as u64) << 30) | (instrument.wrapping_add(1) as u64)
}

/// All limits.
pub struct LimitTable {
    /// By scope, target and instrument.
    pub limits: KeyedTable<Limits>,
    /// How many of them apply to everything.
    pub global: u32,
    /// How many have a daily loss.
    pub daily: u32,
    /// What holds together for the accounts that came last.
    pub unions: Unions,
    /// Orders that have taken tokens. Not state: it only tells how long a look at the buckets is good for.
    pub taken: u64,
}

/// Slots of the limits that apply to one order, in the order in which they are looked at.
pub type Applying = [u32; 7];

impl LimitTable {
    /// Room for `capacity` scopes.
    pub fn bounded(capacity: usize) -> Self {
        Self {
            limits: KeyedTable::bounded(capacity),
            global: 0,
            daily: 0,
            unions: Unions::new(),
            taken: 0,
        }
    }

    fn slot(&self, scope: LimitScope, target: u32, instrument: u32) -> u32 {
        self.limits.find(key(scope, target, instrument)).unwrap_or(NONE)
    }

    /// Limits that apply to orders of an account (of a group, or `NONE`) in an instrument.
    pub fn applying(&self, account: u32, group: u32, instrument: u32) -> Applying {
        let group = |one: u32| match group {
            NONE => NONE,
            group => self.slot(LimitScope::Group, group, one),
        };
        [
            self.slot(LimitScope::Account, account, NONE),
            self.slot(LimitScope::Account, account, instrument),
            group(NONE),
            group(instrument),
            self.slot(LimitScope::Instrument, instrument, NONE),
            self.slot(LimitScope::Global, 0, NONE),
            self.slot(LimitScope::Global, 0, instrument),
        ]
    }

    /// The limits behind slots.
    pub fn each<'a>(&'a self, applying: &'a Applying) -> impl Iterator<Item = &'a Limits> {
        let there = applying.iter().filter(|slot| **slot != NONE);
        there.map(|slot| self.limits.get(*slot))
    }

    /// The smallest limit of a kind that is set, with its version; of equal ones the first.
    pub fn strictest(&self, applying: &Applying, of: impl Fn(&Limits) -> i64) -> Option<(i64, u32)> {
        self.each(applying)
            .map(|limits| (of(limits), limits.version))
            .filter(|(limit, _)| *limit != 0)
            .min_by_key(|(limit, _)| *limit)
    }
}
