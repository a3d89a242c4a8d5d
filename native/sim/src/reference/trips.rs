//! The rules of circuit breakers: everything that was seen is kept, and looked through anew each time.

use std::collections::BTreeMap;

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::state::{Order, State};
use super::{DAY, Reference, Verdict, no};

/// One rule and what it saw.
#[derive(Clone, Debug)]
pub struct Trip {
    /// As set: state, phase, window, threshold, length of the phase.
    pub terms: (u8, u8, u64, i64, u64),
    /// Last and mark price as they were seen.
    pub prices: [i128; 2],
    /// Time, series and price of everything seen since it was set or tripped; refusals have no price.
    pub seen: Vec<(u64, usize, i128)>,
    /// It tripped by a loss that was never below the threshold since.
    pub spent: bool,
}

impl Trip {
    /// What lies in the window: its eight steps and the one that runs.
    fn within(&self, now: u64) -> Vec<(usize, i128)> {
        let step = (self.terms.2 / 8).max(1);
        let recent = self.seen.iter().filter(|(at, ..)| now / step - at / step <= 8);
        recent.map(|(_, series, price)| (*series, *price)).collect()
    }
}

impl State {
    /// What the day cost an account or a group in the currency that it cost most.
    fn largest_loss(&self, scope: u8, id: u32) -> i128 {
        let mut losses = BTreeMap::<u16, i128>::new();
        for (account, known) in &self.accounts {
            if id != if scope == 2 { *account } else { known.terms.group_id } {
                continue;
            }
            for (instrument, known) in &self.instruments {
                let began = self.day_profit.get(&(*account, *instrument)).copied().unwrap_or(0);
                *losses.entry(known.terms.currency_id).or_default() += began - self.profit(*account, *instrument);
            }
        }
        losses.into_values().max().unwrap_or(0)
    }
}

impl Reference {
    /// After everything else: what the day has cost.
    pub(super) fn trip_losses(&mut self) {
        let rules: Vec<_> = self.state.trips.keys().copied().filter(|key| key.0 == 2).collect();
        for key in rules {
            let (_, scope, id) = key;
            let observed = self.state.largest_loss(scope, id);
            let trip = self.state.trips.get_mut(&key).expect("known");
            let (to_state, _, _, limit, _) = trip.terms;
            let holds = observed >= i128::from(limit);
            let trips = holds && !trip.spent;
            trip.spent = holds;
            if !trips {
                continue;
            }
            let reason = u16::from(StateReason::LossLimit.number());
            let mut report = AccountStateReport {
                kind: 7,
                group_id: id,
                scope,
                state: to_state,
                reason,
                observed: observed.min(i128::from(i64::MAX)) as i64,
                limit,
                ..AccountStateReport::default()
            };
            if scope == 2 {
                let account = self.state.accounts.get_mut(&id).expect("known");
                if account.state >= to_state {
                    continue;
                }
                (account.state, account.reason) = (to_state, reason);
                report.account_id = id;
                report.group_id = account.terms.group_id;
                report.account_kind = account.terms.account_kind;
                report.permissions = account.terms.permissions;
            } else {
                let group = self.state.groups.get_mut(&id).expect("known");
                if group.0 >= to_state {
                    continue;
                }
                *group = (to_state, reason);
            }
            report.version = self.version_of(if scope == 2 { 1 } else { 2 }, id);
            self.push(report);
        }
    }

    pub(super) fn set_trip(&mut self, c: &SetTripRule) -> Verdict {
        let calls = c.resulting_phase == 5 && c.rule == 1;
        let results = calls || (c.resulting_phase == 0 && [2, 3].contains(&c.resulting_state));
        if !(1..=4).contains(&c.scope)
            || !(1..=3).contains(&c.rule)
            || c.threshold < 0
            || (c.threshold > 0 && ((c.rule != 2 && c.window_nanos == 0) || !results))
            || (c.threshold > 0 && c.rule == 2 && c.window_nanos != 0 && c.window_nanos != DAY)
        {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let prices = match (c.rule, c.scope) {
            (1, 1) => {
                let known = self.state.instruments.get(&c.target_id);
                let known = known.ok_or(no(ErrorCode::UnknownInstrumentId))?;
                [known.last, i128::from(known.mark)]
            }
            (2 | 3, 2) => {
                let known = self.state.accounts.contains_key(&c.target_id);
                known.then_some([0; 2]).ok_or(no(ErrorCode::UnknownAccount))?
            }
            (2, 3) if c.target_id != 0 => [0; 2],
            _ => return Err(no(ErrorCode::InvalidArgument)),
        };
        let key = (c.rule, c.scope, c.target_id);
        let terms = (
            c.resulting_state,
            c.resulting_phase,
            if c.rule == 2 { DAY } else { c.window_nanos },
            c.threshold,
            c.phase_nanos,
        );
        let known = self.state.trips.get(&key).map(|trip| trip.terms);
        let asked = (c.threshold != 0).then_some(terms);
        if known.is_none() && asked.is_some() && self.state.trips.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        if c.scope == 3 && (known.is_some() || asked.is_some()) {
            self.know_group(c.target_id)?;
        }
        if known != asked {
            let uncounted = self.uncounted();
            self.state.trips.remove(&key);
            if let Some(terms) = asked {
                let seen = Vec::new();
                let spent = false;
                let trip = Trip {
                    terms,
                    prices,
                    seen,
                    spent,
                };
                self.state.trips.insert(key, trip);
            }
            self.begin_counting(&uncounted);
        }
        self.done(SetTripRule::KIND, u64::from(c.target_id), u64::from(known != asked));
        Ok(())
    }

    /// Whether a price lies at most a rule's threshold from all that its window holds, and from the last price.
    pub(super) fn in_band(&self, instrument: u32, price: i128) -> bool {
        let Some(trip) = self.state.trips.get(&(1, 1, instrument)) else {
            return true;
        };
        let mut watched = trip.within(self.state.time);
        watched.push((0, trip.prices[0]));
        let threshold = i128::from(trip.terms.3);
        let near = |other: i128| (price - other).abs() * 1_000_000 <= threshold * other;
        watched
            .iter()
            .all(|(series, other)| *series != 0 || *other == 0 || near(*other))
    }

    /// An order met the band: a rule that calls an auction calls it now. Whether the rest of the order takes part.
    pub(super) fn calls_at_band(&mut self, order: &mut Order, market: bool) -> bool {
        let calls = |trip: &Trip| trip.terms.1 != 0;
        if !self.state.trips.get(&(1, 1, order.instrument)).is_some_and(calls) {
            return false;
        }
        self.trip_prices_of(order.instrument);
        self.pressed.retain(|(pressed, _)| *pressed != order.instrument);
        let called = self.state.instruments[&order.instrument].phase == 5;
        let stays = called && !market && ![3, 4].contains(&order.shape.1) && self.check_band(order).is_ok();
        if stays {
            order.priority = self.place_in_queue();
        }
        stays
    }

    /// Watches the prices of all instruments.
    pub(super) fn trip_prices(&mut self) {
        for id in self.state.instruments.keys().copied().collect::<Vec<_>>() {
            self.trip_prices_of(id);
        }
        self.pressed.clear();
    }

    fn trip_prices_of(&mut self, id: u32) {
        let now = self.state.time;
        let known = &self.state.instruments[&id];
        let prices = [known.last, i128::from(known.mark)];
        let (state, phase) = (known.state, known.phase);
        let Some(trip) = self.state.trips.get_mut(&(1, 1, id)) else {
            return;
        };
        let mut observed = 0;
        for series in [0, 1] {
            let (before, price) = (trip.prices[series], prices[series]);
            if price <= 0 || price == before {
                continue;
            }
            if before > 0 {
                trip.seen.push((now, series, before));
            }
            trip.seen.push((now, series, price));
            trip.prices[series] = price;
            for (of, other) in trip.within(now) {
                if of == series {
                    observed = observed.max((price - other).abs() * 1_000_000 / other);
                }
            }
        }
        for (_, price) in self.pressed.iter().filter(|(pressed, _)| *pressed == id) {
            if trip.prices[0] > 0 {
                trip.seen.push((now, 0, trip.prices[0]));
            }
            for (_, other) in trip.within(now).into_iter().filter(|(series, _)| *series == 0) {
                observed = observed.max((price - other).abs() * 1_000_000 / other);
            }
        }
        let (to_state, to_phase, _, threshold, phase_nanos) = trip.terms;
        if observed == 0 || observed < i128::from(threshold) {
            return;
        }
        trip.seen.clear();
        if to_phase != 0 {
            if phase != 4 {
                return;
            }
            let until = if phase_nanos == 0 {
                0
            } else {
                now.saturating_add(phase_nanos)
            };
            self.state.instruments.get_mut(&id).expect("known").until = until;
            self.change_phase(id, 5, u16::from(StateReason::CircuitBreaker.number()));
        } else {
            if state >= to_state {
                return;
            }
            let known = self.state.instruments.get_mut(&id).expect("known");
            (known.state, known.reason) = (to_state, u16::from(StateReason::CircuitBreaker.number()));
            self.instrument_report(id);
        }
        let state = self.state.instruments[&id].state;
        self.push(AccountStateReport {
            kind: 7,
            instrument_id: id,
            scope: 1,
            state,
            reason: u16::from(StateReason::CircuitBreaker.number()),
            observed: observed.min(i128::from(i64::MAX)) as i64,
            limit: threshold,
            ..AccountStateReport::default()
        });
    }

    /// Counts a refused order, amend or cancel.
    pub(super) fn trip_refusals(&mut self, records: &[Record]) {
        let counts = (1..=3).contains(&records[0].kind()) && self.answer.code != 0 && self.answer.flags == 0;
        let id = super::account_of(records);
        let now = self.state.time;
        let Some(trip) = self.state.trips.get_mut(&(3, 2, id)).filter(|_| counts) else {
            return;
        };
        trip.seen.push((now, 0, 0));
        let observed = trip.within(now).len() as i64;
        let (state, _, _, limit, _) = trip.terms;
        if observed < limit {
            return;
        }
        trip.seen.clear();
        let account = self.state.accounts.get_mut(&id).expect("known");
        if account.state >= state {
            return;
        }
        (account.state, account.reason) = (state, u16::from(StateReason::RejectRate.number()));
        let terms = account.terms;
        self.push(AccountStateReport {
            kind: 7,
            account_id: id,
            group_id: terms.group_id,
            scope: 2,
            state,
            reason: u16::from(StateReason::RejectRate.number()),
            version: self.version_of(1, id),
            account_kind: terms.account_kind,
            permissions: terms.permissions,
            observed,
            limit,
            ..AccountStateReport::default()
        });
    }
}
