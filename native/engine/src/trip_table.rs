//! The rules of circuit breakers, what they have seen, and the table of them.

use fulltape_tape::codes::{StateScope, TripRule as Rule};

use crate::keyed_table::{Kept, KeyedTable};
use crate::loss_trips::LossTarget;
use crate::mixing::{EntityHash, hash_words};
use crate::parts_per_million::part_of;
use crate::price_band::PriceBand;
use crate::reports::clamp;
use crate::snapshot::{Damage, Fields, Stored, kind};

/// Steps of a window.
const STEPS: u64 = 8;
/// Buckets of a window: its steps and the one that runs.
const BUCKETS: usize = STEPS as usize + 1;
const MILLION: i128 = 1_000_000;

/// What was seen in one step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Number of the step.
    pub step: u64,
    /// Lowest price; 0 = nothing was seen.
    pub low: i64,
    /// Highest price, or how often something happened.
    pub high: i64,
}

/// What was seen within a window.
pub type Window = [Seen; BUCKETS];

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// What it watches.
    pub rule: Rule,
    /// What it is about.
    pub scope: StateScope,
    /// Table index of the instrument, the account or the group.
    pub target: u32,
    /// Its id.
    pub target_id: u32,
    /// Wire number of the resulting `TradingState`.
    pub state: u8,
    /// Wire number of the resulting `TradingPhase`; 0 = the state.
    pub phase: u8,
    /// How far it looks back.
    pub window_nanos: u64,
    /// Parts per million, refusals, or money units.
    pub threshold: i64,
    /// Length of the resulting phase; 0 = until it is changed.
    pub phase_nanos: u64,
    /// The loss has been at the threshold since it tripped.
    pub rests: bool,
    /// Last and mark price as they were seen; 0 = none.
    pub prices: [i64; 2],
    /// Of the last price (or the refusals) and of the mark price.
    pub windows: [Window; 2],
    /// The band, and the engine time before which it is that; 0 = it has to be worked out. Follows from the windows.
    pub(crate) banded: (PriceBand, u64),
}

/// By how many parts per million of a price one lies above another; rounded towards zero.
fn parts(above: i64, below: i64, of: i64) -> i128 {
    let distance = i128::from(above) - i128::from(below);
    // In 64 bits where it fits: a division of 128 takes many times longer.
    match i64::try_from(distance * MILLION) {
        Ok(scaled) => i128::from(scaled / of),
        Err(_) => distance * MILLION / i128::from(of),
    }
}

impl Trip {
    /// Whether two rules ask for the same.
    pub fn same(&self, other: &Self) -> bool {
        let terms = |trip: &Self| {
            (
                (trip.state, trip.phase),
                (trip.window_nanos, trip.threshold, trip.phase_nanos),
            )
        };
        terms(self) == terms(other)
    }

    /// Number of the step that runs.
    pub fn step(&self, now_nanos: u64) -> u64 {
        now_nanos / (self.window_nanos / STEPS).max(1)
    }

    /// The bucket of now, emptied of what is too old.
    fn bucket(&mut self, series: usize, now_nanos: u64) -> &mut Seen {
        let step = self.step(now_nanos);
        let seen = &mut self.windows[series][(step % BUCKETS as u64) as usize];
        if seen.step != step {
            *seen = Seen {
                step,
                ..Seen::default()
            };
        }
        seen
    }

    fn see_price(&mut self, series: usize, now_nanos: u64, ticks: i64) {
        let seen = self.bucket(series, now_nanos);
        seen.low = if seen.low == 0 { ticks } else { seen.low.min(ticks) };
        seen.high = seen.high.max(ticks);
    }

    /// Takes a price in. Answers by how many parts per million it lies from the farthest one of the window.
    pub fn move_to(&mut self, series: usize, now_nanos: u64, ticks: i64) -> i128 {
        self.banded.1 = 0;
        let before = core::mem::replace(&mut self.prices[series], ticks);
        if before > 0 {
            self.see_price(series, now_nanos, before);
        }
        self.see_price(series, now_nanos, ticks);
        self.distance(series, now_nanos, ticks)
    }

    /// What was seen of a price within the window, and the price that stands.
    fn watched(&self, series: usize, now_nanos: u64) -> impl Iterator<Item = Seen> {
        let step = self.step(now_nanos);
        let standing = self.prices[series];
        let standing = Seen {
            step,
            low: standing,
            high: standing,
        };
        self.windows[series]
            .iter()
            .copied()
            .chain([standing])
            .filter(move |seen| seen.low != 0 && step - seen.step <= STEPS)
    }

    /// By how many parts per million a price lies from the farthest one of them.
    pub fn distance(&self, series: usize, now_nanos: u64, ticks: i64) -> i128 {
        // The farthest price is the lowest or the highest: one division for each.
        let ends = self.watched(series, now_nanos).map(|seen| (seen.low, seen.high));
        let ends = ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
        ends.map_or(0, |(low, high)| parts(ticks, low, low).max(parts(high, ticks, high)))
    }

    /// The band, as it was worked out last where that is still true.
    #[inline(always)]
    pub(crate) fn band(&self, now_nanos: u64) -> PriceBand {
        if now_nanos < self.banded.1 {
            self.banded.0
        } else {
            self.find_band(now_nanos)
        }
    }

    /// Works the band out for the step that runs. What changes a window or a price afterwards forgets it.
    pub(crate) fn keep_band(&mut self, now_nanos: u64) {
        let step_nanos = (self.window_nanos / STEPS).max(1);
        let end_nanos = self.step(now_nanos).saturating_add(1).saturating_mul(step_nanos);
        self.banded = (self.find_band(now_nanos), end_nanos);
    }

    /// Forgets what was seen.
    pub fn forget(&mut self) {
        self.windows = Self::blank().windows;
        self.banded.1 = 0;
    }

    /// Prices whose distance from every last price of the window, and from the one that stands, is at most the threshold.
    #[inline(never)]
    fn find_band(&self, now_nanos: u64) -> PriceBand {
        let width = |ticks: i64| part_of(ticks, self.threshold);
        self.watched(0, now_nanos).fold(PriceBand::ANY, |band, seen| PriceBand {
            low: band.low.max(clamp(i128::from(seen.high) - width(seen.high))),
            high: band.high.min(clamp(i128::from(seen.low) + width(seen.low))),
        })
    }

    /// Counts something. Answers how often it happened within the window.
    pub fn count(&mut self, now_nanos: u64) -> i64 {
        self.bucket(0, now_nanos).high += 1;
        let step = self.step(now_nanos);
        let within = self.windows[0]
            .iter()
            .filter(|seen| seen.high != 0 && step - seen.step <= STEPS);
        within.map(|seen| seen.high).sum()
    }
}

impl Stored for Trip {
    fn blank() -> Self {
        Self {
            rule: Rule::PriceMove,
            scope: StateScope::Instrument,
            target: 0,
            target_id: 0,
            state: 0,
            phase: 0,
            window_nanos: 0,
            threshold: 0,
            phase_nanos: 0,
            rests: false,
            prices: [0; 2],
            windows: [[Seen::default(); BUCKETS]; 2],
            banded: (PriceBand::ANY, 0),
        }
    }

    fn fields(&mut self, io: &mut impl Fields) -> Result<(), Damage> {
        let Self {
            rule,
            scope,
            target,
            target_id,
            state,
            phase,
            window_nanos,
            threshold,
            phase_nanos,
            rests,
            prices,
            windows,
            banded: _,
        } = self;
        io.code(rule, Rule::number, Rule::from_number)?;
        io.code(scope, StateScope::number, StateScope::from_number)?;
        io.u32(target)?;
        io.u32(target_id)?;
        io.u8(state)?;
        io.u8(phase)?;
        io.u64(window_nanos)?;
        io.i64(threshold)?;
        io.u64(phase_nanos)?;
        io.bool(rests)?;
        prices.iter_mut().try_for_each(|price| io.i64(price))?;
        for Seen { step, low, high } in windows.iter_mut().flatten() {
            io.u64(step)?;
            io.i64(low)?;
            io.i64(high)?;
        }
        Ok(())
    }
}

impl Kept for Trip {
    const KIND: u16 = kind::TRIP;

    fn hash(&self) -> EntityHash {
        let terms = hash_words(
            24,
            &[
                key(self.rule, self.scope, self.target),
                (u64::from(self.target_id) << 32)
                    | (u64::from(self.rests) << 16)
                    | (u64::from(self.state) << 8)
                    | u64::from(self.phase),
                self.window_nanos,
                self.threshold.cast_unsigned(),
                self.phase_nanos,
                self.prices[0].cast_unsigned(),
                self.prices[1].cast_unsigned(),
            ],
        );
        let mut words = [0; 2 + 6 * BUCKETS];
        words[..2].copy_from_slice(&terms);
        for (at, seen) in self.windows.iter().flatten().enumerate() {
            words[2 + 3 * at] = seen.step;
            words[3 + 3 * at] = seen.low.cast_unsigned();
            words[4 + 3 * at] = seen.high.cast_unsigned();
        }
        hash_words(25, &words)
    }
}

/// Key of the one rule of its kind for a target.
pub const fn key(rule: Rule, scope: StateScope, target: u32) -> u64 {
    ((rule.number() as u64) << 40) | ((scope.number() as u64) << 32) | target as u64
}

/// All rules.
pub struct TripTable {
    /// By rule and target.
    pub trips: KeyedTable<Trip>,
    /// Instruments (table index) whose prices are watched, in no order.
    pub priced: Vec<u32>,
    /// Rules about losses: accounts, then groups, by id.
    pub losses: Vec<LossTarget>,
    /// Prices outside the band that orders met since prices were looked at: table index of the instrument, price.
    pub pressed: Vec<(u32, i64)>,
    /// Instruments (table index) whose prices have changed since prices were looked at.
    pub repriced: Vec<u32>,
    /// Rules about prices that are looked at: id and table index of their instruments, and their slots.
    pub due_prices: Vec<(u32, u32, u32)>,
    /// Rules about losses that are looked at: places in `losses`, ascending.
    pub due: Vec<u32>,
    /// Rules about losses that are looked at whenever anything moves: none of the others can have anything to do.
    pub restless: Vec<u32>,
    /// Round of usage in which all rules about losses were looked at.
    pub looked_round: u64,
    /// Losses by currency of the rule at hand.
    pub sums: Vec<i128>,
}

impl TripTable {
    /// Room for `capacity` rules.
    pub fn bounded(capacity: usize) -> Self {
        Self {
            trips: KeyedTable::bounded(capacity),
            priced: Vec::new(),
            losses: Vec::new(),
            pressed: Vec::with_capacity(64),
            repriced: Vec::with_capacity(64),
            due_prices: Vec::with_capacity(64),
            due: Vec::with_capacity(1024),
            restless: Vec::with_capacity(1024),
            looked_round: 0,
            sums: Vec::with_capacity(64),
        }
    }

    /// Slot of the rule that watches the prices of an instrument.
    pub fn price_rule(&self, instrument: u32) -> Option<u32> {
        self.trips
            .find(key(Rule::PriceMove, StateScope::Instrument, instrument))
    }

    /// Whether prices are watched.
    #[inline]
    pub fn watch_prices(&self) -> bool {
        !self.priced.is_empty()
    }

    /// Whether losses are watched.
    #[inline]
    pub fn watch_losses(&self) -> bool {
        !self.losses.is_empty()
    }

    /// Place among `losses` of the rule about an account or a group.
    pub fn loss_rule(&self, scope: StateScope, target_id: u32) -> Option<u32> {
        let wanted = (scope.number(), target_id);
        let found = self
            .losses
            .binary_search_by_key(&wanted, |(scope, target_id, _)| (scope.number(), *target_id));
        found.ok().map(|at| at as u32)
    }

    /// Whether anything is watched.
    #[inline]
    pub fn watch(&self) -> bool {
        self.trips.len() != 0
    }

    /// Finds the rules about prices and about losses.
    pub fn settle(&mut self) {
        self.losses.clear();
        let entries = self.trips.entries().map(|(_, _, trip)| trip);
        self.losses.extend(
            entries
                .filter(|trip| trip.rule == Rule::Loss)
                .map(|trip| (trip.scope, trip.target_id, trip.target)),
        );
        self.losses
            .sort_unstable_by_key(|(scope, target_id, _)| (scope.number(), *target_id));
        self.priced.clear();
        let entries = self.trips.entries().map(|(_, _, trip)| trip);
        self.priced.extend(
            entries
                .filter(|trip| trip.rule == Rule::PriceMove)
                .map(|trip| trip.target),
        );
        self.looked_round = 0;
    }
}
