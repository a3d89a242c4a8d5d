//! Amending and cancelling.
//!
//! Quantity is FIX OrderQty: the new total. Lowering it and nothing else keeps the place in the queue. Any change of
//! price or display quantity, and any increase, loses it: the order goes through all checks and through matching again.
//! Orders that wait for their trigger go on waiting under their new terms.

use fulltape_tape::codes::{CancelReason, ErrorCode, ExecType, Side, amend_flag, order_instruction};
use fulltape_tape::layout::{AmendOrder, CancelAllOrders, CancelOrder, OrderDetailReport};

use crate::all_or_none::is_all_or_none;
use crate::book::Touching;
use crate::checks::{Proposal, notional};
use crate::command::Command;
use crate::engine::Engine;
use crate::explain::{Relation, Step, ended_note};
use crate::matching::Matched;
use crate::orders::{NONE, Order};
use crate::pegs::is_pegged;
use crate::phases::Entry;
use crate::reports::{Happening, Out, Refusal, ReportSink, order_state};
use crate::trailing::trails;

/// An order's terms as an amend would have them.
#[derive(Clone, Copy)]
pub(crate) struct NewTerms {
    pub price_ticks: i64,
    pub quantity_lots: i64,
    pub stop_ticks: i64,
    pub display_lots: i64,
}

/// The order that a command names, before its fields are looked at.
struct Named {
    account_id: u32,
    instrument_id: u32,
    order_id: u64,
}

impl<S: ReportSink> Out<'_, S> {
    /// The order that a command names is open and its account's.
    #[inline(always)]
    fn found_target(&mut self) {
        for code in [
            ErrorCode::UnknownAccount,
            ErrorCode::UnknownOrder,
            ErrorCode::AccountNotYours,
        ] {
            self.passed(code, Relation::Holds, 0, 0);
        }
    }
}

impl Engine {
    /// Slot of the open order that a command names by id or by original client order id.
    #[inline(always)]
    fn target(&self, command: &Command<'_>, named: &Named) -> Result<u32, Refusal> {
        // Nearly every command names an order of its account by id: then nothing else needs to be asked.
        if let Some(index) = self.orders.find(named.order_id) {
            let order = self.orders.get(index);
            let (account_id, instrument_id) = self.ids(order.account, order.instrument);
            if account_id == named.account_id && (named.instrument_id == 0 || named.instrument_id == instrument_id) {
                return Ok(index);
            }
        }
        self.seek_target(command, named)
    }

    #[inline(never)]
    fn seek_target(&self, command: &Command<'_>, named: &Named) -> Result<u32, Refusal> {
        let account = self
            .accounts
            .find(named.account_id)
            .ok_or(Refusal::of(ErrorCode::UnknownAccount))?;
        let id = if named.order_id != 0 {
            named.order_id
        } else {
            self.order_of_client_text(command, named.account_id)
                .ok_or(Refusal::of(ErrorCode::UnknownOrder))?
        };
        let Some(index) = self.orders.find(id) else {
            // By client id the memory knows the order even where the ring of placed orders has turned.
            let known = named.order_id == 0 || self.placed.contains(id);
            let code = if known {
                ErrorCode::TooLateToCancel
            } else {
                ErrorCode::UnknownOrder
            };
            return Err(Refusal::of(code).about(id));
        };
        let order = self.orders.get(index);
        if order.account != account {
            return Err(Refusal::of(ErrorCode::AccountNotYours).about(id));
        }
        if named.instrument_id != 0 && self.instruments.get(order.instrument).id != named.instrument_id {
            return Err(Refusal::of(ErrorCode::UnknownOrder).about(id));
        }
        Ok(index)
    }

    fn order_of_client_text(&self, command: &Command<'_>, account_id: u32) -> Option<u64> {
        let entry = self.client_orders.find(account_id, &command.original_client_text()?)?;
        let answer = &self.client_orders.get(entry).answer;
        (answer.code == 0 && answer.order_id != 0).then_some(answer.order_id)
    }

    #[inline(never)]
    pub(crate) fn amend<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let amend: &AmendOrder = command.view();
        let named = Named {
            account_id: amend.account_id,
            instrument_id: amend.instrument_id,
            order_id: amend.order_id,
        };
        let index = self.target(command, &named)?;
        let order = *self.orders.get(index);
        out.found_target();
        if self.is_limited(order.account, order.instrument) {
            self.count_order(order.account, order.instrument, amend.quantity_lots, out)
                .map_err(|refusal| refusal.about(order.id))?;
        }
        let flags = u16::from(amend.flags);
        let waiting = self.orders.is_waiting(&order);
        if flags & !self.amendable(&order) != 0 {
            return Err(Refusal::of(ErrorCode::UnsupportedOrderType).about(order.id));
        }
        out.passed(ErrorCode::UnsupportedOrderType, Relation::Holds, 0, 0);
        let price_ticks = if flags & amend_flag::PRICE != 0 {
            amend.price_ticks
        } else {
            order.price_ticks
        };
        let quantity_lots = if flags & amend_flag::QUANTITY != 0 {
            amend.quantity_lots
        } else {
            order.quantity_lots
        };
        let held_stop = if waiting || self.is_pending(&order) {
            self.orders.specials.get(order.special).stop_ticks
        } else {
            0
        };
        let stop_ticks = if flags & amend_flag::STOP_PRICE != 0 {
            amend.stop_price_ticks
        } else {
            held_stop
        };
        let held_display = self.orders.display(&order);
        let display_lots = if flags & amend_flag::DISPLAY_QUANTITY != 0 {
            amend.display_quantity_lots
        } else {
            held_display
        };
        let terms = NewTerms {
            price_ticks,
            quantity_lots,
            stop_ticks,
            display_lots,
        };
        let same_terms = stop_ticks == held_stop && display_lots == held_display;
        if same_terms && price_ticks == order.price_ticks && quantity_lots == order.quantity_lots {
            return Err(Refusal::of(ErrorCode::AmendWithoutChange).about(order.id));
        }
        out.passed(ErrorCode::AmendWithoutChange, Relation::Holds, 0, 0);
        if quantity_lots <= 0 {
            let refusal = Refusal::bound(ErrorCode::QuantityNotPositive, i128::from(quantity_lots), 1);
            return Err(refusal.about(order.id));
        }
        if quantity_lots <= order.cum_lots() {
            let (observed, limit) = (i128::from(quantity_lots), i128::from(order.cum_lots()));
            return Err(Refusal::bound(ErrorCode::QuantityBelowFilled, observed, limit).about(order.id));
        }
        let (total, filled) = (i128::from(quantity_lots), i128::from(order.cum_lots()));
        out.passed(ErrorCode::QuantityBelowFilled, Relation::AtLeast, total, filled + 1);
        let lowers = same_terms && price_ticks == order.price_ticks && quantity_lots < order.quantity_lots;
        if !lowers && self.is_closed(order.instrument) {
            let phase = i128::from(self.instruments.get(order.instrument).phase.number());
            return Err(Refusal::bound(ErrorCode::MarketClosed, phase, 0).about(order.id));
        }
        if !lowers {
            out.passed(ErrorCode::MarketClosed, Relation::Holds, 0, 0);
        }
        if waiting {
            return self
                .replace_waiting(index, terms, same_terms, out)
                .map_err(|refusal| refusal.about(order.id));
        }
        if self.is_pending(&order) {
            return self
                .replace_pending(index, terms, out)
                .map_err(|refusal| refusal.about(order.id));
        }
        if lowers {
            self.reduce(index, quantity_lots, out);
            return Ok(());
        }
        self.replace(index, terms, out)
            .map_err(|refusal| refusal.about(order.id))
    }

    /// What of an order can be amended.
    fn amendable(&self, order: &Order) -> u16 {
        let plain = amend_flag::PRICE | amend_flag::QUANTITY;
        let listed = if order.special == NONE {
            u16::MAX
        } else {
            self.leg_amendable(order)
        };
        let hidden = order.instructions & order_instruction::HIDDEN != 0;
        let proposal = Proposal::of(order);
        let display = if hidden || proposal.all_or_none || !proposal.rests {
            0
        } else {
            amend_flag::DISPLAY_QUANTITY
        };
        if is_pegged(order.order_type) {
            return amend_flag::QUANTITY;
        }
        let flags = match (self.has_trigger(order), trails(order.order_type)) {
            // Trigger and limit follow the price.
            (true, true) => amend_flag::QUANTITY,
            (true, false) => plain | amend_flag::STOP_PRICE | display,
            (false, _) => plain | display,
        };
        flags & listed
    }

    fn report_replaced<S: ReportSink>(
        &self,
        order: &Order,
        before: &Order,
        reason: CancelReason,
        out: &mut Out<'_, S>,
    ) {
        let what = Happening {
            exec_type: ExecType::Replaced,
            status: order.open_status(),
            reason,
        };
        let ids = self.ids(order.account, order.instrument);
        let mut report = order_state(order, ids, order.cum_lots(), order.leaves_lots, what);
        report.extension_count = 1;
        out.outcome(report);
        out.extension(OrderDetailReport {
            previous_price_ticks: before.price_ticks,
            previous_quantity_lots: before.quantity_lots,
            ..self.detail(order)
        });
    }

    /// Lowers the total quantity in place. It only lowers risk, so no check applies and no state stops it.
    fn reduce<S: ReportSink>(&mut self, index: u32, quantity_lots: i64, out: &mut Out<'_, S>) {
        let before = *self.orders.get(index);
        self.lower_quantity(index, before.quantity_lots - quantity_lots);
        let order = *self.orders.get(index);
        out.note(|| Proposal::of(&order).note(order.id, Step::Amended));
        self.report_replaced(&order, &before, CancelReason::None, out);
        self.answer_order(&order, ExecType::Replaced, true);
    }

    /// Takes lots off an open order, which keeps its place; what they held is free again. Some must remain.
    pub(crate) fn lower_quantity(&mut self, index: u32, by: i64) {
        let before = *self.orders.get(index);
        if before.special != NONE && self.lower_leg(index, by) {
            return;
        }
        let checked = !self.accounts.get(before.account).unlimited();
        let reserved = if checked {
            self.reservation(&before, before.leaves_lots - by)
        } else {
            0
        };
        self.ledger.reserve(before.balance, reserved - before.reserved_units);
        self.ledger
            .change_open(before.position, before.side == Side::Buy, -by, checked, 0);
        if before.level == NONE {
            self.orders.get_mut(index).leaves_lots -= by;
        } else if is_all_or_none(before.instructions) {
            self.shrink_aside(index, by);
        } else {
            let mut touching = Touching {
                number: self.number,
                instrument: before.instrument,
                levels: &mut self.level_touches,
                hidden: &mut self.hidden_touches,
            };
            let book = &mut self.instruments.book_mut(before.instrument).book;
            book.shrink(&mut self.orders, &mut self.levels, index, by, false, &mut touching);
        }
        let order = self.orders.get_mut(index);
        order.quantity_lots -= by;
        order.reserved_units = reserved;
    }

    /// Gives an order that waits for its trigger new terms. It goes on waiting, or triggers behind this command.
    fn replace_waiting<S: ReportSink>(
        &mut self,
        index: u32,
        terms: NewTerms,
        same_terms: bool,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let before = *self.orders.get(index);
        let NewTerms {
            price_ticks,
            quantity_lots,
            stop_ticks,
            display_lots,
        } = terms;
        let proposal = Proposal {
            price_ticks,
            leaves_lots: quantity_lots,
            quantity_lots,
            waits: true,
            stop_ticks,
            display_lots,
            held: self.standing(&before),
            ..Proposal::of(&before)
        };
        out.note(|| proposal.note(before.id, Step::Amended));
        if !same_terms || price_ticks != before.price_ticks || quantity_lots > before.quantity_lots {
            self.check_order(&proposal, out)?;
        }
        self.leave_book(index);
        self.release(index);
        let order = self.orders.get_mut(index);
        order.price_ticks = price_ticks;
        order.quantity_lots = quantity_lots;
        order.leaves_lots = quantity_lots;
        let order = *order;
        self.orders.set_display(index, display_lots);
        self.orders.special_mut(index).stop_ticks = stop_ticks;
        self.report_replaced(&order, &before, CancelReason::None, out);
        self.answer_order(&order, ExecType::Replaced, true);
        self.wait(index);
        out.note(|| self.waits_note(index));
        Ok(())
    }

    /// Gives the order new terms at the end of a queue, trading first where it crosses.
    fn replace<S: ReportSink>(&mut self, index: u32, terms: NewTerms, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let before = *self.orders.get(index);
        let NewTerms {
            quantity_lots,
            display_lots,
            ..
        } = terms;
        if self.is_parked(&before) {
            return Err(Refusal::of(ErrorCode::NoReferencePrice));
        }
        let entry = self.entry_of(before.instrument, before.time_in_force);
        let collects = entry != Entry::Matches;
        let price_ticks = if collects {
            terms.price_ticks
        } else {
            self.behind_touch(before.instrument, before.side, before.instructions, terms.price_ticks)
        };
        let leaves_lots = quantity_lots - before.cum_lots();
        let proposal = Proposal {
            price_ticks,
            cap_ticks: self.peg_of(&before).held_ticks(before.side),
            leaves_lots,
            quantity_lots,
            display_lots,
            collared: price_ticks != before.price_ticks,
            rests: true,
            collects,
            later: entry == Entry::Later,
            stop_ticks: if before.special == NONE {
                0
            } else {
                self.orders.specials.get(before.special).stop_ticks
            },
            held: self.standing(&before),
            ..Proposal::of(&before)
        };
        out.note(|| proposal.note(before.id, Step::Amended));
        if price_ticks != terms.price_ticks {
            out.note(|| self.repriced_note(before.id, terms.price_ticks, &proposal));
        }
        self.check_order(&proposal, out)?;
        // The whole order stays within the bound too, so that its total can be shown.
        let units = self.instruments.get(before.instrument).terms.units_per_tick_lot;
        notional(price_ticks, leaves_lots, units)?;

        self.leave_book(index);
        self.release(index);
        self.orders.set_display(index, display_lots);
        let priority = self.next_place();
        let order = self.orders.get_mut(index);
        order.price_ticks = price_ticks;
        order.quantity_lots = quantity_lots;
        order.leaves_lots = leaves_lots;
        order.priority = priority;
        let mut order = *order;
        let reason = if price_ticks == terms.price_ticks {
            CancelReason::None
        } else {
            CancelReason::Repriced
        };
        self.report_replaced(&order, &before, reason, out);
        if collects {
            self.answer_order(&order, ExecType::Replaced, true);
            self.collect(index);
            return Ok(());
        }
        let matched = self.match_order(&mut order, &proposal, out);
        self.answer_order(&order, ExecType::Replaced, matched == Matched::Through);
        self.settle_matched(index, &order, matched, true, out);
        Ok(())
    }

    /// Puts an open order that went through matching back to the book, or ends it.
    pub(crate) fn settle_matched<S: ReportSink>(
        &mut self,
        index: u32,
        order: &Order,
        matched: Matched,
        rests: bool,
        out: &mut Out<'_, S>,
    ) {
        // Closing a maker may have relinked this order's neighbours: take back only what matching changed.
        let slot = self.orders.get_mut(index);
        slot.quantity_lots = order.quantity_lots;
        slot.leaves_lots = order.leaves_lots;
        slot.fee_carry = order.fee_carry;
        slot.priority = order.priority;
        let link = self.link(order);
        let mut reason = CancelReason::None;
        if order.leaves_lots == 0 {
            self.close(index);
        } else if rests && matched == Matched::Through {
            self.rest(index);
            out.note(|| self.rested_note(index));
            out.note(|| self.shown_note(index));
            return;
        } else {
            reason = matched.remainder();
            out.note(|| ended_note(order, reason));
            let ids = self.ids(order.account, order.instrument);
            out.primary(order_state(
                order,
                ids,
                order.cum_lots(),
                0,
                Happening::canceled(reason),
            ));
            self.close(index);
        }
        if let Some(link) = link {
            self.leg_left(link, reason, out);
        }
    }

    #[inline(never)]
    pub(crate) fn cancel<S: ReportSink>(&mut self, command: &Command<'_>, out: &mut Out<'_, S>) -> Result<(), Refusal> {
        let cancel: &CancelOrder = command.view();
        let named = Named {
            account_id: cancel.account_id,
            instrument_id: cancel.instrument_id,
            order_id: cancel.order_id,
        };
        let index = self.target(command, &named)?;
        out.found_target();
        let order = self.orders.get(index);
        let what = Happening::canceled(CancelReason::Requested);
        self.answer.order_id = order.id;
        self.answer.cum_quantity_lots = order.cum_lots();
        self.withdraw_inline(index, what, true, out);
        self.answer.order_status = what.status.number();
        self.answer.exec_type = what.exec_type.number();
        Ok(())
    }

    /// Cancels what a filter finds, oldest order first.
    pub(crate) fn cancel_all<S: ReportSink>(
        &mut self,
        command: &Command<'_>,
        out: &mut Out<'_, S>,
    ) -> Result<(), Refusal> {
        let filter: &CancelAllOrders = command.view();
        if filter.side != 0 && Side::from_number(filter.side).is_none() {
            return Err(Refusal::of(ErrorCode::InvalidArgument));
        }
        let instrument = match filter.instrument_id {
            0 => None,
            id => Some(
                self.instruments
                    .find(id)
                    .ok_or(Refusal::of(ErrorCode::UnknownInstrumentId))?,
            ),
        };
        let mut found = core::mem::take(&mut self.found);
        found.clear();
        let wanted = |order: &Order| {
            instrument.is_none_or(|instrument| order.instrument == instrument)
                && (filter.side == 0 || order.side.number() == filter.side)
                && (filter.session_filter == 0 || order.session == filter.session_filter)
        };
        let reason = if filter.account_id == 0 {
            found.extend(self.orders.open_slots().filter(|index| wanted(self.orders.get(*index))));
            found.sort_unstable_by_key(|index| self.orders.get(*index).id);
            CancelReason::Operator
        } else {
            let Some(account) = self.accounts.find(filter.account_id) else {
                self.found = found;
                return Err(Refusal::of(ErrorCode::UnknownAccount));
            };
            // The list is in order of placing, and so of ids.
            let mut index = self.accounts.get(account).head;
            while index != NONE {
                let order = self.orders.get(index);
                if wanted(order) {
                    found.push(index);
                }
                index = order.account_next;
            }
            CancelReason::Requested
        };
        out.done(CancelAllOrders::KIND, u64::from(filter.account_id), found.len() as u64);
        for &index in &found {
            // An order earlier in line may have taken it along: it was its sibling or its child.
            if self.orders.get(index).id == 0 {
                continue;
            }
            self.withdraw(index, Happening::canceled(reason), false, out);
        }
        self.found = found;
        Ok(())
    }
}
