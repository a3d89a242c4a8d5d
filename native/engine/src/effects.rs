//! The end of a command: what it did to positions, balances and price levels, as absolute values.

use fulltape_tape::codes::{BalanceReason, Side, report_flag};
use fulltape_tape::layout::{BalanceChangedReport, BookLevelReport, PositionChangedReport};

use crate::book::{LevelTouch, keep_first};
use crate::engine::Engine;
use crate::ledger::{Booked, halves};
use crate::reports::{Out, ReportSink, clamp};

impl Engine {
    /// Reports every position, balance and level that the command changed, and asserts conservation.
    pub(crate) fn report_effects<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        if !self.ledger.position_touches.is_empty() {
            self.report_positions(out);
        }
        if !self.ledger.balance_touches.is_empty() {
            self.report_balances(out);
        }
        if !self.level_touches.is_empty() {
            self.report_levels(out);
        }
        if self.days.calls != 0 {
            self.report_indications(out);
        }
    }

    /// In order of account and instrument.
    fn report_positions<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        self.ledger.sort_position_touches();
        let mut moved = false;
        for at in 0..self.ledger.position_touches.len() {
            let touch = self.ledger.position_touches[at];
            let position = self.ledger.position(touch.index);
            if touch.moved {
                moved = true;
                let instrument = self.instruments.get_mut(position.instrument);
                instrument.lots_held += i128::from(position.quantity_lots) - i128::from(touch.quantity_before);
            } else if touch.reserved_before == position.reserved_sell_lots {
                continue;
            }
            let cost = halves(position.basis.cost_units);
            let realized = halves(position.basis.realized_units);
            out.primary(PositionChangedReport {
                kind: PositionChangedReport::KIND,
                account_id: position.account_id,
                instrument_id: position.instrument_id,
                quantity_lots: position.quantity_lots,
                reserved_sell_lots: position.reserved_sell_lots,
                cost_low: cost[0],
                cost_high: cost[1].cast_signed(),
                realized_low: realized[0],
                realized_high: realized[1].cast_signed(),
                ..PositionChangedReport::default()
            });
        }
        if moved {
            self.assert_lots_conserved();
        }
    }

    /// Asserts that no lots came from nowhere in the instruments of the positions that the command touched.
    #[inline(never)]
    fn assert_lots_conserved(&self) {
        for touch in &self.ledger.position_touches {
            let instrument = self.instruments.get(self.ledger.position(touch.index).instrument);
            assert!(
                instrument.lots_held == instrument.lots_moved,
                "Invariant: lots are conserved in instrument {}",
                instrument.id
            );
        }
    }

    /// In order of account and currency.
    fn report_balances<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        self.ledger.sort_balance_touches();
        for touch in &self.ledger.balance_touches {
            let balance = self.ledger.balance(touch.index);
            let reason = match touch.booked {
                Booked::Nothing if touch.reserved_before == balance.reserved => continue,
                Booked::Nothing => BalanceReason::Reservation,
                Booked::Movement => BalanceReason::CashMovement,
                Booked::Settlement => BalanceReason::Settlement,
                Booked::Allotment => BalanceReason::Allotment,
                Booked::Trade => BalanceReason::Trade,
            };
            // A reservation changes neither the total nor what totals add up to.
            let delta_units = if touch.booked == Booked::Nothing {
                0
            } else {
                self.ledger.assert_conserved(balance.pot);
                clamp(balance.total - touch.total_before)
            };
            let total = halves(balance.total);
            let reserved = halves(balance.reserved);
            out.primary(BalanceChangedReport {
                kind: BalanceChangedReport::KIND,
                account_id: balance.account_id,
                currency_id: balance.currency_id,
                reason: u16::from(reason.number()),
                total_low: total[0],
                total_high: total[1].cast_signed(),
                reserved_low: reserved[0],
                reserved_high: reserved[1].cast_signed(),
                delta_units,
                fee_units: clamp(touch.fee_units),
                ..BalanceChangedReport::default()
            });
        }
    }

    /// Lots and orders at the price of a touch whose level went away; another may have come since.
    #[inline(never)]
    fn level_now(&self, touch: &LevelTouch) -> (i64, u32) {
        let book = &self.instruments.get(touch.instrument).book;
        let level = book.level(touch.side, touch.price_ticks);
        level.map_or((0, 0), |level| {
            let level = self.levels.get(level);
            (level.quantity_lots, level.count)
        })
    }

    /// In order of first touch.
    #[inline(always)]
    fn report_levels<S: ReportSink>(&mut self, out: &mut Out<'_, S>) {
        keep_first(&mut self.level_touches, &mut self.found);
        for at in 0..self.level_touches.len() {
            // Field by field: a copy of the whole would wait for the narrow stores that have just made it.
            let touch = &self.level_touches[at];
            let (quantity_lots, order_count) = match self.levels.still(touch) {
                Some(level) => (level.quantity_lots, level.count),
                None => self.level_now(touch),
            };
            if quantity_lots == touch.quantity_before && order_count == touch.count_before {
                continue;
            }
            let (side, price_ticks) = (touch.side, touch.price_ticks);
            let instrument = self.instruments.get_mut(touch.instrument);
            instrument.book_sequence += 1;
            out.primary(BookLevelReport {
                flags: if side == Side::Sell { report_flag::ASK as u8 } else { 0 },
                kind: BookLevelReport::KIND,
                instrument_id: instrument.id,
                order_count,
                price_ticks,
                quantity_lots,
                book_sequence: instrument.book_sequence,
                side: side.number(),
                ..BookLevelReport::default()
            });
        }
    }
}
