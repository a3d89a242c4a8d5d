//! The rules of circuit breakers: everything that was seen is kept, and looked through anew each time.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::{Reference, Verdict, no};

/// One rule and what it saw.
#[derive(Clone, Debug)]
pub struct Trip {
    /// As set: state, phase, window, threshold, length of the phase.
    pub terms: (u8, u8, u64, i64, u64),
    /// Last and mark price as they were seen.
    pub prices: [i128; 2],
    /// Time, series and price of everything seen since it was set or tripped; refusals have no price.
    pub seen: Vec<(u64, usize, i128)>,
}

impl Trip {
    /// What lies in the window: its eight steps and the one that runs.
    fn within(&self, now: u64) -> Vec<(usize, i128)> {
        let step = (self.terms.2 / 8).max(1);
        let recent = self.seen.iter().filter(|(at, ..)| now / step - at / step <= 8);
        recent.map(|(_, series, price)| (*series, *price)).collect()
    }
}

impl Reference {
    pub(super) fn set_trip(&mut self, c: &SetTripRule) -> Verdict {
        let calls = c.resulting_phase == 5 && c.rule == 1;
        let results = calls || (c.resulting_phase == 0 && [2, 3].contains(&c.resulting_state));
        if !(1..=4).contains(&c.scope)
            || !(1..=3).contains(&c.rule)
            || c.threshold < 0
            || (c.threshold > 0 && (c.window_nanos == 0 || !results))
        {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let prices = match (c.rule, c.scope) {
            (1, 1) => {
                let known = self.state.instruments.get(&c.target_id);
                let known = known.ok_or(no(ErrorCode::UnknownInstrumentId))?;
                [known.last, i128::from(known.mark)]
            }
            (3, 2) => {
                let known = self.state.accounts.contains_key(&c.target_id);
                known.then_some([0; 2]).ok_or(no(ErrorCode::UnknownAccount))?
            }
            _ => return Err(no(ErrorCode::InvalidArgument)),
        };
        let key = (c.rule, c.target_id);
        let terms = (
            c.resulting_state,
            c.resulting_phase,
            c.window_nanos,
            c.threshold,
            c.phase_nanos,
        );
        let known = self.state.trips.get(&key).map(|trip| trip.terms);
        let asked = (c.threshold != 0).then_some(terms);
        if known.is_none() && asked.is_some() && self.state.trips.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        if known != asked {
            self.state.trips.remove(&key);
            if let Some(terms) = asked {
                let seen = Vec::new();
                self.state.trips.insert(key, Trip { terms, prices, seen });
            }
        }
        self.done(SetTripRule::KIND, u64::from(c.target_id), u64::from(known != asked));
        Ok(())
    }

    /// Watches the prices of all instruments.
    pub(super) fn trip_prices(&mut self) {
        let now = self.state.time;
        for id in self.state.instruments.keys().copied().collect::<Vec<_>>() {
            let known = &self.state.instruments[&id];
            let prices = [known.last, i128::from(known.mark)];
            let (state, phase) = (known.state, known.phase);
            let Some(trip) = self.state.trips.get_mut(&(1, id)) else {
                continue;
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
            let (to_state, to_phase, _, threshold, phase_nanos) = trip.terms;
            if observed == 0 || observed < i128::from(threshold) {
                continue;
            }
            trip.seen.clear();
            if to_phase != 0 {
                if phase != 4 {
                    continue;
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
                    continue;
                }
                let known = self.state.instruments.get_mut(&id).expect("known");
                (known.state, known.reason) = (to_state, u16::from(StateReason::CircuitBreaker.number()));
                self.instrument_report(id);
            }
            let state = self.state.instruments[&id].state;
            self.push(AccountStateReport {
                kind: 7,
                scope: 1,
                state,
                reason: u16::from(StateReason::CircuitBreaker.number()),
                observed: observed.min(i128::from(i64::MAX)) as i64,
                limit: threshold,
                ..AccountStateReport::default()
            });
        }
    }

    /// Counts a refused order, amend or cancel.
    pub(super) fn trip_refusals(&mut self, records: &[Record]) {
        let counts = (1..=3).contains(&records[0].kind()) && self.answer.code != 0 && self.answer.flags == 0;
        let id = super::account_of(records);
        let now = self.state.time;
        let Some(trip) = self.state.trips.get_mut(&(3, id)).filter(|_| counts) else {
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
            account_kind: terms.account_kind,
            permissions: terms.permissions,
            observed,
            limit,
            ..AccountStateReport::default()
        });
    }
}
