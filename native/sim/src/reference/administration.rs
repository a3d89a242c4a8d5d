//! The rules of everything that is not an order.

use fulltape_tape::Record;
use fulltape_tape::codes::*;
use fulltape_tape::layout::*;

use super::state::{Account, Instrument};
use super::tick_tables::bands_of;
use super::{No, Reference, Verdict, extension, no};

const RANGE: i128 = i64::MAX as i128;

impl Reference {
    pub(super) fn move_cash(&mut self, c: &MoveCash) -> Verdict {
        let account = self
            .state
            .accounts
            .get(&c.account_id)
            .ok_or(no(ErrorCode::UnknownAccount))?;
        if c.currency_id == 0 {
            return Err(no(ErrorCode::UnknownCurrency));
        }
        if !(1..=4).contains(&c.reason) {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let amount = i128::from(c.amount_units);
        if amount == 0 {
            return Err(No(ErrorCode::AmountNotPositive, 0, 1, 0));
        }
        let key = (c.account_id, c.currency_id);
        let free = self.state.free_cash(key.0, key.1);
        if amount < 0 && -amount > free && !account.unlimited() {
            return Err(No(ErrorCode::InsufficientCash, -amount, free, 0));
        }
        *self.state.cash.entry(key).or_default() += amount;
        self.moved_cash.insert(key);
        self.done(MoveCash::KIND, u64::from(c.account_id), 1);
        Ok(())
    }

    pub(super) fn move_position(&mut self, c: &MovePosition) -> Verdict {
        let account = self
            .state
            .accounts
            .get(&c.account_id)
            .ok_or(no(ErrorCode::UnknownAccount))?;
        if !self.state.instruments.contains_key(&c.instrument_id) {
            return Err(no(ErrorCode::UnknownInstrumentId));
        }
        if !(1..=5).contains(&c.reason) {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if self.state.instruments[&c.instrument_id].settled.is_some() {
            return Err(no(ErrorCode::InstrumentExpired));
        }
        let lots = i128::from(c.quantity_lots);
        if lots == 0 {
            return Err(No(ErrorCode::QuantityNotPositive, 0, 1, 0));
        }
        let key = (c.account_id, c.instrument_id);
        let mut position = self.state.positions.get(&key).copied().unwrap_or_default();
        let buys = self.state.open(key.0, key.1, Side::Buy);
        let sells = self.state.open(key.0, key.1, Side::Sell);
        let after = position.lots + lots;
        let reach = [after + buys, sells - after, after, -after]
            .into_iter()
            .max()
            .unwrap_or(0);
        if reach > RANGE {
            return Err(No(ErrorCode::LedgerOverflow, reach, RANGE, 0));
        }
        let opposite = position.lots * lots < 0;
        if opposite && lots.abs() <= position.lots.abs() && c.cost_units != 0 {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if lots < 0 && !account.short() && -lots > position.lots - sells {
            return Err(No(ErrorCode::InsufficientPosition, -lots, position.lots - sells, 0));
        }
        if opposite {
            let closes = lots.abs().min(position.lots.abs());
            position.cost -= position.cost * closes / position.lots.abs();
        }
        position.cost += i128::from(c.cost_units);
        position.lots = after;
        self.state.positions.insert(key, position);
        self.state.instruments.get_mut(&key.1).expect("known").used = true;
        self.moved_lots.insert(key);
        self.done(MovePosition::KIND, u64::from(c.account_id), 1);
        Ok(())
    }

    pub(super) fn define_instrument(&mut self, records: &[Record]) -> Verdict {
        let c: &DefineInstrument = records[0].view();
        let bad = no(ErrorCode::InvalidInstrumentTerms);
        let symbol: &InstrumentSymbol = extension(records, InstrumentSymbol::KIND).ok_or(bad)?;
        let fee = |ppm: i32| (-500_000..=500_000).contains(&ppm);
        let sound = (1..=3).contains(&c.initial_state)
            && c.instrument_id != 0
            && c.currency_id != 0
            && c.units_per_tick_lot > 0
            && c.max_quantity_lots >= 0
            && c.min_notional_units >= 0
            && fee(c.maker_fee_ppm)
            && fee(c.taker_fee_ppm)
            && (1..=5).contains(&c.instrument_kind)
            && symbol.tick_mantissa != 0
            && symbol.lot_mantissa != 0
            && symbol.text0 != 0;
        if !sound {
            return Err(bad);
        }
        let bands = bands_of(records).ok_or(bad)?;
        let contract = self.contract_of(records, symbol).ok_or(bad)?;
        let words = *Record::of(*symbol).words();
        let symbol = [words[2], words[3], words[4], words[5], words[6], words[7]];
        // What does not belong to the terms is made equal before they are compared.
        let mut terms = *c;
        (
            terms.extension_count,
            terms.flags,
            terms.session_id,
            terms.time_nanos,
            terms.initial_state,
        ) = (0, 0, 0, 0, 0);
        let id = c.instrument_id;
        let has_orders = self.state.orders.iter().any(|order| order.instrument == id);
        if let Some(known) = self.state.instruments.get(&id) {
            let same =
                known.terms == terms && known.symbol == symbol && known.bands == bands && known.contract == contract;
            if same {
                self.done(DefineInstrument::KIND, u64::from(id), 0);
                return Ok(());
            }
            if known.expired {
                return Err(no(ErrorCode::InstrumentExpired));
            }
            if has_orders || !self.may_change(id, &terms, &symbol, &contract) {
                return Err(no(ErrorCode::InstrumentExists));
            }
        }
        let now = self.state.time;
        if contract.expiry != 0 && contract.expiry <= now {
            return Err(No(bad.0, i128::from(contract.expiry), i128::from(now), 0));
        }
        if let Some(known) = self.state.instruments.get_mut(&id) {
            (known.terms, known.symbol, known.bands, known.contract) = (terms, symbol, bands, contract);
            self.done(DefineInstrument::KIND, u64::from(id), 1);
            self.instrument_report(id);
            return Ok(());
        }
        if self.state.instruments.len() >= self.max_instruments {
            return Err(no(ErrorCode::TableFull));
        }
        let reason = u16::from(StateReason::Definition.number());
        let instrument = Instrument {
            terms,
            bands,
            contract,
            used: false,
            expired: false,
            settled: None,
            symbol,
            state: c.initial_state,
            phase: 4,
            until: 0,
            plan: Vec::new(),
            band: None,
            shown: (0, 0, 0),
            reason,
            reference: 0,
            reference_time: 0,
            mark: 0,
            last: 0,
            sequence: 0,
        };
        self.state.instruments.insert(id, instrument);
        self.done(DefineInstrument::KIND, u64::from(id), 1);
        self.instrument_report(id);
        Ok(())
    }

    pub(super) fn instrument_report(&mut self, id: u32) {
        let known = &self.state.instruments[&id];
        let report = InstrumentStateReport {
            kind: 6,
            instrument_id: id,
            state: known.state,
            phase: known.phase,
            reason: known.reason,
            reference_price_ticks: known.reference,
            mark_price_ticks: known.mark,
            indicative_price_ticks: known.shown.0,
            indicative_quantity_lots: known.shown.1,
            imbalance_lots: known.shown.2,
            ..InstrumentStateReport::default()
        };
        self.push(report);
    }

    pub(super) fn define_account(&mut self, c: &DefineAccount) -> Verdict {
        let legal = (1..=3).contains(&c.initial_state)
            && (1..=4).contains(&c.account_kind)
            && c.account_id != 0
            && c.permissions < 16
            && c.fee_schedule < 2;
        if !legal {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let id = c.account_id;
        let mut terms = *c;
        (
            terms.extension_count,
            terms.flags,
            terms.session_id,
            terms.time_nanos,
            terms.initial_state,
        ) = (0, 0, 0, 0, 0);
        let known = self.state.accounts.get(&id).cloned();
        if known.as_ref().is_some_and(|known| known.terms == terms) {
            self.done(DefineAccount::KIND, u64::from(id), 0);
            return Ok(());
        }
        if known.is_some() && self.state.orders.iter().any(|order| order.account == id) {
            return Err(no(ErrorCode::AccountExists));
        }
        if known.is_none() && self.state.accounts.len() >= self.max_accounts {
            return Err(no(ErrorCode::TableFull));
        }
        self.know_group(c.group_id)?;
        let uncounted = self.uncounted();
        let (state, reason) = known.map_or(
            (c.initial_state, u16::from(StateReason::Definition.number())),
            |known| (known.state, known.reason),
        );
        self.state.accounts.insert(id, Account { terms, state, reason });
        self.begin_counting(&uncounted);
        self.done(DefineAccount::KIND, u64::from(id), 1);
        self.account_report(id);
        Ok(())
    }

    pub(super) fn know_group(&mut self, id: u32) -> Verdict {
        if id != 0 && !self.state.groups.contains_key(&id) {
            if self.state.groups.len() >= self.max_accounts {
                return Err(no(ErrorCode::TableFull));
            }
            self.state.groups.insert(id, (1, 0));
        }
        Ok(())
    }

    pub(super) fn account_report(&mut self, id: u32) {
        let version = self.version_of(1, id);
        self.account_report_by(id, version);
    }

    /// Version of the limits of a scope that hold for all instruments.
    pub(super) fn version_of(&self, scope: u8, target: u32) -> u32 {
        let set = self.state.limits.get(&(scope, target, 0));
        set.map_or(0, |limit| limit.version)
    }

    pub(super) fn account_report_by(&mut self, id: u32, version: u32) {
        let known = &self.state.accounts[&id];
        let report = AccountStateReport {
            kind: 7,
            account_id: id,
            group_id: known.terms.group_id,
            scope: 2,
            state: known.state,
            reason: known.reason,
            account_kind: known.terms.account_kind,
            permissions: known.terms.permissions,
            version,
            ..AccountStateReport::default()
        };
        self.push(report);
    }

    pub(super) fn set_state(&mut self, c: &SetTradingState) -> Verdict {
        if !(1..=4).contains(&c.scope)
            || !(1..=3).contains(&c.state)
            || c.reason > 8
            || c.flags > 1
            || (c.flags == 1 && c.state != 3)
        {
            return Err(no(ErrorCode::InvalidArgument));
        }
        let killed = self.killed_by(c);
        let id = c.target_id;
        let mut report = AccountStateReport {
            kind: 7,
            scope: c.scope,
            state: c.state,
            reason: c.reason,
            ..Default::default()
        };
        match c.scope {
            1 => {
                let known = self
                    .state
                    .instruments
                    .get_mut(&id)
                    .ok_or(no(ErrorCode::UnknownInstrumentId))?;
                let changed = known.state != c.state;
                if changed {
                    (known.state, known.reason) = (c.state, c.reason);
                }
                self.done(
                    SetTradingState::KIND,
                    u64::from(id),
                    u64::from(changed) + killed.len() as u64,
                );
                if changed {
                    self.instrument_report(id);
                }
            }
            2 => {
                let known = self.state.accounts.get_mut(&id).ok_or(no(ErrorCode::UnknownAccount))?;
                let changed = known.state != c.state;
                if changed {
                    (known.state, known.reason) = (c.state, c.reason);
                }
                self.done(
                    SetTradingState::KIND,
                    u64::from(id),
                    u64::from(changed) + killed.len() as u64,
                );
                if changed {
                    self.account_report(id);
                }
            }
            3 => {
                if id == 0 {
                    return Err(no(ErrorCode::InvalidArgument));
                }
                self.know_group(id)?;
                let changed = self.state.groups[&id].0 != c.state;
                if changed {
                    self.state.groups.insert(id, (c.state, c.reason));
                }
                report.version = self.version_of(2, id);
                self.done(
                    SetTradingState::KIND,
                    u64::from(id),
                    u64::from(changed) + killed.len() as u64,
                );
                if changed {
                    report.group_id = id;
                    self.push(report);
                }
            }
            _ => {
                let changed = self.state.global != c.state;
                if changed {
                    (self.state.global, self.state.global_reason) = (c.state, c.reason);
                }
                report.version = self.version_of(4, 0);
                self.done(SetTradingState::KIND, 0, u64::from(changed) + killed.len() as u64);
                if changed {
                    self.push(report);
                }
            }
        }
        self.cancel_ids(&killed, CancelReason::TradingHalted);
        Ok(())
    }

    pub(super) fn set_price(&mut self, c: &SetReferencePrice) -> Verdict {
        let known = self
            .state
            .instruments
            .get_mut(&c.instrument_id)
            .ok_or(no(ErrorCode::UnknownInstrumentId))?;
        if !(1..=3).contains(&c.purpose) || !(1..=5).contains(&c.source) {
            return Err(no(ErrorCode::InvalidArgument));
        }
        if c.price_ticks <= 0 {
            return Err(No(ErrorCode::PriceNotPositive, i128::from(c.price_ticks), 1, 0));
        }
        let before = (known.reference, known.mark);
        if c.purpose & 1 != 0 {
            known.reference = c.price_ticks;
            known.reference_time = c.source_time_nanos;
        }
        if c.purpose & 2 != 0 {
            known.mark = c.price_ticks;
        }
        let changed = before != (known.reference, known.mark);
        self.done(SetReferencePrice::KIND, u64::from(c.instrument_id), u64::from(changed));
        if changed {
            self.instrument_report(c.instrument_id);
            self.move_band(c.instrument_id);
        }
        Ok(())
    }
}
