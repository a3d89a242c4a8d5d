//! Circuit breakers by loss: what a UTC day has cost an account or a desk, as the daily loss limit counts it.
//!
//! A rule is looked at when a command has had all its effects, triggered orders among them, and its loss may have come to its
//! threshold. A look works out how much may be traded, while prices stay inside their guards (`usage.rs`), before that can be: until
//! then the rule is quiet, and a command pays one comparison for each account that it traded for. Rules that are close to their threshold,
//! that have tripped, or whose loss nothing bounds are restless: they are looked at whenever anything was traded, moved or priced.
//! Losses are summed for each currency by itself; the largest sum counts. A rule that has tripped, also where the
//! state was as strict already, rests until the loss is below its threshold after a command, or the next day begins: so
//! what an operator sets stands. A look costs O(positions), of a group O(its instruments).

use fulltape_tape::codes::{LimitScope, StateReason, StateScope, TripRule as Rule};
use fulltape_tape::layout::{AccountStateReport, DefineAccount, DefineInstrument, SetReferencePrice};

use crate::command::Command;
use crate::desk_sums::DeskSum;
use crate::engine::Engine;
use crate::reports::{Out, ReportSink, clamp};
use crate::trip_table::key;
use crate::usage::Usage;

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
    /// Looks at the loss rules whose loss may have come to their thresholds: accounts, then groups, in order of their ids.
    #[inline(always)]
    pub(crate) fn run_loss_trips<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) {
        let all = self.risk.trips.looked_round != self.risk.usages.round()
            || [DefineInstrument::KIND, DefineAccount::KIND].contains(&command.kind());
        if all || !self.risk.usages.stirred.is_empty() || self.disturbs_the_restless(command) {
            self.look_at_losses(all, out);
        }
        if cfg!(debug_assertions) {
            self.assert_losses();
        }
    }

    /// A rule is restless and something moved, or was priced.
    #[inline(always)]
    fn disturbs_the_restless(&self, command: &Command<'_>) -> bool {
        !self.risk.trips.restless.is_empty()
            && (command.kind() == SetReferencePrice::KIND
                || self.ledger.position_touches.iter().any(|touch| touch.moved))
    }

    #[inline(never)]
    fn look_at_losses<S: ReportSink>(&mut self, all: bool, out: &mut Out<'_, S>) {
        self.ledger.catch_up();
        let mut due = core::mem::take(&mut self.risk.trips.due);
        due.clear();
        if all {
            due.extend(0..self.risk.trips.losses.len() as u32);
            self.risk.usages.stirred.clear();
        } else {
            due.extend_from_slice(&self.risk.trips.restless);
            let mut stirred = core::mem::take(&mut self.risk.usages.stirred);
            due.extend(
                stirred
                    .drain(..)
                    .filter_map(|(of_group, index)| self.loss_rule(of_group, index)),
            );
            self.risk.usages.stirred = stirred;
            due.sort_unstable();
            due.dedup();
        }
        self.risk.trips.restless.clear();
        for at in &due {
            let target = self.risk.trips.losses[*at as usize];
            let quiet_churn = self.look_at_loss(target, out);
            if quiet_churn.is_none() {
                self.risk.trips.restless.push(*at);
            }
            // The restless are looked at anyway.
            self.loss_usage(target).quiet_churn = quiet_churn.unwrap_or(u64::MAX);
        }
        self.risk.trips.due = due;
        self.risk.trips.looked_round = self.risk.usages.round();
    }

    /// Place among the loss rules of the one about an account or a group (table index).
    fn loss_rule(&self, of_group: bool, index: u32) -> Option<u32> {
        if of_group {
            let group = self.accounts.group(index)?;
            self.risk.trips.loss_rule(StateScope::Group, group.id)
        } else {
            self.risk
                .trips
                .loss_rule(StateScope::Account, self.accounts.get(index).id)
        }
    }

    fn loss_usage(&mut self, (scope, _, target): LossTarget) -> &mut Usage {
        match scope {
            StateScope::Group => self.risk.usages.group_mut(target),
            _ => self.risk.usages.account_mut(target),
        }
    }

    /// Calls `each` with the accounts of a scope until it answers true. Answers whether it did.
    fn any_account(&self, (scope, _, target): LossTarget, mut each: impl FnMut(u32) -> bool) -> bool {
        match scope {
            StateScope::Group => self.accounts.members(target).any(each),
            _ => each(target),
        }
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
        for sum in self.ledger.of_group(target)? {
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

    /// Answers the churn of its account or group below which the rule has nothing to do; `None` = it is restless.
    fn look_at_loss<S: ReportSink>(&mut self, target: LossTarget, out: &mut Out<'_, S>) -> Option<u64> {
        let (scope, _, index) = target;
        let slot = self.risk.trips.trips.find(key(Rule::Loss, scope, index))?;
        let mut sums = core::mem::take(&mut self.risk.trips.sums);
        let observed = self.largest_loss(target, &mut sums);
        let trip = self.risk.trips.trips.get(slot);
        let (state, limit, rests) = (trip.state, trip.threshold, trip.rests);
        let holds = observed >= i128::from(limit);
        let quiet_churn = if holds {
            None
        } else {
            self.quiet_churn(target, limit, &mut sums)
        };
        self.risk.trips.sums = sums;
        if holds != rests {
            self.risk.trips.trips.get_mut(slot).rests = holds;
            if holds {
                self.trip_by_loss(target, state, (clamp(observed), limit), out);
            }
        }
        quiet_churn
    }

    /// Churn below which no currency can have lost as much as the threshold. `None` where nothing bounds that, or it is now.
    fn quiet_churn(&mut self, target: LossTarget, limit: i64, sums: &mut Vec<i128>) -> Option<u64> {
        let Self {
            ledger,
            instruments,
            accounts,
            risk,
            ..
        } = self;
        sums.clear();
        sums.resize(ledger.pots().len(), 0);
        let mut add = |sum: &DeskSum| {
            let of = instruments.get(sum.instrument);
            let (ticks, units) = (of.value_ticks(), of.terms.units_per_tick_lot);
            let guard = risk.usages.guard(sum.instrument, ticks, units);
            sums[of.pot as usize] += sum.worst(guard.as_ref(), ticks, units)?.loss;
            Some(())
        };
        match target {
            (StateScope::Group, _, group) => match ledger.of_group(group) {
                Some(mut kept) => kept.try_for_each(|sum| add(&sum))?,
                None => accounts
                    .members(group)
                    .flat_map(|account| ledger.all_positions_of(account))
                    .try_for_each(|position| add(&DeskSum::of_position(position)))?,
            },
            (_, _, account) => ledger
                .all_positions_of(account)
                .try_for_each(|position| add(&DeskSum::of_position(position)))?,
        }
        let worst = sums.iter().copied().fold(0, i128::max);
        let room = u64::try_from(i128::from(limit) - worst).ok()?;
        Some(self.loss_usage(target).churn.saturating_add(room))
    }

    /// A rule that is not looked at has nothing to do. For tests.
    fn assert_losses(&mut self) {
        let mut sums = Vec::new();
        for target in self.risk.trips.losses.iter().copied() {
            let slot = self.risk.trips.trips.find(key(Rule::Loss, target.0, target.2));
            let Some(trip) = slot.map(|slot| self.risk.trips.trips.get(slot)) else {
                continue;
            };
            let holds = self.largest_loss(target, &mut sums) >= i128::from(trip.threshold);
            debug_assert!(
                holds == trip.rests,
                "Invariant: loss rule {target:?} was looked at when it had to be"
            );
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
