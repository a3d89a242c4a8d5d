//! Commands that are not about orders: cash, positions, definitions, trading states, prices.

use fulltape_tape::codes::{
    AccountKind, CashReason, ErrorCode, InstrumentKind, LimitScope, PositionReason, PricePurpose, PriceSource,
    StateReason, StateScope, TradingPhase, TradingState, state_flag,
};
use fulltape_tape::layout::{
    AccountStateReport, DefineAccount, DefineInstrument, InstrumentStateReport, InstrumentSymbol, MoveCash,
    MovePosition, SetReferencePrice, SetTradingState,
};

use crate::accounts::{Account, Group};
use crate::book::Book;
use crate::command::Command;
use crate::config::RiskMode;
use crate::engine::Engine;
use crate::instruments::{Extra, ExtraTerms, Instrument, Terms, feature};
use crate::ledger::TOTAL_MAX;
use crate::orders::NONE;
use crate::reports::{Out, Refusal, ReportSink};
use crate::tick_table::TickTable;
use crate::trading_days::is_call;
use crate::triggers::Triggers;

/// Largest fee or rebate: half of the notional, in parts per million.
const FEE_PPM_MAX: u32 = 500_000;

fn valid<T>(value: Option<T>) -> Result<T, Refusal> {
    value.ok_or(Refusal::of(ErrorCode::InvalidArgument))
}

/// Codes that fit a byte although their field is wider.
fn narrow(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

impl Engine {
    pub(crate) fn move_cash<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let movement: &MoveCash = command.view();
        let account = self
            .accounts
            .find(movement.account_id)
            .ok_or(Refusal::of(ErrorCode::UnknownAccount))?;
        if movement.currency_id == 0 {
            return Err(Refusal::of(ErrorCode::UnknownCurrency));
        }
        valid(narrow(movement.reason).and_then(CashReason::from_number))?;
        let amount = i128::from(movement.amount_units);
        if amount == 0 {
            return Err(Refusal::bound(ErrorCode::AmountNotPositive, amount, 1));
        }
        let balance = self.ledger.find_balance(account, movement.currency_id);
        let total = balance.map_or(0, |index| self.ledger.balance(index).total);
        let free = self.free_cash(account, movement.currency_id);
        if amount < 0 && -amount > free && !self.accounts.get(account).unlimited() {
            return Err(Refusal::bound(ErrorCode::InsufficientCash, -amount, free));
        }
        if (total + amount).abs() > TOTAL_MAX {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, total + amount, TOTAL_MAX));
        }
        let balance = self
            .ledger
            .balance_of(account, movement.account_id, movement.currency_id);
        self.ledger.move_cash(balance, movement.amount_units);
        out.done(MoveCash::KIND, u64::from(movement.account_id), 1);
        Ok(())
    }

    pub(crate) fn move_position<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let movement: &MovePosition = command.view();
        let account = self
            .accounts
            .find(movement.account_id)
            .ok_or(Refusal::of(ErrorCode::UnknownAccount))?;
        let instrument = self
            .instruments
            .find(movement.instrument_id)
            .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?;
        valid(narrow(movement.reason).and_then(PositionReason::from_number))?;
        out.holds(
            ErrorCode::InstrumentExpired,
            self.instruments.extra(instrument).settled_ticks == 0,
        )?;
        let lots = movement.quantity_lots;
        if lots == 0 {
            return Err(Refusal::bound(ErrorCode::QuantityNotPositive, 0, 1));
        }
        let (held, open_buy, open_sell) = self
            .ledger
            .find_position(account, instrument)
            .map_or((0, 0, 0), |index| {
                let position = self.ledger.position(index);
                (position.quantity_lots, position.open_buy_lots, position.open_sell_lots)
            });
        let after = i128::from(held) + i128::from(lots);
        let reach = (after + i128::from(open_buy))
            .max(i128::from(open_sell) - after)
            .max(after.abs());
        if reach > i128::from(i64::MAX) {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, reach, i128::from(i64::MAX)));
        }
        // Only what grows the position brings a cost with it; what shrinks it leaves at average cost.
        let shrinks_only = i128::from(held).signum() * after.signum() >= 0 && after.abs() < i128::from(held).abs();
        if shrinks_only && movement.cost_units != 0 {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let free = i128::from(held) - i128::from(open_sell);
        if lots < 0 && -i128::from(lots) > free && !self.accounts.get(account).may_sell_short() {
            return Err(Refusal::bound(ErrorCode::InsufficientPosition, -i128::from(lots), free));
        }
        let position = self.position_of((account, movement.account_id), (instrument, movement.instrument_id));
        let cost = self.ledger.move_lots(position, lots, movement.cost_units);
        self.note_moved(account);
        if self.instruments.get(instrument).terms.features & feature::FUTURE != 0 {
            self.clear_movement(instrument, cost);
        }
        self.instruments.get_mut(instrument).lots_moved += i128::from(lots);
        out.done(MovePosition::KIND, u64::from(movement.account_id), 1);
        Ok(())
    }

    pub(crate) fn define_instrument<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let definition: &DefineInstrument = command.view();
        let invalid = Refusal::of(ErrorCode::InvalidInstrumentTerms);
        let symbol: &InstrumentSymbol = command.extension(InstrumentSymbol::KIND).ok_or(invalid)?;
        let state = TradingState::from_number(definition.initial_state).ok_or(invalid)?;
        if !sound_terms(definition, symbol) {
            return Err(invalid);
        }
        let mut terms = Terms::of(definition, symbol);
        let extra = ExtraTerms {
            ticks: TickTable::of(command).ok_or(invalid)?,
            contract: self.contract_of(command, definition, &terms)?,
        };
        terms.features = extra.features();
        let id = definition.instrument_id;
        let known = self.instruments.find(id);
        let same =
            |index: u32| self.instruments.get(index).terms == terms && self.instruments.extra(index).terms == extra;
        if known.is_some_and(same) {
            out.done(DefineInstrument::KIND, u64::from(id), 0);
            return Ok(());
        }
        if let Some(index) = known {
            self.check_redefinition(index, &terms, &extra.contract)?;
        }
        let expiry = extra.contract.expiry_nanos;
        if expiry != 0 && expiry <= self.time_nanos {
            let (expiry, now) = (i128::from(expiry), i128::from(self.time_nanos));
            return Err(Refusal::bound(ErrorCode::InvalidInstrumentTerms, expiry, now));
        }
        if let Some(index) = known {
            self.instruments.get_mut(index).pot = self.ledger.pot_of(terms.currency_id);
            self.instruments.set_terms(index, terms, extra);
            self.risk.limits.unions.turn();
            self.risk.usages.forget(index);
            out.done(DefineInstrument::KIND, u64::from(id), 1);
            self.report_instrument(index, out);
            return Ok(());
        }
        if self.instruments.is_full() {
            return Err(Refusal::of(ErrorCode::TableFull));
        }
        let pot = self.ledger.pot_of(terms.currency_id);
        let instrument = Instrument {
            id,
            terms,
            state: state.number(),
            phase: TradingPhase::Continuous,
            reason: u16::from(StateReason::Definition.number()),
            reference_price_ticks: 0,
            mark_price_ticks: 0,
            last_price_ticks: 0,
            price_time_nanos: 0,
            reference_time_nanos: 0,
            book_sequence: 0,
            open_orders: 0,
            pot,
            lots_held: 0,
            lots_moved: 0,
            walked: 0,
            book: Book::new(),
            triggers: Triggers::default(),
            rules: 0,
            aside: [0; 2],
        };
        let extra = Extra {
            terms: extra,
            ..Extra::default()
        };
        let index = self.instruments.insert(instrument, extra);
        self.instruments.count_derivative(index);
        self.days.add(TradingPhase::Continuous);
        out.done(DefineInstrument::KIND, u64::from(id), 1);
        self.report_instrument(index, out);
        Ok(())
    }

    pub(crate) fn define_account<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let definition: &DefineAccount = command.view();
        let state = valid(TradingState::from_number(definition.initial_state))?;
        valid(AccountKind::from_number(definition.account_kind))?;
        if definition.account_id == 0 || definition.permissions > 15 || definition.fee_schedule > 1 {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let id = definition.account_id;
        if let Some(index) = self.accounts.find(id) {
            let known = *self.accounts.get(index);
            let same = known.group_id == definition.group_id
                && known.kind == definition.account_kind
                && known.permissions == definition.permissions
                && known.fee_schedule == definition.fee_schedule;
            if same {
                out.done(DefineAccount::KIND, u64::from(id), 0);
                return Ok(());
            }
            if known.open_orders != 0 {
                return Err(Refusal::of(ErrorCode::AccountExists));
            }
            let group = self.group_of(definition.group_id)?;
            let was_daily = self.is_daily(index);
            self.accounts.join_group(index, group);
            self.ledger.seat_account(index, group);
            if !was_daily && self.is_daily(index) {
                self.rebase(index);
            }
            let account = self.accounts.get_mut(index);
            account.group_id = definition.group_id;
            account.kind = definition.account_kind;
            account.permissions = definition.permissions;
            account.fee_schedule = definition.fee_schedule;
            // With it goes all headroom; rules about losses are looked at behind every definition.
            self.risk.limits.unions.turn();
            out.done(DefineAccount::KIND, u64::from(id), 1);
            self.report_account(index, out);
            return Ok(());
        }
        if self.accounts.is_full() {
            return Err(Refusal::of(ErrorCode::TableFull));
        }
        let group = self.group_of(definition.group_id)?;
        let index = self.accounts.insert(Account {
            risk_off: self.config.risk == RiskMode::Off,
            id,
            group_id: definition.group_id,
            group: NONE,
            kind: definition.account_kind,
            state: state.number(),
            reason: u16::from(StateReason::Definition.number()),
            permissions: definition.permissions,
            fee_schedule: definition.fee_schedule,
            head: NONE,
            tail: NONE,
            open_orders: 0,
            group_next: NONE,
            limits: 0,
            daily: 0,
            limited: false,
        });
        self.accounts.join_group(index, group);
        out.done(DefineAccount::KIND, u64::from(id), 1);
        self.report_account(index, out);
        Ok(())
    }

    /// Table index of a group, made when it is new; `NONE` for id 0.
    pub(crate) fn group_of(&mut self, id: u32) -> Result<u32, Refusal> {
        if id == 0 {
            return Ok(NONE);
        }
        if let Some(index) = self.accounts.find_group(id) {
            return Ok(index);
        }
        if self.accounts.groups_full() {
            return Err(Refusal::of(ErrorCode::TableFull));
        }
        Ok(self.accounts.insert_group(Group {
            reason: 0,
            id,
            state: TradingState::Active.number(),
            head: NONE,
            limits: 0,
            daily: 0,
        }))
    }

    pub(crate) fn set_trading_state<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let change: &SetTradingState = command.view();
        let scope = valid(StateScope::from_number(change.scope))?;
        let state = valid(TradingState::from_number(change.state))?.number();
        valid(narrow(change.reason).and_then(StateReason::from_number))?;
        let cancels = u16::from(change.flags) & state_flag::CANCEL_ORDERS != 0;
        if u16::from(change.flags) & !state_flag::CANCEL_ORDERS != 0
            || (cancels && state != TradingState::Halted.number())
        {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        self.wave.clear();
        let target = u64::from(change.target_id);
        let mut report = AccountStateReport {
            kind: AccountStateReport::KIND,
            scope: change.scope,
            state,
            reason: change.reason,
            ..AccountStateReport::default()
        };
        match scope {
            StateScope::Instrument => {
                let index = self
                    .instruments
                    .find(change.target_id)
                    .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?;
                let changed = self.instruments.get(index).state != state;
                if cancels {
                    self.find_scope(scope, index);
                }
                out.done(
                    SetTradingState::KIND,
                    target,
                    u64::from(changed) + self.wave.len() as u64,
                );
                if changed {
                    let instrument = self.instruments.get_mut(index);
                    instrument.state = state;
                    instrument.reason = change.reason;
                    self.dirty.push(index);
                    self.find_next_phase();
                    self.report_instrument(index, out);
                }
            }
            StateScope::Account => {
                let index = self
                    .accounts
                    .find(change.target_id)
                    .ok_or(Refusal::of(ErrorCode::UnknownAccount))?;
                let changed = self.accounts.get(index).state != state;
                if cancels {
                    self.find_scope(scope, index);
                }
                out.done(
                    SetTradingState::KIND,
                    target,
                    u64::from(changed) + self.wave.len() as u64,
                );
                if changed {
                    let account = self.accounts.get_mut(index);
                    account.state = state;
                    account.reason = change.reason;
                    self.report_account(index, out);
                }
            }
            StateScope::Group => {
                if change.target_id == 0 {
                    return Err(Refusal::of(ErrorCode::InvalidArgument));
                }
                let index = self.group_of(change.target_id)?;
                let group = self.accounts.group_mut(index);
                let changed = group.state != state;
                if changed {
                    (group.state, group.reason) = (state, change.reason);
                }
                if cancels {
                    self.find_scope(scope, index);
                }
                out.done(
                    SetTradingState::KIND,
                    target,
                    u64::from(changed) + self.wave.len() as u64,
                );
                if changed {
                    report.group_id = change.target_id;
                    report.version = self.limits_version(LimitScope::Group, index);
                    out.primary(report);
                }
            }
            StateScope::Global => {
                let changed = self.global_state != state;
                if changed {
                    (self.global_state, self.global_reason) = (state, change.reason);
                }
                if cancels {
                    self.find_scope(scope, 0);
                }
                out.done(SetTradingState::KIND, 0, u64::from(changed) + self.wave.len() as u64);
                if changed {
                    self.watch_all();
                    self.find_next_phase();
                    report.version = self.limits_version(LimitScope::Global, 0);
                    out.primary(report);
                }
            }
        }
        self.cancel_scope(out);
        Ok(())
    }

    pub(crate) fn set_reference_price<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let price: &SetReferencePrice = command.view();
        let index = self
            .instruments
            .find(price.instrument_id)
            .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?;
        let purpose = valid(PricePurpose::from_number(price.purpose))?;
        valid(narrow(price.source).and_then(PriceSource::from_number))?;
        if price.price_ticks <= 0 {
            return Err(Refusal::bound(
                ErrorCode::PriceNotPositive,
                i128::from(price.price_ticks),
                1,
            ));
        }
        let instrument = self.instruments.get_mut(index);
        let before = (instrument.reference_price_ticks, instrument.mark_price_ticks);
        if purpose != PricePurpose::Mark {
            instrument.reference_price_ticks = price.price_ticks;
            instrument.reference_time_nanos = price.source_time_nanos;
        }
        if purpose != PricePurpose::Reference {
            instrument.mark_price_ticks = price.price_ticks;
        }
        instrument.price_time_nanos = price.source_time_nanos;
        let changed = before != (instrument.reference_price_ticks, instrument.mark_price_ticks);
        out.done(
            SetReferencePrice::KIND,
            u64::from(price.instrument_id),
            u64::from(changed),
        );
        if changed {
            self.dirty.push(index);
            // A reference price that lots are not valued at is nothing to foresee.
            self.note_price(index, self.instruments.get(index).value_ticks());
            self.report_instrument(index, out);
            if is_call(self.instruments.get(index).phase) {
                self.move_band(index);
                self.called.push(index);
            }
        }
        Ok(())
    }

    pub(crate) fn report_instrument<S: ReportSink>(&self, index: u32, out: &mut Out<'_, S>) {
        let instrument = self.instruments.get(index);
        let indication = self.instruments.extra(index).day.indication;
        out.primary(InstrumentStateReport {
            kind: InstrumentStateReport::KIND,
            instrument_id: instrument.id,
            state: instrument.state,
            phase: instrument.phase.number(),
            reason: instrument.reason,
            reference_price_ticks: instrument.reference_price_ticks,
            mark_price_ticks: instrument.mark_price_ticks,
            indicative_price_ticks: indication.price_ticks,
            indicative_quantity_lots: indication.lots,
            imbalance_lots: indication.imbalance_lots,
            ..InstrumentStateReport::default()
        });
    }

    pub(crate) fn report_account<S: ReportSink>(&self, index: u32, out: &mut Out<'_, S>) {
        self.report_account_version(index, self.limits_version(LimitScope::Account, index), out);
    }

    /// State of an account with the version of a rule that changed.
    pub(crate) fn report_account_version<S: ReportSink>(&self, index: u32, version: u32, out: &mut Out<'_, S>) {
        let account = self.accounts.get(index);
        out.primary(AccountStateReport {
            kind: AccountStateReport::KIND,
            account_id: account.id,
            group_id: account.group_id,
            scope: StateScope::Account.number(),
            state: account.state,
            reason: account.reason,
            account_kind: account.kind,
            permissions: account.permissions,
            version,
            ..AccountStateReport::default()
        });
    }
}

/// Terms that the engine can compute with.
fn sound_terms(definition: &DefineInstrument, symbol: &InstrumentSymbol) -> bool {
    let kind = InstrumentKind::from_number(definition.instrument_kind);
    definition.instrument_id != 0
        && definition.currency_id != 0
        && definition.units_per_tick_lot > 0
        && definition.max_quantity_lots >= 0
        && definition.min_notional_units >= 0
        && definition.maker_fee_ppm.unsigned_abs() <= FEE_PPM_MAX
        && definition.taker_fee_ppm.unsigned_abs() <= FEE_PPM_MAX
        && matches!(
            kind,
            Some(
                InstrumentKind::Equity
                    | InstrumentKind::CryptoSpot
                    | InstrumentKind::ForeignExchange
                    | InstrumentKind::Future
                    | InstrumentKind::Option
            )
        )
        && symbol.tick_mantissa > 0
        && symbol.lot_mantissa > 0
        && symbol.text0 != 0
}
