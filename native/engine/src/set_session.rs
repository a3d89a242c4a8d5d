//! The command that puts an instrument, or every instrument of a calendar, into a phase and plans the phases after it.

use fulltape_tape::codes::{ErrorCode, StateReason, TradingPhase};
use fulltape_tape::layout::{SessionPlan, SetSession};

use crate::command::Command;
use crate::engine::Engine;
use crate::reports::{Out, Refusal, ReportSink};
use crate::trading_days::{PLAN_MAX, Planned, may_follow, successor};

impl Engine {
    pub(crate) fn set_session<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let session: &SetSession = command.view();
        let invalid = Refusal::of(ErrorCode::InvalidArgument);
        let mut targets = core::mem::take(&mut self.session_targets);
        targets.clear();
        let found = self.targets_of(session, &mut targets);
        let checked = found.and_then(|()| {
            let phase = TradingPhase::from_number(session.phase).ok_or(invalid)?;
            let reason = u8::try_from(session.reason).ok().and_then(StateReason::from_number);
            reason.ok_or(invalid)?;
            let plan = self.plan_of(command, session, phase)?;
            for &index in &targets {
                let before = self.instruments.get(index).phase;
                if before != phase && !may_follow(before, phase) {
                    return Err(wrong_order(before, phase));
                }
                if let Some(code) = self.blocked(index, phase) {
                    return Err(Refusal::of(code));
                }
            }
            Ok((phase, plan))
        });
        let result = checked.map(|(phase, plan)| {
            let id = if session.instrument_id != 0 {
                session.instrument_id
            } else {
                session.calendar_id
            };
            out.done(SetSession::KIND, u64::from(id), targets.len() as u64);
            for &index in &targets {
                let day = &mut self.instruments.extra_mut(index).day;
                (day.until_nanos, day.plan) = (session.until_nanos, plan);
                if self.instruments.get(index).phase == phase {
                    self.instruments.get_mut(index).reason = session.reason;
                    self.report_instrument(index, out);
                } else {
                    self.change_phase(index, phase, session.reason, out);
                }
            }
            self.find_next_phase();
        });
        self.session_targets = targets;
        result
    }

    /// The instruments that a command names, by id.
    fn targets_of(&self, session: &SetSession, targets: &mut Vec<u32>) -> Result<(), Refusal> {
        match (session.instrument_id, session.calendar_id) {
            (0, 0) => return Err(Refusal::of(ErrorCode::InvalidArgument)),
            (0, calendar_id) => targets.extend(
                (0..)
                    .zip(self.instruments.iter())
                    .filter(|(_, instrument)| instrument.terms.calendar_id() == calendar_id)
                    .map(|(index, _)| index),
            ),
            (id, 0) => targets.push(
                self.instruments
                    .find(id)
                    .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?,
            ),
            _ => return Err(Refusal::of(ErrorCode::InvalidArgument)),
        }
        targets.sort_unstable_by_key(|index| self.instruments.get(*index).id);
        Ok(())
    }

    /// The phases behind a command: ascending in time, each one that may follow the one before it.
    fn plan_of(
        &self,
        command: &Command<'_>,
        session: &SetSession,
        phase: TradingPhase,
    ) -> Result<[Planned; PLAN_MAX], Refusal> {
        let late = |at: u64, after: u64| Refusal::bound(ErrorCode::InvalidArgument, i128::from(at), i128::from(after));
        let mut plan = [Planned::default(); PLAN_MAX];
        let (mut before, mut after, mut length) = (phase, self.time_nanos, 0);
        if session.until_nanos != 0 {
            if session.until_nanos <= after {
                return Err(late(session.until_nanos, after));
            }
            (before, after) = (successor(phase), session.until_nanos);
        }
        let entries = command.extensions::<SessionPlan>(SessionPlan::KIND).flat_map(|plan| {
            [
                (plan.at_nanos0, plan.phase0),
                (plan.at_nanos1, plan.phase1),
                (plan.at_nanos2, plan.phase2),
            ]
        });
        for (at_nanos, number) in entries {
            if number == 0 && at_nanos == 0 {
                continue;
            }
            let next = TradingPhase::from_number(number).ok_or(Refusal::of(ErrorCode::InvalidArgument))?;
            if at_nanos <= after {
                return Err(late(at_nanos, after));
            }
            if !may_follow(before, next) {
                return Err(wrong_order(before, next));
            }
            *plan.get_mut(length).ok_or(Refusal::of(ErrorCode::InvalidArgument))? = Planned {
                at_nanos,
                phase: number,
            };
            length += 1;
            (before, after) = (next, at_nanos);
        }
        Ok(plan)
    }
}

fn wrong_order(before: TradingPhase, after: TradingPhase) -> Refusal {
    Refusal::bound(
        ErrorCode::InvalidSessionChange,
        i128::from(after.number()),
        i128::from(before.number()),
    )
}
