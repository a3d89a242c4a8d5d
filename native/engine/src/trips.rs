//! Circuit breakers: rules that change a trading state or a phase by themselves.
//!
//! `PriceMove` watches the last and the mark price of an instrument, each by itself; `RejectRate` counts refused orders, amends and
//! cancels of an account; `Loss` is in `loss_trips.rs`. The first two look back over a window that is kept in eight steps and the one that runs, so at least as far as the
//! window says and at most an eighth further. A price that stood until it changed counts as of the change. A rule is looked at
//! after a command's own effects and after each wave of triggered orders, so a cascade ends at the wave that trips it; what one
//! order trades is bounded by collar, fat finger and limits. A rule that trips forgets what it saw. States are only made stricter and
//! stay until they are set again. O(price rules) for each command, where there are any.

use fulltape_tape::codes::{
    ErrorCode, StateReason, StateScope, TradingPhase, TradingState, TripRule as Rule, answer_flag,
};
use fulltape_tape::layout::{AccountStateReport, AmendOrder, CancelOrder, PlaceOrder, SetTripRule};

use crate::command::Command;
use crate::config::RiskMode;
use crate::engine::Engine;
use crate::exposure::DAY_NANOS;
use crate::keyed_table::{Kept, KeyedTable};
use crate::loss_trips::{LossTarget, counting_scope};
use crate::mixing::{EntityHash, hash_words};
use crate::reports::{Out, Refusal, ReportSink, clamp};
use crate::snapshot::{Damage, Fields, Stored, kind};

/// Steps of a window.
const STEPS: u64 = 8;
/// Buckets of a window: its steps and the one that runs.
const BUCKETS: usize = STEPS as usize + 1;
const MILLION: i128 = 1_000_000;

/// What was seen in one step.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Number of the step.
    step: u64,
    /// Lowest price; 0 = nothing was seen.
    low: i64,
    /// Highest price, or how often something happened.
    high: i64,
}

/// What was seen within a window.
type Window = [Seen; BUCKETS];

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    rule: Rule,
    /// What it is about.
    scope: StateScope,
    /// Table index of the instrument, the account or the group.
    target: u32,
    /// Its id.
    target_id: u32,
    /// Wire number of the resulting `TradingState`.
    pub state: u8,
    /// Wire number of the resulting `TradingPhase`; 0 = the state.
    phase: u8,
    window_nanos: u64,
    /// Parts per million, refusals, or money units.
    pub threshold: i64,
    phase_nanos: u64,
    /// The loss has been at the threshold since it tripped.
    pub rests: bool,
    /// Last and mark price as they were seen; 0 = none.
    prices: [i64; 2],
    /// Of the last price (or the refusals) and of the mark price.
    windows: [Window; 2],
}

impl Trip {
    /// Whether two rules ask for the same.
    fn same(&self, other: &Self) -> bool {
        let terms = |trip: &Self| {
            (
                (trip.state, trip.phase),
                (trip.window_nanos, trip.threshold, trip.phase_nanos),
            )
        };
        terms(self) == terms(other)
    }

    fn step(&self, now_nanos: u64) -> u64 {
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
    fn move_to(&mut self, series: usize, now_nanos: u64, ticks: i64) -> i128 {
        let before = core::mem::replace(&mut self.prices[series], ticks);
        if before > 0 {
            self.see_price(series, now_nanos, before);
        }
        self.see_price(series, now_nanos, ticks);
        let step = self.step(now_nanos);
        let within = self.windows[series]
            .iter()
            .filter(|seen| seen.low != 0 && step - seen.step <= STEPS);
        let ticks = i128::from(ticks);
        within
            .map(|seen| {
                let (low, high) = (i128::from(seen.low), i128::from(seen.high));
                ((ticks - low) * MILLION / low).max((high - ticks) * MILLION / high)
            })
            .max()
            .unwrap_or(0)
    }

    /// Counts something. Answers how often it happened within the window.
    fn count(&mut self, now_nanos: u64) -> i64 {
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
    /// Rules about prices: id and table index of their instruments, by id.
    priced: Vec<(u32, u32)>,
    /// Rules about losses: accounts, then groups, by id.
    pub losses: Vec<LossTarget>,
    /// Instruments that the command at hand traded or priced.
    pub changed: Vec<u32>,
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
            changed: Vec::with_capacity(1024),
            sums: Vec::with_capacity(64),
        }
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

    /// Whether anything is watched.
    #[inline]
    pub fn watch(&self) -> bool {
        self.trips.len() != 0
    }

    /// Finds the rules about prices and about losses.
    fn settle(&mut self) {
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
                .map(|trip| (trip.target_id, trip.target)),
        );
        self.priced.sort_unstable();
    }
}

impl Engine {
    pub(crate) fn set_trip_rule<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let asked: &SetTripRule = command.view();
        let invalid = Refusal::of(ErrorCode::InvalidArgument);
        let scope = StateScope::from_number(asked.scope).ok_or(invalid)?;
        let rule = Rule::from_number(asked.rule).ok_or(invalid)?;
        let strict = [TradingState::ReduceOnly.number(), TradingState::Halted.number()];
        let calls = asked.resulting_phase == TradingPhase::VolatilityAuction.number() && rule == Rule::PriceMove;
        let results = calls || (asked.resulting_phase == 0 && strict.contains(&asked.resulting_state));
        let (window_nanos, windowed) = match rule {
            Rule::Loss => (DAY_NANOS, [0, DAY_NANOS].contains(&asked.window_nanos)),
            _ => (asked.window_nanos, asked.window_nanos != 0),
        };
        if asked.threshold < 0 || (asked.threshold > 0 && (!windowed || !results)) {
            return Err(invalid);
        }
        let (target, prices) = match (rule, scope) {
            (Rule::Loss, _) if self.config.risk == RiskMode::Off => return Err(invalid),
            (Rule::Loss, StateScope::Group) => {
                if asked.target_id == 0 {
                    return Err(invalid);
                }
                // A group is made for rules alone, and for those that find room.
                if self.accounts.find_group(asked.target_id).is_none() {
                    if asked.threshold == 0 {
                        out.done(SetTripRule::KIND, u64::from(asked.target_id), 0);
                        return Ok(());
                    }
                    if self.risk.trips.trips.is_full() {
                        return Err(Refusal::of(ErrorCode::TableFull));
                    }
                }
                (self.group_of(asked.target_id)?, [0; 2])
            }
            (Rule::PriceMove, StateScope::Instrument) => {
                let target = out.known(ErrorCode::UnknownInstrumentId, self.instruments.find(asked.target_id))?;
                let instrument = self.instruments.get(target);
                (target, [instrument.last_price_ticks, instrument.mark_price_ticks])
            }
            (Rule::RejectRate | Rule::Loss, StateScope::Account) => {
                let target = out.known(ErrorCode::UnknownAccount, self.accounts.find(asked.target_id))?;
                (target, [0; 2])
            }
            _ => return Err(invalid),
        };
        let trip = Trip {
            rule,
            scope,
            target,
            target_id: asked.target_id,
            state: asked.resulting_state,
            phase: asked.resulting_phase,
            window_nanos,
            threshold: asked.threshold,
            phase_nanos: asked.phase_nanos,
            prices,
            ..Trip::blank()
        };
        let key = key(rule, scope, target);
        let table = &mut self.risk.trips.trips;
        let known = table.find(key);
        let changed = match known {
            Some(_) if asked.threshold == 0 => {
                table.remove(key);
                true
            }
            None if asked.threshold == 0 => false,
            Some(slot) if table.get(slot).same(&trip) => false,
            Some(slot) => {
                *table.get_mut(slot) = trip;
                true
            }
            None if table.is_full() => return Err(Refusal::of(ErrorCode::TableFull)),
            None => {
                table.insert(key, trip);
                true
            }
        };
        if rule == Rule::Loss {
            let by = i32::from(asked.threshold != 0) - i32::from(known.is_some());
            self.count_daily((counting_scope(scope), target), by);
        }
        self.risk.trips.settle();
        out.done(SetTripRule::KIND, u64::from(asked.target_id), u64::from(changed));
        Ok(())
    }

    /// Restored rules are about what is there.
    pub(crate) fn rebuild_trips(&mut self) -> Result<(), Damage> {
        let now = self.time_nanos;
        let sound = self.risk.trips.trips.entries().all(|(_, stored, trip)| {
            let targets = match (trip.rule, trip.scope) {
                (Rule::PriceMove, StateScope::Instrument) => self.instruments.iter().count() as u32,
                (Rule::RejectRate | Rule::Loss, StateScope::Account) => self.accounts.count(),
                (Rule::Loss, StateScope::Group) => self.accounts.group_count(),
                _ => 0,
            };
            let mut seen = trip.windows.iter().flatten();
            stored == key(trip.rule, trip.scope, trip.target)
                && trip.target < targets
                && trip.window_nanos != 0
                && (trip.rule != Rule::Loss || trip.window_nanos == DAY_NANOS)
                && (trip.rule == Rule::Loss || !trip.rests)
                && trip.prices.iter().all(|ticks| *ticks >= 0)
                && seen.all(|seen| {
                    let counted = trip.rule == Rule::PriceMove || seen.high < 1 << 40;
                    seen.step <= trip.step(now) && seen.low >= 0 && seen.high >= seen.low && counted
                })
        });
        if !sound {
            return Err("a circuit breaker is impossible, or about something that is not there");
        }
        self.risk.trips.settle();
        for at in 0..self.risk.trips.losses.len() {
            let (scope, _, target) = self.risk.trips.losses[at];
            self.recount_daily((counting_scope(scope), target), 1);
            self.begin_day();
        }
        Ok(())
    }

    /// Looks at every price that is watched, in order of the instruments' ids.
    #[inline(never)]
    pub(crate) fn run_price_trips<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        for at in 0..self.risk.trips.priced.len() {
            let (_, target) = self.risk.trips.priced[at];
            let instrument = self.instruments.get(target);
            let prices = [instrument.last_price_ticks, instrument.mark_price_ticks];
            let Some(slot) = self
                .risk
                .trips
                .trips
                .find(key(Rule::PriceMove, StateScope::Instrument, target))
            else {
                continue;
            };
            if self.risk.trips.trips.get(slot).prices == prices {
                continue;
            }
            let now = self.time_nanos;
            let trip = self.risk.trips.trips.get_mut(slot);
            let mut observed = 0;
            for (series, ticks) in prices.into_iter().enumerate() {
                if ticks > 0 && trip.prices[series] != ticks {
                    observed = trip.move_to(series, now, ticks).max(observed);
                }
            }
            if observed >= i128::from(trip.threshold) {
                trip.windows = Trip::blank().windows;
                let trip = *trip;
                self.trip_instrument(&trip, clamp(observed), out);
            }
        }
    }

    fn trip_instrument<S: ReportSink>(&mut self, trip: &Trip, observed: i64, out: &mut Out<'_, S>) {
        let reason = StateReason::CircuitBreaker;
        if trip.phase != 0 {
            let until = if trip.phase_nanos == 0 {
                0
            } else {
                self.time_nanos.saturating_add(trip.phase_nanos)
            };
            if !self.enter_phase(trip.target, TradingPhase::VolatilityAuction, until, reason, out) {
                return;
            }
        } else {
            if self.instruments.get(trip.target).state >= trip.state {
                return;
            }
            let instrument = self.instruments.get_mut(trip.target);
            instrument.state = trip.state;
            instrument.reason = u16::from(reason.number());
            self.dirty.push(trip.target);
            self.report_instrument(trip.target, out);
        }
        // What an instrument's state has no room for.
        out.primary(AccountStateReport {
            kind: AccountStateReport::KIND,
            scope: StateScope::Instrument.number(),
            state: self.instruments.get(trip.target).state,
            reason: u16::from(reason.number()),
            observed,
            limit: trip.threshold,
            ..AccountStateReport::default()
        });
    }

    /// Counts a refused command of an account.
    #[inline(never)]
    pub(crate) fn count_refusal<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) {
        let duplicate = u16::from(self.answer.flags) & answer_flag::DUPLICATE != 0;
        let counts = [PlaceOrder::KIND, AmendOrder::KIND, CancelOrder::KIND].contains(&command.kind());
        let account = self.accounts.find(command.account_id());
        let Some(account) = account.filter(|_| counts && !duplicate && self.answer.code != 0) else {
            return;
        };
        let Some(slot) = self
            .risk
            .trips
            .trips
            .find(key(Rule::RejectRate, StateScope::Account, account))
        else {
            return;
        };
        let now = self.time_nanos;
        let trip = self.risk.trips.trips.get_mut(slot);
        let observed = trip.count(now);
        if observed < trip.threshold {
            return;
        }
        trip.windows = Trip::blank().windows;
        let (state, limit) = (trip.state, trip.threshold);
        self.trip_account(account, state, StateReason::RejectRate, (observed, limit), out);
    }

    /// Makes the state of an account stricter; one that is as strict stays.
    pub(crate) fn trip_account<S: ReportSink>(
        &mut self,
        account: u32,
        state: u8,
        reason: StateReason,
        (observed, limit): (i64, i64),
        out: &mut Out<'_, S>,
    ) {
        if self.accounts.get(account).state >= state {
            return;
        }
        let tripped = self.accounts.get_mut(account);
        tripped.state = state;
        tripped.reason = u16::from(reason.number());
        let tripped = *tripped;
        out.primary(AccountStateReport {
            kind: AccountStateReport::KIND,
            account_id: tripped.id,
            group_id: tripped.group_id,
            scope: StateScope::Account.number(),
            state,
            reason: tripped.reason,
            account_kind: tripped.kind,
            permissions: tripped.permissions,
            observed,
            limit,
            ..AccountStateReport::default()
        });
    }
}
