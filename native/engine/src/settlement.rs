//! Cash settlement of derivatives, and the accounting of futures.
//!
//! A trade in a future moves no notional, only fees. What a position gains is paid when it closes (average cost), out of the
//! clearing sum of the instrument, and what it loses goes there; so `clearing + cost of all positions` is what movements from
//! outside brought, zero without any. `settleInstrument` pays every open position: a future the difference between its value
//! at the settlement price and its cost, an option what it is in the money at the settlement price of its underlying. After
//! the expiry positions end; before it (futures alone) they stay, at the settlement price as their new cost.
//! Accounts are paid in the order of their ids. O(all positions).

use fulltape_tape::codes::ErrorCode;
use fulltape_tape::layout::SettleInstrument;

use crate::command::Command;
use crate::engine::Engine;
use crate::instruments::feature;
use crate::ledger::TOTAL_MAX;
use crate::reports::{Out, Refusal, ReportSink};

/// What a settlement does to one position.
#[derive(Clone, Copy, Debug)]
struct Payment {
    /// Value of the position at the settlement price.
    value: i128,
    /// Cash that its account receives.
    cash: i64,
}

impl Engine {
    pub(crate) fn settle<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let settlement: &SettleInstrument = command.view();
        let index = out.known(
            ErrorCode::UnknownInstrumentId,
            self.instruments.find(settlement.instrument_id),
        )?;
        let features = self.instruments.get(index).terms.features;
        let extra = self.instruments.extra(index);
        let contract = extra.terms.contract;
        let price = settlement.settlement_price_ticks;
        out.holds(ErrorCode::InvalidArgument, features & feature::DERIVATIVE != 0)?;
        out.at_least(ErrorCode::PriceNotPositive, i128::from(price), 1)?;
        let target = u64::from(settlement.instrument_id);
        if extra.settled_ticks != 0 {
            if extra.settled_ticks != price {
                let (asked, settled) = (i128::from(price), i128::from(extra.settled_ticks));
                return Err(Refusal::bound(ErrorCode::InstrumentExpired, asked, settled));
            }
            out.done(SettleInstrument::KIND, target, 0);
            return Ok(());
        }
        let last = extra.expired;
        if !last && features & feature::OPTION != 0 {
            let (now, expiry) = (i128::from(self.time_nanos), i128::from(contract.expiry_nanos));
            return Err(Refusal::bound(ErrorCode::InstrumentNotExpired, now, expiry));
        }
        let mut open = core::mem::take(&mut self.found);
        open.clear();
        let positions = self.ledger.positions().iter().enumerate();
        let of_instrument =
            positions.filter(|(_, position)| position.instrument == index && position.quantity_lots != 0);
        open.extend(of_instrument.map(|(position, _)| position as u32));
        open.sort_unstable_by_key(|position| self.ledger.position(*position).account_id);
        let refused = open.iter().find_map(|position| self.payment(*position, price).err());
        if let Some(refusal) = refused {
            self.found = open;
            return Err(refusal);
        }
        out.done(SettleInstrument::KIND, target, open.len() as u64);
        for &position in &open {
            self.pay(position, price, last);
        }
        self.found = open;
        if last {
            self.instruments.extra_mut(index).settled_ticks = price;
            self.retire_positions(index);
        }
        if features & feature::FUTURE != 0 {
            self.assert_cleared(index);
        }
        Ok(())
    }

    /// Positions of what was settled for good count nowhere any more.
    fn retire_positions(&mut self, instrument: u32) {
        for position in 0..self.ledger.positions().len() as u32 {
            let held = self.ledger.position(position);
            if held.instrument == instrument
                && let Some(account) = self.accounts.find(held.account_id)
            {
                self.ledger.unlink_position(account, position);
            }
        }
    }

    /// What a position receives at a settlement price, within what the ledger holds.
    fn payment(&self, position: u32, price_ticks: i64) -> Result<Payment, Refusal> {
        let position = self.ledger.position(position);
        let terms = &self.instruments.get(position.instrument).terms;
        let contract = &self.instruments.extra(position.instrument).terms.contract;
        let future = terms.features & feature::FUTURE != 0;
        let (ticks, units) = if future {
            (i128::from(price_ticks), terms.units_per_tick_lot)
        } else {
            (contract.intrinsic_ticks(price_ticks), contract.underlying_units)
        };
        let per_lot = ticks * i128::from(units);
        let limit = i128::from(i64::MAX);
        let value = per_lot.saturating_mul(i128::from(position.quantity_lots));
        let cash = if future {
            value.saturating_sub(position.basis.cost_units)
        } else {
            value
        };
        if cash.saturating_abs() > limit {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, cash, limit));
        }
        let account = self.accounts.find(position.account_id);
        let total = account
            .and_then(|account| self.ledger.find_balance(account, terms.currency_id))
            .map_or(0, |balance| self.ledger.balance(balance).total);
        if (total + cash).abs() > TOTAL_MAX {
            return Err(Refusal::bound(ErrorCode::LedgerOverflow, total + cash, TOTAL_MAX));
        }
        let cash = cash as i64;
        Ok(Payment { value, cash })
    }

    fn pay(&mut self, index: u32, price_ticks: i64, last: bool) {
        let Ok(payment) = self.payment(index, price_ticks) else {
            unreachable!("Invariant: payments were checked before the first was made");
        };
        let position = *self.ledger.position(index);
        let terms = &self.instruments.get(position.instrument).terms;
        let future = terms.features & feature::FUTURE != 0;
        let currency_id = terms.currency_id;
        let account = self.accounts.find(position.account_id);
        let account = account.unwrap_or_else(|| unreachable!("Invariant: a position has an account"));
        let balance = self.ledger.balance_of(account, position.account_id, currency_id);
        self.ledger.settle_cash(balance, i128::from(payment.cash));
        let cost = self.ledger.settle_lots(index, payment.value, last);
        self.note_moved(account);
        if last {
            self.instruments.get_mut(position.instrument).lots_moved -= i128::from(position.quantity_lots);
        }
        let clearing = &mut self.instruments.extra_mut(position.instrument).clearing;
        clearing.cash -= i128::from(payment.cash);
        if future {
            clearing.cost += cost;
            // Lots that movements brought have no other side here: they leave at their value.
            clearing.moved -= if last { payment.value } else { 0 };
        }
    }

    /// The two sides of a trade in a future: fees and what closes is paid, no notional.
    #[inline(never)]
    pub(crate) fn fill_future(&mut self, instrument: u32, sides: [FutureFill; 2], units_per_lot: i64) {
        for side in sides {
            let (paid, cost) =
                self.ledger
                    .fill_future(side.balance, side.position, side.signed_lots, units_per_lot, side.fee);
            let clearing = &mut self.instruments.extra_mut(instrument).clearing;
            clearing.cash -= paid;
            clearing.cost += cost;
        }
        self.assert_cleared(instrument);
    }

    /// Cost that a movement brought to a position of a future, or took from it.
    pub(crate) fn clear_movement(&mut self, instrument: u32, cost: i128) {
        let clearing = &mut self.instruments.extra_mut(instrument).clearing;
        clearing.cost += cost;
        clearing.moved += cost;
        self.assert_cleared(instrument);
    }

    fn assert_cleared(&self, instrument: u32) {
        let clearing = &self.instruments.extra(instrument).clearing;
        assert!(
            clearing.cash + clearing.cost == clearing.moved,
            "Invariant: what positions of instrument {} gained has been lost by others",
            self.instruments.get(instrument).id
        );
    }
}

/// One side of a trade in a future.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FutureFill {
    pub balance: u32,
    pub position: u32,
    /// Lots, bought ones positive.
    pub signed_lots: i64,
    pub fee: i64,
}

/// Sums of one derivative, in money units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clearing {
    /// What closed and settled positions have paid in, net of what they were paid.
    pub cash: i128,
    /// Cost of all positions of a future.
    pub cost: i128,
    /// Cost that movements from outside brought to a future, net of the value at which positions ended.
    pub moved: i128,
}
