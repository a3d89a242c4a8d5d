//! Circuit breakers by loss: what a UTC day has cost an account or a desk, as the daily loss limit counts it.
//!
//! A rule is looked at when a command has had all its effects, triggered orders among them, and its loss may have changed: one of its
//! accounts holds, or held, an instrument that was traded, settled, moved or got a price, or the rule, an account or an instrument
//! was defined. Losses are summed for each currency by itself; the largest sum counts. A rule that has tripped, also where the
//! state was as strict already, rests until the loss is below its threshold after a command, or the next day begins: so
//! what an operator sets stands. O(loss rules) for each command that trades or sets a price, and O(positions) for each rule that
//! it is about, of a group O(its instruments).

use fulltape_tape::codes::{LimitScope, StateReason, StateScope, TripRule as Rule};
use fulltape_tape::layout::{AccountStateReport, DefineAccount, DefineInstrument, SetReferencePrice, SetTripRule};

use crate::command::Command;
use crate::engine::Engine;
use crate::reports::{Out, ReportSink, clamp};
use crate::trip_table::key;

/// Where a loss rule holds: scope, id and table index of its target.
pub type LossTarget = (StateScope, u32, u32);

/// The scope of limits that counts the losses of a scope of states.
pub const fn counting_scope(scope: StateScope) -> LimitScope {
    match scope {
        StateScope::Group => LimitScope::Group,
        _ => LimitScope::Account,
    }
}

impl Engine {
    /// Looks at the loss rules that the command is about: accounts, then groups, in order of their ids.
    #[inline(never)]
    pub(crate) fn run_loss_trips<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) {
        let kind = command.kind();
        let all = [DefineInstrument::KIND, DefineAccount::KIND, SetTripRule::KIND].contains(&kind);
        if !all && kind != SetReferencePrice::KIND && !self.ledger.position_touches.iter().any(|touch| touch.moved) {
            return;
        }
        let mut changed = core::mem::take(&mut self.risk.trips.changed);
        let mut movers = core::mem::take(&mut self.risk.trips.movers);
        changed.clear();
        movers.clear();
        for touch in self.ledger.position_touches.iter().filter(|touch| touch.moved) {
            let position = self.ledger.position(touch.index);
            if changed.last() != Some(&position.instrument) {
                changed.push(position.instrument);
            }
            if let Some(account) = self.accounts.find(position.account_id) {
                movers.push((position.account_id, self.accounts.get(account).group_id));
            }
        }
        if kind == SetReferencePrice::KIND {
            changed.extend(self.instruments.find(command.view::<SetReferencePrice>().instrument_id));
        }
        changed.sort_unstable();
        changed.dedup();
        // Where lots are worth what they were, only those whose positions moved can have lost anything.
        changed.retain(|instrument| {
            let worth = self.instruments.get(*instrument).value_ticks();
            let at = *instrument as usize;
            let valued = &mut self.risk.trips.valued;
            if at >= valued.len() {
                valued.resize(at + 1, -1);
            }
            core::mem::replace(&mut valued[at], worth) != worth
        });
        let mut due = core::mem::take(&mut self.risk.trips.due);
        due.clear();
        if all || !changed.is_empty() {
            let rules = 0..self.risk.trips.losses.len() as u32;
            due.extend(rules.filter(|at| all || self.holds_any(self.risk.trips.losses[*at as usize], &changed)));
        }
        for (account_id, group_id) in movers.iter().copied() {
            due.extend(self.risk.trips.loss_rule(StateScope::Account, account_id));
            due.extend(self.risk.trips.loss_rule(StateScope::Group, group_id));
        }
        // In order of the rules.
        due.sort_unstable();
        due.dedup();
        for at in &due {
            self.look_at_loss(self.risk.trips.losses[*at as usize], out);
        }
        self.risk.trips.due = due;
        self.risk.trips.changed = changed;
        self.risk.trips.movers = movers;
    }

    /// Calls `each` with the accounts of a scope until it answers true. Answers whether it did.
    fn any_account(&self, (scope, _, target): LossTarget, mut each: impl FnMut(u32) -> bool) -> bool {
        match scope {
            StateScope::Group => self.accounts.members(target).any(each),
            _ => each(target),
        }
    }

    /// Whether a scope has, or had, a position in one of these instruments.
    fn holds_any(&self, target: LossTarget, instruments: &[u32]) -> bool {
        self.any_account(target, |account| {
            let mut all = instruments.iter();
            all.any(|instrument| self.ledger.find_position(account, *instrument).is_some())
        })
    }

    /// The largest loss of the day in any currency; not below zero.
    fn largest_loss(&self, target: LossTarget, sums: &mut Vec<i128>) -> i128 {
        let quick = self.sum_losses(target, sums);
        if quick.is_none() || cfg!(debug_assertions) {
            let walked = self.walk_losses(target, sums);
            debug_assert!(
                quick.is_none_or(|quick| quick == walked),
                "Invariant: sums lose what positions lose"
            );
            return walked;
        }
        quick.unwrap_or(0)
    }

    /// From what a group holds together, where that gives the same.
    fn sum_losses(&self, (scope, _, target): LossTarget, sums: &mut Vec<i128>) -> Option<i128> {
        if scope != StateScope::Group {
            return None;
        }
        sums.clear();
        sums.resize(self.ledger.pots().len(), 0);
        for sum in self.ledger.desks().of_group(target)? {
            let instrument = self.instruments.get(sum.instrument);
            let valued = sum.valued(instrument.value_ticks(), instrument.terms.units_per_tick_lot)?;
            sums[instrument.pot as usize] += valued.loss()?;
        }
        Some(sums.iter().copied().fold(0, i128::max))
    }

    fn walk_losses(&self, target: LossTarget, sums: &mut Vec<i128>) -> i128 {
        sums.clear();
        sums.resize(self.ledger.pots().len(), 0);
        self.any_account(target, |account| {
            for position in self.ledger.all_positions_of(account) {
                let pot = self.instruments.get(position.instrument).pot;
                sums[pot as usize] += position.day_profit_units - self.profit(position);
            }
            false
        });
        sums.iter().copied().fold(0, i128::max)
    }

    fn look_at_loss<S: ReportSink>(&mut self, target: LossTarget, out: &mut Out<'_, S>) {
        let (scope, _, index) = target;
        let Some(slot) = self.risk.trips.trips.find(key(Rule::Loss, scope, index)) else {
            return;
        };
        let mut sums = core::mem::take(&mut self.risk.trips.sums);
        let observed = self.largest_loss(target, &mut sums);
        self.risk.trips.sums = sums;
        let trip = self.risk.trips.trips.get(slot);
        let (state, limit, rests) = (trip.state, trip.threshold, trip.rests);
        let holds = observed >= i128::from(limit);
        if holds == rests {
            return;
        }
        self.risk.trips.trips.get_mut(slot).rests = holds;
        if holds {
            self.trip_by_loss(target, state, (clamp(observed), limit), out);
        }
    }

    /// Makes the state of a scope stricter; one that is as strict stays.
    fn trip_by_loss<S: ReportSink>(
        &mut self,
        (scope, target_id, target): LossTarget,
        state: u8,
        (observed, limit): (i64, i64),
        out: &mut Out<'_, S>,
    ) {
        let reason = StateReason::LossLimit;
        if scope != StateScope::Group {
            return self.trip_account(target, state, reason, (observed, limit), out);
        }
        if self.accounts.group(target).is_none_or(|group| group.state >= state) {
            return;
        }
        let group = self.accounts.group_mut(target);
        (group.state, group.reason) = (state, u16::from(reason.number()));
        out.primary(AccountStateReport {
            kind: AccountStateReport::KIND,
            group_id: target_id,
            scope: scope.number(),
            state,
            reason: u16::from(reason.number()),
            version: self.limits_version(LimitScope::Group, target),
            observed,
            limit,
            ..AccountStateReport::default()
        });
    }

    /// A day begins: every rule may trip again.
    pub(crate) fn wake_loss_trips(&mut self) {
        for at in 0..self.risk.trips.losses.len() {
            let (scope, _, target) = self.risk.trips.losses[at];
            let table = &mut self.risk.trips.trips;
            let slot = table.find(key(Rule::Loss, scope, target));
            if let Some(slot) = slot.filter(|slot| table.get(*slot).rests) {
                table.get_mut(slot).rests = false;
            }
        }
    }
}
