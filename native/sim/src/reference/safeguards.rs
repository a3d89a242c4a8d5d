//! The rules of restrictions, dead-man switches, kill switches and allotments.

use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::checks::Wanted;
use super::state::Order;
use super::{No, Reference, Verdict, no};

/// A timer: its time, then what runs first at that time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Order(u64),
    Session(u32, u32),
    Instrument(u32),
}

impl Reference {
    pub(super) fn set_restriction(&mut self, c: &SetRestriction) -> Verdict {
        if c.account_id != 0 && !self.state.accounts.contains_key(&c.account_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        if !self.state.instruments.contains_key(&c.instrument_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if c.restriction > 4 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let key = (c.account_id, c.instrument_id);
        let before = self.state.restrictions.get(&key).copied();
        let after = (c.restriction != 0).then_some((c.restriction, c.version));
        if before.is_none() && after.is_some() && self.state.restrictions.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        match after {
            Some(rule) => self.state.restrictions.insert(key, rule),
            None => self.state.restrictions.remove(&key),
        };
        self.done(
            SetRestriction::KIND,
            u64::from(c.instrument_id),
            u64::from(before != after),
        );
        if before != after && c.account_id != 0 {
            self.account_report_by(c.account_id, c.version);
        }
        Ok(())
    }

    pub(super) fn check_restrictions(&self, wanted: &Wanted<'_>) -> Verdict {
        let order = wanted.order;
        for account in [0, order.account] {
            let Some((rule, version)) = self.state.restrictions.get(&(account, order.instrument)) else {
                continue;
            };
            let buys = order.side == Side::Buy;
            let position = self.state.positions.get(&(order.account, order.instrument));
            let held = position.map_or(0, |position| position.lots);
            let others = self.state.open_by_others(order);
            self.ruled_by.set(*version);
            match rule {
                1 if buys => return Err(no(ErrorCode::ComplianceRestricted)),
                2 if !buys => return Err(no(ErrorCode::ComplianceRestricted)),
                3 => return Err(no(ErrorCode::ComplianceRestricted)),
                4 if !buys && order.leaves() > held - others => {
                    let code = ErrorCode::ShortSaleNotPermitted;
                    return Err(No(code, order.leaves(), held - others, 0));
                }
                _ => self.ruled_by.set(0),
            }
        }
        Ok(())
    }

    pub(super) fn keep_alive(&mut self, c: &KeepAlive) -> Verdict {
        if !self.state.accounts.contains_key(&c.account_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        let (at, now) = (c.deadline_nanos, self.state.time);
        if c.session_id == 0 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if at != 0 && at <= now {
            return Err(No(ErrorCode::InvalidArgument, i128::from(at), i128::from(now), 0));
        }
        let key = (c.account_id, c.session_id);
        let known = self.state.sessions.contains_key(&key);
        if at != 0 && !known && self.state.sessions.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        self.state.sessions.remove(&key);
        if at != 0 {
            self.state.sessions.insert(key, at);
        }
        self.done(KeepAlive::KIND, u64::from(c.session_id), u64::from(known || at != 0));
        Ok(())
    }

    /// Runs what is due at a time: orders that expire, sessions that are lost. Answers how many orders went.
    pub(super) fn run_timers(&mut self, time: u64) -> u64 {
        let orders = self
            .state
            .orders
            .iter()
            .filter_map(|order| order.expires.map(|at| (at, Timer::Order(order.id))));
        let sessions = self.state.sessions.iter();
        let instruments = self.state.instruments.iter();
        let instruments = instruments
            .filter(|(_, known)| !known.expired && known.contract.expiry != 0)
            .map(|(id, known)| (known.contract.expiry, Timer::Instrument(*id)));
        let mut due: Vec<_> = orders
            .chain(instruments)
            .chain(sessions.map(|((account, session), at)| (*at, Timer::Session(*account, *session))))
            .filter(|(at, _)| *at <= time)
            .collect();
        due.sort_unstable();
        let mut gone = 0;
        for (_, timer) in due {
            match timer {
                Timer::Order(id) if self.state.orders.iter().any(|order| order.id == id) => {
                    let expired = (ExecType::Expired, OrderStatus::Expired);
                    self.withdraw(id, expired.0, expired.1, CancelReason::Expired, false);
                    gone += 1;
                }
                Timer::Order(_) => {}
                Timer::Instrument(id) => gone += self.expire(id),
                Timer::Session(account, session) => {
                    self.state.sessions.remove(&(account, session));
                    let of = |order: &Order| order.account == account && order.session == session;
                    gone += self.cancel_where(of, CancelReason::SessionLost);
                }
            }
        }
        gone
    }

    /// Open orders that a condition picks, oldest first.
    pub(super) fn picked(&self, of: impl Fn(&Order) -> bool) -> Vec<u64> {
        let mut ids: Vec<_> = self
            .state
            .orders
            .iter()
            .filter(|order| of(order))
            .map(|order| order.id)
            .collect();
        ids.sort_unstable();
        ids
    }

    fn cancel_where(&mut self, of: impl Fn(&Order) -> bool, reason: CancelReason) -> u64 {
        let ids = self.picked(of);
        self.cancel_ids(&ids, reason);
        ids.len() as u64
    }

    pub(super) fn cancel_ids(&mut self, ids: &[u64], reason: CancelReason) {
        for id in ids {
            if self.state.orders.iter().any(|order| order.id == *id) {
                self.withdraw(*id, ExecType::Canceled, OrderStatus::Canceled, reason, false);
            }
        }
    }

    /// Orders that a kill switch of this scope takes.
    pub(super) fn killed_by(&self, c: &SetTradingState) -> Vec<u64> {
        if c.flags & 1 == 0 {
            return Vec::new();
        }
        self.picked(|order| match c.scope {
            1 => order.instrument == c.target_id,
            2 => order.account == c.target_id,
            3 => self.state.accounts[&order.account].terms.group_id == c.target_id,
            _ => true,
        })
    }

    pub(super) fn transfer_allotment(&mut self, c: &TransferAllotment) -> Verdict {
        if !self.state.accounts.contains_key(&c.account_id) {
            return Err(no(ErrorCode::UnknownAccount));
        }
        if c.currency_id == 0 {
            return Err(no(ErrorCode::UnknownCurrency));
        }
        if ![1, 2].contains(&c.leg) || c.transfer_id == 0 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let amount = i128::from(c.amount_units);
        if amount <= 0 {
            return Err(No(ErrorCode::AmountNotPositive, amount, 1, 0));
        }
        let content = (c.account_id, c.currency_id, c.leg, c.other_shard, c.amount_units);
        if let Some(known) = self.state.transfers.get(&c.transfer_id) {
            if *known != content {
                return Err(no(ErrorCode::TransferMismatch));
            }
            self.done(TransferAllotment::KIND, c.transfer_id, 0);
            return Ok(());
        }
        let key = (c.account_id, c.currency_id);
        let free = self.state.free_cash(key.0, key.1);
        if c.leg == 1 && amount > free {
            return Err(No(ErrorCode::InsufficientAllotment, amount, free, 0));
        }
        let signed = if c.leg == 1 { -amount } else { amount };
        self.state.transfers.insert(c.transfer_id, content);
        *self.state.cash.entry(key).or_default() += signed;
        self.allotted_cash.insert(key);
        self.done(TransferAllotment::KIND, c.transfer_id, 1);
        Ok(())
    }
}
