//! Risk limits: what they say, where they hold and how they are set.
//!
//! A command sets the limits of one scope, for all instruments or for one, and replaces what was set there wholly; all
//! zeros take them away. Accounts, groups and instruments know whether any limit names them, so an order that none
//! applies to pays one comparison.

use fulltape_tape::codes::{ErrorCode, LimitScope, StateScope};
use fulltape_tape::layout::{AccountStateReport, SetRiskLimits};

use crate::checks::Proposal;
use crate::command::Command;
use crate::engine::Engine;
use crate::limit_table::{LimitSet, Limits, key};
use crate::limit_union::{Union, Unions};
use crate::order_rate::Bucket;
use crate::orders::NONE;
use crate::reports::{Out, Refusal, ReportSink};
use crate::snapshot::Damage;

impl Engine {
    /// Whether any limit may apply to an order.
    #[inline(always)]
    pub(crate) fn is_limited(&self, account: u32, instrument: u32) -> bool {
        let rules = u32::from(self.accounts.get(account).limited) | self.instruments.get(instrument).rules;
        rules | self.risk.limits.global != 0
    }

    /// Limits that apply to an order. Where they are not kept, they are found anew and put to `found`.
    #[inline]
    pub(crate) fn limits_of<'a>(&'a self, order: &Proposal, found: &'a mut Option<Union>) -> &'a Union {
        let (account, instrument) = (order.account, order.instrument);
        match self.kept_bounds(account, instrument) {
            Some(_) => self.risk.limits.unions.at(Unions::place(account, instrument)),
            None => found.insert(self.unite(account, instrument)),
        }
    }

    /// Finds the limits of an account in an instrument.
    #[inline(never)]
    pub(crate) fn unite(&self, account: u32, instrument: u32) -> Union {
        let group = self.accounts.get(account).group;
        self.risk.limits.unite((account, group, instrument))
    }

    pub(crate) fn set_risk_limits<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let change: &SetRiskLimits = command.view();
        let invalid = Refusal::of(ErrorCode::InvalidArgument);
        let scope = LimitScope::from_number(change.scope).ok_or(invalid)?;
        let set = LimitSet::of(command).ok_or(invalid)?;
        let by_account = matches!(scope, LimitScope::Account | LimitScope::Group);
        if set.daily_loss_units != 0 && !by_account {
            return Err(invalid);
        }
        let mut instrument = match change.instrument_id {
            0 => NONE,
            id => out.known(ErrorCode::UnknownInstrumentId, self.instruments.find(id))?,
        };
        let target = match scope {
            LimitScope::Account => out.known(ErrorCode::UnknownAccount, self.accounts.find(change.target_id))?,
            LimitScope::Instrument => {
                let target = out.known(ErrorCode::UnknownInstrumentId, self.instruments.find(change.target_id))?;
                if instrument != NONE && instrument != target {
                    return Err(invalid);
                }
                instrument = NONE;
                target
            }
            LimitScope::Group => {
                if change.target_id == 0 {
                    return Err(invalid);
                }
                // A group is made for limits alone, and for those that find room.
                if self.accounts.find_group(change.target_id).is_none() {
                    if set == LimitSet::default() {
                        out.done(SetRiskLimits::KIND, u64::from(change.target_id), 0);
                        return Ok(());
                    }
                    if self.risk.limits.limits.is_full() {
                        return Err(Refusal::of(ErrorCode::TableFull));
                    }
                }
                self.group_of(change.target_id)?
            }
            LimitScope::Global if change.target_id != 0 => return Err(invalid),
            LimitScope::Global => 0,
        };
        let changed = self.replace_limits((scope, target, instrument), change.version, set)?;
        out.done(SetRiskLimits::KIND, u64::from(change.target_id), u64::from(changed));
        if changed {
            self.report_limits(scope, target, change, out);
        }
        Ok(())
    }

    fn replace_limits(
        &mut self,
        (scope, target, instrument): (LimitScope, u32, u32),
        version: u32,
        set: LimitSet,
    ) -> Result<bool, Refusal> {
        let key = key(scope, target, instrument);
        let none = set == LimitSet::default();
        let known = self.risk.limits.limits.find(key);
        let before = known.map(|slot| *self.risk.limits.limits.get(slot));
        let same = before.map_or(none, |before| !none && (before.version, before.set) == (version, set));
        if same {
            return Ok(false);
        }
        let limits = Limits {
            scope,
            target,
            instrument,
            version,
            set,
            bucket: Bucket::full(&set, self.time_nanos),
        };
        match known {
            Some(_) if none => self.risk.limits.limits.remove(key),
            Some(slot) => *self.risk.limits.limits.get_mut(slot) = limits,
            None if self.risk.limits.limits.is_full() => return Err(Refusal::of(ErrorCode::TableFull)),
            None => {
                self.risk.limits.limits.insert(key, limits);
            }
        }
        self.risk.limits.unions.turn();
        self.count_limits((scope, target), i32::from(!none) - i32::from(before.is_some()));
        let was_daily = before.is_some_and(|before| before.set.daily_loss_units != 0);
        self.count_daily(
            (scope, target),
            i32::from(set.daily_loss_units != 0) - i32::from(was_daily),
        );
        Ok(true)
    }

    /// Lets whom limits are about know how many there are.
    fn count_limits(&mut self, (scope, target): (LimitScope, u32), by: i32) {
        let count = match scope {
            LimitScope::Account => &mut self.accounts.list_mut(target).limits,
            LimitScope::Group => &mut self.accounts.group_link_mut(target).limits,
            LimitScope::Instrument => &mut self.instruments.get_mut(target).rules,
            LimitScope::Global => &mut self.risk.limits.global,
        };
        *count = count.saturating_add_signed(by);
        if scope == LimitScope::Group && by > 0 {
            self.keep_desk(target);
        }
        match scope {
            LimitScope::Account => self.accounts.settle_limited(target),
            LimitScope::Group => {
                let mut member = self.accounts.members(target).next();
                while let Some(account) = member {
                    self.accounts.settle_limited(account);
                    member = self.accounts.after_member(account);
                }
            }
            LimitScope::Instrument | LimitScope::Global => {}
        }
    }

    /// Version of what holds for all instruments in a scope; 0 = nothing was set.
    pub(crate) fn limits_version(&self, scope: LimitScope, target: u32) -> u32 {
        let limits = &self.risk.limits.limits;
        limits
            .find(key(scope, target, NONE))
            .map_or(0, |slot| limits.get(slot).version)
    }

    fn report_limits<S: ReportSink>(
        &self,
        scope: LimitScope,
        target: u32,
        change: &SetRiskLimits,
        out: &mut Out<'_, S>,
    ) {
        let (state_scope, group_id, (state, reason)) = match scope {
            LimitScope::Account => return self.report_account_version(target, change.version, out),
            LimitScope::Instrument => return,
            LimitScope::Group => {
                let known = self.accounts.group(target);
                let state = known.map_or((0, 0), |group| (group.state, group.reason));
                (StateScope::Group, change.target_id, state)
            }
            LimitScope::Global => (StateScope::Global, 0, (self.global_state, self.global_reason)),
        };
        out.primary(AccountStateReport {
            kind: AccountStateReport::KIND,
            group_id,
            scope: state_scope.number(),
            state,
            reason,
            version: change.version,
            ..AccountStateReport::default()
        });
    }

    /// Counts restored limits where they are about; accounts, groups and positions are there.
    pub(crate) fn rebuild_limits(&mut self) -> Result<(), Damage> {
        let stored: Vec<_> = self
            .risk
            .limits
            .limits
            .entries()
            .map(|(_, key, limits)| (key, *limits))
            .collect();
        let instruments = self.instruments.iter().count() as u32;
        for (stored_key, limits) in stored {
            let Limits {
                scope,
                target,
                instrument,
                set,
                bucket,
                ..
            } = limits;
            let targets = match scope {
                LimitScope::Account => self.accounts.count(),
                LimitScope::Group => self.accounts.group_count(),
                LimitScope::Instrument => instruments,
                LimitScope::Global => 1,
            };
            let known = instrument == NONE || instrument < instruments;
            let daily = set.daily_loss_units != 0;
            let sound = stored_key == key(scope, target, instrument)
                && target < targets
                && known
                && set.is_sound()
                && bucket.at_nanos <= self.time_nanos
                && (!daily || matches!(scope, LimitScope::Account | LimitScope::Group));
            if !sound {
                return Err("limits are impossible, or about something that is not there");
            }
            // What an instrument knows of them was stored with it.
            if scope != LimitScope::Instrument {
                self.count_limits((scope, target), 1);
            }
            if daily {
                self.recount_daily((scope, target), 1);
                self.begin_day();
            }
        }
        Ok(())
    }
}
