//! Circuit breakers: rules that change a trading state or a phase by themselves.
//!
//! `PriceMove` watches the last and the mark price of an instrument, each by itself; `RejectRate` counts refused orders, amends and
//! cancels of an account; `Loss` is in `loss_trips.rs`. The first two look back over a window that is kept in eight steps and the one that runs, so at least as far as the
//! window says and at most an eighth further. A price that stood until it changed counts as of the change. A rule is looked at
//! after a command's own effects and after each wave of triggered orders, so a cascade ends at the wave that trips it; what one
//! order trades is bounded by collar, fat finger and limits. A rule that calls an auction does so where an order meets its band
//! (`price_band.rs`). A rule that trips forgets what it saw. States are only made stricter and
//! stay until they are set again. O(log n) for each price that a command changes.

use fulltape_tape::codes::{
    ErrorCode, LimitScope, StateReason, StateScope, TradingPhase, TradingState, TripRule as Rule, answer_flag,
};
use fulltape_tape::layout::{AccountStateReport, AmendOrder, CancelOrder, PlaceOrder, SetTripRule};

use crate::command::Command;
use crate::config::RiskMode;
use crate::engine::Engine;
use crate::exposure::DAY_NANOS;
use crate::loss_trips::counting_scope;
use crate::reports::{Out, Refusal, ReportSink, clamp};
use crate::snapshot::{Damage, Stored};
use crate::trip_table::{Trip, TripTable, key};

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
        self.risk.usages.watch_losses(self.risk.trips.watch_losses());
        if rule == Rule::PriceMove {
            // What a band held back may trade now.
            self.dirty.push(target);
        }
        out.done(SetTripRule::KIND, u64::from(asked.target_id), u64::from(changed));
        Ok(())
    }

    /// Restored rules are about what is there.
    pub(crate) fn rebuild_trips(&mut self) -> Result<(), Damage> {
        let now = self.time_nanos;
        for (_, _, trip) in self.risk.trips.trips.entries() {
            if trip.rule == Rule::PriceMove {
                // What was traded behind the last look is looked at by the next one.
                self.risk.trips.repriced.push(trip.target);
            }
        }
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
        self.risk.usages.watch_losses(self.risk.trips.watch_losses());
        for at in 0..self.risk.trips.losses.len() {
            let (scope, _, target) = self.risk.trips.losses[at];
            self.recount_daily((counting_scope(scope), target), 1);
            self.begin_day();
        }
        Ok(())
    }

    /// Looks at the prices that are watched and have changed or been met, in order of the instruments' ids.
    #[inline(always)]
    pub(crate) fn run_price_trips<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        if !self.risk.trips.repriced.is_empty() || !self.risk.trips.pressed.is_empty() {
            self.look_at_prices(out);
        }
    }

    #[inline(never)]
    fn look_at_prices<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        let mut rules = core::mem::take(&mut self.risk.trips.due_prices);
        let trips = &self.risk.trips;
        let pressed = trips.pressed.iter().map(|(index, _)| *index);
        let met = trips.repriced.iter().copied().chain(pressed);
        rules.extend(met.filter_map(|target| {
            let slot = trips.price_rule(target)?;
            Some((self.instruments.get(target).id, target, slot))
        }));
        rules.sort_unstable();
        rules.dedup();
        for (_, target, slot) in rules.drain(..) {
            self.look_at_price(target, slot, out);
        }
        self.risk.trips.due_prices = rules;
        self.risk.trips.repriced.clear();
        self.risk.trips.pressed.clear();
    }

    pub(crate) fn look_at_price<S: ReportSink>(&mut self, target: u32, slot: u32, out: &mut Out<'_, S>) {
        let instrument = self.instruments.get(target);
        let prices = [instrument.last_price_ticks, instrument.mark_price_ticks];
        let pressed = self.risk.trips.pressed.iter().any(|(index, _)| *index == target);
        if self.risk.trips.trips.get(slot).prices == prices && !pressed {
            return;
        }
        let now = self.time_nanos;
        let TripTable { trips, pressed, .. } = &mut self.risk.trips;
        let trip = trips.get_mut(slot);
        let mut observed = 0;
        for (series, ticks) in prices.into_iter().enumerate() {
            if ticks > 0 && trip.prices[series] != ticks {
                observed = trip.move_to(series, now, ticks).max(observed);
            }
        }
        let distances = pressed.iter().filter(|(index, _)| *index == target);
        let distances = distances.map(|(_, ticks)| trip.distance(0, now, *ticks));
        observed = distances.fold(observed, i128::max);
        if observed >= i128::from(trip.threshold) {
            trip.forget();
            let trip = *trip;
            self.trip_instrument(&trip, clamp(observed), out);
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
            instrument_id: trip.target_id,
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
        trip.forget();
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
            version: self.limits_version(LimitScope::Account, account),
            observed,
            limit,
            ..AccountStateReport::default()
        });
    }
}
